import { formatShare } from '../../units.ts';
import { counted, type FindingRule } from './finding.ts';

/** VMs whose logs reached half a disk. */
export const forcedResynchronization: FindingRule = ({ run, vms }) => {
  const marked = vms.filter((vm) => vm.resyncCount > 0).sort((a, b) => b.resyncCount - a.resyncCount);
  if (marked.length === 0) return undefined;
  return {
    id: 'forced-resynchronization',
    severity: 'warning',
    title: `${counted(marked.length, 'VM')} ${marked.length === 1 ? 'is' : 'are'} marked for resynchronization`,
    detail: `The logs of a disk reached ${formatShare(run.policy.rules.resyncLogRatio)} of its size: they are dropped, nothing is replicated until the window opens, and all recovery points are lost.`,
    action:
      'Provide more bandwidth, protect in smaller batches so that logs do not pile up during initial replication, or exclude the busiest disks.',
    subjects: marked.map((vm) => vm.name),
    reference: 'Hyper-V replication with Azure Site Recovery, 2016, "Resynchronization"',
  };
};
