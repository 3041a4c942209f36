import { describe, expect, test } from 'vitest';
import { DEFAULT_RULES } from '../../src/model/policy.ts';
import type { PlanAction, RecoveryGroup, RecoveryPlan } from '../../src/model/recovery-plan.ts';
import type { PlanVm } from '../../src/plan/plan.ts';
import { type RecoveryPlanOutcome, type RecoveryVm, recoveryPlanOutcomes } from '../../src/plan/recovery-plans.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/units.ts';

function group(name: string, vms: readonly string[], actions: Partial<RecoveryGroup> = {}): RecoveryGroup {
  return { name, vms, before: [], after: [], ...actions };
}

function action(title: string, kind: PlanAction['kind'], takesMinutes: number): PlanAction {
  return { title, kind, takesMs: takesMinutes * MINUTE_MS };
}

/** A VM whose recovery points are that old, in minutes. */
function vm(
  name: string,
  ages: readonly [p50: number, p95: number, max: number],
  own: Partial<RecoveryVm> = {},
): RecoveryVm {
  const [p50Ms, p95Ms, maxMs] = ages.map((minutes) => minutes * MINUTE_MS) as [number, number, number];
  const steadyRpo = { minMs: 0, p50Ms, p95Ms, p99Ms: maxMs, maxMs, withinTargetFraction: 1, observedMs: 1 };
  return { name, protectedAtMs: 0, steadyRpo, ...own };
}

const NO_AGES = {
  minMs: null,
  p50Ms: null,
  p95Ms: null,
  p99Ms: null,
  maxMs: null,
  withinTargetFraction: null,
  observedMs: 0,
};

function outcome(plan: Partial<RecoveryPlan>, vms: readonly RecoveryVm[]): RecoveryPlanOutcome {
  return recoveryPlanOutcomes([{ name: 'Shop', groups: [], ...plan }], vms, DEFAULT_RULES)[0]!;
}

describe('unplanned failover', () => {
  const sql = vm('sql', [3, 6, 40]);
  const web1 = vm('web1', [3, 9, 20]);
  const web2 = vm('web2', [5, 8, 20]);
  const plan: Partial<RecoveryPlan> = {
    groups: [
      group('Data', ['sql'], { before: [action('Move the DNS entry', 'script', 1)] }),
      group('Front', ['web1', 'web2'], { after: [action('Test the shop', 'manual', 15)] }),
    ],
  };

  test('the RTO is detection + decision + groups + actions, each term by itself', () => {
    const { rtoMs, terms } = outcome(plan, [sql, web1, web2]).unplanned;
    expect(terms.map(({ title, durationMs, source }) => [title, durationMs / MINUTE_MS, source])).toEqual([
      ['Until somebody knows', 10, 'rule detectionMs'],
      ['Until somebody has decided', 20, 'rule decisionMs'],
      ['Data: Move the DNS entry', 1, 'site file, script action'],
      ['Data: failover and boot of the slowest VM', 5, 'rules failoverMs + bootMs'],
      ['Front: failover and boot of the slowest VM', 5, 'rules failoverMs + bootMs'],
      ['Front: Test the shop', 15, 'site file, manual action'],
    ]);
    expect(rtoMs).toBe(56 * MINUTE_MS);
  });

  test('the plan’s own detection and decision come before the rules’', () => {
    const { terms } = outcome({ ...plan, detectionMs: 0, decisionMs: MINUTE_MS }, [sql, web1, web2]).unplanned;
    expect(terms[0]).toMatchObject({ durationMs: 0, source: 'site file, detectionMs of the plan' });
    expect(terms[1]).toMatchObject({ durationMs: MINUTE_MS, source: 'site file, decisionMs of the plan' });
  });

  test('the slowest VM of a group decides, by failover and boot together', () => {
    const slow = [
      vm('a', [1, 1, 1], { failoverMs: 4 * MINUTE_MS, bootMs: 0 }),
      vm('b', [1, 1, 1], { bootMs: 4 * MINUTE_MS }),
      vm('c', [1, 1, 1]),
    ];
    const names = slow.map(({ name }) => name);
    const term = outcome({ groups: [group('All', names)] }, slow).unplanned.terms[2];
    // a: 4 + 0, b: 2 + 4, c: 2 + 3.
    expect(term).toMatchObject({ durationMs: 6 * MINUTE_MS, source: 'the VM’s own durations', decidedBy: ['b'] });
    const alike = outcome({ groups: [group('All', ['c', 'd'])] }, slow).unplanned.terms[2];
    expect(alike).toMatchObject({ durationMs: 5 * MINUTE_MS, decidedBy: ['c', 'd'] });
  });

  test('a group without VMs costs its actions only', () => {
    const empty = group('Pause', [], { before: [action('Wait', 'manual', 2)] });
    expect(outcome({ groups: [empty] }, []).unplanned.rtoMs).toBe(32 * MINUTE_MS);
  });

  test('the loss is that of the worst VM, and each figure may be another one’s', () => {
    expect(outcome(plan, [sql, web1, web2]).unplanned.loss).toEqual({
      p50: { lossMs: 5 * MINUTE_MS, decidedBy: ['web2'] },
      p95: { lossMs: 9 * MINUTE_MS, decidedBy: ['web1'] },
      max: { lossMs: 40 * MINUTE_MS, decidedBy: ['sql'] },
    });
    expect(outcome({ groups: [plan.groups![1]!] }, [sql, web1, web2]).unplanned.loss?.max).toEqual({
      lossMs: 20 * MINUTE_MS,
      decidedBy: ['web1', 'web2'],
    });
  });

  test('a VM that cannot be recovered leaves the loss unknown, and says why', () => {
    const never = vm('web1', [0, 0, 0], { protectedAtMs: null, steadyRpo: NO_AGES });
    const fresh = vm('web2', [0, 0, 0], { steadyRpo: NO_AGES });
    const { unplanned } = outcome(plan, [never, fresh]);
    expect(unplanned.loss).toBeNull();
    expect(unplanned.lossUnknown).toEqual([
      'sql is not in the fleet.',
      'web1 was never protected.',
      'web2 had no delta within the run.',
    ]);
    expect(unplanned.rtoMs).toBe(56 * MINUTE_MS);
    expect(outcome({}, [sql]).unplanned).toMatchObject({ loss: null, lossUnknown: ['The plan has no VMs.'] });
  });
});

