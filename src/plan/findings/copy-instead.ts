import { formatBytes, formatDurationMs } from '../../units.ts';
import { counted, type FindingRule, namesOf } from './finding.ts';

/** VMs that resynchronize although a full copy would have been the cheaper way. */
export const copyInstead: FindingRule = {
  id: 'copy-instead',
  fine: 'Resynchronizing costs less than a full copy',
  trouble: 'A full copy would cost less than the resynchronization',
  why: 'A resynchronization is meant for VMs whose full copy is costly in bandwidth or time.',
  source: 'Hyper-V replication with Azure Site Recovery, 2016, "Resynchronization"',
  judge({ vms }) {
    const resynchronized = vms.filter(({ resyncCount }) => resyncCount > 0);
    if (resynchronized.length === 0) return undefined;
    const dearer = resynchronized
      .filter(({ resyncCost }) => resyncCost.cheaperInBytes === 'full copy' && resyncCost.cheaperInTime === 'full copy')
      .sort((a, b) => b.resyncCost.resync.wireBytes - a.resyncCost.resync.wireBytes);
    const worst = dearer[0];
    if (worst === undefined) {
      const title = `For ${counted(resynchronized.length, 'VM')} that must resynchronize, a full copy would not cost less`;
      return { ok: true, title, value: 0, unit: 'VMs' };
    }
    const { resync, fullCopy } = worst.resyncCost;
    return {
      ok: false,
      severity: 'note',
      title: `For ${counted(dearer.length, 'VM')} a full copy costs less than the resynchronization that half a disk of logs forces`,
      ...{ value: dearer.length, unit: 'VMs' },
      detail: `${worst.name}: ${formatBytes(resync.wireBytes)} in ${formatDurationMs(resync.durationMs)} against ${formatBytes(fullCopy.wireBytes)} in ${formatDurationMs(fullCopy.durationMs)}, alone on the link.`,
      action: 'Disable protection of these VMs and enable it again instead of waiting for the resynchronization.',
      names: namesOf(dearer),
    };
  },
};
