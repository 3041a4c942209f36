import { formatBitsPerSec, formatShare } from '../../units.ts';
import { counted, type FindingRule } from './finding.ts';

/** Disks without which replication would be cheaper. */
export const disksWorthExcluding: FindingRule = {
  id: 'disks-worth-excluding',
  fine: 'No disk stands out as one to leave out',
  trouble: 'Disks may be worth leaving out',
  why: 'Page files, tempdb, temporary files and backups are written much and needed by nobody after a failover.',
  source: 'Azure Site Recovery, "Exclude disks from disaster recovery"; the words by which they are known: chosen',
  judge({ exclusions }) {
    const share = exclusions.reduce((sum, { shareOfDeltas }) => sum + shareOfDeltas, 0);
    if (exclusions.length === 0) {
      return { ok: true, title: 'No disk stands out by its name or its churn', value: 0, unit: 'share' };
    }
    const bitsPerSec = exclusions.reduce((sum, { meanBitsPerSec }) => sum + meanBitsPerSec, 0);
    return {
      ok: false,
      severity: 'note',
      title: `${counted(exclusions.length, 'disk')} that may need no replica ${exclusions.length === 1 ? 'makes' : 'make'} ${formatShare(share)} of the deltas: ${formatBitsPerSec(bitsPerSec)} on average`,
      ...{ value: share, unit: 'share' },
      action: 'Ask their owners, and leave out what is not needed (--exclude); the section on churn lists them.',
      names: exclusions.map(({ vm, disk }) => `${vm}: ${disk}`),
    };
  },
};
