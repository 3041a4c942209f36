/** The two logs of a disk: the open one collects what is written, the one in flight is being sent ([seed], "Delta replication"). */
import type { Bytes, Millis } from '../units.ts';
import type { ReplicationCore } from './columns.ts';
import { logFileBytes } from './log-size.ts';

/** File bytes of a disk's open and in-flight logs, metadata included; 0 while the VM is not tracked. */
export function diskLogBytes(core: ReplicationCore, vm: number, disk: number, nowMs: Millis): Bytes {
  if (core.tracked[vm] === 0) return 0;
  const openBytes = openLogEndBytes(core, disk, nowMs) - core.openFromBytes[disk]!;
  return logFileBytes(openBytes, core.entryRunBytes[disk]!, core.policy.rules) + core.inFlightFileBytes[disk]!;
}

/** Written bytes up to which the open log reaches: all of them, but after a failover only those from before it. */
export function openLogEndBytes(core: ReplicationCore, disk: number, nowMs: Millis): Bytes {
  return Math.min(core.writes.writtenBytes(disk, nowMs), core.openUntilBytes[disk]!);
}

/** Bytes of a disk's snapshot: the whole blocks that have been written to since it was taken (semantics 8). */
export function diskSnapshotBytes(core: ReplicationCore, disk: number, nowMs: Millis): Bytes {
  const fromBytes = core.snapshotFromBytes[disk]!;
  if (fromBytes < 0) return 0;
  const untilBytes = core.snapshotUntilBytes[disk]!;
  const endBytes = untilBytes < 0 ? core.writes.writtenBytes(disk, nowMs) : untilBytes;
  const touchedBytes = core.places.touchedBytes(disk, fromBytes, endBytes, core.policy.rules.snapshotBlockBytes);
  return Math.min(core.diskBytes[disk]!, touchedBytes);
}

/**
 * What the virtual disk's own file has grown by since the run's start: the rule's share of the distinct bytes written to it. While there
 * is a snapshot, writes go there, and the file grows when it is merged (decision 0006, 8).
 */
export function diskGrowthBytes(core: ReplicationCore, disk: number, nowMs: Millis): Bytes {
  const ratio = core.policy.rules.vhdxGrowthRatio;
  if (ratio === 0) return 0;
  const snapshotFromBytes = core.snapshotFromBytes[disk]!;
  const writtenBytes = snapshotFromBytes < 0 ? core.writes.writtenBytes(disk, nowMs) : snapshotFromBytes;
  const room = core.diskBytes[disk]! - core.usedBytes[disk]!;
  return Math.min(room, Math.floor(ratio * core.distinctBytes(disk, writtenBytes)));
}

/** From now on the VM's writes go to new, empty logs. To be called while it is not tracked. */
export function openLogs(core: ReplicationCore, vm: number, nowMs: Millis): void {
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    const writtenBytes = core.writes.writtenBytes(disk, nowMs);
    core.untrackedBytes[disk]! += writtenBytes - core.untrackedFromBytes[disk]!;
    core.openFromBytes[disk] = writtenBytes;
  }
  core.tracked[vm] = 1;
}

/** Drops the VM's logs, which gives back their space; nothing is tracked from now on (semantics 23). */
export function dropLogs(core: ReplicationCore, vm: number, nowMs: Millis): void {
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    const endBytes = openLogEndBytes(core, disk, nowMs);
    core.droppedBytes[disk]! += core.inFlightBytes[disk]! + endBytes - core.openFromBytes[disk]!;
    core.inFlightBytes[disk] = 0;
    core.inFlightFileBytes[disk] = 0;
    core.untrackedFromBytes[disk] = endBytes;
    core.openUntilBytes[disk] = Number.POSITIVE_INFINITY;
  }
  core.tracked[vm] = 0;
}
