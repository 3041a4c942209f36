import { causeOf } from '../model/cause.ts';
import { HOUR_MS, MINUTE_MS, type Millis } from '../units.ts';
import { Phase } from './lifecycle.ts';

/** What is known of a VM at the instant for which its health is asked. */
export interface HealthFacts {
  readonly phase: Phase;
  readonly nowMs: Millis;
  /** Code (`model/cause.ts`) of the last error, or of what marked the VM last; 0 where there was none. */
  readonly causeCode: number;
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

const CRITICAL: Partial<Record<Phase, string>> = {
  [Phase.seedingBackoff]: 'initial replication is broken off and waits for its next attempt',
  [Phase.sendingBackoff]: 'the changes cannot be sent; the next attempt is waited for',
  [Phase.resyncMarked]: 'resynchronization is required',
  [Phase.resyncing]: 'resynchronization is under way',
  [Phase.resyncBackoff]: 'resynchronization is broken off and waits for its next attempt',
  [Phase.resyncPaused]: 'resynchronization is paused',
  [Phase.critical]: 'replication has stopped with a non-recoverable error',
};

const WARNING: Partial<Record<Phase, string>> = {
  [Phase.unprotected]: 'protection has not begun',
  [Phase.enabling]: 'protection is being enabled',
  [Phase.awaitingStart]: 'initial replication is scheduled for later',
  [Phase.seeding]: 'initial replication is not completed',
  [Phase.exporting]: 'initial replication is being exported to media',
  [Phase.merging]: 'the snapshot of initial replication is being merged',
  [Phase.finalizing]: 'protection is being finalized',
  [Phase.awaitingMedia]: 'the media of initial replication have not been imported',
  [Phase.paused]: 'replication is paused by an administrator',
  [Phase.sendingLast]: 'a planned failover is under way',
  [Phase.failedOver]: 'the VM has failed over; it is neither committed nor replicated back',
  [Phase.committed]: 'the VM has failed over and is not replicated back',
};

/** Phases of which the cause's name says more. */
const TELLS_CAUSE: ReadonlySet<Phase> = new Set([
  Phase.seedingBackoff,
  Phase.sendingBackoff,
  Phase.resyncMarked,
  Phase.resyncBackoff,
  Phase.critical,
]);

/**
 * Health by the published thresholds of Hyper-V Replica (facts 6.1). Derived each time it is asked for, never stored.
 */
export function healthOf(facts: HealthFacts): HealthVerdict {
  const critical = CRITICAL[facts.phase];
  if (critical !== undefined) return { health: 'Critical', reasons: [`${critical}${causeText(facts)}`] };
  const reasons: string[] = [];
  const warning = WARNING[facts.phase];
  if (warning !== undefined) reasons.push(warning);
  const cycles = facts.completedCycles + facts.missedCycles;
  if (cycles > 0 && facts.missedCycles / cycles > MISSED_SHARE_LIMIT) {
    reasons.push(`${facts.missedCycles} of ${cycles} replication cycles were missed in the monitoring interval`);
  }
  if (facts.lastReplicationAtMs !== null && facts.nowMs - facts.lastReplicationAtMs > SILENCE_LIMIT_MS) {
    reasons.push('the last replication is more than an hour ago');
  }
  if (facts.completedCycles > 0 && facts.latencyMs / facts.completedCycles > LATENCY_LIMIT_MS) {
    reasons.push('replication takes more than five minutes on average');
  }
  return { health: reasons.length === 0 ? 'Normal' : 'Warning', reasons };
}

function causeText({ phase, causeCode }: HealthFacts): string {
  const cause = TELLS_CAUSE.has(phase) ? causeOf(causeCode) : null;
  return cause === null ? '' : ` (${cause.title})`;
}
