import { type Site, sharedVolumesOf, volumeKey } from '../model/site.ts';
import type { Workload } from '../model/workload.ts';
import type { ReplicationCore } from '../replication/columns.ts';
import { diskGrowthBytes, diskLogBytes, diskSnapshotBytes } from '../replication/logs.ts';
import type { Bytes, Millis } from '../units.ts';
import type { RatedWrites } from './churn-integral.ts';
import { isRecorded } from './recorded-places.ts';

/** A volume and what is known of its space so far. */
export interface VolumeRecord {
  readonly name: string;
  readonly disks: number[];
  hrlPeakBytes: Bytes;
  snapshotPeakBytes: Bytes;
  growthPeakBytes: Bytes;
  extraPeakBytes: Bytes;
  peakAtMs: Millis;
  readonly hrlBytes: Float64Array;
  readonly snapshotBytes: Float64Array;
  readonly growthBytes: Float64Array;
  readonly gauge: VolumeGauge;
}

/**
 * What a volume can hold at most, without looking at its disks: measured at `atMs`, brought forward by the rates of then, which
 * hold until `untilMs`, and by the cuts and completions since. Most of the time it shows that there is no new peak.
 */
interface VolumeGauge {
  atMs: Millis;
  untilMs: Millis;
  /** Data in open logs, and what is written to them. */
  openBytes: Bytes;
  openBytesPerMs: number;
  inFlightFileBytes: Bytes;
  snapshotBytes: Bytes;
  snapshotBytesPerMs: number;
  growthBytes: Bytes;
  growthBytesPerMs: number;
  /** Headers, and metadata and snapshot blocks that are not full, at most. */
  openStepBytes: Bytes;
  snapshotStepBytes: Bytes;
  /** Metadata per byte of data, the most of its disks. */
  readonly metadataRatio: number;
}

/** Keeps the space that logs, snapshots and the disks' own growth take on each volume: exact peaks, and the largest measured sum of each bucket. */
export class SpaceRecorder {
  readonly volumes: readonly VolumeRecord[];
  readonly #core: ReplicationCore;
  readonly #writes: RatedWrites;
  readonly #volumeOfDisk: Uint32Array;
  readonly #isRecorded: readonly boolean[];

  constructor(core: ReplicationCore, writes: RatedWrites, workload: Workload, site: Site, bucketCount: number) {
    this.#core = core;
    this.#writes = writes;
    this.#volumeOfDisk = new Uint32Array(core.diskCount);
    this.#isRecorded = workload.vms.flatMap((vm) => vm.disks.map(isRecorded));
    this.volumes = this.#layVolumes(workload, site, bucketCount);
  }

  /** To be called before something of the VM is given back: the volumes of its disks are largest now. */
  beforeDrop(vm: number, nowMs: Millis, bucket: number): void {
    const core = this.#core;
    let last: VolumeRecord | undefined;
    for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
      const volume = this.volumes[this.#volumeOfDisk[disk]!]!;
      if (volume !== last && mayExceedPeak(volume, nowMs)) this.#measure(volume, nowMs, bucket);
      last = volume;
    }
  }

  measureAll(nowMs: Millis, bucket: number): void {
    for (const volume of this.volumes) this.#measure(volume, nowMs, bucket);
  }

  /** What logs, snapshots and growth take on a volume now. */
  usedBytes(volume: VolumeRecord, nowMs: Millis): Bytes {
    const { hrlBytes, snapshotBytes, growthBytes } = this.#look(volume, nowMs);
    return hrlBytes + snapshotBytes + growthBytes;
  }

  /** Whether logs and snapshots may take more than so much: if not, they do not. */
  mayHoldMore({ gauge }: VolumeRecord, nowMs: Millis, bytes: Bytes): boolean {
    return nowMs > gauge.untilMs || hrlMostBytes(gauge, nowMs) + otherMostBytes(gauge, nowMs) > bytes;
  }

