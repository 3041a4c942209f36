import type { Bytes, Millis } from '../../units.ts';
import type { HalfDiskTolerance } from './baseline.ts';

export type { DiskPlace, HalfDiskTolerance } from './baseline.ts';

/**
 * What failures do to the fleet, once its initial replication is done: outages of the site's link by the hour at which they begin, and
 * resynchronizations. Each comes alone: the run's own outages, drawn ones, faults and actions are left out [chosen]. Plain data.
 */
export interface Failures {
  /** One sentence, true at the resolution that {@link FailureResolution} states. */
  readonly sentence: string;
  readonly resolution: FailureResolution;
  /** Every length that was tried up to it is kept at every start; `null` where at some start the objective is broken without any outage, or nothing was tried. */
  readonly safeMs: Millis | null;
  /** The shortest outage that is not kept, at the first start where it is so short; `null` where none was found. */
  readonly smallestBreaking: BreakingOutage | null;
  /** By the hour at which the outage begins, ascending. */
  readonly starts: readonly StartTolerance[];
  /** Outages of some lengths at some of the starts, simulated until the fleet was whole again: by start, then by length. */
  readonly map: readonly OutageCell[];
  /** By length, ascending: the cells of the map together. */
  readonly healing: readonly Healing[];
  /** By length, ascending, at the start that bears least. */
  readonly backOff: readonly BackOffShare[];
  readonly resync: ResyncStudy;
}

/** How closely was looked, and what it took. */
export interface FailureResolution {
  /** Hours at which an outage was begun lie so far apart; a large fleet is looked at more coarsely. */
  readonly startStepMs: Millis;
  /** The same of the map. */
  readonly mapStepMs: Millis;
  /** Whether the starts go through a whole week. */
  readonly wholeWeek: boolean;
  /** The lengths that were tried up to an hour are so far apart; above it they lie 5 and 15 min, then an hour apart. */
  readonly lengthStepMs: Millis;
  /** No longer outage was tried at any start. */
  readonly longestTriedMs: Millis;
  /** Lengths beside the answer that were tried at each start, to see whether what breaks at one length breaks at all longer ones. */
  readonly checksPerStart: number;
  /** Starts at which that was not so. */
  readonly unevenStartCount: number;
  /** Short simulations, and what they took in simulations of the whole fleet over a week. */
  readonly simulationCount: number;
  readonly weekRuns: number;
}

export interface BreakingOutage {
  readonly startMs: Millis;
  readonly lengthMs: Millis;
  readonly breaks: Breaks;
}

/** The objective, or the rule that marks a VM when logs reach half a disk. */
export type Breaks = 'objective' | 'half-disk';

export interface StartTolerance {
  /** On the run's clock; a whole hour of local time. */
  readonly startMs: Millis;
  /** The longest outage up to which every one that was tried keeps the objective and marks no VM; `null` where even none does. */
  readonly safeMs: Millis | null;
  /** The next length above, which does not; `null` where there is none. */
  readonly breakingMs: Millis | null;
  readonly breaks: Breaks | null;
  /**
   * By arithmetic from the cuts and the retry ladder alone: a longer outage breaks the objective however fast the link, as the first attempt
   * after it of this VM comes too late. `null` where no VM replicates.
   */
  readonly ladderBoundMs: Millis | null;
  readonly ladderBoundVm: string | null;
  /** By the closed form of the log bytes; `null` where no disk ever gets to half its size. */
  readonly halfDisk: HalfDiskTolerance | null;
}

export interface OutageCell {
  readonly startMs: Millis;
  readonly lengthMs: Millis;
  /** The oldest recovery point of any VM, until all were in step again or the simulation ended. */
  readonly worstAgeMs: Millis;
  readonly kept: boolean;
  /** From the link's return until every VM is within the objective for good; `null` where that was not seen, or takes a resynchronization. */
  readonly healMs: Millis | null;
  /** VMs that the half-disk rule marked. */
  readonly markedVmCount: number;
}

export interface Healing {
  readonly lengthMs: Millis;
  readonly startCount: number;
  /** Over the starts at which the fleet healed; `null` where it did at none. */
  readonly shortestMs: Millis | null;
  readonly medianMs: Millis | null;
  readonly longestMs: Millis | null;
  readonly longestStartMs: Millis | null;
  /** Starts at which it did not within {@link followedMs} after the link's return. */
  readonly unhealedStartCount: number;
  /** Starts at which VMs had to be resynchronized, and the most of them. */
  readonly markingStartCount: number;
  readonly markedVmMost: number;
  readonly followedMs: Millis;
}

/** The worst age of one outage, beside the one that there would be if every VM tried again as soon as the link is back. */
export interface BackOffShare {
  readonly startMs: Millis;
  readonly lengthMs: Millis;
  readonly worstAgeMs: Millis;
  readonly immediateWorstAgeMs: Millis;
  /** Part of the worst age that waiting for the next attempt makes: 0 to 1. */
  readonly share: number;
}

/**
 * What it takes to resynchronize VMs that the half-disk rule has marked: of each, the logs of the disk that fills first hold half its size, and
 * the others what was written to them in the same time (semantics 23, 25).
 */
export interface ResyncStudy {
  /** When all are resynchronized at once: the first opening of the window for resynchronizations. */
  readonly stormStartMs: Millis;
  readonly vmCount: number;
  /** Of all VMs together. */
  readonly wireBytes: Bytes;
  readonly fullCopyWireBytes: Bytes;
  /** One after another, each alone on the link. */
  readonly aloneTotalMs: Millis;
  readonly aloneLongestMs: Millis;
  /** All at once, with the deltas of those that are through: until the last is; `null` where one is not within {@link stormFollowedMs}, or there is none. */
  readonly stormMs: Millis | null;
  readonly stormFollowedMs: Millis;
  /** VMs that are not through by then, and those that the half-disk rule marked anew meanwhile. */
  readonly unfinishedVmCount: number;
  readonly restartedVmCount: number;
  /** VMs that write faster than a resynchronization gets through even where they have the link alone. */
  readonly neverThroughVmCount: number;
  /** The worst first, at most {@link RESYNC_VMS_MOST}. */
  readonly vms: readonly VmResync[];
}

export interface VmResync {
  readonly vm: string;
  /** Distinct bytes that differ. */
  readonly changedBytes: Bytes;
  readonly wireBytes: Bytes;
  /** Its resynchronization by itself, at the link's bandwidth. */
  readonly aloneMs: Millis;
  readonly fullCopyWireBytes: Bytes;
  /** With all others at once; `null` where it is not through. */
  readonly stormMs: Millis | null;
  /** Times that the half-disk rule marked it anew in the storm. */
  readonly restartCount: number;
  /** Alone, by its mean churn: what is written meanwhile stays below half of each disk, and the link carries it. */
  readonly converges: boolean;
}

export const RESYNC_VMS_MOST = 100;
