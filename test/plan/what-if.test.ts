import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { benchRun } from '../../bench/fleet.ts';
import type { Run } from '../../src/model/run.ts';
import { sampleAnswer, sampleOf } from '../../src/plan/fleet-sample.ts';
import { changedRequest, makePlan, type PlanRequest, previewPlan } from '../../src/plan/make-plan.ts';
import { runHash } from '../../src/plan/run-hash.ts';
import { changedRun, isUnchanged, type WhatIf, whatIfOptions, whatIfWords } from '../../src/plan/what-if.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/units.ts';
import { anySiteRun } from '../laws/any-site.ts';

function requestOf(run: Run): PlanRequest {
  return { run, bandwidthGiven: true, givenOptions: new Set(), assumptions: [], problems: [], version: '0' };
}

/** A what-if that names things of the run. */
function anyWhatIf(run: Run): fc.Arbitrary<WhatIf> {
  const disks = run.workload.vms.flatMap((vm) => vm.disks.map((disk) => ({ vm: vm.name, disk: disk.name })));
  return fc.record(
    {
      bandwidthBitsPerSec: fc.integer({ min: 1e5, max: 1e9 }),
      copyFrequencyMs: fc.constantFrom(30_000, 300_000),
      compressionRatio: fc.constantFrom(0.3, 0.75, 1),
      growthRatio: fc.constantFrom(0, 0.3, 2),
      throttle: fc.constantFrom({ kind: 'lifted' as const }, { kind: 'workHours' as const, bitsPerSec: 1e6 }),
      outage: fc
        .tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 200 }))
        .map(([hour, minutes]) => ({ startMs: hour * HOUR_MS, endMs: hour * HOUR_MS + minutes * MINUTE_MS })),
      excluded: fc.subarray(disks),
    },
    { requiredKeys: [] },
  );
}

const anyChange = anySiteRun.chain((run) => fc.tuple(fc.constant(run), anyWhatIf(run)));

