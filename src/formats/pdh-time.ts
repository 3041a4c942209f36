import { DAY_MS, HOUR_MS, MINUTE_MS, type Millis, SECOND_MS } from '../units.ts';
import { BLANK, QUOTE } from './byte-lines.ts';
import { epochDay, FractionReader, isFractionSign, twoDigits } from './byte-time.ts';

const MINUS = 45;
const POINT = 46;
const SLASH = 47;
const ZERO = 48;
const COLON = 58;

/** The order of month, day and year in dates. */
export type DateOrder = 'mdy' | 'dmy' | 'ymd';

/**
 * Reads `MM/DD/YYYY HH:MM:SS.mmm`, the form of Windows whatever its locale, and what other programs make of it:
 * `DD/MM/YYYY`, `DD.MM.YYYY`, `YYYY-MM-DD`, `YYYY/MM/DD`; no seconds, no fraction, one digit for month, day or hour.
 *
 * Points and years in front tell their order. With slashes the first time decides where one number is above 12;
 * else it is the month first, unproved, until a later time has a number above 12.
 */
export class PdhTimeReader {
  order: DateOrder | undefined;
  /** Whether the text itself told the order, not the habit of Windows. */
  isProved = false;
  /** A time was not read because it needs another order than those before it that proved nothing. */
  isContradicted = false;
  /** As if it had been written in UTC: milliseconds since 1970-01-01T00:00. */
  wallMs: Millis = 0;
  private readonly isGiven: boolean;
  private readonly fraction = new FractionReader();
  private readonly parts = new Int32Array(3);

  /** @param order what the caller knows of dates with slashes */
  constructor(order: DateOrder | undefined) {
    this.order = order;
    this.isGiven = order !== undefined;
  }

  /** Reads the cell at `at`, in quotes or not; returns what is behind it, -1 where it holds no time. */
  read(bytes: Uint8Array, at: number): number {
    const isQuoted = bytes[at] === QUOTE;
    const start = isQuoted ? at + 1 : at;
    const dateEnd = this.readParts(bytes, start);
    if (dateEnd < 0 || bytes[dateEnd] !== BLANK) return -1;
    const end = this.readClock(bytes, dateEnd + 1);
    if (end < 0 || (isQuoted && bytes[end] !== QUOTE)) return -1;
    const days = this.readDate(bytes[start + digits(bytes, start)]!, digits(bytes, start) === 4);
    if (days < 0) return -1;
    this.wallMs += days * DAY_MS;
    return isQuoted ? end + 1 : end;
  }

  /** The three numbers of the date. */
  private readParts(bytes: Uint8Array, from: number): number {
    let at = from;
    for (let part = 0; part < 3; part++) {
      const count = digits(bytes, at);
      const isYear = count === 4 && (part === 0 || part === 2);
      if (!isYear && (count < 1 || count > 2)) return -1;
      let value = 0;
      for (const end = at + count; at < end; at++) value = value * 10 + bytes[at]! - ZERO;
      this.parts[part] = value;
      if (part < 2 && bytes[at] !== bytes[from + digits(bytes, from)]) return -1;
      if (part < 2) at++;
    }
    return at;
  }

  private readDate(separator: number, isYearFirst: boolean): number {
    const first = this.parts[0]!;
    const second = this.parts[1]!;
    const third = this.parts[2]!;
    if (isYearFirst) return separator === MINUS || separator === SLASH ? this.dateIn('ymd', first, second, third) : -1;
    if (separator === POINT) return this.dateIn('dmy', third, second, first);
    return separator === SLASH ? this.slashedDate(first, second, third) : -1;
  }

  /** A date whose form tells its order. */
  private dateIn(order: DateOrder, year: number, month: number, day: number): number {
    const days = epochDay(year, month, day);
    if (days < 0 || (this.order !== undefined && this.order !== order)) return -1;
    this.order = order;
    this.isProved = true;
    return days;
  }

  private slashedDate(first: number, second: number, year: number): number {
    const monthFirst = epochDay(year, first, second);
    const dayFirst = epochDay(year, second, first);
    this.order ??= monthFirst < 0 && dayFirst >= 0 ? 'dmy' : 'mdy';
    if (this.order === 'ymd') return -1;
    const days = this.order === 'mdy' ? monthFirst : dayFirst;
    const other = this.order === 'mdy' ? dayFirst : monthFirst;
    if (days >= 0) this.isProved ||= other < 0;
    else if (other >= 0 && !this.isProved && !this.isGiven) this.isContradicted = true;
    return days;
  }

  /** `HH:MM[:SS[.mmm]]` into `wallMs`. */
  private readClock(bytes: Uint8Array, from: number): number {
    const count = digits(bytes, from);
    const hour = count === 1 ? bytes[from]! - ZERO : twoDigits(bytes, from);
    const minute = twoDigits(bytes, from + count + 1);
    if (count > 2 || hour < 0 || hour > 23 || bytes[from + count] !== COLON || minute < 0 || minute > 59) return -1;
    this.wallMs = hour * HOUR_MS + minute * MINUTE_MS;
    const at = from + count + 3;
    if (bytes[at] !== COLON) return at;
    const second = twoDigits(bytes, at + 1);
    if (second < 0 || second > 59) return -1;
    this.wallMs += second * SECOND_MS;
    if (!isFractionSign(bytes[at + 3]) || digits(bytes, at + 4) === 0) return at + 3;
    const end = this.fraction.read(bytes, at + 3);
    this.wallMs += this.fraction.fractionMs;
    return end;
  }
}

/** How many digits stand at `at`, up to 5. */
function digits(bytes: Uint8Array, at: number): number {
  let count = 0;
  while (count < 5 && (bytes[at + count]! - ZERO) >>> 0 <= 9) count++;
  return count;
}
