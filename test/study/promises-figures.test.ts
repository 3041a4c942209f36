import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Run } from '../../src/model/run.ts';
import type { RpoStats, RunResult, VmResult } from '../../src/simulate/result.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { FIGURES } from '../../src/study/promises/figures.ts';
import { judge, simulationFor } from '../../src/study/promises/judge.ts';
import { namesOf, parsePromise } from '../../src/study/promises/parse-promise.ts';
import { SCOPES, type Scope } from '../../src/study/promises/promise.ts';
import { DAY_MS, exactUnit, GIB, HOUR_MS, MINUTE_MS } from '../../src/units.ts';
import { anySiteRun } from '../laws/any-site.ts';
import { buildDisk, buildRun, buildVm, simulated } from '../laws/build-run.ts';

const ages = (from: number): RpoStats => ({
  minMs: from,
  p50Ms: from + 1,
  p95Ms: from + 2,
  p99Ms: from + 3,
  maxMs: from + 4,
  withinTargetFraction: 0.5,
  observedMs: 1000,
  within: [{ ageMs: 7, fraction: from / 1000 }],
});

/** Two VMs of which every number is another, made by hand upon a real result. */
function madeByHand(): { run: Run; result: RunResult } {
  const run = buildRun({
    vms: [buildVm({ name: 'A' }), buildVm({ name: 'B' })],
    options: { rpoTargetMs: 5, skipInitialReplication: false },
  });
  const real = simulated(run);
  const vm = (name: string, from: number, change: Partial<VmResult>): VmResult => ({
    ...real.vms[0]!,
    name,
    steadyRpo: ages(from),
    rpo: ages(from + 10),
    initialReplication: { startMs: 0, endMs: from + 20, sentBytes: from + 21, disks: [] },
    protectedAtMs: from + 22,
    firstDeltaAtMs: from + 23,
    lastBreachAtMs: from + 24,
    resyncCount: from + 25,
    cycles: { completed: from + 26, missed: from + 27, failed: from + 28 },
    sentBytes: { initial: from + 29, delta: from + 30, resync: from + 31 },
    hrlPeakBytes: from + 32,
    hrlPeakRatio: from / 1000,
    snapshotPeakBytes: from + 33,
    bytes: { ...real.vms[0]!.bytes, written: from + 34 },
    failovers: [35, 30].map((loss) => ({
      kind: 'unplanned',
      atMs: 1,
      dataLossMs: from + loss,
      appConsistentDataLossMs: null,
    })),
    enableFailure: null,
    health: 'Normal',
    phaseAtEnd: 'delta replication',
    ...change,
  });
  return {
    run,
    result: {
      ...real,
      vms: [vm('A', 100, { health: 'Critical' }), vm('B', 200, { phaseAtEnd: 'unprotected' })],
      rpo: { ...real.rpo, ...ages(300), steady: ages(400) },
      link: {
        capacityBitsPerSec: 501,
        outages: [{ startMs: 0, endMs: 1 }],
        sentBytes: { initial: 502, delta: 503, resync: 504, total: 1509 },
        busyFraction: 0.505,
        clippedFraction: 0.506,
        p95BitsPerSec: 507,
      },
      volumes: [
        {
          ...{ name: 'A|D:', diskCount: 1, provisionedBytes: 601, hrlPeakBytes: 602, snapshotPeakBytes: 603 },
          ...{ growthBytes: 604, extraPeakBytes: 605, peakAtMs: 1, lowAtMs: 0, fullAtMs: null },
          ...{ capacityBytes: 606, freeBytes: 600 },
        },
      ],
      hosts: [
        {
          ...{ name: 'H', vmCount: 701, uplinkBitsPerSec: 702, maxActiveTransfers: 2, sentBytes: 703 },
          ...{ clippedFraction: 0.704, slotWaitMs: 705 },
        },
      ],
      furtherLinks: [
        {
          ...{ name: 'L', capacityBitsPerSec: 801, sentBytes: 802, busyFraction: 0.803, clippedFraction: 0.804 },
          outages: [],
        },
      ],
    },
  };
}

