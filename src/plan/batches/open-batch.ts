import { distinctBytes } from '../../model/workload.ts';
import { logFileBytes } from '../../replication/log-size.ts';
import { type Bytes, HOUR_MS, type Millis } from '../../units.ts';
import type { BatchLimit } from './batch-parts.ts';
import { carriedBetween, solvedAt } from './carried.ts';
import { type BatchCandidate, type CandidateDisk, type FleetModel, LOOK_AHEAD_MS } from './fleet-model.ts';
import {
  addProfile,
  busiestHourBytes,
  bytesBetween,
  bytesUntil,
  emptyProfile,
  WEEK_HOURS,
  type WeekProfile,
} from './week-profile.ts';

/** How careful the rule is; made stricter where a simulation came to more. */
export interface Caution {
  /** Predicted durations and bytes count so many times. */
  readonly time: number;
  readonly space: number;
  /** First copies that may flow at a time beside the deltas, times what the rule allows. */
  readonly flows: number;
  /** Where the deltas alone are late, the objective sets no limit. */
  readonly keepsObjective: boolean;
}

/** The VMs of the batches before, as the next ones feel them. */
export interface ProtectedFleet {
  /** Deltas on each line, and the logs on each volume. */
  readonly lineLoad: readonly WeekProfile[];
  readonly volumeWrites: readonly WeekProfile[];
  readonly volumeDisks: Float64Array;
  /** The largest delta of one cut in each hour of the week. */
  readonly largestDelta: Float64Array;
  readonly onHost: Set<number>;
}

/** Why a VM does not fit, with the numbers. */
export interface Refusal {
  readonly limit: Exclude<BatchLimit, 'none'>;
  readonly why: RefusalFigures;
}

export type RefusalFigures =
  | { readonly kind: 'space'; readonly volume: number; readonly needBytes: Bytes; readonly roomBytes: Bytes }
  | {
      readonly kind: 'log';
      readonly vm: string;
      readonly disk: string;
      readonly afterMs: Millis;
      readonly endMs: Millis;
    }
  | { readonly kind: 'bandwidth'; readonly flows: number; readonly most: number }
  | { readonly kind: 'slots'; readonly host: string; readonly slots: number; readonly reserved: number }
  | { readonly kind: 'time' };

/** Longest time for which logs of a protected VM are taken to wait. [chosen] */
const WAIT_MOST_MS: Millis = HOUR_MS;
/** Space is checked a bit ahead, so that a batch that grows need not be looked at anew for every VM. */
const AHEAD = 1.25;
/** A log of its own for the open and the one in flight: header, first block, last block. */
const LOGS_PER_DISK = 2;

interface VolumeState {
  readonly members: { readonly disk: CandidateDisk }[];
  /** What the members and all others take at `provenMs`, at most the room. */
  provenMs: Millis;
  provenBytes: Bytes;
}

interface Trial {
  readonly transferMs: Millis;
  readonly tailMs: Millis;
}

export function nobodyProtected(model: FleetModel): ProtectedFleet {
  return {
    lineLoad: model.lines.map(emptyProfile),
    volumeWrites: model.volumes.map(emptyProfile),
    volumeDisks: new Float64Array(model.volumes.length),
    largestDelta: new Float64Array(WEEK_HOURS),
    onHost: new Set(),
  };
}

/** A batch that is being filled. VMs are taken or refused one by one; nothing is ever taken back. */
export class OpenBatch {
  readonly startMs: Millis;
  readonly members: BatchCandidate[] = [];
  readonly #model: FleetModel;
  readonly #before: ProtectedFleet;
  readonly #caution: Caution;
  readonly #rooms: readonly Bytes[];
  readonly #load: WeekProfile[];
  readonly #bytes: Float64Array;
  readonly #volumes = new Map<number, VolumeState>();
  readonly #onHost = new Map<number, number>();
  readonly #largestDelta: Float64Array;
  /** When the last first copy and all that was written meanwhile has gone over the lines. */
  #transferMs: Millis;
  /** Merging, and the wait for the first cut. */
  #tailMs: Millis = 0;
  #logFullMs: Millis = Number.POSITIVE_INFINITY;
  #logFull: { vm: string; disk: string } = { vm: '', disk: '' };
  #flows = 0;

