import type { TrackedWrites } from '../../replication/tracked-writes.ts';
import type { Bytes, Millis } from '../../units.ts';
import type { TrackedDisk } from './tracked-disk.ts';

/**
 * What the guest has written, as its disks have counted it. What it will write nobody knows: a threshold is watched for, and its disk says
 * when it is reached.
 */
export class CountedWrites implements TrackedWrites {
  readonly #disks: readonly TrackedDisk[];

  constructor(disks: readonly TrackedDisk[]) {
    this.#disks = disks;
  }

  writtenBytes(disk: number): Bytes {
    return this.#disks[disk]!.writtenBytes;
  }

  reachedAtMs(disk: number, bytes: Bytes, nowMs: Millis): Millis {
    const device = this.#disks[disk]!;
    if (device.writtenBytes >= bytes) return nowMs;
    device.watch(bytes);
    return Number.POSITIVE_INFINITY;
  }

  notReachedBeforeMs(disk: number, bytes: Bytes, nowMs: Millis): Millis {
    return this.reachedAtMs(disk, bytes, nowMs);
  }
}
