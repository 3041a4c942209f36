import type { BatchVm, BatchVolume, Plan, PlannedBatch, VolumeSpaceNeed } from '../../plan/plan.ts';
import { shownName } from '../shown-name.ts';
import { listText } from './cell-text.ts';
import { defineTable, type TableMaker } from './table.ts';

/** A VM of a batch, on one of its volumes. */
interface BatchRow {
  readonly batch: PlannedBatch;
  readonly vm: BatchVm;
  readonly volume: BatchVolume | undefined;
  readonly host: string;
}

const NEEDS_STORAGE = 'Add additional storage to protect this VM';

function rowsOf({ batches, vms }: Plan): BatchRow[] {
  const hostOf = new Map(vms.map(({ name, host }) => [name, host]));
  return (batches?.batches ?? []).flatMap((batch) => {
    const volumes = new Map(batch.volumes.map((volume) => [volume.volume, volume]));
    return batch.vms.map((vm) => ({
      ...{ batch, vm, host: hostOf.get(vm.vm) ?? '' },
      volume: volumes.get(vm.deficits[0]?.volume ?? ''),
    }));
  });
}

/** The deployment planner's sheet of that name (facts 2.3, 7), with the batches of the plan. */
export const irBatching: TableMaker = defineTable<BatchRow>({
  id: 'ir-batching',
  title: 'IR batching',
  sheet: 'IR batching',
  note: 'A row per VM, in the order of the batches. Instants are from a simulation of these starts. A volume is named where the VM lacks space on it.',
  columns: [
    { key: 'batch', title: 'Batch', kind: 'text', of: ({ batch }) => batch.name },
    { key: 'host', title: 'Hyper-V host', kind: 'text', of: ({ host }) => (host === '' ? '' : shownName(host)) },
    { key: 'vm', title: 'VM name', kind: 'text', of: ({ vm }) => shownName(vm.vm) },
    {
      ...{ key: 'comments', title: 'Comments', kind: 'text' },
      of: ({ vm }) => (vm.deficits.length > 0 ? NEEDS_STORAGE : ''),
    },
    {
      ...{ key: 'volume', title: 'Volume (VHD path)', kind: 'text' },
      of: ({ volume }) => (volume === undefined ? '' : shownName(volume.volume)),
    },
    {
      ...{ key: 'roomBytes', title: 'Approximate storage available', kind: 'bytes' },
      of: ({ volume }) => volume?.roomBytes ?? null,
    },
    {
      ...{ key: 'missingBytes', title: 'Additional storage required', kind: 'bytes' },
      of: ({ vm }) => (vm.deficits.length === 0 ? null : vm.deficits.reduce((sum, one) => sum + one.missingBytes, 0)),
    },
    { key: 'startMs', title: 'Batch begins', kind: 'instant', of: ({ batch }) => batch.startMs },
    {
      ...{ key: 'initialReplicationEndMs', title: 'Initial replication of the batch ends', kind: 'instant' },
      of: ({ batch }) => batch.initialReplicationEndMs,
    },
    { key: 'endMs', title: 'Batch is over', kind: 'instant', of: ({ batch }) => batch.endMs },
    {
      ...{ key: 'aloneMs', title: 'Initial replication per VM, alone', kind: 'duration', unit: 'h' },
      of: ({ vm }) => vm.aloneMs,
    },
    { key: 'wireBytes', title: 'First copy on the wire', kind: 'bytes', of: ({ vm }) => vm.wireBytes },
    {
      ...{ key: 'availableBitsPerSec', title: 'Bandwidth available for batch', kind: 'rate' },
      of: ({ batch }) => batch.availableBitsPerSec,
    },
    {
      ...{ key: 'deltaBitsPerSec', title: 'Bandwidth for delta of earlier batches', kind: 'rate' },
      of: ({ batch }) => batch.deltaBitsPerSec,
    },
    { key: 'why', title: 'Why it is there', kind: 'text', of: ({ vm }) => shownName(vm.why) },
    {
      key: 'advice',
      title: 'What to do',
      kind: 'text',
      of: ({ vm }) => (vm.advice === null ? '' : shownName(vm.advice)),
    },
  ],
  items: rowsOf,
});

