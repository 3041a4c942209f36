import { Input, Phase } from '../../../src/replication/lifecycle.ts';
import type { Millis } from '../../../src/units.ts';
import { broken, disksOf, type Law, type Watched } from './law.ts';
import { FleetWrites } from './writes.ts';

const NAME = 'logs never reach half of a disk unnoticed';

/** Within a millisecond of the instant the VM must have been marked. */
const GRAIN_MS: Millis = 1;

export function halfDiskNoticed(watched: Watched): Law {
  const { logs, points } = watched;
  const writes = new FleetWrites(watched);
  const check = (vm: number, nowMs: Millis): void => {
    // Logs that have changed in the last millisecond were not these a millisecond ago; after a failover they stay as they are.
    if (!logs.tracked[vm] || logs.changedAtMs[vm]! > nowMs - GRAIN_MS) return;
    if (points.vms[vm]!.phase === Phase.failedOver) return;
    for (const disk of disksOf(watched, vm)) {
      // A rounded byte for each stop of the guest.
      const book = writes.books[disk]!;
      const writtenBytes = Math.floor(book.writtenBytes(nowMs - GRAIN_MS)) - 2 - book.stopCount;
      const bytes = logs.logBytes(vm, disk, writtenBytes);
      if (bytes < logs.halfBytes(disk)) continue;
      broken(
        watched,
        NAME,
        vm,
        nowMs,
        `disk ${disk}: its logs are ${bytes} bytes, half the disk is ${logs.halfBytes(disk)}`,
      );
    }
  };
  return {
    name: NAME,
    before({ vm, nowMs }) {
      // Guests whose hosts go down now wrote a millisecond ago.
      writes.bringTo(nowMs - GRAIN_MS);
      check(vm, nowMs);
      writes.bringTo(nowMs);
    },
    stepped({ vm, input, before, after, nowMs }) {
      writes.take(vm, before, after, nowMs);
      if (input !== Input.logHalfDue) return;
      const marked = watched.core.tracked[vm] === 0;
      // The book has dropped its logs exactly where they had reached half a disk.
      if (marked === logs.tracked[vm]) {
        broken(watched, NAME, vm, nowMs, marked ? 'it is marked too early' : 'it is not marked');
      }
    },
    finished({ horizonMs }) {
      writes.bringTo(horizonMs - GRAIN_MS);
      for (let vm = 0; vm < watched.vms.length; vm++) check(vm, horizonMs);
    },
  };
}
