import { type Bytes, HOUR_MS, MINUTE_MS, type Millis, SECOND_MS } from '../units.ts';
import { TouchedBlocks } from './fit-touched-blocks.ts';

/** Grain of time: all windows are whole numbers of it. */
const STEP_MS: Millis = 30 * SECOND_MS;
/** Pairs of each of the five lengths: together fewer than 4,096. [chosen] */
const PAIRS_MOST = 800;

/** Lengths of windows, each inside one of the next: the copy frequencies, an hour between recovery points, the whole. */
export const WINDOWS: readonly WindowLength[] = [30 * SECOND_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 'whole'];
export type WindowLength = Millis | 'whole';

/** In one window so much was written, on so many distinct bytes. */
export interface OverwritePair {
  readonly window: WindowLength;
  readonly writtenBytes: Bytes;
  /** Of whole blocks, so that it can be more than what was written. */
  readonly distinctBytes: Bytes;
}

/** All windows of one length together. Windows without a write are not counted. */
export interface WindowTotals {
  readonly window: WindowLength;
  readonly windowCount: number;
  /** Distinct bytes of each window, summed: a block counts once a window. */
  readonly distinctBytes: Bytes;
}

/**
 * Distinct bytes by window, in blocks of one size: windows start at time 0, and a write touches every block that it overlaps. Memory does
 * not grow with the number of writes.
 */
export class DistinctByWindow {
  readonly #blocks: TouchedBlocks;
  readonly #tallies: readonly Tally[];
  #step = -1;

  /**
   * @param windows some of {@link WINDOWS} in their order, `whole` the last
   * @param pagesMost see {@link TouchedBlocks}
   */
  constructor(grainBytes: Bytes, windows: readonly WindowLength[], pagesMost: number) {
    this.#blocks = new TouchedBlocks(grainBytes, windows.length, pagesMost);
    this.#tallies = windows.map((window) => new Tally(window));
  }

  /** 1 where every block was counted; else the latest counts are estimates from one page of 16 blocks in so many. */
  get sampledOneIn(): number {
    return this.#blocks.sampledOneIn;
  }

  /** A write; times must not fall. */
  add(atMs: Millis, offsetBytes: Bytes, lengthBytes: Bytes): void {
    const step = Math.floor(atMs / STEP_MS);
    if (step !== this.#step) this.#enter(step);
    for (const tally of this.#tallies) tally.writtenBytes += lengthBytes;
    this.#blocks.touch(offsetBytes, offsetBytes + lengthBytes, step);
  }

  /** Of each length, the open windows included. */
  totals(): WindowTotals[] {
    return this.#tallies.map(({ window, windowCount, closedBytes }, at) => ({
      ...{ window, windowCount },
      distinctBytes: closedBytes + this.#blocks.distinctBytes[at]!,
    }));
  }

  /** Every window with a write, the open ones too; at most 4,000, evenly thinned within each length. */
  pairs(): OverwritePair[] {
    return this.#tallies.flatMap((tally, at) => tally.pairs(this.#blocks.distinctBytes[at]!));
  }

  /** The step before it is over, and with it perhaps longer windows. */
  #enter(step: number): void {
    this.#tallies.forEach((tally, at) => {
      const startStep = tally.startOf(step);
      if (tally.windowCount > 0) {
        if (startStep === tally.startStep) return;
        tally.end(this.#blocks.distinctBytes[at]!);
      }
      tally.begin(startStep);
      this.#blocks.open(at, startStep);
    });
    this.#step = step;
  }
}

/** The windows of one length. */
class Tally {
  readonly window: WindowLength;
  windowCount = 0;
  /** Of the open window. */
  startStep = 0;
  writtenBytes: Bytes = 0;
  /** Distinct bytes of the windows that are over. */
  closedBytes: Bytes = 0;
  readonly #pairs: ThinnedPairs = new ThinnedPairs(PAIRS_MOST);

  constructor(window: WindowLength) {
    this.window = window;
  }

  startOf(step: number): number {
    return this.window === 'whole' ? 0 : step - (step % (this.window / STEP_MS));
  }

  begin(startStep: number): void {
    this.startStep = startStep;
    this.windowCount++;
    this.writtenBytes = 0;
  }

  end(distinctBytes: Bytes): void {
    this.#pairs.add(this.writtenBytes, distinctBytes);
    this.closedBytes += distinctBytes;
  }

  /** @param openBytes distinct ones of the open window */
  pairs(openBytes: Bytes): OverwritePair[] {
    const { window, writtenBytes } = this;
    return [
      ...this.#pairs.all().map((pair) => ({ window, ...pair })),
      ...(writtenBytes > 0 ? [{ window, writtenBytes, distinctBytes: openBytes }] : []),
    ];
  }
}

/** Every pair until there are too many, then every second, every fourth of all that came. */
class ThinnedPairs {
  readonly #most: number;
  #written: Bytes[] = [];
  #distinct: Bytes[] = [];
  #stride = 1;
  #seen = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(writtenBytes: Bytes, distinctBytes: Bytes): void {
    if (this.#seen++ % this.#stride !== 0) return;
    this.#written.push(writtenBytes);
    this.#distinct.push(distinctBytes);
    if (this.#written.length <= this.#most) return;
    this.#written = this.#written.filter((_, at) => at % 2 === 0);
    this.#distinct = this.#distinct.filter((_, at) => at % 2 === 0);
    this.#stride *= 2;
  }

  all(): { readonly writtenBytes: Bytes; readonly distinctBytes: Bytes }[] {
    return this.#written.map((writtenBytes, at) => ({ writtenBytes, distinctBytes: this.#distinct[at]! }));
  }
}