interface BatchVolumeRow extends BatchVolume {
  readonly batch: string;
}

/** What each batch takes on each volume. */
export const batchVolumes: TableMaker = defineTable<BatchVolumeRow>({
  id: 'ir-batch-volumes',
  title: 'IR batches by volume',
  sheet: 'IR batches by volume',
  note: 'A row per batch and volume with disks of its VMs: what logs, snapshots and growth take there while it runs.',
  columns: [
    { key: 'batch', title: 'Batch', kind: 'text', of: ({ batch }) => batch },
    { key: 'volume', title: 'Volume', kind: 'text', of: ({ volume }) => shownName(volume) },
    { key: 'roomBytes', title: 'Free, less the reserve', kind: 'bytes', of: ({ roomBytes }) => roomBytes },
    { key: 'predictedBytes', title: 'By the rule', kind: 'bytes', of: ({ predictedBytes }) => predictedBytes },
    { key: 'simulatedBytes', title: 'In the simulation', kind: 'bytes', of: ({ simulatedBytes }) => simulatedBytes },
  ],
  items: ({ batches }) =>
    (batches?.batches ?? []).flatMap(({ name, volumes }) => volumes.map((volume) => ({ batch: name, ...volume }))),
});

const peakOf =
  (wanted: string, part: 'peakBytes' | 'atMs') =>
  ({ causes }: VolumeSpaceNeed): number | null =>
    causes.find(({ cause }) => cause === wanted)?.[part] ?? null;

/** What each volume's space is needed for. */
export const volumeSpace: TableMaker = defineTable<VolumeSpaceNeed>({
  id: 'volume-space',
  title: 'Volume space',
  sheet: 'Volume space',
  note: 'A row per volume: peaks by cause, each at its own worst moment (the end of the bucket of the series); what is missing, at once and in the batches of the plan.',
  columns: [
    { key: 'volume', title: 'Volume', kind: 'text', of: ({ name }) => shownName(name) },
    { key: 'reserveBytes', title: 'Reserve', kind: 'bytes', of: ({ reserveBytes }) => reserveBytes },
    { key: 'snapshotPeakBytes', title: 'Snapshots', kind: 'bytes', of: peakOf('snapshots', 'peakBytes') },
    { key: 'snapshotPeakAtMs', title: 'Snapshots peak at', kind: 'instant', of: peakOf('snapshots', 'atMs') },
    { key: 'logPeakBytes', title: 'Logs', kind: 'bytes', of: peakOf('logs', 'peakBytes') },
    { key: 'logPeakAtMs', title: 'Logs peak at', kind: 'instant', of: peakOf('logs', 'atMs') },
    { key: 'growthPeakBytes', title: 'Growth', kind: 'bytes', of: peakOf('growth', 'peakBytes') },
    {
      ...{ key: 'largestLogsVm', title: 'VM with the largest logs', kind: 'text' },
      of: ({ largestLogs }) => (largestLogs === null ? '' : shownName(largestLogs.vm)),
    },
    { key: 'deficitBytes', title: 'Short of', kind: 'bytes', of: ({ deficitBytes }) => deficitBytes },
    {
      ...{ key: 'inBatchesPeakBytes', title: 'Peak in batches', kind: 'bytes' },
      of: ({ inBatchesPeakBytes }) => inBatchesPeakBytes,
    },
    {
      ...{ key: 'inBatchesDeficitBytes', title: 'Short of in batches', kind: 'bytes' },
      of: ({ inBatchesDeficitBytes }) => inBatchesDeficitBytes,
    },
    { key: 'advice', title: 'What to do', kind: 'text', of: ({ advice }) => listText(advice) },
  ],
  items: (plan) => plan.volumeSpace,
});
