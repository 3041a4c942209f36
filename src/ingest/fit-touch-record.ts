import {
  type BlockRuns,
  entryOf,
  NO_BLOCKS,
  TOUCH_BLOCK_BYTES,
  TOUCH_NUMBERS_MOST,
  type TouchRecord,
  united,
} from '../model/touch-record.ts';
import type { Bytes, Millis } from '../units.ts';

/** So many blocks are collected before they are put among the runs. */
const OPEN_BLOCKS_MOST = 65_536;

export interface TouchRecorderLimits {
  /** Numbers in the runs, and intervals: where there would be more, neighbouring intervals are united. */
  readonly numbersMost: number;
  readonly intervalsMost: number;
}

/**
 * Records which blocks were touched in each interval. Its memory follows what is written on, up to a bound: where intervals of the first
 * length hold too many runs, they become twice as long, and so on; a disk of which not even one interval has room is not recorded.
 */
export class TouchRecorder {
  readonly #limits: TouchRecorderLimits;
  #intervalMs: Millis;
  #intervals: BlockRuns[] = [];
  #numberCount = 0;
  /** Blocks of one interval that are not among its runs yet. */
  readonly #open: Set<number> = new Set();
  #openInterval = 0;
  #isGivenUp = false;

  constructor(intervalMs: Millis, limits: Partial<TouchRecorderLimits> = {}) {
    this.#intervalMs = intervalMs;
    this.#limits = { numbersMost: TOUCH_NUMBERS_MOST, intervalsMost: Number.POSITIVE_INFINITY, ...limits };
  }

  /** A write; times must not fall. */
  add(atMs: Millis, offsetBytes: Bytes, lengthBytes: Bytes): void {
    if (this.#isGivenUp) return;
    if (Math.floor(atMs / this.#intervalMs) !== this.#openInterval) this.#enter(atMs);
    const untilBytes = offsetBytes + lengthBytes;
    for (let block = Math.floor(offsetBytes / TOUCH_BLOCK_BYTES); block * TOUCH_BLOCK_BYTES < untilBytes; block++) {
      this.#open.add(block);
    }
    if (this.#open.size >= OPEN_BLOCKS_MOST) this.#close();
  }

  /**
   * All so far, for a churn series of so many steps that began when the recording did; `undefined` where it was given up.
   *
   * @param stepMs the first interval's length times a power of two
   */
  record(stepMs: Millis, stepCount: number): TouchRecord | undefined {
    this.#close();
    while (this.#intervalMs < stepMs) this.#uniteNeighbours();
    if (this.#isGivenUp) return undefined;
    const intervalsEach = this.#intervalMs / stepMs;
    const runs = Array.from({ length: Math.ceil(stepCount / intervalsEach) }, (_, interval) =>
      entryOf(this.#intervals[interval] ?? NO_BLOCKS),
    );
    return { blockBytes: TOUCH_BLOCK_BYTES, intervalsEach, runs };
  }

  #enter(atMs: Millis): void {
    this.#close();
    while (Math.floor(atMs / this.#intervalMs) >= this.#limits.intervalsMost) this.#uniteNeighbours();
    this.#openInterval = Math.floor(atMs / this.#intervalMs);
  }

  #close(): void {
    const blocks = Uint32Array.from(this.#open).sort();
    this.#open.clear();
    if (blocks.length === 0) return;
    const bounds = new Uint32Array(2 * blocks.length);
    blocks.forEach((block, at) => {
      bounds[2 * at] = block;
      bounds[2 * at + 1] = block + 1;
    });
    while (this.#intervals.length <= this.#openInterval) this.#intervals.push(NO_BLOCKS);
    const before = this.#intervals[this.#openInterval]!;
    const after = united(before, bounds);
    this.#intervals[this.#openInterval] = after;
    this.#numberCount += after.length - before.length;
    while (this.#numberCount > this.#limits.numbersMost) {
      if (this.#intervals.length < 2) this.#giveUp();
      else this.#uniteNeighbours();
    }
  }

  #uniteNeighbours(): void {
    const halves = this.#intervals;
    this.#intervals = halves.flatMap((runs, at) => (at % 2 === 0 ? [united(runs, halves[at + 1] ?? NO_BLOCKS)] : []));
    this.#numberCount = this.#intervals.reduce((sum, runs) => sum + runs.length, 0);
    this.#intervalMs *= 2;
  }

  #giveUp(): void {
    this.#isGivenUp = true;
    this.#intervals = [];
    this.#numberCount = 0;
  }
}
