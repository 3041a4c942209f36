import { type Problem, shownValue } from '../model/problem.ts';
import { type BitsPerSec, type Millis, parseBitsPerSec, parseDecimal, parseDurationMs } from '../units.ts';

const RATE_LEAST: BitsPerSec = 1000;
const RATE_MOST: BitsPerSec = 100e12;

/** Reads flags one by one and collects what is wrong with them. */
export class FlagReader {
  readonly problems: Problem[] = [];

  /** The flag's value, its default where it was not given, and a problem (and the default) where it cannot be read. */
  read<T>(
    flag: string,
    text: string | undefined,
    parse: (text: string) => T | undefined,
    expected: string,
    example: string,
    fallback: T,
  ): T {
    if (text === undefined) return fallback;
    const value = parse(text);
    if (value !== undefined) return value;
    const quoted = example.includes(' ') ? `'${example}'` : example;
    this.refuse(flag, text, `${flag} must be ${expected}`, `Write for example ${flag} ${quoted}.`);
    return fallback;
  }

  refuse(flag: string, value: string | undefined, message: string, remedy: string): void {
    this.report('error', flag, value, message, remedy);
  }

  report(
    severity: Problem['severity'],
    flag: string,
    value: string | undefined,
    message: string,
    remedy: string,
  ): void {
    this.problems.push({
      severity,
      code: 'flag-value',
      file: flag,
      ...(value === undefined ? {} : { value: shownValue(value) }),
      message,
      remedy,
    });
  }
}

export function durationWithin(leastMs: Millis, mostMs: Millis): (text: string) => Millis | undefined {
  return (text) => within(parseDurationMs(text), leastMs, mostMs);
}

export function decimalWithin(least: number, most: number): (text: string) => number | undefined {
  return (text) => within(parseDecimal(text), least, most);
}

export function wholeWithin(least: number, most: number): (text: string) => number | undefined {
  return (text) => (/^\d{1,10}$/.test(text.trim()) ? within(Number(text), least, most) : undefined);
}

/** `30%`, `30 %`; a bare number could be a share or a percentage, and is refused. */
export function percentageWithin(least: number, most: number): (text: string) => number | undefined {
  return (text) => {
    const match = /^(.*\S)\s*%$/.exec(text.trim());
    return match === null ? undefined : within(parseDecimal(match[1]!), least, most);
  };
}

/** `3%/day` as the share per day; a percentage without a time could be of a week. */
export function dailyShare(text: string): number | undefined {
  const percent = /^(.*%)\s*(?:\/|per)\s*d(?:ay)?$/i.exec(text.trim())?.[1];
  const value = percent === undefined ? undefined : percentageWithin(0, 10_000)(percent);
  return value === undefined ? undefined : value / 100;
}

export function rate(text: string): BitsPerSec | undefined {
  return within(parseBitsPerSec(text), RATE_LEAST, RATE_MOST);
}

function within(value: number | undefined, least: number, most: number): number | undefined {
  return value !== undefined && value >= least && value <= most ? value : undefined;
}
