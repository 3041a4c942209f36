/**
 * The recovery points that a replica keeps beside the latest: one an hour, app-consistent ones by their own interval, for as long as the
 * policy says; and the space of what lies between them at the target (semantics 29; facts 1 and 7; decision 0005, 39).
 */
import { type Bytes, HOUR_MS, type Millis } from '../units.ts';
import type { ReplicationCore } from './columns.ts';

/** Hyper-V Replica keeps its additional recovery points an hour apart (Msvm_ReplicationSettingData, RecoveryHistory). */
const POINT_SPACING_MS: Millis = HOUR_MS;

/** Protection begins, or the replica is whole again: the next point's hour runs from now. */
export function startPoints(core: ReplicationCore, vm: number, nowMs: Millis): void {
  core.lastPointAtMs[vm] = nowMs;
}

export function forgetPoints(core: ReplicationCore, vm: number): void {
  core.pointFirst[vm] = 0;
  core.pointCount[vm] = 0;
}

/** A set has been applied: its cut is kept where one is due, and what is too old is merged. */
export function keepPoint(core: ReplicationCore, vm: number): void {
  if (core.pointKeepMs[vm] === 0 || core.protectedAtMs[vm] === -1) return;
  const cutAtMs = core.cutAtMs[vm]!;
  const appConsistent = cutAtMs >= core.appConsistentDueAtMs[vm]!;
  if (appConsistent || cutAtMs - core.lastPointAtMs[vm]! >= POINT_SPACING_MS) {
    addPoint(core, vm, cutAtMs, appConsistent);
    core.pointPeakBytes[vm] = Math.max(core.pointPeakBytes[vm]!, pointStorageBytes(core, vm));
  }
  while (core.pointCount[vm]! > 0 && pointAtMs(core, vm, 0) < cutAtMs - core.pointKeepMs[vm]!) {
    core.pointFirst[vm] = (core.pointFirst[vm]! + 1) % core.pointCapacity[vm]!;
    core.pointCount[vm]!--;
  }
}

function addPoint(core: ReplicationCore, vm: number, cutAtMs: Millis, appConsistent: boolean): void {
  const slot = slotOf(core, vm, core.pointCount[vm]!);
  core.pointCount[vm]!++;
  core.pointAtMs[core.pointBase[vm]! + slot] = cutAtMs;
  core.pointAppConsistent[core.pointBase[vm]! + slot] = appConsistent ? 1 : 0;
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    core.pointBytes[bytesPlace(core, vm, disk, slot)] = core.recoveryPointBytes[disk]!;
  }
  core.lastPointAtMs[vm] = cutAtMs;
  if (!appConsistent) return;
  const everyMs = core.appConsistentMs[vm]!;
  const sinceMs = cutAtMs - core.protectedAtMs[vm]!;
  core.appConsistentDueAtMs[vm] = core.protectedAtMs[vm]! + (Math.floor(sinceMs / everyMs) + 1) * everyMs;
}

/** The instant of a kept point, the oldest first. */
export function pointAtMs(core: ReplicationCore, vm: number, index: number): Millis {
  return core.pointAtMs[core.pointBase[vm]! + slotOf(core, vm, index)]!;
}

export function pointIsAppConsistent(core: ReplicationCore, vm: number, index: number): boolean {
  return core.pointAppConsistent[core.pointBase[vm]! + slotOf(core, vm, index)] === 1;
}

/** Distinct bytes between neighbouring points, and from the newest kept one to the latest, over the VM's disks. */
export function pointStorageBytes(core: ReplicationCore, vm: number): Bytes {
  let bytes = 0;
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    for (let index = 0; index < core.pointCount[vm]!; index++) {
      const from = core.pointBytes[bytesPlace(core, vm, disk, slotOf(core, vm, index))]!;
      const isNewest = index + 1 === core.pointCount[vm];
      const until = isNewest
        ? core.recoveryPointBytes[disk]!
        : core.pointBytes[bytesPlace(core, vm, disk, slotOf(core, vm, index + 1))]!;
      bytes += core.distinctBytes(disk, until - from);
    }
  }
  return bytes;
}

/** Written bytes are counted from another beginning: what was thrown away lies before every point. */
export function shiftPoints(core: ReplicationCore, vm: number, disk: number, bytes: Bytes): void {
  for (let index = 0; index < core.pointCount[vm]!; index++) {
    core.pointBytes[bytesPlace(core, vm, disk, slotOf(core, vm, index))]! += bytes;
  }
}

function slotOf(core: ReplicationCore, vm: number, index: number): number {
  return (core.pointFirst[vm]! + index) % core.pointCapacity[vm]!;
}

function bytesPlace(core: ReplicationCore, vm: number, disk: number, slot: number): number {
  const diskCount = core.firstDisk[vm + 1]! - core.firstDisk[vm]!;
  return core.pointDiskBase[vm]! + slot * diskCount + disk - core.firstDisk[vm]!;
}
