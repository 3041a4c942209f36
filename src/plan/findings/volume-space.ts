import type { VolumeResult } from '../../simulate/result.ts';
import { type Bytes, formatBytes } from '../../units.ts';
import { VOLUME_RESERVE_RATIO } from '../assumptions.ts';
import { counted, type FindingRule } from './finding.ts';

/** Space that a volume lacks at its worst moment, its reserve kept; 0 where it has enough, `null` where unknown. */
export function missingBytes(volume: VolumeResult): Bytes | null {
  if (volume.freeBytes === null) return null;
  const reserveBytes = (volume.capacityBytes ?? 0) * VOLUME_RESERVE_RATIO;
  return Math.max(0, Math.ceil(volume.extraPeakBytes + reserveBytes - volume.freeBytes));
}

/** Volumes on which logs and snapshots do not fit. */
export const volumeSpace: FindingRule = ({ result }) => {
  const short = result.volumes
    .map((volume) => ({ volume, missing: missingBytes(volume) ?? 0 }))
    .filter(({ missing }) => missing > 0)
    .sort((a, b) => b.missing - a.missing);
  const worst = short[0];
  if (worst === undefined) return undefined;
  return {
    id: 'volume-space',
    severity: 'broken',
    title: `${counted(short.length, 'volume')} ${short.length === 1 ? 'lacks' : 'lack'} space for logs and snapshots: ${worst.volume.name} ${formatBytes(worst.missing)}`,
    detail: `At the worst moment it holds ${formatBytes(worst.volume.hrlPeakBytes)} of logs and ${formatBytes(worst.volume.snapshotPeakBytes)} of snapshots at most; ${formatBytes(worst.volume.freeBytes!)} are free, of which 5 % of the volume are kept in reserve. The run did not stop for it.`,
    action: 'Add space, or move disks, before protection is enabled.',
    subjects: short.map(({ volume }) => volume.name),
    reference: 'docs/method.md, rules 8 and 22; Site Recovery Deployment Planner, "On-premises storage requirement"',
  };
};
