import type { Plan } from '../../plan/plan.ts';
import type { Millis } from '../../units.ts';
import { CONSTRAINT_ORDER, CONSTRAINT_STYLES } from '../charts/constraint-styles.ts';
import { shownName } from '../shown-name.ts';
import { type Cell, type ColumnOf, defineTable, type TableMaker } from './table.ts';

/** A bucket of a series: its index and its start. */
interface Bucket {
  readonly index: number;
  readonly atMs: Millis;
}

/** A bucket of one of several series. */
interface NamedBucket extends Bucket {
  readonly name: string;
  readonly values: readonly Cell[];
}

const TIME: ColumnOf<Bucket> = { key: 'atMs', title: 'Bucket begins', kind: 'instant', of: ({ atMs }) => atMs };

function buckets(count: number, widthMs: Millis): Bucket[] {
  return Array.from({ length: count }, (_, index) => ({ index, atMs: index * widthMs }));
}

/** A row per series and bucket, one series after another; `of` gives the values in the columns' order. */
function longRows(
  plan: Plan,
  names: readonly string[],
  count: (place: number) => number,
  of: (place: number, bucket: number) => readonly Cell[],
): NamedBucket[] {
  return names.flatMap((name, place) =>
    buckets(count(place), plan.series.stateBucketMs).map((bucket) => ({
      ...bucket,
      name,
      values: of(place, bucket.index),
    })),
  );
}

/** Bytes on the wire. */
export const traffic: TableMaker = defineTable<Bucket>({
  id: 'traffic',
  title: 'Traffic',
  sheet: 'Traffic',
  note: 'Bytes on the site’s link in each bucket of the run, by cause, and what it could have carried, outages taken off.',
  columns: [
    TIME,
    {
      key: 'initialBytes',
      title: 'Initial',
      kind: 'bytes',
      of: ({ index }, { series }) => at(series.traffic.initial, index),
    },
    {
      key: 'deltaBytes',
      title: 'Deltas',
      kind: 'bytes',
      of: ({ index }, { series }) => at(series.traffic.delta, index),
    },
    {
      key: 'resyncBytes',
      title: 'Resynchronization',
      kind: 'bytes',
      of: ({ index }, { series }) => at(series.traffic.resync, index),
    },
    {
      key: 'capacityBytes',
      title: 'Capacity',
      kind: 'bytes',
      of: ({ index }, { series }) => at(series.traffic.capacity, index),
    },
    {
      key: 'clippedShare',
      title: 'Full',
      kind: 'share',
      of: ({ index }, { series }) => at(series.traffic.clipped, index),
    },
  ],
  items: ({ series }) => buckets(series.traffic.initial.length, series.trafficBucketMs),
});

/** What the fleet wrote, and what held it back. */
export const fleetOverTime: TableMaker = defineTable<Bucket>({
  id: 'fleet-over-time',
  title: 'Fleet over time',
  sheet: 'Fleet over time',
  note: 'What the fleet wrote in each bucket of the run, growth included, and how much VM-time was held back by what.',
  columns: [
    TIME,
    {
      key: 'writtenBytes',
      title: 'Written',
      kind: 'bytes',
      of: ({ index }, { series }) => at(series.writtenBytes, index),
    },
    ...CONSTRAINT_ORDER.map(
      (constraint): ColumnOf<Bucket> => ({
        ...{ key: `${constraint}Ms`, title: CONSTRAINT_STYLES[constraint].title, kind: 'duration', unit: 'h' },
        of: ({ index }, { series }) => at(series.constraintMs[constraint], index),
      }),
    ),
  ],
  items: ({ series }) => buckets(series.writtenBytes.length, series.stateBucketMs),
});

