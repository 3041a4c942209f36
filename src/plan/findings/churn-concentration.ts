import { formatShare } from '../../units.ts';
import { counted, type FindingRule } from './finding.ts';

const MOST_CHURN_SHARE = 0.5;
const FEW_VMS_SHARE = 0.1;
const LEAST_FLEET = 10;

/** Where few VMs make most of the churn, they are where to look first. */
export const churnConcentration: FindingRule = ({ vms }) => {
  const busiest = vms.toSorted((a, b) => b.churnBytesPerDay - a.churnBytesPerDay);
  const total = busiest.reduce((sum, vm) => sum + vm.churnBytesPerDay, 0);
  if (vms.length < LEAST_FLEET || total === 0) return undefined;
  let sum = 0;
  const few = busiest.filter((vm) => {
    const needed = sum < total * MOST_CHURN_SHARE;
    if (needed) sum += vm.churnBytesPerDay;
    return needed;
  });
  if (few.length > vms.length * FEW_VMS_SHARE) return undefined;
  return {
    id: 'churn-concentration',
    severity: 'note',
    title: `${counted(few.length, 'VM')} of ${vms.length} ${few.length === 1 ? 'makes' : 'make'} ${formatShare(sum / total)} of the churn`,
    detail: 'Page files, tempdb, index rebuilds, defragmentation and virus scans are the usual causes.',
    action: 'Look at these VMs for disks that need no replica, and exclude them.',
    subjects: few.map((vm) => vm.name),
    reference: 'Microsoft virtualization blog, 2014-02-02, on sudden growth of HRL files',
  };
};
