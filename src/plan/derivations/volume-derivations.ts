import { formatBytes, formatShare } from '../../units.ts';
import { missingBytes } from '../findings/volume-space.ts';
import type { VolumeResult } from '../plan.ts';
import { assumed, at, type Derivation, type DerivedPlan } from './derivation.ts';

/** How the numbers of one volume came about. */
export function volumeDerivations(plan: DerivedPlan, volume: VolumeResult): Derivation[] {
  return [extraPeak(plan, volume), shortfall(plan, volume)].filter((derivation) => derivation !== undefined);
}

export function extraPeak(plan: DerivedPlan, volume: VolumeResult): Derivation {
  const { name, extraPeakBytes, peakAtMs, hrlPeakBytes, snapshotPeakBytes, growthBytes } = volume;
  return {
    ...{ id: 'volume-extra', title: `Space that ${name} needs beside its disks`, value: extraPeakBytes, unit: 'bytes' },
    formula: 'the largest sum over time of its disks’ logs, their snapshots and the growth of their files',
    filled: `${formatBytes(extraPeakBytes)} at ${at(plan, peakAtMs)}; each for itself at most: logs ${formatBytes(hrlPeakBytes)}, snapshots ${formatBytes(snapshotPeakBytes)}, growth ${formatBytes(growthBytes)}`,
    inputs: [
      { name: 'provisionedBytes', value: volume.provisionedBytes, from: `${volume.diskCount} disks of the inventory` },
      ...assumed(plan, 'snapshotBlockBytes', 'mergeBytesPerSec', 'growthRatio', 'vhdxGrowthRatio'),
    ],
    rule: 'Measured at every moment at which it can have come to a new peak. Parts need not peak together.',
    source: 'docs/method.md: how space is counted',
    window: { fromMs: peakAtMs, untilMs: peakAtMs, what: 'the sum was largest' },
  };
}

function shortfall(plan: DerivedPlan, volume: VolumeResult): Derivation | undefined {
  const { name, freeBytes, capacityBytes, extraPeakBytes } = volume;
  const [reserve] = assumed(plan, 'volumeReserveRatio');
  const reserveRatio = typeof reserve?.value === 'number' ? reserve.value : 0;
  const missing = missingBytes(volume, reserveRatio);
  if (freeBytes === null || missing === null) return undefined;
  const reserveBytes = (capacityBytes ?? 0) * reserveRatio;
  return {
    ...{ id: 'volume-short', title: `Space that ${name} lacks`, value: missing, unit: 'bytes' },
    formula: 'peak + reserve − free, at least 0',
    filled: `${formatBytes(extraPeakBytes)} + ${formatBytes(reserveBytes)} − ${formatBytes(freeBytes)}: ${missing === 0 ? 'nothing is lacking' : formatBytes(missing)}`,
    inputs: [
      { name: 'freeBytes', value: freeBytes, from: 'the site file' },
      ...(capacityBytes === null ? [] : [{ name: 'capacityBytes', value: capacityBytes, from: 'the site file' }]),
      ...(reserve === undefined ? [] : [reserve]),
    ],
    rule: `${formatShare(reserveRatio)} of the volume stay free: below that sending stops.`,
    source: 'docs/method.md: space',
    window: { fromMs: volume.peakAtMs, untilMs: volume.peakAtMs, what: 'the peak' },
  };
}
