import { Input, Phase } from '../../../src/replication/lifecycle.ts';
import type { ObservedStep } from '../../../src/simulate/simulate.ts';
import type { Millis } from '../../../src/units.ts';
import { broken, type Law, type Watched } from './law.ts';
import { arrives, cuts } from './log-book.ts';

const NAME = 'cuts come at the next boundary, one set at a time, and missed ones are counted';

/** An administrator who ends what the logs were for comes before a boundary at the same instant; a mark comes after it. */
const ENDS: ReadonlySet<Input> = new Set([Input.disabled, Input.failoverCommitted]);

export function cutsOnBoundaries(watched: Watched): Law {
  const { core, vms } = watched;
  const own = vms.map((_, vm) => ({
    setInFlight: false,
    cutAtMs: -1,
    missed: 0,
    waitsSinceMs: Number.POSITIVE_INFINITY,
    intervalMs: core.intervalMs[vm]!,
    phaseMs: core.cutPhaseMs[vm]!,
  }));
  type Own = (typeof own)[number];
  /** Boundaries up to an instant, itself included. */
  const passed = ({ intervalMs, phaseMs }: Own, atMs: Millis): number =>
    Math.max(0, Math.floor((atMs - phaseMs) / intervalMs));
  const passedBefore = ({ intervalMs, phaseMs }: Own, atMs: Millis): number =>
    Math.max(0, Math.ceil((atMs - phaseMs) / intervalMs) - 1);
  const nextBoundaryMs = (cuttable: Own): Millis => {
    const { intervalMs, phaseMs, waitsSinceMs, cutAtMs } = cuttable;
    let atMs = phaseMs + Math.max(1, Math.ceil((waitsSinceMs - phaseMs) / intervalMs)) * intervalMs;
    // A set that took no time does not make its own boundary come again.
    if (atMs <= cutAtMs) atMs += intervalMs;
    return atMs;
  };
  const cut = (vm: number, { input, nowMs }: ObservedStep): void => {
    const mine = own[vm]!;
    if (mine.setInFlight) broken(watched, NAME, vm, nowMs, 'a set is in flight already');
    if (input === Input.intervalElapsed && nowMs !== nextBoundaryMs(mine)) {
      broken(watched, NAME, vm, nowMs, `the next boundary is at ${nextBoundaryMs(mine)} ms`);
    }
    mine.setInFlight = true;
    mine.cutAtMs = nowMs;
  };
  return {
    name: NAME,
    before({ vm, nowMs }) {
      const mine = own[vm]!;
      if (mine.waitsSinceMs < nowMs && nextBoundaryMs(mine) < nowMs) {
        broken(watched, NAME, vm, nowMs, `nothing was cut at ${nextBoundaryMs(mine)} ms`);
      }
    },
    stepped(step) {
      const { vm, input, before, after, nowMs } = step;
      const mine = own[vm]!;
      if (arrives(step)) {
        mine.missed += Math.max(0, passedBefore(mine, nowMs) - passed(mine, mine.cutAtMs));
        mine.setInFlight = false;
      }
      if (mine.setInFlight && !watched.logs.inFlight[vm]) {
        const boundaries = ENDS.has(input) ? passedBefore(mine, nowMs) : passed(mine, nowMs);
        mine.missed += Math.max(0, boundaries - passed(mine, mine.cutAtMs));
        mine.setInFlight = false;
      }
      if (cuts(step)) cut(vm, step);
      if (after !== Phase.tracking) mine.waitsSinceMs = Number.POSITIVE_INFINITY;
      else if (before !== after || input === Input.adopted) mine.waitsSinceMs = nowMs;
      if (core.missedCycles[vm] !== mine.missed) {
        broken(watched, NAME, vm, nowMs, `${core.missedCycles[vm]} boundaries count as missed, not ${mine.missed}`);
      }
    },
  };
}
