import { localMinuteOfDay, localMs } from '../model/clock.ts';
import type { Run } from '../model/run.ts';
import { MONITORING_INTERVAL_MS, MONITORING_START_MINUTE } from '../replication/health.ts';
import { DAY_MS, MINUTE_MS, type Millis } from '../units.ts';

const SNAP_MS = 1e-5;

/** A completion within the last bits of a whole millisecond is at it (decision 0002, 15). */
export function snapped(atMs: Millis): Millis {
  const whole = Math.round(atMs);
  return Math.abs(atMs - whole) < SNAP_MS ? whole : atMs;
}

/** Start of the monitoring interval in which the horizon lies: 09:00 or 21:00 local, or the start of the run. */
export function monitoringFromMs(run: Run): Millis {
  const { clock } = run.workload;
  const lastMs = run.options.horizonMs - 1;
  const sinceStartMs =
    (localMinuteOfDay(clock, lastMs) - MONITORING_START_MINUTE) * MINUTE_MS + (localMs(clock, lastMs) % MINUTE_MS);
  const intoIntervalMs = (((sinceStartMs % DAY_MS) + DAY_MS) % DAY_MS) % MONITORING_INTERVAL_MS;
  return Math.max(0, lastMs - intoIntervalMs);
}

/** Instants and durations round up to whole milliseconds, but for what only the last bits of a double add (decision 0002, 15). */
export function roundedUp(ms: Millis): Millis {
  return Math.max(0, Math.ceil(ms - 1e-5));
}

/** A recorded instant, rounded up; below 0 = it never came. */
export function instant(atMs: Millis): Millis | null {
  return atMs < 0 ? null : roundedUp(atMs);
}
