import { type Millis, SECOND_MS } from '../units.ts';

/**
 * Time-weighted distributions of ages that grow with time (the recovery point's age is a sawtooth), one row each.
 *
 * While an age grows from a to b it spends the same time at every value between. So a row keeps, per bin, how many such
 * stretches began less how many ended there, and the sum of those ages: from these the time spent below any bin's edge
 * follows exactly, and adding a stretch costs the same however long it is. Bins are 1 s wide up to an hour, then 0.5 %: finer
 * than semantics 14 asks. Minimum, maximum and the time within the target are kept exactly.
 */
export class AgeDistributions {
  readonly #targetMs: Millis;
  /** Per row, side by side: minimum, maximum, time observed, time within the target. */
  readonly #exact: Float64Array;
  /** Further ages within which the time is kept exactly; nearly always none. */
  readonly #furtherTargetsMs: readonly Millis[];
  /** Per row, side by side: the time within each of them. */
  readonly #furtherWithinMs: Float64Array;
  /** Row × page of bins: the number of the page among those that were given out, from 1 on; 0 = not needed yet. */
  readonly #pageOf: Int32Array;
  /** Pages of bins, many to a sheet: an age that hardly varies costs its row one or two. */
  readonly #sheets: Float64Array[] = [];
  readonly #sheetBits: number;
  readonly #sheetMask: number;
  #pageCount = 0;
  /**
   * Per row, the stretches that have not been put into bins yet, from and to by turns. Bins lie far apart in memory: to go there once
   * for many stretches takes a third of the time.
   */
  readonly #pendingMs: Float64Array;
  readonly #pendingCount: Uint8Array;

  constructor(rowCount: number, targetMs: Millis, furtherTargetsMs: readonly Millis[] = []) {
    this.#targetMs = targetMs;
    this.#furtherTargetsMs = furtherTargetsMs;
    this.#furtherWithinMs = new Float64Array(furtherTargetsMs.length * rowCount);
    this.#pendingMs = new Float64Array(2 * PENDING * rowCount);
    this.#pendingCount = new Uint8Array(rowCount);
    this.#exact = new Float64Array(EXACT_FIGURES * rowCount);
    for (let row = 0; row < rowCount; row++) {
      this.#exact[EXACT_FIGURES * row] = Number.POSITIVE_INFINITY;
      this.#exact[EXACT_FIGURES * row + 1] = Number.NEGATIVE_INFINITY;
    }
    this.#pageOf = new Int32Array(PAGES * rowCount);
    this.#sheetBits = Math.min(SHEET_BITS_MOST, Math.max(SHEET_BITS_LEAST, Math.ceil(Math.log2(4 * rowCount))));
    this.#sheetMask = 2 ** this.#sheetBits - 1;
  }

  /** The age of a row grew from `fromMs` to `toMs`, one millisecond a millisecond. */
  add(row: number, fromMs: Millis, toMs: Millis): void {
    if (toMs <= fromMs) return;
    const count = this.#pendingCount[row]!;
    const place = 2 * (PENDING * row + count);
    this.#pendingMs[place] = fromMs;
    this.#pendingMs[place + 1] = toMs;
    this.#pendingCount[row] = count + 1;
    if (count + 1 === PENDING) this.#putIntoBins(row);
  }

  #putIntoBins(row: number): void {
    const exact = this.#exact;
    const place = EXACT_FIGURES * row;
    const firstPending = 2 * PENDING * row;
    const count = this.#pendingCount[row]!;
    for (let i = 0; i < count; i++) {
      const fromMs = this.#pendingMs[firstPending + 2 * i]!;
      const toMs = this.#pendingMs[firstPending + 2 * i + 1]!;
      if (fromMs < exact[place]!) exact[place] = fromMs;
      if (toMs > exact[place + 1]!) exact[place + 1] = toMs;
      exact[place + 2]! += toMs - fromMs;
      const withinMs = (toMs < this.#targetMs ? toMs : this.#targetMs) - fromMs;
      if (withinMs > 0) exact[place + 3]! += withinMs;
      if (this.#furtherTargetsMs.length > 0) this.#addFurther(row, fromMs, toMs);
      this.#mark(row, fromMs, 1);
      this.#mark(row, toMs, -1);
    }
    this.#pendingCount[row] = 0;
  }

  #addFurther(row: number, fromMs: Millis, toMs: Millis): void {
    const targetsMs = this.#furtherTargetsMs;
    for (let i = 0; i < targetsMs.length; i++) {
      this.#furtherWithinMs[row * targetsMs.length + i]! += Math.max(0, Math.min(toMs, targetsMs[i]!) - fromMs);
    }
  }

