import type { FurtherLinkResult, HostResult, VolumeResult } from '../../simulate/result.ts';
import type { Figure, FigureValue } from './figure.ts';

/** Figures of each volume: the lean simulation has no volumes. */
export const VOLUME_FIGURES: readonly Figure<VolumeResult>[] = [
  ofVolume('extra', 'Peak of logs, snapshots and growth together', 'extraPeakBytes', (volume) => volume.extraPeakBytes),
  ofVolume('logs', 'Peak of the logs', 'hrlPeakBytes', (volume) => volume.hrlPeakBytes),
  ofVolume('snapshots', 'Peak of the snapshots', 'snapshotPeakBytes', (volume) => volume.snapshotPeakBytes),
  ofVolume('growth', 'What the virtual disks’ own files grew by', 'growthBytes', (volume) => volume.growthBytes),
  ofVolume(
    'provisioned',
    'Virtual disks on it, as provisioned',
    'provisionedBytes',
    (volume) => volume.provisionedBytes,
  ),
  ofVolume('capacity', 'Its size, where the site says it', 'capacityBytes', (volume) => volume.capacityBytes),
  ofVolume('free', 'Free at the start, where the site says it', 'freeBytes', (volume) => volume.freeBytes),
  ofVolume('left', '`free` less `extra`: below 0 it runs full', 'freeBytes − extraPeakBytes', (volume) =>
    volume.freeBytes === null ? null : volume.freeBytes - volume.extraPeakBytes,
  ),
  {
    ...ofVolume('low', 'Whether sending stopped for want of space', 'lowAtMs', (volume) => volume.lowAtMs !== null),
    dimension: 'truth',
  },
  {
    ...ofVolume(
      'full',
      'Whether a log write failed for want of space',
      'fullAtMs',
      (volume) => volume.fullAtMs !== null,
    ),
    dimension: 'truth',
  },
];

function ofVolume(
  name: string,
  meaning: string,
  field: string,
  of: (volume: VolumeResult) => FigureValue,
): Figure<VolumeResult> {
  return { name, dimension: 'B', meaning, source: `volumes[].${field}`, needsDetail: true, of };
}

/** Figures of each host with VMs. */
export const HOST_FIGURES: readonly Figure<HostResult>[] = [
  {
    name: 'sent',
    dimension: 'B',
    meaning: 'Sent by its VMs',
    source: 'hosts[].sentBytes',
    needsDetail: true,
    of: (host) => host.sentBytes,
  },
  {
    name: 'clipped',
    dimension: 'number',
    meaning: 'Share of the horizon in which somebody waited for its way out or its throttle',
    source: 'hosts[].clippedFraction',
    of: (host) => host.clippedFraction,
  },
  {
    name: 'slots.wait',
    dimension: 'ms',
    meaning: 'VM-time spent waiting for one of its slots',
    source: 'hosts[].slotWaitMs',
    needsDetail: true,
    of: (host) => host.slotWaitMs,
  },
  {
    name: 'uplink',
    dimension: 'bit/s',
    meaning: 'Its own way out, where it is limited',
    source: 'hosts[].uplinkBitsPerSec',
    of: (host) => host.uplinkBitsPerSec,
  },
  {
    name: 'count',
    dimension: 'number',
    meaning: 'VMs on it at the start',
    source: 'hosts[].vmCount',
    of: (host) => host.vmCount,
  },
];

/** Figures of each further link. */
export const LINK_FIGURES: readonly Figure<FurtherLinkResult>[] = [
  {
    name: 'sent',
    dimension: 'B',
    meaning: 'Sent over it',
    source: 'furtherLinks[].sentBytes',
    needsDetail: true,
    of: (link) => link.sentBytes,
  },
  {
    name: 'busy',
    dimension: 'number',
    meaning: 'Share of the horizon in which something was being sent over it',
    source: 'furtherLinks[].busyFraction',
    of: (link) => link.busyFraction,
  },
  {
    name: 'clipped',
    dimension: 'number',
    meaning: 'Share of the horizon in which somebody waited for it',
    source: 'furtherLinks[].clippedFraction',
    of: (link) => link.clippedFraction,
  },
  {
    name: 'capacity',
    dimension: 'bit/s',
    meaning: 'What it carries',
    source: 'furtherLinks[].capacityBitsPerSec',
    of: (link) => link.capacityBitsPerSec,
  },
  {
    name: 'outages',
    dimension: 'number',
    meaning: 'Its outages that came',
    source: 'furtherLinks[].outages',
    of: (link) => link.outages.length,
  },
];
