import { instantOfLocal, type ZoneOffset } from '../model/clock.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type Millis, SECOND_MS } from '../units.ts';
import { formatOffset, parseOffset } from './iso-time.ts';

/** A zone of the calendar: `UTC`, a fixed offset or an IANA name. Instants are milliseconds since 1970-01-01T00:00Z. */
export interface TimeZone {
  /** `UTC`, `+02:00`, `Europe/Berlin`. */
  readonly name: string;
  offsetAt(epochMs: Millis): Millis;
}

export const UTC: TimeZone = { name: 'UTC', offsetAt: () => 0 };

export function fixedZone(offsetMs: Millis): TimeZone {
  return offsetMs === 0 ? UTC : { name: formatOffset(offsetMs), offsetAt: () => offsetMs };
}

/** `undefined` where the text names no zone. */
export function findZone(text: string): TimeZone | undefined {
  const name = text.trim();
  if (/^(utc|z|gmt)$/i.test(name)) return UTC;
  const offsetMs = parseOffset(name);
  if (offsetMs !== undefined) return fixedZone(offsetMs);
  const format = ianaFormat(name);
  if (format === undefined) return undefined;
  return { name: format.resolvedOptions().timeZone, offsetAt: (epochMs) => offsetIn(format, epochMs) };
}

function ianaFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  // An empty name would be the machine's own zone to some engines.
  if (!/^[A-Za-z]/.test(timeZone)) return undefined;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  } catch (error) {
    // Intl says in no other way that it does not know a zone.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Intl writes the offset as `GMT`, `GMT+02:00` or, for local mean times, `GMT-00:01:15`. */
function offsetIn(format: Intl.DateTimeFormat, epochMs: Millis): Millis {
  const text = format.formatToParts(epochMs).find((part) => part.type === 'timeZoneName')?.value ?? '';
  const match = /([+-\u2212])(\d{1,2}):?(\d\d)?(?::(\d\d))?$/.exec(text);
  if (match === null) return 0;
  const sizeMs = Number(match[2]) * HOUR_MS + Number(match[3] ?? 0) * MINUTE_MS + Number(match[4] ?? 0) * SECOND_MS;
  return match[1] === '+' ? sizeMs : -sizeMs;
}

/**
 * The zone's offset at `fromEpochMs` and its changes up to `toEpochMs`, to the minute, as instants since `originEpochMs`.
 * Days are looked at one by one: no zone has changed its offset twice within one and back.
 */
export function zoneOffsets(
  zone: TimeZone,
  fromEpochMs: Millis,
  toEpochMs: Millis,
  originEpochMs: Millis,
): ZoneOffset[] {
  let offsetMs = zone.offsetAt(fromEpochMs);
  const offsets: ZoneOffset[] = [{ fromMs: fromEpochMs - originEpochMs, offsetMs }];
  for (let atMs = fromEpochMs; atMs < toEpochMs; atMs += DAY_MS) {
    const nextMs = Math.min(atMs + DAY_MS, toEpochMs);
    const nextOffsetMs = zone.offsetAt(nextMs);
    if (nextOffsetMs === offsetMs) continue;
    offsets.push({ fromMs: changeBetween(zone, atMs, nextMs) - originEpochMs, offsetMs: nextOffsetMs });
    offsetMs = nextOffsetMs;
  }
  return offsets;
}

/** The whole minute at which the offset of `beforeMs` ends, which it does by `afterMs`. */
function changeBetween(zone: TimeZone, beforeMs: Millis, afterMs: Millis): Millis {
  const offsetMs = zone.offsetAt(beforeMs);
  let low = Math.floor(beforeMs / MINUTE_MS);
  let high = Math.ceil(afterMs / MINUTE_MS);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (zone.offsetAt(middle * MINUTE_MS) === offsetMs) low = middle;
    else high = middle;
  }
  return high * MINUTE_MS;
}

/** Turns local times of a span into instants, as {@link instantOfLocal} does. */
export function localReader(zone: TimeZone, fromLocalMs: Millis, toLocalMs: Millis): (localMs: Millis) => Millis {
  const offsets = zoneOffsets(zone, fromLocalMs - DAY_MS, toLocalMs + DAY_MS, 0);
  return (localMs) => instantOfLocal(offsets, localMs);
}

/** The first full hour of local time at or after an instant. */
export function nextFullHour(zone: TimeZone, epochMs: Millis): Millis {
  const offsetMs = zone.offsetAt(epochMs);
  const hourMs = Math.ceil((epochMs + offsetMs) / HOUR_MS) * HOUR_MS - offsetMs;
  // The change of a half-hour zone can come in between; on its other side the hour begins elsewhere.
  const rest = (hourMs + zone.offsetAt(hourMs)) % HOUR_MS;
  return rest === 0 ? hourMs : hourMs + HOUR_MS - rest;
}
