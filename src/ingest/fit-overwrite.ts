import type { OverwriteModel } from '../model/workload.ts';
import type { Bytes } from '../units.ts';
import { type OverwritePair, WINDOWS, type WindowLength } from './fit-windows.ts';

/** Fewer windows with writes tell nothing of two parameters. [chosen] */
export const PAIRS_LEAST = 8;
/** A model that saves less, of the most that was written in any window, says that nothing is overwritten. [chosen] */
export const SAVED_SHARE_LEAST = 0.01;

/** Below this rate, times the most that was written, even h = 1 saves less than {@link SAVED_SHARE_LEAST}. */
const FIRST_OCTAVE = -6;
/** Steps of the search are quarters of an octave; then golden sections to the last digits that a sum of squares carries. */
const STEPS_PER_OCTAVE = 4;
const SECTIONS = 48;
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

export interface OverwriteFit {
  readonly model: OverwriteModel;
  readonly goodness: FitGoodness;
  /** By the length of windows, those that were measured. */
  readonly comparedByWindow: readonly WindowComparison[];
}

export interface FitGoodness {
  readonly pairCount: number;
  /** |modelled - measured| / measured distinct bytes, over all pairs alike. */
  readonly medianRelativeError: number;
  readonly worstRelativeError: number;
  /** Of the distinct bytes of all pairs alike: 1 = all of their variance is the model's, below 0 = worse than their mean. */
  readonly r2: number;
  /** The most that was written in a window: beyond it the model is extrapolated. */
  readonly writtenBytesMost: Bytes;
}

/** The model against the windows of one length, summed over them. */
export interface WindowComparison {
  readonly window: WindowLength;
  readonly pairCount: number;
  readonly writtenBytes: Bytes;
  readonly measuredBytes: Bytes;
  readonly modelledBytes: Bytes;
  /** Modelled by measured bytes: above 1 the model sees too little overwriting. */
  readonly factor: number;
  readonly medianRelativeError: number;
  readonly worstRelativeError: number;
}

/** Why there is no model: then every written byte is taken as a distinct one. */
export interface NoFit {
  readonly model: undefined;
  readonly reason: 'few-windows' | 'no-overwrite';
}

/**
 * The hot set of `hotBytes` = W and its share `hotShare` = h of the writes that come nearest to what was measured: least squares of the
 * relative error of D(B) = (1 - h)·B + W·(1 - exp(-h·B/W)) (semantics 3). Each length of windows counts alike, whatever the number of its
 * windows; among these each counts by what was written in it.
 *
 * With r = h/W the model is D = B - h·(B - (1 - exp(-r·B))/r), linear in h: for each r the best h is known, and only r is searched, on a
 * grid first. So the result depends on nothing but the pairs, and scales with them.
 *
 * @param sizeBytes of the disk, where it is known: W is no larger
 */
export function fitOverwrite(
  pairs: readonly OverwritePair[],
  sizeBytes: Bytes = Number.POSITIVE_INFINITY,
): OverwriteFit | NoFit {
  const usable = pairs.filter(({ writtenBytes, distinctBytes }) => isSize(writtenBytes) && isSize(distinctBytes));
  if (usable.length < PAIRS_LEAST) return { model: undefined, reason: 'few-windows' };
  const writtenBytesMost = usable.reduce((most, pair) => Math.max(most, pair.writtenBytes), 0);
  const { hotShare, rate } = search(new Squares(usable, sizeBytes), usable, writtenBytesMost);
  const model: OverwriteModel = { hotBytes: hotShare / rate, hotShare };
  const savedBytes = writtenBytesMost - modelledBytes(model, writtenBytesMost);
  if (!(savedBytes >= SAVED_SHARE_LEAST * writtenBytesMost)) return { model: undefined, reason: 'no-overwrite' };
  return {
    model,
    goodness: { pairCount: usable.length, ...errorsOf(model, usable), r2: r2Of(model, usable), writtenBytesMost },
    comparedByWindow: WINDOWS.flatMap((window) => compare(model, window, usable)),
  };
}

/** Distinct bytes of the model among written ones, on a disk without end. */
export function modelledBytes({ hotBytes, hotShare }: OverwriteModel, writtenBytes: Bytes): Bytes {
  if (hotBytes <= 0) return writtenBytes;
  const distinct = (1 - hotShare) * writtenBytes - hotBytes * Math.expm1((-hotShare * writtenBytes) / hotBytes);
  return Math.min(writtenBytes, distinct);
}

/** For a rate r = h/W the best share h, and the weighted sum of squared relative errors with it. */
interface Candidate {
  readonly rate: number;
  readonly hotShare: number;
  readonly squares: number;
}

class Squares {
  readonly #sizeBytes: Bytes;
  readonly #writtenBytes: Float64Array;
  /** (B - D)/D: the relative error if nothing were overwritten. */
  readonly #errors: Float64Array;
  readonly #distinctBytes: Float64Array;
  readonly #weights: Float64Array;

