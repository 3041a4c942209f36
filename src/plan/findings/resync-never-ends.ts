import { formatDurationMs } from '../../units.ts';
import { counted, type FindingRule } from './finding.ts';

/** VMs that write faster than their resynchronization gets through. */
export const resyncNeverEnds: FindingRule = {
  id: 'resync-never-ends',
  fine: 'Every VM gets through a resynchronization, alone on the link',
  trouble: 'VMs write faster than their resynchronization gets through',
  why: 'What is written meanwhile reaches half of a disk again, or never gets over the link: once marked, the VM is not protected again.',
  source:
    'Hyper-V replication with Azure Site Recovery, 2016, "Resynchronization"; by the mean churn, after logs of half a disk',
  judge({ failures }) {
    const { resync } = failures;
    if (resync.vmCount === 0) return undefined;
    const count = resync.neverThroughVmCount;
    if (count === 0) {
      const title = `Each of ${counted(resync.vmCount, 'VM')} gets through a resynchronization, the longest in ${formatDurationMs(resync.aloneLongestMs)}`;
      return { ok: true, title, value: 0, unit: 'VMs' };
    }
    const never = resync.vms.filter(({ converges }) => !converges);
    return {
      ok: false,
      severity: 'warning',
      title: `${counted(count, 'VM')} would never get through a resynchronization, with the whole link alone`,
      ...{ value: count, unit: 'VMs' },
      action:
        'Provide more bandwidth, exclude the disks that are written most, or let the guest stand still while it is resynchronized.',
      names: never.map(({ vm, aloneMs }) => `${vm}: ${formatDurationMs(aloneMs)}`),
    };
  },
};
