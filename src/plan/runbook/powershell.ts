import { civilDate, localMs, modulo, offsetAt, type RunClock } from '../../model/clock.ts';
import { DAY_MS, MINUTE_MS, type Millis, SECOND_MS } from '../../units.ts';

/**
 * A text as PowerShell reads it back, whatever it holds: in single quotes, in which nothing but the quote itself means anything, and
 * the quote is doubled. Whatever is not printable ASCII stands as `[char]` outside of them: control characters and line breaks would
 * tear the line apart, PowerShell takes the typographic ‘ ’ ‚ ‛ for quotes, and Windows PowerShell reads a file without a byte order mark in
 * the machine's own code page, in which bytes of UTF-8 become such quotes (`Ñ` is C3 91, and 91 is ‘). The result is an expression that can
 * stand wherever an argument can.
 */
export function quoted(text: string): string {
  const pieces = text.match(/[ -~]+|[^ -~]/g) ?? [];
  // The first operand decides what + means: a text, never a character.
  const first = pieces[0] !== undefined && !isPrintable(pieces[0]) ? [`''`] : [];
  const parts = [
    ...first,
    ...pieces.map((piece) => (isPrintable(piece) ? `'${piece.replaceAll("'", "''")}'` : characterOf(piece))),
  ];
  if (parts.length === 0) return `''`;
  return parts.length === 1 ? parts[0]! : `(${parts.join(' + ')})`;
}

function isPrintable(piece: string): boolean {
  return /^[ -~]/.test(piece);
}

function characterOf(unit: string): string {
  return `[char]0x${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** `@('a', 'b')`; a line each from the third on. */
export function quotedList(texts: readonly string[], indent = ''): string {
  if (texts.length <= 2) return `@(${texts.map(quoted).join(', ')})`;
  return `@(\n${texts.map((text) => `${indent}    ${quoted(text)}`).join('\n')}\n${indent})`;
}

/** A line of PowerShell that ends in the next: a cmdlet with its parameters, one on each line. */
export function command(cmdlet: string, parameters: readonly string[], indent = ''): string {
  return [`${indent}${cmdlet}`, ...parameters.map((parameter) => `${indent}    ${parameter}`)].join(' `\n');
}

/** `2026-01-05T18:30:00+01:00`: an instant with the run's own offset, which `[datetimeoffset]` reads in every culture. */
export function isoWithOffset(clock: RunClock, atMs: Millis): string {
  const local = localMs(clock, atMs);
  const { year, month, day } = civilDate(Math.floor(local / DAY_MS));
  const offsetMinutes = Math.trunc(offsetAt(clock, atMs) / MINUTE_MS);
  const sign = offsetMinutes < 0 ? '-' : '+';
  const zone = `${sign}${two(Math.floor(Math.abs(offsetMinutes) / 60))}:${two(Math.abs(offsetMinutes) % 60)}`;
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${timeOfDay(modulo(local, DAY_MS))}${zone}`;
}

/** `06:00:00` of the milliseconds since midnight. */
export function timeOfDay(sinceMidnightMs: Millis): string {
  const seconds = Math.floor(sinceMidnightMs / SECOND_MS);
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
