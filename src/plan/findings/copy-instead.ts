import { formatBytes, formatDurationMs } from '../../units.ts';
import { counted, type FindingRule } from './finding.ts';

/** VMs that resynchronize although a full copy would have been the cheaper way. */
export const copyInstead: FindingRule = ({ vms }) => {
  const dearer = vms
    .filter(
      ({ resyncCount, resyncCost }) =>
        resyncCount > 0 && resyncCost.cheaperInBytes === 'full copy' && resyncCost.cheaperInTime === 'full copy',
    )
    .sort((a, b) => b.resyncCost.resync.wireBytes - a.resyncCost.resync.wireBytes);
  const worst = dearer[0];
  if (worst === undefined) return undefined;
  const { resync, fullCopy } = worst.resyncCost;
  return {
    id: 'copy-instead',
    severity: 'note',
    title: `For ${counted(dearer.length, 'VM')} a full copy costs less than the resynchronization that half a disk of logs forces`,
    detail: `${worst.name}: ${formatBytes(resync.wireBytes)} in ${formatDurationMs(resync.durationMs)} against ${formatBytes(fullCopy.wireBytes)} in ${formatDurationMs(fullCopy.durationMs)}, alone on the link. A resynchronization is meant for VMs whose full copy is costly in bandwidth or time.`,
    action: '',
    subjects: dearer.map((vm) => vm.name),
    reference: 'Hyper-V replication with Azure Site Recovery, 2016, "Resynchronization"',
  };
};
