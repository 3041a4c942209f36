import type { Run } from '../model/run.ts';
import { TransferKind } from '../replication/columns.ts';
import type { Bytes, Millis } from '../units.ts';
import type { Finished } from './finished.ts';
import { CONSTRAINTS, type RunSeries } from './result.ts';
import { SITE_LINK, type Topology } from './topology.ts';
import type { TrafficMeter } from './traffic-meter.ts';

const WORST_DISKS = 12;
const WORST_VMS = 40;

export const NO_SERIES: RunSeries = {
  trafficBucketMs: 0,
  traffic: { initial: [], delta: [], resync: [], capacity: [], clipped: [] },
  stateBucketMs: 0,
  volumeHrlBytes: [],
  volumeSnapshotBytes: [],
  volumeGrowthBytes: [],
  furtherLinkBytes: [],
  hostBytes: [],
  constraintMs: Object.fromEntries(
    CONSTRAINTS.map((constraint) => [constraint, []]),
  ) as unknown as RunSeries['constraintMs'],
  logFill: [],
  worstAges: [],
  writtenBytes: [],
};

/** To be called where detail was kept. */
export function summarizeSeries(finished: Finished): RunSeries {
  const { recorder, run, core, churn, fleet, topology } = finished;
  const traffic = finished.traffic!;
  const constraints = finished.constraints!;
  const { horizonMs } = run.options;
  const { bucketCount, bucketMs } = recorder;
  const diskNames = fleet.workload.vms.flatMap((vm) => vm.disks.map((disk) => ({ vm: vm.name, disk: disk.name })));
  const writtenBytes = Array.from({ length: bucketCount }, (_, bucket) => {
    let bytes = 0;
    for (let disk = 0; disk < core.diskCount; disk++) {
      const untilMs = Math.min(horizonMs, (bucket + 1) * bucketMs);
      bytes += churn.writtenBytes(disk, untilMs) - churn.writtenBytes(disk, bucket * bucketMs);
    }
    return bytes;
  });
  const row = (column: Float32Array, index: number): number[] => [
    ...column.subarray(index * bucketCount, (index + 1) * bucketCount),
  ];
  const worstAge = (vm: number): number => row(recorder.ages, vm).reduce((most, age) => Math.max(most, age), -1);
  const vmNumbers = fleet.workload.vms.map((_, vm) => vm);
  return {
    trafficBucketMs: traffic.bucketMs,
    traffic: {
      initial: wholeInSum(traffic.bytes[TransferKind.initial]!),
      delta: wholeInSum(traffic.bytes[TransferKind.delta]!),
      resync: wholeInSum(traffic.bytes[TransferKind.resync]!),
      capacity: wholeInSum(capacityBytes(run, topology, traffic)),
      clipped: clippedShares(run, traffic),
    },
    stateBucketMs: bucketMs,
    volumeHrlBytes: recorder.volumes.map((volume) => [...volume.hrlBytes]),
    volumeSnapshotBytes: recorder.volumes.map((volume) => [...volume.snapshotBytes]),
    volumeGrowthBytes: recorder.volumes.map((volume) => [...volume.growthBytes]),
    furtherLinkBytes: (run.site.furtherLinks ?? []).map(({ name }) =>
      wholeInSum(traffic.lineBytes[topology.furtherLinkLine(name)]!),
    ),
    hostBytes: traffic.hostBytes.map(wholeInSum),
    constraintMs: Object.fromEntries(
      CONSTRAINTS.map((constraint, number) => [constraint, wholeInSum(constraints.fleetMs[number]!)]),
    ) as unknown as RunSeries['constraintMs'],
    logFill: mostFirst([...diskNames.keys()], (disk) => recorder.diskPeakRatio[disk]!, WORST_DISKS).map((disk) => ({
      ...diskNames[disk]!,
      ratio: row(recorder.logFill, disk).map(shortRatio),
    })),
    worstAges: mostFirst(vmNumbers, worstAge, WORST_VMS).map((vm) => ({
      vm: fleet.workload.vms[vm]!.name,
      ageMs: row(recorder.ages, vm).map((age) => (age < 0 ? null : Math.round(age))),
    })),
    writtenBytes,
  };
}

/** The members with the largest values, largest first; equal ones in their order. */
function mostFirst(members: readonly number[], value: (member: number) => number, count: number): number[] {
  return members
    .map((member) => ({ member, value: value(member) }))
    .sort((a, b) => b.value - a.value || a.member - b.member)
    .slice(0, count)
    .map(({ member }) => member);
}

/** What the link can carry in each bucket: its capacity, outages taken off. */
function capacityBytes(run: Run, topology: Topology, traffic: TrafficMeter): Bytes[] {
  const { horizonMs } = run.options;
  const { capacity, outages } = topology.lines[SITE_LINK]!;
  const bytes = new Array<Bytes>(traffic.fullMs.length).fill(0);
  const carry = (startMs: Millis, endMs: Millis, bytesPerMs: number): void => {
    const last = Math.min(bytes.length - 1, Math.floor(endMs / traffic.bucketMs));
    for (let bucket = Math.floor(startMs / traffic.bucketMs); bucket <= last; bucket++) {
      const fromMs = Math.max(startMs, bucket * traffic.bucketMs);
      bytes[bucket]! += bytesPerMs * Math.max(0, Math.min(endMs, (bucket + 1) * traffic.bucketMs) - fromMs);
    }
  };
  let place = 0;
  capacity.forEach(({ atMs, bytesPerMs }, step) => {
    const untilMs = Math.min(horizonMs, capacity[step + 1]?.atMs ?? horizonMs);
    let fromMs = atMs;
    // Outages stand apart and ascend, as the steps do.
    for (; place < outages.length && outages[place]!.startMs < untilMs; place++) {
      carry(fromMs, Math.max(fromMs, outages[place]!.startMs), bytesPerMs);
      fromMs = Math.max(fromMs, Math.min(untilMs, outages[place]!.endMs));
      if (outages[place]!.endMs >= untilMs) break;
    }
    carry(fromMs, Math.max(fromMs, untilMs), bytesPerMs);
  });
  return bytes;
}

/** Share of each bucket in which somebody waited for the site's link. */
function clippedShares({ options: { horizonMs } }: Run, { fullMs, bucketMs }: TrafficMeter): number[] {
  return Array.from(fullMs, (ms, bucket) => {
    const lengthMs = Math.min(horizonMs, (bucket + 1) * bucketMs) - bucket * bucketMs;
    return shortRatio(Math.min(1, Math.max(0, ms / lengthMs)));
  });
}

/** Whole numbers of which every beginning of the row adds up to the rounded sum of what was given. */
function wholeInSum(bytes: ArrayLike<Bytes>): Bytes[] {
  let sum = 0;
  let given = 0;
  return Array.from(bytes, (part) => {
    sum += part;
    const whole = Math.round(sum) - given;
    given += whole;
    return whole;
  });
}

/** Six digits are more than a chart shows, and they keep the file small. */
function shortRatio(ratio: number): number {
  return Number(ratio.toPrecision(6));
}
