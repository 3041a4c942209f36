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

/** Where the guests' writes fall, asked for where whole blocks count: the chunks of a resynchronization, the blocks of a snapshot. */
export interface TouchedPlaces {
  /**
   * Bytes of the distinct blocks of `blockBytes` that are touched by what is written to a disk between two positions of its written
   * bytes. Whole blocks, of which the last may reach beyond the disk's end. Never decreases with `untilBytes`.
   *
   * @param fromBytes below 0 = so many bytes before the run
   */
  touchedBytes(disk: number, fromBytes: Bytes, untilBytes: Bytes, blockBytes: Bytes): Bytes;
}
