import type { Plan, RecoveryPlanOutcome } from '../plan/plan.ts';
import { formatDurationMs } from '../units.ts';
import { shownName } from './shown-name.ts';
import { heading, type Paint } from './terminal-paint.ts';
import { type NamedColumn, namedTable } from './terminal-table.ts';

const PLANS_MOST = 6;

/** The most needed first: what a narrow terminal leaves out stands in the other reports. */
const FIGURES: readonly NamedColumn<RecoveryPlanOutcome>[] = [
  { title: 'RTO', columns: 11, text: ({ unplanned }) => formatDurationMs(unplanned.rtoMs) },
  {
    title: 'worst loss',
    columns: 11,
    text: ({ unplanned: { loss } }) => (loss === null ? 'unknown' : formatDurationMs(loss.max.lossMs)),
  },
  {
    title: '95 % loss',
    columns: 11,
    text: ({ unplanned: { loss } }) => (loss === null ? 'unknown' : formatDurationMs(loss.p95.lossMs)),
  },
  { title: 'down, planned', columns: 13, text: ({ planned }) => formatDurationMs(planned.downtimeMs) },
];

/** RTO and data loss of the recovery plans, the longest RTO first; nothing where there are none. */
export function recoveryPlanLines(plan: Plan, width: number, paint: Paint): string[] {
  const count = plan.recoveryPlans.length;
  if (count === 0) return [];
  const shown = [...plan.recoveryPlans]
    .sort((left, right) => right.unplanned.rtoMs - left.unplanned.rtoMs)
    .slice(0, PLANS_MOST);
  const title = count > shown.length ? `Recovery plans (the ${shown.length} longest of ${count})` : 'Recovery plans';
  const names = shown.map(({ name }) => shownName(name));
  return [heading(title, paint), ...namedTable('Plan', names, FIGURES, shown, width, paint)];
}
