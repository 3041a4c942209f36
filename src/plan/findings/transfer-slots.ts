import { formatShare } from '../../units.ts';
import { counted, type FindingRule, namesOf } from './finding.ts';
import { heldBy, NOTEWORTHY_SHARE } from './shares.ts';

/** VMs that wait for their turn among the transfers of their host. */
export const transferSlots: FindingRule = {
  id: 'transfer-slots',
  fine: 'No host’s limit of transfers holds anything up',
  trouble: 'VMs wait for one of their host’s transfers',
  why: 'A host sends as many VMs at a time as it may; the others wait, however much room the link has.',
  source: 'Hyper-V Replica, MaximumActiveTransfers (docs/method.md, rule 15); 1 % of the VM-time: chosen',
  judge({ run, vms, result }) {
    const isLimited =
      run.policy.maxActiveTransfers !== null ||
      run.site.hosts.some(({ maxActiveTransfers }) => maxActiveTransfers !== undefined);
    if (!isLimited) return undefined;
    const { share, held } = heldBy(vms, result.horizonMs, 'slots');
    const title = `${counted(held.length, 'VM')} waited for their host’s transfers, ${formatShare(share)} of the VM-time`;
    if (share < NOTEWORTHY_SHARE) return { ok: true, title, value: share, unit: 'share' };
    return {
      ok: false,
      severity: 'note',
      title,
      ...{ value: share, unit: 'share' },
      action: 'Allow more transfers at a time on these hosts, or spread the VMs over more of them.',
      names: namesOf(held),
    };
  },
};
