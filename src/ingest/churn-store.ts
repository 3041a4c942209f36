import { type Bytes, MINUTE_MS, type Millis } from '../units.ts';
import { localReader, type TimeZone } from './time-zone.ts';

const FIRST_CAPACITY = 1024;
/** Beyond so many rows they are summed by five minutes: the copy frequency that most fleets have. [chosen] */
export const MOST_ROWS = 8_000_000;
export const COARSE_STEP_MS: Millis = 5 * MINUTE_MS;

/**
 * The intervals of all churn files in columns, in the order in which they were read, 27 bytes each: from a row's time to the disk's next
 * row so much was written; NaN bytes = it was not measured.
 */
export class ChurnStore {
  length = 0;
  /** Index of the disk in the inventory. */
  diskIndex: Uint32Array = new Uint32Array(FIRST_CAPACITY);
  /** Number of the churn file, and the line in it. */
  fileIndex: Uint16Array = new Uint16Array(FIRST_CAPACITY);
  row: Uint32Array = new Uint32Array(FIRST_CAPACITY);
  writtenBytes: Float64Array = new Float64Array(FIRST_CAPACITY);
  /** How many rows were summed into others, since there were too many to keep. */
  summedCount = 0;
  #timeMs: Float64Array = new Float64Array(FIRST_CAPACITY);
  /** 1 where the time is wall-clock time of a zone that the row does not name, 0 where it is an instant. */
  #isLocal: Uint8Array = new Uint8Array(FIRST_CAPACITY);
  #sumAtRows: number;

  constructor(mostRows: number = MOST_ROWS) {
    this.#sumAtRows = mostRows;
  }

  /** @param writtenBytes NaN where it is not known what was written from this time on */
  add(diskIndex: number, fileIndex: number, row: number, timeMs: Millis, isLocal: boolean, writtenBytes: Bytes): void {
    if (this.length >= this.#sumAtRows) this.#sumUp();
    if (this.length === this.row.length) this.#grow();
    const at = this.length++;
    this.diskIndex[at] = diskIndex;
    this.fileIndex[at] = fileIndex;
    this.row[at] = row;
    this.#timeMs[at] = timeMs;
    this.#isLocal[at] = isLocal ? 1 : 0;
    this.writtenBytes[at] = writtenBytes;
  }

  /** The instant of each row, in milliseconds since 1970-01-01T00:00Z; local times are of the zone. */
  epochMsIn(zone: TimeZone): Float64Array {
    const timeMs = this.#timeMs.slice(0, this.length);
    let firstMs = Number.POSITIVE_INFINITY;
    let lastMs = Number.NEGATIVE_INFINITY;
    for (let index = 0; index < this.length; index++) {
      if (this.#isLocal[index] === 0) continue;
      firstMs = Math.min(firstMs, timeMs[index]!);
      lastMs = Math.max(lastMs, timeMs[index]!);
    }
    if (firstMs > lastMs) return timeMs;
    const toInstant = localReader(zone, firstMs, lastMs);
    for (let index = 0; index < this.length; index++) {
      if (this.#isLocal[index] === 1) timeMs[index] = toInstant(timeMs[index]!);
    }
    return timeMs;
  }

  /** The indexes of each disk's rows, in the order in which they were read: a counting sort. */
  *byDisk(): Generator<Uint32Array> {
    let diskCount = 0;
    for (let index = 0; index < this.length; index++) diskCount = Math.max(diskCount, this.diskIndex[index]! + 1);
    const ends = new Uint32Array(diskCount + 1);
    for (let index = 0; index < this.length; index++) ends[this.diskIndex[index]! + 1]!++;
    for (let disk = 1; disk <= diskCount; disk++) ends[disk]! += ends[disk - 1]!;
    const starts = ends.slice();
    const order = new Uint32Array(this.length);
    for (let index = 0; index < this.length; index++) order[starts[this.diskIndex[index]!]!++] = index;
    for (let disk = 0; disk < diskCount; disk++) {
      if (ends[disk + 1]! > ends[disk]!) yield order.subarray(ends[disk]!, ends[disk + 1]!);
    }
  }

  /**
   * Sums each disk's rows of one file within the same five minutes into the earliest of them: it lasts to the next row that is left, so that
   * no byte moves by more than that.
   */
  #sumUp(): void {
    const before = this.length;
    const kept = new Uint32Array(before);
    let keptCount = 0;
    for (const order of this.byDisk()) {
      let first = -1;
      for (const at of order) {
        if (first >= 0 && this.#isOneStep(first, at)) {
          this.writtenBytes[first]! += this.writtenBytes[at]!;
          if (this.#timeMs[at]! < this.#timeMs[first]!) this.#timeMs[first] = this.#timeMs[at]!;
        } else {
          first = at;
          kept[keptCount++] = at;
        }
      }
    }
    const order = kept.subarray(0, keptCount).sort();
    for (let to = 0; to < keptCount; to++) this.#copy(order[to]!, to);
    this.length = keptCount;
    this.summedCount += before - keptCount;
    // Where little could be summed, the next time must not come at the next row.
    this.#sumAtRows = Math.max(this.#sumAtRows, 2 * keptCount);
  }

  #isOneStep(a: number, b: number): boolean {
    return (
      Math.floor(this.#timeMs[a]! / COARSE_STEP_MS) === Math.floor(this.#timeMs[b]! / COARSE_STEP_MS) &&
      this.fileIndex[a] === this.fileIndex[b] &&
      this.#isLocal[a] === this.#isLocal[b] &&
      Number.isNaN(this.writtenBytes[a]!) === Number.isNaN(this.writtenBytes[b]!)
    );
  }

  #copy(from: number, to: number): void {
    this.diskIndex[to] = this.diskIndex[from]!;
    this.fileIndex[to] = this.fileIndex[from]!;
    this.row[to] = this.row[from]!;
    this.#timeMs[to] = this.#timeMs[from]!;
    this.#isLocal[to] = this.#isLocal[from]!;
    this.writtenBytes[to] = this.writtenBytes[from]!;
  }

  #grow(): void {
    const capacity = this.row.length * 2;
    const copy = <A extends Uint8Array | Uint16Array | Uint32Array | Float64Array>(into: A, from: A): A => {
      into.set(from);
      return into;
    };
    this.diskIndex = copy(new Uint32Array(capacity), this.diskIndex);
    this.fileIndex = copy(new Uint16Array(capacity), this.fileIndex);
    this.row = copy(new Uint32Array(capacity), this.row);
    this.writtenBytes = copy(new Float64Array(capacity), this.writtenBytes);
    this.#timeMs = copy(new Float64Array(capacity), this.#timeMs);
    this.#isLocal = copy(new Uint8Array(capacity), this.#isLocal);
  }
}
