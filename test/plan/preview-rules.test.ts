import { expect, test } from 'vitest';
import { benchRun } from '../../bench/fleet.ts';
import { ruleSetOf } from '../../src/model/rules.ts';
import { makePlan, type PlanRequest, previewPlan } from '../../src/plan/make-plan.ts';
import { SHIPPED_RULES } from '../../src/plan/shipped-rules.ts';
import { DAY_MS } from '../../src/units.ts';

const request = (rules: PlanRequest['rules']): PlanRequest => {
  const run = benchRun(3);
  return {
    run: { ...run, options: { ...run.options, horizonMs: DAY_MS } },
    ...{ bandwidthGiven: true, givenOptions: new Set(), assumptions: [], problems: [], version: '0' },
    ...(rules === undefined ? {} : { rules }),
  };
};

test('without rules a plan is judged by the shipped ones', () => {
  expect(makePlan(request(undefined)).rules).toEqual(SHIPPED_RULES);
});

test('a preview is judged anew, by the rules of the plan that it was made of', () => {
  const limit = { ...SHIPPED_RULES.limits.find(({ id }) => id === 'churn')!, limit: 1e-9 };
  const rules = ruleSetOf([{ file: 'm', rules: { schema: 'asr-plan/rules@1', title: 'm', limits: [limit] } }]);
  const given = request(rules);
  const base = makePlan(given);
  expect(base.compatibility.counts.incompatible).toBe(3);
  const { rules: _, ...bare } = given;
  const calm = given.run.workload.vms.map((vm) => ({
    ...vm,
    disks: vm.disks.map((disk) => ({ ...disk, churn: { kind: 'constant', bytesPerSec: 0 } as const })),
  }));
  const run = { ...given.run, workload: { ...given.run.workload, vms: calm } };
  const preview = previewPlan({ ...bare, run }, base);
  expect(preview.rules).toEqual(rules);
  expect(preview.compatibility.counts).toEqual({ compatible: 3, incompatible: 0, unknown: 0 });
  expect(previewPlan(bare, base).compatibility).toEqual(base.compatibility);
});
