import { civilDate, localMs, modulo, offsetAt, type RunClock } from '../../model/clock.ts';
import { DAY_MS, MINUTE_MS, type Millis } from '../../units.ts';
import { shownName } from '../shown-name.ts';

/** A text from a stranger's file, as it can stand in any document; '' stays ''. */
export function shownText(text: string): string {
  return text === '' ? '' : shownName(text);
}

/** Several of them in one cell. */
export function listText(texts: readonly string[]): string {
  return texts.map(shownText).join('; ');
}

/** `2026-01-05T18:30:00+01:00`, with milliseconds where they are not 0: an instant of the run, in local time. */
export function isoInstant(clock: RunClock, atMs: Millis): string {
  const offsetMinutes = Math.round(offsetAt(clock, atMs) / MINUTE_MS);
  const sign = offsetMinutes < 0 ? '-' : '+';
  const magnitude = Math.abs(offsetMinutes);
  return `${isoLocal(localMs(clock, atMs))}${sign}${two(Math.floor(magnitude / 60))}:${two(magnitude % 60)}`;
}

/** `2026-01-05T18:30:00` of milliseconds since the local 1970-01-01T00:00. */
export function isoLocal(atLocalMs: Millis): string {
  const { year, month, day } = civilDate(Math.floor(atLocalMs / DAY_MS));
  const ofDayMs = modulo(atLocalMs, DAY_MS);
  const seconds = Math.floor(ofDayMs / 1000);
  const milliseconds = ofDayMs % 1000;
  const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
  const time = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${date}T${time}${milliseconds === 0 ? '' : `.${String(milliseconds).padStart(3, '0')}`}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
