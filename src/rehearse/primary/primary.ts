import { CAUSES } from '../../model/cause.ts';
import type { Span } from '../../model/clock.ts';
import type { Policy } from '../../model/policy.ts';
import type { Workload } from '../../model/workload.ts';
import { createCore, GuestEffect, type ReplicationCore, TransferKind } from '../../replication/columns.ts';
import { Input, isLegal, Phase } from '../../replication/lifecycle.ts';
import { pointAtMs } from '../../replication/recovery-points.ts';
import { refusalOf } from '../../replication/refusal.ts';
import { step } from '../../replication/step.ts';
import type { TrackedWrites } from '../../replication/tracked-writes.ts';
import type { Bytes, Millis } from '../../units.ts';
import type { BlockDevice } from '../block-device.ts';
import type { Clock } from '../clock.ts';
import type { Relationship, ReplicaService } from '../replica-service.ts';
import { CountedWrites } from './counted-writes.ts';
import { transferFailureOf } from './failure.ts';
import { Sender } from './sender.ts';
import { TrackedDisk } from './tracked-disk.ts';

export interface PrimaryOptions {
  /** One VM. */
  readonly workload: Workload;
  readonly policy: Policy;
  /** Phase of the VM's cuts (semantics 12). */
  readonly cutPhaseMs: Millis;
  /** When an automatic resynchronization may start; the last span has no end. */
  readonly resyncSpans: readonly Span[];
  /** The VM's disks, in the workload's order. */
  readonly devices: readonly BlockDevice[];
  /** For logs and frozen views: empty, and nobody else's. */
  readonly folder: string;
  readonly relationshipId: string;
  readonly replica: ReplicaService;
  /** Breaks off the replica's call that is under way; without it, it is waited for. */
  readonly breakOff?: () => void;
  readonly clock: Clock;
  /** The clock's 0, in milliseconds since 1970. */
  readonly epochMs: Millis;
  readonly guest?: Guest;
  readonly observer?: PrimaryObserver;
  /** What the core is told of the guest's writes, where not what the disks have counted … */
  readonly writes?: (disks: readonly TrackedDisk[]) => TrackedWrites;
  /** … and of what has gone out of the transfer that flows, where not what the sender has counted. */
  readonly goneOutBytes?: () => Bytes;
}

/** The machine whose disks are replicated. */
export interface Guest {
  stop(): void;
  start(): void;
}

/** Watches a primary. It must not change anything. */
export interface PrimaryObserver {
  /** After each step, before its effects are carried out. */
  stepped?(core: ReplicationCore, taken: TakenStep): void;
  /** A transfer begins, or has ended. */
  transfer?(kind: TransferKind, flows: boolean, nowMs: Millis): void;
  /** What broke a transfer off, or a log. */
  failed?(error: unknown): void;
}

export interface TakenStep {
  readonly input: Input;
  readonly before: Phase;
  readonly after: Phase;
  readonly nowMs: Millis;
  /** Code of the cause that was fed with the input; 0 = none. */
  readonly cause: number;
}

/** A rehearsal has no machine at the target: its test failover makes images there. */
const MOVES_GUEST: ReadonlySet<Input> = new Set([
  Input.plannedFailover,
  Input.unplannedFailover,
  Input.failoverCancelled,
  Input.failoverCommitted,
  Input.reversed,
  Input.reversedInFull,
]);
const NO_TARGET = 'a rehearsal has no machine that could run at the target';

/** The one VM of the core. */
const VM = 0;
const SECOND_MS = 1000;
const EPOCH_2000_MS: Millis = Date.UTC(2000, 0, 1);

/**
 * Runs the replication core over real disks in a clock's time: the host of which `replication/README.md` speaks, as `simulate/` is it in
 * virtual time. What a step decides is done to the disks within the same turn, so that every write of the guest lies before or after it.
 *
 *     clock ─▶ wake ─┐                    ┌─▶ disks: logs opened, cut, dropped; frozen, thawed
 *     guest's writes ┼─▶ input ─▶ step ───┼─▶ wake
 *     sender's end ──┘                    └─▶ sender ─▶ replica
 */
