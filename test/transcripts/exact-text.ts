/** Instants, durations and sizes as a log shows them: exact, since a log that rounds cannot be checked by hand. */
import { type Bytes, DAY_MS, HOUR_MS, MINUTE_MS, type Millis, SECOND_MS } from '../../src/units.ts';

/** `09:00:00` of the first day, `+1 06:00:00` of the next; milliseconds only where there are any. Rounds up like every result. */
export function clockTime(startEpochMs: Millis, atMs: Millis): string {
  const sinceMidnightMs = (startEpochMs % DAY_MS) + Math.ceil(atMs - 1e-5);
  const days = Math.floor(sinceMidnightMs / DAY_MS);
  const two = (ms: Millis, unitMs: Millis, perNext: number): string =>
    String(Math.floor(ms / unitMs) % perNext).padStart(2, '0');
  const milliseconds = sinceMidnightMs % SECOND_MS;
  return (
    (days === 0 ? '' : `+${days} `) +
    [two(sinceMidnightMs, HOUR_MS, 24), two(sinceMidnightMs, MINUTE_MS, 60), two(sinceMidnightMs, SECOND_MS, 60)].join(
      ':',
    ) +
    (milliseconds === 0 ? '' : `.${String(milliseconds).padStart(3, '0')}`)
  );
}

/** `1 h 4 min 30 s`, `0.25 s`, `0 s`. */
export function exactDuration(durationMs: Millis): string {
  const wholeMs = Math.ceil(durationMs - 1e-5);
  const hours = Math.floor(wholeMs / HOUR_MS);
  const minutes = Math.floor((wholeMs % HOUR_MS) / MINUTE_MS);
  const seconds = (wholeMs % MINUTE_MS) / SECOND_MS;
  const parts = [
    hours === 0 ? '' : `${hours} h`,
    minutes === 0 ? '' : `${minutes} min`,
    seconds === 0 ? '' : `${seconds} s`,
  ];
  return parts.filter((part) => part !== '').join(' ') || '0 s';
}

/** In decimal units, as links count: `300 MB`. */
export function exactBytes(bytes: Bytes): string {
  const [factor, unit] =
    bytes >= 1e9 ? [1e9, 'GB'] : bytes >= 1e6 ? [1e6, 'MB'] : bytes >= 1e3 ? [1e3, 'kB'] : [1, 'B'];
  return `${bytes / factor} ${unit}`;
}
