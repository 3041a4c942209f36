import { CAUSE_KEYS, CAUSES } from '../model/cause.ts';
import type { Site } from '../model/site.ts';
import type { Workload } from '../model/workload.ts';
import type { ReplicationCore } from '../replication/columns.ts';
import { JobLog } from '../replication/jobs.ts';
import { Input, Phase } from '../replication/lifecycle.ts';
import { diskLogBytes, diskSnapshotBytes } from '../replication/logs.ts';
import { pointAtMs, pointIsAppConsistent } from '../replication/recovery-points.ts';
import { boundariesBetween } from '../replication/timers.ts';
import type { Bytes, Millis } from '../units.ts';
import { AgeDistributions } from './age-distribution.ts';
import type { RatedWrites } from './churn-integral.ts';
import { type FailoverResult, type PhaseName, TIMELINE_CAPACITY, type TimelineEntry } from './result.ts';
import { SpaceRecorder, type VolumeRecord } from './space-recorder.ts';
import { niceBucketMs } from './traffic-meter.ts';

export interface RecorderOptions {
  readonly horizonMs: Millis;
  readonly rpoTargetMs: Millis;
  /** Further ages within which the share of the time is wanted. */
  readonly withinMs: readonly Millis[];
  /** From here on cycles count for health. */
  readonly monitoringFromMs: Millis;
  /** Without detail only what decides the objectives is kept: no space, no series, no phases. */
  readonly detail: boolean;
  /** Space on volumes is kept all the same, since it decides what can be sent. */
  readonly watchSpace: boolean;
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
  /** Per VM: the largest age after its first delta, and when it was reached; -1 before. */
  readonly worstAgeMs: Float64Array;
  readonly worstAgeAtMs: Float64Array;
  readonly hrlPeakBytes: Float64Array;
  readonly hrlPeakAtMs: Float64Array;
  readonly snapshotPeakBytes: Float64Array;
  /** Largest share of its size that a disk's logs reached. */
  readonly diskPeakRatio: Float64Array;
  readonly monitoredCompleted: Uint32Array;
  readonly monitoredMissed: Uint32Array;
  readonly monitoredLatencyMs: Float64Array;
  readonly monitoredLongestMs: Float64Array;
  readonly monitoredLogBytes: Float64Array;
  readonly monitoredLargestBytes: Float64Array;
  readonly monitoredNetworkFailures: Uint32Array;
  readonly monitoredOtherFailures: Uint32Array;
  /** Of the VM's first protection: start of initial replication, the last disk's arrival, end of Finalize; −1 before. */
  readonly initialStartAtMs: Float64Array;
  readonly initialEndAtMs: Float64Array;
  readonly protectedAtMs: Float64Array;
  readonly lastTestFailoverAtMs: Float64Array;
  /** vm × code of a cause: how often it marked the VM. */
  readonly marksByCause: Uint16Array;
  readonly failovers: FailoverResult[][];
  readonly jobs: JobLog | undefined;
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
  /** 1 from the first delta after a full copy on: from there on the age counts for the objective. */
  readonly #caughtUp: Uint8Array;
  readonly #marksBefore: Uint32Array;
  #sampled = 0;
  /** Of the set that is about to arrive: its cut and its log bytes. */
  #cutAtMs: Millis = 0;
  #setBytes: Bytes = 0;

