import { CAUSE_KEYS, CAUSES, causeOf } from '../model/cause.ts';
import { type ReplicationCore, TransferKind } from '../replication/columns.ts';
import { healthOf } from '../replication/health.ts';
import type { Job } from '../replication/jobs.ts';
import { Phase } from '../replication/lifecycle.ts';
import { diskLogBytes, openLogEndBytes } from '../replication/logs.ts';
import { isSetInFlight } from '../replication/mark.ts';
import { pointAtMs, pointIsAppConsistent, pointStorageBytes } from '../replication/recovery-points.ts';
import { type ReplicationStatistics, replicationStatistics, type StatisticsFacts } from '../replication/statistics.ts';
import { boundariesBetween } from '../replication/timers.ts';
import type { Millis } from '../units.ts';
import type { Finished } from './finished.ts';
import { instant, roundedUp } from './instants.ts';
import { CAUSE_CODES, PHASE_NAMES } from './recorder.ts';
import type { VmResult } from './result.ts';
import { rpoStats } from './rpo-stats.ts';

export function summarizeVm(finished: Finished, vm: number): VmResult {
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
  const steadyAges = recorder.steadyAges.of(vm);
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
    rpo: rpoStats(recorder.backlogAges.of(vm).plus(steadyAges), rpoTargetMs),
    steadyRpo: rpoStats(steadyAges, rpoTargetMs),
    lastBreachAtMs: instant(recorder.lastBreachAtMs[vm]!),
    worstAgeAtMs: instant(recorder.worstAgeAtMs[vm]!),
    cycles: {
      completed: core.completedCycles[vm]!,
      missed: core.missedCycles[vm]! + pendingMissed,
      failed: core.failedCycles[vm]!,
    },
    sentBytes: {
      initial: Math.round(finished.transfers.sentBytes[TransferKind.initial]![vm]!),
      delta: Math.round(finished.transfers.sentBytes[TransferKind.delta]![vm]!),
      resync: Math.round(finished.transfers.sentBytes[TransferKind.resync]![vm]!),
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
    constraintMs: finished.constraints?.totalsOf(vm) ?? {},
    constraints: finished.constraints?.spansOf(vm) ?? [],
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
    sentBytes: Math.round(finished.transfers.sentBytes[TransferKind.initial]![vm]!),
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

function roundedJobs(jobs: readonly Job[]): Job[] {
  return jobs.map((job) => ({
    ...job,
    startMs: roundedUp(job.startMs),
    endMs: job.endMs === null ? null : roundedUp(job.endMs),
  }));
}
