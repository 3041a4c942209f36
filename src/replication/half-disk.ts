/**
 * The half-disk rule: when the logs of a disk have reached half its size, its VM is marked for resynchronization ([seed],
 * "Resynchronization"; semantics 23). The instant is computed, not polled: first a bound that is found at once, and only when
 * that has come, the exact instant.
 */
import { CAUSES } from '../model/cause.ts';
import type { Bytes, Millis } from '../units.ts';
import type { ReplicationCore } from './columns.ts';
import { Phase } from './lifecycle.ts';
import { leastDataBytes } from './log-size.ts';
import { diskLogBytes } from './logs.ts';
import { mark } from './mark.ts';

/** Written bytes, counted from the run's start, at which the disk's logs as they are now reach half its size. */
function halfReachedBytes(core: ReplicationCore, disk: number): Bytes {
  const openFileBytes = core.halfDiskBytes[disk]! - core.inFlightFileBytes[disk]!;
  return core.openFromBytes[disk]! + leastDataBytes(openFileBytes, core.entryRunBytes[disk]!, core.policy.rules);
}

/**
 * Written bytes, counted from the run's start, below which the disk's logs cannot be half its size, however cuts divide them in
 * two: by the size law each has at most one metadata block more than its share. An arrival only moves it on.
 */
function safeUntilBytes(core: ReplicationCore, disk: number): Bytes {
  const { logEmptyBytes, logBlockBytes } = core.policy.rules;
  const metadataRatio = logBlockBytes / core.entryRunBytes[disk]!;
  const dataBytes = Math.floor((core.halfDiskBytes[disk]! - 2 * (logEmptyBytes + logBlockBytes)) / (1 + metadataRatio));
  return core.openFromBytes[disk]! - core.inFlightBytes[disk]! + dataBytes;
}

/** Sets the bound from the logs as they are now. To be called whenever a log was opened. */
export function boundHalfDisk(core: ReplicationCore, vm: number, nowMs: Millis): void {
  boundBy(core, vm, nowMs, (disk, safeBytes, writtenBytes) =>
    core.writes.notReachedBeforeMs(disk, safeBytes, nowMs, writtenBytes),
  );
}

/** To be called at every cut: near the half the division into two logs counts. */
export function boundHalfDiskAtCut(core: ReplicationCore, vm: number, nowMs: Millis): void {
  if (core.halfIsNear[vm] === 1) boundHalfDisk(core, vm, nowMs);
}

/** The logs go on from a state that was not bounded: what is due is found at once. */
export function checkHalfDiskNow(core: ReplicationCore, vm: number, nowMs: Millis): void {
  core.halfDueAtMs[vm] = nowMs;
}

/** The bound has come: marks the VM if a disk has reached half its size, else waits for a later one, at last for the instant itself. */
export function checkHalfDisk(core: ReplicationCore, vm: number, phase: Phase, nowMs: Millis): Phase {
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    if (diskLogBytes(core, vm, disk, nowMs) >= core.halfDiskBytes[disk]!) {
      return mark(core, vm, phase, nowMs, CAUSES.logsAtHalfDisk.code);
    }
  }
  boundBy(core, vm, nowMs, (disk, safeBytes) => core.writes.reachedAtMs(disk, safeBytes, nowMs));
  // While the guest is shut down nothing grows.
  if (phase === Phase.sendingLast) core.halfDueAtMs[vm] = Number.POSITIVE_INFINITY;
  return phase;
}

function boundBy(
  core: ReplicationCore,
  vm: number,
  nowMs: Millis,
  safeUntilMs: (disk: number, safeBytes: Bytes, writtenBytes: Bytes) => Millis,
): void {
  let dueAtMs = Number.POSITIVE_INFINITY;
  core.halfIsNear[vm] = 0;
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    const safeBytes = safeUntilBytes(core, disk);
    const writtenBytes = core.writes.writtenBytes(disk, nowMs);
    if (writtenBytes < safeBytes) {
      dueAtMs = Math.min(dueAtMs, safeUntilMs(disk, safeBytes, writtenBytes));
    } else {
      core.halfIsNear[vm] = 1;
      const reachedAtMs = core.writes.reachedAtMs(disk, halfReachedBytes(core, disk), nowMs);
      dueAtMs = Math.min(dueAtMs, Math.max(nowMs, reachedAtMs));
    }
  }
  core.halfDueAtMs[vm] = dueAtMs;
}
