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
export const volumeSpace: FindingRule = {
  id: 'volume-space',
  fine: 'Logs and snapshots fit on every volume whose free space is known',
  trouble: 'Volumes lack space for logs and snapshots',
  why: 'Below the reserve sending stops, and where a volume is full its VMs must resynchronize.',
  source: 'docs/method.md, rules 8 and 22; Site Recovery Deployment Planner, "On-premises storage requirement"',
  judge({ run, volumes }) {
    const { volumeReserveRatio } = run.policy.rules;
    const known = volumes.filter(({ freeBytes }) => freeBytes !== null);
    if (known.length === 0) return undefined;
    const short = known
      .map((volume) => ({ volume, missing: missingBytes(volume, volumeReserveRatio)! }))
      .filter(({ missing }) => missing > 0)
      .sort((a, b) => b.missing - a.missing);
    const worst = short[0];
    if (worst === undefined) {
      const title = `Logs and snapshots fit on all ${counted(known.length, 'volume')} with known free space`;
      return { ok: true, title, value: 0, unit: 'bytes' };
    }
    return {
      ok: false,
      severity: 'broken',
      title: `${counted(short.length, 'volume')} ${short.length === 1 ? 'lacks' : 'lack'} space for logs and snapshots: ${worst.volume.name} ${formatBytes(worst.missing)}`,
      ...{ value: worst.missing, unit: 'bytes' },
      detail: `At the worst moment it holds ${formatBytes(worst.volume.hrlPeakBytes)} of logs and ${formatBytes(worst.volume.snapshotPeakBytes)} of snapshots at most; ${formatBytes(worst.volume.freeBytes!)} are free, of which ${formatShare(volumeReserveRatio)} of the volume are kept in reserve. ${consequence(short.map(({ volume }) => volume))}`,
      action: 'Add space, or move disks, before protection is enabled.',
      names: short.map(({ volume }) => volume.name),
    };
  },
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