const ageFigures = (name: string, from: number): Record<string, number> => ({
  [`${name}.min`]: from,
  [`${name}.p50`]: from + 1,
  [`${name}.p95`]: from + 2,
  [`${name}.p99`]: from + 3,
  [`${name}.max`]: from + 4,
  [`${name}.within`]: from / 1000,
});

const EXPECTED: Readonly<Record<'fleet' | Scope, Readonly<Record<string, number | boolean>>>> = {
  fleet: {
    ...ageFigures('rpo', 400),
    ...ageFigures('rpo.all', 300),
    'ir.end': 220,
    'ir.bytes': 121 + 221,
    resyncs: 125 + 225,
    'cycles.missed': 127 + 227,
    'cycles.failed': 128 + 228,
    critical: 1,
    unprotected: 1,
    'late.until': 224,
    'loss.max': 235,
    'link.busy': 0.505,
    'link.clipped': 0.506,
    'link.p95': 507,
    'link.capacity': 501,
    'link.outages': 1,
    'link.sent': 1509,
    'link.sent.initial': 502,
    'link.sent.delta': 503,
    'link.sent.resync': 504,
  },
  vms: {
    ...ageFigures('rpo', 100),
    ...ageFigures('rpo.all', 110),
    'ir.end': 120,
    'ir.bytes': 121,
    'protected.at': 122,
    'delta.at': 123,
    'late.until': 124,
    resyncs: 125,
    completed: 126,
    missed: 127,
    failed: 128,
    critical: true,
    unprotected: false,
    'loss.max': 135,
    'log.max': 132,
    'log.fill': 0.1,
    'snapshot.max': 133,
    sent: 129 + 130 + 131,
    'sent.initial': 129,
    'sent.delta': 130,
    'sent.resync': 131,
    written: 134,
  },
  volumes: {
    ...{ extra: 605, logs: 602, snapshots: 603, growth: 604, provisioned: 601, capacity: 606, free: 600 },
    ...{ left: -5, low: true, full: false },
  },
  hosts: { sent: 703, clipped: 0.704, 'slots.wait': 705, uplink: 702, count: 701 },
  links: { sent: 802, busy: 0.803, clipped: 0.804, capacity: 801, outages: 0 },
};

