import type { Run } from '../model/run.ts';
import { TransferKind } from '../replication/columns.ts';
import type { Bytes, Millis } from '../units.ts';
import type { Finished } from './finished.ts';
import { CONSTRAINTS, type RunSeries } from './result.ts';
import { capacitySteps } from './site-changes.ts';
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

export function summarizeSeries(finished: Finished): RunSeries {
  const { recorder, traffic, run, core, churn, fleet } = finished;
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
      capacity: wholeInSum(capacityBytes(run, traffic)),
      clipped: [],
    },
    stateBucketMs: bucketMs,
    volumeHrlBytes: recorder.volumes.map((volume) => [...volume.hrlBytes]),
    volumeSnapshotBytes: recorder.volumes.map((volume) => [...volume.snapshotBytes]),
    volumeGrowthBytes: [],
    furtherLinkBytes: [],
    hostBytes: [],
    constraintMs: NO_SERIES.constraintMs,
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
function capacityBytes(run: Run, traffic: TrafficMeter): Bytes[] {
  const { link } = run.site;
  const { horizonMs } = run.options;
  const steps = capacitySteps(run);
  return Array.from(traffic.bytes[TransferKind.initial]!, (_, bucket) => {
    const fromMs = bucket * traffic.bucketMs;
    const untilMs = Math.min(horizonMs, fromMs + traffic.bucketMs);
    const downMs = link.outages.reduce(
      (sum, outage) => sum + Math.max(0, Math.min(untilMs, outage.endMs) - Math.max(fromMs, outage.startMs)),
      0,
    );
    return (
      capacityIn(fromMs, untilMs, steps, link.capacityBitsPerSec / 8000) *
      ((untilMs - fromMs - downMs) / (untilMs - fromMs))
    );
  });
}

/** Bytes that a link whose capacity changes in steps can carry; outages apart. */
function capacityIn(
  fromMs: Millis,
  untilMs: Millis,
  steps: readonly { readonly atMs: Millis; readonly bytesPerMs: number }[],
  firstBytesPerMs: number,
): Bytes {
  let bytes = 0;
  let cursorMs = fromMs;
  let bytesPerMs = firstBytesPerMs;
  for (const step of steps) {
    const edgeMs = Math.min(untilMs, Math.max(cursorMs, step.atMs));
    bytes += (edgeMs - cursorMs) * bytesPerMs;
    cursorMs = edgeMs;
    bytesPerMs = step.bytesPerMs;
  }
  return bytes + (untilMs - cursorMs) * bytesPerMs;
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
