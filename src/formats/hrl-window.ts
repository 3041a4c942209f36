import type { Bytes } from '../units.ts';
import type { RandomAccess } from './random-access.ts';

/** A stretch of a file in a buffer that is used again and again. */
export class FileWindow {
  readonly bytes: Uint8Array;
  /** The file's bytes from `startBytes` up to `endBytes` are the buffer's first. */
  startBytes: Bytes = 0;
  endBytes: Bytes = 0;
  private readonly file: RandomAccess;

  constructor(file: RandomAccess, capacityBytes: Bytes) {
    this.file = file;
    this.bytes = new Uint8Array(capacityBytes);
  }

  holds(offset: Bytes, length: Bytes): boolean {
    return offset >= this.startBytes && offset + length <= this.endBytes;
  }

  /**
   * Moves to `offset`, and reads as much as there is room for, but nothing from `limit` on. What it holds of that already
   * is kept, so that going through a file forwards reads nothing twice.
   */
  async moveTo(offset: Bytes, limit: Bytes = this.file.sizeBytes): Promise<void> {
    const isKept = offset >= this.startBytes && offset < this.endBytes;
    const keptBytes = isKept ? this.endBytes - offset : 0;
    if (isKept) this.bytes.copyWithin(0, offset - this.startBytes, this.endBytes - this.startBytes);
    const until = Math.max(keptBytes, Math.min(this.bytes.length, limit - offset, this.file.sizeBytes - offset));
    this.startBytes = offset;
    this.endBytes = offset + keptBytes;
    if (until > keptBytes) this.endBytes += await this.file.read(this.bytes.subarray(keptBytes, until), this.endBytes);
  }

  /** A stretch that is within the capacity, until the window moves; `undefined` where the file does not hold it all. */
  async at(offset: Bytes, length: Bytes): Promise<Uint8Array | undefined> {
    if (!this.holds(offset, length)) await this.moveTo(offset);
    if (!this.holds(offset, length)) return undefined;
    return this.bytes.subarray(offset - this.startBytes, offset - this.startBytes + length);
  }
}
