import type { Failures, PlanVm } from '../../src/plan/plan.ts';
import { DAY_MS, GIB, HOUR_MS, MINUTE_MS, WEEK_MS } from '../../src/units.ts';
import type { SampleOptions } from './sample-plan.ts';

const LENGTHS_MS = [5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS];
const RESYNC_VMS_MOST = 100;

/** A study as a run of the made fleet could give it: working hours bear less than nights, and Sunday midnight bears nothing. */
export function sampleFailures(
  vms: readonly PlanVm[],
  { unprotected, met, horizonMs = 7 * DAY_MS }: SampleOptions,
): Failures {
  const first = vms[0];
  if (first === undefined || unprotected === true) return noFailures();
  const starts = Array.from({ length: 56 }, (_, index) => index * 3 * HOUR_MS)
    .filter((startMs) => startMs < horizonMs)
    .map((startMs): Failures['starts'][number] => {
      const hour = (startMs / HOUR_MS) % 24;
      const broken = met !== true && startMs === 6 * DAY_MS;
      const safeMs = hour >= 9 && hour < 18 ? 7 * MINUTE_MS : 105 * MINUTE_MS;
      return {
        ...{ startMs, safeMs: broken ? null : safeMs },
        breakingMs: broken ? null : safeMs + (safeMs < HOUR_MS ? 1 : 5) * MINUTE_MS,
        breaks: hour === 12 ? 'half-disk' : 'objective',
        ...{ ladderBoundMs: 2 * HOUR_MS, ladderBoundVm: first.name },
        halfDisk:
          hour < 6
            ? null
            : { outageMs: 20 * HOUR_MS, reachedAfterMs: 20.5 * HOUR_MS, vm: vms.at(-1)!.name, disk: 'data</td>' },
      };
    });
  const map = starts
    .filter(({ startMs }) => (startMs / HOUR_MS) % 12 === 9)
    .flatMap(({ startMs, safeMs }) =>
      LENGTHS_MS.map((lengthMs): Failures['map'][number] => ({
        ...{ startMs, lengthMs },
        worstAgeMs: lengthMs + 8 * MINUTE_MS,
        kept: safeMs !== null && lengthMs <= safeMs,
        healMs: lengthMs >= 4 * HOUR_MS && startMs > 5 * DAY_MS ? null : lengthMs <= (safeMs ?? 0) ? 0 : lengthMs / 3,
        markedVmCount: lengthMs >= 4 * HOUR_MS && startMs > 5 * DAY_MS ? 3 : 0,
      })),
    );
  return {
    sentence:
      'At 1 of 56 hours the objective of 15 min is broken without any outage; at the others an outage of up to 7 min keeps the objective of 15 min whenever it begins; one of 8 min beginning Monday 09:00 does not.',
    resolution: {
      ...{ startStepMs: 3 * HOUR_MS, mapStepMs: 12 * HOUR_MS, wholeWeek: true, lengthStepMs: MINUTE_MS },
      ...{ longestTriedMs: DAY_MS, checksPerStart: 1, unevenStartCount: 2, simulationCount: 412, weekRuns: 7.4 },
    },
    safeMs: met === true ? 7 * MINUTE_MS : null,
    smallestBreaking: { startMs: 9 * HOUR_MS, lengthMs: 8 * MINUTE_MS, breaks: 'objective' },
    ...{ starts, map },
    healing: LENGTHS_MS.map((lengthMs) => {
      const cells = map.filter((cell) => cell.lengthMs === lengthMs);
      const marking = cells.filter(({ markedVmCount }) => markedVmCount > 0).length;
      return {
        ...{ lengthMs, startCount: Math.max(1, cells.length), shortestMs: 0, medianMs: lengthMs / 3 },
        ...{ longestMs: lengthMs / 3, longestStartMs: 9 * HOUR_MS, unhealedStartCount: lengthMs > HOUR_MS ? 1 : 0 },
        ...{ markingStartCount: marking, markedVmMost: marking > 0 ? 3 : 0, followedMs: 13 * HOUR_MS },
      };
    }),
    backOff: LENGTHS_MS.map((lengthMs, index) => ({
      ...{ startMs: 9 * HOUR_MS, lengthMs, worstAgeMs: lengthMs * 2, immediateWorstAgeMs: lengthMs * (2 - index / 3) },
      share: index / 6,
    })),
    resync: {
      ...{ stormStartMs: 0, vmCount: vms.length, wireBytes: 5000 * GIB, fullCopyWireBytes: 9000 * GIB },
      ...{ aloneTotalMs: 5 * DAY_MS, aloneLongestMs: 3 * HOUR_MS, stormMs: null, stormFollowedMs: WEEK_MS },
      ...{ unfinishedVmCount: 1, restartedVmCount: 2, neverThroughVmCount: 1 },
      vms: vms.slice(0, RESYNC_VMS_MOST).map((vm, index) => ({
        ...{ vm: vm.name, changedBytes: 40 * GIB, wireBytes: 41 * GIB, aloneMs: 3 * HOUR_MS - index * 1000 },
        fullCopyWireBytes: 90 * GIB,
        stormMs: index === 0 ? null : DAY_MS + index * HOUR_MS,
        ...{ restartCount: index < 2 ? 2 - index : 0, converges: index !== 0 },
      })),
    },
  };
}

function noFailures(): Failures {
  return {
    sentence: 'No VM replicates, so that an outage breaks nothing.',
    resolution: {
      ...{ startStepMs: DAY_MS, mapStepMs: DAY_MS, wholeWeek: false, lengthStepMs: MINUTE_MS },
      ...{ longestTriedMs: DAY_MS, checksPerStart: 1, unevenStartCount: 0, simulationCount: 0, weekRuns: 0 },
    },
    ...{ safeMs: null, smallestBreaking: null, starts: [], map: [], healing: [], backOff: [] },
    resync: {
      ...{ stormStartMs: 0, vmCount: 0, wireBytes: 0, fullCopyWireBytes: 0, aloneTotalMs: 0 },
      ...{ aloneLongestMs: 0, stormMs: null, stormFollowedMs: HOUR_MS, unfinishedVmCount: 0, restartedVmCount: 0 },
      ...{ neverThroughVmCount: 0, vms: [] },
    },
  };
}
