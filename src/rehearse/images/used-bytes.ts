import type { Bytes } from '../../units.ts';
import type { BlockDevice } from '../block-device.ts';
import { isZeros } from '../zeros.ts';

/** Bytes of the chunks in which there is anything but zeros: what a first copy onto a disk of zeros sends. Reads the whole disk. */
export async function usedBytesOf(device: BlockDevice, chunkBytes: Bytes): Promise<Bytes> {
  const buffer = new Uint8Array(chunkBytes);
  let usedBytes = 0;
  for (let offset = 0; offset < device.sizeBytes; offset += chunkBytes) {
    const chunk = buffer.subarray(0, device.sizeBytes - offset);
    await device.read(chunk, offset);
    if (!isZeros(chunk)) usedBytes += chunk.length;
  }
  return usedBytes;
}
