import type { DiskType } from '../model/prices.ts';
import { type Bytes, GIB } from '../units.ts';

/** Largest size of each tier in GiB ("Premium SSD", "Standard SSD" and "Standard HDD" of Azure managed disks, includes of 3/2023 and 2019). */
const TIERS: readonly (readonly [number, number])[] = [
  [4, 1],
  [8, 2],
  [16, 3],
  [32, 4],
  [64, 6],
  [128, 10],
  [256, 15],
  [512, 20],
  [1024, 30],
  [2048, 40],
  [4096, 50],
  [8192, 60],
  [16_384, 70],
  [32_767, 80],
];

const LETTER: Readonly<Record<DiskType, string>> = { 'premium ssd': 'P', 'standard ssd': 'E', 'standard hdd': 'S' };
/** Standard HDD begins at S4. */
const LEAST_HDD_GIB = 32;

/**
 * The tier that a managed disk is billed by: the smallest that holds its size ("Understand Azure Disk Storage billing", 08/06/2024: the
 * size is rounded up to the next one offered). `null` where it is larger than any.
 */
export function managedDiskTier(sizeBytes: Bytes, type: DiskType = 'premium ssd'): string | null {
  const tier = TIERS.find(([gib]) => sizeBytes <= gib * GIB && (type !== 'standard hdd' || gib >= LEAST_HDD_GIB));
  return tier === undefined ? null : `${LETTER[type]}${tier[1]}`;
}

/** What the tier is billed for, in GiB; `undefined` where there is no such tier. */
export function tierGib(tier: string): number | undefined {
  return TIERS.find(([, number]) => number === Number(tier.slice(1)))?.[0];
}
