import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Change, diffPlans, type PlanDiff } from '../../src/plan/diff/diff.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { renderDiff } from '../../src/report/terminal-diff.ts';
import { columnsOf } from '../../src/report/terminal-width.ts';
import { GIB } from '../../src/units.ts';
import { samplePlan } from '../report/sample-plan.ts';
import { fullPlan } from '../report/sample-tables.ts';

const validate = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }).compile(
  JSON.parse(readFileSync(new URL('../../schemas/diff.schema.json', import.meta.url), 'utf8')),
);

const base = samplePlan({ vmCount: 8 });

/** Edits of a plan, any few of which are made. */
const EDITS: readonly ((plan: Plan) => Plan)[] = [
  (plan) => ({ ...plan, vms: plan.vms.slice(1) }),
  (plan) => ({ ...plan, vms: [...plan.vms, { ...plan.vms[0]!, name: 'NEW01', churnBytesPerDay: 7 * GIB }] }),
  (plan) => ({
    ...plan,
    vms: plan.vms.map((vm, at) => (at === 2 ? { ...vm, churnBytesPerDay: vm.churnBytesPerDay * 2 } : vm)),
  }),
  (plan) => ({ ...plan, vms: plan.vms.map((vm) => ({ ...vm, steadyRpo: { ...vm.steadyRpo, maxMs: null } })) }),
  (plan) => ({ ...plan, vms: plan.vms.toReversed() }),
  (plan) => ({ ...plan, vms: plan.vms.map((vm) => ({ ...vm, name: 'SAME' })) }),
  (plan) => ({ ...plan, volumes: plan.volumes.slice(2), findings: plan.findings.slice(1) }),
  (plan) => ({ ...plan, findings: plan.findings.map((finding) => ({ ...finding, title: `${finding.title}!` })) }),
  (plan) => ({ ...plan, findings: plan.findings.map((finding) => ({ ...finding, subjects: ['another'] })) }),
  (plan) => ({
    ...plan,
    volumes: plan.volumes.map((volume) => ({ ...volume, freeBytes: 1, extraPeakBytes: volume.extraPeakBytes + 5 })),
  }),
  (plan) => ({ ...plan, recommendation: { ...plan.recommendation, bitsPerSecForRpoAlways: null } }),
  (plan) => ({ ...plan, recommendation: { ...plan.recommendation, bitsPerSecForRpoAlways: 200e6 }, seed: 7 }),
  (plan) => ({
    ...plan,
    assumptions: plan.assumptions.slice(2).map((one, at) => (at === 3 ? { ...one, value: [1, 2] } : one)),
  }),
  (plan) => ({
    ...plan,
    assumptions: [
      ...plan.assumptions,
      { name: 'novel', value: null, reason: 'x', source: 'x', origin: 'given' as const },
    ],
  }),
  (plan) => ({
    ...plan,
    receipts: [],
    events: plan.events.slice(1),
    link: { ...plan.link, outages: [] },
    version: '9.9.9',
  }),
  (plan) => ({
    ...plan,
    verdict: { ...plan.verdict, met: !plan.verdict.met, objectives: plan.verdict.objectives.slice(1) },
  }),
  (plan) => ({
    ...plan,
    recoveryPlans: plan.recoveryPlans.slice(1),
    hosts: plan.hosts.slice(1),
    runHash: 'f'.repeat(16),
  }),
];
const anyPlan = fc.subarray([...EDITS.keys()]).map((chosen) => chosen.reduce((plan, at) => EDITS[at]!(plan), base));

/** The same difference, seen from the other plan. */
function mirror(diff: PlanDiff): PlanDiff {
  const negative = (value: number): number => (value === 0 ? 0 : -value);
  const swap = <Item extends Pick<Change, 'before' | 'after' | 'change'>>(item: Item): Item => ({
    ...item,
    ...{ before: item.after, after: item.before, change: item.change === null ? null : negative(item.change) },
  });
  const subjects = ({ came, went, changed }: PlanDiff['vms']): PlanDiff['vms'] => ({
    ...{ came: went, went: came },
    changed: changed.map(({ name, changes }) => ({ name, changes: changes.map(swap) })),
  });
  return {
    ...diff,
    ...{ before: diff.after, after: diff.before },
    answers: diff.answers.map(swap),
    findings: {
      ...{ came: diff.findings.went, went: diff.findings.came },
      changed: diff.findings.changed.map(({ before, after }) => ({ before: after, after: before })),
    },
    ...{ vms: subjects(diff.vms), volumes: subjects(diff.volumes), recoveryPlans: subjects(diff.recoveryPlans) },
    causes: diff.causes.map(swap),
    contributions: diff.contributions.map((one) => ({
      ...swap(one),
      ...{ fromNew: negative(one.fromGone), fromGone: negative(one.fromNew), fromOthers: negative(one.fromOthers) },
      vms: one.vms.map(({ name, change }) => ({ name, change: negative(change) })),
      restChange: negative(one.restChange),
    })),
  };
}

