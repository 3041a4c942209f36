import type { Correlation, Distribution, Point, Space, Value } from './space.ts';

/** The value below which the share of a distribution lies; share in (0, 1). */
export function quantileOf(distribution: Distribution, share: number): number {
  switch (distribution.kind) {
    case 'uniform':
      return distribution.from + share * (distribution.to - distribution.from);
    case 'normal':
      return distribution.mean + distribution.deviation * normalQuantile(share);
    case 'lognormal':
      return distribution.median * Math.exp(distribution.logDeviation * normalQuantile(share));
    case 'triangular': {
      const { from, mode, to } = distribution;
      const split = (mode - from) / (to - from);
      return share < split
        ? from + Math.sqrt(share * (to - from) * (mode - from))
        : to - Math.sqrt((1 - share) * (to - from) * (to - mode));
    }
    default:
      return distribution satisfies never;
  }
}

/**
 * Draws a value for each dimension: of its distribution, or any level where it has none; correlated through normal variables (Gaussian copula).
 * A value outside what the variable allows becomes the nearest that it does.
 *
 * @param random numbers in [0, 1)
 */
export function drawPoint(space: Space, random: () => number): Point {
  const { dimensions, correlations } = space;
  const root = correlations.length === 0 ? undefined : choleskyOf(dimensions.length, correlations);
  const independent = dimensions.map(() => normalQuantile(inside(random())));
  return dimensions.map(({ distribution, levels }, d): Value => {
    const normal =
      root === undefined ? independent[d]! : root[d]!.reduce((sum, factor, e) => sum + factor * independent[e]!, 0);
    const share = inside(normalShare(normal));
    if (distribution === undefined) return levels[Math.min(levels.length - 1, Math.floor(share * levels.length))]!;
    const ends = [levels[0], levels.at(-1)] as [number, number];
    return Math.min(Math.max(...ends), Math.max(Math.min(...ends), quantileOf(distribution, share)));
  });
}

/** Within (0, 1). */
function inside(share: number): number {
  return Math.min(1 - 1e-12, Math.max(1e-12, share));
}

/** Lower triangle whose product with its transpose is the matrix of the correlations; `undefined` where that is not positive definite. */
export function choleskyOf(size: number, correlations: readonly Correlation[]): number[][] | undefined {
  const matrix = Array.from({ length: size }, (_, row) =>
    Array.from({ length: size }, (__, column): number => (row === column ? 1 : 0)),
  );
  for (const { between, coefficient } of correlations) {
    const [a, b] = between;
    matrix[a]![b] = coefficient;
    matrix[b]![a] = coefficient;
  }
  const root = matrix.map((row) => row.map(() => 0));
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let rest = matrix[row]![column]!;
      for (let k = 0; k < column; k++) rest -= root[row]![k]! * root[column]![k]!;
      if (row !== column) root[row]![column] = rest / root[column]![column]!;
      else if (rest <= 1e-12) return undefined;
      else root[row]![row] = Math.sqrt(rest);
    }
  }
  return root;
}

/** Share of a normal variable below a value, by Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17: errs by less than 7.5e-8. */
export function normalShare(value: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(value));
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const above = (series * Math.exp((-value * value) / 2)) / Math.sqrt(2 * Math.PI);
  return value >= 0 ? 1 - above : above;
}

/** Quantile of the normal distribution by bisection of {@link normalShare}: slow beside a formula, and its exact inverse. */
export function normalQuantile(share: number): number {
  let low = -9;
  let high = 9;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (normalShare(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
