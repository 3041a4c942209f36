import type { CauseKey } from '../model/cause.ts';
import type { SiteEvent } from '../model/event.ts';
import type { Outage } from '../model/site.ts';
import type { Job } from '../replication/jobs.ts';
import type { ReplicationStatistics } from '../replication/statistics.ts';
import type { BitsPerSec, Bytes, Millis } from '../units.ts';

export type { Job, JobState } from '../replication/jobs.ts';
export type { ReplicationStatistics } from '../replication/statistics.ts';

/**
 * What one simulation found. Plain data; VMs and volumes stand in the workload's order. Instants are on the run's clock,
 * instants and durations are rounded up to whole milliseconds, bytes on the wire to whole bytes (semantics 1, 5).
 */
export interface RunResult {
  readonly schema: 'asr-plan/run@1';
  readonly horizonMs: Millis;
  readonly link: LinkResult;
  /** Lines other than the site's, in the site's order. */
  readonly furtherLinks: readonly FurtherLinkResult[];
  /** Hosts with VMs, by name. */
  readonly hosts: readonly HostResult[];
  readonly rpo: FleetRpo;
  readonly vms: readonly VmResult[];
  readonly volumes: readonly VolumeResult[];
  /** What became of each fault and action, in the order of the run's events. */
  readonly events: readonly EventResult[];
  readonly series: RunSeries;
  /** Events that the simulation handled; for benches and progress. */
  readonly eventCount: number;
}

/** A fault or an action, and whom it met. */
export interface EventResult {
  readonly event: SiteEvent;
  /** VMs (volumes for a volume's) on which it took effect. */
  readonly appliedCount: number;
  readonly refusedCount: number;
  /** The first of those on which it could not: what they were doing. */
  readonly refused: readonly { readonly vm: string; readonly reason: string }[];
}

/** A failover of a VM: what is lost is the age of the recovery point from which it starts (semantics 30). */
export interface FailoverResult {
  readonly kind: 'planned' | 'unplanned';
  readonly atMs: Millis;
  /** The guest starts at the target: latest recovery point; 0 for a planned one. */
  readonly dataLossMs: Millis;
  /** The same from the newest app-consistent recovery point; `null` where none is kept. */
  readonly appConsistentDataLossMs: Millis | null;
}

/** Recovery points that the replica keeps beside the latest, at the horizon (semantics 29). */
export interface RecoveryPointsResult {
  readonly kept: readonly { readonly atMs: Millis; readonly appConsistent: boolean }[];
  /** Most that they took at the target. */
  readonly storagePeakBytes: Bytes;
}

/** Bytes on the wire by cause. */
export interface SentBytes {
  readonly initial: Bytes;
  readonly delta: Bytes;
  readonly resync: Bytes;
}

export interface LinkResult {
  readonly capacityBitsPerSec: BitsPerSec;
  /** All outages that came, drawn ones too. */
  readonly outages: readonly Outage[];
  readonly sentBytes: SentBytes & { readonly total: Bytes };
  /** Share of the horizon in which something was being sent. */
  readonly busyFraction: number;
  /** Share of the horizon in which the link was full: somebody waited for it (its traffic is clipped). */
  readonly clippedFraction: number;
  /** 95th percentile of the traffic in the buckets of `series`, averaged in each. */
  readonly p95BitsPerSec: BitsPerSec;
}

/** A further link's part of the run. */
export interface FurtherLinkResult {
  readonly name: string;
  readonly capacityBitsPerSec: BitsPerSec;
  readonly sentBytes: Bytes;
  readonly busyFraction: number;
  /** Share of the horizon in which somebody waited for it. */
  readonly clippedFraction: number;
  readonly outages: readonly Outage[];
}

export interface HostResult {
  readonly name: string;
  /** VMs at the start of the run. */
  readonly vmCount: number;
  /** Its own way out; `null` = not limited. */
  readonly uplinkBitsPerSec: BitsPerSec | null;
  /** VMs whose transfers may leave it at a time; `null` = no limit. */
  readonly maxActiveTransfers: number | null;
  readonly sentBytes: Bytes;
  /** Share of the horizon in which somebody waited for its way out or its throttle. */
  readonly clippedFraction: number;
  /** VM-time spent waiting for one of its slots. */
  readonly slotWaitMs: Millis;
}

/**
 * What holds a VM's recovery point back at a moment:
 * `churn` nothing, it writes into its log until the next cut · `threads` its own connections, its cap, or comparing chunks · `host` its
 * host's way out · `slots` the host's transfers at a time · `link` a line's capacity · `throttle` a throttle of its host or of a line ·
 * `read` its volume's read throughput · `replica` the replica's storage · `backOff` the retry ladder · `space` want of space · `work` a
 * merge, an export or a job · `window` a time that was set: a scheduled start, the resynchronization window · `administrator` paused,
 * Critical, failed over · `unprotected` no replication.
 */