  constructor(core: ReplicationCore, writes: RatedWrites, workload: Workload, site: Site, options: RecorderOptions) {
    const { vmCount, diskCount } = core;
    this.#core = core;
    this.#options = options;
    this.bucketMs = niceBucketMs(options.horizonMs, STATE_BUCKETS_MOST);
    this.bucketCount = options.detail ? Math.max(1, Math.ceil(options.horizonMs / this.bucketMs)) : 0;
    this.backlogAges = new AgeDistributions(vmCount, options.rpoTargetMs, options.withinMs);
    this.steadyAges = new AgeDistributions(vmCount, options.rpoTargetMs, options.withinMs);
    this.firstDeltaAtMs = new Float64Array(vmCount).fill(-1);
    this.lastReplicationAtMs = new Float64Array(vmCount).fill(-1);
    this.lastBreachAtMs = new Float64Array(vmCount).fill(-1);
    this.worstAgeMs = new Float64Array(vmCount).fill(-1);
    this.worstAgeAtMs = new Float64Array(vmCount).fill(-1);
    this.hrlPeakBytes = new Float64Array(vmCount);
    this.hrlPeakAtMs = new Float64Array(vmCount);
    this.snapshotPeakBytes = new Float64Array(vmCount);
    this.diskPeakRatio = new Float64Array(diskCount);
    this.monitoredCompleted = new Uint32Array(vmCount);
    this.monitoredMissed = new Uint32Array(vmCount);
    this.monitoredLatencyMs = new Float64Array(vmCount);
    this.monitoredLongestMs = new Float64Array(vmCount);
    this.monitoredLogBytes = new Float64Array(vmCount);
    this.monitoredLargestBytes = new Float64Array(vmCount);
    this.monitoredNetworkFailures = new Uint32Array(vmCount);
    this.monitoredOtherFailures = new Uint32Array(vmCount);
    this.initialStartAtMs = new Float64Array(vmCount).fill(-1);
    this.initialEndAtMs = new Float64Array(vmCount).fill(-1);
    this.protectedAtMs = new Float64Array(vmCount).fill(-1);
    this.lastTestFailoverAtMs = new Float64Array(vmCount).fill(-1);
    this.marksByCause = new Uint16Array(vmCount * CAUSE_CODES);
    this.#marksBefore = new Uint32Array(vmCount);
    this.failovers = Array.from({ length: options.detail ? vmCount : 0 }, () => []);
    this.jobs = options.detail ? new JobLog(vmCount, core.policy.rules) : undefined;
    this.#agePointMs = new Float64Array(vmCount).fill(-1);
    this.#ageSinceMs = new Float64Array(vmCount).fill(-1);
    this.ages = new Float32Array(vmCount * this.bucketCount).fill(-1);
    this.logFill = new Float32Array(diskCount * this.bucketCount);
    this.#space =
      options.detail || options.watchSpace
        ? new SpaceRecorder(core, writes, workload, site, this.bucketCount)
        : undefined;
    this.timelines = Array.from({ length: options.detail ? vmCount : 0 }, () => []);
    this.timelineTruncated = new Uint8Array(vmCount);
    this.#caughtUp = new Uint8Array(vmCount);
    this.#phaseSinceMs = new Float64Array(vmCount);
    this.#phaseShown = new Array(vmCount);
  }

  get volumes(): readonly VolumeRecord[] {
    return this.#space?.volumes ?? [];
  }

  /** Absent without detail, unless it was asked for. */
  get space(): SpaceRecorder | undefined {
    return this.#space;
  }

