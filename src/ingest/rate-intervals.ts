import { type BytesPerSec, type Millis, SECOND_MS } from '../units.ts';
import type { ChurnStore } from './churn-store.ts';

/** A gap so many times as long as the interval before it is no interval: the log was stopped meanwhile. [chosen] */
const GAP_RATIO = 3;

/**
 * Turns samples of rates into intervals of the store. A sample says the mean since the sample before it, so that the first one of a disk
 * says nothing; a blank one leaves a gap, which is no zero (formats F1).
 */
export class RateIntervals {
  readonly #store: ChurnStore;
  readonly #fileIndex: number;
  readonly #lastMs = new Map<number, Millis>();
  readonly #isLocal = new Map<number, boolean>();
  readonly #stepMs = new Map<number, Millis>();
  /** Samples that could not be used, by the reason. */
  readonly dropped: Map<string, number> = new Map();
  usedCount = 0;

  constructor(store: ChurnStore, fileIndex: number) {
    this.#store = store;
    this.#fileIndex = fileIndex;
  }

  /**
   * @param disk index in the inventory
   * @param atMs of the sample, the end of its interval; not before the disk's last one
   * @param bytesPerSec NaN where the sample is blank
   */
  add(disk: number, row: number, atMs: Millis, isLocal: boolean, bytesPerSec: BytesPerSec): void {
    const lastMs = this.#lastMs.get(disk);
    this.#lastMs.set(disk, atMs);
    this.#isLocal.set(disk, isLocal);
    if (lastMs === undefined) {
      this.#drop('the first sample, which has no beginning');
      return;
    }
    const lengthMs = atMs - lastMs;
    if (lengthMs <= 0) {
      this.#lastMs.set(disk, lastMs);
      this.#drop('not later than the sample before it');
      return;
    }
    const stepMs = this.#stepMs.get(disk) ?? lengthMs;
    if (lengthMs > GAP_RATIO * stepMs) {
      // What flowed in the gap is not known; the sample is of its own last step, at most.
      this.#store.add(disk, this.#fileIndex, row, lastMs, isLocal, Number.NaN);
      this.#put(disk, row, atMs - stepMs, stepMs, isLocal, bytesPerSec);
      return;
    }
    this.#stepMs.set(disk, lengthMs);
    this.#put(disk, row, lastMs, lengthMs, isLocal, bytesPerSec);
  }

  /** To be called at the end of the file: each disk's last interval ends with its last sample, and what follows is not known. */
  finish(): void {
    for (const [disk, lastMs] of this.#lastMs) {
      this.#store.add(disk, this.#fileIndex, 0, lastMs, this.#isLocal.get(disk)!, Number.NaN);
    }
  }

  #put(disk: number, row: number, fromMs: Millis, lengthMs: Millis, isLocal: boolean, bytesPerSec: BytesPerSec): void {
    if (Number.isNaN(bytesPerSec)) this.#drop('no value: a gap, filled by rule');
    else this.usedCount++;
    const bytes = Math.round((bytesPerSec * lengthMs) / SECOND_MS);
    this.#store.add(disk, this.#fileIndex, row, fromMs, isLocal, bytes);
  }

  #drop(reason: string): void {
    this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + 1);
  }
}
