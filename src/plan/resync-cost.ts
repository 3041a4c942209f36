/**
 * Resynchronization or a full copy: "A virtual machine is marked for resynchronization when both delta replication fails and
 * full initial replication is costly in terms of network bandwidth or time" (Microsoft, "Hyper-V replication with Azure Site
 * Recovery", 2016). What each of the two costs one VM, alone on the link.
 */
import type { Policy, RuleParameters } from '../model/policy.ts';
import type { Link } from '../model/site.ts';
import type { Disk } from '../model/workload.ts';
import type { Bytes, Millis } from '../units.ts';

export interface ChangedDisk extends Pick<Disk, 'sizeBytes' | 'usedBytes'> {
  /** Distinct bytes written since the recovery point, at most `sizeBytes` (semantics 3). */
  readonly changedBytes: Bytes;
}

/** A `Policy` is one; a VM with settings of its own brings its own compression. */
export interface ResyncCostPolicy extends Pick<Policy, 'compressionRatio'> {
  readonly rules: Pick<RuleParameters, 'chunkBytes' | 'checksumBytes' | 'compareBytesPerSec'>;
}

export type ResyncCostLink = Pick<Link, 'capacityBitsPerSec' | 'efficiencyRatio'>;

export interface CopyCost {
  /** Bytes on the wire: compressed, with the link's protocol (semantics 5). Whole, rounded up, as the duration is. */
  readonly wireBytes: Bytes;
  readonly durationMs: Millis;
}

export interface ResyncCost {
  readonly resync: CopyCost & {
    readonly chunkCount: number;
    readonly differingChunkCount: number;
    /** Reading and comparing the largest disk; the disks are compared side by side. */
    readonly compareMs: Millis;
  };
  readonly fullCopy: CopyCost;
  readonly cheaperInBytes: Cheaper;
  readonly cheaperInTime: Cheaper;
  /**
   * Largest share of the disks' provisioned bytes that can have changed before the resynchronization sends more than the full
   * copy; `null` where even its checksums are more. Taken without the rounding to whole chunks: at it, the two are the same
   * within one chunk per disk.
   */
  readonly breakEvenInBytes: number | null;
  /** The same for the time: `null` also where comparing alone takes longer than the full copy. */
  readonly breakEvenInTime: number | null;
}

export type Cheaper = 'resynchronization' | 'full copy' | 'same';

/**
 * The costs for a VM with at least one disk. The durations are those of the two transfers (semantics 25; used bytes at the
 * link's rate). The wait for the window before a resynchronization, and a full copy's snapshot and merge, come on top.
 */
export function resyncCost(disks: readonly ChangedDisk[], policy: ResyncCostPolicy, link: ResyncCostLink): ResyncCost {
  const resync = resyncOf(disks, policy, link);
  const fullCopy = fullCopyOf(disks, policy, link);
  const breakEvenInBytes = breakEvenShare(disks, policy);
  return {
    resync,
    fullCopy,
    cheaperInBytes: cheaper(resync.wireBytes, fullCopy.wireBytes),
    cheaperInTime: cheaper(resync.durationMs, fullCopy.durationMs),
    breakEvenInBytes,
    // Where comparing is no longer than the full copy, the sending decides, and that costs time as it costs bytes.
    breakEvenInTime: resync.compareMs > fullCopy.durationMs ? null : breakEvenInBytes,
  };
}

function resyncOf(disks: readonly ChangedDisk[], policy: ResyncCostPolicy, link: ResyncCostLink): ResyncCost['resync'] {
  const { chunkBytes, checksumBytes, compareBytesPerSec } = policy.rules;
  const chunkCount = sum(disks, (disk) => chunksOf(disk, policy));
  const differingChunkCount = sum(disks, (disk) =>
    Math.min(chunksOf(disk, policy), Math.ceil(disk.changedBytes / chunkBytes)),
  );
  const payloadBytes = chunkCount * checksumBytes + differingChunkCount * chunkBytes * policy.compressionRatio;
  const wireBytes = wholeUp(payloadBytes / link.efficiencyRatio);
  const compareMs = wholeUp((Math.max(0, ...disks.map((disk) => disk.sizeBytes)) * 1000) / compareBytesPerSec);
  const durationMs = Math.max(compareMs, sendingMs(wireBytes, link));
  return { wireBytes, durationMs, chunkCount, differingChunkCount, compareMs };
}

function fullCopyOf(disks: readonly ChangedDisk[], policy: ResyncCostPolicy, link: ResyncCostLink): CopyCost {
  const wireBytes = wholeUp((sum(disks, (disk) => disk.usedBytes) * policy.compressionRatio) / link.efficiencyRatio);
  return { wireBytes, durationMs: sendingMs(wireBytes, link) };
}

/** checksums + share × provisioned × compression = used × compression, solved for the share. */
function breakEvenShare(disks: readonly ChangedDisk[], policy: ResyncCostPolicy): number | null {
  const checksumsBytes = sum(disks, (disk) => chunksOf(disk, policy)) * policy.rules.checksumBytes;
  const spareBytes = sum(disks, (disk) => disk.usedBytes) - checksumsBytes / policy.compressionRatio;
  return spareBytes < 0 ? null : spareBytes / sum(disks, (disk) => disk.sizeBytes);
}

function chunksOf(disk: ChangedDisk, policy: ResyncCostPolicy): number {
  return Math.ceil(disk.sizeBytes / policy.rules.chunkBytes);
}

function sendingMs(wireBytes: Bytes, link: ResyncCostLink): Millis {
  return wholeUp((wireBytes * 8 * 1000) / link.capacityBitsPerSec);
}

/** What the last bit of a double adds is no further millisecond or byte (decision 0002, 15). */
function wholeUp(value: number): number {
  return Math.max(0, Math.ceil(value - 1e-5));
}

function cheaper(resync: number, fullCopy: number): Cheaper {
  if (resync === fullCopy) return 'same';
  return resync < fullCopy ? 'resynchronization' : 'full copy';
}

function sum(disks: readonly ChangedDisk[], of: (disk: ChangedDisk) => number): number {
  return disks.reduce((total, disk) => total + of(disk), 0);
}
