import { CAUSES } from '../model/cause.ts';
import { windowSpans } from '../model/clock.ts';
import { settingsOf } from '../model/policy.ts';
import type { Run } from '../model/run.ts';
import { meanBytesPerSec, type Vm } from '../model/workload.ts';
import { createCore, GuestEffect, type ReplicationCore, TransferKind } from '../replication/columns.ts';
import { Input, Phase } from '../replication/lifecycle.ts';
import { refusalOf } from '../replication/refusal.ts';
import { step } from '../replication/step.ts';
import type { Bytes, Millis } from '../units.ts';
import { ChurnIntegral, type RatedWrites } from './churn-integral.ts';
import { EventLog } from './event-log.ts';
import { cutPhaseMs, type OrderedFleet, orderFleet } from './fleet.ts';
import { GuestWrites } from './guest-writes.ts';
import { Guests } from './guests.ts';
import { Hindrances } from './hindrances.ts';
import { IndexedHeap, noPositions } from './indexed-heap.ts';
import { monitoringFromMs, snapped } from './instants.ts';
import { ORDER_OF_WAKE, Order } from './order.ts';
import { Recorder } from './recorder.ts';
import type { RunResult } from './result.ts';
import { type SiteChange, siteChanges } from './site-changes.ts';
import { summarize } from './summarize.ts';
import { niceBucketMs, TrafficMeter } from './traffic-meter.ts';
import { Transfers } from './transfers.ts';
import { VolumeWatch } from './volume-watch.ts';

export interface SimulateOptions {
  /** Called now and then with the instant that the run has come to; for a progress bar. */
  readonly onProgress?: (atMs: Millis) => void;
  /**
   * Only what decides the objectives: the result has no space, no series and no phases, and comes sooner. For searches that
   * run the simulation many times.
   */
  readonly objectivesOnly?: boolean;
  /** Stop as soon as a recovery point's age after a first delta was larger: the answer is no. */
  readonly stopAboveAgeMs?: Millis;
  /** Sees every step from outside; for transcripts and checkers. */
  readonly observer?: SimulationObserver;
}

/** Watches a simulation. It must not change anything. */
export interface SimulationObserver {
  /** Before the first step. VMs are numbered as in `vmNames`, their disks as in the core. */
  started?(core: ReplicationCore, vmNames: readonly string[]): void;
  /** After each step, before its effects are carried out. */
  stepped?(step: ObservedStep): void;
  /** A VM's transfer begins to flow, or has ended. */
  transfer?(vm: number, flows: boolean, nowMs: Millis): void;
}

export interface ObservedStep {
  readonly vm: number;
  readonly input: Input;
  readonly before: Phase;
  readonly after: Phase;
  readonly nowMs: Millis;
  /** Code of the cause that was fed with the input; 0 = none. */
  readonly cause: number;
}

/**
 * Runs the replication core over a fleet in virtual time: wakes, the shared link, the hosts' slots, volumes, faults and
 * administrators' actions are its world.
 *
 *     VM's wake ──┐                         ┌─▶ abort, guest, upload ─▶ host's slots ─▶ network ──┐
 *     site change ┼─▶ input ─▶ core.step ───┤                                                    │
 *     completion ─┘     ▲                   └─▶ wake                                              │
 *                       └───────────────────────── completion ◀───────────────────────────────────┘
 *
 * Deterministic: the same run gives the same result to the byte.
 */
export function simulate(run: Run, options: SimulateOptions = {}): RunResult {
  const simulation = new Simulation(run, options);
  simulation.protectAll();
  simulation.toHorizon();
  return simulation.result();
}

const TRAFFIC_BUCKETS_MOST = 2016;
const PROGRESS_EVENTS = 20_000;

