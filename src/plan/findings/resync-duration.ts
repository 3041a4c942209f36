import { windowMinutes } from '../../model/schedule.ts';
import { formatDurationMs, MINUTE_MS } from '../../units.ts';
import { counted, type FindingRule, namesOf } from './finding.ts';

/** VMs whose resynchronization would not be through when its daily window ends. */
export const resyncDuration: FindingRule = {
  id: 'resync-duration',
  fine: 'A resynchronization fits into its daily window',
  trouble: 'A resynchronization lasts longer than its daily window',
  why: 'It begins in the window and goes on after it: into the work hours, on a link that the deltas of the day need.',
  source:
    'Hyper-V replication with Azure Site Recovery, 2016, "Resynchronization"; alone on the link, after logs of half a disk',
  judge({ run, vms }) {
    const windowMs = windowMinutes(run.policy.resyncWindow) * MINUTE_MS;
    const longest = vms.toSorted((a, b) => b.resyncCost.resync.durationMs - a.resyncCost.resync.durationMs);
    const worst = longest[0];
    if (worst === undefined) return undefined;
    const { durationMs } = worst.resyncCost.resync;
    const late = longest.filter(({ resyncCost }) => resyncCost.resync.durationMs > windowMs);
    if (late.length === 0) {
      const title = `The longest resynchronization, of ${worst.name}, takes ${formatDurationMs(durationMs)} of the window’s ${formatDurationMs(windowMs)}`;
      return { ok: true, title, value: durationMs, unit: 'ms' };
    }
    return {
      ok: false,
      severity: 'note',
      title: `A resynchronization of ${counted(late.length, 'VM')} would last longer than its window of ${formatDurationMs(windowMs)}: ${worst.name} ${formatDurationMs(durationMs)}`,
      ...{ value: durationMs, unit: 'ms' },
      action: 'Avoid what forces it (outages, full volumes), or resynchronize these by hand on a weekend.',
      names: namesOf(late),
    };
  },
};
