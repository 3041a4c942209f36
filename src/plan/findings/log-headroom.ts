import { formatShare } from '../../units.ts';
import { counted, type FindingRule, namesOf } from './finding.ts';

/** From here on a VM is near the half-disk rule; half of the way there. [chosen] */
const NEAR_RATIO = 0.25;

/** VMs whose logs came near half a disk without reaching it. */
export const logHeadroom: FindingRule = {
  id: 'log-headroom',
  fine: 'Logs stay far from half a disk',
  trouble: 'Logs come near half a disk',
  why: 'At 50 % of a disk’s size the VM is marked for resynchronization.',
  source: 'Hyper-V replication with Azure Site Recovery, 2016, "Resynchronization"; a quarter: chosen',
  judge({ vms }) {
    const ratio = vms.reduce((most, vm) => (vm.resyncCount === 0 ? Math.max(most, vm.hrlPeakRatio) : most), 0);
    const near = vms
      .filter((vm) => vm.resyncCount === 0 && vm.hrlPeakRatio >= NEAR_RATIO)
      .sort((a, b) => b.hrlPeakRatio - a.hrlPeakRatio);
    const worst = near[0];
    if (worst === undefined) {
      const title = `The logs of no disk reach more than ${formatShare(ratio)} of its size`;
      return { ok: true, title, value: ratio, unit: 'share' };
    }
    return {
      ok: false,
      severity: 'warning',
      title: `The logs of ${counted(near.length, 'VM')} come near half a disk: ${worst.name} reaches ${formatShare(worst.hrlPeakRatio)}`,
      ...{ value: worst.hrlPeakRatio, unit: 'share' },
      action: 'Protect these VMs first, on their own, or at a quiet time.',
      names: namesOf(near),
    };
  },
};
