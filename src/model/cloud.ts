import type { InitialReplicationPlan, ReplicationSettings } from './policy.ts';

/** A private cloud of VMM: what it protects to, through which vault, by which policy ([B], tasks 2 and 3). Plain data. */
export interface VmmCloud {
  readonly name: string;
  /** The VMM server that has registered it. */
  readonly vmmServer: string;
  /** Name of a vault of the site. */
  readonly vault: string;
  /** The cloud at the recovery site; absent = to Azure, or not mapped: then its VMs cannot be protected. */
  readonly recoveryCloud?: string;
  /** Name of a policy of the site; absent = the run's own. */
  readonly policy?: string;
  /** Hosts whose VMs belong to it, unless a VM says else. */
  readonly hosts: readonly string[];
}

/** "You can have multiple Recovery Services vaults in a single Azure subscription." [B] */
export interface Vault {
  readonly name: string;
  readonly region?: string;
}

/** A named replication policy; what it leaves out is the run's. */
export interface NamedPolicy {
  readonly name: string;
  readonly settings: Partial<ReplicationSettings>;
}

/** What a site file says of one VM. */
export interface VmProtection {
  readonly vm: string;
  readonly cloud?: string;
  readonly policy?: string;
  readonly initialReplication?: Partial<InitialReplicationPlan>;
}
