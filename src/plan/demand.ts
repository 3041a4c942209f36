import { type Demand, type LimitValue, RULE_UNITS, type RuleUnit } from '../model/rules.ts';

/**
 * What is known of a field: a number between two bounds (in base units: bytes, bytes per second, bytes per day, operations per second), yes or
 * no, a word; `undefined` where nothing is.
 */
export type Found = Span | boolean | string | undefined;

/** The value lies between them, both included; `most` may be Infinity where a part of a sum is not known. */
export interface Span {
  readonly least: number;
  readonly most: number;
}

export type Answer = 'yes' | 'no' | 'unknown';

export function exactly(value: number): Span {
  return { least: value, most: value };
}

/** Whether a demand is met, whatever the value may be within what is known: 'unknown' where that decides. */
export function isMet({ comparison, limit, unit }: Demand, found: Found): Answer {
  if (found === undefined) return 'unknown';
  if (typeof found !== 'object') {
    const isIn = typeof limit === 'object' ? limit.some((word) => sameWord(word, found)) : sameWord(limit, found);
    return isIn ? 'yes' : 'no';
  }
  if (typeof limit !== 'number') return 'unknown';
  const bound = limit * factorOf(unit);
  const { least, most } = found;
  switch (comparison) {
    case 'at-most':
      return decided(most <= bound, least > bound);
    case 'less-than':
      return decided(most < bound, least >= bound);
    case 'at-least':
      return decided(least >= bound, most < bound);
    default:
      return decided(least === bound && most === bound, bound < least || bound > most);
  }
}

function decided(isSure: boolean, isExcluded: boolean): Answer {
  if (isSure) return 'yes';
  return isExcluded ? 'no' : 'unknown';
}

function sameWord(limit: LimitValue, found: boolean | string): boolean {
  return typeof limit === 'string' && typeof found === 'string'
    ? limit.toLowerCase() === found.toLowerCase()
    : limit === found;
}

function factorOf(unit: RuleUnit): number {
  return Object.hasOwn(RULE_UNITS, unit) ? RULE_UNITS[unit]!.factor : 1;
}

/** What is known, in the unit of the limit: the number or, of a span, the bound that decides; `null` where none is. */
export function shownIn({ comparison, unit }: Demand, found: Found): number | boolean | string | null {
  if (found === undefined) return null;
  if (typeof found !== 'object') return found;
  const value = comparison === 'at-least' ? found.most : found.least;
  return Number.isFinite(value) ? value / factorOf(unit) : null;
}