describe('the difference of two plans', () => {
  test('of a plan to itself is empty', () => {
    for (const plan of [base, fullPlan(), samplePlan({ vmCount: 0, volumeCount: 0, quiet: true })]) {
      const diff = diffPlans(plan, structuredClone(plan));
      expect(diff.same).toBe(true);
      const { schema: _schema, same: _same, sameRun: _sameRun, before, after, ...lists } = diff;
      expect(before).toEqual(after);
      expect(JSON.stringify(lists)).not.toMatch(/\[[^\]]/);
    }
  });

  test('there and back are mirror images, and both are what the schema says', () => {
    let different = 0;
    fc.assert(
      fc.property(anyPlan, anyPlan, (a, b) => {
        const there = diffPlans(a, b);
        expect(diffPlans(b, a)).toEqual(mirror(there));
        expect(validate(there), JSON.stringify(validate.errors)).toBe(true);
        expect(JSON.parse(JSON.stringify(there))).toEqual(there);
        if (!there.same) different++;
      }),
    );
    expect(different).toBeGreaterThan(50);
  });

  test('what VMs add up to is the change of the total', () => {
    fc.assert(
      fc.property(anyPlan, anyPlan, (a, b) => {
        for (const { before, after, change, fromNew, fromGone, fromOthers, vms, restChange, id } of diffPlans(a, b)
          .contributions) {
          const total = (plan: Plan): number =>
            plan.vms.reduce((sum, vm) => sum + (vm[id as 'usedBytes'] as number), 0);
          expect([before, after]).toEqual([total(a), total(b)]);
          expect(fromNew + fromGone + fromOthers).toBeCloseTo(change, 3);
          expect(vms.reduce((sum, vm) => sum + vm.change, restChange)).toBeCloseTo(change, 3);
        }
      }),
    );
  });

  test('each edit is told, and nothing else', () => {
    const diff = diffPlans(base, {
      ...base,
      runHash: 'a'.repeat(16),
      recommendation: { ...base.recommendation, bitsPerSecForRpoAlways: 186e6 },
      assumptions: base.assumptions.map((one) => (one.name === 'growthRatio' ? { ...one, value: 0.3 } : one)),
      vms: base.vms.map((vm, at) => (at === 1 ? { ...vm, churnBytesPerDay: vm.churnBytesPerDay + GIB } : vm)),
    });
    expect(diff.answers).toEqual([
      {
        ...{ id: 'bitsPerSecForRpoAlways', title: 'Bandwidth for the RPO, all the time', unit: 'bit/s' },
        ...{ before: 148e6, after: 186e6, change: 38e6 },
      },
    ]);
    expect(diff.causes).toEqual([
      {
        ...{ kind: 'assumption', name: 'growthRatio', id: 'value', title: 'Value', unit: '' },
        ...{ before: 1, after: 0.3, change: -0.7 },
      },
      expect.objectContaining({ kind: 'vm', name: base.vms[1]!.name, id: 'churnBytesPerDay', change: GIB }),
    ]);
    expect(diff.contributions).toHaveLength(1);
    expect(diff.contributions[0]).toMatchObject({
      id: 'churnBytesPerDay',
      change: GIB,
      fromOthers: GIB,
      vms: [{ change: GIB }],
    });
    expect([diff.vms.changed, diff.volumes.changed, diff.findings.changed]).toEqual([[], [], []]);
    expect([diff.same, diff.sameRun]).toEqual([false, false]);
  });

  test('runs that differ in something that is not listed are not the same', () => {
    const diff = diffPlans(base, { ...base, runHash: 'a'.repeat(16) });
    expect([diff.same, diff.sameRun, diff.answers, diff.causes]).toEqual([false, false, [], []]);
    expect(renderDiff(diff, { color: false, width: 80 })).toContain('the runs differ');
  });

  test('the bandwidth of the run is a cause only where somebody gave it; else it is an answer alone', () => {
    const at = (origin: 'given' | 'default', value: number): Plan => ({
      ...base,
      link: { ...base.link, capacityBitsPerSec: value },
      assumptions: [{ name: 'capacityBitsPerSec', value, reason: 'x', source: 'x', origin }],
    });
    expect(diffPlans(at('default', 1e6), at('default', 2e6)).causes).toEqual([]);
    expect(diffPlans(at('given', 1e6), at('given', 2e6)).causes).toHaveLength(1);
    expect(diffPlans(at('default', 1e6), at('default', 2e6)).answers).toHaveLength(1);
  });

  test('an outage is told in the words of --fault', () => {
    const { causes } = diffPlans(base, { ...base, link: { ...base.link, outages: [] } });
    expect(causes).toEqual([
      expect.objectContaining({ kind: 'outage', name: 'link down at 2d10h for 1h30min', before: true, after: false }),
    ]);
  });

  test('on a terminal: no line is wider than it is, strangers’ names cannot disturb it', () => {
    const full = fullPlan();
    const other: Plan = {
      ...full,
      vms: full.vms.slice(3).map((vm) => ({ ...vm, usedBytes: vm.usedBytes + GIB })),
      volumes: [],
      findings: [],
    };
    for (const width of [40, 80]) {
      const text = renderDiff(diffPlans(full, other), { color: false, width });
      for (const line of text.split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(width);
      expect(text).not.toMatch(/[^\P{Cc}\n]|\u202E/u);
    }
    expect(renderDiff(diffPlans(full, full), { color: false, width: 80 })).toBe('The plans are the same.\n');
  });
});