  constructor(
    model: FleetModel,
    before: ProtectedFleet,
    startMs: Millis,
    caution: Caution,
    rooms: readonly Bytes[] = model.volumes.map(({ roomBytes }) => roomBytes),
  ) {
    this.#model = model;
    this.#before = before;
    this.startMs = startMs;
    this.#caution = caution;
    this.#rooms = rooms;
    this.#load = [...before.lineLoad];
    this.#bytes = new Float64Array(model.lines.length);
    this.#largestDelta = before.largestDelta.slice();
    this.#transferMs = startMs;
  }

  /** Predicted; Infinity where it is not within what is looked at. */
  get endMs(): Millis {
    return this.#endOf({ transferMs: this.#transferMs, tailMs: this.#tailMs });
  }

  /** @returns undefined where the VM has been taken */
  offer(candidate: BatchCandidate): Refusal | undefined {
    const refusal = this.#slotsRefuse(candidate);
    if (refusal !== undefined) return refusal;
    const trial = this.#trial(candidate);
    const endMs = this.#endOf(trial);
    if (endMs > LOOK_AHEAD_MS) return { limit: 'time', why: { kind: 'time' } };
    const refused =
      this.#logsRefuse(candidate, endMs) ??
      this.#spaceRefuses(candidate, endMs) ??
      this.#deltasRefuse(candidate, trial);
    if (refused !== undefined) return refused;
    this.#take(candidate, trial);
    return undefined;
  }

  /** Takes it although it does not fit. */
  force(candidate: BatchCandidate): void {
    this.#take(candidate, this.#trial(candidate));
  }

  /** What members and the VMs before take on a volume at an instant of the batch. */
  needBytes(volume: number, atMs: Millis): Bytes {
    const members = this.#volumes.get(volume)?.members ?? [];
    let bytes = this.#othersBytes(volume, atMs);
    for (const { disk } of members) bytes += this.#diskBytes(disk, atMs);
    return bytes;
  }

