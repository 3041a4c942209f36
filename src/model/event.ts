import type { BitsPerSec, Bytes, Millis } from '../units.ts';
import type { CauseKey } from './cause.ts';

/**
 * What strikes the site or is done by an administrator during a run, as data: `--fault`, `--action` and the site file all
 * become these. An event takes [atMs, untilMs) where it lasts. Outages of the link are not here but in the link itself.
 */
export type SiteEvent =
  | LinkSlow
  | RecoverableFault
  | NonRecoverableFault
  | ResyncTrigger
  | VolumeTaken
  | HostDown
  | HostDrained
  | Action;

/** Whom an event concerns. A name that the workload does not have was refused when it was read. */
export type Target =
  | { readonly scope: 'all' }
  | { readonly scope: 'vm'; readonly name: string }
  | { readonly scope: 'host'; readonly name: string }
  /** All VMs of a recovery plan of the site. */
  | { readonly scope: 'plan'; readonly name: string };

/** The link carries less for a while (or more); where several overlap, the least counts. */
export interface LinkSlow {
  readonly kind: 'linkSlow';
  /** A further link; absent = the site's. */
  readonly link?: string;
  readonly atMs: Millis;
  readonly untilMs: Millis;
  readonly capacityBitsPerSec: BitsPerSec;
}

/** Every transfer of the target fails at `atMs`, and every attempt until `untilMs` at once (semantics 19, 20). */
export interface RecoverableFault {
  readonly kind: 'recoverable';
  readonly cause: CauseKey;
  readonly target: Target;
  readonly atMs: Millis;
  readonly untilMs: Millis;
}

/** The target is Critical until an administrator fixes it (semantics 21). */
export interface NonRecoverableFault {
  readonly kind: 'nonRecoverable';
  readonly cause: CauseKey;
  readonly target: Target;
  readonly atMs: Millis;
}

/** Something that logs cannot repair has happened: the target is marked for resynchronization (facts 4). */
export interface ResyncTrigger {
  readonly kind: 'resyncTrigger';
  readonly cause: CauseKey;
  readonly target: Target;
  readonly atMs: Millis;
}

/** Something else takes space on a volume for a while; `bytes` absent = all of it. */
export interface VolumeTaken {
  readonly kind: 'volumeTaken';
  readonly volume: string;
  /** Absent = a volume that is shared, or the only one of this name. */
  readonly host?: string;
  readonly bytes?: Bytes;
  readonly atMs: Millis;
  readonly untilMs: Millis;
}

/** The host crashes: its guests stop, its transfers fail, its logs are not closed; it comes back at `untilMs`. */
export interface HostDown {
  readonly kind: 'hostDown';
  readonly host: string;
  readonly atMs: Millis;
  readonly untilMs: Millis;
}

/**
 * The host's VMs are moved to another host, live, and back at `untilMs` (absent = they stay). What is being sent breaks off. A
 * VM with a disk on a volume of the host alone cannot move.
 */
export interface HostDrained {
  readonly kind: 'hostDrained';
  readonly host: string;
  readonly to: string;
  readonly atMs: Millis;
  readonly untilMs?: Millis;
}

export interface Action {
  readonly kind: 'action';
  readonly action: ActionKey;
  readonly target: Target;
  readonly atMs: Millis;
}

/** What an administrator can do, in the words that the command line takes. */
export const ACTIONS = {
  enable: { title: 'enable' },
  disable: { title: 'disable' },
  pause: { title: 'pause' },
  resume: { title: 'resume' },
  resynchronize: { title: 'resynchronize' },
  fix: { title: 'fix' },
  testFailover: { title: 'test failover' },
  cleanUpTestFailover: { title: 'clean up test failover' },
  plannedFailover: { title: 'planned failover' },
  unplannedFailover: { title: 'unplanned failover' },
  commit: { title: 'commit' },
  cancelFailover: { title: 'cancel failover' },
  reverseReplicate: { title: 'reverse replicate' },
  reverseReplicateInFull: { title: 'reverse replicate in full' },
  addDisk: { title: 'add disk' },
  resizeDisk: { title: 'resize disk' },
} as const;

export type ActionKey = keyof typeof ACTIONS;
export const ACTION_KEYS = Object.keys(ACTIONS) as readonly ActionKey[];
