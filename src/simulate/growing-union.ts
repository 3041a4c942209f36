import type { BlockRuns } from '../model/touch-record.ts';

/** Blocks of the intervals that lie between two, and of these with the first, with the last, and with both of the two. */
export interface UnionCounts {
  readonly neither: number;
  readonly first: number;
  readonly last: number;
  readonly both: number;
}

/**
 * Unions of what neighbouring intervals touched. Numbers go on where the intervals are repeated: their count is the first one once more.
 * Asked again and again from one interval to a later and a later one, each interval is added once, and each block is met once: what lies
 * in the union already is leapt over.
 */
export class GrowingUnion {
  readonly #firstRepeated: number;
  /** Wherever a run begins or ends, ascending; segment i reaches from bound i to the next. */
  readonly #bounds: Uint32Array;
  /** The runs of each interval in segments. */
  readonly #runs: readonly Uint32Array[];
  /** From each segment towards the next one that is not in the union: itself, if it is not. */
  readonly #next: Uint32Array;
  /** 1 where the first interval has the segment. */
  readonly #isFirst: Uint8Array;
  #from = -1;
  /** The intervals before this one are in the union. */
  #until = -1;
  #neither = 0;
  /** Blocks of the first interval that are not in the union. */
  #firstLeft = 0;

  /** @param firstRepeated the intervals from this one on are repeated after the last */
  constructor(intervals: readonly BlockRuns[], firstRepeated: number) {
    this.#firstRepeated = firstRepeated;
    const bounds = sortedBounds(intervals);
    this.#bounds = bounds;
    this.#runs = intervals.map((runs) => runs.map((bound) => indexOf(bounds, bound)));
    this.#next = new Uint32Array(bounds.length);
    this.#isFirst = new Uint8Array(bounds.length);
  }

  countOf(interval: number): number {
    const runs = this.#at(interval);
    let count = 0;
    for (let at = 0; at < runs.length; at += 2) count += this.#bounds[runs[at + 1]!]! - this.#bounds[runs[at]!]!;
    return count;
  }

  /** @param until above `from` */
  between(from: number, until: number): UnionCounts {
    if (from !== this.#from || until < this.#until) this.#beginWith(from);
    // What is repeated once adds nothing when it is repeated again.
    const enough = Math.min(until, Math.max(from + 1, this.#runs.length) + this.#runs.length);
    for (; this.#until < enough; this.#until++) this.#add(this.#until);
    let lastLeft = 0;
    let shared = 0;
    this.#eachLeft(until, (segment, blocks) => {
      lastLeft += blocks;
      if (this.#isFirst[segment] === 1) shared += blocks;
    });
    const neither = this.#neither;
    const first = neither + this.#firstLeft;
    return { neither, first, last: neither + lastLeft, both: first + lastLeft - shared };
  }

  #beginWith(from: number): void {
    this.#from = from;
    this.#until = from + 1;
    this.#neither = 0;
    this.#next.forEach((_, segment, next) => {
      next[segment] = segment;
    });
    this.#isFirst.fill(0);
    const runs = this.#at(from);
    for (let at = 0; at < runs.length; at += 2) this.#isFirst.fill(1, runs[at], runs[at + 1]);
    this.#firstLeft = this.countOf(from);
  }

  #add(interval: number): void {
    this.#eachLeft(interval, (segment, blocks) => {
      this.#neither += blocks;
      if (this.#isFirst[segment] === 1) this.#firstLeft -= blocks;
      this.#next[segment] = segment + 1;
    });
  }

  /** The segments of an interval that are not in the union, and how many blocks each has. */
  #eachLeft(interval: number, visit: (segment: number, blocks: number) => void): void {
    const runs = this.#at(interval);
    for (let at = 0; at < runs.length; at += 2) {
      const until = runs[at + 1]!;
      for (let segment = this.#nextLeft(runs[at]!); segment < until; segment = this.#nextLeft(segment + 1)) {
        visit(segment, this.#bounds[segment + 1]! - this.#bounds[segment]!);
      }
    }
  }

  #nextLeft(from: number): number {
    const next = this.#next;
    let segment = from;
    while (next[segment] !== segment) {
      // Halves the way for those who come after.
      next[segment] = next[next[segment]!]!;
      segment = next[segment]!;
    }
    return segment;
  }

  #at(interval: number): Uint32Array {
    const measured = interval % this.#runs.length;
    const isLeftOut = interval >= this.#runs.length && measured < this.#firstRepeated;
    return isLeftOut ? NO_RUNS : this.#runs[measured]!;
  }
}

const NO_RUNS: Uint32Array = new Uint32Array(0);

function sortedBounds(intervals: readonly BlockRuns[]): Uint32Array {
  const all = new Uint32Array(intervals.reduce((sum, runs) => sum + runs.length, 0));
  let length = 0;
  for (const runs of intervals) {
    all.set(runs, length);
    length += runs.length;
  }
  return all.sort().filter((bound, at, sorted) => bound !== sorted[at - 1]);
}

function indexOf(ascending: Uint32Array, bound: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
