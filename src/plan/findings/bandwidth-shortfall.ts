import { formatBitsPerSec, formatDurationMs } from '../../units.ts';
import type { FindingRule } from './finding.ts';

/** The link of the run against what the RPO needs. */
export const bandwidthShortfall: FindingRule = ({ run, bandwidth, deltaOnly, result }) => {
  const capacity = run.site.link.capacityBitsPerSec;
  const target = formatDurationMs(result.rpo.targetMs);
  if (bandwidth.always === null) {
    return {
      id: 'bandwidth-shortfall',
      severity: 'broken',
      title: `No bandwidth keeps the RPO of ${target} all the time in this scenario`,
      detail: `Even the fastest link that was tried breaks it: an outage, the transfer limit of a host or the copy interval decides, not the link.${
        bandwidth.mostly === null ? '' : ` ${formatBitsPerSec(bandwidth.mostly)} keep it 95 % of the time.`
      }`,
      action:
        'Look at outages, the hosts’ ways out and transfer limits, and the copy frequency; or agree on a longer RPO.',
      subjects: [],
      reference: 'search over runs of the simulation',
    };
  }
  if (bandwidth.always <= capacity) return undefined;
  return {
    id: 'bandwidth-shortfall',
    severity: 'broken',
    title: `The link has ${formatBitsPerSec(capacity)}; the RPO of ${target} needs ${formatBitsPerSec(bandwidth.always)}`,
    detail: `The search’s runs met the RPO from there on, with every VM’s first delta within the horizon.`,
    action: `Provide ${formatBitsPerSec(bandwidth.always)}, or ${
      deltaOnly.always === null ? 'less churn' : `${formatBitsPerSec(deltaOnly.always)} for the deltas alone`
    }.`,
    subjects: [],
    reference: 'search over runs of the simulation',
  };
};
