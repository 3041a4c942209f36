import { TransferKind } from '../replication/columns.ts';
import type { Bytes, Millis } from '../units.ts';
import type { TrafficSink } from './network.ts';

/** Bytes on the wire by cause in equal buckets of time, and how long the link was busy and full. */
export class TrafficMeter implements TrafficSink {
  readonly bucketMs: Millis;
  /** By {@link TransferKind}. */
  readonly bytes: readonly Float64Array[];
  busyMs: Millis = 0;
  fullMs: Millis = 0;

  constructor(horizonMs: Millis, bucketMs: Millis) {
    this.bucketMs = bucketMs;
    const count = Math.max(1, Math.ceil(horizonMs / bucketMs));
    this.bytes = Object.values(TransferKind).map(() => new Float64Array(count));
  }

  flowed(cause: number, fromMs: Millis, toMs: Millis, bytes: Bytes): void {
    const column = this.bytes[cause]!;
    const last = column.length - 1;
    const first = Math.min(last, Math.floor(fromMs / this.bucketMs));
    const end = Math.min(last, Math.floor(toMs / this.bucketMs));
    if (first === end) {
      column[first]! += bytes;
      return;
    }
    const bytesPerMs = bytes / (toMs - fromMs);
    let leftBytes = bytes;
    let cursorMs = fromMs;
    for (let bucket = first; bucket < end; bucket++) {
      const edgeMs = (bucket + 1) * this.bucketMs;
      const part = bytesPerMs * (edgeMs - cursorMs);
      column[bucket]! += part;
      leftBytes -= part;
      cursorMs = edgeMs;
    }
    // The rest, so that the parts add up to the whole.
    column[end]! += Math.max(0, leftBytes);
  }

  carried(fromMs: Millis, toMs: Millis, full: boolean): void {
    this.busyMs += toMs - fromMs;
    if (full) this.fullMs += toMs - fromMs;
  }
}

const NICE_MINUTES = [1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 720, 1440, 2880, 10_080];

/** The narrowest round bucket that cuts the horizon into at most `most` parts. */
export function niceBucketMs(horizonMs: Millis, most: number): Millis {
  const minutes = NICE_MINUTES.find((candidate) => Math.ceil(horizonMs / (candidate * 60_000)) <= most);
  return minutes === undefined ? Math.ceil(horizonMs / most) : minutes * 60_000;
}