  /** What a VM would need on each of its volumes with the batch as it is, at the batch's end with it. */
  needsWith(
    candidate: BatchCandidate,
  ): { readonly volume: number; readonly needBytes: Bytes; readonly endMs: Millis }[] {
    const endMs = Math.min(LOOK_AHEAD_MS, this.#endOf(this.#trial(candidate)));
    return [...new Set(candidate.disks.map(({ volume }) => volume))].map((volume) => {
      const own = candidate.disks.filter((disk) => disk.volume === volume);
      const ownBytes = own.reduce((sum, disk) => sum + this.#diskBytes(disk, endMs), 0);
      return { volume, needBytes: this.needBytes(volume, endMs) + ownBytes, endMs };
    });
  }

  volumesOfMembers(): number[] {
    return [...this.#volumes.keys()].sort((left, right) => left - right);
  }

  /** Free bytes and deltas of the batches before on the site's link while the batch runs, per millisecond. */
  linkUse(): { readonly availableBytesPerMs: number; readonly deltaBytesPerMs: number } {
    const endMs = Math.min(LOOK_AHEAD_MS, Math.max(this.endMs, this.startMs + HOUR_MS));
    const spanMs = endMs - this.startMs;
    if (spanMs <= 0) return { availableBytesPerMs: 0, deltaBytesPerMs: 0 };
    const deltaBytes = bytesBetween(this.#before.lineLoad[0]!, this.startMs, endMs);
    const bytes = carriedBetween(this.#model.lines[0]!, this.startMs, endMs);
    return { availableBytesPerMs: Math.max(0, bytes - deltaBytes) / spanMs, deltaBytesPerMs: deltaBytes / spanMs };
  }

  /** The VMs before and the members together, once the batch is over. */
  closed(): ProtectedFleet {
    const before = this.#before;
    const volumeWrites = [...before.volumeWrites];
    const volumeDisks = before.volumeDisks.slice();
    for (const [volume, { members }] of this.#volumes) {
      const writes = volumeWrites[volume]!.slice();
      for (const { disk } of members) addProfile(writes, disk.written, 1);
      volumeWrites[volume] = writes;
      volumeDisks[volume]! += members.length;
    }
    const onHost = new Set(before.onHost);
    for (const { host } of this.members) onHost.add(host);
    return { lineLoad: this.#load, volumeWrites, volumeDisks, largestDelta: this.#largestDelta, onHost };
  }

  #endOf({ transferMs, tailMs }: Trial): Millis {
    if (transferMs === Number.POSITIVE_INFINITY) return transferMs;
    return this.startMs + (transferMs - this.startMs) * this.#caution.time + tailMs;
  }

  /** When all would be over with one more VM. */
  #trial(candidate: BatchCandidate): Trial {
    let transferMs = this.#transferMs;
    for (const { line, bytes, carriesDeltas } of candidate.ways) {
      const load = this.#load[line]!;
      const more = carriesDeltas ? candidate.deltas : undefined;
      const sent = this.#bytes[line]! + bytes;
      transferMs = Math.max(
        transferMs,
        solvedAt(this.#model.lines[line]!, load, more, sent, this.startMs, this.#transferMs),
      );
    }
    const aloneMs = candidate.leastMs + capMs(candidate);
    transferMs = Math.max(transferMs, this.startMs + aloneMs);
    const mergeMs = candidate.disks.reduce(
      (sum, disk) =>
        transferMs === Number.POSITIVE_INFINITY
          ? sum
          : sum + snapshotBytes(this.#model, disk, this.startMs, transferMs) / disk.mergeBytesPerMs,
      0,
    );
    return { transferMs, tailMs: Math.max(this.#tailMs, mergeMs + candidate.copyMs) };
  }

  #slotsRefuse({ host, slots, vm }: BatchCandidate): Refusal | undefined {
    if (slots === Number.POSITIVE_INFINITY) return undefined;
    const reserved = this.#caution.keepsObjective && this.#before.onHost.has(host) ? 1 : 0;
    const taken = this.#onHost.get(host) ?? 0;
    if (taken === 0 || taken < slots - reserved) return undefined;
    return { limit: 'slots', why: { kind: 'slots', host: vm.host, slots, reserved } };
  }

  /** Logs that reach the share of their disk would mark its VM: before the batch is over none may. */
  #logsRefuse(candidate: BatchCandidate, endMs: Millis): Refusal | undefined {
    const own = this.#logFullAt(candidate);
    const full = own.atMs < this.#logFullMs ? own : { ...this.#logFull, atMs: this.#logFullMs };
    if (endMs < full.atMs) return undefined;
    const afterMs = full.atMs - this.startMs;
    return { limit: 'log', why: { kind: 'log', vm: full.vm, disk: full.disk, afterMs, endMs: endMs - this.startMs } };
  }

  #logFullAt(candidate: BatchCandidate): { vm: string; disk: string; atMs: Millis } {
    const { churn } = this.#model;
    let atMs = Number.POSITIVE_INFINITY;
    let name = '';
    for (const { number, markBytes, disk } of candidate.disks) {
      const fullMs = churn.reachedAtMs(number, churn.writtenBytes(number, this.startMs) + markBytes);
      if (fullMs >= atMs) continue;
      atMs = fullMs;
      name = disk.name;
    }
    return { vm: candidate.vm.name, disk: name, atMs };
  }

  #spaceRefuses(candidate: BatchCandidate, endMs: Millis): Refusal | undefined {
    // 1. The VM's own volumes.
    const own = new Map<number, CandidateDisk[]>();
    for (const disk of candidate.disks) {
      const disks = own.get(disk.volume);
      if (disks === undefined) own.set(disk.volume, [disk]);
      else disks.push(disk);
    }
    for (const [volume, disks] of own) {
      const room = this.#rooms[volume]!;
      if (room === Number.POSITIVE_INFINITY) continue;
      const state = this.#volumes.get(volume);
      if (state !== undefined && state.provenMs >= endMs) {
        const more = disks.reduce((sum, disk) => sum + this.#diskBytes(disk, state.provenMs), 0);
        if (state.provenBytes + more <= room) continue;
      }
      const needBytes =
        this.needBytes(volume, endMs) + disks.reduce((sum, disk) => sum + this.#diskBytes(disk, endMs), 0);
      if (needBytes > room) return spaceRefusal(volume, needBytes, room);
    }
    // 2. All others of the batch, where it becomes longer.
    for (const [volume, state] of this.#volumes) {
      if (own.has(volume) || state.provenMs >= endMs) continue;
      const room = this.#rooms[volume]!;
      if (room === Number.POSITIVE_INFINITY) continue;
      const needBytes = this.needBytes(volume, endMs);
      if (needBytes > room) return spaceRefusal(volume, needBytes, room);
      this.#prove(volume, state, endMs);
    }
    return undefined;
  }

  /** Whether first copies and deltas, each with its fair share, leave a delta time enough. */
  #deltasRefuse(candidate: BatchCandidate, { transferMs }: Trial): Refusal | undefined {
    if (!this.#caution.keepsObjective) return undefined;
    const flows = this.#flowsWith(candidate);
    if (flows <= 1) return undefined;
    const { rpoTargetMs } = this.#model.run.options;
    const waitMs = Math.min(rpoTargetMs, WAIT_MOST_MS) - candidate.copyMs;
    const line = this.#model.lines[0]!;
    const load = this.#load[0]!;
    for (let atMs = this.startMs; atMs < transferMs; atMs += HOUR_MS) {
      const untilMs = Math.min(LOOK_AHEAD_MS, atMs + HOUR_MS);
      const free =
        carriedBetween(line, atMs, untilMs) -
        bytesBetween(load, atMs, untilMs) -
        bytesBetween(candidate.deltas, atMs, untilMs);
      const hour = Math.floor(atMs / HOUR_MS) % WEEK_HOURS;
      const delta = Math.max(this.#largestDelta[hour]!, cutBytes(candidate, hour));
      const canCarry = ((free / HOUR_MS) * Math.max(0, waitMs) * this.#caution.flows) / Math.max(1, delta);
      // An hour in which a delta is late even beside one first copy is not this VM's fault.
      const most = Math.floor(canCarry) - 1;
      if (most >= 1 && flows > most) return { limit: 'bandwidth', why: { kind: 'bandwidth', flows, most } };
    }
    return undefined;
  }

  #flowsWith({ host, slots }: BatchCandidate): number {
    return (this.#onHost.get(host) ?? 0) < slots ? this.#flows + 1 : this.#flows;
  }

  #take(candidate: BatchCandidate, { transferMs, tailMs }: Trial): void {
    this.#flows = this.#flowsWith(candidate);
    this.#transferMs = transferMs;
    this.#tailMs = tailMs;
    for (const { line, bytes, carriesDeltas } of candidate.ways) {
      this.#bytes[line]! += bytes;
      if (!carriesDeltas) continue;
      // The loads before are shared until the first member.
      if (this.#load[line] === this.#before.lineLoad[line]) this.#load[line] = this.#before.lineLoad[line]!.slice();
      addProfile(this.#load[line]!, candidate.deltas, 1);
    }
    const full = this.#logFullAt(candidate);
    if (full.atMs < this.#logFullMs) {
      this.#logFullMs = full.atMs;
      this.#logFull = full;
    }
    for (let hour = 0; hour < WEEK_HOURS; hour++) {
      this.#largestDelta[hour] = Math.max(this.#largestDelta[hour]!, cutBytes(candidate, hour));
    }
    this.#onHost.set(candidate.host, (this.#onHost.get(candidate.host) ?? 0) + 1);
    this.members.push(candidate);
    const endMs = this.endMs;
    for (const disk of candidate.disks) {
      let state = this.#volumes.get(disk.volume);
      if (state === undefined) {
        state = { members: [], provenMs: -1, provenBytes: 0 };
        this.#volumes.set(disk.volume, state);
      }
      state.members.push({ disk });
      if (state.provenMs >= endMs) state.provenBytes += this.#diskBytes(disk, state.provenMs);
    }
    for (const volume of new Set(candidate.disks.map((disk) => disk.volume))) {
      const state = this.#volumes.get(volume)!;
      if (state.provenMs < endMs || state.provenBytes > this.#rooms[volume]!) this.#prove(volume, state, endMs);
    }
  }

  /** Looks ahead, so that the next VMs need not look; where there is no room ahead, at the end itself. */
  #prove(volume: number, state: VolumeState, endMs: Millis): void {
    if (this.#rooms[volume] === Number.POSITIVE_INFINITY || endMs === Number.POSITIVE_INFINITY) return;
    const aheadMs = Math.min(LOOK_AHEAD_MS, this.startMs + (endMs - this.startMs) * AHEAD);
    const aheadBytes = this.needBytes(volume, aheadMs);
    if (aheadBytes <= this.#rooms[volume]!) {
      state.provenMs = aheadMs;
      state.provenBytes = aheadBytes;
    } else {
      state.provenMs = endMs;
      state.provenBytes = this.needBytes(volume, endMs);
    }
  }

  /** Logs of the VMs before, at the busiest, and what the disks' files have grown by. */
  #othersBytes(volume: number, atMs: Millis): Bytes {
    const { run, volumes } = this.#model;
    const { rules } = run.policy;
    const writes = this.#before.volumeWrites[volume]!;
    const waitMs = Math.min(run.options.rpoTargetMs, WAIT_MOST_MS);
    const count = this.#before.volumeDisks[volume]!;
    const logged = (busiestHourBytes(writes) * waitMs) / HOUR_MS;
    const metadata = count * LOGS_PER_DISK * (rules.logEmptyBytes + rules.logBlockBytes);
    const grown = rules.vhdxGrowthRatio === 0 ? 0 : bytesUntil(volumes[volume]!.growth, atMs);
    return (logged * (1 + METADATA_RATIO) + metadata) * this.#caution.space + grown;
  }

  /** Log and snapshot of a disk of a member. */
  #diskBytes(disk: CandidateDisk, atMs: Millis): Bytes {
    const { rules } = this.#model.run.policy;
    const written = bytesBetween(disk.written, this.startMs, atMs);
    const logBytes = logFileBytes(written, disk.runBytes, rules) + rules.logEmptyBytes + rules.logBlockBytes;
    return (logBytes + snapshotBytes(this.#model, disk, this.startMs, atMs)) * this.#caution.space;
  }
}

/** Metadata of logs of 8 KiB writes: one block of 4 KiB for 127. */
const METADATA_RATIO = 4096 / (127 * 8192);

function spaceRefusal(volume: number, needBytes: Bytes, roomBytes: Bytes): Refusal {
  return { limit: 'space', why: { kind: 'space', volume, needBytes, roomBytes } };
}

function snapshotBytes({ run }: FleetModel, { disk, written }: CandidateDisk, fromMs: Millis, untilMs: Millis): Bytes {
  const { snapshotBlockBytes } = run.policy.rules;
  const blocks = Math.ceil(distinctBytes(disk, bytesBetween(written, fromMs, untilMs)) / snapshotBlockBytes);
  return Math.min(disk.sizeBytes, blocks * snapshotBlockBytes);
}

/** What its own connections take for the first copy. */
function capMs({ wireBytes, capBytesPerMs }: BatchCandidate): Millis {
  return capBytesPerMs === Number.POSITIVE_INFINITY ? 0 : wireBytes / capBytesPerMs;
}

/** Wire bytes of the delta of one cut in an hour of the week. */
function cutBytes({ deltas, copyMs }: BatchCandidate, hour: number): Bytes {
  return ((deltas[hour + 1]! - deltas[hour]!) * copyMs) / HOUR_MS;
}
