import { CAUSE_KEYS, CAUSES, causeOf } from '../model/cause.ts';
import type { Run } from '../model/run.ts';
import { volumeKey } from '../model/site.ts';
import { type ReplicationCore, TransferKind } from '../replication/columns.ts';
import { healthOf } from '../replication/health.ts';
import type { Job } from '../replication/jobs.ts';
import { Phase } from '../replication/lifecycle.ts';
import { diskLogBytes, openLogEndBytes } from '../replication/logs.ts';
import { isSetInFlight } from '../replication/mark.ts';
import { pointAtMs, pointIsAppConsistent, pointStorageBytes } from '../replication/recovery-points.ts';
import { type ReplicationStatistics, replicationStatistics, type StatisticsFacts } from '../replication/statistics.ts';
import { boundariesBetween } from '../replication/timers.ts';
import type { Bytes, Millis } from '../units.ts';
import type { PooledAges } from './age-distribution.ts';
import type { ChurnIntegral, RatedWrites } from './churn-integral.ts';
import type { OrderedFleet } from './fleet.ts';
import { CAUSE_CODES, PHASE_NAMES, type Recorder } from './recorder.ts';
import type {
  EventResult,
  FleetRpo,
  LinkResult,
  RpoStats,
  RunResult,
  RunSeries,
  VmResult,
  VolumeResult,
} from './result.ts';
import { capacitySteps } from './site-changes.ts';
import type { TrafficMeter } from './traffic-meter.ts';

/** Everything that a simulation has left behind; VMs and disks in the ordered fleet's numbers. */
export interface Finished {
  readonly run: Run;
  readonly fleet: OrderedFleet;
  readonly core: ReplicationCore;
  /** What the sources say is written, and what the guests have written: they differ where guests were off. */
  readonly churn: ChurnIntegral;
  readonly writes: RatedWrites;
  readonly recorder: Recorder;
  readonly traffic: TrafficMeter;
  readonly sentBytes: readonly Float64Array[];
  readonly events: readonly EventResult[];
  /** Of each volume; empty where none was watched. */
  readonly shortages: readonly { readonly lowAtMs: Millis; readonly fullAtMs: Millis }[];
  readonly monitoringFromMs: Millis;
  readonly eventCount: number;
}

const SURVIVAL_POINTS = 240;
const WORST_DISKS = 12;
const WORST_VMS = 40;

/** The result of a simulation, its VMs in the order of the workload that was given. */
export function summarize(finished: Finished): RunResult {
  const { run, fleet, recorder } = finished;
  const inRank = fleet.workload.vms.map((_, vm) => summarizeVm(finished, vm));
  const vms = fleet.rankOf.map((rank) => inRank[rank]!);
  return {
    schema: 'asr-plan/run@1',
    horizonMs: run.options.horizonMs,
    link: summarizeLink(finished, inRank),
    rpo: summarizeRpo(finished),
    vms,
    volumes: summarizeVolumes(finished),
    events: finished.events,
    series: recorder.bucketCount === 0 ? NO_SERIES : summarizeSeries(finished),
    eventCount: finished.eventCount,
  };
}

