import type { Millis } from '../units.ts';

/**
 * A recovery plan: machines in groups, the order in which they start at the target, and the actions between (Microsoft Learn,
 * "Task 5: Manage a recovery plan"; facts 8). Plain data (`--site site.json`).
 */
export interface RecoveryPlan {
  readonly name: string;
  /** Until somebody knows, and until somebody has decided; absent = the rules' defaults. */
  readonly detectionMs?: Millis;
  readonly decisionMs?: Millis;
  /** One after another; 1 to 7. */
  readonly groups: readonly RecoveryGroup[];
}

export interface RecoveryGroup {
  readonly name: string;
  /** Names of VMs, which start together. */
  readonly vms: readonly string[];
  /** Done before the group starts, one after another, and after it has started. */
  readonly before: readonly PlanAction[];
  readonly after: readonly PlanAction[];
}

/** A script, a runbook, or something that somebody does by hand. */
export interface PlanAction {
  readonly title: string;
  readonly kind: 'script' | 'runbook' | 'manual';
  readonly takesMs: Millis;
}

/** Microsoft, "About recovery plans": at most 7 groups and 100 protected instances (facts 8). */
export const RECOVERY_GROUPS_MOST = 7;
export const RECOVERY_PLAN_VMS_MOST = 100;