class Simulation {
  readonly #run: Run;
  readonly #options: SimulateOptions;
  readonly #fleet: OrderedFleet;
  readonly #churn: ChurnIntegral;
  readonly #writes: RatedWrites;
  readonly #guests: Guests;
  readonly #core: ReplicationCore;
  readonly #recorder: Recorder;
  readonly #traffic: TrafficMeter;
  readonly #transfers: Transfers;
  readonly #wakes: IndexedHeap;
  readonly #wakeOrders: Uint8Array;
  readonly #changes: readonly SiteChange[];
  readonly #eventLog: EventLog;
  /** Absent where no volume can run low. */
  readonly #volumes: VolumeWatch | undefined;
  /** VMs whose Enable protection will fail. */
  readonly #missingPrerequisite: ReadonlySet<number>;
  readonly #enableAtMs: readonly Millis[];
  readonly #hindrances: Hindrances;
  #nextChange = 0;
  #eventCount = 0;

  constructor(run: Run, options: SimulateOptions) {
    const { policy, site } = run;
    const { horizonMs, growthRatio } = run.options;
    this.#run = run;
    this.#options = options;
    this.#fleet = orderFleet(run.workload, cutPhases(run));
    const { vms } = this.#fleet.workload;
    const disks = vms.flatMap((vm) => vm.disks);
    const names = vms.map((vm) => vm.name);
    const settings = settingsOf(policy, names);
    this.#churn = new ChurnIntegral(
      disks.map((disk) => disk.churn),
      growthRatio,
    );
    const guestWrites = run.events.length > 0 ? new GuestWrites(this.#churn, disks.length) : undefined;
    this.#writes = guestWrites ?? this.#churn;
    this.#core = createCore(this.#fleet.workload, policy, {
      writes: this.#writes,
      resyncSpans: windowSpans(run.workload.clock, policy.resyncWindow, horizonMs),
      cutPhaseMs: this.#fleet.cutPhaseMs,
      existingWrittenBytes: existingWrittenBytes(run, vms),
    });
    this.#guests = new Guests(this.#core, guestWrites);
    this.#changes = siteChanges(run, vms);
    this.#eventLog = new EventLog(run.events, names);
    const detail = options.objectivesOnly !== true;
    this.#recorder = new Recorder(this.#core, this.#writes, this.#fleet.workload, site, {
      horizonMs,
      rpoTargetMs: run.options.rpoTargetMs,
      monitoringFromMs: monitoringFromMs(run),
      detail,
      watchSpace: canRunLow(run),
    });
    const space = this.#recorder.space;
    this.#volumes = space !== undefined && canRunLow(run) ? new VolumeWatch(this.#core, space, site) : undefined;
    this.#traffic = new TrafficMeter(horizonMs, niceBucketMs(horizonMs, TRAFFIC_BUCKETS_MOST));
    this.#transfers = new Transfers(vms, site, policy, this.#traffic);
    this.#wakeOrders = new Uint8Array(vms.length);
    this.#wakes = new IndexedHeap(this.#core.wakeAtMs, this.#wakeOrders, noPositions(vms.length));
    const missing = new Set(policy.overrides.flatMap((own) => (own.missingPrerequisite === undefined ? [] : [own.vm])));
    this.#missingPrerequisite = new Set(names.flatMap((name, vm) => (missing.has(name) ? [vm] : [])));
    this.#enableAtMs = settings.map((own) => own.initialReplication.enableAtMs);
    this.#hindrances = new Hindrances(vms.length, this.#volumes);
    options.observer?.started?.(this.#core, names);
  }

  /** Every VM is enabled at 0, or taken as protected (semantics 6); batches come later, as changes of the site. */
  protectAll(): void {
    for (let vm = 0; vm < this.#core.vmCount; vm++) {
      const adopts = this.#run.options.skipInitialReplication && !this.#missingPrerequisite.has(vm);
      if (adopts) this.#feed(vm, Input.adopted, 0);
      else if (this.#enableAtMs[vm]! <= 0) this.#feed(vm, Input.enabled, 0);
    }
    this.#startTransfers(0);
  }

  /** Events before the horizon, and the completions at it (decision 0002, 14). */
  toHorizon(): void {
    const { horizonMs } = this.#run.options;
    const { onProgress, stopAboveAgeMs = Number.POSITIVE_INFINITY } = this.#options;
    let nowMs = 0;
    for (;;) {
      const completionAtMs = Math.max(nowMs, snapped(this.#transfers.nextCompletionAtMs));
      const vm = this.#wakes.first;
      const wakeAtMs = vm < 0 ? Number.POSITIVE_INFINITY : Math.max(nowMs, this.#wakeInstant(vm));
      const change = this.#changes[this.#nextChange];
      const changeAtMs = change?.atMs ?? Number.POSITIVE_INFINITY;
      const lookAtMs = this.#volumes?.nextLookAtMs ?? Number.POSITIVE_INFINITY;
      const atMs = Math.min(completionAtMs, wakeAtMs, changeAtMs, lookAtMs);
      if (atMs > horizonMs || atMs === Number.POSITIVE_INFINITY) break;
      const wakeOrder = wakeAtMs === atMs ? this.#wakeOrders[vm]! : Number.POSITIVE_INFINITY;
      const changeOrder = changeAtMs === atMs ? change!.order : Number.POSITIVE_INFINITY;
      const completes = completionAtMs === atMs;
      if (atMs === horizonMs && !completes && Math.min(wakeOrder, changeOrder) > Order.completion) break;
      while (this.#recorder.nextSampleAtMs <= atMs && this.#recorder.nextSampleAtMs < horizonMs)
        this.#recorder.sample();
      nowMs = atMs;
      if (completes) this.#complete(nowMs);
      else if (changeOrder < wakeOrder) this.#change(change!, nowMs);
      else if (wakeOrder < Order.volume) this.#wake(vm, nowMs);
      else this.#lookAtVolume(nowMs);
      this.#startTransfers(nowMs);
      this.#eventCount++;
      if (this.#recorder.worstSteadyAgeMs > stopAboveAgeMs) break;
      if (this.#eventCount % PROGRESS_EVENTS === 0) onProgress?.(nowMs);
    }
  }

  /** The end of a merge is a completion like a transfer's; the half-disk instant must not come before it has come. */
  #wakeInstant(vm: number): Millis {
    const atMs = this.#core.wakeAtMs[vm]!;
    return this.#wakeOrders[vm] === Order.completion ? snapped(atMs) : atMs;
  }

  result(): RunResult {
    this.#transfers.finish(this.#run.options.horizonMs);
    this.#recorder.finish();
    return summarize({
      run: this.#run,
      fleet: this.#fleet,
      core: this.#core,
      churn: this.#churn,
      writes: this.#writes,
      recorder: this.#recorder,
      traffic: this.#traffic,
      sentBytes: this.#transfers.sentBytes,
      events: this.#eventLog.results(),
      shortages: this.#volumes?.shortages() ?? [],
      monitoringFromMs: monitoringFromMs(this.#run),
      eventCount: this.#eventCount,
    });
  }

  #complete(nowMs: Millis): void {
    const vm = this.#transfers.complete(nowMs);
    this.#options.observer?.transfer?.(vm, false, nowMs);
    this.#feed(vm, Input.transferDone, nowMs);
  }

  #wake(vm: number, nowMs: Millis): void {
    const input = this.#core.wakeInput[vm] as Input;
    if (input === Input.enableDone && this.#missingPrerequisite.has(vm)) {
      this.#feed(vm, Input.fatalError, nowMs, CAUSES.prerequisiteMissing.code);
    } else this.#feed(vm, input, nowMs);
  }

  #change({ event, what }: SiteChange, nowMs: Millis): void {
    this.#nextChange++;
    switch (what.kind) {
      case 'link':
        this.#hindrances.isLinkUp = what.up;
        if (!what.up) this.#failFlowing(CAUSES.networkError.code, nowMs);
        break;
      case 'capacity':
        this.#transfers.setCapacity(what.bytesPerMs, nowMs);
        break;
      case 'block':
        this.#block(what.vms, what.cause, what.on, nowMs);
        this.#eventLog.applied(event, what.on ? what.vms.length : 0);
        break;
      case 'host':
        this.#hostChange(what.vms, what.down, nowMs);
        this.#eventLog.applied(event, what.down ? what.vms.length : 0);
        break;
      case 'volume': {
        const concerned = this.#volumes?.take(what.volume, what.host, what.bytes, nowMs) ?? 0;
        this.#eventLog.applied(event, what.bytes > 0 ? concerned : 0);
        break;
      }
      case 'input':
        for (const vm of what.vms) this.#strike(vm, what.input, what.cause, event, nowMs);
        break;
      case 'refuse':
        for (const vm of what.vms) this.#eventLog.refused(event, vm, what.reason);
        break;
      default:
        what satisfies never;
    }
  }

  /** A fault's or an administrator's input, where the VM's phase allows it. */
  #strike(vm: number, input: Input, cause: number, event: number, nowMs: Millis): void {
    const refusal = refusalOf(this.#core, vm, input);
    if (refusal !== null) {
      this.#eventLog.refused(event, vm, refusal);
      return;
    }
    this.#eventLog.applied(event, 1);
    this.#feed(vm, input, nowMs, cause);
    // Who waits for a slot must not start while another VM of the same event is still to be struck.
    this.#startTransfers(nowMs);
  }

  #failFlowing(cause: number, nowMs: Millis): void {
    for (let vm = 0; vm < this.#core.vmCount; vm++) this.#failTransfer(vm, cause, nowMs);
  }

  #failTransfer(vm: number, cause: number, nowMs: Millis): void {
    if (this.#transfers.isFlowing(vm)) this.#feed(vm, Input.transferFailed, nowMs, cause);
  }

  /** All are held up before the first of them fails: who is admitted in its place must not start either. */
  #block(vms: readonly number[], cause: number, on: boolean, nowMs: Millis): void {
    for (const vm of vms) this.#hindrances.block(vm, cause, on);
    if (on) for (const vm of vms) this.#failTransfer(vm, cause, nowMs);
  }

  /** A host that goes down stops its guests, fails their transfers and leaves their logs unclosed (decision 0005, 41). */
  #hostChange(vms: readonly number[], down: boolean, nowMs: Millis): void {
    for (const vm of vms) {
      this.#guests.hostDown(vm, down);
      this.#updateGuest(vm, nowMs);
    }
    this.#block(vms, CAUSES.networkError.code, down, nowMs);
    if (!down) return;
    for (const vm of vms) if (this.#core.atTarget[vm] === 0) this.#mark(vm, CAUSES.logNotClosed.code, nowMs);
  }

  /** Something that logs cannot repair has happened to a VM with logs. */
  #mark(vm: number, cause: number, nowMs: Millis): void {
    if (this.#core.tracked[vm] === 0 || refusalOf(this.#core, vm, Input.resyncRequired) !== null) return;
    this.#feed(vm, Input.resyncRequired, nowMs, cause);
  }

  #lookAtVolume(nowMs: Millis): void {
    const { low, full } = this.#volumes!.look(nowMs);
    for (const vm of low) this.#failTransfer(vm, CAUSES.lowDiskSpace.code, nowMs);
    for (const vm of full) this.#mark(vm, CAUSES.logWriteFailed.code, nowMs);
  }

  /** One input, its effects, its wake: the host's contract of the core. */
  #feed(vm: number, input: Input, nowMs: Millis, cause = 0): void {
    const core = this.#core;
    const transfers = this.#transfers;
    const before = core.phase[vm] as Phase;
    const goneOutBytes = input === Input.transferDone ? 0 : transfers.goneOutBytes(vm, nowMs);
    if (input === Input.transferFailed) this.#endFlow(vm, nowMs);
    this.#recorder.beforeStep(vm, input, nowMs);
    step(core, vm, input, nowMs, goneOutBytes, cause);
    this.#recorder.afterStep(vm, before, input, nowMs);
    this.#options.observer?.stepped?.({ vm, input, before, after: core.phase[vm] as Phase, nowMs, cause });
    const { abort, guest, upload } = core.effects;
    if (abort) this.#endFlow(vm, nowMs);
    if (guest !== GuestEffect.none) this.#guests.shutDown(vm, guest === GuestEffect.stop);
    if (guest !== GuestEffect.none || movesGuest(before) || movesGuest(core.phase[vm] as Phase)) {
      this.#updateGuest(vm, nowMs);
    }
    if (upload !== TransferKind.none) {
      // A transfer that was given up must not keep its place in the line.
      if (abort) transfers.release(vm);
      transfers.request(vm, core.effects);
    } else if (abort || input === Input.transferDone || input === Input.transferFailed) transfers.release(vm);
    if (core.phase[vm] !== before) this.#volumes?.mayGrow(vm, nowMs);
    this.#wakeOrders[vm] = ORDER_OF_WAKE[core.wakeInput[vm] as Input];
    this.#wakes.place(vm);
  }

  #endFlow(vm: number, nowMs: Millis): void {
    if (!this.#transfers.isFlowing(vm)) return;
    this.#transfers.breakOff(vm, nowMs);
    this.#options.observer?.transfer?.(vm, false, nowMs);
  }

  #updateGuest(vm: number, nowMs: Millis): void {
    if (this.#guests.update(vm, nowMs)) this.#volumes?.mayGrow(vm, nowMs);
  }

  /** Transfers that hold a slot begin to flow; where something holds them up every attempt fails at once (semantics 19). */
  #startTransfers(nowMs: Millis): void {
    const { starting } = this.#transfers;
    for (let i = 0; i < starting.length; i++) {
      const vm = starting[i]!;
      if (!this.#transfers.isToStart(vm)) continue;
      const cause = this.#hindrances.causeFor(vm, nowMs);
      if (cause !== 0) this.#feed(vm, Input.transferFailed, nowMs, cause);
      else {
        this.#transfers.start(vm, nowMs);
        this.#options.observer?.transfer?.(vm, true, nowMs);
      }
    }
    starting.length = 0;
  }
}