export class Primary {
  readonly core: ReplicationCore;
  readonly disks: readonly TrackedDisk[];
  readonly #options: PrimaryOptions;
  readonly #sender: Sender;
  readonly #waiting: (() => void)[] = [];
  readonly #defects: unknown[] = [];
  #isBusy = false;
  #isClosed = false;
  #nowMs: Millis = 0;
  #alarm: AbortController | undefined;
  #alarmAtMs: Millis = Number.POSITIVE_INFINITY;
  #transfer: AbortController | undefined;
  #lastTransfer: Promise<void> = Promise.resolve();
  /** Chunk bytes of the copy under way that had been sent before its transfer began. */
  #transferFromBytes: Bytes = 0;
  #upkeep: Promise<void> = Promise.resolve();

  constructor(options: PrimaryOptions) {
    const { workload, policy, clock, epochMs, folder } = options;
    const { rules } = policy;
    const [vm] = workload.vms;
    this.#options = options;
    this.disks = options.devices.map(
      (device, disk) =>
        new TrackedDisk(
          device,
          {
            folder,
            name: `disk-${disk}`,
            nowSec2000: () => Math.floor((epochMs + clock.nowMs() - EPOCH_2000_MS) / SECOND_MS),
          },
          {
            logBroken: (error) => this.#logBroken(error),
            reached: () => this.#soon(() => this.#logMayBeHalf()),
          },
        ),
    );
    this.core = createCore(workload, policy, {
      writes: options.writes?.(this.disks) ?? new CountedWrites(this.disks),
      resyncSpans: options.resyncSpans,
      cutPhaseMs: [options.cutPhaseMs],
    });
    const relationship: Relationship = {
      id: options.relationshipId,
      vmName: vm!.name,
      disks: vm!.disks.map(({ name }, disk) => ({ name, sizeBytes: this.disks[disk]!.sizeBytes })),
      chunkBytes: rules.chunkBytes,
    };
    const { replica } = options;
    const { compareBytesPerSec } = rules;
    this.#sender = new Sender({ replica, relationship, disks: this.disks, clock, epochMs, compareBytesPerSec });
  }

  /** File bytes of the logs into which the guest's writes go, and of those that are being sent. */
  get openLogBytes(): Bytes {
    return this.disks.reduce((total, { openLogBytes }) => total + openLogBytes, 0);
  }

  get inFlightLogBytes(): Bytes {
    return this.#sender.inFlightBytes;
  }

  /** What initial replication's snapshot takes beside the disks. */
  get snapshotBytes(): Bytes {
    if (!this.#held().isSnapshot) return 0;
    return this.disks.reduce((total, { viewBytes }) => total + viewBytes, 0);
  }

  /**
   * Feeds an administrator's input or a fault.
   *
   * @returns why it cannot be fed now; `null` = it was
   */
  strike(input: Input, cause = 0): string | null {
    const refusal = MOVES_GUEST.has(input) ? NO_TARGET : refusalOf(this.core, VM, input);
    if (refusal === null) this.#soon(() => this.#feed(input, cause));
    return refusal;
  }

  /**
   * Ends what is under way; the logs are left where they are, unclosed but for those in flight.
   *
   * @throws AggregateError where a defect of ours was met meanwhile
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#alarm?.abort();
    this.#transfer?.abort();
    this.#options.breakOff?.();
    await this.#lastTransfer;
    await this.#upkeep;
    for (const disk of this.disks) await disk.close();
    if (this.#defects.length > 0) throw new AggregateError(this.#defects, 'The rehearsal has met a defect of its own.');
  }

  /** At once, or after the step that is being taken. */
  #soon(action: () => void): void {
    this.#waiting.push(action);
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift())
      if (!this.#isClosed) next();
    this.#isBusy = false;
  }

