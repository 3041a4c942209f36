import { civilDate, epochDay } from '../model/clock.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../units.ts';
import { parseIsoTime, type WrittenTime } from './iso-time.ts';

const YEAR_LAST =
  /^(\d{1,2})([./-])(\d{1,2})\2(\d{4}),? (\d{1,2})[:.](\d\d)(?:[:.](\d\d)(?:[.,]\d{1,9})?)?(?: ?([AP])\.?M\.?)?$/i;
const YEAR_FIRST = /^(\d{4})([./-])(\d{1,2})\2(\d{1,2}) (\d{1,2}):(\d\d)(?::(\d\d))?$/;

/** A time in a file that PowerShell wrote: ISO 8601, a CIM datetime, or in the user's culture; `undefined` where it is none for certain. */
export function powerShellTime(text: string): WrittenTime | undefined {
  return parseIsoTime(text) ?? cimTime(text) ?? cultureTime(text);
}

/**
 * A local time as PowerShell writes it in the user's culture: `11/23/2026 2:11:41 PM`, `23.11.2026 14:11:41`, `2026/11/23 14:11:41`.
 * With slashes or dashes, and the year behind, only where a number above 12 or AM and PM tell day from month; else, and where
 * the text is no time of the years 1970 to 2199, `undefined`.
 */
export function cultureTime(text: string): WrittenTime | undefined {
  if (text.length > 40) return undefined;
  const yearFirst = YEAR_FIRST.exec(text);
  if (yearFirst !== null) {
    const [, year, , month, day, hour, minute, second] = yearFirst;
    return wallTime([year, month, day].map(Number), Number(hour), Number(minute), Number(second ?? 0));
  }
  const match = YEAR_LAST.exec(text);
  if (match === null) return undefined;
  const [first, second, year] = [Number(match[1]), Number(match[3]), Number(match[4])];
  const isDayFirst = match[2] === '.' || first > 12;
  const half = match[8]?.toUpperCase();
  if (!isDayFirst && second <= 12 && half === undefined) return undefined;
  const [day, month] = isDayFirst ? [first, second] : [second, first];
  const writtenHour = Number(match[5]);
  if (half !== undefined && (writtenHour < 1 || writtenHour > 12)) return undefined;
  const hour = half === undefined ? writtenHour : (writtenHour % 12) + (half === 'P' ? 12 : 0);
  return wallTime([year, month, day], hour, Number(match[6]), Number(match[7] ?? 0));
}

function wallTime(
  [year = 0, month = 0, day = 0]: readonly number[],
  hour: number,
  minute: number,
  second: number,
): WrittenTime | undefined {
  if (year < 1970 || year > 2199 || month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59)
    return undefined;
  const days = epochDay(year, month, day);
  if (day < 1 || day > 31 || civilDate(days).month !== month) return undefined;
  return { wallMs: days * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS, offsetMs: undefined };
}

/** `20261123091500.000000-300`: a CIM datetime with its offset in minutes (DMTF DSP0004, datetime), as Get-WmiObject leaves it. */
function cimTime(text: string): WrittenTime | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\.(\d{6})([+-]\d{3})$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, offset] = match;
  const wall = parseIsoTime(`${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction}`);
  return wall === undefined ? undefined : { wallMs: wall.wallMs, offsetMs: Number(offset) * MINUTE_MS };
}
