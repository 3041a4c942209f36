/**
 * Health by the published thresholds of Hyper-V Replica (Microsoft Virtualization team blog, 2012-06-15; facts 6.1; semantics 27):
 *
 * - Critical: the primary cannot send (network, storage, or a resynchronization is required).
 * - Warning: more than 20 % of the cycles of the monitoring interval were missed; more than an hour since the last replica was
 *   sent; initial replication is not completed; a failover was initiated but not reverse-replicated; paused by the user.
 * - Normal: at most 20 % missed, the last one within an hour, and at most five minutes of latency on average.
 *
 * Derived each time it is asked for, never stored.
 */
import { type CauseEntry, causeOf } from '../model/cause.ts';
import { HOUR_MS, MINUTE_MS, type Millis } from '../units.ts';
import { Phase } from './lifecycle.ts';

/** What is known of a VM at the instant for which its health is asked. */
export interface HealthFacts {
  readonly phase: Phase;
  readonly nowMs: Millis;
  /** Code (`model/cause.ts`) of the last error, or of what marked the VM last; 0 where there was none. */
  readonly causeCode: number;
  /** The exported media of initial replication have not been imported, though deltas may flow already. Absent = they have. */
  readonly mediaPending?: boolean;
  /** When the replica was last brought forward; `null` before it ever was. */
  readonly lastReplicationAtMs: Millis | null;
  /** Within the current monitoring interval. */
  readonly completedCycles: number;
  readonly missedCycles: number;
  /** Sum over the completed cycles, cut to arrival. */
  readonly latencyMs: Millis;
}

export interface HealthVerdict {
  readonly health: 'Normal' | 'Warning' | 'Critical';
  readonly reasons: readonly string[];
}

/** The monitoring interval: 12 hours, beginning at 09:00 local (Msvm_ReplicationServiceSettingData; facts 6.1). */
export const MONITORING_INTERVAL_MS: Millis = 12 * HOUR_MS;
export const MONITORING_START_MINUTE: number = 9 * 60;

const MISSED_SHARE_LIMIT = 0.2;
const SILENCE_LIMIT_MS = HOUR_MS;
const LATENCY_LIMIT_MS = 5 * MINUTE_MS;

interface CriticalPhase {
  readonly reason: string;
  /** Causes of this kind are told; any other is an older one, which has nothing to do with it. */
  readonly tells?: CauseEntry['kind'];
}

/** Facts 4 has the states of a resynchronization, suspended ones too, under Critical. */
const CRITICAL: Partial<Record<Phase, CriticalPhase>> = {
  [Phase.seedingBackoff]: {
    reason: 'initial replication is broken off and waits for its next attempt',
    tells: 'recoverable',
  },
  [Phase.sendingBackoff]: {
    reason: 'the changes cannot be sent; the next attempt is waited for',
    tells: 'recoverable',
  },
  [Phase.resyncMarked]: { reason: 'resynchronization is required', tells: 'resync' },
  [Phase.resyncing]: { reason: 'resynchronization is under way' },
  [Phase.resyncBackoff]: {
    reason: 'resynchronization is broken off and waits for its next attempt',
    tells: 'recoverable',
  },
  [Phase.resyncPaused]: { reason: 'resynchronization is paused' },
  [Phase.critical]: { reason: 'replication has stopped with a non-recoverable error', tells: 'nonRecoverable' },
};

const MEDIA_NOT_IMPORTED = 'the media of initial replication have not been imported';

const WARNING: Partial<Record<Phase, string>> = {
  [Phase.unprotected]: 'protection has not begun',
  [Phase.enabling]: 'protection is being enabled',
  [Phase.awaitingStart]: 'initial replication is scheduled for later',
  [Phase.seeding]: 'initial replication is not completed',
  [Phase.exporting]: 'initial replication is being exported to media',
  [Phase.merging]: 'the snapshot of initial replication is being merged',
  [Phase.finalizing]: 'protection is being finalized',
  [Phase.awaitingMedia]: MEDIA_NOT_IMPORTED,
  [Phase.paused]: 'replication is paused by an administrator',
  [Phase.sendingLast]: 'a planned failover is under way',
  [Phase.failedOver]: 'the VM has failed over; it is neither committed nor replicated back',
  [Phase.committed]: 'the VM has failed over and is not replicated back',
};

export function healthOf(facts: HealthFacts): HealthVerdict {
  const critical = CRITICAL[facts.phase];
  if (critical !== undefined) return { health: 'Critical', reasons: [criticalReason(critical, facts.causeCode)] };
  // A VM that has failed over is not replicated: there are no cycles to judge.
  const cycles = facts.phase === Phase.failedOver || facts.phase === Phase.committed ? [] : cycleReasons(facts);
  const reasons = [...phaseReasons(facts), ...cycles];
  return { health: reasons.length === 0 ? 'Normal' : 'Warning', reasons };
}

function criticalReason({ reason, tells }: CriticalPhase, causeCode: number): string {
  const cause = causeOf(causeCode);
  return cause === null || cause.kind !== tells ? reason : `${reason} (${cause.title})`;
}

function phaseReasons({ phase, mediaPending }: HealthFacts): string[] {
  const warning = WARNING[phase] ?? (mediaPending === true ? MEDIA_NOT_IMPORTED : undefined);
  return warning === undefined ? [] : [warning];
}

function cycleReasons(facts: HealthFacts): string[] {
  const { nowMs, lastReplicationAtMs, completedCycles, missedCycles, latencyMs } = facts;
  const reasons: string[] = [];
  const cycles = completedCycles + missedCycles;
  if (cycles > 0 && missedCycles / cycles > MISSED_SHARE_LIMIT) {
    reasons.push(`${missedCycles} of ${cycles} replication cycles were missed in the monitoring interval`);
  }
  if (lastReplicationAtMs !== null && nowMs - lastReplicationAtMs > SILENCE_LIMIT_MS) {
    reasons.push('the last replication is more than an hour ago');
  }
  if (completedCycles > 0 && latencyMs / completedCycles > LATENCY_LIMIT_MS) {
    reasons.push('replication takes more than five minutes on average');
  }
  return reasons;
}