function summarizeVm(finished: Finished, vm: number): VmResult {
  const { core, recorder, fleet, run } = finished;
  const { horizonMs, rpoTargetMs } = run.options;
  const phase = core.phase[vm] as Phase;
  const inFlight = isSetInFlight(core, vm, phase);
  const cutAtMs = core.cutAtMs[vm]!;
  const pendingMissed = inFlight ? boundariesBetween(core, vm, cutAtMs, horizonMs) : 0;
  const monitoredPending = inFlight ? recorder.missedSince(vm, cutAtMs, horizonMs) : 0;
  const lastReplicationAtMs = recorder.lastReplicationAtMs[vm]!;
  const { health, reasons } = healthOf({
    phase,
    nowMs: horizonMs,
    causeCode: phase === Phase.resyncMarked ? core.markCause[vm]! : core.cause[vm]!,
    mediaPending: core.mediaPending[vm] === 1,
    lastReplicationAtMs: lastReplicationAtMs < 0 ? null : lastReplicationAtMs,
    completedCycles: recorder.monitoredCompleted[vm]!,
    missedCycles: recorder.monitoredMissed[vm]! + monitoredPending,
    latencyMs: recorder.monitoredLatencyMs[vm]!,
  });
  return {
    name: fleet.workload.vms[vm]!.name,
    phaseAtEnd: PHASE_NAMES[phase],
    health,
    healthReasons: reasons,
    lastError: causeOf(core.cause[vm]!)?.key ?? null,
    enableFailure: enableFailureOf(finished, vm),
    initialReplication: summarizeInitial(finished, vm),
    protectedAtMs: instant(recorder.protectedAtMs[vm]!),
    firstDeltaAtMs: instant(recorder.firstDeltaAtMs[vm]!),
    rpo: rpoStats(poolBoth(finished, [vm]), rpoTargetMs),
    steadyRpo: rpoStats(recorder.steadyAges.pool([vm]), rpoTargetMs),
    lastBreachAtMs: instant(recorder.lastBreachAtMs[vm]!),
    cycles: {
      completed: core.completedCycles[vm]!,
      missed: core.missedCycles[vm]! + pendingMissed,
      failed: core.failedCycles[vm]!,
    },
    sentBytes: {
      initial: Math.round(finished.sentBytes[TransferKind.initial]![vm]!),
      delta: Math.round(finished.sentBytes[TransferKind.delta]![vm]!),
      resync: Math.round(finished.sentBytes[TransferKind.resync]![vm]!),
    },
    hrlPeakBytes: recorder.hrlPeakBytes[vm]!,
    hrlPeakAtMs: roundedUp(recorder.hrlPeakAtMs[vm]!),
    hrlPeakRatio: recorder.diskPeakRatio
      .subarray(core.firstDisk[vm]!, core.firstDisk[vm + 1]!)
      .reduce((most, ratio) => Math.max(most, ratio), 0),
    snapshotPeakBytes: recorder.snapshotPeakBytes[vm]!,
    resyncCount: core.markCount[vm]!,
    resyncCauses: CAUSE_KEYS.flatMap((cause) => {
      const count = recorder.marksByCause[vm * CAUSE_CODES + CAUSES[cause].code]!;
      return count === 0 ? [] : [{ cause, count }];
    }),
    statistics: statisticsOf(finished, vm, {
      health,
      healthDetails: reasons,
      missCount: recorder.monitoredMissed[vm]! + monitoredPending,
    }),
    jobs: roundedJobs(recorder.jobs?.jobsOf(vm) ?? []),
    jobsTruncated: recorder.jobs?.isTruncated(vm) ?? false,
    recoveryPoints: {
      kept: Array.from({ length: core.pointCount[vm]! }, (_, index) => ({
        atMs: roundedUp(pointAtMs(core, vm, index)),
        appConsistent: pointIsAppConsistent(core, vm, index),
      })),
      storagePeakBytes: Math.round(Math.max(core.pointPeakBytes[vm]!, pointStorageBytes(core, vm))),
    },
    failovers: (recorder.failovers[vm] ?? []).map((failover) => ({
      ...failover,
      atMs: roundedUp(failover.atMs),
      dataLossMs: roundedUp(failover.dataLossMs),
      appConsistentDataLossMs:
        failover.appConsistentDataLossMs === null ? null : roundedUp(failover.appConsistentDataLossMs),
    })),
    firstFailureAtMs: instant(core.firstFailureAtMs[vm]!),
    bytes: summarizeBytes(finished, vm),
    timeline: (recorder.timelines[vm] ?? []).map((entry) => ({
      phase: entry.phase,
      startMs: roundedUp(entry.startMs),
      endMs: roundedUp(entry.endMs),
    })),
    timelineTruncated: recorder.timelineTruncated[vm] === 1,
  };
}

function statisticsOf(
  { core, recorder, fleet, run, monitoringFromMs }: Finished,
  vm: number,
  judged: Pick<StatisticsFacts, 'health' | 'healthDetails'> & { readonly missCount: number },
): ReplicationStatistics {
  const { horizonMs } = run.options;
  let usedBytes = 0;
  let seededBytes = 0;
  let logBytes = 0;
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    usedBytes += core.usedBytes[disk]!;
    seededBytes += core.seededBytes[disk]!;
    logBytes += diskLogBytes(core, vm, disk, horizonMs);
  }
  return replicationStatistics(
    {
      vmName: fleet.workload.vms[vm]!.name,
      phase: core.phase[vm] as Phase,
      health: judged.health,
      healthDetails: judged.healthDetails,
      reversed: core.reversed[vm] === 1,
      monitoringStartMs: roundedUp(monitoringFromMs),
      monitoringEndMs: horizonMs,
      lastReplicationAtMs: instant(recorder.lastReplicationAtMs[vm]!),
      recoveryPointAtMs: instant(core.recoveryPointAtMs[vm]!),
      lastTestFailoverAtMs: instant(recorder.lastTestFailoverAtMs[vm]!),
      lastAppConsistentAtMs: lastAppConsistentAtMs(core, vm),
      failedOverPlanned: core.phase[vm] === Phase.failedOver && core.failoverPlanned[vm] === 1,
      initialReplicationDone: recorder.initialEndAtMs[vm] !== -1 || core.protectedAtMs[vm] !== -1,
      usedBytes,
      seededBytes,
      logBytes,
    },
    {
      successCount: recorder.monitoredCompleted[vm]!,
      missCount: judged.missCount,
      sizeBytes: recorder.monitoredLogBytes[vm]!,
      largestBytes: recorder.monitoredLargestBytes[vm]!,
      latencyMs: recorder.monitoredLatencyMs[vm]!,
      longestMs: recorder.monitoredLongestMs[vm]!,
      networkFailureCount: recorder.monitoredNetworkFailures[vm]!,
      otherFailureCount: recorder.monitoredOtherFailures[vm]!,
    },
  );
}

