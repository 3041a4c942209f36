import { CAUSES } from '../../../src/model/cause.ts';
import { isShared, volumeKey } from '../../../src/model/site.ts';
import { Phase } from '../../../src/replication/lifecycle.ts';
import { type Bytes, MINUTE_MS, type Millis } from '../../../src/units.ts';
import { broken, type Law, type Watched } from './law.ts';
import { FleetWrites } from './writes.ts';

const NAME = 'logs never outgrow their volume unnoticed';

/** A volume that was found full is looked at again half an hour later, any other within a minute (decision 0005, 42). */
const GRACE_MS: Millis = MINUTE_MS;
const GRACE_WHERE_FULL_MS: Millis = 31 * MINUTE_MS;

interface OwnVolume {
  readonly disks: readonly number[];
  readonly freeBytes: Bytes;
  readonly taken: readonly { readonly bytes: Bytes; readonly atMs: Millis; readonly untilMs: Millis }[];
  /** The most that logs and snapshots can take: half of each disk, and each disk. */
  readonly mostBytes: Bytes;
  /** Since which full minute it has been full, −1 where it is not; when it last may have been. */
  fullSinceMs: Millis;
  mayBeFullAtMs: Millis;
  graceMs: Millis;
}

export function fullVolumesNoticed(watched: Watched): Law {
  const volumes = volumesOf(watched).filter(
    ({ taken, freeBytes, mostBytes }) => taken.length > 0 || freeBytes < mostBytes,
  );
  const writes = new FleetWrites(watched);
  let nextMinuteMs = 0;
  const lookUntil = (nowMs: Millis): void => {
    if (volumes.length === 0) return;
    for (; nextMinuteMs < nowMs; nextMinuteMs += MINUTE_MS) {
      writes.bringTo(nextMinuteMs);
      for (const volume of volumes) look(watched, writes, volume, nextMinuteMs);
    }
    writes.bringTo(nowMs);
  };
  return {
    name: NAME,
    before: ({ nowMs }) => lookUntil(nowMs),
    stepped: ({ vm, before, after, nowMs, cause }) => {
      writes.take(vm, before, after, nowMs);
      // Dropped logs give their space back in the very instant in which the volume was found full.
      if (cause !== CAUSES.logWriteFailed.code) return;
      for (const volume of volumes) {
        if (volume.disks.some((disk) => watched.core.vmOfDisk[disk] === vm)) volume.mayBeFullAtMs = nowMs;
      }
    },
    finished: ({ horizonMs }) => lookUntil(horizonMs),
  };
}

/** All that happens at a full minute has happened. */
function look(watched: Watched, writes: FleetWrites, volume: OwnVolume, atMs: Millis): void {
  const leftBytes = freeBytesAt(volume, atMs);
  if (leftBytes >= volume.mostBytes) {
    volume.fullSinceMs = -1;
    return;
  }
  // Own sums of doubles may be a few bytes off.
  if (usedBytes(watched, writes, volume, atMs, -3) < leftBytes) {
    volume.fullSinceMs = -1;
    if (usedBytes(watched, writes, volume, atMs, 3) >= leftBytes) volume.mayBeFullAtMs = atMs;
    return;
  }
  if (volume.fullSinceMs < 0) {
    volume.fullSinceMs = atMs;
    volume.graceMs = atMs - volume.mayBeFullAtMs > GRACE_WHERE_FULL_MS ? GRACE_MS : GRACE_WHERE_FULL_MS;
  }
  volume.mayBeFullAtMs = atMs;
  const unnoticed = volume.disks
    .map((disk) => watched.core.vmOfDisk[disk]!)
    .find((vm) => isOverdue(watched, vm, volume, atMs));
  if (unnoticed === undefined) return;
  broken(watched, NAME, unnoticed, atMs, `it logs on a volume that is full since ${volume.fullSinceMs} ms`);
}

/** Whether a VM's logs should have been dropped by now. After a failover its guest writes at the other side. */
function isOverdue({ logs, points }: Watched, vm: number, { fullSinceMs, graceMs }: OwnVolume, atMs: Millis): boolean {
  const { phase } = points.vms[vm]!;
  if (!logs.tracked[vm] || phase === Phase.failedOver || phase === Phase.committed) return false;
  const heldSinceMs = logs.trackedSinceMs[vm]!;
  return heldSinceMs < fullSinceMs ? atMs - fullSinceMs >= graceMs : atMs - heldSinceMs >= GRACE_WHERE_FULL_MS;
}

function usedBytes(
  { logs, core }: Watched,
  writes: FleetWrites,
  { disks }: OwnVolume,
  atMs: Millis,
  slackBytes: Bytes,
): Bytes {
  return disks.reduce((total, disk) => {
    const vm = core.vmOfDisk[disk]!;
    const book = writes.books[disk]!;
    const bytes = Math.max(0, book.writtenBytes(atMs) + slackBytes + Math.sign(slackBytes) * book.stopCount);
    return total + logs.logBytes(vm, disk, bytes) + logs.snapshotBytes(disk, bytes);
  }, 0);
}

function freeBytesAt({ freeBytes, taken }: OwnVolume, atMs: Millis): Bytes {
  const now = taken.filter((event) => event.atMs <= atMs && atMs < event.untilMs);
  if (now.some(({ bytes }) => bytes === Number.POSITIVE_INFINITY)) return 0;
  return freeBytes - now.reduce((total, { bytes }) => total + bytes, 0);
}

interface FoundVolume {
  readonly name: string;
  readonly host: string;
  readonly disks: number[];
  mostBytes: Bytes;
}

function volumesOf({ run, vms }: Watched): OwnVolume[] {
  const shared = new Set(run.site.volumes.filter(({ host }) => host === undefined).map(({ name }) => name));
  const found = new Map<string, FoundVolume>();
  let number = 0;
  for (const { host, disks } of vms) {
    for (const { volume, sizeBytes } of disks) {
      const key = volumeKey(host, volume, shared);
      const own: FoundVolume = found.get(key) ?? { name: volume, host, disks: [], mostBytes: 0 };
      own.disks.push(number++);
      own.mostBytes += sizeBytes * (1 + run.policy.rules.resyncLogRatio) + run.policy.rules.snapshotBlockBytes;
      found.set(key, own);
    }
  }
  return [...found.values()].map(({ name, host, disks, mostBytes }) => {
    const common = isShared(name, shared);
    const site = run.site.volumes.find((volume) => volume.name === name && (common || volume.host === host));
    const taken = run.events.flatMap((event) => {
      if (event.kind !== 'volumeTaken' || event.volume !== name) return [];
      // An event that names a host means that host's own volume.
      if (event.host !== undefined && (common || event.host !== host)) return [];
      return [{ bytes: event.bytes ?? Number.POSITIVE_INFINITY, atMs: event.atMs, untilMs: event.untilMs }];
    });
    const freeBytes = site?.freeBytes ?? Number.POSITIVE_INFINITY;
    return { disks, freeBytes, taken, mostBytes, fullSinceMs: -1, mayBeFullAtMs: Number.NEGATIVE_INFINITY, graceMs: 0 };
  });
}
