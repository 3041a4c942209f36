import type { DiskTier, DiskType, RuleSet, VmSize } from '../model/rules.ts';
import type { Run } from '../model/run.ts';
import { SCENARIOS } from '../model/scenario.ts';
import type { Disk, Vm } from '../model/workload.ts';
import type { ChurnIntegral } from '../simulate/churn-integral.ts';
import { type Bytes, type BytesPerSec, GIB } from '../units.ts';
import { answerOf, type VmWithValues } from './compatibility.ts';
import { type Found, isMet } from './demand.ts';
import { busiestHourBytesPerSec, type ValueOf } from './vm-values.ts';

/** Where the fleet would lie in Azure: a proposal by the rules in force, for a failover to managed disks. */
export interface Placement {
  readonly vms: readonly VmPlacement[];
  /** How many disks of each tier, in the order of the rules; tiers without a disk are left out. */
  readonly tiers: readonly TierCount[];
  /** Disks that no tier fits, or of which not enough is known. */
  readonly unplacedDiskCount: number;
}

export interface VmPlacement {
  readonly vm: string;
  /** Premium where a limit of standard storage is not met. */
  readonly storage: 'standard' | 'premium';
  readonly storageReason: string;
  readonly azureVmSize: string | null;
  /** Why this size, and what of it could not be checked; or why there is none. */
  readonly azureVmSizeReason: string;
  readonly disks: readonly DiskPlacement[];
}

export interface DiskPlacement {
  readonly disk: string;
  readonly sizeBytes: Bytes;
  readonly type: DiskType;
  /** Id of a tier, `P10`. */
  readonly tier: string | null;
  readonly tierReason: string;
}

export interface TierCount {
  readonly tier: string;
  readonly type: DiskType;
  readonly diskCount: number;
  /** Virtual sizes of the disks, and the sizes of the tiers' disks. */
  readonly sizeBytes: Bytes;
  readonly tierBytes: Bytes;
}

/** Managed disks made of a premium and of a standard storage account. The hard disk as the standard one. [chosen] */
const TYPE_OF: Readonly<Record<VmPlacement['storage'], DiskType>> = {
  standard: 'standard-hdd',
  premium: 'premium-ssd',
};

/** The proposal; `null` between sites, where there is no Azure to place anything in. */
export function placementOf(
  run: Run,
  vms: readonly VmWithValues[],
  churn: ChurnIntegral,
  rules: RuleSet,
): Placement | null {
  if (SCENARIOS[run.policy.scenario].target !== 'azure') return null;
  const premiumLimits = rules.limits.filter(
    ({ effect, scenarios }) => effect === 'premium' && scenarios.includes(run.policy.scenario),
  );
  const tiersOf = new Map<DiskType, DiskTier[]>();
  for (const type of Object.values(TYPE_OF)) {
    const ofType = rules.diskTiers.filter((tier) => tier.type === type);
    tiersOf.set(
      type,
      ofType.toSorted((a, b) => a.sizeGib - b.sizeGib || a.iops - b.iops),
    );
  }
  // The planner: "always the lowest Azure VM size that matches"; without prices that is by processors, then memory. [chosen]
  const sizes = rules.vmSizes.toSorted((a, b) => a.cores - b.cores || a.memoryGib - b.memoryGib);
  let firstDisk = 0;
  const placed = vms.map(({ vm, values }): VmPlacement => {
    const broken = premiumLimits.find((limit) =>
      (limit.field.startsWith('disk.') ? vm.disks : [undefined]).some((disk) => answerOf(limit, values, disk) === 'no'),
    );
    const storage = broken === undefined ? 'standard' : 'premium';
    const type = TYPE_OF[storage];
    const disks = vm.disks.map((disk, at) => {
      const bytesPerSec = busiestHourBytesPerSec(churn, firstDisk + at, run.options.horizonMs);
      return placedDisk(disk, type, tiersOf.get(type)!, values('disk.ioPerSec', disk), bytesPerSec);
    });
    firstDisk += vm.disks.length;
    return {
      ...{ vm: vm.name, storage, storageReason: storageReason(vm, broken?.title, premiumLimits.length) },
      ...sizeOf(vm, values, sizes),
      disks,
    };
  });
  return { vms: placed, ...countTiers(placed, rules.diskTiers) };
}

function storageReason({ disks }: Vm, broken: string | undefined, limitCount: number): string {
  if (broken !== undefined) return `not met: ${broken}`;
  if (limitCount === 0) return 'no rule asks for premium storage';
  const isAssumed = disks.some(({ isChurnAssumed }) => isChurnAssumed === true);
  return isAssumed
    ? 'nothing known asks for premium storage; churn is assumed'
    : 'nothing known asks for premium storage';
}

