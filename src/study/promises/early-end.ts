import type { Millis } from '../../units.ts';
import type { Expression, Requirement } from './promise.ts';

/** A largest age within the last bits of a limit is within it: results forgive those too. */
const LAST_BITS_MS = 1e-5;

/**
 * The age of a recovery point above which one of the promises is broken whatever else comes, so that the simulation can stop there:
 * `rpo.max <= 15 min` alone, joined by `and`, or as `vms.max(rpo.max)`. Infinity where no promise is of that kind.
 */
export function brokenAboveAgeMs(requirements: readonly Requirement[]): Millis {
  const limits = requirements.flatMap(({ expression }) => largestAges(expression));
  return limits.reduce((least, limit) => Math.min(least, Math.ceil(limit) + LAST_BITS_MS), Number.POSITIVE_INFINITY);
}

function largestAges(expression: Expression): Millis[] {
  if (expression.kind === 'logic' && expression.operator === 'and') return expression.parts.flatMap(largestAges);
  if (expression.kind !== 'comparison') return [];
  const { operator, left, right } = expression;
  if (operator === '<=' || operator === '<')
    return isLargestAge(left) && right.kind === 'quantity' ? [right.value] : [];
  if (operator === '>=' || operator === '>') return isLargestAge(right) && left.kind === 'quantity' ? [left.value] : [];
  return [];
}

function isLargestAge(expression: Expression): boolean {
  if (expression.kind === 'over') {
    const { scope, like, by, inner } = expression;
    return scope === 'vms' && like === undefined && by === 'max' && inner.kind === 'figure' && inner.name === 'rpo.max';
  }
  return (
    expression.kind === 'figure' &&
    expression.name === 'rpo.max' &&
    expression.of === undefined &&
    expression.each === undefined
  );
}
