import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Run } from '../../../src/model/run.ts';
import { failuresOf } from '../../../src/plan/failures/failures.ts';
import { lastAttemptBefore, longestGapAfter } from '../../../src/plan/failures/ladder.ts';
import { longestKept, OUTAGE_LENGTHS } from '../../../src/plan/failures/tolerance.ts';
import { windowOf, windowPhases } from '../../../src/plan/failures/window.ts';
import { Input } from '../../../src/replication/lifecycle.ts';
import { ChurnIntegral } from '../../../src/simulate/churn-integral.ts';
import type { RunResult } from '../../../src/simulate/result.ts';
import { simulate, watchRun } from '../../../src/simulate/simulate.ts';
import { DAY_MS, GIB, HOUR_MS, MINUTE_MS } from '../../../src/units.ts';
import { buildDisk, buildRun, buildVm, simulated } from '../../laws/build-run.ts';

const HOURS = 24;

/** Fleets of a few VMs whose churn changes by the hour, with copy frequencies and compression of their own, on a shared link. */
const anyRun: fc.Arbitrary<Run> = fc
  .record({
    rates: fc.array(fc.array(fc.integer({ min: 0, max: 300_000 }), { minLength: HOURS, maxLength: HOURS }), {
      minLength: 1,
      maxLength: 4,
    }),
    aligned: fc.boolean(),
    copyMinutes: fc.constantFrom(0.5, 5, 5, 15),
    ownMinutes: fc.option(fc.constantFrom(0.5, 5, 15)),
    rpoMinutes: fc.constantFrom(15, 20, 30, 60, 120),
    mbitPerSec: fc.constantFrom(6, 10, 20, 100),
    sizeGib: fc.constantFrom(1, 4, 100),
    slots: fc.constantFrom(null, 1, 2),
    seed: fc.nat({ max: 1000 }),
    startHour: fc.nat({ max: 23 }),
    throttled: fc.boolean(),
  })
  .map((made) => {
    const startMs = made.rates[0]!.map((_, hour) => hour * HOUR_MS);
    const vms = made.rates.map((rates, v) => {
      const writtenBytes = rates.map((bytesPerSec) => bytesPerSec * 3600);
      const churn = { kind: 'series' as const, startMs, writtenBytes, endMs: DAY_MS, repeatMs: DAY_MS };
      return buildVm({
        name: `vm${v}`,
        host: `h${v % 2}`,
        disks: [buildDisk({ churn, sizeBytes: made.sizeGib * GIB })],
      });
    });
    const own = made.ownMinutes === null ? {} : { copyFrequencyMs: made.ownMinutes * MINUTE_MS };
    const throttle = {
      windows: [
        {
          ...{ days: [0, 1, 2, 3, 4, 5, 6], startMinute: 480, endMinute: 1080 },
          value: { kind: 'rate' as const, bitsPerSec: made.mbitPerSec * 0.6e6 },
        },
      ],
      otherwise: { kind: 'none' as const },
    };
    return buildRun({
      vms,
      startEpochMs: Date.UTC(2026, 0, 5, made.startHour),
      link: { capacityBitsPerSec: made.mbitPerSec * 1e6, ...(made.throttled ? { throttle } : {}) },
      policy: {
        ...{ alignedCuts: made.aligned, copyFrequencyMs: made.copyMinutes * MINUTE_MS },
        ...{ maxActiveTransfers: made.slots, overrides: [{ vm: 'vm0', settings: { ...own, compressionRatio: 0.7 } }] },
      },
      options: { horizonMs: DAY_MS, rpoTargetMs: made.rpoMinutes * MINUTE_MS, seed: made.seed },
    });
  });

/** The naive twin: the whole run, with one outage. */
function whole(run: Run, startMs: number, lengthMs: number): RunResult {
  const outages = lengthMs === 0 ? [] : [{ startMs, endMs: startMs + lengthMs }];
  const horizonMs = startMs + lengthMs + 6 * HOUR_MS;
  return simulated({
    ...run,
    site: { ...run.site, link: { ...run.site.link, outages } },
    options: { ...run.options, horizonMs },
  });
}

function keeps(run: Run, result: RunResult): boolean {
  const marks = result.vms.some(({ resyncCount }) => resyncCount > 0);
  return !marks && (result.rpo.steady.maxMs ?? 0) <= run.options.rpoTargetMs;
}

describe('the tolerance', () => {
  it('is what whole runs with that outage say', () => {
    let held = 0;
    fc.assert(
      fc.property(anyRun, fc.nat(), (run, pick) => {
        // Where the run breaks its objective at another time, the whole run says nothing of the outage.
        fc.pre(keeps(run, whole(run, DAY_MS, 0)));
        const { starts } = failuresOf(run);
        const { startMs, safeMs, breakingMs } = starts[pick % starts.length]!;
        expect(safeMs).not.toBeNull();
        expect(keeps(run, whole(run, startMs, safeMs!))).toBe(true);
        if (breakingMs !== null) expect(keeps(run, whole(run, startMs, breakingMs))).toBe(false);
        held++;
      }),
      { numRuns: 150 },
    );
    expect(held).toBeGreaterThan(50);
  });
});
