import type { Site } from '../model/site.ts';
import type { Workload } from '../model/workload.ts';
import type { ReplicationCore } from '../replication/columns.ts';
import { Input, Phase } from '../replication/lifecycle.ts';
import { diskLogBytes, diskSnapshotBytes } from '../replication/logs.ts';
import type { Millis } from '../units.ts';
import { AgeDistributions } from './age-distribution.ts';
import type { ChurnIntegral } from './churn-integral.ts';
import { type PhaseName, TIMELINE_CAPACITY, type TimelineEntry } from './result.ts';
import { SpaceRecorder, type VolumeRecord } from './space-recorder.ts';
import { niceBucketMs } from './traffic-meter.ts';

export interface RecorderOptions {
  readonly horizonMs: Millis;
  readonly rpoTargetMs: Millis;
  /** From here on cycles count for health. */
  readonly monitoringFromMs: Millis;
  /** Without detail only what decides the objectives is kept: no space, no series, no phases. */
  readonly detail: boolean;
}

const STATE_BUCKETS_MOST = 336;

/**
 * Watches the core from outside and keeps what the result needs: ages of the recovery points, peaks of the logs and snapshots,
 * phases. Bounded: buckets and columns, no row per event.
 */
export class Recorder {
  readonly bucketMs: Millis;
  /** Ages from protection to the first delta's arrival, and from there on (semantics 14). */
  readonly backlogAges: AgeDistributions;
  readonly steadyAges: AgeDistributions;
  /** Arrival of the first delta; −1 before. */
  readonly firstDeltaAtMs: Float64Array;
  /** When the replica was last brought forward; −1 before. */
  readonly lastReplicationAtMs: Float64Array;
  /** The last instant at which an age after the first delta was above the target; −1 where none was. */
  readonly lastBreachAtMs: Float64Array;
  readonly hrlPeakBytes: Float64Array;
  readonly hrlPeakAtMs: Float64Array;
  readonly snapshotPeakBytes: Float64Array;
  /** Largest share of its size that a disk's logs reached. */
  readonly diskPeakRatio: Float64Array;
  readonly monitoredCompleted: Uint32Array;
  readonly monitoredMissed: Uint32Array;
  readonly monitoredLatencyMs: Float64Array;
  /** vm × bucket: largest age; −1 while unprotected. */
  readonly ages: Float32Array;
  /** disk × bucket: largest share of its size that its logs took. */
  readonly logFill: Float32Array;
  readonly bucketCount: number;
  readonly timelines: TimelineEntry[][];
  readonly timelineTruncated: Uint8Array;
  /** The largest age after a first delta so far, over all VMs. */
  worstSteadyAgeMs: Millis = 0;

  readonly #core: ReplicationCore;
  readonly #options: RecorderOptions;
  /** Absent without detail. */
  readonly #space: SpaceRecorder | undefined;
  /** Recovery point from which the current age counts, and since when; −1 = not protected yet. */
  readonly #agePointMs: Float64Array;
  readonly #ageSinceMs: Float64Array;
  readonly #phaseSinceMs: Float64Array;
  readonly #phaseShown: (PhaseName | undefined)[];
  #sampled = 0;

  constructor(core: ReplicationCore, writes: ChurnIntegral, workload: Workload, site: Site, options: RecorderOptions) {
    const { vmCount, diskCount } = core;
    this.#core = core;
    this.#options = options;
    this.bucketMs = niceBucketMs(options.horizonMs, STATE_BUCKETS_MOST);
    this.bucketCount = options.detail ? Math.max(1, Math.ceil(options.horizonMs / this.bucketMs)) : 0;
    this.backlogAges = new AgeDistributions(vmCount, options.rpoTargetMs);
    this.steadyAges = new AgeDistributions(vmCount, options.rpoTargetMs);
    this.firstDeltaAtMs = new Float64Array(vmCount).fill(-1);
    this.lastReplicationAtMs = new Float64Array(vmCount).fill(-1);
    this.lastBreachAtMs = new Float64Array(vmCount).fill(-1);
    this.hrlPeakBytes = new Float64Array(vmCount);
    this.hrlPeakAtMs = new Float64Array(vmCount);
    this.snapshotPeakBytes = new Float64Array(vmCount);
    this.diskPeakRatio = new Float64Array(diskCount);
    this.monitoredCompleted = new Uint32Array(vmCount);
    this.monitoredMissed = new Uint32Array(vmCount);
    this.monitoredLatencyMs = new Float64Array(vmCount);
    this.#agePointMs = new Float64Array(vmCount).fill(-1);
    this.#ageSinceMs = new Float64Array(vmCount).fill(-1);
    this.ages = new Float32Array(vmCount * this.bucketCount).fill(-1);
    this.logFill = new Float32Array(diskCount * this.bucketCount);
    this.#space = options.detail ? new SpaceRecorder(core, writes, workload, site, this.bucketCount) : undefined;
    this.timelines = Array.from({ length: options.detail ? vmCount : 0 }, () => []);
    this.timelineTruncated = new Uint8Array(vmCount);
    this.#phaseSinceMs = new Float64Array(vmCount);
    this.#phaseShown = new Array(vmCount);
  }

