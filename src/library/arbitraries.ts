/**
 * Arbitraries for fast-check over a run of one's own: what may happen to it and what may be changed about it, so that a property says what
 * must hold in all of that. A failing property is shrunk towards the run as it is: shorter outages, earlier ones, fewer changes.
 */
import fc from 'fast-check';
import { type Problem, problemOf } from '../model/problem.ts';
import type { Run } from '../model/run.ts';
import type { Outage } from '../model/site.ts';
import { changedRun, type DiskName, type WhatIf, whatIfWords } from '../plan/what-if.ts';
import { applySettings } from '../study/space/apply-point.ts';
import { checkSpace } from '../study/space/check-space.ts';
import { parseVary } from '../study/space/parse-vary.ts';
import { replayText, settingsOfPoint, settingsText } from '../study/space/point-text.ts';
import {
  type BitsPerSec,
  DAY_MS,
  formatDurationMs,
  HOUR_MS,
  MINUTE_MS,
  type Millis,
  parseBitsPerSec,
  parseDurationMs,
} from '../units.ts';
import { InputError } from './input-error.ts';

export { InputError } from './input-error.ts';

/** In milliseconds, or as on the command line: `'8h'`. */
export type DurationLike = Millis | string;
/** In bit/s, or as on the command line: `'300Mbps'`. */
export type RateLike = BitsPerSec | string;

export interface OutageOptions {
  /** The longest; 8 hours where nothing is said. [chosen] */
  readonly most?: DurationLike;
  /** The shortest; one step where nothing is said. */
  readonly least?: DurationLike;
  /** Starts and lengths are whole steps; a minute where nothing is said. [chosen] */
  readonly step?: DurationLike;
}

/** What may vary; what is left out stays as it is in the run. */
export interface ScenarioOptions {
  /** One outage of the site's link, or none. */
  readonly outage?: OutageOptions;
  /** Of the site's link; whole Mbit/s. */
  readonly bandwidth?: { readonly least: RateLike; readonly most: RateLike };
  /** One of these. */
  readonly copyFrequency?: readonly DurationLike[];
  /** Churn grown by up to so much, whole percents: 0.3 = 30 %. */
  readonly growth?: { readonly most: number };
  /** Wire bytes per log byte, from the first to the second. */
  readonly compression?: { readonly least: number; readonly most: number };
  /** Up to so many disks are left out. */
  readonly excluded?: { readonly most: number };
  /** The phases of the VMs' cuts, and whatever else is drawn, are drawn anew. */
  readonly seed?: boolean;
}

/** One that fast-check has drawn; it is printed as its words. */
export interface Scenario {
  /** The run with all that is changed: `simulate(run)`. */
  readonly run: Run;
  readonly whatIf: WhatIf;
  /** The draws' own, where they are drawn anew; else the run's. */
  readonly seed: number;
  /** What is changed, a phrase each; empty = the run as it is. */
  readonly words: readonly string[];
}

/** A scenario of a space; it is printed as what is the case in it. */
export interface SpaceScenario {
  readonly run: Run;
  /** As `asr-plan analyze --with` takes them, a text each. */
  readonly settings: readonly string[];
}

const MOST_OUTAGE_MS: Millis = 8 * HOUR_MS;
const MBIT: BitsPerSec = 1e6;
const MOST_SEED = 2 ** 32 - 1;

/** An outage that begins and ends within the run. @throws {InputError} for bounds that leave no outage */
function outage(run: Run, options: OutageOptions = {}): fc.Arbitrary<Outage> {
  const { horizonMs } = run.options;
  const stepMs = durationOf('step', options.step ?? MINUTE_MS);
  const leastMs = durationOf('least', options.least ?? stepMs);
  const mostMs = Math.min(durationOf('most', options.most ?? MOST_OUTAGE_MS), horizonMs);
  const [least, most] = [Math.max(1, Math.ceil(leastMs / stepMs)), Math.floor(mostMs / stepMs)];
  if (!(stepMs >= 1) || least > most) {
    const message = `No outage of at least ${formatDurationMs(leastMs)} and at most ${formatDurationMs(mostMs)} in steps of ${formatDurationMs(stepMs)} fits into the run of ${formatDurationMs(horizonMs)}.`;
    throw refused('outage-bounds', 'outage', message, 'Widen the bounds, or simulate a longer horizon.');
  }
  return fc.integer({ min: least, max: most }).chain((steps) =>
    fc.integer({ min: 0, max: Math.floor(horizonMs / stepMs) - steps }).map((start) => ({
      startMs: start * stepMs,
      endMs: (start + steps) * stepMs,
    })),
  );
}

/** Changes of the run as data, for `changedRun`. */
function whatIf(run: Run, options: ScenarioOptions): fc.Arbitrary<WhatIf> {
  const parts: { -readonly [Name in keyof WhatIf]?: fc.Arbitrary<WhatIf[Name]> } = {};
  if (options.outage !== undefined) parts.outage = maybe(outage(run, options.outage));
  if (options.bandwidth !== undefined) {
    const [least, most] = [rateOf('bandwidth', options.bandwidth.least), rateOf('bandwidth', options.bandwidth.most)];
    const [from, to] = ordered('bandwidth', Math.ceil(least / MBIT), Math.floor(most / MBIT));
    // The wider link is the milder: shrinking goes there.
    parts.bandwidthBitsPerSec = fc.integer({ min: 0, max: to - from }).map((less) => (to - less) * MBIT);
  }
  if (options.copyFrequency !== undefined) {
    parts.copyFrequencyMs = fc.constantFrom(...options.copyFrequency.map((each) => durationOf('copyFrequency', each)));
  }
  if (options.growth !== undefined) {
    const [, most] = ordered('growth', 0, Math.floor(options.growth.most * 100 + 1e-9));
    parts.growthRatio = fc.integer({ min: 0, max: most }).map((percent) => percent / 100);
  }
  if (options.compression !== undefined) {
    const { least, most } = options.compression;
    const [from, to] = ordered('compression', Math.ceil(least * 100 - 1e-9), Math.floor(most * 100 + 1e-9));
    parts.compressionRatio = fc.integer({ min: Math.max(1, from), max: to }).map((percent) => percent / 100);
  }
  if (options.excluded !== undefined) parts.excluded = disks(run, options.excluded.most);
  return fc.record(parts as Required<typeof parts>).map(withoutAbsent);
}

