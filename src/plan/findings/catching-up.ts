import { formatLocal } from '../../model/clock.ts';
import { formatBitsPerSec, formatDurationMs } from '../../units.ts';
import { lastInitialReplicationEndMs, meetsAlways } from '../bandwidth.ts';
import type { FindingRule } from './finding.ts';

/** Below this ratio the two bandwidths are the same to whoever buys a link. [chosen] */
const NOTEWORTHY_RATIO = 1.1;

/** Where catching up after initial replication sets the bandwidth, and not the churn. */
export const catchingUp: FindingRule = {
  id: 'catching-up',
  fine: 'Churn sets the bandwidth, not catching up after initial replication',
  trouble: 'Catching up after initial replication sets the bandwidth',
  why: 'The first deltas carry what was written since the snapshot, on a link that other VMs’ first copies still fill.',
  source: 'docs/method.md, rules 12 to 14; search over runs of the simulation',
  judge({ run, bandwidth, deltaOnly, atDeltaOnly }) {
    if (deltaOnly.always === null || atDeltaOnly === undefined) return undefined;
    const alone = formatBitsPerSec(deltaOnly.always);
    const isNear = bandwidth.always !== null && bandwidth.always < deltaOnly.always * NOTEWORTHY_RATIO;
    if (meetsAlways(atDeltaOnly) || isNear) {
      const title = `The ${alone} that the deltas need are enough while VMs catch up after initial replication too`;
      return { ok: true, title, value: deltaOnly.always, unit: 'bit/s' };
    }
    const endMs = lastInitialReplicationEndMs(atDeltaOnly);
    const keptFromMs = atDeltaOnly.vms.reduce((last, vm) => Math.max(last, vm.lastBreachAtMs ?? 0), 0);
    const course =
      endMs === null
        ? `On ${alone} initial replication does not end within ${formatDurationMs(atDeltaOnly.horizonMs)}.`
        : `On ${alone} initial replication takes ${formatDurationMs(endMs)}, and the RPO is kept from ${formatLocal(run.workload.clock, keptFromMs)} on, ${formatDurationMs(keptFromMs)} after the start.`;
    return {
      ok: false,
      severity: 'note',
      title: `Catching up after initial replication, not churn, sets the bandwidth: the deltas alone need ${alone}`,
      ...{ value: deltaOnly.always, unit: 'bit/s' },
      detail: course,
      action: `If the RPO may be late in the first days, ${alone} are enough; else protect the VMs in batches, or rent bandwidth for those days.`,
    };
  },
};