/** Phase of each VM's cuts, in the order of the workload that was given (semantics 12). */
function cutPhases({ workload, policy, options }: Run): Millis[] {
  const names = workload.vms.map(({ name }) => name);
  if (policy.alignedCuts) return names.map(() => 0);
  return settingsOf(policy, names).map(({ copyFrequencyMs }, vm) => cutPhaseMs(names[vm]!, options.seed, copyFrequencyMs));
}

/** Phases into and out of which the guest may change the side on which it runs. */
function movesGuest(phase: Phase): boolean {
  return phase === Phase.failedOver || phase === Phase.unprotected;
}

/** What was written to each disk since the copy was taken that lies at the target already (decision 0005, 26). */
function existingWrittenBytes({ policy, options }: Run, vms: readonly Vm[]): Bytes[] {
  const settings = settingsOf(
    policy,
    vms.map(({ name }) => name),
  );
  return vms.flatMap((vm, v) => {
    const { existingAgeMs } = settings[v]!.initialReplication;
    return vm.disks.map((disk) =>
      Math.round((meanBytesPerSec(disk.churn) * (1 + options.growthRatio) * existingAgeMs) / 1000),
    );
  });
}

/** Whether the site or a fault names how much is free anywhere. */
function canRunLow({ site, events }: Run): boolean {
  return (
    site.volumes.some(({ freeBytes }) => freeBytes !== undefined) || events.some(({ kind }) => kind === 'volumeTaken')
  );
}
