import type { BitsPerSec, Bytes, Millis } from '../units.ts';
import type { Vault, VmmCloud } from './cloud.ts';
import type { RecoveryPlan } from './recovery-plan.ts';

/** Where the VMs run and what joins them to the target: hosts, volumes, the link. Plain data (`--site site.json`). */
export interface Site {
  readonly hosts: readonly Host[];
  readonly volumes: readonly Volume[];
  readonly link: Link;
  readonly vaults: readonly Vault[];
  readonly clouds: readonly VmmCloud[];
  readonly recoveryPlans: readonly RecoveryPlan[];
}

export interface Host {
  readonly name: string;
  /** The host's own way out; absent = only the site's link limits it. */
  readonly uplinkBitsPerSec?: BitsPerSec;
  /** VMs whose transfers may leave the host at a time; absent = the policy's number (semantics 15). */
  readonly maxActiveTransfers?: number;
}

export interface Volume {
  readonly name: string;
  /** The host that it belongs to; absent = shared by all (a Cluster Shared Volume) (semantics 22). */
  readonly host?: string;
  /** Absent = unknown, taken as unlimited. */
  readonly capacityBytes?: Bytes;
  /** Free before protection begins; absent = unknown. */
  readonly freeBytes?: Bytes;
}

export interface Link {
  readonly capacityBitsPerSec: BitsPerSec;
  /** Share of the capacity that carries payload; the rest is protocol (semantics 5). */
  readonly efficiencyRatio: number;
  /** Times at which nothing gets through, [start, end), ascending and apart (semantics 13, 19). */
  readonly outages: readonly Outage[];
}

export interface Outage {
  readonly startMs: Millis;
  readonly endMs: Millis;
}

/** A volume's identity: its name where it is shared, host and name where it is local (semantics 22). */
export function volumeKey(host: string, volume: string, sharedVolumes: ReadonlySet<string>): string {
  return isShared(volume, sharedVolumes) ? volume : `${host}: ${volume}`;
}

/** Shared by the site file's word or by its path: `C:\ClusterStorage\Volume1` is the same on every node of a cluster. */
export function isShared(volume: string, sharedVolumes: ReadonlySet<string>): boolean {
  return sharedVolumes.has(volume) || /(^|[\\/:])ClusterStorage([\\/]|$)/i.test(volume);
}
