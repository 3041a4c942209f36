import type { Millis } from '../../../src/units.ts';
import { broken, type Law, type Watched } from './law.ts';

const NAME = 'the RPO’s figures are those of an own sawtooth';

/** Results are rounded up to whole milliseconds, but for the last bits of a double. */
function roundedUp(ms: Millis): Millis {
  return Math.ceil(ms - 1e-5);
}

export function agesOwn(watched: Watched): Law {
  const { points } = watched;
  const own = watched.vms.map(() => ({
    sinceMs: -1,
    pointMs: -1,
    leastMs: Number.POSITIVE_INFINITY,
    mostMs: 0,
    observedMs: 0,
  }));
  const close = (vm: number, nowMs: Millis): void => {
    const mine = own[vm]!;
    if (mine.sinceMs < 0 || nowMs <= mine.sinceMs) return;
    mine.leastMs = Math.min(mine.leastMs, mine.sinceMs - mine.pointMs);
    mine.mostMs = Math.max(mine.mostMs, nowMs - mine.pointMs);
    mine.observedMs += nowMs - mine.sinceMs;
  };
  return {
    name: NAME,
    stepped({ vm, nowMs }) {
      const mine = own[vm]!;
      const pointMs = points.vms[vm]!.recoveryPointAtMs;
      const ages = points.ages(vm);
      if (ages === mine.sinceMs >= 0 && (!ages || pointMs === mine.pointMs)) return;
      close(vm, nowMs);
      mine.sinceMs = ages ? nowMs : -1;
      mine.pointMs = pointMs;
    },
    finished(result) {
      const { horizonMs } = result;
      for (const { name, rpo } of result.vms) {
        const vm = watched.vms.findIndex((candidate) => candidate.name === name);
        close(vm, horizonMs);
        const { observedMs, mostMs, leastMs } = own[vm]!;
        const expected = observedMs === 0 ? [0, null, null] : [observedMs, mostMs, leastMs].map(roundedUp);
        const found = [rpo.observedMs, rpo.maxMs, rpo.minMs];
        // Sums of many doubles may round to the next millisecond.
        if (found.every((ms, i) => ms === expected[i] || Math.abs((ms ?? -9) - (expected[i] ?? -99)) <= 1)) continue;
        broken(
          watched,
          NAME,
          vm,
          horizonMs,
          `observed, most, least are ${found.join(', ')} ms, not ${expected.join(', ')} ms`,
        );
      }
      const fleetMs = own.reduce((most, { mostMs }) => Math.max(most, mostMs), 0);
      if (Math.abs((result.rpo.maxMs ?? 0) - roundedUp(fleetMs)) > 1) {
        broken(watched, NAME, -1, horizonMs, `the fleet’s worst age is ${result.rpo.maxMs} ms, not ${fleetMs} ms`);
      }
    },
  };
}