  /** An instant before which they do not take more than so much, unless logs or snapshots begin; from what was measured last. */
  notHeldBeforeMs({ gauge }: VolumeRecord, bytes: Bytes): Millis {
    // Every cut adds the header and the metadata of one more log.
    const atOnceBytes = hrlMostBytes(gauge, gauge.atMs) + otherMostBytes(gauge, gauge.atMs) + gauge.openStepBytes;
    const bytesPerMs =
      gauge.openBytesPerMs * (1 + gauge.metadataRatio) + gauge.snapshotBytesPerMs + gauge.growthBytesPerMs;
    if (atOnceBytes > bytes) return gauge.atMs;
    return Math.min(
      gauge.untilMs,
      bytesPerMs === 0 ? Number.POSITIVE_INFINITY : gauge.atMs + (bytes - atOnceBytes) / bytesPerMs,
    );
  }

  /** To be called after a cut. */
  logsCut(vm: number): void {
    const core = this.#core;
    for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
      const { gauge } = this.volumes[this.#volumeOfDisk[disk]!]!;
      gauge.openBytes -= core.inFlightBytes[disk]!;
      gauge.inFlightFileBytes += core.inFlightFileBytes[disk]!;
    }
  }

  /** To be called while the set is still in flight. */
  setArrived(vm: number): void {
    const core = this.#core;
    for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
      this.volumes[this.#volumeOfDisk[disk]!]!.gauge.inFlightFileBytes -= core.inFlightFileBytes[disk]!;
    }
  }

  /** Where logs or snapshots begin or are dropped the gauge is at its end: what is there must be looked at. */
  logsOpenedOrDropped(vm: number): void {
    const core = this.#core;
    for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
      this.volumes[this.#volumeOfDisk[disk]!]!.gauge.untilMs = -1;
    }
  }

  #measure(volume: VolumeRecord, nowMs: Millis, bucket: number): void {
    const { hrlBytes, snapshotBytes, growthBytes } = this.#look(volume, nowMs);
    const extraBytes = hrlBytes + snapshotBytes + growthBytes;
    volume.hrlPeakBytes = Math.max(volume.hrlPeakBytes, hrlBytes);
    volume.snapshotPeakBytes = Math.max(volume.snapshotPeakBytes, snapshotBytes);
    volume.growthPeakBytes = Math.max(volume.growthPeakBytes, growthBytes);
    if (extraBytes > volume.extraPeakBytes) {
      volume.extraPeakBytes = extraBytes;
      volume.peakAtMs = nowMs;
    }
    volume.hrlBytes[bucket] = Math.max(volume.hrlBytes[bucket]!, hrlBytes);
    volume.snapshotBytes[bucket] = Math.max(volume.snapshotBytes[bucket]!, snapshotBytes);
    volume.growthBytes[bucket] = Math.max(volume.growthBytes[bucket]!, growthBytes);
  }

  /** Looks at every disk of the volume, and sets its gauge by what is there. */
  #look(volume: VolumeRecord, nowMs: Millis): { hrlBytes: Bytes; snapshotBytes: Bytes; growthBytes: Bytes } {
    const core = this.#core;
    let hrlBytes = 0;
    let snapshotBytes = 0;
    let growthBytes = 0;
    for (const disk of volume.disks) {
      hrlBytes += diskLogBytes(core, core.vmOfDisk[disk]!, disk, nowMs);
      snapshotBytes += diskSnapshotBytes(core, disk, nowMs);
      growthBytes += diskGrowthBytes(core, disk, nowMs);
    }
    this.#setGauge(volume, nowMs, snapshotBytes, growthBytes);
    return { hrlBytes, snapshotBytes, growthBytes };
  }

  /** A gauge that is at its end. */
  #newGauge(disks: readonly number[]): VolumeGauge {
    const { entryRunBytes, policy } = this.#core;
    return {
      atMs: 0,
      untilMs: -1,
      openBytes: 0,
      openBytesPerMs: 0,
      inFlightFileBytes: 0,
      snapshotBytes: 0,
      snapshotBytesPerMs: 0,
      growthBytes: 0,
      growthBytesPerMs: 0,
      openStepBytes: 0,
      snapshotStepBytes: 0,
      metadataRatio: disks.reduce((most, disk) => Math.max(most, policy.rules.logBlockBytes / entryRunBytes[disk]!), 0),
    };
  }

  #setGauge({ disks, gauge }: VolumeRecord, nowMs: Millis, snapshotBytes: Bytes, growthBytes: Bytes): void {
    const core = this.#core;
    const { logEmptyBytes, logBlockBytes, snapshotBlockBytes, vhdxGrowthRatio } = core.policy.rules;
    gauge.atMs = nowMs;
    gauge.untilMs = Number.POSITIVE_INFINITY;
    gauge.openBytes = 0;
    gauge.openBytesPerMs = 0;
    gauge.inFlightFileBytes = 0;
    gauge.snapshotBytes = snapshotBytes;
    gauge.snapshotBytesPerMs = 0;
    gauge.growthBytes = growthBytes;
    gauge.growthBytesPerMs = 0;
    gauge.openStepBytes = 0;
    gauge.snapshotStepBytes = 0;
    for (const disk of disks) {
      const bytesPerMs = this.#writes.bytesPerMs(disk, nowMs);
      gauge.untilMs = Math.min(gauge.untilMs, this.#writes.nextBreakMs(disk, nowMs));
      gauge.inFlightFileBytes += core.inFlightFileBytes[disk]!;
      gauge.growthBytesPerMs += bytesPerMs * vhdxGrowthRatio;
      if (core.tracked[core.vmOfDisk[disk]!] === 1) {
        gauge.openBytes += this.#writes.writtenBytes(disk, nowMs) - core.openFromBytes[disk]!;
        gauge.openBytesPerMs += bytesPerMs;
        gauge.openStepBytes += logEmptyBytes + logBlockBytes + 1;
      }
      if (core.snapshotFromBytes[disk]! >= 0 && core.snapshotUntilBytes[disk]! < 0) {
        gauge.snapshotBytesPerMs += bytesPerMs;
        gauge.snapshotStepBytes += snapshotBlockBytes + 1;
        // A few bytes may touch many blocks: nothing is known beyond this instant.
        if (this.#isRecorded[disk] === true) gauge.untilMs = nowMs;
      }
    }
  }

  #layVolumes(workload: Workload, site: Site, bucketCount: number): VolumeRecord[] {
    const shared = sharedVolumesOf(site);
    const byKey = new Map<string, number[]>();
    let disk = 0;
    for (const vm of workload.vms) {
      for (const { volume } of vm.disks) {
        const key = volumeKey(vm.host, volume, shared);
        const disks = byKey.get(key);
        if (disks === undefined) byKey.set(key, [disk]);
        else disks.push(disk);
        disk++;
      }
    }
    return [...byKey.keys()].sort().map((name, v) => {
      const disks = byKey.get(name)!;
      for (const member of disks) this.#volumeOfDisk[member] = v;
      return {
        name,
        disks,
        hrlPeakBytes: 0,
        snapshotPeakBytes: 0,
        growthPeakBytes: 0,
        extraPeakBytes: 0,
        peakAtMs: 0,
        hrlBytes: new Float64Array(bucketCount),
        snapshotBytes: new Float64Array(bucketCount),
        growthBytes: new Float64Array(bucketCount),
        gauge: this.#newGauge(disks),
      };
    });
  }
}

