import { type Site, sharedVolumesOf, volumeKey } from '../model/site.ts';
import type { ReplicationCore } from '../replication/columns.ts';
import { type Bytes, MINUTE_MS, type Millis } from '../units.ts';
import type { SpaceRecorder, VolumeRecord } from './space-recorder.ts';

/** How full a volume was found; the larger, the worse. */
const Fill = { room: 0, low: 1, full: 2 } as const;
type Fill = (typeof Fill)[keyof typeof Fill];

interface WatchedVolume {
  readonly record: VolumeRecord;
  /** When it was first found below its reserve, and full; −1 where it never was. */
  lowAtMs: Millis;
  fullAtMs: Millis;
  /** Free at the start; Infinity where the site file does not say. */
  readonly freeBytes: Bytes;
  readonly reserveBytes: Bytes;
  /** What faults take. */
  takenBytes: Bytes;
  takenWhole: number;
  dueAtMs: Millis;
  /** It is not looked at again before, whatever grows on it. */
  restsUntilMs: Millis;
}

/** Volumes are looked at at full minutes; one that stays full every half hour, the longest gap of the ladder (decision 0005, 42). */
const LOOK_MS: Millis = MINUTE_MS;
const LOOK_AT_FULL_MS: Millis = 30 * MINUTE_MS;

/** What a look has found: VMs whose transfers fail for want of space, and VMs whose log writes failed. */
export interface VolumeLook {
  readonly low: readonly number[];
  readonly full: readonly number[];
}

/**
 * Watches the volumes whose free space is known: below the reserve sending is a low-disk-space error, and where nothing is left the
 * log write fails (semantics 22). A volume is looked at only when it can have come to its reserve since the last look.
 */
export class VolumeWatch {
  readonly #core: ReplicationCore;
  readonly #space: SpaceRecorder;
  readonly #volumes: readonly WatchedVolume[];
  readonly #byDisk: readonly (WatchedVolume | undefined)[];
  #next: WatchedVolume | undefined;

