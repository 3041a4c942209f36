import type { Bytes } from '../units.ts';

/**
 * What an inventory says of a VM besides its disks. Nothing of it moves the simulation; rules of compatibility and placement ask for it. What no
 * file tells is absent, never a guess.
 */
export interface VmTraits {
  /** Of Hyper-V. */
  readonly generation?: 1 | 2;
  /** Virtual processors. */
  readonly cores?: number;
  readonly memoryBytes?: Bytes;
  readonly nicCount?: number;
  /** As the inventory writes it. A stranger's text. */
  readonly operatingSystem?: string;
  readonly architecture?: '32-bit' | '64-bit';
  readonly firmware?: 'BIOS' | 'UEFI';
  /** BitLocker, or another encryption of a disk in the guest. */
  readonly isEncrypted?: boolean;
  /** It has a virtual Fibre Channel adapter. */
  readonly hasFibreChannel?: boolean;
  /** It is a clustered role: `IsClustered` of Get-VM. */
  readonly isClustered?: boolean;
  /** Its cluster has a Hyper-V Replica Broker. */
  readonly hasReplicaBroker?: boolean;
  /** Of all its disks together, reads and writes. */
  readonly ioPerSec?: number;
  /** Of all its disks together. */
  readonly writesPerSec?: number;
}

/** What an inventory says of a disk besides its size and churn. */
export interface DiskTraits {
  /** It stands for all disks of its VM, of which no file tells the single ones. */
  readonly isWholeVm?: boolean;
  /** Whether the VM starts from it. */
  readonly isOsDisk?: boolean;
  /** `VHD`, `VHDX`, `VHDS` (a VHD Set), or another in capitals. */
  readonly format?: string;
  readonly kind?: 'fixed' | 'dynamic' | 'differencing';
  readonly logicalSectorBytes?: Bytes;
  readonly physicalSectorBytes?: Bytes;
  /** Several VMs may attach it. */
  readonly isShared?: boolean;
  readonly partitionCount?: number;
  /** Reads and writes together. */
  readonly ioPerSec?: number;
  readonly writesPerSec?: number;
  /** The mean size of its writes was told or measured; absent = it is assumed. */
  readonly isWriteSizeKnown?: boolean;
}

/** What the first knows, filled with what the second knows besides; `undefined` where neither knows anything. */
export function mergedTraits<T extends object>(first: T | undefined, second: T | undefined): T | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return { ...second, ...first };
}

/** Only what is known; `undefined` where nothing is. */
export function knownTraits<T extends object>(traits: { readonly [K in keyof T]?: T[K] | undefined }): T | undefined {
  const known = Object.entries(traits).filter(([, value]) => value !== undefined);
  return known.length === 0 ? undefined : (Object.fromEntries(known) as T);
}