/** The newest app-consistent point that is kept. */
function lastAppConsistentAtMs(core: ReplicationCore, vm: number): Millis | null {
  for (let index = core.pointCount[vm]! - 1; index >= 0; index--) {
    if (pointIsAppConsistent(core, vm, index)) return roundedUp(pointAtMs(core, vm, index));
  }
  return null;
}

/** The reason for which Enable protection failed; `null` where it did not. */
function enableFailureOf({ core, run, fleet }: Finished, vm: number): string | null {
  if (core.phase[vm] !== Phase.unprotected || core.cause[vm] !== CAUSES.prerequisiteMissing.code) return null;
  const { name } = fleet.workload.vms[vm]!;
  return run.policy.overrides.find((own) => own.vm === name)?.missingPrerequisite ?? CAUSES.prerequisiteMissing.title;
}

function summarizeInitial(finished: Finished, vm: number): VmResult['initialReplication'] {
  const { core, fleet, recorder } = finished;
  const firstDisk = core.firstDisk[vm]!;
  return {
    startMs: instant(recorder.initialStartAtMs[vm]!),
    endMs: instant(recorder.initialEndAtMs[vm]!),
    sentBytes: Math.round(finished.sentBytes[TransferKind.initial]![vm]!),
    disks: fleet.workload.vms[vm]!.disks.map((disk, d) => ({
      name: disk.name,
      endMs: instant(core.diskSeededAtMs[firstDisk + d]!),
    })),
  };
}

function summarizeBytes({ core, writes, run }: Finished, vm: number): VmResult['bytes'] {
  const bytes = { written: 0, delivered: 0, inFlight: 0, inLogs: 0, droppedAtMark: 0, untracked: 0 };
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    const written = writes.writtenBytes(disk, run.options.horizonMs);
    bytes.written += written;
    bytes.delivered += core.deliveredBytes[disk]!;
    bytes.inFlight += core.inFlightBytes[disk]!;
    bytes.droppedAtMark += core.droppedBytes[disk]!;
    bytes.untracked += core.untrackedBytes[disk]!;
    if (core.tracked[vm] === 0) {
      bytes.untracked += written - core.untrackedFromBytes[disk]!;
      continue;
    }
    const logEndBytes = openLogEndBytes(core, disk, run.options.horizonMs);
    bytes.inLogs += logEndBytes - core.openFromBytes[disk]!;
    // What a guest has written at the target since a failover that is neither committed nor cancelled.
    bytes.untracked += written - logEndBytes;
  }
  return bytes;
}

function summarizeLink({ run, traffic }: Finished, vms: readonly VmResult[]): LinkResult {
  const { horizonMs } = run.options;
  const sum = (kind: 'initial' | 'delta' | 'resync'): Bytes => vms.reduce((total, vm) => total + vm.sentBytes[kind], 0);
  const sent = { initial: sum('initial'), delta: sum('delta'), resync: sum('resync') };
  return {
    capacityBitsPerSec: run.site.link.capacityBitsPerSec,
    sentBytes: { ...sent, total: sent.initial + sent.delta + sent.resync },
    busyFraction: Math.min(1, traffic.busyMs / horizonMs),
    clippedFraction: Math.min(1, traffic.fullMs / horizonMs),
    p95BitsPerSec: Math.round(p95BitsPerSec(traffic, horizonMs)),
  };
}

/** The nearest-rank 95th percentile of the buckets' mean rates. */
function p95BitsPerSec(traffic: TrafficMeter, horizonMs: Millis): number {
  const rates = traffic.bytes[TransferKind.initial]!.map((initial, bucket) => {
    const bytes = initial + traffic.bytes[TransferKind.delta]![bucket]! + traffic.bytes[TransferKind.resync]![bucket]!;
    return (bytes * 8000) / (Math.min(horizonMs, (bucket + 1) * traffic.bucketMs) - bucket * traffic.bucketMs);
  }).sort();
  return rates[Math.max(0, Math.ceil(rates.length * 0.95) - 1)]!;
}

