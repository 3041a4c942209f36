import { formatShare } from '../../units.ts';
import { counted, type FindingRule } from './finding.ts';

/** From here on a VM is near the half-disk rule; half of the way there. */
const NEAR_RATIO = 0.25;

/** VMs whose logs came near half a disk without reaching it. */
export const logHeadroom: FindingRule = ({ vms }) => {
  const near = vms
    .filter((vm) => vm.resyncCount === 0 && vm.hrlPeakRatio >= NEAR_RATIO)
    .sort((a, b) => b.hrlPeakRatio - a.hrlPeakRatio);
  const worst = near[0];
  if (worst === undefined) return undefined;
  return {
    id: 'log-headroom',
    severity: 'warning',
    title: `The logs of ${counted(near.length, 'VM')} come near half a disk: ${worst.name} reaches ${formatShare(worst.hrlPeakRatio)}`,
    detail: 'At 50 % of a disk’s size the VM is marked for resynchronization.',
    action: 'Protect these VMs first, on their own, or at a quiet time.',
    subjects: near.map((vm) => vm.name),
    reference: 'Hyper-V replication with Azure Site Recovery, 2016, "Resynchronization"',
  };
};
