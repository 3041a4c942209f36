import type { VolumeResult } from '../../simulate/result.ts';
import { type Bytes, formatBytes, formatDurationMs, formatShare } from '../../units.ts';
import { counted, type FindingRule } from './finding.ts';

/** Space that a volume lacks at its worst moment, its reserve kept; 0 where it has enough, `null` where unknown. */
export function missingBytes(volume: VolumeResult, reserveRatio: number): Bytes | null {
  if (volume.freeBytes === null) return null;
  const reserveBytes = (volume.capacityBytes ?? 0) * reserveRatio;
  return Math.max(0, Math.ceil(volume.extraPeakBytes + reserveBytes - volume.freeBytes));
}

/** Volumes on which logs and snapshots do not fit. */
export const volumeSpace: FindingRule = ({ run, volumes }) => {
  const { volumeReserveRatio } = run.policy.rules;
  const short = volumes
    .map((volume) => ({ volume, missing: missingBytes(volume, volumeReserveRatio) ?? 0 }))
    .filter(({ missing }) => missing > 0)
    .sort((a, b) => b.missing - a.missing);
  const worst = short[0];
  if (worst === undefined) return undefined;
  return {
    id: 'volume-space',
    severity: 'broken',
    title: `${counted(short.length, 'volume')} ${short.length === 1 ? 'lacks' : 'lack'} space for logs and snapshots: ${worst.volume.name} ${formatBytes(worst.missing)}`,
    detail: `At the worst moment it holds ${formatBytes(worst.volume.hrlPeakBytes)} of logs and ${formatBytes(worst.volume.snapshotPeakBytes)} of snapshots at most; ${formatBytes(worst.volume.freeBytes!)} are free, of which ${formatShare(volumeReserveRatio)} of the volume are kept in reserve. ${consequence(short.map(({ volume }) => volume))}`,
    action: 'Add space, or move disks, before protection is enabled.',
    subjects: short.map(({ volume }) => volume.name),
    reference: 'docs/method.md, rules 8 and 22; Site Recovery Deployment Planner, "On-premises storage requirement"',
  };
};

/** What the run came to for want of space. */
function consequence(volumes: readonly VolumeResult[]): string {
  const first = (instants: readonly (number | null)[]): number | null =>
    instants.reduce((least, atMs) => (atMs !== null && (least === null || atMs < least) ? atMs : least), null);
  const lowAtMs = first(volumes.map((volume) => volume.lowAtMs));
  const fullAtMs = first(volumes.map((volume) => volume.fullAtMs));
  if (lowAtMs === null) return 'In the run the space was just enough to go on.';
  const dropped =
    fullAtMs === null
      ? ''
      : `; after ${formatDurationMs(fullAtMs)} the first log write failed, and its VMs had to resynchronize`;
  return `In the run sending stopped for want of space after ${formatDurationMs(lowAtMs)}${dropped}.`;
}
