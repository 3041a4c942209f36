import type { Bytes } from '../../units.ts';
import { type BlockDevice, checkRange } from '../block-device.ts';
import { ByteFile } from '../byte-file.ts';

/** A replica's disk: a raw file with holes where nothing was ever written. Written by one process at a time. */
export class RawDisk implements BlockDevice {
  readonly sizeBytes: Bytes;
  readonly #file: ByteFile;

  private constructor(file: ByteFile, sizeBytes: Bytes) {
    this.#file = file;
    this.sizeBytes = sizeBytes;
  }

  /** Opens it, or makes it, all zeros. */
  static async open(path: string, sizeBytes: Bytes): Promise<RawDisk> {
    const made = await ByteFile.open(path, 'a');
    await made.close();
    const file = await ByteFile.open(path, 'r+');
    await file.truncate(sizeBytes);
    return new RawDisk(file, sizeBytes);
  }

  async read(into: Uint8Array, offset: Bytes): Promise<void> {
    checkRange(this, offset, into.length);
    await this.#file.readWithZeros(into, offset);
  }

  async write(data: Uint8Array, offset: Bytes): Promise<void> {
    checkRange(this, offset, data.length);
    await this.#file.write(data, offset);
  }

  async flush(): Promise<void> {
    await this.#file.sync();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
