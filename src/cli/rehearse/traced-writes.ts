import type { TracedWrite } from '../../rehearse/guest/replay.ts';
import type { Bytes, Millis } from '../../units.ts';

/** A trace of more writes is not kept: some 1.2 GB. [chosen] */
export const WRITES_MOST = 50_000_000;
const FIRST_CAPACITY = 4096;

/** The writes of a trace, in columns. */
export class TracedWrites implements Iterable<TracedWrite> {
  #atMs: Float64Array = new Float64Array(FIRST_CAPACITY);
  #offset: Float64Array = new Float64Array(FIRST_CAPACITY);
  #lengthBytes: Float64Array = new Float64Array(FIRST_CAPACITY);
  #count = 0;
  #endBytes: Bytes = 0;
  #lastAtMs: Millis = 0;
  #leftOutCount = 0;

  add(atMs: Millis, offset: Bytes, lengthBytes: Bytes): void {
    this.#lastAtMs = atMs;
    if (this.#count === WRITES_MOST) {
      this.#leftOutCount++;
      return;
    }
    if (this.#count === this.#atMs.length) {
      this.#atMs = doubled(this.#atMs);
      this.#offset = doubled(this.#offset);
      this.#lengthBytes = doubled(this.#lengthBytes);
    }
    this.#atMs[this.#count] = atMs;
    this.#offset[this.#count] = offset;
    this.#lengthBytes[this.#count] = lengthBytes;
    this.#count++;
    this.#endBytes = Math.max(this.#endBytes, offset + lengthBytes);
  }

  get count(): number {
    return this.#count;
  }

  /** Writes beyond {@link WRITES_MOST}. */
  get leftOutCount(): number {
    return this.#leftOutCount;
  }

  /** The end of the disk, as far as it was written. */
  get endBytes(): Bytes {
    return this.#endBytes;
  }

  get lastAtMs(): Millis {
    return this.#lastAtMs;
  }

  *[Symbol.iterator](): Iterator<TracedWrite> {
    for (let index = 0; index < this.#count; index++) {
      yield { atMs: this.#atMs[index]!, offset: this.#offset[index]!, lengthBytes: this.#lengthBytes[index]! };
    }
  }
}

function doubled(column: Float64Array): Float64Array {
  const larger = new Float64Array(column.length * 2);
  larger.set(column);
  return larger;
}
