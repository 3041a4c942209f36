import { formatBytes, formatDurationMs } from '../../units.ts';
import { lastInitialReplicationEndMs } from '../bandwidth.ts';
import { counted, type FindingRule, namesOf } from './finding.ts';

/** How long the first copy takes, and who is not through. */
export const initialReplication: FindingRule = {
  id: 'initial-replication',
  fine: 'Initial replication ends within the horizon',
  trouble: 'Initial replication does not end within the horizon',
  why: 'Until its first copy is there a VM has no replica, while all changes are tracked. The VMs that are enabled at one time share the link; disks of a VM follow one another.',
  source: 'Hyper-V replication with Azure Site Recovery, 2016, "Finalize protection on the virtual machine"',
  judge({ run, vms, result }) {
    if (run.options.skipInitialReplication) return undefined;
    const enabled = vms.filter((vm) => vm.enableFailure === null);
    const unfinished = enabled.filter((vm) => vm.initialReplication.endMs === null);
    const usedBytes = enabled.reduce((sum, vm) => sum + vm.usedBytes, 0);
    if (unfinished.length > 0) {
      return {
        ok: false,
        severity: 'broken',
        title: `Initial replication of ${counted(unfinished.length, 'VM')} does not end within ${formatDurationMs(result.horizonMs)}`,
        ...{ value: unfinished.length, unit: 'VMs' },
        detail: `${formatBytes(usedBytes)} are to be copied once.`,
        action:
          'Provide more bandwidth for the first days, protect the VMs in batches, or look further ahead with --horizon.',
        names: namesOf(unfinished),
      };
    }
    if (enabled.length === 0) return undefined;
    const endMs = lastInitialReplicationEndMs(result)!;
    const title = `Initial replication of ${formatBytes(usedBytes)} is done after ${formatDurationMs(endMs)}`;
    return { ok: true, title, value: endMs, unit: 'ms' };
  },
};