  /** The distribution of one row. */
  of(row: number): PooledAges {
    this.#putIntoBins(row);
    const numbers: number[] = [];
    const counts: number[] = [];
    const sumsMs: number[] = [];
    this.#eachBin(row, (bin, count, sumMs) => {
      numbers.push(bin);
      counts.push(count);
      sumsMs.push(sumMs);
    });
    return new PooledAges(this.#exactOf(row), { numbers, counts, sumsMs });
  }

  /** The distribution of all rows together. */
  pool(rowCount: number): PooledAges {
    let exact = NO_AGES;
    const bins = new BinSums();
    for (let row = 0; row < rowCount; row++) {
      this.#putIntoBins(row);
      exact = together(exact, this.#exactOf(row));
      this.#eachBin(row, (bin, count, sumMs) => bins.add(bin, count, sumMs));
    }
    return new PooledAges(exact, bins.taken());
  }

  #exactOf(row: number): ExactAges {
    const place = EXACT_FIGURES * row;
    const [minMs, maxMs, observedMs, withinMs] = this.#exact.subarray(place, place + EXACT_FIGURES);
    const furtherTargetsMs = this.#furtherTargetsMs;
    const count = furtherTargetsMs.length;
    const furtherWithinMs =
      count === 0 ? NO_FURTHER : [...this.#furtherWithinMs.subarray(row * count, (row + 1) * count)];
    return {
      ...{ minMs: minMs!, maxMs: maxMs!, observedMs: observedMs!, withinMs: withinMs! },
      ...{ furtherTargetsMs, furtherWithinMs },
    };
  }

  /** The row's bins in which something began or ended, ascending. */
  #eachBin(row: number, take: (bin: number, count: number, sumMs: Millis) => void): void {
    for (let page = 0; page < PAGES; page++) {
      const number = this.#pageOf[PAGES * row + page]! - 1;
      if (number < 0) continue;
      const sheet = this.#sheets[number >>> this.#sheetBits]!;
      const first = (number & this.#sheetMask) * 2 * PAGE_BINS;
      for (let i = 0; i < PAGE_BINS; i++) {
        const count = sheet[first + 2 * i]!;
        const sumMs = sheet[first + 2 * i + 1]!;
        if (count !== 0 || sumMs !== 0) take(page * PAGE_BINS + i, count, sumMs);
      }
    }
  }

  #mark(row: number, ageMs: Millis, sign: 1 | -1): void {
    const bin = binOf(ageMs);
    let number = this.#pageOf[PAGES * row + (bin >>> PAGE_BITS)]!;
    if (number === 0) number = this.#newPage(row, bin >>> PAGE_BITS);
    number--;
    const sheet = this.#sheets[number >>> this.#sheetBits]!;
    const place = (((number & this.#sheetMask) << PAGE_BITS) + (bin & (PAGE_BINS - 1))) * 2;
    sheet[place]! += sign;
    sheet[place + 1]! += sign * ageMs;
  }

  #newPage(row: number, page: number): number {
    if (this.#pageCount >>> this.#sheetBits === this.#sheets.length) {
      this.#sheets.push(new Float64Array(2 * PAGE_BINS * (this.#sheetMask + 1)));
    }
    this.#pageOf[PAGES * row + page] = ++this.#pageCount;
    return this.#pageCount;
  }
}

/** Stretches of a row that wait to be put into bins: two lines of a processor's cache. */
const PENDING = 8;

/** Exact figures of a row. */
const EXACT_FIGURES = 4;

export interface ExactAges {
  readonly minMs: Millis;
  readonly maxMs: Millis;
  readonly observedMs: Millis;
  readonly withinMs: Millis;
  /** Further ages, ascending, and the time within each; empty where none was asked for. */
  readonly furtherTargetsMs: readonly Millis[];
  readonly furtherWithinMs: readonly Millis[];
}

const NO_FURTHER: readonly Millis[] = [];

const NO_AGES: ExactAges = {
  minMs: Number.POSITIVE_INFINITY,
  maxMs: Number.NEGATIVE_INFINITY,
  observedMs: 0,
  withinMs: 0,
  furtherTargetsMs: NO_FURTHER,
  furtherWithinMs: NO_FURTHER,
};

function together(a: ExactAges, b: ExactAges): ExactAges {
  return {
    minMs: Math.min(a.minMs, b.minMs),
    maxMs: Math.max(a.maxMs, b.maxMs),
    observedMs: a.observedMs + b.observedMs,
    withinMs: a.withinMs + b.withinMs,
    // One of them may be the empty beginning.
    furtherTargetsMs: b.furtherTargetsMs,
    furtherWithinMs:
      b.furtherWithinMs.length === 0 ? NO_FURTHER : b.furtherWithinMs.map((ms, i) => ms + (a.furtherWithinMs[i] ?? 0)),
  };
}

/** Bins in which something began or ended, ascending: what began less what ended there, and the same of their ages. */
interface Bins {
  readonly numbers: readonly number[];
  readonly counts: readonly number[];
  readonly sumsMs: readonly Millis[];
}

/** Adds bins up; one at a time is used, its columns are shared. */
class BinSums {
  #lowest = BIN_COUNT;
  #highest = -1;

  add(bin: number, count: number, sumMs: Millis): void {
    if (count === 0 && sumMs === 0) return;
    BIN_COUNTS[bin]! += count;
    BIN_SUMS_MS[bin]! += sumMs;
    if (bin < this.#lowest) this.#lowest = bin;
    if (bin > this.#highest) this.#highest = bin;
  }

  /** What was added; the columns are empty again. */
  taken(): Bins {
    const numbers: number[] = [];
    for (let bin = this.#lowest; bin <= this.#highest; bin++) {
      if (BIN_COUNTS[bin] !== 0 || BIN_SUMS_MS[bin] !== 0) numbers.push(bin);
    }
    const counts = numbers.map((bin) => BIN_COUNTS[bin]!);
    const sumsMs = numbers.map((bin) => BIN_SUMS_MS[bin]!);
    if (numbers.length > 0) {
      BIN_COUNTS.fill(0, this.#lowest, this.#highest + 1);
      BIN_SUMS_MS.fill(0, this.#lowest, this.#highest + 1);
    }
    return { numbers, counts, sumsMs };
  }
}

/** One distribution, ready to be asked. */
export class PooledAges {
  readonly minMs: Millis;
  readonly maxMs: Millis;
  readonly observedMs: Millis;
  readonly withinMs: Millis;
  readonly furtherTargetsMs: readonly Millis[];
  readonly furtherWithinMs: readonly Millis[];
  readonly #bins: Bins;
  /** What had begun less what had ended until the end of each bin, and the same of their ages. */
  readonly #counts: Float64Array;
  readonly #sumsMs: Float64Array;

  constructor(exact: ExactAges, bins: Bins) {
    this.minMs = exact.minMs;
    this.maxMs = exact.maxMs;
    this.observedMs = exact.observedMs;
    this.withinMs = exact.withinMs;
    this.furtherTargetsMs = exact.furtherTargetsMs;
    this.furtherWithinMs = exact.furtherWithinMs;
    this.#bins = bins;
    this.#counts = runningSums(bins.counts);
    this.#sumsMs = runningSums(bins.sumsMs);
  }

  /** Both distributions as one. */
  plus(other: PooledAges): PooledAges {
    if (other.observedMs === 0) return this;
    if (this.observedMs === 0) return other;
    const sums = new BinSums();
    for (const { numbers, counts, sumsMs } of [this.#bins, other.#bins]) {
      numbers.forEach((bin, i) => {
        sums.add(bin, counts[i]!, sumsMs[i]!);
      });
    }
    return new PooledAges(together(this, other), sums.taken());
  }

  /** Time spent below the lower edge of a bin: exact. */
  #belowEdgeMs(bin: number): Millis {
    const { numbers } = this.#bins;
    let low = 0;
    let high = numbers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (numbers[middle]! < bin) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : this.#counts[low - 1]! * edgeMs(bin) - this.#sumsMs[low - 1]!;
  }

  /** Share of the time with an age above `ageMs`; straight between the edges of a bin. */
  above(ageMs: Millis): number {
    if (ageMs >= this.maxMs) return 0;
    if (ageMs < this.minMs) return 1;
    const bin = binOf(ageMs);
    const [low, high] = [edgeMs(bin), edgeMs(bin + 1)];
    const below = this.#belowEdgeMs(bin);
    const belowMs = below + ((this.#belowEdgeMs(bin + 1) - below) * (ageMs - low)) / (high - low);
    return Math.min(1, Math.max(0, 1 - belowMs / this.observedMs));
  }

  /** The least age such that the given share of the time was spent at or below it; null where nothing was observed. */
  quantile(share: number): Millis | null {
    if (this.observedMs === 0) return null;
    const wantedMs = share * this.observedMs;
    let low = 0;
    let high = BIN_COUNT;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#belowEdgeMs(middle) < wantedMs) low = middle + 1;
      else high = middle;
    }
    const bin = Math.max(1, low);
    const [below, above] = [this.#belowEdgeMs(bin - 1), this.#belowEdgeMs(bin)];
    const [lowMs, highMs] = [edgeMs(bin - 1), edgeMs(bin)];
    const ageMs = above > below ? lowMs + ((highMs - lowMs) * (wantedMs - below)) / (above - below) : highMs;
    return Math.min(this.maxMs, Math.max(this.minMs, ageMs));
  }

  /** The distribution as points for drawing, at most about `count`: at bin edges, from the least age to the largest. */
  survival(count: number): { ageMs: Millis; above: number }[] {
    if (this.observedMs === 0) return [];
    const first = binOf(this.minMs);
    const last = binOf(this.maxMs);
    const stride = Math.max(1, Math.ceil((last - first) / count));
    const points = [{ ageMs: this.minMs, above: 1 }];
    for (let bin = first + stride; bin <= last; bin += stride) {
      points.push({ ageMs: edgeMs(bin), above: this.above(edgeMs(bin)) });
    }
    points.push({ ageMs: this.maxMs, above: 0 });
    return points;
  }
}

/** Bins of one second for the first hour: no logarithm for the ages that are common. */
const LINEAR_BINS = 3600;
const LINEAR_END_MS = LINEAR_BINS * SECOND_MS;
const GROWTH = 1.005;
const LOG_GROWTH = Math.log(GROWTH);
/** Enough for ages of some 100 years: 3,600 + ln(3.2e12 ÷ 3.6e6) ÷ ln 1.005 ≈ 6,350 bins. */
const BIN_COUNT = 6400;
const PAGE_BITS = 5;
const PAGE_BINS = 2 ** PAGE_BITS;
const PAGES = BIN_COUNT / PAGE_BINS;
/** Pages of a sheet, as a power of two: for a few rows little, for many at most 4 MiB at a time. */
const SHEET_BITS_LEAST = 3;
const SHEET_BITS_MOST = 13;

const BIN_COUNTS = new Float64Array(BIN_COUNT);
const BIN_SUMS_MS = new Float64Array(BIN_COUNT);

function runningSums(values: readonly number[]): Float64Array {
  const sums = new Float64Array(values.length);
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i]!;
    sums[i] = sum;
  }
  return sums;
}

function binOf(ageMs: Millis): number {
  if (ageMs < LINEAR_END_MS) return Math.floor(ageMs / SECOND_MS);
  const bin = LINEAR_BINS + Math.floor(Math.log(ageMs / LINEAR_END_MS) / LOG_GROWTH);
  return Math.min(bin, BIN_COUNT - 1);
}

const EDGES_MS: Float64Array = Float64Array.from({ length: BIN_COUNT + 1 }, (_, bin) =>
  bin <= LINEAR_BINS ? bin * SECOND_MS : LINEAR_END_MS * GROWTH ** (bin - LINEAR_BINS),
);

function edgeMs(bin: number): Millis {
  return EDGES_MS[bin]!;
}
