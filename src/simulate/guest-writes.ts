import type { Bytes, Millis } from '../units.ts';
import type { ChurnIntegral, RatedWrites } from './churn-integral.ts';

/**
 * What the guests write where guests can stop: the churn's integral without what it says of the time in which a guest was off
 * (decision 0005, 40).
 */
export class GuestWrites implements RatedWrites {
  readonly #churn: ChurnIntegral;
  /** The churn of the time in which the disk's guest was off. */
  readonly #skippedBytes: Float64Array;
  /** The churn's integral when the guest stopped; −1 while it runs. */
  readonly #stoppedAtBytes: Float64Array;

  constructor(churn: ChurnIntegral, diskCount: number) {
    this.#churn = churn;
    this.#skippedBytes = new Float64Array(diskCount);
    this.#stoppedAtBytes = new Float64Array(diskCount).fill(-1);
  }

  stop(disk: number, nowMs: Millis): void {
    if (this.#stoppedAtBytes[disk]! < 0) this.#stoppedAtBytes[disk] = this.#churn.writtenBytes(disk, nowMs);
  }

  start(disk: number, nowMs: Millis): void {
    this.#skippedBytes[disk] = this.#skippedIfStartedBytes(disk, nowMs);
    this.#stoppedAtBytes[disk] = -1;
  }

  writtenBytes(disk: number, atMs: Millis): Bytes {
    const stoppedAtBytes = this.#stoppedAtBytes[disk]!;
    return (stoppedAtBytes < 0 ? this.#churn.writtenBytes(disk, atMs) : stoppedAtBytes) - this.#skippedBytes[disk]!;
  }

  reachedAtMs(disk: number, bytes: Bytes, nowMs: Millis): Millis {
    return this.#churn.reachedAtMs(disk, bytes + this.#skippedIfStartedBytes(disk, nowMs), nowMs);
  }

  notReachedBeforeMs(disk: number, bytes: Bytes, nowMs: Millis, writtenNowBytes: Bytes): Millis {
    const skippedBytes = this.#skippedIfStartedBytes(disk, nowMs);
    return this.#churn.notReachedBeforeMs(disk, bytes + skippedBytes, nowMs, writtenNowBytes + skippedBytes);
  }

  /** The highest rate from an instant on, until {@link nextBreakMs}: the guest may start at any time. */
  bytesPerMs(disk: number, atMs: Millis): number {
    return this.#churn.bytesPerMs(disk, atMs);
  }

  nextBreakMs(disk: number, atMs: Millis): Millis {
    return this.#churn.nextBreakMs(disk, atMs);
  }

  #skippedIfStartedBytes(disk: number, nowMs: Millis): Bytes {
    const stoppedAtBytes = this.#stoppedAtBytes[disk]!;
    const skippedBytes = this.#skippedBytes[disk]!;
    return stoppedAtBytes < 0 ? skippedBytes : skippedBytes + this.#churn.writtenBytes(disk, nowMs) - stoppedAtBytes;
  }
}
