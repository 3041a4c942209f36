import type { SiteEvent } from '../../src/model/event.ts';
import { describeEvent } from '../../src/model/event-text.ts';
import { DEFAULT_RULES } from '../../src/model/policy.ts';
import { SCENARIOS, type ScenarioId } from '../../src/model/scenario.ts';
import type { PlanEvent, PlanScenario, PlanVm, RecoveryPlanOutcome } from '../../src/plan/plan.ts';
import { recoveryPlanOutcomes } from '../../src/plan/recovery-plans.ts';
import { DAY_MS, GIB, HOUR_MS, MINUTE_MS } from '../../src/units.ts';
import { HOSTILE_NAMES } from './hostile-names.ts';

export function sampleScenario(id: ScenarioId): PlanScenario {
  const { title, components, paths, dataNote, encryptionNote, closedNote } = SCENARIOS[id];
  const notes = [dataNote, encryptionNote, ...(closedNote === null ? [] : [closedNote])];
  return { id, title, copyFrequencyMs: 5 * MINUTE_MS, components, paths, notes };
}

/** One that is known throughout, one with hostile names in it, one whose losses are not known. */
export function sampleRecoveryPlans(vms: readonly PlanVm[]): RecoveryPlanOutcome[] {
  const names = vms.map((vm) => vm.name);
  const group = (name: string, members: readonly string[]) => ({ name, vms: members, before: [], after: [] });
  const members = vms.map((vm, index) => ({ ...vm, lastSetMs: 20_000 + 1000 * (index % 30) }));
  const plans = [
    {
      name: 'Shop',
      groups: [
        group('Directory', names.slice(3, 4)),
        {
          ...group('Databases', names.slice(0, 3)),
          after: [{ title: 'Check the databases', kind: 'manual' as const, takesMs: 15 * MINUTE_MS }],
        },
        {
          ...group(
            'Web',
            names.slice(15, 29).filter((_, index) => index !== 9),
          ),
          before: [{ title: 'Mount the shares', kind: 'runbook' as const, takesMs: 90_000 }],
          after: [{ title: 'Switch DNS', kind: 'manual' as const, takesMs: 10 * MINUTE_MS }],
        },
      ],
    },
    {
      name: HOSTILE_NAMES[0]!,
      detectionMs: 5 * MINUTE_MS,
      decisionMs: HOUR_MS,
      groups: [
        {
          ...group(HOSTILE_NAMES[1]!, names.slice(5, 12)),
          after: [{ title: HOSTILE_NAMES[4]!, kind: 'manual' as const, takesMs: 25 * MINUTE_MS }],
        },
      ],
    },
    { name: 'Archive', groups: [group('All', [...names.slice(30, 31), 'gone-01'])] },
  ];
  return recoveryPlanOutcomes(plans, members, DEFAULT_RULES);
}

export function sampleEvents(vms: readonly PlanVm[], horizonMs: number): PlanEvent[] {
  const vm = (index: number) => ({ scope: 'vm' as const, name: vms[index]?.name ?? 'vm-1' });
  const row = (event: SiteEvent, appliedCount: number, refused: PlanEvent['refused'] = [], more = 0): PlanEvent => ({
    event,
    text: describeEvent(event),
    appliedCount,
    refusedCount: refused.length + more,
    refused,
  });
  const dayMs = Math.min(DAY_MS, horizonMs / 8);
  return [
    row({ kind: 'linkSlow', atMs: dayMs, untilMs: dayMs + 2 * HOUR_MS, capacityBitsPerSec: 20e6 }, 0),
    row(
      {
        kind: 'volumeTaken',
        volume: 'C:\\ClusterStorage\\Volume1',
        bytes: 40 * GIB,
        atMs: 2 * dayMs,
        untilMs: 3 * dayMs,
      },
      1,
    ),
    row({ kind: 'hostDown', host: 'HV02.contoso.local', atMs: 3 * dayMs, untilMs: 3 * dayMs + HOUR_MS }, 15),
    row({ kind: 'nonRecoverable', cause: 'authenticationError', target: vm(12), atMs: 4 * dayMs }, 1),
    row({ kind: 'action', action: 'pause', target: vm(24), atMs: 5 * dayMs }, 1),
    row(
      { kind: 'action', action: 'testFailover', target: { scope: 'plan', name: HOSTILE_NAMES[0]! }, atMs: 6 * dayMs },
      3,
      [5, 6, 7, 8, 9].map((index) => ({
        vm: vms[index]?.name ?? 'vm-1',
        reason: index === 6 ? HOSTILE_NAMES[1]! : 'the VM waits for its resynchronization',
      })),
      7,
    ),
    row({ kind: 'action', action: 'resynchronize', target: { scope: 'all' }, atMs: horizonMs + HOUR_MS }, 0),
  ];
}
