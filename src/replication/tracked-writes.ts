import type { Bytes, Millis } from '../units.ts';

/**
 * What the guests write, asked for when a decision needs it: writes are not events. The simulator answers from the churn's
 * integral, a rehearsal from what it has counted. Disks are numbered as in the core.
 */
export interface TrackedWrites {
  /** Whole bytes written to a disk from the run's start up to an instant. Never decreases with time. */
  writtenBytes(disk: number, atMs: Millis): Bytes;
  /**
   * The first instant at which `writtenBytes` is at least `bytes`; Infinity where it never is. While the guest is stopped: as if it
   * started at `nowMs`.
   */
  reachedAtMs(disk: number, bytes: Bytes, nowMs: Millis): Millis;
  /** An instant not after {@link reachedAtMs}, found at once: from `nowMs` and `writtenNowBytes` on at the disk's highest rate. */
  notReachedBeforeMs(disk: number, bytes: Bytes, nowMs: Millis, writtenNowBytes: Bytes): Millis;
}
