import { formatBytes, formatDurationMs } from '../../units.ts';
import { lastInitialReplicationEndMs } from '../bandwidth.ts';
import { counted, type FindingRule } from './finding.ts';

/** How long the first copy takes, and who is not through. */
export const initialReplication: FindingRule = ({ run, vms, result }) => {
  if (run.options.skipInitialReplication) return undefined;
  const enabled = vms.filter((vm) => vm.enableFailure === null);
  const unfinished = enabled.filter((vm) => vm.initialReplication.endMs === null);
  const usedBytes = enabled.reduce((sum, vm) => sum + vm.usedBytes, 0);
  if (unfinished.length > 0) {
    return {
      id: 'initial-replication',
      severity: 'broken',
      title: `Initial replication of ${counted(unfinished.length, 'VM')} does not end within ${formatDurationMs(result.horizonMs)}`,
      detail: `${formatBytes(usedBytes)} are to be copied once, while all changes are tracked.`,
      action:
        'Provide more bandwidth for the first days, protect the VMs in batches, or look further ahead with --horizon.',
      subjects: unfinished.map((vm) => vm.name),
      reference: 'Hyper-V replication with Azure Site Recovery, 2016, "Finalize protection on the virtual machine"',
    };
  }
  if (enabled.length === 0) return undefined;
  const last = enabled.toSorted((a, b) => b.initialReplication.endMs! - a.initialReplication.endMs!);
  return {
    id: 'initial-replication',
    severity: 'note',
    title: `Initial replication of ${formatBytes(usedBytes)} is done after ${formatDurationMs(lastInitialReplicationEndMs(result)!)}`,
    detail: 'The VMs that are enabled at one time share the link; disks of a VM follow one another.',
    action: '',
    subjects: last.slice(0, 5).map((vm) => vm.name),
    reference: 'Hyper-V replication with Azure Site Recovery, 2016, "Finalize protection on the virtual machine"',
  };
};
