import { type BitsPerSec, DAY_MS, MINUTE_MS, type Millis } from '../units.ts';
import { type DailyWindow, fromLocal, localMs, modulo, type RunClock } from './clock.ts';

/** A value by the local hour and day of the week: work hours, and all other time. */
export interface WeeklySchedule<Value> {
  /** Apart from each other. */
  readonly windows: readonly WeeklyWindow<Value>[];
  /** Outside every window. */
  readonly otherwise: Value;
}

export interface WeeklyWindow<Value> extends DailyWindow {
  /** Days of the local week on which it begins, Monday = 0. */
  readonly days: readonly number[];
  readonly value: Value;
}

/** What a throttle leaves: a rate, a share of the capacity, or all of it. */
export type Throttle =
  | { readonly kind: 'rate'; readonly bitsPerSec: BitsPerSec }
  | { readonly kind: 'share'; readonly ratio: number }
  | { readonly kind: 'none' };

/** From `atMs` on, until the next step. */
export interface Step<Value> {
  readonly atMs: Millis;
  readonly value: Value;
}

/** The schedule over [0, untilMs) as steps, the first at 0. A window that begins where another ends takes over there. */
export function scheduleSteps<Value>(clock: RunClock, schedule: WeeklySchedule<Value>, untilMs: Millis): Step<Value>[] {
  const steps: Step<Value>[] = [{ atMs: 0, value: schedule.otherwise }];
  const spans = schedule.windows
    .flatMap((window) => windowSpansOf(clock, window, untilMs))
    .sort((a, b) => a.startMs - b.startMs);
  spans.forEach(({ startMs, endMs, value }, index) => {
    const next = spans[index + 1];
    // A day that summer time lengthens or shortens may push one window into the next: the later one goes on.
    const untilNextMs = next === undefined ? endMs : Math.min(endMs, next.startMs);
    if (untilNextMs <= 0) return;
    putStep(steps, Math.max(0, startMs), value);
    if (untilNextMs < untilMs) putStep(steps, untilNextMs, schedule.otherwise);
  });
  return steps;
}

/** At one instant the last step counts. */
function putStep<Value>(steps: Step<Value>[], atMs: Millis, value: Value): void {
  if (steps.at(-1)!.atMs === atMs) steps.pop();
  steps.push({ atMs, value });
}

function windowSpansOf<Value>(
  clock: RunClock,
  window: WeeklyWindow<Value>,
  untilMs: Millis,
): { startMs: Millis; endMs: Millis; value: Value }[] {
  const { days, value } = window;
  const lengthMinutes = windowMinutes(window);
  const spans: { startMs: Millis; endMs: Millis; value: Value }[] = [];
  const firstDay = Math.floor(localMs(clock, 0) / DAY_MS) - 1;
  for (let day = firstDay; ; day++) {
    const startLocalMs = day * DAY_MS + window.startMinute * MINUTE_MS;
    const startMs = fromLocal(clock, startLocalMs);
    if (startMs >= untilMs) return spans;
    // 1970-01-01 was a Thursday.
    if (!days.includes(modulo(day + 3, 7))) continue;
    const endMs = fromLocal(clock, startLocalMs + lengthMinutes * MINUTE_MS);
    if (endMs > 0 && endMs > startMs) spans.push({ startMs, endMs, value });
  }
}

/** Length of a daily window; one that ends where it begins lasts a day. */
export function windowMinutes({ startMinute, endMinute }: DailyWindow): number {
  return modulo(endMinute - startMinute, 1440) || 1440;
}
