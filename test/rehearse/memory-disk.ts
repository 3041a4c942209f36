import { type BlockDevice, checkRange } from '../../src/rehearse/block-device.ts';

/** A disk in memory. */
export class MemoryDisk implements BlockDevice {
  readonly bytes: Buffer;

  constructor(sizeBytes: number) {
    this.bytes = Buffer.alloc(sizeBytes);
  }

  get sizeBytes(): number {
    return this.bytes.length;
  }

  async read(into: Uint8Array, offset: number): Promise<void> {
    checkRange(this, offset, into.length);
    into.set(this.bytes.subarray(offset, offset + into.length));
  }

  async write(data: Uint8Array, offset: number): Promise<void> {
    checkRange(this, offset, data.length);
    this.bytes.set(data, offset);
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {}
}
