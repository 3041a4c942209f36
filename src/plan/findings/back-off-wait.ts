import { formatShare } from '../../units.ts';
import { counted, type FindingRule, namesOf } from './finding.ts';
import { heldBy, NOTEWORTHY_SHARE } from './shares.ts';

/** Time that VMs spend between a failed attempt and the next one. */
export const backOffWait: FindingRule = {
  id: 'back-off-wait',
  fine: 'Waiting between attempts costs next to nothing',
  trouble: 'VMs wait long between failed attempts and the next ones',
  why: 'From the sixth attempt on the next one comes after half an hour, though the link may long be back.',
  source: 'Hyper-V replication with Azure Site Recovery, 2016, "Retry logic"; 1 % of the VM-time: chosen',
  judge({ vms, result }) {
    if (vms.every(({ firstFailureAtMs }) => firstFailureAtMs === null)) return undefined;
    const { share, held } = heldBy(vms, result.horizonMs, 'backOff');
    const title = `${counted(held.length, 'VM')} waited between attempts, ${formatShare(share)} of the VM-time`;
    if (share < NOTEWORTHY_SHARE) return { ok: true, title, value: share, unit: 'share' };
    return {
      ok: false,
      severity: 'note',
      title,
      ...{ value: share, unit: 'share' },
      action: 'After an outage, resume replication by hand: the next attempt then comes at once.',
      names: namesOf(held),
    };
  },
};
