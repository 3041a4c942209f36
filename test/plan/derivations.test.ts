import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Run } from '../../src/model/run.ts';
import { withBandwidth } from '../../src/model/run.ts';
import { gridIndex } from '../../src/plan/bandwidth.ts';
import { derivationsOf, vmDerivations, volumeDerivations } from '../../src/plan/derivations/derivations.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import type { Derivation, Plan } from '../../src/plan/plan.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { DAY_MS, GIB, HOUR_MS, MINUTE_MS } from '../../src/units.ts';
import { anySiteRun } from '../laws/any-site.ts';
import { buildDisk, buildRun, buildVm } from '../laws/build-run.ts';

function planOf(run: Run): Plan {
  return makePlan({
    ...{ run, bandwidthGiven: true, givenOptions: new Set<string>(), assumptions: [], problems: [], version: '0' },
  });
}

function derived(derivations: readonly Derivation[], id: string): Derivation {
  const found = derivations.find((derivation) => derivation.id === id);
  if (found === undefined) throw new Error(`${id} is not among ${derivations.map((one) => one.id).join(' ')}`);
  return found;
}

/** Two VMs over a day on a link that is down for two hours from 10:00 on. */
const RUN = buildRun({
  vms: ['VM1', 'VM2'].map((name, index) =>
    buildVm({
      name,
      disks: [buildDisk({ usedBytes: GIB, readFrom: { file: 'vms.csv', row: index + 2 } })],
    }),
  ),
  link: { outages: [{ startMs: 10 * HOUR_MS, endMs: 12 * HOUR_MS }] },
  options: { horizonMs: DAY_MS, rpoTargetMs: 15 * MINUTE_MS },
});

describe('a worst RPO', () => {
  it('was decided by the window from the cut of the point to the arrival of the next one', () => {
    const result = simulate(RUN);
    const plan = planOf(RUN);
    for (const [index, vm] of plan.vms.entries()) {
      const { value, window } = derived(vmDerivations(plan, vm), 'vm-rpo-worst');
      expect(value).toBe(vm.steadyRpo.maxMs);
      expect(window!.untilMs - window!.fromMs).toBe(vm.steadyRpo.maxMs);
      expect(window!.untilMs).toBe(result.vms[index]!.worstAgeAtMs);
      // The outage of 10:00 to 12:00, the wait for the next attempt after it, and the cut before it.
      expect(window!.fromMs).toBeGreaterThan(10 * HOUR_MS - 11 * MINUTE_MS);
      expect(window!.fromMs).toBeLessThanOrEqual(10 * HOUR_MS);
      expect(window!.untilMs).toBeGreaterThan(12 * HOUR_MS);
      expect(window!.untilMs).toBeLessThan(13 * HOUR_MS);
      // Minute by minute, from the spans.
      let waitedMs = 0;
      for (let atMs = window!.fromMs; atMs < window!.untilMs; atMs += MINUTE_MS) {
        const span = vm.constraints.find(({ startMs, endMs }) => startMs <= atMs && atMs < endMs);
        if (span?.constraint === 'backOff') waitedMs += MINUTE_MS;
      }
      const [, said] = /the wait for the next attempt \((\d+ h(?: \d+ min)?)\)/.exec(window!.what)!;
      const [hours = 0, minutes = 0] = said!.match(/\d+/g)!.map(Number);
      expect(Math.abs(hours * HOUR_MS + minutes * MINUTE_MS - waitedMs)).toBeLessThanOrEqual(2 * MINUTE_MS);
    }
  });

  it('of the fleet is that of its worst VM', () => {
    const plan = planOf(RUN);
    const fleet = derived(plan.derivations, 'rpo-worst');
    const worst = plan.vms.toSorted((a, b) => b.steadyRpo.maxMs! - a.steadyRpo.maxMs!)[0]!;
    expect(fleet.value).toBe(plan.rpo.steady.maxMs);
    expect(fleet.filled.startsWith(`${worst.name}: `)).toBe(true);
    expect(fleet.window).toEqual(derived(vmDerivations(plan, worst), 'vm-rpo-worst').window);
  });

  it('names the rows of the files, and what was given or taken', () => {
    const plan = planOf(RUN);
    const { inputs } = derived(vmDerivations(plan, plan.vms[1]!), 'vm-rpo-worst');
    expect(inputs.find(({ name }) => name === 'usedBytes')).toEqual({
      ...{ name: 'usedBytes', value: GIB, from: 'vms.csv, row 3' },
    });
    expect(inputs.map(({ name }) => name)).toContain('copyFrequencyMs');
    const files = buildRun({
      vms: [
        buildVm({
          disks: Array.from({ length: 11 }, (_, row) =>
            buildDisk({ name: `d${row}`, readFrom: { file: row < 2 ? 'a.csv' : 'b.csv', row: 20 - row } }),
          ),
        }),
      ],
    });
    const many = planOf(files);
    expect(derived(vmDerivations(many, many.vms[0]!), 'vm-churn').inputs[0]!.from).toBe(
      'a.csv, rows 19, 20; b.csv, rows 10, 11, 12, 13, 14, 15, 16, 17 and 1 more',
    );
  });
});

