/**
 * The half-disk rule: when the logs of a disk have reached half its size, its VM is marked for resynchronization ([seed],
 * "Resynchronization"; semantics 23). The instant is computed, not polled: first a bound that is found at once, and only when
 * that has come, the exact instant.
 */
import { CAUSES } from '../model/cause.ts';
import type { Millis } from '../units.ts';
import type { ReplicationCore } from './columns.ts';
import { Phase } from './lifecycle.ts';
import { leastDataBytes } from './log-size.ts';
import { diskLogBytes } from './logs.ts';
import { mark } from './mark.ts';

/** Written bytes, counted from the run's start, at which the disk's logs reach half its size. */
function halfReachedBytes(core: ReplicationCore, disk: number): number {
  const openFileBytes = core.halfDiskBytes[disk]! - core.inFlightFileBytes[disk]!;
  return core.openFromBytes[disk]! + leastDataBytes(openFileBytes, core.entryRunBytes[disk]!, core.policy.rules);
}

/** Sets the bound from the logs as they are now. To be called whenever a log was opened or put in flight. */
export function boundHalfDisk(core: ReplicationCore, vm: number, nowMs: Millis): void {
  let dueAtMs = Number.POSITIVE_INFINITY;
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    // Logs were just opened: what is written now is where they begin.
    const fromBytes = core.openFromBytes[disk]!;
    dueAtMs = Math.min(dueAtMs, core.writes.notReachedBeforeMs(disk, halfReachedBytes(core, disk), nowMs, fromBytes));
  }
  core.halfDueAtMs[vm] = dueAtMs;
}

/** The logs go on from a state that was not bounded: what is due is found at once. */
export function checkHalfDiskNow(core: ReplicationCore, vm: number, nowMs: Millis): void {
  core.halfDueAtMs[vm] = nowMs;
}

/** The bound has come: marks the VM if a disk has reached half its size, else waits for the exact instant. */
export function checkHalfDisk(core: ReplicationCore, vm: number, phase: Phase, nowMs: Millis): Phase {
  let dueAtMs = Number.POSITIVE_INFINITY;
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    if (diskLogBytes(core, vm, disk, nowMs) >= core.halfDiskBytes[disk]!) {
      return mark(core, vm, phase, nowMs, CAUSES.logsAtHalfDisk.code);
    }
    dueAtMs = Math.min(dueAtMs, core.writes.reachedAtMs(disk, halfReachedBytes(core, disk), nowMs));
  }
  // While the guest is shut down nothing grows.
  core.halfDueAtMs[vm] = phase === Phase.sendingLast ? Number.POSITIVE_INFINITY : dueAtMs;
  return phase;
}
