import type { Assumption } from '../model/assumption.ts';
import type { RunClock } from '../model/clock.ts';
import type { BitsPerSec, Bytes, Millis } from '../units.ts';
import type { Judgement, QuantityDimension } from './promises/promise.ts';
import type { Value, ValueUnit } from './space/space.ts';

/**
 * What a study found, as it is written with `--json`. Plain data, no value is missing but where `null` is said. Values of scenarios are in
 * the units of {@link StudyDimension.unit}, and stand under the dimensions' names.
 */
export interface Study {
  readonly schema: 'asr-plan/study@1';
  readonly version: string;
  /** Of the result of the base case, as in the plan. */
  readonly runHash: string;
  readonly clock: RunClock;
  readonly horizonMs: Millis;
  readonly vmCount: number;
  readonly linkBitsPerSec: BitsPerSec;
  readonly promises: readonly StudyPromise[];
  readonly dimensions: readonly StudyDimension[];
  /** What is not as in the base case in any scenario, a phrase each. */
  readonly fixed: readonly string[];
  /** Combinations of levels; `null` where there are more than 2^53. */
  readonly scenarioCount: number | null;
  readonly scenariosRun: number;
  /** Most that were to be run (--scenarios). */
  readonly scenariosMost: number;
  /** No scenario that was run breaks a promise. */
  readonly holds: boolean;
  /** Every scenario of the space was run at the stated resolution. */
  readonly exact: boolean;
  readonly method: StudyMethod;
  /** One sentence: how far the answer can be relied on. */
  readonly methodText: string;
  /** The base case: today’s plan. */
  readonly base: StudyCase;
  /** The smallest that breaks a promise; `null` where none was found. */
  readonly counterexample: StudyCounterexample | null;
  /** The largest region shown safe; `null` where even its mildest corner breaks. */
  readonly safe: SafeRegion | null;
  /** How fine each dimension was looked at, by its name: `1 min`, `3 values`. */
  readonly resolution: Readonly<Record<string, string>>;
  readonly monotonicity: Monotonicity;
  /** Each severity by itself, everything else as in the base case, at every shape. */
  readonly alone: readonly Alone[];
  readonly frontiers: readonly Frontier[];
  readonly tornado: readonly TornadoBar[];
  readonly monteCarlo: MonteCarlo | null;
  /** The base case and the counterexample beside each other over time; `null` without a counterexample. */
  readonly timeline: StudyTimeline | null;
  readonly assumptions: readonly Assumption[];
}

/** `whole`: every scenario; `bisection`: every shape, severity bisected; `sampled`: shapes drawn from the seed, then shrunk. */
export type StudyMethod = 'whole' | 'bisection' | 'sampled';

export interface StudyPromise {
  /** As it was given. */
  readonly text: string;
  /** Of the values and limits of its judgements; `truth` where it has several parts, and so no value. */
  readonly unit: QuantityDimension;
}

export interface StudyDimension {
  /** As it is written: `outage.length`, `churn`, `vms['SQL*'].churn`. */
  readonly name: string;
  readonly role: 'severity' | 'shape';
  readonly unit: ValueUnit;
  /** `x` multiplies what the base case has, `in` replaces it. */
  readonly relation: 'in' | 'x';
  readonly levelCount: number;
  /** First and last level: mildest and worst of a severity. */
  readonly first: Value;
  readonly last: Value;
  readonly base: Value;
}

export interface StudyCase {
  /** In the order of the promises. */
  readonly judgements: readonly Judgement[];
  readonly holds: boolean;
}

export interface StudyCounterexample {
  readonly values: Readonly<Record<string, Value>>;
  /** `outage.length = 2 h 2 min, outage.start = Tue 2026-01-06 11:00`. */
  readonly text: string;
  /** What the promises came to in it, in their order. */
  readonly planValue: readonly Judgement[];
  /** Sum over the severities of the share of the way from the base case to the worst level, 0 to their number. */
  readonly size: number;
  /** A command that makes the plan of this scenario. */
  readonly replay: string;
}

export interface SafeRegion {
  /** From and to of each severity, both included; every level of each shape. */
  readonly values: Readonly<Record<string, { readonly from: Value; readonly to: Value }>>;
  /** Shapes at which its worst corner was run, of all. */
  readonly shapesRun: number;
  /** `any outage.length up to 2 h 1 min is safe at every outage.start`. */
  readonly text: string;
  /** Every scenario in it was run; else its worst corner at every shape, and those that checked that milder ones are no worse. */
  readonly wholeRun: boolean;
}

export interface Monotonicity {
  /** Pairs of scenarios of which one is milder in every severity, the same in shape, that were compared. */
  readonly pairsCompared: number;
  /** Where the milder one breaks and the worse one holds; at most 10. */
  readonly violations: readonly { readonly milder: string; readonly worse: string }[];
  readonly violationCount: number;
}

/** How far one severity can go by itself. */
export interface Alone {
  readonly dimension: string;
  /** `null` where even the base case breaks. */
  readonly largestSafe: Value | null;
  /** `null` where even the worst level holds. */
  readonly smallestBreaking: Value | null;
}

/** For each level of `along`, where `severity` begins to break, everything else as `elsewhere` says. */
export interface Frontier {
  readonly along: string;
  readonly severity: string;
  readonly points: readonly FrontierPoint[];
  readonly elsewhere: string;
}

export interface FrontierPoint {
  readonly at: Value;
  /** `null` where even the mildest level breaks. */
  readonly largestSafe: Value | null;
  /** `null` where even the worst level holds. */
  readonly smallestBreaking: Value | null;
}

/** One dimension alone, the others as in the base case; longest first. */
export interface TornadoBar {
  readonly dimension: string;
  readonly promise: number;
  readonly low: { readonly at: Value; readonly value: number | null; readonly holds: boolean };
  readonly high: { readonly at: Value; readonly value: number | null; readonly holds: boolean };
  readonly baseValue: number | null;
  readonly limit: number | null;
}

export interface MonteCarlo {
  readonly draws: number;
  readonly seed: number;
  /** For each alternative (one where nothing is compared) the share of the draws in which every promise holds, the same draws for all. */
  readonly alternatives: readonly {
    readonly name: string;
    readonly held: number;
    readonly share: number;
    /** Wilson’s interval at 95 %. */
    readonly from: number;
    readonly to: number;
  }[];
  /** First promise’s value over the draws of the first alternative: at or below it lie so many of the draws. `null` = it has no value in them. */
  readonly quantiles: readonly { readonly share: number; readonly value: number | null }[];
  /** The interval is as narrow as was asked for. */
  readonly settled: boolean;
}

/** Buckets of equal width from the start of the run; the last may be shorter. */
export interface StudyTimeline {
  /** Of ages and logs. */
  readonly bucketMs: Millis;
  /** Largest age of a recovery point in the bucket, of the VMs with the worst ages; `null` while none of them is protected. */
  readonly baseAgeMs: readonly (Millis | null)[];
  readonly brokenAgeMs: readonly (Millis | null)[];
  /** Open and in-flight logs on all volumes together: each volume’s largest sum in the bucket, added up. */
  readonly baseLogBytes: readonly Bytes[];
  readonly brokenLogBytes: readonly Bytes[];
  readonly sentBucketMs: Millis;
  /** Bytes on the wire of the site’s link in the bucket. */
  readonly baseSentBytes: readonly Bytes[];
  readonly brokenSentBytes: readonly Bytes[];
}
