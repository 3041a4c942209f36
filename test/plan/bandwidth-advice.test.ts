import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { benchRun } from '../../bench/fleet.ts';
import { type Run, withBandwidth } from '../../src/model/run.ts';
import type { Disk } from '../../src/model/workload.ts';
import {
  gridIndex,
  gridValue,
  lastInitialReplicationEndMs,
  searchBandwidth,
  searchInitialReplication,
} from '../../src/plan/bandwidth.ts';
import { changesOf } from '../../src/plan/changes.ts';
import { exclusionAdvice } from '../../src/plan/exclusion-advice.ts';
import { objectiveNeeds } from '../../src/plan/make-plan.ts';
import { percentileWay } from '../../src/plan/percentile-way.ts';
import type { TradeoffPoint } from '../../src/plan/plan.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { DAY_MS, GIB, HOUR_MS, MINUTE_MS } from '../../src/units.ts';
import { anySiteRun } from '../laws/any-site.ts';
import { buildDisk, buildRun, buildVm } from '../laws/build-run.ts';

function fleetOf(disks: readonly Partial<Disk>[], horizonMs = 7 * DAY_MS): Run {
  const run = buildRun({ vms: disks.map((own, index) => buildVm({ name: `vm${index}`, disks: [buildDisk(own)] })) });
  return { ...run, options: { ...run.options, horizonMs, growthRatio: 0, skipInitialReplication: true } };
}

const NOTHING = { always: null, mostly: null, nineTenths: null, points: [], runCount: 0, failsBelow: null };

describe('bandwidth for shares of the time', () => {
  it('needs no more for less: 90 % at most what 95 % needs, and that at most what always needs', () => {
    fc.assert(
      fc.property(anySiteRun, (run) => {
        const { always, mostly, nineTenths } = searchBandwidth(run);
        if (always !== null) expect(mostly).not.toBeNull();
        if (mostly !== null) expect(nineTenths).not.toBeNull();
        expect(mostly ?? 0).toBeLessThanOrEqual(always ?? Number.POSITIVE_INFINITY);
        expect(nineTenths ?? 0).toBeLessThanOrEqual(mostly ?? Number.POSITIVE_INFINITY);
      }),
      { numRuns: 25 },
    );
  }, 120_000);

  it('90 % holds at the answer and does not just below it', () => {
    const run = benchRun(8, 1);
    const { nineTenths } = searchBandwidth(run);
    const share = (bitsPerSec: number): number =>
      simulate(withBandwidth(run, bitsPerSec)).rpo.steady.withinTargetFraction ?? 0;
    expect(share(nineTenths!)).toBeGreaterThanOrEqual(0.9);
    expect(share(gridValue(gridIndex(nineTenths!) - 1))).toBeLessThan(0.9);
  });
});

describe('bandwidth for initial replication in a wanted time', () => {
  it('is the least at which the last one ends in time', () => {
    const run = { ...benchRun(8, 2) };
    const whole = { ...run, options: { ...run.options, skipInitialReplication: false } };
    const withinMs = 10 * HOUR_MS;
    const needed = searchInitialReplication(whole, withinMs)!;
    const endMs = (bitsPerSec: number): number =>
      lastInitialReplicationEndMs(simulate(withBandwidth(whole, bitsPerSec))) ?? Number.POSITIVE_INFINITY;
    expect(endMs(needed)).toBeLessThanOrEqual(withinMs);
    expect(endMs(gridValue(gridIndex(needed) - 1))).toBeGreaterThan(withinMs);
  });

  it('of a fleet that writes nothing is its used bytes over the time, by hand', () => {
    const run = fleetOf([{ usedBytes: 10 * GIB, sizeBytes: 20 * GIB, churn: { kind: 'constant', bytesPerSec: 0 } }]);
    const whole = { ...run, options: { ...run.options, skipInitialReplication: false } };
    const needed = searchInitialReplication(whole, HOUR_MS)!;
    const { compressionRatio } = whole.policy;
    const bits = (10 * GIB * 8 * compressionRatio) / 3600 / whole.site.link.efficiencyRatio;
    expect(needed / bits).toBeGreaterThan(0.99);
    expect(needed / bits).toBeLessThan(1.03);
  });
});