/** Whether the volume can have come to a new peak since it was measured. */
function mayExceedPeak(volume: VolumeRecord, nowMs: Millis): boolean {
  const { gauge } = volume;
  if (nowMs > gauge.untilMs) return true;
  const hrlBytes = hrlMostBytes(gauge, nowMs);
  const otherBytes = otherMostBytes(gauge, nowMs);
  return (
    hrlBytes > volume.hrlPeakBytes ||
    snapshotMostBytes(gauge, nowMs) > volume.snapshotPeakBytes ||
    hrlBytes + otherBytes > volume.extraPeakBytes
  );
}

function hrlMostBytes(gauge: VolumeGauge, nowMs: Millis): Bytes {
  const openBytes = (gauge.openBytes + (nowMs - gauge.atMs) * gauge.openBytesPerMs) * (1 + gauge.metadataRatio);
  return openBytes + gauge.openStepBytes + gauge.inFlightFileBytes;
}

function snapshotMostBytes(gauge: VolumeGauge, nowMs: Millis): Bytes {
  return gauge.snapshotBytes + (nowMs - gauge.atMs) * gauge.snapshotBytesPerMs + gauge.snapshotStepBytes;
}

function otherMostBytes(gauge: VolumeGauge, nowMs: Millis): Bytes {
  return snapshotMostBytes(gauge, nowMs) + gauge.growthBytes + (nowMs - gauge.atMs) * gauge.growthBytesPerMs;
}
