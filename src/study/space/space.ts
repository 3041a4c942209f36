/**
 * Which scenarios there are: every combination of the levels of its dimensions, beside what is the same in all of them. Plain data: it is
 * sent to workers and kept in files.
 */
export interface Space {
  readonly dimensions: readonly Dimension[];
  /** Variables that are not as in the base case, and the same in every scenario. */
  readonly fixed: readonly Setting[];
  /** Between dimensions that are drawn; used by Monte Carlo alone. */
  readonly correlations: readonly Correlation[];
}

/** One thing that varies. */
export interface Dimension {
  readonly variable: Variable;
  /**
   * `severity`: the levels go from the mildest to the worst, and what breaks at one level is expected to break at the worse ones (which the
   * search checks); `shape`: no level is worse than another.
   */
  readonly role: 'severity' | 'shape';
  /** 1 to {@link LEVELS_MOST}, no two equal: the stated resolution. */
  readonly levels: readonly Value[];
  /** The level that the base case has: the last that is no worse than it, else the first. 0 for a shape. */
  readonly baseLevel: number;
  /** How likely its values are; absent = every level as likely as another. */
  readonly distribution?: Distribution;
}

export const LEVELS_MOST = 10_000;

/** What can vary: a quantity of the run, of the whole fleet or of those that `subject` names. */
export interface Variable {
  /** A key of the registry: `outage.length`, `churn`. */
  readonly key: string;
  /** Whom it concerns; absent = all VMs, or the site's link. */
  readonly subject?: Subject;
  /** A `ratio` variable that multiplies what the base case has (`churn x 2`) rather than replacing it. */
  readonly multiplies: boolean;
  readonly unit: ValueUnit;
}

/** VMs by a name or a pattern (`SQL*`); a host, a volume (as results call it) or a further link by its name. */
export interface Subject {
  readonly scope: 'vms' | 'hosts' | 'volumes' | 'links';
  readonly name: string;
}

/** Of a dimension's numbers; `instant`: milliseconds on the run's clock. */
export type ValueUnit = 'ms' | 'instant' | 'bit/s' | 'B' | 'ratio' | 'count';

/** In the variable's unit: milliseconds, bit/s, bytes, a ratio (0.3 = 30 %) or a count. */
export type Value = number;

export interface Setting {
  readonly variable: Variable;
  readonly value: Value;
}

/** A value for each dimension of a space, in their order. */
export type Point = readonly Value[];

export type Distribution =
  | { readonly kind: 'uniform'; readonly from: number; readonly to: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly deviation: number }
  /** Of the median, and of the logarithm's deviation. */
  | { readonly kind: 'lognormal'; readonly median: number; readonly logDeviation: number }
  | { readonly kind: 'triangular'; readonly from: number; readonly mode: number; readonly to: number };

/** Of the normal variables from which two dimensions are drawn (Gaussian copula), −1 to 1. */
export interface Correlation {
  /** Indexes of the dimensions. */
  readonly between: readonly [number, number];
  readonly coefficient: number;
}

/** Combinations of levels; Infinity where they cannot be counted exactly. */
export function pointCount(dimensions: readonly Dimension[]): number {
  const count = dimensions.reduce((product, { levels }) => product * levels.length, 1);
  return count <= Number.MAX_SAFE_INTEGER ? count : Number.POSITIVE_INFINITY;
}
