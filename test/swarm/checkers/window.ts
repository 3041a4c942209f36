import type { DailyWindow, RunClock } from '../../../src/model/clock.ts';
import { Input, Phase } from '../../../src/replication/lifecycle.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type Millis } from '../../../src/units.ts';
import { broken, type Law, type Watched } from './law.ts';

const NAME = 'an automatic resynchronization starts in its window, and at once there';

export function windowKept(watched: Watched): Law {
  const { clock } = watched.run.workload;
  const window = watched.run.policy.resyncWindow;
  /** Since when a VM waits for its window; Infinity where it does not. */
  const sinceMs = watched.vms.map(() => Number.POSITIVE_INFINITY);
  return {
    name: NAME,
    before({ nowMs }) {
      sinceMs.forEach((since, vm) => {
        // A millisecond before now it should have started already, had the window been open.
        if (nowMs - 1 > since && !isTwofold(clock, nowMs - 1) && isOpen(clock, window, nowMs - 1)) {
          broken(watched, NAME, vm, nowMs, `it waits since ${since} ms and the window is open`);
        }
      });
    },
    stepped({ vm, input, before, after, nowMs }) {
      if (input === Input.windowOpened && !isTwofold(clock, nowMs) && !isOpen(clock, window, nowMs)) {
        broken(watched, NAME, vm, nowMs, 'it starts outside the window');
      }
      const byItself = before === Phase.resyncMarked && after === Phase.resyncing && input !== Input.resyncRequested;
      if (byItself && input !== Input.windowOpened) broken(watched, NAME, vm, nowMs, 'it starts without its window');
      if (after !== Phase.resyncMarked) sinceMs[vm] = Number.POSITIVE_INFINITY;
      else if (before !== after) sinceMs[vm] = nowMs;
    },
  };
}

/** The hour after a change of the offset has two local times; which of them a window means is not for this law. */
function isTwofold(clock: RunClock, atMs: Millis): boolean {
  return clock.offsets.some(({ fromMs }, index) => index > 0 && fromMs <= atMs && atMs < fromMs + HOUR_MS);
}

/** By the wall's clock, minute by minute. */
function isOpen(clock: RunClock, { startMinute, endMinute }: DailyWindow, atMs: Millis): boolean {
  const zone = clock.offsets.filter(({ fromMs }, index) => index === 0 || fromMs <= atMs).at(-1);
  const sinceMidnightMs = (clock.startEpochMs + atMs + (zone?.offsetMs ?? 0)) % DAY_MS;
  const minute = Math.floor(sinceMidnightMs / MINUTE_MS);
  if (startMinute === endMinute) return true;
  return startMinute < endMinute
    ? startMinute <= minute && minute < endMinute
    : minute >= startMinute || minute < endMinute;
}
