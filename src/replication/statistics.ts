/**
 * What `Measure-VMReplication` prints of a VM, under its own names and units, and the counters of `Msvm_ReplicationStatistics`
 * behind it (Windows PowerShell and Win32 documentation; facts 6.2), as far as a planner can know them. Instants are on the run's
 * clock and sizes are bytes; latencies are seconds, as the cmdlet's.
 */
import type { Bytes, Millis } from '../units.ts';
import { PHASE_KEYS, type Phase, REPLICATION_STATES } from './lifecycle.ts';

export interface ReplicationStatistics {
  readonly VMName: string;
  readonly ReplicationMode: 'None' | 'Primary' | 'Replica';
  /** The product's number of the state, and its name. */
  readonly ReplicationState: number;
  readonly ReplicationStateName: string;
  readonly ReplicationHealth: 'Normal' | 'Warning' | 'Critical';
  readonly ReplicationHealthDetails: readonly string[];
  /** The monitoring interval in which the horizon lies (12 hours from 09:00 and 21:00). */
  readonly MonitoringStartTime: Millis;
  readonly MonitoringEndTime: Millis;
  readonly LastReplicationType: 'None' | 'Regular' | 'ApplicationConsistent' | 'Planned';
  /** When the replica was last brought forward, and the cut to which it was; `null` before it ever was. */
  readonly LastReplicationTime: Millis | null;
  readonly LastAppliedLogTime: Millis | null;
  readonly LastTestFailoverInitiatedTime: Millis | null;
  readonly LastVSSSnapshotTime: Millis | null;
  /** Until initial replication is done: what it sends; then 0. */
  readonly InitialReplicationSize: Bytes;
  /** Logs that were not sent, and what is left of initial replication. */
  readonly PendingReplicationSize: Bytes;
  /** Log bytes of a completed cycle: total ÷ SuccessfulReplicationCount, a whole number; 0 where there was none. */
  readonly AverageReplicationSize: Bytes;
  readonly MaximumReplicationSize: Bytes;
  /** Seconds from a cut to its arrival; `null` where there was none. */
  readonly AverageReplicationLatency: number | null;
  readonly MaximumReplicationLatency: number | null;
  /** Failed attempts of every kind: the sum of the next three. */
  readonly ReplicationErrors: number;
  readonly NetworkFailureCount: number;
  readonly ReplicationFailureCount: number;
  readonly ApplicationConsistentSnapshotFailureCount: number;
  readonly SuccessfulReplicationCount: number;
  readonly MissedReplicationCount: number;
}

/** What was counted in the monitoring interval. */
export interface MonitoredCounters {
  readonly successCount: number;
  readonly missCount: number;
  /** Log bytes of completed cycles, compressed or not as they lay in the logs. */
  readonly sizeBytes: Bytes;
  readonly largestBytes: Bytes;
  readonly latencyMs: Millis;
  readonly longestMs: Millis;
  readonly networkFailureCount: number;
  readonly otherFailureCount: number;
}

/** What is known of the VM at the end of the interval. */
export interface StatisticsFacts {
  readonly vmName: string;
  readonly phase: Phase;
  readonly health: ReplicationStatistics['ReplicationHealth'];
  readonly healthDetails: readonly string[];
  /** Replication runs from the target back. */
  readonly reversed: boolean;
  readonly monitoringStartMs: Millis;
  readonly monitoringEndMs: Millis;
  readonly lastReplicationAtMs: Millis | null;
  readonly recoveryPointAtMs: Millis | null;
  readonly lastTestFailoverAtMs: Millis | null;
  readonly lastAppConsistentAtMs: Millis | null;
  readonly failedOverPlanned: boolean;
  readonly initialReplicationDone: boolean;
  readonly usedBytes: Bytes;
  /** What of initial replication has arrived. */
  readonly seededBytes: Bytes;
  /** Open and in-flight logs. */
  readonly logBytes: Bytes;
}

export function replicationStatistics(facts: StatisticsFacts, counters: MonitoredCounters): ReplicationStatistics {
  const state = REPLICATION_STATES[PHASE_KEYS[facts.phase]!];
  const { successCount } = counters;
  const leftBytes = facts.initialReplicationDone ? 0 : Math.max(0, facts.usedBytes - facts.seededBytes);
  return {
    VMName: facts.vmName,
    ReplicationMode: state.value === 0 ? 'None' : facts.reversed ? 'Replica' : 'Primary',
    ReplicationState: state.value,
    ReplicationStateName: state.name,
    ReplicationHealth: facts.health,
    ReplicationHealthDetails: facts.healthDetails,
    MonitoringStartTime: facts.monitoringStartMs,
    MonitoringEndTime: facts.monitoringEndMs,
    LastReplicationType: lastReplicationType(facts),
    LastReplicationTime: facts.lastReplicationAtMs,
    LastAppliedLogTime: facts.recoveryPointAtMs,
    LastTestFailoverInitiatedTime: facts.lastTestFailoverAtMs,
    LastVSSSnapshotTime: facts.lastAppConsistentAtMs,
    InitialReplicationSize: facts.initialReplicationDone || state.value === 0 ? 0 : facts.usedBytes,
    PendingReplicationSize: state.value === 0 ? 0 : Math.round(facts.logBytes + leftBytes),
    AverageReplicationSize: successCount === 0 ? 0 : Math.round(counters.sizeBytes / successCount),
    MaximumReplicationSize: counters.largestBytes,
    AverageReplicationLatency: successCount === 0 ? null : seconds(counters.latencyMs / successCount),
    MaximumReplicationLatency: successCount === 0 ? null : seconds(counters.longestMs),
    ReplicationErrors: counters.networkFailureCount + counters.otherFailureCount,
    NetworkFailureCount: counters.networkFailureCount,
    ReplicationFailureCount: counters.otherFailureCount,
    // A snapshot of the guest that fails is not modelled.
    ApplicationConsistentSnapshotFailureCount: 0,
    SuccessfulReplicationCount: successCount,
    MissedReplicationCount: counters.missCount,
  };
}

function lastReplicationType(facts: StatisticsFacts): ReplicationStatistics['LastReplicationType'] {
  if (facts.recoveryPointAtMs === null) return 'None';
  if (facts.failedOverPlanned) return 'Planned';
  return facts.lastAppConsistentAtMs === facts.recoveryPointAtMs ? 'ApplicationConsistent' : 'Regular';
}

/** Seconds to the millisecond, rounded up as all durations are. */
function seconds(durationMs: Millis): number {
  return Math.ceil(durationMs - 1e-5) / 1000;
}