  /** To be called before an input is fed: what the input will give back is largest now. */
  beforeStep(vm: number, input: Input, nowMs: Millis): void {
    const arrives = input === Input.transferDone && carriesSet(this.#core.phase[vm] as Phase);
    if (arrives && nowMs >= this.#options.monitoringFromMs) this.#noteSet(vm);
    if (this.#space === undefined) return;
    if (arrives || MAY_DROP_LOGS[input] === 1) this.#measureLogs(vm, nowMs);
    else if (input === Input.mergeDone || input === Input.disabled) this.#measureSnapshot(vm, nowMs);
    else return;
    if (input === Input.disabled) this.#measureSnapshot(vm, nowMs);
    this.#space.beforeDrop(vm, nowMs, this.#bucket);
    if (arrives && this.#core.phase[vm] === Phase.sending) this.#space.setArrived(vm);
  }

  /** To be called after an input was fed. */
  afterStep(vm: number, before: Phase, input: Input, nowMs: Millis): void {
    const after = this.#core.phase[vm] as Phase;
    if (input === Input.transferDone && before === Phase.sending) this.#setArrived(vm, nowMs);
    else if (input === Input.transferFailed) this.#countFailure(vm, nowMs);
    else if (input < Input.retryDue) this.#turn(vm, before, after, input, nowMs);
    if (MAY_DROP_LOGS[input] === 1) this.#countMark(vm);
    if (this.#options.detail) {
      this.jobs!.observe(vm, before, input, after, nowMs, this.#core);
      if (after !== before) this.#showPhase(vm, nowMs);
    }
    if (this.#space === undefined || after === before) return;
    if (input === Input.intervalElapsed) this.#space.logsCut(vm);
    else if (before === Phase.sendingLast || (input !== Input.transferDone && input !== Input.transferFailed)) {
      this.#space.logsOpenedOrDropped(vm);
    }
  }

  /** What is neither a cycle nor a retry: protection, arrival or the end of a workflow. */
  #turn(vm: number, before: Phase, after: Phase, input: Input, nowMs: Millis): void {
    const core = this.#core;
    if (this.initialStartAtMs[vm] === -1 && hasStarted(after)) this.initialStartAtMs[vm] = nowMs;
    if (this.initialEndAtMs[vm] === -1) this.initialEndAtMs[vm] = core.seededAtMs[vm]!;
    if (this.protectedAtMs[vm] === -1) this.protectedAtMs[vm] = core.protectedAtMs[vm]!;
    if (input === Input.testFailoverStarted) this.lastTestFailoverAtMs[vm] = nowMs;
    const ages = core.protectedAtMs[vm] !== -1 && after !== Phase.failedOver;
    const open = this.#ageSinceMs[vm] !== -1;
    const arrived = this.#agePointMs[vm] !== core.recoveryPointAtMs[vm];
    if (after === Phase.failedOver) this.#noteFailover(vm, input, nowMs);
    if (open && (arrived || !ages)) this.#closeAge(vm, nowMs);
    if (input === Input.transferDone && before === Phase.sendingLast) this.#countCycle(vm, nowMs);
    if (after === Phase.unprotected || after === Phase.seeding || after === Phase.exporting) this.#caughtUp[vm] = 0;
    if (arrived && core.recoveryPointAtMs[vm] !== -1) this.lastReplicationAtMs[vm] = nowMs;
    if (ages && (arrived || !open)) this.#openAge(vm, nowMs);
    else if (!ages) this.#ageSinceMs[vm] = -1;
  }

  #noteSet(vm: number): void {
    const core = this.#core;
    this.#cutAtMs = core.cutAtMs[vm]!;
    this.#setBytes = 0;
    for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
      this.#setBytes += core.inFlightFileBytes[disk]!;
    }
  }

  #noteFailover(vm: number, input: Input, nowMs: Millis): void {
    if (!this.#options.detail) return;
    const core = this.#core;
    const planned = input !== Input.unplannedFailover;
    let appConsistentDataLossMs: Millis | null = null;
    for (let index = 0; index < core.pointCount[vm]!; index++) {
      if (pointIsAppConsistent(core, vm, index)) appConsistentDataLossMs = nowMs - pointAtMs(core, vm, index);
    }
    const dataLossMs = planned ? 0 : nowMs - core.recoveryPointAtMs[vm]!;
    const failovers = this.failovers[vm]!;
    if (failovers.length < FAILOVERS_KEPT) {
      failovers.push({ kind: planned ? 'planned' : 'unplanned', atMs: nowMs, dataLossMs, appConsistentDataLossMs });
    }
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

  /** Closes what is open: at the horizon, ages at the instant at which the run was given up. */
  finish(agesUntilMs: Millis): void {
    const { horizonMs } = this.#options;
    while (this.nextSampleAtMs <= horizonMs) this.sample();
    for (let vm = 0; vm < this.#core.vmCount; vm++) {
      if (this.#ageSinceMs[vm] !== -1) this.#closeAge(vm, agesUntilMs);
      if (this.#options.detail) this.#endPhase(vm, horizonMs);
    }
  }

  #setArrived(vm: number, nowMs: Millis): void {
    this.lastReplicationAtMs[vm] = nowMs;
    const ages = this.#ageSinceMs[vm] !== -1;
    if (ages) this.#closeAge(vm, nowMs);
    this.#countCycle(vm, nowMs);
    if (ages) this.#openAge(vm, nowMs);
  }

  #openAge(vm: number, nowMs: Millis): void {
    this.#agePointMs[vm] = this.#core.recoveryPointAtMs[vm]!;
    this.#ageSinceMs[vm] = nowMs;
  }

  #closeAge(vm: number, nowMs: Millis): void {
    const pointMs = this.#agePointMs[vm]!;
    const ageMs = nowMs - pointMs;
    const steady = this.#caughtUp[vm] === 1;
    (steady ? this.steadyAges : this.backlogAges).add(vm, this.#ageSinceMs[vm]! - pointMs, ageMs);
    if (steady && ageMs > this.worstSteadyAgeMs) this.worstSteadyAgeMs = ageMs;
    if (steady && ageMs > this.worstAgeMs[vm]!) {
      this.worstAgeMs[vm] = ageMs;
      this.worstAgeAtMs[vm] = nowMs;
    }
    // A largest age within the last bits of the target is within it.
    if (steady && ageMs > this.#options.rpoTargetMs + 1e-5) this.lastBreachAtMs[vm] = nowMs;
    if (this.#options.detail) this.#noteAge(vm, ageMs);
  }

  #noteAge(vm: number, ageMs: Millis): void {
    const place = vm * this.bucketCount + this.#bucket;
    if (ageMs > this.ages[place]!) this.ages[place] = ageMs;
  }

  #countCycle(vm: number, nowMs: Millis): void {
    if (this.firstDeltaAtMs[vm] === -1) this.firstDeltaAtMs[vm] = nowMs;
    this.#caughtUp[vm] = 1;
    if (nowMs < this.#options.monitoringFromMs) return;
    const latencyMs = nowMs - this.#cutAtMs;
    this.monitoredCompleted[vm]!++;
    this.monitoredLatencyMs[vm]! += latencyMs;
    this.monitoredLongestMs[vm] = Math.max(this.monitoredLongestMs[vm]!, latencyMs);
    this.monitoredLogBytes[vm]! += this.#setBytes;
    this.monitoredLargestBytes[vm] = Math.max(this.monitoredLargestBytes[vm]!, this.#setBytes);
    this.monitoredMissed[vm]! += this.missedSince(vm, this.#cutAtMs, nowMs);
  }

  #countMark(vm: number): void {
    const core = this.#core;
    if (core.markCount[vm] === this.#marksBefore[vm]) return;
    this.#marksBefore[vm] = core.markCount[vm]!;
    this.marksByCause[vm * CAUSE_CODES + core.markCause[vm]!]!++;
  }

  #countFailure(vm: number, nowMs: Millis): void {
    if (nowMs < this.#options.monitoringFromMs) return;
    const ofNetwork = this.#core.cause[vm] === CAUSES.networkError.code;
    (ofNetwork ? this.monitoredNetworkFailures : this.monitoredOtherFailures)[vm]!++;
  }

  /** Boundaries of the monitoring interval that a set which was cut at `cutAtMs` has let pass before `nowMs`. */
  missedSince(vm: number, cutAtMs: Millis, nowMs: Millis): number {
    const core = this.#core;
    return (
      boundariesBetween(core, vm, cutAtMs, nowMs) -
      boundariesBetween(core, vm, cutAtMs, Math.max(cutAtMs, this.#options.monitoringFromMs))
    );
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

/** Codes of causes are 1 to the number of causes. */
export const CAUSE_CODES: number = CAUSE_KEYS.length + 1;

/** The inputs with which logs may be dropped. */
const MAY_DROP_LOGS: Uint8Array = new Uint8Array(Object.keys(Input).length);
for (const input of [
  Input.logHalfDue,
  Input.resyncRequired,
  Input.resyncRequested,
  Input.disabled,
  Input.fixed,
  Input.failoverCancelled,
  Input.failoverCommitted,
  Input.reversedInFull,
]) {
  MAY_DROP_LOGS[input] = 1;
}

/** A VM's failovers that are kept; a run with more is a test of something else. */
const FAILOVERS_KEPT = 20;

function carriesSet(phase: Phase): boolean {
  return phase === Phase.sending || phase === Phase.sendingLast;
}

/** Whether initial replication has begun, in whatever way. */
function hasStarted(phase: Phase): boolean {
  return phase === Phase.seeding || phase === Phase.exporting || phase === Phase.resyncing;
}

export const PHASE_NAMES: Readonly<Record<Phase, PhaseName>> = {
  [Phase.unprotected]: 'unprotected',
  [Phase.enabling]: 'unprotected',
  [Phase.awaitingStart]: 'waiting to start',
  [Phase.seeding]: 'initial replication',
  [Phase.seedingBackoff]: 'retrying',
  [Phase.exporting]: 'initial replication',
  [Phase.merging]: 'merging snapshot',
  [Phase.finalizing]: 'merging snapshot',
  [Phase.awaitingMedia]: 'waiting for media',
  [Phase.tracking]: 'delta replication',
  [Phase.sending]: 'delta replication',
  [Phase.sendingBackoff]: 'retrying',
  [Phase.sendingLast]: 'failing over',
  [Phase.resyncMarked]: 'marked for resynchronization',
  [Phase.resyncing]: 'resynchronization',
  [Phase.resyncBackoff]: 'retrying',
  [Phase.resyncPaused]: 'paused',
  [Phase.paused]: 'paused',
  [Phase.critical]: 'critical',
  [Phase.failedOver]: 'failed over',
  [Phase.committed]: 'failed over',
};