/** Space that logs, snapshots and growth took. */
export const volumesOverTime: TableMaker = defineTable<NamedBucket>({
  id: 'volumes-over-time',
  title: 'Volumes over time',
  sheet: 'Volumes over time',
  note: 'A row per volume and bucket of the run: the most that logs, snapshots and growth took in it.',
  columns: [
    { key: 'volume', title: 'Volume', kind: 'text', of: ({ name }) => name },
    TIME,
    { key: 'hrlBytes', title: 'Logs', kind: 'bytes', of: ({ values }) => values[0]! },
    { key: 'snapshotBytes', title: 'Snapshots', kind: 'bytes', of: ({ values }) => values[1]! },
    { key: 'growthBytes', title: 'Growth of the disks', kind: 'bytes', of: ({ values }) => values[2]! },
  ],
  items: (plan) => {
    const { volumeHrlBytes, volumeSnapshotBytes, volumeGrowthBytes } = plan.series;
    return longRows(
      plan,
      plan.volumes.map(({ name }) => shownName(name)),
      (place) => volumeHrlBytes[place]?.length ?? 0,
      (place, bucket) =>
        [volumeHrlBytes, volumeSnapshotBytes, volumeGrowthBytes].map((series) => at(series[place] ?? [], bucket)),
    );
  },
});

/** The oldest recovery points. */
export const rpoOverTime: TableMaker = defineTable<NamedBucket>({
  id: 'rpo-over-time',
  title: 'RPO over time',
  sheet: 'RPO over time',
  note: 'A row per VM and bucket of the run, for the VMs with the oldest recovery points, the worst first; empty while unprotected.',
  columns: [
    { key: 'vm', title: 'VM', kind: 'text', of: ({ name }) => name },
    TIME,
    { key: 'ageMs', title: 'Oldest recovery point', kind: 'duration', of: ({ values }) => values[0]! },
  ],
  items: (plan) => {
    const { worstAges } = plan.series;
    return longRows(
      plan,
      worstAges.map(({ vm }) => shownName(vm)),
      (place) => worstAges[place]!.ageMs.length,
      (place, bucket) => [at(worstAges[place]!.ageMs, bucket)],
    );
  },
});

/** How far logs filled up. */
export const logsOverTime: TableMaker = defineTable<NamedBucket>({
  id: 'logs-over-time',
  title: 'Logs over time',
  sheet: 'Logs over time',
  note: 'A row per disk and bucket of the run, for the disks whose logs came nearest to half their size, where a VM is marked for resynchronization.',
  columns: [
    { key: 'vm', title: 'VM', kind: 'text', of: ({ name }) => name },
    { key: 'disk', title: 'Disk', kind: 'text', of: ({ values }) => values[0]! },
    TIME,
    { key: 'hrlShare', title: 'Logs, of the disk', kind: 'share', of: ({ values }) => values[1]! },
  ],
  items: (plan) => {
    const { logFill } = plan.series;
    return longRows(
      plan,
      logFill.map(({ vm }) => shownName(vm)),
      (place) => logFill[place]!.ratio.length,
      (place, bucket) => [shownName(logFill[place]!.disk), at(logFill[place]!.ratio, bucket)],
    );
  },
});

/** Traffic of hosts. */
export const hostsOverTime: TableMaker = defineTable<NamedBucket>({
  id: 'hosts-over-time',
  title: 'Hosts over time',
  sheet: 'Hosts over time',
  note: 'A row per host and bucket of the run: what it sent.',
  columns: [
    { key: 'host', title: 'Host', kind: 'text', of: ({ name }) => name },
    TIME,
    { key: 'sentBytes', title: 'Sent', kind: 'bytes', of: ({ values }) => values[0]! },
  ],
  items: (plan) => {
    const { hostBytes } = plan.series;
    return longRows(
      plan,
      plan.hosts.map(({ name }) => shownName(name)),
      (place) => hostBytes[place]?.length ?? 0,
      (place, bucket) => [at(hostBytes[place]!, bucket)],
    );
  },
});

function at(values: readonly Cell[], index: number): Cell {
  return values[index] ?? null;
}