export const CONSTRAINTS = [
  'churn',
  'threads',
  'host',
  'slots',
  'link',
  'throttle',
  'read',
  'replica',
  'backOff',
  'space',
  'work',
  'window',
  'administrator',
  'unprotected',
] as const;
export type Constraint = (typeof CONSTRAINTS)[number];

/** One constraint that held most of the time between two instants. */
export interface ConstraintSpan {
  readonly constraint: Constraint;
  readonly startMs: Millis;
  readonly endMs: Millis;
}

/** Distribution of the recovery point's age over time (semantics 14). All null where no VM was ever protected. */
export interface RpoStats {
  readonly minMs: Millis | null;
  readonly p50Ms: Millis | null;
  readonly p95Ms: Millis | null;
  readonly p99Ms: Millis | null;
  readonly maxMs: Millis | null;
  /** Share of the protected time in which the age was at most the target. */
  readonly withinTargetFraction: number | null;
  /** Time over which this was taken: VM-time for a fleet. */
  readonly observedMs: Millis;
  /** The same share for each age of `SimulateOptions.withinMs`; absent where none was asked for, and where nothing was protected. */
  readonly within?: readonly { readonly ageMs: Millis; readonly fraction: number }[];
}

export interface FleetRpo extends RpoStats {
  readonly targetMs: Millis;
  /** The same from the arrival of each VM's first delta on: what the verdict counts (semantics 14). */
  readonly steady: RpoStats;
  /** Time-weighted distribution for drawing: share of protected VM-time with an age above `ageMs`. */
  readonly survival: readonly SurvivalPoint[];
  readonly steadySurvival: readonly SurvivalPoint[];
}

export interface SurvivalPoint {
  readonly ageMs: Millis;
  readonly above: number;
}

/** What the lifecycle is in, as people name it. */
export type PhaseName =
  | 'unprotected'
  | 'waiting to start'
  | 'initial replication'
  | 'waiting for media'
  | 'merging snapshot'
  | 'delta replication'
  | 'retrying'
  | 'marked for resynchronization'
  | 'resynchronization'
  | 'paused'
  | 'critical'
  | 'failing over'
  | 'failed over';

export type Health = 'Normal' | 'Warning' | 'Critical';

export interface VmResult {
  readonly name: string;
  readonly phaseAtEnd: PhaseName;
  readonly health: Health;
  /** Why the health is not Normal; empty where it is. */
  readonly healthReasons: readonly string[];
  /** The last error: a key of `model/cause.ts`; `null` where there was none. What marked the VM is in `resyncCauses`. */
  readonly lastError: CauseKey | null;
  /** Why Enable protection failed, so that the VM is not protected at all; `null` where it did not (semantics 6). */
  readonly enableFailure: string | null;
  readonly initialReplication: {
    /** `null` where it was skipped or never began. */
    readonly startMs: Millis | null;
    /** The last disk's arrival (semantics 9); `null` where it did not end within the horizon. */
    readonly endMs: Millis | null;
    readonly sentBytes: Bytes;
    /** Per disk, in the order of sending. */
    readonly disks: readonly { readonly name: string; readonly endMs: Millis | null }[];
  };
  /** End of the merge and of Finalize protection; `null` before. */
  readonly protectedAtMs: Millis | null;
  /** Arrival of the first delta; `null` before. */
  readonly firstDeltaAtMs: Millis | null;
  readonly rpo: RpoStats;
  readonly steadyRpo: RpoStats;
  /** The last instant at which the recovery point was older than the target, after the first delta; `null` where it never was. */
  readonly lastBreachAtMs: Millis | null;
  /** When the age was `steadyRpo.maxMs`, the first time: the newer recovery point arrived, or the run ended. `null` before the first delta. */
  readonly worstAgeAtMs: Millis | null;
  readonly cycles: { readonly completed: number; readonly missed: number; readonly failed: number };
  readonly sentBytes: SentBytes;
  /** Maximum over time of open + in-flight logs over all its disks (semantics 14). */
  readonly hrlPeakBytes: Bytes;
  readonly hrlPeakAtMs: Millis;
  /** Largest share of a disk's virtual size that its logs reached, over its disks; 0.5 marks for resynchronization. */
  readonly hrlPeakRatio: number;
  readonly snapshotPeakBytes: Bytes;
  /** Times that the VM was marked for resynchronization. */
  readonly resyncCount: number;
  /** By what: keys of `model/cause.ts`; they add up to `resyncCount`. */
  readonly resyncCauses: readonly { readonly cause: CauseKey; readonly count: number }[];
  /** What Measure-VMReplication would print at the horizon. */
  readonly statistics: ReplicationStatistics;
  /** Every workflow's record, one after another; `jobsTruncated` where there were more. */
  readonly jobs: readonly Job[];
  readonly jobsTruncated: boolean;
  readonly recoveryPoints: RecoveryPointsResult;
  readonly failovers: readonly FailoverResult[];
  /** First failed attempt; `null` where none failed. */
  readonly firstFailureAtMs: Millis | null;
  /** Guest-written bytes by what became of them; they add up to `writtenBytes` (the conservation law). */
  readonly bytes: {
    readonly written: Bytes;
    readonly delivered: Bytes;
    readonly inFlight: Bytes;
    readonly inLogs: Bytes;
    readonly droppedAtMark: Bytes;
    readonly untracked: Bytes;
  };
  /** Phases one after another, at most {@link TIMELINE_CAPACITY}; `truncated` where there were more. */
  readonly timeline: readonly TimelineEntry[];
  readonly timelineTruncated: boolean;
  /** Time of the horizon spent under each constraint; the parts add up to the horizon. Constraints that never held are left out. */
  readonly constraintMs: Readonly<Partial<Record<Constraint, Millis>>>;
  /** The constraint that held longest in each bucket of `stateBucketMs`, equal neighbours joined. */
  readonly constraints: readonly ConstraintSpan[];
}