  get volumes(): readonly VolumeRecord[] {
    return this.#space?.volumes ?? [];
  }

  /** To be called before an input is fed: what the input will give back is largest now. */
  beforeStep(vm: number, input: Input, nowMs: Millis): void {
    if (!this.#options.detail) return;
    const logs = input === Input.transferDone ? this.#core.phase[vm] === Phase.sending : input === Input.logHalfDue;
    if (logs) this.#measureLogs(vm, nowMs);
    else if (input === Input.mergeDone) this.#measureSnapshot(vm, nowMs);
    else return;
    this.#space?.beforeDrop(vm, nowMs, this.#bucket);
    if (logs && input === Input.transferDone) this.#space?.setArrived(vm);
  }

  /** To be called after an input was fed. */
  afterStep(vm: number, phaseBefore: Phase, input: Input, nowMs: Millis): void {
    const core = this.#core;
    if (input === Input.transferDone && phaseBefore !== Phase.seeding) this.#arrived(vm, phaseBefore, nowMs);
    else if (core.protectedAtMs[vm] === nowMs && this.#ageSinceMs[vm] === -1) {
      this.lastReplicationAtMs[vm] = nowMs;
      this.#openAge(vm, nowMs);
    }
    if (!this.#options.detail || core.phase[vm] === phaseBefore) return;
    this.#showPhase(vm, nowMs);
    if (input === Input.intervalElapsed) this.#space?.logsCut(vm);
    else if (input !== Input.transferDone && input !== Input.transferFailed) this.#space?.logsOpenedOrDropped(vm);
  }

  /** The end of the bucket that is to be sampled next; Infinity after the last. */
  get nextSampleAtMs(): Millis {
    return this.#sampled >= this.bucketCount
      ? Number.POSITIVE_INFINITY
      : Math.min(this.#options.horizonMs, (this.#sampled + 1) * this.bucketMs);
  }

  /** Measures everything at the end of a bucket, before what happens at that instant. */
  sample(): void {
    const atMs = this.nextSampleAtMs;
    for (let vm = 0; vm < this.#core.vmCount; vm++) {
      this.#measureLogs(vm, atMs);
      this.#measureSnapshot(vm, atMs);
      if (this.#ageSinceMs[vm] !== -1) this.#noteAge(vm, atMs - this.#agePointMs[vm]!);
    }
    this.#space?.measureAll(atMs, this.#bucket);
    this.#sampled++;
  }

  /** Closes what is open at the horizon. */
  finish(): void {
    const { horizonMs } = this.#options;
    while (this.nextSampleAtMs <= horizonMs) this.sample();
    for (let vm = 0; vm < this.#core.vmCount; vm++) {
      if (this.#ageSinceMs[vm] !== -1) this.#closeAge(vm, horizonMs);
      if (this.#options.detail) this.#endPhase(vm, horizonMs);
    }
  }

  #arrived(vm: number, phaseBefore: Phase, nowMs: Millis): void {
    this.lastReplicationAtMs[vm] = nowMs;
    this.#closeAge(vm, nowMs);
    if (phaseBefore === Phase.sending) {
      this.#countCycle(vm, nowMs);
      if (this.firstDeltaAtMs[vm] === -1) this.firstDeltaAtMs[vm] = nowMs;
    }
    this.#openAge(vm, nowMs);
  }

  #openAge(vm: number, nowMs: Millis): void {
    this.#agePointMs[vm] = this.#core.recoveryPointAtMs[vm]!;
    this.#ageSinceMs[vm] = nowMs;
  }

  #closeAge(vm: number, nowMs: Millis): void {
    const pointMs = this.#agePointMs[vm]!;
    const ageMs = nowMs - pointMs;
    const steady = this.firstDeltaAtMs[vm] !== -1;
    (steady ? this.steadyAges : this.backlogAges).add(vm, this.#ageSinceMs[vm]! - pointMs, ageMs);
    if (steady && ageMs > this.worstSteadyAgeMs) this.worstSteadyAgeMs = ageMs;
    // A largest age within the last bits of the target is within it.
    if (steady && ageMs > this.#options.rpoTargetMs + 1e-5) this.lastBreachAtMs[vm] = nowMs;
    if (this.#options.detail) this.#noteAge(vm, ageMs);
  }

  #noteAge(vm: number, ageMs: Millis): void {
    const place = vm * this.bucketCount + this.#bucket;
    if (ageMs > this.ages[place]!) this.ages[place] = ageMs;
  }

  #countCycle(vm: number, nowMs: Millis): void {
    const { monitoringFromMs } = this.#options;
    if (nowMs < monitoringFromMs) return;
    this.monitoredCompleted[vm]!++;
    this.monitoredLatencyMs[vm]! += nowMs - this.#core.cutAtMs[vm]!;
    this.monitoredMissed[vm]! += this.missedSince(vm, monitoringFromMs, nowMs);
  }

  /** Boundaries after `fromMs` that the set in flight has let pass before `nowMs`. */
  missedSince(vm: number, fromMs: Millis, nowMs: Millis): number {
    const intervalMs = this.#core.policy.copyFrequencyMs;
    const cutAtMs = this.#core.cutAtMs[vm]!;
    const before = (atMs: Millis): number => Math.max(0, Math.ceil((atMs - cutAtMs) / intervalMs) - 1);
    return before(nowMs) - before(fromMs);
  }

  /** The bucket of the series in which the run is. */
  get #bucket(): number {
    return Math.min(this.#sampled, this.bucketCount - 1);
  }

  #measureLogs(vm: number, nowMs: Millis): void {
    const core = this.#core;
    const bucket = this.#bucket;
    let sumBytes = 0;
    for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
      const bytes = diskLogBytes(core, vm, disk, nowMs);
      const ratio = bytes / core.diskBytes[disk]!;
      sumBytes += bytes;
      if (ratio > this.diskPeakRatio[disk]!) this.diskPeakRatio[disk] = ratio;
      const place = disk * this.bucketCount + bucket;
      if (ratio > this.logFill[place]!) this.logFill[place] = ratio;
    }
    if (sumBytes <= this.hrlPeakBytes[vm]!) return;
    this.hrlPeakBytes[vm] = sumBytes;
    this.hrlPeakAtMs[vm] = nowMs;
  }

  #measureSnapshot(vm: number, nowMs: Millis): void {
    const core = this.#core;
    let sumBytes = 0;
    for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
      sumBytes += diskSnapshotBytes(core, disk, nowMs);
    }
    if (sumBytes > this.snapshotPeakBytes[vm]!) this.snapshotPeakBytes[vm] = sumBytes;
  }