  constructor(core: ReplicationCore, space: SpaceRecorder, site: Site) {
    this.#core = core;
    this.#space = space;
    const shared = sharedVolumesOf(site);
    const known = new Map(site.volumes.map((volume) => [volumeKey(volume.host ?? '', volume.name, shared), volume]));
    const { volumeReserveRatio } = core.policy.rules;
    this.#volumes = space.volumes.map((record) => ({
      record,
      lowAtMs: -1,
      fullAtMs: -1,
      freeBytes: known.get(record.name)?.freeBytes ?? Number.POSITIVE_INFINITY,
      // Where no capacity is known there is no reserve, but nothing can be sent from a full volume either.
      reserveBytes: Math.max(1, (known.get(record.name)?.capacityBytes ?? 0) * volumeReserveRatio),
      takenBytes: 0,
      takenWhole: 0,
      dueAtMs: Number.POSITIVE_INFINITY,
      restsUntilMs: 0,
    }));
    const byDisk: (WatchedVolume | undefined)[] = new Array(core.diskCount);
    for (const volume of this.#volumes) for (const disk of volume.record.disks) byDisk[disk] = volume;
    this.#byDisk = byDisk;
    for (const volume of this.#volumes) if (isLimited(volume)) volume.dueAtMs = 0;
    this.#findNext();
  }

  get nextLookAtMs(): Millis {
    return this.#next?.dueAtMs ?? Number.POSITIVE_INFINITY;
  }

  /** When each volume (as the space recorder numbers them) was first below its reserve, and full; −1 where it never was. */
  shortages(): { readonly lowAtMs: Millis; readonly fullAtMs: Millis }[] {
    return this.#volumes.map(({ lowAtMs, fullAtMs }) => ({ lowAtMs, fullAtMs }));
  }

  /** Something else takes space (or gives it back, below 0); Infinity = all that is free. @returns the volumes that it concerns */
  take(name: string, host: string | undefined, bytes: Bytes, nowMs: Millis): number {
    const concerned = this.#volumes.filter(({ record }) => isNamed(record.name, name, host));
    for (const volume of concerned) {
      if (Math.abs(bytes) === Number.POSITIVE_INFINITY) volume.takenWhole += Math.sign(bytes);
      else volume.takenBytes += bytes;
      this.#lookAt(volume, nowMs);
    }
    return concerned.length;
  }

  /** To be called where logs or snapshots of a VM may grow faster than before: what was expected no longer holds. */
  mayGrow(vm: number, nowMs: Millis): void {
    const core = this.#core;
    for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
      const volume = this.#byDisk[disk]!;
      if (isLimited(volume)) this.#lookAt(volume, nowMs);
    }
  }

  /** Whether sending fails for want of space on a volume of the VM. */
  isLow(vm: number, nowMs: Millis): boolean {
    const core = this.#core;
    for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
      const volume = this.#byDisk[disk]!;
      if (!isLimited(volume)) continue;
      const roomBytes = freeBytes(volume) - volume.reserveBytes;
      if (!this.#space.mayHoldMore(volume.record, nowMs, roomBytes)) continue;
      if (this.#space.usedBytes(volume.record, nowMs) <= roomBytes) continue;
      if (volume.lowAtMs < 0) volume.lowAtMs = nowMs;
      return true;
    }
    return false;
  }

  /** The look that is due. */
  look(nowMs: Millis): VolumeLook {
    const volume = this.#next!;
    const usedBytes = this.#space.usedBytes(volume.record, nowMs);
    const fill = fillOf(volume, usedBytes);
    if (fill >= Fill.low && volume.lowAtMs < 0) volume.lowAtMs = nowMs;
    if (fill === Fill.full && volume.fullAtMs < 0) volume.fullAtMs = nowMs;
    volume.restsUntilMs = nowMs + (fill === Fill.full ? LOOK_AT_FULL_MS : LOOK_MS);
    volume.dueAtMs = fill === Fill.room ? this.#roomUntilMs(volume) : volume.restsUntilMs;
    this.#findNext();
    return {
      low: fill >= Fill.low ? this.#vmsOn(volume, () => true) : [],
      full: fill === Fill.full ? this.#vmsOn(volume, (vm) => this.#core.tracked[vm] === 1) : [],
    };
  }

  /** When a volume with room is to be looked at again: not before it can have come to its reserve. */
  #roomUntilMs(volume: WatchedVolume): Millis {
    const roomBytes = freeBytes(volume) - volume.reserveBytes;
    return Math.max(volume.restsUntilMs, fullMinute(this.#space.notHeldBeforeMs(volume.record, roomBytes)));
  }

  #lookAt(volume: WatchedVolume, nowMs: Millis): void {
    const nextMs = Math.max(fullMinute(nowMs), volume.restsUntilMs);
    if (!isLimited(volume)) volume.dueAtMs = Number.POSITIVE_INFINITY;
    else if (nextMs < volume.dueAtMs) volume.dueAtMs = nextMs;
    this.#findNext();
  }

  #vmsOn({ record }: WatchedVolume, wanted: (vm: number) => boolean): number[] {
    const vms = new Set(record.disks.map((disk) => this.#core.vmOfDisk[disk]!));
    return [...vms].filter(wanted);
  }

  #findNext(): void {
    let next: WatchedVolume | undefined;
    for (const volume of this.#volumes) {
      if (volume.dueAtMs < (next?.dueAtMs ?? Number.POSITIVE_INFINITY)) next = volume;
    }
    this.#next = next;
  }
}

/** Without a host a local volume's name means the one of every host. */
function isNamed(key: string, name: string, host: string | undefined): boolean {
  if (key === name) return true;
  return host === undefined ? key.endsWith(`: ${name}`) : key === `${host}: ${name}`;
}

function isLimited(volume: WatchedVolume): boolean {
  return volume.takenWhole > 0 || volume.freeBytes < Number.POSITIVE_INFINITY;
}

/** What logs and snapshots could take if there were none. */
function freeBytes(volume: WatchedVolume): Bytes {
  return volume.takenWhole > 0 ? 0 : volume.freeBytes - volume.takenBytes;
}

function fillOf(volume: WatchedVolume, usedBytes: Bytes): Fill {
  const leftBytes = freeBytes(volume) - usedBytes;
  if (leftBytes <= 0) return Fill.full;
  return leftBytes < volume.reserveBytes ? Fill.low : Fill.room;
}

function fullMinute(atMs: Millis): Millis {
  return Math.ceil(atMs / LOOK_MS) * LOOK_MS;
}