describe('planned failover', () => {
  const groups = [group('Data', ['sql']), group('Front', ['web'])];

  test('loses nothing and is down for the groups and the longest last transfer, not for detection and decision', () => {
    const vms = [
      vm('sql', [1, 1, 1], { lastSetMs: 90 * SECOND_MS }),
      vm('web', [1, 1, 1], { lastSetMs: 5 * SECOND_MS }),
    ];
    const { planned } = outcome({ groups }, vms);
    expect(planned.lossMs).toBe(0);
    expect(planned.terms[0]).toEqual({
      title: 'The last changes travel',
      durationMs: 90 * SECOND_MS,
      source: 'run, average cycle',
      decidedBy: ['sql'],
    });
    expect(planned.downtimeMs).toBe(10 * MINUTE_MS + 90 * SECOND_MS);
  });

  test('without known last sets it is the unplanned RTO less detection and decision', () => {
    const { planned, unplanned } = outcome({ groups }, [vm('sql', [1, 1, 1]), vm('web', [1, 1, 1])]);
    expect(planned.downtimeMs).toBe(unplanned.rtoMs - DEFAULT_RULES.detectionMs - DEFAULT_RULES.decisionMs);
    expect(planned.terms.map(({ title }) => title)).not.toContain('The last changes travel');
  });
});

test('a planned failover needs a replica of every VM, but no delta yet', () => {
  const groups = [group('All', ['sql', 'web'])];
  const fresh = vm('sql', [0, 0, 0], { steadyRpo: NO_AGES });
  const never = vm('web', [0, 0, 0], { protectedAtMs: null, steadyRpo: NO_AGES });
  expect(outcome({ groups }, [fresh, { ...never, protectedAtMs: 1 }]).planned.lossMs).toBe(0);
  expect(outcome({ groups }, [fresh, never]).planned.lossMs).toBeNull();
  expect(outcome({ groups }, [fresh]).planned.lossMs).toBeNull();
});

test('outcomes are plain data in the order of the plans, and a VM may be in several', () => {
  const plans = ['A', 'B'].map((name) => ({ name, groups: [group('1', ['sql'])] }));
  const outcomes = recoveryPlanOutcomes(plans, [vm('sql', [1, 2, 3])], DEFAULT_RULES);
  expect(outcomes.map(({ name, vmCount }) => [name, vmCount])).toEqual([
    ['A', 1],
    ['B', 1],
  ]);
  expect(JSON.parse(JSON.stringify(outcomes))).toEqual(outcomes);
});

test('a plan’s VM is what is asked for', () => {
  const asked = (vms: readonly PlanVm[]): readonly RecoveryVm[] => vms;
  expect(asked([])).toEqual([]);
});