describe('figures of a result made by hand', () => {
  const { run, result } = madeByHand();

  test.each(['fleet', ...SCOPES] as const)('%s', (scope) => {
    const { figures, value } = FIGURES[scope];
    const found = Object.fromEntries(figures.map(({ name }) => [name, value(name, result, 0, run, 7)]));
    expect(found).toEqual(EXPECTED[scope]);
  });

  test('the run’s own target needs no counting, and what the largest and least age say needs none', () => {
    const within = (ageMs: number): unknown => FIGURES.fleet.value('rpo.within', result, 0, run, ageMs);
    expect(within(5)).toBe(0.5);
    expect(within(404)).toBe(1);
    expect(within(300)).toBe(0);
    // Neither counted nor told by the ends: nothing is made up.
    expect(within(402)).toBeNull();
  });

  test('what was not reached is never, and what was not tried is nothing', () => {
    const of = (change: Partial<VmResult>, name: string, scope: 'fleet' | 'vms'): unknown =>
      FIGURES[scope].value(name, { ...result, vms: [{ ...result.vms[0]!, ...change }] }, 0, run, 0);
    const notEnded = { initialReplication: { ...result.vms[0]!.initialReplication, endMs: null } };
    for (const scope of ['fleet', 'vms'] as const) {
      expect(of(notEnded, 'ir.end', scope)).toBe(Number.POSITIVE_INFINITY);
      expect(of({ ...notEnded, enableFailure: 'no agent' }, 'ir.end', scope)).toBeNull();
      expect(of({ lastBreachAtMs: null }, 'late.until', scope)).toBe(0);
      expect(of({ firstDeltaAtMs: null }, 'late.until', scope)).toBeNull();
      expect(of({ failovers: [] }, 'loss.max', scope)).toBe(0);
    }
    expect(of({ protectedAtMs: null }, 'protected.at', 'vms')).toBe(Number.POSITIVE_INFINITY);
    expect(of({ firstDeltaAtMs: null }, 'delta.at', 'vms')).toBe(Number.POSITIVE_INFINITY);
    expect(of({ firstDeltaAtMs: null }, 'unprotected', 'vms')).toBe(true);
  });

  test('without an initial replication its end is 0', () => {
    const adopted = buildRun({ options: { skipInitialReplication: true } });
    expect(FIGURES.fleet.value('ir.end', simulated(adopted), 0, adopted, 0)).toBe(0);
  });

  test('a volume of which the free space is unknown has nothing left to speak of', () => {
    const unknown = { ...result, volumes: [{ ...result.volumes[0]!, freeBytes: null, capacityBytes: null }] };
    for (const name of ['free', 'left', 'capacity']) {
      expect(FIGURES.volumes.value(name, unknown, 0, run, 0), name).toBeNull();
    }
  });

  test('every figure is told: name, unit, meaning and source, no name twice', () => {
    for (const scope of ['fleet', ...SCOPES] as const) {
      const names = FIGURES[scope].figures.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      for (const { name, meaning, source } of FIGURES[scope].figures) {
        expect(name).toMatch(/^[a-z]+[a-z0-9]*(\.[a-z]+[a-z0-9]*)*$/);
        // `2 h / count` must not be a rate.
        expect(exactUnit(name)).toBeUndefined();
        expect(meaning.length).toBeGreaterThan(5);
        expect(source).toMatch(/^[a-zA-Z0-9[\].,− ]+$/);
      }
    }
  });
});

describe('a run worked out by hand', () => {
  // 100,000 B/s for 300 s are 30,000,000 bytes in a log of 30,000,000 + 8192 + 29 × 4096; 10 Mbit/s carry it in 24.102 s.
  // So ages grow from 24.102 s to 324.102 s, evenly, all day.
  const run = buildRun();

  test.each([
    ['rpo.max == 324102 ms', true],
    ['rpo.max < 324102 ms', false],
    ['rpo.within(324102 ms) == 1', true],
    ['rpo.within(174102 ms) > 0.499 and rpo.within(174102 ms) < 0.501', true],
    ['rpo.min == 0 s', false],
    ['resyncs == 0 and cycles.missed == 0 and cycles.failed == 0', true],
    ['critical == 0 and unprotected == 0', true],
    ['link.capacity == 10 Mbit/s', true],
    ['link.capacity == 1.25 MB/s', true],
    ["vms['vm0'].written == 100 kB/s * 1 d", true],
    ['vms.max(rpo.max) == rpo.max', true],
    ["vms['vm*'].all(rpo.max <= 6 min)", true],
    ['vms.mean(log.max) > 0 B', true],
    ['volumes.max(logs) > 30 MB', true],
    ['ir.end == 0 s', true],
    ['late.until == 0 s', true],
  ])('%s: %s', async (text, holds) => {
    const detailed = simulated(run);
    const { requirement, problems } = await parsePromise(text, namesOf(run, detailed));
    expect(problems).toEqual([]);
    const result = simulate(run, simulationFor([requirement!]));
    expect(judge(requirement!, run, result).holds).toBe(holds);
  });

  test('the quantile of a sawtooth: 24.1 s to 324.1 s evenly, 99 % of the way is 321.1 s', () => {
    const long = simulated(buildRun({ options: { horizonMs: 7 * DAY_MS } })).rpo.steady;
    expect(Math.abs(long.p99Ms! - 321_102)).toBeLessThan(100);
    expect(Math.abs(long.p95Ms! - 309_102)).toBeLessThan(100);
  });
});