describe('other objectives, read off the runs', () => {
  const point = (mbps: number, rpoMaxMs: number | null): TradeoffPoint => ({
    ...{ bitsPerSec: mbps * 1e6, rpoP50Ms: 0, rpoP95Ms: 0, rpoMaxMs },
    ...{ withinTargetFraction: 1, initialReplicationEndMs: null },
  });

  it('lie between the last run that fails and the one after it', () => {
    const needs = objectiveNeeds([
      point(10, null),
      point(20, 40 * MINUTE_MS),
      point(30, 20 * MINUTE_MS),
      point(40, 5 * MINUTE_MS),
    ]);
    const of = (minutes: number) => needs.find(({ rpoMs }) => rpoMs === minutes * MINUTE_MS);
    expect(of(60)).toMatchObject({ failsBitsPerSec: 10e6, meetsBitsPerSec: 20e6 });
    expect(of(30)).toMatchObject({ failsBitsPerSec: 20e6, meetsBitsPerSec: 30e6 });
    expect(of(5)).toMatchObject({ failsBitsPerSec: 30e6, meetsBitsPerSec: 40e6 });
    expect(of(1)).toMatchObject({ failsBitsPerSec: 40e6, meetsBitsPerSec: null });
  });

  it('are not taken from a run below one that fails', () => {
    const needs = objectiveNeeds([point(10, MINUTE_MS), point(20, 3 * MINUTE_MS), point(30, MINUTE_MS)]);
    expect(needs[0]).toEqual({ rpoMs: MINUTE_MS, failsBitsPerSec: 20e6, meetsBitsPerSec: 30e6 });
  });
});

describe('the way by percentile and growth', () => {
  it('of constant churn is that churn times 1.3, and nothing coincides or peaks', () => {
    const run = fleetOf([
      { churn: { kind: 'constant', bytesPerSec: 1e6 } },
      { churn: { kind: 'constant', bytesPerSec: 3e6 } },
    ]);
    const way = percentileWay(run, NOTHING, NOTHING);
    expect(way.bitsPerSec / (4e6 * 8 * 1.3)).toBeCloseTo(1, 9);
    const change = Object.fromEntries(way.steps.map(({ id, changeBitsPerSec }) => [id, changeBitsPerSec]));
    expect(change.growth! / (-4e6 * 8 * 0.3)).toBeCloseTo(1, 9);
    expect(Math.abs(change.coincidence!)).toBeLessThan(1);
    expect(Math.abs(change.peaks!)).toBeLessThan(1);
  });

  it('leaves a burst of less than a twentieth of the time out, which the steps put back', () => {
    const burst = (atHour: number): Disk['churn'] => ({
      kind: 'series',
      startMs: [0, atHour * HOUR_MS, (atHour + 1) * HOUR_MS],
      writtenBytes: [atHour * 3.6e9, 36e9, (99 - atHour) * 3.6e9],
      endMs: 100 * HOUR_MS,
      repeatMs: 0,
    });
    // Two bursts of an hour in a hundred, ten times the rest, at different times.
    const way = percentileWay(fleetOf([{ churn: burst(10) }, { churn: burst(50) }], 100 * HOUR_MS), NOTHING, NOTHING);
    const bits = 1e6 * 8;
    expect(way.bitsPerSec / (2 * bits * 1.3)).toBeCloseTo(1, 6);
    const after = Object.fromEntries(way.steps.map(({ id, bitsPerSec }) => [id, bitsPerSec]));
    expect(after.growth! / (2 * bits)).toBeCloseTo(1, 6);
    expect(after.coincidence! / (2 * bits)).toBeCloseTo(1, 6);
    expect(after.peaks! / (11 * bits)).toBeCloseTo(1, 6);
  });

  it('finds peaks that never coincide: two VMs that take turns', () => {
    const turns = (isFirst: boolean): Disk['churn'] => ({
      kind: 'series',
      startMs: [0, HOUR_MS],
      writtenBytes: isFirst ? [3.6e9, 0] : [0, 3.6e9],
      endMs: 2 * HOUR_MS,
      repeatMs: 2 * HOUR_MS,
    });
    const way = percentileWay(fleetOf([{ churn: turns(true) }, { churn: turns(false) }], DAY_MS), NOTHING, NOTHING);
    const coincidence = way.steps.find(({ id }) => id === 'coincidence')!;
    expect(coincidence.changeBitsPerSec / -8e6).toBeCloseTo(1, 6);
  });

  it('every step adds to the one before, and the last ends at what the simulation found', () => {
    fc.assert(
      fc.property(anySiteRun, (run) => {
        const [bandwidth, deltaOnly] = [
          searchBandwidth(run),
          searchBandwidth({ ...run, options: { ...run.options, skipInitialReplication: true } }),
        ];
        const way = percentileWay(run, bandwidth, deltaOnly);
        let reached = way.bitsPerSec;
        for (const { changeBitsPerSec, bitsPerSec } of way.steps) {
          expect(reached + changeBitsPerSec).toBeCloseTo(bitsPerSec, 3);
          reached = bitsPerSec;
        }
        if (way.steps.length > 0 && deltaOnly.always !== null) {
          expect(reached).toBe(bandwidth.always ?? deltaOnly.always);
        }
      }),
      { numRuns: 15 },
    );
  }, 120_000);

  it('says nothing of a fleet that writes nothing', () => {
    expect(percentileWay(fleetOf([{ churn: { kind: 'constant', bytesPerSec: 0 } }]), NOTHING, NOTHING)).toMatchObject({
      bitsPerSec: 0,
      steps: [],
    });
  });
});