/** The smallest tier that holds the disk; a larger one where what is known of its load needs it. */
function placedDisk(
  { name, sizeBytes, traits }: Disk,
  type: DiskType,
  tiers: readonly DiskTier[],
  io: Found,
  writtenBytesPerSec: BytesPerSec,
): DiskPlacement {
  const place = (tier: string | null, tierReason: string): DiskPlacement => ({
    ...{ disk: name, sizeBytes, type, tier, tierReason },
  });
  if (traits?.isWholeVm === true) return place(null, 'it stands for several disks, whose sizes no file tells');
  const bySize = tiers.find((tier) => tier.sizeGib * GIB >= sizeBytes);
  if (bySize === undefined)
    return place(null, tiers.length === 0 ? 'no rule has tiers of this type' : 'larger than every tier');
  const iops = typeof io === 'object' ? io.least : undefined;
  const isIoWhole = typeof io === 'object' && io.most !== Number.POSITIVE_INFINITY;
  const takes = (tier: DiskTier): boolean =>
    (iops === undefined || tier.iops >= iops) && tier.megabytesPerSec * 1e6 >= writtenBytesPerSec;
  const fit = tiers.find((tier) => tier.sizeGib >= bySize.sizeGib && takes(tier));
  if (fit === undefined) return place(null, `${bySize.id} holds it, but no tier of this type takes its load`);
  const open = isIoWhole ? '' : '; IOPS not known';
  if (fit === bySize) return place(fit.id, `by size${open}`);
  const why = takes({ ...bySize, iops: Number.POSITIVE_INFINITY })
    ? `${Math.ceil(iops!)} IOPS`
    : 'its write throughput';
  return place(fit.id, `${why}; ${bySize.id} by size alone${open}`);
}

/** The demands of a VM on a size, besides processors and memory. */
const FURTHER = [
  { field: 'vm.dataDiskCount', of: 'dataDiskCount', words: 'data disks', unit: 'count' },
  { field: 'vm.nicCount', of: 'nicCount', words: 'network adapters', unit: 'count' },
  { field: 'vm.ioPerSec', of: 'iops', words: 'IOPS', unit: 'IOPS' },
] as const;

function sizeOf(
  { traits }: Vm,
  values: ValueOf,
  sizes: readonly VmSize[],
): Pick<VmPlacement, 'azureVmSize' | 'azureVmSizeReason'> {
  const none = (azureVmSizeReason: string) => ({ azureVmSize: null, azureVmSizeReason });
  const { cores, memoryBytes } = traits ?? {};
  if (sizes.length === 0) return none('no rule has sizes of virtual machines');
  if (cores === undefined || memoryBytes === undefined) {
    const missing = [cores === undefined && 'processors', memoryBytes === undefined && 'memory'].filter(Boolean);
    return none(`not known: ${missing.join(' and ')} (Get-VM, or columns cores and memory)`);
  }
  const answers = (size: VmSize) =>
    FURTHER.map(({ field, of, unit }) => isMet({ field, comparison: 'at-most', limit: size[of], unit }, values(field)));
  const fit = sizes.find(
    (size) => size.cores >= cores && size.memoryGib * GIB >= memoryBytes && !answers(size).includes('no'),
  );
  if (fit === undefined) return none('no size of the rules takes its processors, memory, disks, adapters and load');
  const open = answers(fit).flatMap((answer, at) => (answer === 'unknown' ? [FURTHER[at]!.words] : []));
  const rest = open.length === 0 ? '' : `; not known: ${open.join(', ')}`;
  return {
    azureVmSize: fit.id,
    azureVmSizeReason: `the smallest with ${cores} processors and ${memoryBytes / GIB} GiB${rest}`,
  };
}

function countTiers(
  placed: readonly VmPlacement[],
  tiers: readonly DiskTier[],
): Pick<Placement, 'tiers' | 'unplacedDiskCount'> {
  const counts = new Map(tiers.map(({ id }) => [id, { diskCount: 0, sizeBytes: 0 }]));
  let unplacedDiskCount = 0;
  for (const { tier, sizeBytes } of placed.flatMap(({ disks }) => disks)) {
    const count = tier === null ? undefined : counts.get(tier);
    if (count === undefined) unplacedDiskCount++;
    else {
      count.diskCount++;
      count.sizeBytes += sizeBytes;
    }
  }
  return {
    tiers: tiers.flatMap(({ id, type, sizeGib }) => {
      const { diskCount, sizeBytes } = counts.get(id)!;
      return diskCount === 0 ? [] : [{ tier: id, type, diskCount, sizeBytes, tierBytes: diskCount * sizeGib * GIB }];
    }),
    unplacedDiskCount,
  };
}
