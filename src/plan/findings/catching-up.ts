import { formatLocal } from '../../model/clock.ts';
import { formatBitsPerSec, formatDurationMs } from '../../units.ts';
import { lastInitialReplicationEndMs, meetsAlways } from '../bandwidth.ts';
import type { FindingRule } from './finding.ts';

/** Below this ratio the two bandwidths are the same to whoever buys a link. */
const NOTEWORTHY_RATIO = 1.1;

/** Where catching up after initial replication sets the bandwidth, and not the churn. */
export const catchingUp: FindingRule = ({ run, bandwidth, deltaOnly, atDeltaOnly }) => {
  if (deltaOnly.always === null || atDeltaOnly === undefined || meetsAlways(atDeltaOnly)) return undefined;
  if (bandwidth.always !== null && bandwidth.always < deltaOnly.always * NOTEWORTHY_RATIO) return undefined;
  const alone = formatBitsPerSec(deltaOnly.always);
  const endMs = lastInitialReplicationEndMs(atDeltaOnly);
  const keptFromMs = Math.max(0, ...atDeltaOnly.vms.map((vm) => vm.lastBreachAtMs ?? 0));
  const course =
    endMs === null
      ? `On ${alone} initial replication does not end within ${formatDurationMs(atDeltaOnly.horizonMs)}.`
      : `On ${alone} initial replication takes ${formatDurationMs(endMs)}, and the RPO is kept from ${formatLocal(run.workload.clock, keptFromMs)} on, ${formatDurationMs(keptFromMs)} after the start.`;
  return {
    id: 'catching-up',
    severity: 'note',
    title: `Catching up after initial replication, not churn, sets the bandwidth: the deltas alone need ${alone}`,
    detail: `The first deltas carry what was written since the snapshot, on a link that other VMs’ first copies still fill. ${course}`,
    action: `If the RPO may be late in the first days, ${alone} are enough; else protect the VMs in batches, or rent bandwidth for those days.`,
    subjects: [],
    reference: 'docs/method.md, rules 12 to 14; search over runs of the simulation',
  };
};