function summarizeRpo(finished: Finished): FleetRpo {
  const { recorder, core, run } = finished;
  const { rpoTargetMs } = run.options;
  const rows = Array.from({ length: core.vmCount }, (_, vm) => vm);
  const all = poolBoth(finished, rows);
  const steady = recorder.steadyAges.pool(rows);
  return {
    targetMs: rpoTargetMs,
    ...rpoStats(all, rpoTargetMs),
    steady: rpoStats(steady, rpoTargetMs),
    survival: survival(all),
    steadySurvival: survival(steady),
  };
}

function survival(ages: PooledAges): { ageMs: Millis; above: number }[] {
  return ages.survival(SURVIVAL_POINTS).map(({ ageMs, above }) => ({ ageMs: roundedUp(ageMs), above }));
}

function poolBoth({ recorder }: Finished, rows: readonly number[]): PooledAges {
  return recorder.backlogAges.pool(rows).plus(recorder.steadyAges.pool(rows));
}

function rpoStats(ages: PooledAges, targetMs: Millis): RpoStats {
  if (ages.observedMs === 0) {
    return { minMs: null, p50Ms: null, p95Ms: null, maxMs: null, withinTargetFraction: null, observedMs: 0 };
  }
  const maxMs = roundedUp(ages.maxMs);
  return {
    minMs: roundedUp(ages.minMs),
    p50Ms: roundedUp(ages.quantile(0.5)!),
    p95Ms: roundedUp(ages.quantile(0.95)!),
    maxMs,
    // A largest age that is the target itself is within it, whatever the last bit of the sums says.
    withinTargetFraction: maxMs <= targetMs ? 1 : ages.withinMs / ages.observedMs,
    observedMs: roundedUp(ages.observedMs),
  };
}

function summarizeVolumes({ run, fleet, recorder, shortages }: Finished): VolumeResult[] {
  const { site } = run;
  const shared = new Set(site.volumes.filter((volume) => volume.host === undefined).map((volume) => volume.name));
  const known = new Map(site.volumes.map((volume) => [volumeKey(volume.host ?? '', volume.name, shared), volume]));
  const sizes = fleet.workload.vms.flatMap((vm) => vm.disks.map((disk) => disk.sizeBytes));
  return recorder.volumes.map((volume, v) => ({
    name: volume.name,
    diskCount: volume.disks.length,
    provisionedBytes: volume.disks.reduce((sum, disk) => sum + sizes[disk]!, 0),
    hrlPeakBytes: volume.hrlPeakBytes,
    snapshotPeakBytes: volume.snapshotPeakBytes,
    extraPeakBytes: volume.extraPeakBytes,
    peakAtMs: roundedUp(volume.peakAtMs),
    lowAtMs: instant(shortages[v]?.lowAtMs ?? -1),
    fullAtMs: instant(shortages[v]?.fullAtMs ?? -1),
    capacityBytes: known.get(volume.name)?.capacityBytes ?? null,
    freeBytes: known.get(volume.name)?.freeBytes ?? null,
  }));
}

const NO_SERIES: RunSeries = {
  trafficBucketMs: 0,
  traffic: { initial: [], delta: [], resync: [], capacity: [] },
  stateBucketMs: 0,
  volumeHrlBytes: [],
  volumeSnapshotBytes: [],
  logFill: [],
  worstAges: [],
  writtenBytes: [],
};

function summarizeSeries(finished: Finished): RunSeries {
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
    },
    stateBucketMs: bucketMs,
    volumeHrlBytes: recorder.volumes.map((volume) => [...volume.hrlBytes]),
    volumeSnapshotBytes: recorder.volumes.map((volume) => [...volume.snapshotBytes]),
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

/** Instants and durations round up to whole milliseconds, but for what only the last bits of a double add (decision 0002, 15). */
function roundedUp(ms: Millis): Millis {
  return Math.max(0, Math.ceil(ms - 1e-5));
}

function roundedJobs(jobs: readonly Job[]): Job[] {
  return jobs.map((job) => ({
    ...job,
    startMs: roundedUp(job.startMs),
    endMs: job.endMs === null ? null : roundedUp(job.endMs),
  }));
}

function instant(atMs: Millis): Millis | null {
  return atMs < 0 ? null : roundedUp(atMs);
}
