import type { BitsPerSec, Millis } from '../units.ts';
import type { InitialReplicationPlan } from './policy.ts';
import type { AskedSettings } from './refusals.ts';

/** A private cloud of VMM: what it protects to, through which vault, by which policy ([B], tasks 2 and 3). Plain data. */
export interface VmmCloud {
  readonly name: string;
  /** The VMM server that has registered it. */
  readonly vmmServer: string;
  /** Name of a vault of the site; absent, or none that is there: the VMM server is not registered, and no VM can be protected. */
  readonly vault?: string;
  /** The cloud at the recovery site; absent = to Azure, or not mapped: then its VMs cannot be protected. */
  readonly recoveryCloud?: string;
  /** Name of a policy of the site; absent = the run's own. */
  readonly policy?: string;
  /** Hosts whose VMs belong to it, unless a VM says else. */
  readonly hosts: readonly string[];
  /** The further link over which its recovery cloud is reached; absent = its vault's. */
  readonly link?: string;
  /** The VMs that do belong to it; absent until the inventory is known. */
  readonly vms?: readonly string[];
}

/** "You can have multiple Recovery Services vaults in a single Azure subscription." [B] */
export interface Vault {
  readonly name: string;
  readonly region?: string;
  /** The further link over which it is reached, behind the site's; absent = none. */
  readonly link?: string;
}

/** A named replication policy; what it leaves out is the run's. Its switch for compression is kept as it was written. */
export interface NamedPolicy {
  readonly name: string;
  readonly settings: AskedSettings;
}

/** What a site file says of one VM. */
export interface VmProtection {
  readonly vm: string;
  readonly cloud?: string;
  readonly policy?: string;
  readonly initialReplication?: InitialReplicationPlan;
  readonly capBitsPerSec?: BitsPerSec;
  readonly weight?: number;
  readonly link?: string;
}

/** VMs whose protection is enabled together; who is in no batch is enabled at 0. */
export interface Batch {
  readonly enableAtMs: Millis;
  readonly vms: readonly string[];
}
