import { HOUR_MS, MINUTE_MS, type Millis } from '../units.ts';
import { Phase } from './lifecycle.ts';

/** What is known of a VM at the instant for which its health is asked. */
export interface HealthFacts {
  readonly phase: Phase;
  readonly nowMs: Millis;
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
};

const NOT_COMPLETED: Partial<Record<Phase, string>> = {
  [Phase.unprotected]: 'protection has not begun',
  [Phase.enabling]: 'protection is being enabled',
  [Phase.seeding]: 'initial replication is not completed',
  [Phase.merging]: 'the snapshot of initial replication is being merged',
  [Phase.finalizing]: 'protection is being finalized',
};

/**
 * Health by the published thresholds of Hyper-V Replica (facts 6.1). Derived each time it is asked for, never stored.
 */
export function healthOf(facts: HealthFacts): HealthVerdict {
  const critical = CRITICAL[facts.phase];
  if (critical !== undefined) return { health: 'Critical', reasons: [critical] };
  const reasons: string[] = [];
  const notCompleted = NOT_COMPLETED[facts.phase];
  if (notCompleted !== undefined) reasons.push(notCompleted);
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
