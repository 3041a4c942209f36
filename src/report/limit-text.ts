import type { FailedLimit, RuleSet } from '../plan/plan.ts';

type Value = FailedLimit['value'] | FailedLimit['limit'];
type Comparison = RuleSet['limits'][number]['comparison'];

/**
 * `4,095 GiB`, `yes`, `VHD or VHDX`: a value or a limit with its unit.
 *
 * @param beside a value beyond a limit by less than what is shown is written out, so that it does not look like the limit
 */
export function valueText(value: Value, unit: string, beside: Value = null): string {
  if (value === null) return 'not known';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  if (typeof value === 'object') return value.join(' or ');
  const rounded = value.toLocaleString('en-US', { maximumFractionDigits: 2 });
  const isLike = typeof beside === 'number' && value !== beside && valueText(beside, unit) === withUnit(rounded, unit);
  return withUnit(isLike ? String(value) : rounded, unit);
}

function withUnit(text: string, unit: string): string {
  return unit === 'count' ? text : `${text}\u00A0${unit}`;
}

const BEFORE: Readonly<Record<Comparison, string>> = {
  'at-most': 'at most ',
  'less-than': 'less than ',
  'at-least': 'at least ',
  equals: '',
  'one-of': '',
};

/** `at most 4,095 GiB`. */
export function limitText({
  limit,
  unit,
  comparison,
}: {
  readonly limit: FailedLimit['limit'];
  readonly unit: string;
  readonly comparison: Comparison;
}): string {
  return `${BEFORE[comparison]}${valueText(limit, unit)}`;
}
