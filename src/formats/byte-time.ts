import { DAY_MS, HOUR_MS, MINUTE_MS, type Millis, SECOND_MS } from '../units.ts';
import { BLANK } from './byte-lines.ts';

const PLUS = 43;
const COMMA = 44;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const COLON = 58;
const CAPITAL_T = 84;
const CAPITAL_Z = 90;

const MIN_YEAR = 1970;
const MAX_YEAR = 2199;
const MONTH_DAYS: Uint8Array = Uint8Array.of(0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31);

/** Days from 1970-01-01 of a date of the years 1970 to 2199; -1 where there is no such date. */
export function epochDay(year: number, month: number, day: number): number {
  if (year < MIN_YEAR || year > MAX_YEAR || month < 1 || month > 12 || day < 1) return -1;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (day > MONTH_DAYS[month]! + (month === 2 && isLeap ? 1 : 0)) return -1;
  // Years that begin in March have their leap day at the end; 719,468 days lie between 0000-03-01 and 1970-01-01.
  const marchYear = month > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leapDays + dayOfYear - 719_468;
}

/** Two digits as a number; -1 where they are none. */
export function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - ZERO;
  const ones = bytes[at + 1]! - ZERO;
  return tens >>> 0 <= 9 && ones >>> 0 <= 9 ? tens * 10 + ones : -1;
}

/** The milliseconds of `.123456`, rounded down, 1 to 9 digits; `end` is where they end, -1 where there are none. */
export class FractionReader {
  fractionMs: Millis = 0;

  read(bytes: Uint8Array, point: number): number {
    let at = point + 1;
    let value = 0;
    for (; at - point <= 10 && (bytes[at]! - ZERO) >>> 0 <= 9; at++) {
      if (at - point <= 3) value = value * 10 + bytes[at]! - ZERO;
    }
    const count = at - point - 1;
    this.fractionMs = count === 1 ? value * 100 : count === 2 ? value * 10 : value;
    return count >= 1 && count <= 9 ? at : -1;
  }
}

/** A decimal sign before a fraction of seconds. */
export function isFractionSign(byte: number | undefined): boolean {
  return byte === POINT || byte === COMMA;
}

/**
 * Times as `2026-01-05T08:00[:00[.123]][Z|+01:00]`, with `T` or a blank, of the years 1970 to 2199. Other forms of ISO
 * 8601 are left to a careful reader.
 */
export class IsoTimeReader {
  /** As if it had been written in UTC: milliseconds since 1970-01-01T00:00. */
  wallMs: Millis = 0;
  /** NaN: local in a zone that the text does not name. */
  offsetMs: Millis = Number.NaN;
  private readonly fraction = new FractionReader();
  private dateKey = 0;
  private dateMs: Millis = 0;

  /** @returns where the time ends, or -1 where none of that form begins at `at` */
  read(bytes: Uint8Array, at: number): number {
    if (!this.readDate(bytes, at)) return -1;
    const between = bytes[at + 10];
    const hour = twoDigits(bytes, at + 11);
    const minute = twoDigits(bytes, at + 14);
    if ((between !== CAPITAL_T && between !== BLANK) || bytes[at + 13] !== COLON) return -1;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return -1;
    this.wallMs = this.dateMs + hour * HOUR_MS + minute * MINUTE_MS;
    return bytes[at + 16] === COLON ? this.readSeconds(bytes, at + 17) : this.readOffset(bytes, at + 16);
  }

  private readDate(bytes: Uint8Array, at: number): boolean {
    const century = twoDigits(bytes, at);
    const yearOfCentury = twoDigits(bytes, at + 2);
    const month = twoDigits(bytes, at + 5);
    const day = twoDigits(bytes, at + 8);
    if (century < 0 || yearOfCentury < 0 || month < 0 || day < 0) return false;
    if (bytes[at + 4] !== MINUS || bytes[at + 7] !== MINUS) return false;
    const key = ((century * 100 + yearOfCentury) * 100 + month) * 100 + day;
    if (key === this.dateKey) return true;
    const days = epochDay(century * 100 + yearOfCentury, month, day);
    if (days < 0) return false;
    this.dateKey = key;
    this.dateMs = days * DAY_MS;
    return true;
  }

  private readSeconds(bytes: Uint8Array, at: number): number {
    const second = twoDigits(bytes, at);
    if (second < 0 || second > 59) return -1;
    this.wallMs += second * SECOND_MS;
    if (bytes[at + 2] !== POINT) return this.readOffset(bytes, at + 2);
    const end = this.fraction.read(bytes, at + 2);
    if (end < 0) return -1;
    this.wallMs += this.fraction.fractionMs;
    return this.readOffset(bytes, end);
  }

  private readOffset(bytes: Uint8Array, at: number): number {
    const sign = bytes[at];
    if (sign === CAPITAL_Z) {
      this.offsetMs = 0;
      return at + 1;
    }
    if (sign !== PLUS && sign !== MINUS) {
      this.offsetMs = Number.NaN;
      return at;
    }
    const hours = twoDigits(bytes, at + 1);
    const minutes = twoDigits(bytes, at + 4);
    if (hours < 0 || minutes < 0 || minutes > 59 || bytes[at + 3] !== COLON || hours * 60 + minutes > 18 * 60)
      return -1;
    this.offsetMs = (sign === MINUS ? -1 : 1) * (hours * HOUR_MS + minutes * MINUTE_MS) + 0;
    return at + 6;
  }
}
