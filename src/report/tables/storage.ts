import type { VolumeResult } from '../../plan/plan.ts';
import { roomBytes, shortBytes } from '../charts/volumes.ts';
import { shownName } from '../shown-name.ts';
import { type ColumnOf, defineTable, type TableMaker } from './table.ts';

const VOLUME: ColumnOf<VolumeResult> = {
  key: 'volume',
  title: 'Volume (VHD path)',
  kind: 'text',
  of: ({ name }) => shownName(name),
};
const FREE: ColumnOf<VolumeResult> = {
  key: 'freeBytes',
  title: 'Free space available',
  kind: 'bytes',
  of: ({ freeBytes }) => freeBytes,
};
const EXTRA: ColumnOf<VolumeResult> = {
  key: 'extraPeakBytes',
  title: 'Total storage required on the volume',
  kind: 'bytes',
  of: ({ extraPeakBytes }) => extraPeakBytes,
};
const SHORT: ColumnOf<VolumeResult> = {
  key: 'shortBytes',
  title: 'Total additional storage to provision',
  kind: 'bytes',
  of: (volume, plan) => shortBytes(plan, volume),
};

/** The deployment planner's sheet of that name (facts 2.3, 6). */
export const storageRequirement: TableMaker = defineTable<VolumeResult>({
  id: 'on-premises-storage-requirement',
  title: 'On-premises storage requirement',
  sheet: 'On-premises storage requirement',
  note: 'Required beside the disks as they are: the peak of logs, snapshots and growth in the run. The reserve of the volume is kept free.',
  columns: [VOLUME, FREE, EXTRA, SHORT],
  items: ({ volumes }) => volumes,
});

/** Every volume with all that is said of it. */
export const volumes: TableMaker = defineTable<VolumeResult>({
  id: 'volumes',
  title: 'Volumes',
  sheet: 'Volumes',
  note: 'A row per volume. Peaks are what there must be room for beside the disks as they are at the start; parts need not peak together.',
  columns: [
    { ...VOLUME, title: 'Volume' },
    { key: 'diskCount', title: 'Disks', kind: 'number', of: ({ diskCount }) => diskCount },
    { key: 'provisionedBytes', title: 'Provisioned', kind: 'bytes', of: (volume) => volume.provisionedBytes },
    { key: 'capacityBytes', title: 'Capacity', kind: 'bytes', of: ({ capacityBytes }) => capacityBytes },
    { ...FREE, title: 'Free' },
    { key: 'roomBytes', title: 'Free, less the reserve', kind: 'bytes', of: (volume, plan) => roomBytes(plan, volume) },
    { ...EXTRA, title: 'Peak of all' },
    { key: 'peakAtMs', title: 'Peak at', kind: 'instant', of: ({ peakAtMs }) => peakAtMs },
    { key: 'hrlPeakBytes', title: 'Peak of logs', kind: 'bytes', of: ({ hrlPeakBytes }) => hrlPeakBytes },
    { key: 'snapshotPeakBytes', title: 'Peak of snapshots', kind: 'bytes', of: (volume) => volume.snapshotPeakBytes },
    { key: 'growthBytes', title: 'Growth of the disks', kind: 'bytes', of: ({ growthBytes }) => growthBytes },
    { ...SHORT, title: 'Short of' },
    { key: 'lowAtMs', title: 'Sending stopped', kind: 'instant', of: ({ lowAtMs }) => lowAtMs },
    { key: 'fullAtMs', title: 'Full', kind: 'instant', of: ({ fullAtMs }) => fullAtMs },
  ],
  items: (plan) => plan.volumes,
});
