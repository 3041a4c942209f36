/**
 * What `Measure-VMReplication` prints of a VM, under its own names and units, and the counters of `Msvm_ReplicationStatistics`
 * behind it, as far as a planner can know them. Instants are on the run's clock and sizes are bytes; latencies are seconds, as the
 * cmdlet's time spans. At the fields: [PS] is what the cmdlet has been seen to do (facts 6.2), [WMI] the class's documentation
 * on learn.microsoft.com: [WMI] alone is Msvm_ReplicationStatistics, [WMI-R] is Msvm_ReplicationRelationship.
 */
import type { Bytes, Millis } from '../units.ts';
import { PHASE_KEYS, type Phase, REPLICATION_STATES } from './lifecycle.ts';

export interface ReplicationStatistics {
  readonly VMName: string;
  /** [PS] The side on which the VM is that was protected first; `None` where it is not protected. */
  readonly ReplicationMode: 'None' | 'Primary' | 'Replica';
  /** [WMI-R] The product's number of the state, and its name ({@link REPLICATION_STATES}; facts 6.1). */
  readonly ReplicationState: number;
  readonly ReplicationStateName: string;
  /** [PS] As `health.ts` derives it, with its reasons. */
  readonly ReplicationHealth: 'Normal' | 'Warning' | 'Critical';
  readonly ReplicationHealthDetails: readonly string[];
  /** [WMI] StartStatisticTime, EndStatisticTime: all counters below count from the one to the other. */
  readonly MonitoringStartTime: Millis;
  readonly MonitoringEndTime: Millis;
  /** [WMI-R] The type of the last replication that was received. */
  readonly LastReplicationType: 'None' | 'Regular' | 'ApplicationConsistent' | 'Planned';
  /** [WMI-R] When the last replication was received; `null` before the first. */
  readonly LastReplicationTime: Millis | null;
  /** [WMI-R] LastApplyTime. A set is applied when it arrives, so that what is told is the cut it brought the replica to `[chosen]`. */
  readonly LastAppliedLogTime: Millis | null;
  /** [WMI] LastTestFailoverTime: when a test machine was last made from the replica. */
  readonly LastTestFailoverInitiatedTime: Millis | null;
  /** [WMI-R] LastApplicationConsistentReplicationTime. */
  readonly LastVSSSnapshotTime: Millis | null;
  /** [PS] What the first replication sends, as long as it is not done; then 0. */
  readonly InitialReplicationSize: Bytes;
  /** [PS] Logs that were not sent, and the share of initial replication that is left. */
  readonly PendingReplicationSize: Bytes;
  /** [PS] ReplicationSize ÷ ReplicationSuccessCount, by integer division; 0 where there was no cycle. */
  readonly AverageReplicationSize: Bytes;
  /** [WMI] MaxReplicationSize: of a single cycle. */
  readonly MaximumReplicationSize: Bytes;
  /** [PS] ReplicationLatency ÷ ReplicationSuccessCount, in seconds, cut to arrival; `null` where there was no cycle. */
  readonly AverageReplicationLatency: number | null;
  /** [WMI] MaxReplicationLatency, in seconds: of a single cycle; `null` where there was none. */
  readonly MaximumReplicationLatency: number | null;
  /** [PS] The sum of the next three. */
  readonly ReplicationErrors: number;
  /** [WMI] Network errors on the way to the other side. */
  readonly NetworkFailureCount: number;
  /** [WMI] Replication that failed for another cause. */
  readonly ReplicationFailureCount: number;
  /** [WMI] VSS snapshots that failed: always 0, since that is not modelled. */
  readonly ApplicationConsistentSnapshotFailureCount: number;
  /** [WMI] ReplicationSuccessCount: completed cycles. */
  readonly SuccessfulReplicationCount: number;
  /** [WMI] ReplicationMissCount: boundaries passed while a set was in flight (semantics 13). */
  readonly MissedReplicationCount: number;
}

/** What was counted in the monitoring interval. */
export interface MonitoredCounters {
  readonly successCount: number;
  readonly missCount: number;
  /** Log bytes of the completed cycles, before compression: of all, and of the largest. */
  readonly sizeBytes: Bytes;
  readonly largestBytes: Bytes;
  /** From a cut to its arrival: of all completed cycles, and the longest. */
  readonly latencyMs: Millis;
  readonly longestMs: Millis;
  /** Failed attempts, of initial replication and resynchronization too. */
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
    AverageReplicationSize: successCount === 0 ? 0 : Math.floor(counters.sizeBytes / successCount),
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
  if (facts.lastReplicationAtMs === null || facts.recoveryPointAtMs === null) return 'None';
  if (facts.failedOverPlanned) return 'Planned';
  return facts.lastAppConsistentAtMs === facts.recoveryPointAtMs ? 'ApplicationConsistent' : 'Regular';
}

/** Seconds to the millisecond, rounded up as all durations are. */
function seconds(durationMs: Millis): number {
  return Math.ceil(durationMs - 1e-5) / 1000;
}
