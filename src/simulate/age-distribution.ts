import { type Millis, SECOND_MS } from '../units.ts';

/**
 * Time-weighted distributions of ages that grow with time (the recovery point's age is a sawtooth), one row each.
 *
 * While an age grows from a to b it spends the same time at every value between. So a row keeps, per bin, how many such
 * stretches began and ended there and at what ages: from those the time spent below any bin's edge follows exactly, and adding
 * a stretch costs the same however long it is. Bins are 1 s wide up to an hour, then 0.5 %: finer
 * than semantics 14 asks. Minimum, maximum and
 * the time within the target are kept exactly.
 */
export class AgeDistributions {
  readonly #targetMs: Millis;
  /** Pages of bins, given to a row where it first needs them: an age that hardly varies costs one or two. */
  readonly #pages: (Float64Array[] | undefined)[];
  readonly #min: Float64Array;
  readonly #max: Float64Array;
  readonly #observed: Float64Array;
  readonly #within: Float64Array;

  constructor(rowCount: number, targetMs: Millis) {
    this.#targetMs = targetMs;
    this.#pages = new Array(rowCount);
    this.#min = new Float64Array(rowCount).fill(Number.POSITIVE_INFINITY);
    this.#max = new Float64Array(rowCount).fill(Number.NEGATIVE_INFINITY);
    this.#observed = new Float64Array(rowCount);
    this.#within = new Float64Array(rowCount);
  }

  /** The age of a row grew from `fromMs` to `toMs`, one millisecond a millisecond. */
  add(row: number, fromMs: Millis, toMs: Millis): void {
    if (toMs <= fromMs) return;
    if (fromMs < this.#min[row]!) this.#min[row] = fromMs;
    if (toMs > this.#max[row]!) this.#max[row] = toMs;
    this.#observed[row]! += toMs - fromMs;
    const withinMs = Math.min(toMs, this.#targetMs) - fromMs;
    if (withinMs > 0) this.#within[row]! += withinMs;
    this.#mark(row, fromMs, 1);
    this.#mark(row, toMs, -1);
  }

  /** The distribution of some rows together. */
  pool(rows: readonly number[]): PooledAges {
    const exact = { minMs: Number.POSITIVE_INFINITY, maxMs: Number.NEGATIVE_INFINITY, observedMs: 0, withinMs: 0 };
    const bins = new Map<number, Bin>();
    for (const row of rows) {
      exact.minMs = Math.min(exact.minMs, this.#min[row]!);
      exact.maxMs = Math.max(exact.maxMs, this.#max[row]!);
      exact.observedMs += this.#observed[row]!;
      exact.withinMs += this.#within[row]!;
      this.#pages[row]?.forEach((page, p) => {
        for (let i = 0; i < PAGE_BINS; i++) {
          if (page[2 * i] === 0 && page[2 * i + 1] === 0) continue;
          addBin(bins, { number: p * PAGE_BINS + i, count: page[2 * i]!, sumMs: page[2 * i + 1]! });
        }
      });
    }
    return new PooledAges(exact, bins);
  }

  #mark(row: number, ageMs: Millis, sign: 1 | -1): void {
    const bin = binOf(ageMs);
    const page = this.#page(row, Math.floor(bin / PAGE_BINS));
    const place = 2 * (bin % PAGE_BINS);
    page[place]! += sign;
    page[place + 1]! += sign * ageMs;
  }

  #page(row: number, number: number): Float64Array {
    let pages = this.#pages[row];
    if (pages === undefined) {
      pages = [];
      this.#pages[row] = pages;
    }
    let page = pages[number];
    if (page === undefined) {
      page = new Float64Array(2 * PAGE_BINS);
      pages[number] = page;
    }
    return page;
  }
}

export interface ExactAges {
  readonly minMs: Millis;
  readonly maxMs: Millis;
  readonly observedMs: Millis;
  readonly withinMs: Millis;
}

/** What began less what ended in a bin, and the same of their ages. */
interface Bin {
  readonly number: number;
  readonly count: number;
  readonly sumMs: Millis;
}

function addBin(bins: Map<number, Bin>, bin: Bin): void {
  const known = bins.get(bin.number);
  bins.set(
    bin.number,
    known === undefined ? bin : { ...bin, count: known.count + bin.count, sumMs: known.sumMs + bin.sumMs },
  );
}

/** One distribution, ready to be asked. */
export class PooledAges {
  readonly minMs: Millis;
  readonly maxMs: Millis;
  readonly observedMs: Millis;
  readonly withinMs: Millis;
  readonly #bins: ReadonlyMap<number, Bin>;
  /** Numbers of the bins in which something began or ended, ascending, and what had until the end of each. */
  readonly #numbers: readonly number[];
  readonly #counts: Float64Array;
  readonly #sumsMs: Float64Array;

  constructor(exact: ExactAges, bins: ReadonlyMap<number, Bin>) {
    this.minMs = exact.minMs;
    this.maxMs = exact.maxMs;
    this.observedMs = exact.observedMs;
    this.withinMs = exact.withinMs;
    this.#bins = bins;
    this.#numbers = [...bins.keys()].sort((a, b) => a - b);
    this.#counts = new Float64Array(this.#numbers.length);
    this.#sumsMs = new Float64Array(this.#numbers.length);
    let count = 0;
    let sumMs = 0;
    this.#numbers.forEach((number, i) => {
      count += bins.get(number)!.count;
      sumMs += bins.get(number)!.sumMs;
      this.#counts[i] = count;
      this.#sumsMs[i] = sumMs;
    });
  }

  /** Both distributions as one. */
  plus(other: PooledAges): PooledAges {
    const bins = new Map(this.#bins);
    for (const bin of other.#bins.values()) addBin(bins, bin);
    const exact = {
      minMs: Math.min(this.minMs, other.minMs),
      maxMs: Math.max(this.maxMs, other.maxMs),
      observedMs: this.observedMs + other.observedMs,
      withinMs: this.withinMs + other.withinMs,
    };
    return new PooledAges(exact, bins);
  }

  /** Time spent below the lower edge of a bin: exact. */
  #belowEdgeMs(bin: number): Millis {
    let low = 0;
    let high = this.#numbers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#numbers[middle]! < bin) low = middle + 1;
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
const PAGE_BINS = 32;
/** Enough for ages of some 100 years: 3,600 + ln(3.2e12 ÷ 3.6e6) ÷ ln 1.005 ≈ 6,350 bins. */
const BIN_COUNT = 6400;

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
