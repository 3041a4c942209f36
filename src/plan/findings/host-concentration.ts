import { formatShare } from '../../units.ts';
import type { FindingRule } from './finding.ts';

/** A host that makes more than this share of the churn carries the fleet's replication alone. [chosen] */
const MOST_SHARE = 0.5;
const LEAST_HOSTS = 3;

/** Where one host makes most of the churn, its way out decides. */
export const hostConcentration: FindingRule = {
  id: 'host-concentration',
  fine: 'Churn is spread over the hosts',
  trouble: 'One host makes most of the churn',
  why: 'Its uplink, its agent’s throttle and its transfers at a time decide for the fleet, and its failure strikes the most.',
  source: 'chosen',
  judge({ vms }) {
    const byHost = new Map<string, number>();
    for (const { host, churnBytesPerDay } of vms) byHost.set(host, (byHost.get(host) ?? 0) + churnBytesPerDay);
    const total = vms.reduce((sum, vm) => sum + vm.churnBytesPerDay, 0);
    if (byHost.size < LEAST_HOSTS || total === 0) return undefined;
    const [host, churn] = [...byHost].reduce((most, one) => (one[1] > most[1] ? one : most));
    const share = churn / total;
    const title = `${host}, one of ${byHost.size} hosts, makes ${formatShare(share)} of the churn`;
    if (share <= MOST_SHARE) return { ok: true, title, value: share, unit: 'share' };
    return {
      ok: false,
      severity: 'note',
      title,
      ...{ value: share, unit: 'share' },
      action: 'Spread the busiest VMs over the hosts, or see that this one’s way out is wide enough.',
      names: [host],
    };
  },
};
