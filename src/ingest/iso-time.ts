import { civilDate, epochDay } from '../model/clock.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type Millis, SECOND_MS } from '../units.ts';

/** A wall-clock time as it was written. */
export interface WrittenTime {
  /** As if it had been written in UTC: milliseconds since 1970-01-01T00:00. */
  readonly wallMs: Millis;
  /** `undefined`: local in a zone that the text does not name. */
  readonly offsetMs: Millis | undefined;
}

const PATTERN =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;

/**
 * ISO 8601 of the years 1970 to 2199, with `T` or a blank, seconds and their fraction optional, a date alone being its
 * midnight. Rounds down to milliseconds. `undefined` where the text is anything else, 30 February included.
 */
export function parseIsoTime(text: string): WrittenTime | undefined {
  const match = text.length > 40 ? null : PATTERN.exec(text);
  if (match === null) return undefined;
  const year = Number(match[1]);
  const month = Number(match[2]);
  const day = Number(match[3]);
  const hour = Number(match[4] ?? 0);
  const minute = Number(match[5] ?? 0);
  const second = Number(match[6] ?? 0);
  if (year < 1970 || year > 2199 || month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59)
    return undefined;
  const days = epochDay(year, month, day);
  if (day < 1 || (day > 28 && civilDate(days).month !== month)) return undefined;
  const fractionMs = match[7] === undefined ? 0 : Number(match[7].slice(0, 3).padEnd(3, '0'));
  const offsetMs = match[8] === undefined ? undefined : parseOffset(match[8]);
  if (match[8] !== undefined && offsetMs === undefined) return undefined;
  return { wallMs: days * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS + fractionMs, offsetMs };
}

/** `Z`, `+02`, `+0200`, `+02:00` to milliseconds, at most 18 hours; `undefined` where the text is no offset. */
export function parseOffset(text: string): Millis | undefined {
  if (/^z$/i.test(text)) return 0;
  const match = /^([+-])(\d\d)(?::?(\d\d))?$/.exec(text);
  if (match === null) return undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  if (minutes > 18 * 60 || Number(match[3] ?? 0) > 59) return undefined;
  return (match[1] === '-' ? -minutes : minutes) * MINUTE_MS + 0;
}

/** `+02:00` of an offset in whole minutes. */
export function formatOffset(offsetMs: Millis): string {
  const minutes = Math.abs(offsetMs) / MINUTE_MS;
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${offsetMs < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