describe('what changes would buy', () => {
  const run = benchRun(20, 1);
  const tried: string[] = [];
  const changes = changesOf(run, simulate(run), exclusionAdvice(run), (words) => tried.push(words));

  it('is what a run with the change comes to', () => {
    const double = changes.changes.find(({ id }) => id === 'double-bandwidth')!;
    const { rpo, link, horizonMs } = simulate(withBandwidth(run, 2 * run.site.link.capacityBitsPerSec));
    expect(double.figures.worstRpoMs).toBe(rpo.steady.maxMs);
    expect(double.figures.wireBytesPerDay).toBe(Math.round((link.sentBytes.total * DAY_MS) / horizonMs));
    expect(changes.asPlanned.worstRpoMs).toBe(simulate(run).rpo.steady.maxMs);
  });

  it('takes a run for each, at most eight, and fewer for a large fleet, of which it names the rest', () => {
    expect(tried.length).toBe(changes.changes.length);
    expect(tried.length).toBeLessThanOrEqual(8);
    const large = benchRun(5000, 1);
    const short = { ...large, options: { ...large.options, horizonMs: 20 * MINUTE_MS } };
    const few = changesOf(short, simulate(short), []);
    expect(few.changes).toHaveLength(2);
    expect(few.notTried.length).toBeGreaterThan(1);
    expect(few.changes.length + few.notTried.length).toBeGreaterThan(3);
  });

  it('puts first what lowers the worst RPO most', () => {
    const ages = changes.changes.map(({ figures }) => figures.worstRpoMs ?? Number.POSITIVE_INFINITY);
    expect(ages).toEqual(ages.toSorted((a, b) => a - b));
    const halved = changes.changes.find(({ id }) => id === 'half-bandwidth')!;
    expect(halved.figures.worstRpoMs!).toBeGreaterThan(changes.asPlanned.worstRpoMs!);
  });

  it('names options that are there, and a throttle only where there is one', () => {
    expect(changes.changes.find(({ id }) => id === 'double-bandwidth')!.how).toMatch(/^--bandwidth \d+bps$/);
    expect(changes.changes.some(({ id }) => id === 'throttle')).toBe(false);
    expect(changes.changes.some(({ id }) => id === 'copy-30s')).toBe(true);
    expect(changes.changes.some(({ id }) => id === 'copy-300s')).toBe(false);
  });
});