describe('a recommended bandwidth', () => {
  it('says what failed at the next lower one, and a run at that one says the same', () => {
    const run = { ...RUN, site: { ...RUN.site, link: { ...RUN.site.link, outages: [] } } };
    const plan = planOf(run);
    const { failsBelow, bitsPerSecForRpoAlways } = plan.recommendation;
    expect(gridIndex(failsBelow!.bitsPerSec)).toBe(gridIndex(bitsPerSecForRpoAlways!) - 1);
    const below = simulate(withBandwidth(run, failsBelow!.bitsPerSec));
    const vm = below.vms.find(({ name }) => name === failsBelow!.vm)!;
    if (failsBelow!.ageMs === null) expect(vm.firstDeltaAtMs).toBeNull();
    else {
      expect(failsBelow!.ageMs).toBeGreaterThan(run.options.rpoTargetMs);
      // The search stops at the first breach.
      expect(failsBelow!.ageMs).toBeLessThanOrEqual(vm.steadyRpo.maxMs!);
      expect(failsBelow!.atMs).toBeLessThanOrEqual(vm.lastBreachAtMs!);
    }
    const { value, filled } = derived(plan.derivations, 'bandwidth-always');
    expect(value).toBe(bitsPerSecForRpoAlways);
    expect(filled).toContain(failsBelow!.vm);
  });
});

describe('the derivations of any run', () => {
  it('are whole, finite, each once, inside the run, and their values are the plan’s', () => {
    fc.assert(
      fc.property(anySiteRun, (run) => {
        const plan = planOf(run);
        const { derivations: _, ...rest } = plan;
        expect(derivationsOf(rest)).toEqual(plan.derivations);
        const lists = [
          plan.derivations,
          ...plan.vms.map((vm) => vmDerivations(plan, vm)),
          ...plan.volumes.map((volume) => volumeDerivations(plan, volume)),
        ];
        for (const list of lists) {
          expect(new Set(list.map(({ id }) => id)).size).toBe(list.length);
          for (const { id, value, formula, filled, rule, source, window, inputs } of list) {
            expect(value === null || Number.isFinite(value), id).toBe(true);
            expect(`${formula} ${filled} ${rule} ${source} ${window?.what}`.replace(/undefined$/, ''), id).not.toMatch(
              /NaN|undefined|Infinity|\[object/,
            );
            for (const { name } of inputs) expect(name).toMatch(/^[a-z][A-Za-z]+$/);
            if (window === null) continue;
            expect(window.fromMs, id).toBeLessThanOrEqual(window.untilMs);
            expect(window.untilMs, id).toBeLessThanOrEqual(plan.horizonMs);
          }
        }
        const { failsBelow, bitsPerSecForRpoAlways: always } = plan.recommendation;
        if (failsBelow !== null && always !== null) {
          expect(gridIndex(failsBelow.bitsPerSec)).toBe(gridIndex(always) - 1);
        }
        const figure = (id: string) => plan.derivations.find((one) => one.id === id)?.value ?? null;
        expect(figure('rpo-worst')).toBe(plan.rpo.steady.maxMs);
        expect(figure('rpo-within')).toBe(plan.rpo.steady.withinTargetFraction);
        expect(figure('link-p95')).toBe(plan.link.p95BitsPerSec);
        expect(figure('link-sent')).toBe(plan.link.sentBytes.total);
        expect(figure('fleet-churn')).toBe(plan.fleet.churnBytesPerDay);
        expect(figure('bandwidth-always')).toBe(plan.recommendation.bitsPerSecForRpoAlways);
        if (plan.volumes.length > 0) {
          expect(figure('volume-extra')).toBe(Math.max(...plan.volumes.map((volume) => volume.extraPeakBytes)));
        }
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});
