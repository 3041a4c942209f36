import type { PlanEvent, RecoveryPlanOutcome } from '../../plan/plan.ts';
import { shownName } from '../shown-name.ts';
import { listText, shownText } from './cell-text.ts';
import { type ColumnOf, defineTable, type TableMaker } from './table.ts';

function loss(which: 'p50' | 'p95' | 'max'): ColumnOf<RecoveryPlanOutcome>['of'] {
  return ({ unplanned }) => unplanned.loss?.[which].lossMs ?? null;
}

/** RTO and data loss. */
export const recoveryPlans: TableMaker = defineTable<RecoveryPlanOutcome>({
  id: 'recovery-plans',
  title: 'Recovery plans',
  sheet: 'Recovery plans',
  note: 'A row per recovery plan of the site file. RTO runs from the disaster until the last group serves; loss is that of the plan’s worst VM.',
  columns: [
    { key: 'name', title: 'Recovery plan', kind: 'text', of: ({ name }) => shownName(name) },
    { key: 'vmCount', title: 'VMs', kind: 'number', of: ({ vmCount }) => vmCount },
    { key: 'rtoMs', title: 'RTO, unplanned', kind: 'duration', of: ({ unplanned }) => unplanned.rtoMs },
    { key: 'lossP50Ms', title: 'Data loss, median', kind: 'duration', of: loss('p50') },
    { key: 'lossP95Ms', title: 'Data loss, 95 % of the time', kind: 'duration', of: loss('p95') },
    { key: 'lossMaxMs', title: 'Data loss, worst', kind: 'duration', of: loss('max') },
    {
      ...{ key: 'lossDecidedBy', title: 'Decided by', kind: 'text' },
      of: ({ unplanned }) => listText(unplanned.loss?.max.decidedBy ?? []),
    },
    {
      ...{ key: 'lossUnknown', title: 'Why the loss is not known', kind: 'text' },
      of: ({ unplanned }) => listText(unplanned.lossUnknown),
    },
    { key: 'plannedDowntimeMs', title: 'Down, planned', kind: 'duration', of: ({ planned }) => planned.downtimeMs },
    { key: 'plannedLossMs', title: 'Data loss, planned', kind: 'duration', of: ({ planned }) => planned.lossMs },
  ],
  items: (plan) => plan.recoveryPlans,
});

/** Faults and administrators' actions. */
export const events: TableMaker = defineTable<PlanEvent>({
  id: 'events',
  title: 'Faults and actions',
  sheet: 'Faults and actions',
  note: 'What struck the site and what administrators did in the run, in the words of --fault and --action, in the order of their instants.',
  columns: [
    { key: 'atMs', title: 'Time', kind: 'instant', of: ({ event }) => event.atMs },
    { key: 'kind', title: 'Kind', kind: 'text', of: ({ event }) => (event.kind === 'action' ? 'action' : 'fault') },
    { key: 'text', title: 'What', kind: 'text', of: ({ text }) => shownText(text) },
    { key: 'appliedCount', title: 'Took effect on', kind: 'number', of: ({ appliedCount }) => appliedCount },
    { key: 'refusedCount', title: 'Refused', kind: 'number', of: ({ refusedCount }) => refusedCount },
    {
      ...{ key: 'refused', title: 'The first refusals', kind: 'text' },
      of: ({ refused }) => listText(refused.map(({ vm, reason }) => `${vm}: ${reason}`)),
    },
  ],
  items: (plan) => plan.events,
});
