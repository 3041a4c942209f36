import { DAY_MS, formatBytes, formatDurationMs, type Millis } from '../../units.ts';
import type { VmResync } from '../failures/types.ts';
import { counted, type FindingRule } from './finding.ts';

/** As long as it takes to get a site's protection back that is worth the name [chosen]. */
export const STORM_MOST_MS: Millis = DAY_MS;

/** All VMs resynchronized at once, as after an outage that marks them all. */
export const resyncStorm: FindingRule = {
  id: 'resync-storm',
  fine: 'Resynchronizing all VMs at once is through within a day',
  trouble: 'Resynchronizing all VMs at once takes more than a day',
  why: 'An outage that is long enough marks every VM; until its resynchronization ends a VM has no current recovery point, and the link has no room for the deltas of the others.',
  source:
    'One simulation in which every VM is resynchronized after logs of half a disk (semantics 23 to 26); more than a day: chosen',
  judge({ failures }) {
    const { resync } = failures;
    if (resync.vmCount < 2) return undefined;
    const { vmCount, stormMs, stormFollowedMs, unfinishedVmCount, wireBytes } = resync;
    const sent = `${formatBytes(wireBytes)} for ${counted(vmCount, 'VM')}`;
    if (stormMs !== null && stormMs <= STORM_MOST_MS) {
      const title = `Resynchronizing all VMs at once takes ${formatDurationMs(stormMs)}: ${sent}`;
      return { ok: true, title, value: stormMs, unit: 'ms' };
    }
    const late = resync.vms.filter((vm) => vm.stormMs === null || vm.stormMs > STORM_MOST_MS).toSorted(latestFirst);
    return {
      ok: false,
      severity: 'note',
      title:
        stormMs === null
          ? `Resynchronizing all VMs at once is not through after ${formatDurationMs(stormFollowedMs)}: ${unfinishedVmCount} are left, ${sent}`
          : `Resynchronizing all VMs at once takes ${formatDurationMs(stormMs)}: ${sent}`,
      ...{ value: stormMs, unit: 'ms' },
      action:
        'Resynchronize by hand, the most important VMs first, and where a full copy is cheaper remove and enable protection instead.',
      names: late.map(({ vm, stormMs: ms }) => `${vm}: ${ms === null ? 'not through' : formatDurationMs(ms)}`),
    };
  },
};

function latestFirst(a: VmResync, b: VmResync): number {
  return (b.stormMs ?? Number.MAX_VALUE) - (a.stormMs ?? Number.MAX_VALUE) || (a.vm < b.vm ? -1 : 1);
}