/** The run with what `options` let vary drawn at random. */
function scenario(run: Run, options: ScenarioOptions): fc.Arbitrary<Scenario> {
  const seeds = options.seed === true ? fc.integer({ min: 0, max: MOST_SEED }) : fc.constant(run.options.seed);
  return fc.tuple(whatIf(run, options), seeds).map(([changes, seed]) => scenarioOf(run, changes, seed));
}

/**
 * The scenarios of a space, as `asr-plan study --vary` takes it: `['outage.length in 0 h .. 8 h', 'outage.start in week', 'churn x 1 .. 3']`.
 * Shrinks every severity towards its mildest level, and what has none towards its first.
 *
 * @throws {InputError} with what is wrong with the texts
 */
function space(run: Run, texts: readonly string[]): fc.Arbitrary<SpaceScenario> {
  const read = texts.map((text) => parseVary(text, { run, file: 'space' }));
  const dimensions = read.flatMap((one) => one.dimensions);
  const fixed = read.flatMap((one) => one.settings);
  const problems = [...read.flatMap((one) => one.problems), ...checkSpace(dimensions, fixed, [], 'space')];
  if (problems.length > 0) throw new InputError(problems);
  const levels = fc.tuple(...dimensions.map((dimension) => fc.nat({ max: dimension.levels.length - 1 })));
  return levels.map((indexes): SpaceScenario => {
    const point = dimensions.map((dimension, d) => dimension.levels[indexes[d]!]!);
    const settings = [...fixed, ...settingsOfPoint({ dimensions, fixed, correlations: [] }, point)];
    const drawn: SpaceScenario = { run: applySettings(run, settings), settings: settings.map(replayText) };
    const shown = { value: () => settingsText(settings, run.workload.clock), enumerable: false };
    return Object.defineProperty(drawn, fc.toStringMethod, shown);
  });
}

/** Some disks of the run, at most so many, never all. */
function disks(run: Run, most: number): fc.Arbitrary<readonly DiskName[]> {
  const all = run.workload.vms.flatMap((vm) => vm.disks.map((disk) => ({ vm: vm.name, disk: disk.name })));
  return fc.subarray(all, { maxLength: Math.max(0, Math.min(most, all.length - 1)) });
}

function scenarioOf(run: Run, changes: WhatIf, seed: number): Scenario {
  const changed = changedRun(run, changes);
  const words = [...whatIfWords(changes, dayAndTime), ...(seed === run.options.seed ? [] : [`draws of seed ${seed}`])];
  const drawn: Scenario = {
    run: seed === run.options.seed ? changed : { ...changed, options: { ...changed.options, seed } },
    whatIf: changes,
    seed,
    words,
  };
  // A counterexample is read by people: its words, not the ten thousand lines of a run.
  const shown = { value: () => (words.length === 0 ? 'the run as it is' : words.join(', ')), enumerable: false };
  return Object.defineProperty(drawn, fc.toStringMethod, shown);
}

/** On the run's clock, as the faults of the command line: `2d10h`. */
function dayAndTime(atMs: Millis): string {
  return `day ${Math.floor(atMs / DAY_MS) + 1} at ${formatDurationMs(atMs % DAY_MS)}`;
}

function maybe<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined });
}

/** What is `undefined` is left out. */
function withoutAbsent(changes: Partial<Record<keyof WhatIf, unknown>>): WhatIf {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as WhatIf;
}

function durationOf(name: string, value: DurationLike): Millis {
  const durationMs = typeof value === 'string' ? parseDurationMs(value) : value;
  if (durationMs !== undefined && durationMs > 0 && Number.isFinite(durationMs)) return durationMs;
  throw refused('option-value', name, `${name} must be a duration, not ${value}.`, 'Write 15min, or milliseconds.');
}

function rateOf(name: string, value: RateLike): BitsPerSec {
  const rate = typeof value === 'string' ? parseBitsPerSec(value) : value;
  if (rate !== undefined && rate > 0 && Number.isFinite(rate)) return rate;
  throw refused('option-value', name, `${name} must be a rate, not ${value}.`, 'Write 300Mbps, or bits per second.');
}

function ordered(name: string, least: number, most: number): [number, number] {
  if (least <= most) return [least, most];
  throw refused('option-value', name, `There is nothing from the least to the most of ${name}.`, 'Widen the bounds.');
}

function refused(code: string, name: string, message: string, remedy: string): InputError {
  const problem: Problem = problemOf('error', code, name, message, remedy);
  return new InputError([problem]);
}

/** Of fast-check, over a run. */
export const arbitraries: {
  readonly outage: typeof outage;
  readonly whatIf: typeof whatIf;
  readonly scenario: typeof scenario;
  readonly space: typeof space;
  readonly disks: typeof disks;
} = { outage, whatIf, scenario, space, disks };
