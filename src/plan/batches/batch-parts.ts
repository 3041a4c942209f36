import type { BitsPerSec, Bytes, Millis } from '../../units.ts';

/**
 * In which order, together with whom and when VMs are enabled, so that the link carries the deltas of those before beside the first
 * copies, and every volume holds their snapshots and logs. Made by a stated rule and tried by the simulation.
 */
export interface BatchPlan {
  /** In the order of their starts. */
  readonly batches: readonly PlannedBatch[];
  /** VMs in no batch, since they cannot be protected at all. */
  readonly leftOut: readonly { readonly vm: string; readonly why: string }[];
  /** Whether the simulation of these starts kept all that the batches promise. */
  readonly holds: boolean;
  /** What it did not keep, a sentence each; of batches that were known not to fit too. */
  readonly broken: readonly string[];
  /** Simulations that it took, and how far the one went whose figures stand here. */
  readonly roundCount: number;
  readonly simulatedUntilMs: Millis;
  /** End of the last initial replication of all, and the last first delta; `null` where it was not within what was simulated. */
  readonly initialReplicationEndMs: Millis | null;
  readonly endMs: Millis | null;
  /** VMs whose recovery point was older than the objective while batches ran, after their first delta. */
  readonly lateVmCount: number;
  /** Whether the deltas alone would keep the objective on this link; where not, no batch can, and the objective sets no limit. */
  readonly objectiveHoldsAlone: boolean;
  /** The deployment planner's rule on the same fleet. */
  readonly planner: PlannerBatching;
  /** Why the two differ, a sentence each. */
  readonly differences: readonly string[];
}

/** VMs that are enabled together. */
export interface PlannedBatch {
  /** `Batch 1`. */
  readonly name: string;
  /** When its protection is to be enabled; `null` where a batch before it does not end within what was looked at. */
  readonly startMs: Millis | null;
  /** By the rule: the link's free bytes; `null` where it does not end within what was looked at. */
  readonly predictedEndMs: Millis | null;
  /** In the simulation: the last first copy, and the last first delta, with which the batch is over. */
  readonly initialReplicationEndMs: Millis | null;
  readonly endMs: Millis | null;
  /** Whether it fits where it is; where not, its VMs say what is missing. */
  readonly fits: boolean;
  readonly usedBytes: Bytes;
  /** The first copies on the wire. */
  readonly wireBytes: Bytes;
  /** Mean over the batch of what the link carries, less the deltas of the batches before; and those deltas. */
  readonly availableBitsPerSec: BitsPerSec;
  readonly deltaBitsPerSec: BitsPerSec;
  readonly vms: readonly BatchVm[];
  /** Volumes that its VMs' disks lie on. */
  readonly volumes: readonly BatchVolume[];
  /** VMs whose recovery point was last older than the objective while this batch ran. */
  readonly lateVmCount: number;
}

/**
 * What kept a VM out of the batch before: `space` on a volume · `log` its disk's logs would reach the share that marks for
 * resynchronization · `bandwidth` the deltas beside it would be late · `slots` its host's transfers at a time · `time` the link does not
 * carry it within what was looked at · `none` nothing did.
 */
export type BatchLimit = 'none' | 'space' | 'log' | 'bandwidth' | 'slots' | 'time';

export interface BatchVm {
  readonly vm: string;
  readonly limit: BatchLimit;
  /** A sentence with its numbers. */
  readonly why: string;
  /** The first copy on the wire, and how long it takes alone on the link; `null` = not within what was looked at. */
  readonly wireBytes: Bytes;
  readonly aloneMs: Millis | null;
  /** What is missing for it on volumes, where it does not fit. */
  readonly deficits: readonly { readonly volume: string; readonly missingBytes: Bytes }[];
  /** What to do, where it does not fit. */
  readonly advice: string | null;
}

export interface BatchVolume {
  readonly volume: string;
  /** Free, less the reserve; `null` where unknown. */
  readonly roomBytes: Bytes | null;
  /** Logs, snapshots and growth at the end of the batch by the rule, and the most in the simulation while it ran. */
  readonly predictedBytes: Bytes;
  readonly simulatedBytes: Bytes | null;
}

/** Batches by the deployment planner's documented rule (facts 2.3, 7). */
export interface PlannerBatching {
  readonly batches: readonly PlannerBatch[];
}

export interface PlannerBatch {
  readonly name: string;
  /** The link less the deltas of the batches before. */
  readonly availableBitsPerSec: BitsPerSec;
  readonly deltaBitsPerSec: BitsPerSec;
  /** `null` where no bandwidth is left. */
  readonly initialReplicationMs: Millis | null;
  readonly vms: readonly PlannerVm[];
}

export interface PlannerVm {
  readonly vm: string;
  /** `Add additional storage to protect this VM`, or nothing. */
  readonly comment: string;
  readonly volumes: readonly PlannerVolume[];
}

export interface PlannerVolume {
  readonly volume: string;
  /** Free as the VM's batch sees it, may be below 0; `null` where unknown. */
  readonly freeBytes: Bytes | null;
  readonly initialBytes: Bytes;
  readonly deltaBytes: Bytes;
  /** max(initial, delta) less free, at least 0; `null` where unknown. */
  readonly additionalBytes: Bytes | null;
}
