import type { Expression, QuantityDimension } from './promise.ts';

/** An expression and what it measures. */
export interface Typed {
  readonly expression: Expression;
  readonly dimension: QuantityDimension;
}

export const DIMENSION_NAMES: Readonly<Record<QuantityDimension, string>> = {
  ms: 'a duration',
  B: 'bytes',
  'bit/s': 'a rate in bit/s',
  'B/s': 'a rate in bytes/s',
  number: 'a number without a unit',
  truth: 'a condition',
};

/** Both sides in the same unit; `undefined` where they measure different things. Bytes/s become bit/s beside bit/s. */
export function unified(left: Typed, right: Typed): readonly [Typed, Typed] | undefined {
  if (left.dimension === right.dimension) return [left, right];
  if (left.dimension === 'B/s' && right.dimension === 'bit/s') return [inBits(left), right];
  if (left.dimension === 'bit/s' && right.dimension === 'B/s') return [left, inBits(right)];
  return undefined;
}

/** The result of an operator; `undefined` where the two cannot be joined by it. */
export function joined(operator: '+' | '-' | '*' | '/', left: Typed, right: Typed): Typed | undefined {
  if (left.dimension === 'truth' || right.dimension === 'truth') return undefined;
  const of = (dimension: QuantityDimension, parts: readonly [Typed, Typed], factor = 1): Typed =>
    scaled(
      { expression: { kind: 'arithmetic', operator, parts: parts.map(({ expression }) => expression) }, dimension },
      factor,
    );
  const same = unified(left, right);
  if (operator === '+' || operator === '-') return same && of(same[0].dimension, same);
  const pair: readonly [Typed, Typed] = [left, right];
  if (right.dimension === 'number') return of(left.dimension, pair);
  if (operator === '*') {
    if (left.dimension === 'number') return of(right.dimension, pair);
    const dimensions = [left.dimension, right.dimension];
    if (!dimensions.includes('ms')) return undefined;
    if (dimensions.includes('B/s')) return of('B', pair, 1 / 1000);
    return dimensions.includes('bit/s') ? of('B', pair, 1 / 8000) : undefined;
  }
  if (same !== undefined) return of('number', same);
  if (left.dimension !== 'B') return undefined;
  if (right.dimension === 'ms') return of('B/s', pair, 1000);
  return right.dimension === 'B/s'
    ? of('ms', pair, 1000)
    : right.dimension === 'bit/s'
      ? of('ms', pair, 8000)
      : undefined;
}

export function quantity(value: number, dimension: QuantityDimension): Typed {
  return { expression: { kind: 'quantity', value, dimension }, dimension };
}

function inBits(rate: Typed): Typed {
  return { ...scaled(rate, 8), dimension: 'bit/s' };
}

function scaled({ expression, dimension }: Typed, factor: number): Typed {
  if (factor === 1) return { expression, dimension };
  const parts = [expression, quantity(factor, 'number').expression];
  return { expression: { kind: 'arithmetic', operator: '*', parts }, dimension };
}