describe('a what-if', () => {
  it('that changes nothing is the run itself', () => {
    fc.assert(
      fc.property(anySiteRun, (run) => {
        expect(changedRun(run, {})).toBe(run);
        expect(changedRun(run, { excluded: [] })).toBe(run);
      }),
    );
    expect(isUnchanged({})).toBe(true);
    expect(isUnchanged({ excluded: [] })).toBe(true);
    expect(isUnchanged({ growthRatio: 0 })).toBe(false);
  });

  it('of any kind gives a run that can be simulated, without what was left out, and leaves the first as it was', () => {
    fc.assert(
      fc.property(anyChange, ([run, whatIf]) => {
        const before = JSON.stringify(run);
        const changed = changedRun(run, whatIf);
        const result = simulate(changed, { objectivesOnly: true });
        expect(JSON.stringify(run)).toBe(before);
        const left = changed.workload.vms.flatMap((vm) => vm.disks.map((disk) => JSON.stringify([vm.name, disk.name])));
        for (const { vm, disk } of whatIf.excluded ?? []) expect(left).not.toContain(JSON.stringify([vm, disk]));
        const all = run.workload.vms.flatMap((vm) => vm.disks).length;
        expect(left).toHaveLength(all - (whatIf.excluded?.length ?? 0));
        expect(result.vms).toHaveLength(changed.workload.vms.length);
        expect(changed.workload.vms.every((vm) => vm.disks.length > 0)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('that lifts throttles lifts all of them, and one for work hours stands on every host', () => {
    fc.assert(
      fc.property(anySiteRun, (run) => {
        const lifted = changedRun(run, { throttle: { kind: 'lifted' } }).site;
        const links = [lifted.link, ...(lifted.furtherLinks ?? [])];
        expect([...links, ...lifted.hosts].some((one) => one.throttle !== undefined)).toBe(false);
        const { site } = changedRun(run, { throttle: { kind: 'workHours', bitsPerSec: 5e6 } });
        const throttled = new Map(site.hosts.map((host) => [host.name, host.throttle?.windows[0]?.value]));
        for (const { host } of run.workload.vms) expect(throttled.get(host)).toEqual({ kind: 'rate', bitsPerSec: 5e6 });
      }),
    );
  });

  it('joins its outage to those of the link', () => {
    fc.assert(
      fc.property(anySiteRun, (run) => {
        const outage = { startMs: HOUR_MS, endMs: 2 * HOUR_MS };
        const { outages } = changedRun(run, { outage }).site.link;
        expect(outages.some(({ startMs, endMs }) => startMs <= outage.startMs && endMs >= outage.endMs)).toBe(true);
        for (const old of run.site.link.outages) {
          expect(outages.some(({ startMs, endMs }) => startMs <= old.startMs && endMs >= old.endMs)).toBe(true);
        }
        for (const [index, one] of outages.entries()) {
          if (index > 0) expect(one.startMs).toBeGreaterThan(outages[index - 1]!.endMs);
        }
      }),
    );
  });

  it('says what it changes, and names the options that do the same', () => {
    const whatIf: WhatIf = {
      bandwidthBitsPerSec: 52_500_000,
      growthRatio: 0.29,
      copyFrequencyMs: 30_000,
      compressionRatio: 0.5,
      outage: { startMs: 10 * HOUR_MS, endMs: 12 * HOUR_MS },
      excluded: [{ vm: 'a', disk: 'b' }],
    };
    expect(whatIfWords(whatIf, (atMs) => `${atMs / HOUR_MS} o’clock`)).toEqual([
      'link of 52.5 Mbit/s',
      'a copy every 30 s',
      'compression to 50 %',
      'churn grown by 29 %',
      'link down on 10 o’clock for 2 h',
      'without one disk',
    ]);
    expect(whatIfOptions(whatIf, 1e6).map(({ option, value }) => `${option} ${value}`)).toEqual([
      '--bandwidth 52500000bps',
      '--copy-frequency 30s',
      '--compression 0.5',
      '--growth-factor 29%',
      '--fault link down at 36000s for 7200s',
    ]);
    expect(whatIfOptions({ growthRatio: 0 }, 1e6)[0]).toEqual({ option: '--bandwidth', value: '1000000bps' });
  });
});

describe('a preview', () => {
  it('of the plan’s own run is the plan, but for what rests on further runs', () => {
    fc.assert(
      fc.property(anySiteRun, (run) => {
        const request = requestOf(run);
        const plan = makePlan(request);
        const preview = previewPlan(changedRequest(request, plan, {}), plan);
        expect({ ...preview, findings: plan.findings }).toEqual(plan);
      }),
      { numRuns: 12 },
    );
  }, 60_000);

  it('tells the same of the run as the whole plan of the same change', () => {
    fc.assert(
      fc.property(anyChange, ([run, whatIf]) => {
        const request = requestOf(run);
        const base = makePlan(request);
        fc.pre(changedRun(run, whatIf).workload.vms.length > 0);
        const changed = changedRequest(request, base, whatIf);
        const preview = previewPlan(changed, base);
        const whole = makePlan(changed);
        expect(preview.runHash).toBe(whole.runHash);
        for (const key of ['verdict', 'rpo', 'vms', 'volumes', 'link', 'fleet', 'assumptions'] as const) {
          expect(preview[key]).toEqual(whole[key]);
        }
        expect(preview.recommendation).toBe(base.recommendation);
        expect(preview.failures).toBe(base.failures);
      }),
      { numRuns: 8 },
    );
  }, 120_000);
});

describe('a fingerprint', () => {
  it('is the same for the same run and differs where a single number does', () => {
    const result = simulate(benchRun(3, 1));
    expect(runHash(result)).toMatch(/^[0-9a-f]{16}$/);
    expect(runHash(simulate(benchRun(3, 1)))).toBe(runHash(result));
    expect(runHash({ ...result, eventCount: result.eventCount + 1 })).not.toBe(runHash(result));
  });

  it('does not collide over a thousand results that differ in one number', () => {
    const result = simulate(benchRun(1, 1), { objectivesOnly: true });
    const seen = new Set(Array.from({ length: 1000 }, (_, index) => runHash({ ...result, eventCount: index })));
    expect(seen.size).toBe(1000);
  });
});

describe('a sample of a fleet', () => {
  it('is the fleet where that is not larger', () => {
    const run = benchRun(10, 1);
    expect(sampleOf(run, 10)).toEqual({ sample: run, churnShare: 1 });
  });

  it('has as many VMs as asked for, the largest among them, and their part of the link', () => {
    const run = benchRun(400, 1);
    const { sample, churnShare } = sampleOf(run, 50);
    expect(sample.workload.vms).toHaveLength(50);
    const churn = (of: Run): number[] =>
      of.workload.vms.map((vm) =>
        vm.disks.reduce((sum, { churn }) => sum + (churn.kind === 'constant' ? churn.bytesPerSec : 0), 0),
      );
    expect(Math.max(...churn(sample))).toBe(Math.max(...churn(run)));
    const share = churn(sample).reduce((a, b) => a + b) / churn(run).reduce((a, b) => a + b);
    expect(churnShare).toBeCloseTo(share, 12);
    expect(sample.site.link.capacityBitsPerSec).toBe(Math.round(run.site.link.capacityBitsPerSec * share));
    // By chance alone the sample's part would be anything; strata keep it near the VMs' part.
    expect(churnShare / (50 / 400)).toBeGreaterThan(0.9);
    expect(churnShare / (50 / 400)).toBeLessThan(1.1);
  });

  it('does not depend on the order of the VMs', () => {
    const run = benchRun(60, 1);
    const turned = { ...run, workload: { ...run.workload, vms: run.workload.vms.toReversed() } };
    const names = (of: Run): string[] =>
      sampleOf(of, 20)
        .sample.workload.vms.map(({ name }) => name)
        .toSorted();
    expect(names(turned)).toEqual(names(run));
  });

  it('estimates what the whole fleet does', () => {
    const bench = benchRun(400, 2);
    const run = { ...bench, options: { ...bench.options, skipInitialReplication: false } };
    const estimate = sampleAnswer(run, 100);
    const whole = simulate(run, { objectivesOnly: true });
    expect(estimate.vmCount).toBe(100);
    expect(estimate.withinTargetFraction! / whole.rpo.steady.withinTargetFraction!).toBeCloseTo(1, 1);
    const protectedAtMs = Math.max(...whole.vms.map((vm) => vm.protectedAtMs!));
    expect(estimate.protectedAtMs! / protectedAtMs).toBeGreaterThan(0.8);
    expect(estimate.protectedAtMs! / protectedAtMs).toBeLessThan(1.25);
  });

  it('goes through any site', () => {
    fc.assert(
      fc.property(anySiteRun, fc.integer({ min: 1, max: 3 }), (run, count) => {
        const answer = sampleAnswer(run, count);
        expect(answer.vmCount).toBe(Math.min(count, run.workload.vms.length));
      }),
    );
  });
});
