import type { BitsPerSec, Bytes, BytesPerSec, Millis } from '../units.ts';
import type { Vault, VmmCloud } from './cloud.ts';
import type { RecoveryPlan } from './recovery-plan.ts';
import type { Throttle, WeeklySchedule } from './schedule.ts';

/** Where the VMs run and what joins them to the target: hosts, volumes, links. Plain data (`--site site.json`). */
export interface Site {
  readonly hosts: readonly Host[];
  readonly volumes: readonly Volume[];
  /** The site's link: everything goes through it. */
  readonly link: Link;
  /** Lines before or behind it: a branch's, another vault's, another site's. Absent = none. */
  readonly furtherLinks?: readonly FurtherLink[];
  /** What single VMs have of their own on the network; a VM that is not listed has nothing. Absent = none. */
  readonly vms?: readonly VmNetwork[];
  /** Storage of the replicas, between sites; absent = nothing is known, and nothing waits for it. */
  readonly replicaStorage?: ReplicaStorage;
  readonly vaults: readonly Vault[];
  readonly clouds: readonly VmmCloud[];
  readonly recoveryPlans: readonly RecoveryPlan[];
}

export interface Host {
  readonly name: string;
  /** The host's own way out; absent = only the links limit it. */
  readonly uplinkBitsPerSec?: BitsPerSec;
  /** VMs whose transfers may leave the host at a time; absent = the policy's number (semantics 15). */
  readonly maxActiveTransfers?: number;
  /** The limit of its replication agent: `Set-OBMachineSetting`, host by host (facts 8). */
  readonly throttle?: WeeklySchedule<Throttle>;
  /** Parallel uploads of one VM (`UploadThreadsPerVM`); absent = the rule's number. */
  readonly uploadThreadsPerVm?: number;
  /** The further link by which it reaches the site's; absent = straight. */
  readonly link?: string;
}

export interface Volume {
  readonly name: string;
  /** The host that it belongs to; absent = shared by all (a Cluster Shared Volume) (semantics 22). */
  readonly host?: string;
  /** Absent = unknown, taken as unlimited. */
  readonly capacityBytes?: Bytes;
  /** Free before protection begins; absent = unknown. */
  readonly freeBytes?: Bytes;
  /** What initial replication and resynchronization together can read from it; absent = it never limits. */
  readonly readBytesPerSec?: BytesPerSec;
  /** Merging a snapshot on it; absent = the rule's rate. */
  readonly mergeBytesPerSec?: BytesPerSec;
}

/** A line and what lowers its capacity. Rates are of the wire. */
export interface LinkTraits {
  readonly capacityBitsPerSec: BitsPerSec;
  /** Times at which nothing gets through, [start, end), ascending and apart (semantics 13, 19). */
  readonly outages: readonly Outage[];
  /** Outages that are drawn from the run's seed, beside the others. */
  readonly randomOutages?: RandomOutages;
  readonly throttle?: WeeklySchedule<Throttle>;
  /** What others send over it: replication has the rest. */
  readonly background?: BackgroundUse;
  /** Round trip and share of lost packets: together they cap one TCP connection (semantics 17). Absent = no cap. */
  readonly roundTripMs?: Millis;
  readonly lossRatio?: number;
}

export interface Link extends LinkTraits {
  /** Share of the capacity that carries payload; the rest is protocol (semantics 5). */
  readonly efficiencyRatio: number;
}

/** A link with a name of its own, on the way of some hosts or VMs besides the site's. */
export interface FurtherLink extends LinkTraits {
  readonly name: string;
  /** The next further link on the way; absent = the site's. Never leads back to itself. */
  readonly via?: string;
}

/** Mean time between failures (from the end of one outage to the start of the next) and mean time to repair, both exponential. */
export interface RandomOutages {
  readonly meanBetweenMs: Millis;
  readonly meanRepairMs: Millis;
}

/** By the week, or as it was measured. */
export type BackgroundUse =
  | { readonly kind: 'weekly'; readonly schedule: WeeklySchedule<BitsPerSec> }
  | BackgroundSeries;

export interface BackgroundSeries {
  readonly kind: 'series';
  /** Starts of the intervals on the run's clock, strictly ascending; may begin before 0. Nothing is used before. */
  readonly startMs: readonly Millis[];
  /** In each interval, which ends where the next begins; same length as `startMs`. */
  readonly bitsPerSec: readonly BitsPerSec[];
  /** End of the last interval. */
  readonly endMs: Millis;
  /** After `endMs` the last `repeatMs` before it are repeated; 0 = nothing is used after it. */
  readonly repeatMs: Millis;
}

export interface VmNetwork {
  readonly vm: string;
  /** Most that its transfer takes; absent = no cap of its own. */
  readonly capBitsPerSec?: BitsPerSec;
  /** Its part of what is shared, beside others with 1; absent = 1. */
  readonly weight?: number;
  /** The further link over which its traffic goes on behind the site's link, or before it; absent = none. */
  readonly link?: string;
}

export interface ReplicaStorage {
  /** What it can write, all replicas together; applying a set takes its bytes × the rule's write ratio. */
  readonly writeBytesPerSec?: BytesPerSec;
}

export interface Outage {
  readonly startMs: Millis;
  readonly endMs: Millis;
}

/** A volume's identity: its name where it is shared, host and name where it is local (semantics 22). */
export function volumeKey(host: string, volume: string, sharedVolumes: ReadonlySet<string>): string {
  return isShared(volume, sharedVolumes) ? volume : `${host}: ${volume}`;
}

/** Volumes that the site file gives without a host. */
export function sharedVolumesOf({ volumes }: Pick<Site, 'volumes'>): ReadonlySet<string> {
  return new Set(volumes.filter(({ host }) => host === undefined).map(({ name }) => name));
}

/** Shared by the site file's word or by its path: `C:\ClusterStorage\Volume1` is the same on every node of a cluster. */
export function isShared(volume: string, sharedVolumes: ReadonlySet<string>): boolean {
  return sharedVolumes.has(volume) || /(^|[\\/:])ClusterStorage([\\/]|$)/i.test(volume);
}
