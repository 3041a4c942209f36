import type { RunClock } from '../model/clock.ts';
import { type Step, scheduleSteps, type Throttle, type WeeklySchedule } from '../model/schedule.ts';
import type { BackgroundSeries, BackgroundUse } from '../model/site.ts';
import type { BitsPerSec, Millis } from '../units.ts';

/** What a line carries for replication from an instant on, outages apart. */
export interface CapacityStep {
  readonly atMs: Millis;
  readonly bytesPerMs: number;
  /** A throttle makes it less than the line itself. */
  readonly throttled: boolean;
}

export interface CapacityOf {
  /** Infinity = the line never limits. */
  readonly bitsPerSec: BitsPerSec;
  /** Stretches in which it is slower (or faster) than that; where they overlap, the least counts. */
  readonly slow: readonly { readonly atMs: Millis; readonly untilMs: Millis; readonly bitsPerSec: BitsPerSec }[];
  readonly throttle?: WeeklySchedule<Throttle> | undefined;
  readonly background?: BackgroundUse | undefined;
}

/** A line's capacity in steps over [0, untilMs), the first at 0: what the throttle leaves of the line, less what others use. */
export function capacitySteps(line: CapacityOf, clock: RunClock, untilMs: Millis): CapacityStep[] {
  const base = slowSteps(line, untilMs);
  const throttle: Step<Throttle>[] =
    line.throttle === undefined ? [{ atMs: 0, value: { kind: 'none' } }] : scheduleSteps(clock, line.throttle, untilMs);
  const background = backgroundSteps(line.background, clock, untilMs);
  const instants = [...new Set([...base, ...throttle, ...background].map(({ atMs }) => atMs))].sort((a, b) => a - b);
  const [baseAt, throttleAt, usedAt] = [walk(base), walk(throttle), walk(background)];
  const steps: CapacityStep[] = [];
  for (const atMs of instants) {
    const lineBitsPerSec = baseAt(atMs);
    const throttledBitsPerSec = afterThrottle(lineBitsPerSec, throttleAt(atMs));
    const bytesPerMs = Math.max(0, throttledBitsPerSec - usedAt(atMs)) / 8000;
    const throttled = throttledBitsPerSec < lineBitsPerSec;
    const last = steps.at(-1);
    if (last === undefined || last.bytesPerMs !== bytesPerMs || last.throttled !== throttled) {
      steps.push({ atMs, bytesPerMs, throttled });
    }
  }
  return steps;
}

function afterThrottle(bitsPerSec: BitsPerSec, throttle: Throttle): BitsPerSec {
  switch (throttle.kind) {
    case 'rate':
      return Math.min(bitsPerSec, throttle.bitsPerSec);
    case 'share':
      return bitsPerSec * throttle.ratio;
    case 'none':
      return bitsPerSec;
    default:
      return throttle satisfies never;
  }
}

function slowSteps({ bitsPerSec, slow }: CapacityOf, untilMs: Millis): Step<BitsPerSec>[] {
  const instants = new Set([0, ...slow.flatMap(({ atMs, untilMs: endMs }) => [atMs, endMs])]);
  return [...instants]
    .filter((atMs) => atMs < untilMs)
    .sort((a, b) => a - b)
    .map((atMs) => {
      const active = slow.filter((stretch) => stretch.atMs <= atMs && atMs < stretch.untilMs);
      return {
        atMs,
        value: active.length === 0 ? bitsPerSec : Math.min(...active.map((stretch) => stretch.bitsPerSec)),
      };
    });
}

function backgroundSteps(use: BackgroundUse | undefined, clock: RunClock, untilMs: Millis): Step<BitsPerSec>[] {
  if (use === undefined) return [{ atMs: 0, value: 0 }];
  return use.kind === 'weekly' ? scheduleSteps(clock, use.schedule, untilMs) : seriesSteps(use, untilMs);
}

/** As it was measured, and then its last part again and again. */
function seriesSteps(series: BackgroundSeries, untilMs: Millis): Step<BitsPerSec>[] {
  const { startMs, bitsPerSec, endMs, repeatMs } = series;
  const steps: Step<BitsPerSec>[] = [{ atMs: 0, value: 0 }];
  const put = (atMs: Millis, value: BitsPerSec): void => {
    // What began before the run holds at its start.
    if (atMs <= 0) steps[0] = { atMs: 0, value };
    else if (atMs < untilMs) steps.push({ atMs, value });
  };
  startMs.forEach((atMs, i) => {
    put(atMs, bitsPerSec[i]!);
  });
  if (repeatMs <= 0) {
    put(endMs, 0);
    return steps;
  }
  const repeatFromMs = endMs - repeatMs;
  const first = Math.max(
    0,
    startMs.findLastIndex((atMs) => atMs <= repeatFromMs),
  );
  for (let turnMs = endMs; turnMs < untilMs; turnMs += repeatMs) {
    for (let i = first; i < startMs.length; i++) {
      put(turnMs + Math.max(0, startMs[i]! - repeatFromMs), bitsPerSec[i]!);
    }
  }
  return steps;
}

/** The value at instants that are asked for in ascending order. */
function walk<Value>(steps: readonly Step<Value>[]): (atMs: Millis) => Value {
  let place = 0;
  return (atMs) => {
    while (place + 1 < steps.length && steps[place + 1]!.atMs <= atMs) place++;
    return steps[place]!.value;
  };
}
