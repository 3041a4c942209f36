import { formatShare } from '../../units.ts';
import { counted, type FindingRule, namesOf } from './finding.ts';
import { heldBy, NOTEWORTHY_SHARE } from './shares.ts';

/** VMs whose replication waits for a throttle. */
export const throttleWait: FindingRule = {
  id: 'throttle-wait',
  fine: 'Throttles hold nothing up',
  trouble: 'A throttle holds replication up',
  why: 'A throttle that suits the day may leave less than the fleet writes; what it holds back waits in the logs.',
  source: 'Microsoft, KB3056159, "Manage network bandwidth usage"; 1 % of the VM-time: chosen',
  judge({ run, vms, result }) {
    const { hosts, link, furtherLinks = [] } = run.site;
    if ([...hosts, link, ...furtherLinks].every(({ throttle }) => throttle === undefined)) return undefined;
    const { share, held } = heldBy(vms, result.horizonMs, 'throttle');
    const title = `Throttles held ${counted(held.length, 'VM')} up for ${formatShare(share)} of the VM-time`;
    if (share < NOTEWORTHY_SHARE) return { ok: true, title, value: share, unit: 'share' };
    const breaks = (result.rpo.steady.withinTargetFraction ?? 1) < 1;
    return {
      ok: false,
      severity: breaks ? 'warning' : 'note',
      title,
      ...{ value: share, unit: 'share' },
      action: breaks
        ? 'Give replication more in the hours of the throttle, or move its hours: the RPO breaks.'
        : 'The RPO bears it. Look at it again when churn grows.',
      names: namesOf(held),
    };
  },
};