  #showPhase(vm: number, nowMs: Millis): void {
    const shown = PHASE_NAMES[this.#core.phase[vm] as Phase];
    if (shown === this.#phaseShown[vm]) return;
    this.#endPhase(vm, nowMs);
    this.#phaseShown[vm] = shown;
    this.#phaseSinceMs[vm] = nowMs;
  }

  #endPhase(vm: number, nowMs: Millis): void {
    const phase = this.#phaseShown[vm];
    const startMs = this.#phaseSinceMs[vm]!;
    if (phase === undefined || nowMs <= startMs) return;
    const timeline = this.timelines[vm]!;
    const last = timeline.at(-1);
    // An attempt that fails at once shows no phase of its own: the waits before and after it are one.
    if (last?.phase === phase && last.endMs === startMs) timeline[timeline.length - 1] = { ...last, endMs: nowMs };
    else if (timeline.length < TIMELINE_CAPACITY) timeline.push({ phase, startMs, endMs: nowMs });
    else this.timelineTruncated[vm] = 1;
  }
}

export const PHASE_NAMES: Readonly<Record<Phase, PhaseName>> = {
  [Phase.unprotected]: 'unprotected',
  [Phase.enabling]: 'unprotected',
  [Phase.seeding]: 'initial replication',
  [Phase.seedingBackoff]: 'retrying',
  [Phase.merging]: 'merging snapshot',
  [Phase.finalizing]: 'merging snapshot',
  [Phase.tracking]: 'delta replication',
  [Phase.sending]: 'delta replication',
  [Phase.sendingBackoff]: 'retrying',
  [Phase.resyncMarked]: 'marked for resynchronization',
  [Phase.resyncing]: 'resynchronization',
  [Phase.resyncBackoff]: 'retrying',
};