  /** One input, its effects, its wake: the host's contract of the core. */
  #feed(input: Input, cause = 0): void {
    const { core } = this;
    const nowMs = Math.max(this.#nowMs, this.#options.clock.nowMs());
    this.#nowMs = nowMs;
    const before = core.phase[VM] as Phase;
    const had = this.#held();
    const goneOutBytes = this.#goneOutBytes();
    if (input === Input.transferFailed) this.#endTransfer();
    step(core, VM, input, nowMs, goneOutBytes, cause);
    const after = core.phase[VM] as Phase;
    this.#options.observer?.stepped?.(core, { input, before, after, nowMs, cause });
    if (core.effects.abort) this.#endTransfer();
    this.#follow(had, input, before, nowMs);
    this.#carryOut();
    this.#armAlarm();
  }

  /** What of the core's state has a counterpart on the disks. */
  #held(): Held {
    const { core } = this;
    return {
      isTracked: core.tracked[VM] === 1,
      isSnapshot: core.snapshotFromBytes[0]! >= 0,
      markCount: core.markCount[VM]!,
      resyncCount: core.resyncStartCount[VM]!,
    };
  }

  /** Does to the disks what the step has decided. */
  #follow(had: Held, input: Input, before: Phase, nowMs: Millis): void {
    const has = this.#held();
    // A mark and the start of its resynchronization may be one step: new logs follow those that are dropped.
    const isMarked = has.markCount > had.markCount;
    if (had.isTracked && (isMarked || !has.isTracked)) this.#dropLogs();
    if (has.isTracked && (isMarked || !had.isTracked)) for (const disk of this.disks) disk.cut();
    if (input === Input.intervalElapsed) this.#cut(nowMs);
    if (input === Input.transferDone && before === Phase.sending) this.#later(this.#sender.dropSet());
    const { snapshotBlockBytes, chunkBytes } = this.core.policy.rules;
    const isResyncOver = input === Input.transferDone && before === Phase.resyncing;
    if (isResyncOver || (had.isSnapshot && !has.isSnapshot)) this.#thaw();
    if (has.resyncCount > had.resyncCount) this.#beginCopy('resync', chunkBytes);
    else if (has.isSnapshot && !had.isSnapshot) this.#beginCopy('initial', snapshotBlockBytes);
  }

  #cut(nowMs: Millis): void {
    const fileBytes = this.openLogBytes;
    const closing = this.disks.map((disk) => disk.cut()!());
    this.#sender.takeSet(nowMs, closing, fileBytes);
  }

  #dropLogs(): void {
    for (const disk of this.disks) this.#later(disk.dropLog());
    this.#later(this.#sender.dropSet());
  }

  #beginCopy(kind: 'initial' | 'resync', blockBytes: Bytes): void {
    this.#thaw();
    for (const disk of this.disks) disk.freeze(blockBytes);
    this.#sender.beginCopy(kind);
  }

  #thaw(): void {
    for (const disk of this.disks) this.#later(disk.dropView());
  }

  /** What is under way on the disks, and need not be waited for. */
  #later(work: Promise<void>): void {
    const upkeep = this.#upkeep;
    this.#upkeep = work.then(
      () => upkeep,
      (error: unknown) => {
        this.#defects.push(error);
        return upkeep;
      },
    );
  }

  #carryOut(): void {
    const { guest: effect, upload } = this.core.effects;
    const { guest } = this.#options;
    if (effect === GuestEffect.stop) guest?.stop();
    if (effect === GuestEffect.start) guest?.start();
    if (upload !== TransferKind.none) this.#startTransfer(upload);
  }

  #startTransfer(kind: TransferKind): void {
    const { clock, observer } = this.#options;
    const { core } = this;
    const id = core.transferId[VM]!;
    const previous = this.#lastTransfer;
    const broken = new AbortController();
    this.#transfer = broken;
    this.#transferFromBytes = this.#sender.sentChunkBytes;
    this.#lastTransfer = clock.run(async () => {
      await previous;
      if (broken.signal.aborted) return;
      observer?.transfer?.(kind, true, clock.nowMs());
      const failure = await this.#send(kind, broken.signal).then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
      observer?.transfer?.(kind, false, clock.nowMs());
      // It was given up meanwhile: whatever came of it, nobody waits for its answer.
      if (broken.signal.aborted || core.transferId[VM] !== id) return;
      this.#soon(() => (failure === undefined ? this.#feed(Input.transferDone) : this.#sendingFailed(failure.error)));
    });
  }

  #send(kind: TransferKind, signal: AbortSignal): Promise<void> {
    const { core } = this;
    if (kind === TransferKind.initial) {
      return this.#sender.sendDisk(core.seedingDisk[VM]!, core.snapshotAtMs[VM]!, signal);
    }
    if (kind === TransferKind.resync) return this.#sender.resynchronize(core.resyncStartedAtMs[VM]!, signal);
    return this.#sender.sendSet(core.pointCount[VM]! > 0 ? pointAtMs(core, VM, 0) : null, signal);
  }

  #sendingFailed(error: unknown): void {
    this.#options.observer?.failed?.(error);
    const failure = transferFailureOf(error);
    if (failure === undefined) {
      this.#defects.push(error);
      return;
    }
    // Only a set of logs can be out of sequence; a copy that the replica does not know any more begins anew.
    const isSet = this.core.phase[VM] === Phase.sending;
    if (failure.input === Input.resyncRequired && !isSet) this.#feed(Input.transferFailed, CAUSES.networkError.code);
    else this.#feed(failure.input, failure.cause);
  }

  #endTransfer(): void {
    if (this.#transfer === undefined) return;
    this.#transfer.abort();
    this.#transfer = undefined;
    this.#options.breakOff?.();
  }

  /** Of the transfer that flows, compressed by the policy's ratio. */
  #goneOutBytes(): Bytes {
    const { goneOutBytes } = this.#options;
    if (goneOutBytes !== undefined) return goneOutBytes();
    return (this.#sender.sentChunkBytes - this.#transferFromBytes) * this.core.compressionRatio[VM]!;
  }

  #logBroken(error: unknown): void {
    this.#soon(() => {
      this.#options.observer?.failed?.(error);
      if (this.core.tracked[VM] === 0 || refusalOf(this.core, VM, Input.resyncRequired) !== null) return;
      this.#feed(Input.resyncRequired, CAUSES.logWriteFailed.code);
    });
  }

  #logMayBeHalf(): void {
    const { core } = this;
    if (core.tracked[VM] === 1 && isLegal(core.phase[VM] as Phase, Input.logHalfDue)) this.#feed(Input.logHalfDue);
  }

  #armAlarm(): void {
    const { clock } = this.#options;
    const atMs = this.core.wakeAtMs[VM]!;
    if (atMs === this.#alarmAtMs) return;
    this.#alarm?.abort();
    this.#alarmAtMs = atMs;
    if (atMs === Number.POSITIVE_INFINITY || this.#isClosed) return;
    const alarm = new AbortController();
    this.#alarm = alarm;
    // What completes at the same instant comes first (semantics 13).
    void clock.run(async () => {
      await clock.until(atMs, alarm.signal, true);
      if (alarm.signal.aborted) return;
      this.#alarmAtMs = Number.POSITIVE_INFINITY;
      this.#soon(() => {
        // It may have changed since.
        if (this.core.wakeAtMs[VM] === atMs) this.#feed(this.core.wakeInput[VM] as Input);
        else this.#armAlarm();
      });
    });
  }
}

/** See {@link Primary.#held}. */
interface Held {
  readonly isTracked: boolean;
  readonly isSnapshot: boolean;
  readonly markCount: number;
  readonly resyncCount: number;
}
