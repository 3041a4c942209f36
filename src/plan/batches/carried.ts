import { HOUR_MS, type Millis } from '../../units.ts';
import { type LineModel, LOOK_AHEAD_MS } from './fleet-model.ts';
import { bytesBetween, type WeekProfile } from './week-profile.ts';

function carriedUntil({ carriedBytes }: LineModel, atMs: Millis): number {
  const hours = Math.min(carriedBytes.length - 1, atMs / HOUR_MS);
  const hour = Math.min(carriedBytes.length - 2, Math.floor(hours));
  return carriedBytes[hour]! + (hours - hour) * (carriedBytes[hour + 1]! - carriedBytes[hour]!);
}

/** Bytes that a line carries between two instants. */
export function carriedBetween(line: LineModel, fromMs: Millis, untilMs: Millis): number {
  return carriedUntil(line, untilMs) - carriedUntil(line, fromMs);
}

/**
 * The first instant from `fromMs` on at which a line has carried so many bytes since `startMs` beside a load (and one more); Infinity
 * where not within what is looked at. Both are straight between full hours of the run's clock.
 */
export function solvedAt(
  line: LineModel,
  load: WeekProfile,
  more: WeekProfile | undefined,
  bytes: number,
  startMs: Millis,
  fromMs: Millis,
): Millis {
  const net = (atMs: Millis): number =>
    carriedBetween(line, startMs, atMs) -
    bytesBetween(load, startMs, atMs) -
    (more === undefined ? 0 : bytesBetween(more, startMs, atMs));
  let beforeMs = fromMs;
  let before = net(fromMs);
  if (before >= bytes) return fromMs;
  while (beforeMs < LOOK_AHEAD_MS) {
    const nextMs = Math.min(LOOK_AHEAD_MS, (Math.floor(beforeMs / HOUR_MS) + 1) * HOUR_MS);
    const next = net(nextMs);
    if (next >= bytes) return beforeMs + ((bytes - before) / (next - before)) * (nextMs - beforeMs);
    beforeMs = nextMs;
    before = next;
  }
  return Number.POSITIVE_INFINITY;
}