export const TIMELINE_CAPACITY = 200;

export interface TimelineEntry {
  readonly phase: PhaseName;
  readonly startMs: Millis;
  readonly endMs: Millis;
}

export interface VolumeResult {
  readonly name: string;
  readonly diskCount: number;
  /** Virtual disks on it, as provisioned. */
  readonly provisionedBytes: Bytes;
  readonly hrlPeakBytes: Bytes;
  readonly snapshotPeakBytes: Bytes;
  readonly growthBytes: Bytes;
  /** Peak of logs, snapshots and growth together: what must be free beyond the disks as they are at the start. */
  readonly extraPeakBytes: Bytes;
  readonly peakAtMs: Millis;
  /** When sending first stopped for want of space, and when a log write first failed; `null` where they did not. */
  readonly lowAtMs: Millis | null;
  readonly fullAtMs: Millis | null;
  /** From the site file; `null` where unknown. */
  readonly capacityBytes: Bytes | null;
  readonly freeBytes: Bytes | null;
}

/** Series over the horizon in equal buckets (the last may be shorter); for charts. */
export interface RunSeries {
  /** Width of a bucket of `traffic`. */
  readonly trafficBucketMs: Millis;
  /** Bytes on the wire in each bucket; they add up to the link's `sentBytes`. */
  readonly traffic: {
    readonly initial: readonly Bytes[];
    readonly delta: readonly Bytes[];
    readonly resync: readonly Bytes[];
    /** What the link could have carried in the bucket, outages taken off. */
    readonly capacity: readonly Bytes[];
    /** Share of the bucket in which somebody waited for the site's link: its traffic is clipped. */
    readonly clipped: readonly number[];
  };
  /** Width of a bucket of the space and age series. */
  readonly stateBucketMs: Millis;
  /** Per volume (in the order of `volumes`): largest evaluated sum in each bucket. */
  readonly volumeHrlBytes: readonly (readonly Bytes[])[];
  readonly volumeSnapshotBytes: readonly (readonly Bytes[])[];
  /** What the virtual disks' own files have grown by, by the rule's ratio. */
  readonly volumeGrowthBytes: readonly (readonly Bytes[])[];
  /** Per further link (in the order of `furtherLinks`): bytes on the wire in each bucket of `trafficBucketMs`. */
  readonly furtherLinkBytes: readonly (readonly Bytes[])[];
  /** Per host (in the order of `hosts`): the same, in buckets of `stateBucketMs`. */
  readonly hostBytes: readonly (readonly Bytes[])[];
  /** VM-time of the fleet under each of {@link CONSTRAINTS} in each bucket of `stateBucketMs`. */
  readonly constraintMs: Readonly<Record<Constraint, readonly Millis[]>>;
  /** The disks whose logs came nearest to the threshold, worst first, at most 12: share of the disk's size. */
  readonly logFill: readonly { readonly vm: string; readonly disk: string; readonly ratio: readonly number[] }[];
  /** The VMs with the worst ages, worst first, at most 40: largest age in each bucket, `null` while unprotected. */
  readonly worstAges: readonly { readonly vm: string; readonly ageMs: readonly (Millis | null)[] }[];
  /** Written bytes of the fleet in each bucket, growth included. */
  readonly writtenBytes: readonly Bytes[];
}