describe('laws', () => {
  test('what does not need detail is the same in the lean simulation', () => {
    fc.assert(
      fc.property(anySiteRun, (run) => {
        const [lean, full] = [simulated(run, { objectivesOnly: true }), simulated(run)];
        for (const scope of ['fleet', ...SCOPES] as const) {
          const { figures, names, value } = FIGURES[scope];
          for (const { name, needsDetail, dimension } of figures) {
            if (needsDetail === true) continue;
            // The series cut what flows into buckets, which shows in the last bit of sums: a millisecond or a byte when rounded.
            const slack = dimension === 'ms' || dimension === 'B' ? 1 : name === 'count' ? 0 : 1e-9;
            names(full).forEach((member, place) => {
              const [a, b] = [lean, full].map((result) => value(name, result, place, run, run.options.rpoTargetMs));
              if (typeof a !== 'number' || typeof b !== 'number' || a === b)
                expect(a, `${scope} ${member} ${name}`).toBe(b);
              else expect(Math.abs(a - b), `${scope} ${member} ${name}`).toBeLessThanOrEqual(slack);
            });
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  test('what needs detail is not there without: the mark is needed', () => {
    const run = buildRun({
      vms: [buildVm({ disks: [buildDisk({ usedBytes: GIB })] })],
      options: { skipInitialReplication: false },
    });
    const [lean, full] = [simulated(run, { objectivesOnly: true }), simulated(run)];
    for (const [scope, name] of [
      ['fleet', 'link.p95'],
      ['vms', 'log.max'],
      ['vms', 'log.fill'],
      ['vms', 'snapshot.max'],
      ['hosts', 'sent'],
      ['volumes', 'extra'],
    ] as const) {
      const of = (result: RunResult): unknown => FIGURES[scope].value(name, result, 0, run, 0);
      expect(of(full), name).toBeGreaterThan(0);
      expect(of(lean) ?? 0, name).toBe(0);
    }
  });

  test('the share within an age is that of a run whose target it is', () => {
    const anyAges = fc.uniqueArray(fc.integer({ min: 1, max: 3 * HOUR_MS }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(anySiteRun, anyAges, (run, asked) => {
        const withinMs = asked.toSorted((a, b) => a - b);
        const result = simulated(run, { objectivesOnly: true, withinMs });
        for (const ageMs of withinMs) {
          const twin: Run = { ...run, options: { ...run.options, rpoTargetMs: ageMs } };
          const twinResult = simulated(twin, { objectivesOnly: true });
          expect(FIGURES.fleet.value('rpo.within', result, 0, run, ageMs)).toBe(
            twinResult.rpo.steady.withinTargetFraction,
          );
          expect(FIGURES.fleet.value('rpo.all.within', result, 0, run, ageMs)).toBe(
            twinResult.rpo.withinTargetFraction,
          );
          twinResult.vms.forEach((vm, place) => {
            expect(FIGURES.vms.value('rpo.within', result, place, run, ageMs)).toBe(vm.steadyRpo.withinTargetFraction);
          });
        }
      }),
      { numRuns: 40 },
    );
  });

  test('counting further ages changes nothing else', () => {
    fc.assert(
      fc.property(anySiteRun, (run) => {
        const strip = (stats: RpoStats): RpoStats => ({ ...stats, within: [] });
        const plain = simulated(run, { objectivesOnly: true });
        const counted = simulated(run, { objectivesOnly: true, withinMs: [MINUTE_MS] });
        expect(strip(counted.rpo.steady)).toEqual(strip(plain.rpo.steady));
        expect(counted.vms.map((vm) => strip(vm.rpo))).toEqual(plain.vms.map((vm) => strip(vm.rpo)));
        expect(plain.rpo.steady).not.toHaveProperty('within');
      }),
      { numRuns: 20 },
    );
  });
});
