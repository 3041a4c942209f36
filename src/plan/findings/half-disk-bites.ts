import { DAY_MS, formatDurationMs, formatShare } from '../../units.ts';
import { weekdayTime } from '../failures/sentence.ts';
import { counted, type FindingRule } from './finding.ts';

/** Outages after which a VM has to be resynchronized: its logs reach half of a disk before it can send again. */
export const halfDiskBites: FindingRule = {
  id: 'half-disk-bites',
  fine: 'No outage within a day makes logs reach half of a disk',
  trouble: 'An outage of less than a day makes logs reach half of a disk',
  why: 'The VM is then marked: its logs are dropped, it does not replicate until the window opens, and all its recovery points are lost.',
  source:
    'Hyper-V replication with Azure Site Recovery, 2016, "Resynchronization"; by arithmetic from what each disk writes, the sending left out; a day: chosen',
  judge({ failures, run }) {
    const { starts } = failures;
    if (starts.length === 0) return undefined;
    const bitten = starts
      .flatMap(({ startMs, halfDisk }) => (halfDisk === null ? [] : [{ startMs, ...halfDisk }]))
      .sort((a, b) => a.outageMs - b.outageMs || a.startMs - b.startMs);
    const worst = bitten[0];
    if (worst === undefined) {
      return { ok: true, title: 'No outage makes logs reach half of a disk', value: null, unit: 'ms' };
    }
    const ratio = formatShare(run.policy.rules.resyncLogRatio);
    if (worst.outageMs >= DAY_MS) {
      const title = `Logs reach ${ratio} of a disk only in outages of more than ${formatDurationMs(worst.outageMs)}`;
      return { ok: true, title, value: worst.outageMs, unit: 'ms' };
    }
    const { clock } = run.workload;
    const disks = new Map<string, string>();
    for (const { vm, disk, outageMs } of bitten.filter(({ outageMs }) => outageMs < DAY_MS)) {
      const key = JSON.stringify([vm, disk]);
      if (!disks.has(key)) disks.set(key, `${vm}, ${disk}: ${formatDurationMs(outageMs)}`);
    }
    return {
      ok: false,
      severity: 'warning',
      title: `An outage of more than ${formatDurationMs(worst.outageMs)} that begins ${weekdayTime(clock, worst.startMs)} makes the logs of ${worst.disk} of ${worst.vm} reach ${ratio} of the disk`,
      ...{ value: worst.outageMs, unit: 'ms' },
      detail: `At ${counted(bitten.filter(({ outageMs }) => outageMs < DAY_MS).length, 'hour')} of the ${starts.length} that were looked at, an outage of less than a day does it.`,
      action:
        'Enlarge the disk, exclude it where what it holds need not be replicated, or have a second way for replication.',
      names: [...disks.values()],
    };
  },
};
