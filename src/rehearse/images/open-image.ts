import { readBytes } from '../../formats/random-access.ts';
import { VIRTUAL_DISK_PROBE_BYTES, virtualDiskFormat } from '../../formats/virtual-disk.ts';
import type { Bytes } from '../../units.ts';
import { type BlockDevice, checkRange } from '../block-device.ts';
import { ByteFile } from '../byte-file.ts';

const SECTOR_BYTES: Bytes = 512;

/** Why an image cannot be used, and what to do. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

/**
 * Opens a disk's image to be read; whoever writes to what it gives is refused.
 *
 * @throws ImageError
 */
export async function openImage(path: string): Promise<BlockDevice> {
  const file = await ByteFile.open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw new ImageError(`The image cannot be opened (${error.code}).`, 'Name the file of a disk.');
  });
  const access = await file.randomAccess();
  const head = await readBytes(access, 0, VIRTUAL_DISK_PROBE_BYTES);
  const tail = await readBytes(
    access,
    Math.max(0, access.sizeBytes - VIRTUAL_DISK_PROBE_BYTES),
    VIRTUAL_DISK_PROBE_BYTES,
  );
  const format = virtualDiskFormat(head, tail);
  const fault =
    format !== undefined
      ? new ImageError(
          `The image is a ${format.toUpperCase()}, and only raw ones are read.`,
          `Convert it: qemu-img convert -O raw.`,
        )
      : access.sizeBytes === 0 || access.sizeBytes % SECTOR_BYTES !== 0
        ? new ImageError(`${access.sizeBytes} bytes are no whole number of sectors.`, 'Name the raw image of a disk.')
        : undefined;
  if (fault !== undefined) {
    await file.close();
    throw fault;
  }
  return readOnly(file, access.sizeBytes);
}

function readOnly(file: ByteFile, sizeBytes: Bytes): BlockDevice {
  return {
    sizeBytes,
    async read(into, offset) {
      checkRange({ sizeBytes }, offset, into.length);
      await file.readWithZeros(into, offset);
    },
    write: () => Promise.reject(new Error('the image is only read')),
    flush: () => Promise.resolve(),
    close: () => file.close(),
  };
}
