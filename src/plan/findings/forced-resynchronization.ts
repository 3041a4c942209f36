import { CAUSES, type CauseKey } from '../../model/cause.ts';
import { formatShare } from '../../units.ts';
import { counted, type FindingRule, namesOf } from './finding.ts';

/** VMs that have to be resynchronized, and what brought it about. */
export const forcedResynchronization: FindingRule = {
  id: 'forced-resynchronization',
  fine: 'No VM has to be resynchronized',
  trouble: 'VMs are marked for resynchronization',
  why: 'The logs are dropped, nothing is replicated until the window opens, and all recovery points are lost.',
  source: 'Hyper-V replication with Azure Site Recovery, 2016, "Resynchronization"',
  judge({ run, vms }) {
    const marked = vms.filter((vm) => vm.resyncCount > 0).sort((a, b) => b.resyncCount - a.resyncCount);
    if (marked.length === 0) return { ok: true, title: 'No VM has to be resynchronized', value: 0, unit: 'VMs' };
    const counts = new Map<CauseKey, number>();
    for (const { cause } of marked.flatMap((vm) => vm.resyncCauses)) counts.set(cause, (counts.get(cause) ?? 0) + 1);
    const causes = [...counts].sort(([, a], [, b]) => b - a);
    const byLogs = counts.has('logsAtHalfDisk');
    return {
      ok: false,
      severity: 'warning',
      title: `${counted(marked.length, 'VM')} ${marked.length === 1 ? 'is' : 'are'} marked for resynchronization: ${causes.map(([cause, count]) => `${CAUSES[cause].title} (${count})`).join(', ')}`,
      ...{ value: marked.length, unit: 'VMs' },
      detail: byLogs
        ? `The logs of a disk reached ${formatShare(run.policy.rules.resyncLogRatio)} of its size.`
        : 'Something has happened that logs cannot repair.',
      action: byLogs
        ? 'Provide more bandwidth, protect in smaller batches so that logs do not pile up during initial replication, or exclude the busiest disks.'
        : CAUSES[causes[0]![0]].remedy,
      names: namesOf(marked),
    };
  },
};
