import { formatBitsPerSec, formatDurationMs } from '../../units.ts';
import type { FindingRule } from './finding.ts';

/** The link of the run against what the RPO needs. */
export const bandwidthShortfall: FindingRule = {
  id: 'bandwidth-shortfall',
  fine: 'The link has the bandwidth that the RPO needs',
  trouble: 'The link has less than the RPO needs, or no link would do',
  why: 'The search’s runs met the RPO from that bandwidth on, with every VM’s first delta within the horizon.',
  source: 'search over runs of the simulation (docs/decisions/0004)',
  judge({ run, bandwidth, deltaOnly, result }) {
    const capacity = run.site.link.capacityBitsPerSec;
    const target = formatDurationMs(result.rpo.targetMs);
    if (bandwidth.always === null) {
      const mostly =
        bandwidth.mostly === null ? '' : ` ${formatBitsPerSec(bandwidth.mostly)} keep it 95 % of the time.`;
      return {
        ok: false,
        severity: 'broken',
        title: `No bandwidth keeps the RPO of ${target} all the time in this scenario`,
        ...{ value: null, unit: 'bit/s' },
        detail: `Even the fastest link that was tried breaks it: an outage, the transfer limit of a host or the copy interval decides, not the link.${mostly}`,
        action:
          'Look at outages, the hosts’ ways out and transfer limits, and the copy frequency; or agree on a longer RPO.',
      };
    }
    const needed = formatBitsPerSec(bandwidth.always);
    if (bandwidth.always <= capacity) {
      const title = `The link has ${formatBitsPerSec(capacity)}, and the RPO of ${target} needs ${needed}`;
      return { ok: true, title, value: bandwidth.always, unit: 'bit/s' };
    }
    const alone =
      deltaOnly.always === null ? 'less churn' : `${formatBitsPerSec(deltaOnly.always)} for the deltas alone`;
    return {
      ok: false,
      severity: 'broken',
      title: `The link has ${formatBitsPerSec(capacity)}; the RPO of ${target} needs ${needed}`,
      ...{ value: bandwidth.always, unit: 'bit/s' },
      action: `Provide ${needed}, or ${alone}.`,
    };
  },
};
