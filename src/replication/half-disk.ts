/**
 * The half-disk rule: when the logs of a disk have reached half its size, its VM is marked for resynchronization ([seed],
 * "Resynchronization"; semantics 23). The instant is computed, not polled: first a bound that is found at once, and only when
 * that has come, the exact instant.
 */
import type { Millis } from '../units.ts';
import type { ReplicationCore } from './columns.ts';
import { Phase } from './lifecycle.ts';
import { leastDataBytes } from './log-size.ts';
import { diskLogBytes, dropLogs } from './logs.ts';
import { awaitWindow } from './timers.ts';

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

/** The bound has come: marks the VM if a disk has reached half its size, else waits for the exact instant. */
export function checkHalfDisk(core: ReplicationCore, vm: number, phase: Phase, nowMs: Millis): Phase {
  let dueAtMs = Number.POSITIVE_INFINITY;
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    if (diskLogBytes(core, vm, disk, nowMs) >= core.halfDiskBytes[disk]!) return mark(core, vm, phase, nowMs);
    dueAtMs = Math.min(dueAtMs, core.writes.reachedAtMs(disk, halfReachedBytes(core, disk)));
  }
  core.halfDueAtMs[vm] = dueAtMs;
  return phase;
}

/**
 * Marks the VM: its logs are dropped, nothing is tracked until the resynchronization starts. Initial replication goes to its
 * end first (semantics 23).
 */
function mark(core: ReplicationCore, vm: number, phase: Phase, nowMs: Millis): Phase {
  core.markCount[vm]!++;
  dropLogs(core, vm, nowMs);
  switch (phase) {
    case Phase.seeding:
    case Phase.seedingBackoff:
    case Phase.merging:
    case Phase.finalizing:
      core.resyncPending[vm] = 1;
      return phase;
    default:
      break;
  }
  if (phase === Phase.sending || phase === Phase.sendingBackoff) {
    // Every boundary since the cut was missed, the one at this very instant too (decision 0002, 3).
    core.missedCycles[vm]! += Math.floor((nowMs - core.cutAtMs[vm]!) / core.policy.copyFrequencyMs);
  }
  core.attempt[vm] = 0;
  core.effects.abort = phase === Phase.sending || phase === Phase.resyncing;
  return awaitWindow(core, vm, nowMs);
}
