import { formatShare } from '../../units.ts';
import type { PlanVm } from '../plan.ts';
import { counted, type FindingRule, namesOf } from './finding.ts';

/** Hyper-V Replica warns above this share of missed cycles. */
const MISSED_SHARE_LIMIT = 0.2;

/** VMs that miss many of their copy intervals. */
export const missedCycles: FindingRule = {
  id: 'missed-cycles',
  fine: 'No VM misses many of its copy intervals',
  trouble: 'VMs miss more than 20 % of the copy intervals',
  why: 'A set of logs was still under way when the next one was due; Hyper-V Replica shows Warning.',
  source: 'Hyper-V Replica health, Warning above 20 % of missed cycles (Microsoft virtualization blog, 2012-06-15)',
  judge({ vms }) {
    const missing = vms.filter((vm) => shareOf(vm) > MISSED_SHARE_LIMIT).sort((a, b) => shareOf(b) - shareOf(a));
    const worst = missing[0];
    if (worst === undefined) {
      const share = vms.reduce((most, vm) => Math.max(most, shareOf(vm)), 0);
      return {
        ok: true,
        title: `No VM misses more than ${formatShare(share)} of its copy intervals`,
        value: share,
        unit: 'share',
      };
    }
    return {
      ok: false,
      severity: 'warning',
      title: `${counted(missing.length, 'VM')} ${missing.length === 1 ? 'misses' : 'miss'} more than 20 % of the copy intervals: ${worst.name} ${formatShare(shareOf(worst))}`,
      ...{ value: shareOf(worst), unit: 'share' },
      action: 'Provide more bandwidth, or a longer copy frequency where the RPO allows it.',
      names: namesOf(missing),
    };
  },
};

function shareOf({ cycles }: PlanVm): number {
  const due = cycles.completed + cycles.missed;
  return due === 0 ? 0 : cycles.missed / due;
}
