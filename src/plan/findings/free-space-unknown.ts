import { formatBytes } from '../../units.ts';
import { counted, type FindingRule, namesOf } from './finding.ts';

/** Volumes of which nobody said how much is free: that logs and snapshots fit there is not known. */
export const freeSpaceUnknown: FindingRule = {
  id: 'free-space-unknown',
  fine: 'The free space of every volume is known',
  trouble: 'The free space of volumes is not known',
  why: 'Unknown is taken as unlimited in the run; on the real volume sending stops when space runs short.',
  source: 'docs/method.md, rule 22',
  judge({ volumes }) {
    if (volumes.length === 0) return undefined;
    const unknown = volumes
      .filter(({ freeBytes }) => freeBytes === null)
      .sort((a, b) => b.extraPeakBytes - a.extraPeakBytes);
    const worst = unknown[0];
    if (worst === undefined) {
      return {
        ok: true,
        title: `The free space of all ${counted(volumes.length, 'volume')} is known`,
        value: 0,
        unit: 'volumes',
      };
    }
    return {
      ok: false,
      severity: 'note',
      title: `How much is free on ${counted(unknown.length, 'volume')} is not known; ${worst.name} needs ${formatBytes(worst.extraPeakBytes)}`,
      ...{ value: unknown.length, unit: 'volumes' },
      action: 'Name capacity and free space of the volumes in the site file (--site).',
      names: namesOf(unknown),
    };
  },
};
