import type { TouchRecord } from '../model/touch-record.ts';
import type { ChurnSeries } from '../model/workload.ts';
import type { Bytes, Millis } from '../units.ts';
import type { ChurnIntegral } from './churn-integral.ts';

/** Where in the intervals of a record a position of the written bytes lies. */
export interface Place {
  /** Goes on where the intervals are repeated: their count is the first one once more. */
  readonly interval: number;
  /** How much of what is written in the interval lies before: 0 to 1. */
  readonly share: number;
}

/** The intervals of a disk's touch record on the scale of its written bytes, which its churn sets: growth and repetition included. */
export class RecordedTime {
  /** The written bytes at which the record begins; below 0 where it began before the run. */
  readonly firstBytes: Bytes;
  /** What is written until the record ends for the first time. */
  readonly onceBytes: Bytes;
  readonly count: number;
  /** What is repeated begins in this interval; `count` where nothing is. */
  readonly firstRepeated: number;
  readonly #churn: ChurnIntegral;
  readonly #disk: number;
  /** Bounds of the intervals: one more than there are. */
  readonly #boundsMs: Float64Array;
  readonly #repeatMs: Millis;

  constructor(series: ChurnSeries, record: TouchRecord, churn: ChurnIntegral, disk: number) {
    const starts = series.startMs.filter((_, index) => index % record.intervalsEach === 0);
    this.count = starts.length;
    this.#boundsMs = Float64Array.from([...starts, series.endMs]);
    this.#repeatMs = series.repeatMs;
    this.#churn = churn;
    this.#disk = disk;
    this.firstBytes = churn.writtenBytes(disk, starts[0]!);
    this.onceBytes = churn.writtenBytes(disk, series.endMs) - this.firstBytes;
    this.firstRepeated =
      series.repeatMs === 0 ? this.count : Math.max(0, this.#intervalFrom(series.endMs - series.repeatMs));
  }

  /** @param bytes from `firstBytes` on */
  placeOf(bytes: Bytes): Place {
    const endMs = this.#boundsMs[this.count]!;
    const atMs = this.#churn.reachedAtMs(this.#disk, bytes);
    if (atMs === Number.POSITIVE_INFINITY) return { interval: this.count - 1, share: 1 };
    // The last bits of the end of what is not repeated may lie beyond it.
    const turn = atMs <= endMs || this.#repeatMs === 0 ? 0 : Math.ceil((atMs - endMs) / this.#repeatMs);
    const shiftMs = turn * this.#repeatMs;
    const measured = this.#intervalFrom(atMs - shiftMs);
    // What is repeated may begin within an interval.
    const fromMs = Math.max(
      this.#boundsMs[measured]! + shiftMs,
      turn === 0 ? -Infinity : endMs + shiftMs - this.#repeatMs,
    );
    const fromBytes = this.#churn.writtenBytes(this.#disk, fromMs);
    const untilBytes = this.#churn.writtenBytes(this.#disk, this.#boundsMs[measured + 1]! + shiftMs);
    const share = untilBytes > fromBytes ? (bytes - fromBytes) / (untilBytes - fromBytes) : 1;
    return { interval: turn * this.count + measured, share: Math.max(0, Math.min(1, share)) };
  }

  /** The last interval that begins at or before an instant. */
  #intervalFrom(atMs: Millis): number {
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#boundsMs[middle]! <= atMs) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