  constructor(pairs: readonly OverwritePair[], sizeBytes: Bytes) {
    const bytesOf = new Map<WindowLength, Bytes>();
    for (const { window, writtenBytes } of pairs) bytesOf.set(window, (bytesOf.get(window) ?? 0) + writtenBytes);
    this.#sizeBytes = sizeBytes;
    this.#writtenBytes = Float64Array.from(pairs, (pair) => pair.writtenBytes);
    this.#distinctBytes = Float64Array.from(pairs, (pair) => pair.distinctBytes);
    this.#errors = this.#writtenBytes.map(
      (written, at) => (written - this.#distinctBytes[at]!) / this.#distinctBytes[at]!,
    );
    this.#weights = Float64Array.from(pairs, (pair) => pair.writtenBytes / bytesOf.get(pair.window)!);
  }

  at(rate: number): Candidate {
    let errorBySaving = 0;
    let savingSquared = 0;
    let errorSquared = 0;
    for (let at = 0; at < this.#writtenBytes.length; at++) {
      const written = this.#writtenBytes[at]!;
      const saving = (written + Math.expm1(-rate * written) / rate) / this.#distinctBytes[at]!;
      const error = this.#errors[at]!;
      const weight = this.#weights[at]!;
      errorBySaving += weight * error * saving;
      savingSquared += weight * saving * saving;
      errorSquared += weight * error * error;
    }
    const best = savingSquared > 0 ? errorBySaving / savingSquared : 0;
    const hotShare = Math.max(0, Math.min(1, rate * this.#sizeBytes, best));
    return { rate, hotShare, squares: errorSquared - 2 * hotShare * errorBySaving + hotShare ** 2 * savingSquared };
  }
}

/**
 * From a rate at which the largest window hardly repeats to one whose hot set is a thousandth of the fewest distinct bytes. There may be
 * several minima: each of the grid is looked into.
 */
function search(squares: Squares, pairs: readonly OverwritePair[], writtenBytesMost: Bytes): Candidate {
  const distinctBytesLeast = pairs.reduce((least, pair) => Math.min(least, pair.distinctBytes), writtenBytesMost);
  const stepCount = STEPS_PER_OCTAVE * Math.ceil(10 + Math.log2(writtenBytesMost / distinctBytesLeast) - FIRST_OCTAVE);
  const at = (step: number): Candidate => squares.at(2 ** (FIRST_OCTAVE + step / STEPS_PER_OCTAVE) / writtenBytesMost);
  const grid = Array.from({ length: stepCount + 1 }, (_, step) => at(step));
  const sumAt = (step: number): number => grid[step]?.squares ?? Number.POSITIVE_INFINITY;
  let best = grid[0]!;
  for (let step = 0; step <= stepCount; step++) {
    if (sumAt(step) > sumAt(step - 1) || sumAt(step) > sumAt(step + 1)) continue;
    for (const candidate of [grid[step]!, refined(at, step)]) {
      if (candidate.squares < best.squares) best = candidate;
    }
  }
  return best;
}

/** The minimum near a step of the grid, by golden sections. */
function refined(at: (step: number) => Candidate, step: number): Candidate {
  let low = step - 1;
  let high = step + 1;
  for (let section = 0; section < SECTIONS; section++) {
    const left = high - GOLDEN_RATIO * (high - low);
    const right = low + GOLDEN_RATIO * (high - low);
    if (at(left).squares <= at(right).squares) high = right;
    else low = left;
  }
  return at((low + high) / 2);
}

function compare(model: OverwriteModel, window: WindowLength, all: readonly OverwritePair[]): WindowComparison[] {
  const pairs = all.filter((pair) => pair.window === window);
  if (pairs.length === 0) return [];
  let writtenBytes = 0;
  let measuredBytes = 0;
  let modelled = 0;
  for (const pair of pairs) {
    writtenBytes += pair.writtenBytes;
    measuredBytes += pair.distinctBytes;
    modelled += modelledBytes(model, pair.writtenBytes);
  }
  const sums = { writtenBytes, measuredBytes, modelledBytes: modelled, factor: modelled / measuredBytes };
  return [{ window, pairCount: pairs.length, ...sums, ...errorsOf(model, pairs) }];
}

function errorsOf(
  model: OverwriteModel,
  pairs: readonly OverwritePair[],
): Pick<FitGoodness, 'medianRelativeError' | 'worstRelativeError'> {
  const errors = Float64Array.from(
    pairs,
    (pair) => Math.abs(modelledBytes(model, pair.writtenBytes) - pair.distinctBytes) / pair.distinctBytes,
  ).sort();
  const middle = (errors.length - 1) / 2;
  const median = (errors[Math.floor(middle)]! + errors[Math.ceil(middle)]!) / 2;
  return { medianRelativeError: median, worstRelativeError: errors.at(-1)! };
}

function r2Of(model: OverwriteModel, pairs: readonly OverwritePair[]): number {
  const mean = pairs.reduce((sum, pair) => sum + pair.distinctBytes, 0) / pairs.length;
  let around = 0;
  let left = 0;
  for (const { writtenBytes, distinctBytes } of pairs) {
    around += (distinctBytes - mean) ** 2;
    left += (distinctBytes - modelledBytes(model, writtenBytes)) ** 2;
  }
  return around === 0 ? Number(left === 0) : 1 - left / around;
}

function isSize(bytes: Bytes): boolean {
  return bytes >= 1 && bytes <= Number.MAX_SAFE_INTEGER;
}
