import { formatShare } from '../../units.ts';
import { counted, type FindingRule, namesOf } from './finding.ts';

const MOST_CHURN_SHARE = 0.5;
const FEW_VMS_SHARE = 0.1;
const LEAST_FLEET = 10;

/** Where few VMs make most of the churn, they are where to look first. */
export const churnConcentration: FindingRule = {
  id: 'churn-concentration',
  fine: 'Churn is spread over the fleet',
  trouble: 'Few VMs make most of the churn',
  why: 'Page files, tempdb, index rebuilds, defragmentation and virus scans are the usual causes.',
  source: 'Microsoft virtualization blog, 2014-02-02, on sudden growth of HRL files; a tenth of the VMs: chosen',
  judge({ vms }) {
    const busiest = vms.toSorted((a, b) => b.churnBytesPerDay - a.churnBytesPerDay);
    const total = busiest.reduce((sum, vm) => sum + vm.churnBytesPerDay, 0);
    if (vms.length < LEAST_FLEET || total === 0) return undefined;
    let sum = 0;
    const few = busiest.filter((vm) => {
      const needed = sum < total * MOST_CHURN_SHARE;
      if (needed) sum += vm.churnBytesPerDay;
      return needed;
    });
    const title = `${counted(few.length, 'VM')} of ${vms.length} ${few.length === 1 ? 'makes' : 'make'} ${formatShare(sum / total)} of the churn`;
    if (few.length > vms.length * FEW_VMS_SHARE) return { ok: true, title, value: few.length, unit: 'VMs' };
    return {
      ok: false,
      severity: 'note',
      title,
      ...{ value: few.length, unit: 'VMs' },
      action: 'Look at these VMs for disks that need no replica, and exclude them.',
      names: namesOf(few),
    };
  },
};
