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
import { ConstraintRecorder } from './constraint-recorder.ts';
import { EventLog } from './event-log.ts';
import { cutPhaseMs, type OrderedFleet, orderFleet } from './fleet.ts';
import { GuestWrites } from './guest-writes.ts';
import { Guests } from './guests.ts';
import { Hindrances } from './hindrances.ts';
import { monitoringFromMs, snapped } from './instants.ts';
import { Order } from './order.ts';
import { RecordedPlaces } from './recorded-places.ts';
import { Recorder } from './recorder.ts';
import type { RunResult } from './result.ts';
import { type SiteChange, siteChanges } from './site-changes.ts';
import { summarize } from './summarize.ts';
import { SITE_LINK, Topology } from './topology.ts';
import { niceBucketMs, TrafficMeter } from './traffic-meter.ts';
import { Transfers } from './transfers.ts';
import { VolumeWatch } from './volume-watch.ts';
import { Wakes } from './wakes.ts';

export interface SimulateOptions {
  /** Called now and then with the instant that the run has come to; for a progress bar. */
  readonly onProgress?: (atMs: Millis) => void;
  /**
   * Only what decides the objectives: the result has no space, no series and no phases, and comes sooner. For searches that
   * run the simulation many times.
   */
  readonly objectivesOnly?: boolean;
  /** Stop as soon as a recovery point's age after a first delta was larger: the answer is no. Ages in the result are those until then. */
  readonly stopAboveAgeMs?: Millis;
  /** Ages, beside the run's own target, for which the share of the time within them is counted exactly: `RpoStats.within`. */
  readonly withinMs?: readonly Millis[];
  /** Phase of a VM's cuts by its name, for comparisons in which it must not be drawn anew. */
  readonly cutPhaseMs?: (vm: string) => Millis;
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

/**
 * The same without a result, for one who watches: many short runs of a large fleet take most of their time to be summed up. Nothing is kept
 * in detail, and `onProgress` is not called.
 */
export function watchRun(
  run: Run,
  observer: SimulationObserver,
  options: Pick<SimulateOptions, 'stopAboveAgeMs' | 'cutPhaseMs'> = {},
): void {
  const simulation = new Simulation(run, { ...options, observer, objectivesOnly: true });
  simulation.protectAll();
  simulation.toHorizon();
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
  readonly #topology: Topology;
  /** Absent without detail. */
  readonly #traffic: TrafficMeter | undefined;
  readonly #transfers: Transfers;
  readonly #constraints: ConstraintRecorder | undefined;
  readonly #wakes: Wakes;
  readonly #changes: readonly SiteChange[];
  readonly #eventLog: EventLog;
  /** Absent where no volume can run low. */
  readonly #volumes: VolumeWatch | undefined;
  /** VMs whose Enable protection will fail. */
  readonly #missingPrerequisite: ReadonlySet<number>;
  readonly #enableAtMs: readonly Millis[];
  readonly #hindrances: Hindrances;
  #nextChange = 0;
  #nextEdgeMs: Millis;
  #eventCount = 0;
  /** The horizon, or when the run was given up. */
  #endMs: Millis;

  constructor(run: Run, options: SimulateOptions) {
    const { policy, site } = run;
    const { horizonMs, growthRatio } = run.options;
    this.#run = run;
    this.#endMs = horizonMs;
    this.#options = options;
    this.#fleet = orderFleet(run.workload, cutPhases(run, options));
    const { vms } = this.#fleet.workload;
    this.#topology = new Topology(run, vms);
    const disks = vms.flatMap((vm) => vm.disks);
    const names = vms.map((vm) => vm.name);
    const settings = settingsOf(policy, names);
    this.#churn = new ChurnIntegral(
      disks.map((disk) => disk.churn),
      growthRatio,
    );
    const guestWrites = run.events.length > 0 ? new GuestWrites(this.#churn, disks.length) : undefined;
    this.#writes = guestWrites ?? this.#churn;
    const places = RecordedPlaces.of(disks, this.#churn);
    this.#core = createCore(this.#fleet.workload, policy, {
      writes: this.#writes,
      ...(places === undefined ? {} : { places }),
      resyncSpans: windowSpans(run.workload.clock, policy.resyncWindow, horizonMs),
      cutPhaseMs: this.#fleet.cutPhaseMs,
      existingWrittenBytes: existingWrittenBytes(run, vms),
      mergeBytesPerSec: this.#topology.mergeBytesPerSec(vms),
    });
    this.#guests = new Guests(this.#core, guestWrites);
    this.#changes = siteChanges(run, this.#fleet, this.#topology);
    this.#eventLog = new EventLog(run.events, names);
    const detail = options.objectivesOnly !== true;
    this.#recorder = new Recorder(this.#core, this.#writes, this.#fleet.workload, site, {
      horizonMs,
      rpoTargetMs: run.options.rpoTargetMs,
      withinMs: options.withinMs ?? [],
      monitoringFromMs: monitoringFromMs(run),
      detail,
      watchSpace: canRunLow(run),
    });
    const space = this.#recorder.space;
    this.#volumes = space !== undefined && canRunLow(run) ? new VolumeWatch(this.#core, space, site) : undefined;
    this.#traffic = detail ? trafficMeter(horizonMs, this.#recorder.bucketMs, this.#topology) : undefined;
    this.#transfers = new Transfers(run, this.#topology, this.#core, this.#fleet, this.#traffic);
    this.#constraints = detail
      ? new ConstraintRecorder(this.#core, this.#transfers, this.#recorder.bucketMs, horizonMs)
      : undefined;
    this.#wakes = new Wakes(this.#core);
    const missing = new Set(policy.overrides.flatMap((own) => (own.missingPrerequisite === undefined ? [] : [own.vm])));
    this.#missingPrerequisite = new Set(names.flatMap((name, vm) => (missing.has(name) ? [vm] : [])));
    this.#enableAtMs = settings.map((own) => own.initialReplication.enableAtMs);
    this.#hindrances = new Hindrances(this.#transfers, vms.length, this.#volumes);
    this.#nextEdgeMs = this.#findNextEdgeMs();
    options.observer?.started?.(this.#core, names);
  }

  /** Every VM is enabled at 0, or taken as protected (semantics 6); batches come later, as changes of the site. */
  protectAll(): void {
    for (const vm of this.#fleet.byName) {
      const adopts = this.#run.options.skipInitialReplication && !this.#missingPrerequisite.has(vm);
      if (adopts) this.#feed(vm, Input.adopted, 0);
      else if (this.#enableAtMs[vm]! <= 0) this.#feed(vm, Input.enabled, 0);
    }
    this.#startTransfers(0);
  }

  /** Events before the horizon, and the completions at it (decision 0002, 14). */
  toHorizon(): void {
    const { onProgress, stopAboveAgeMs = Number.POSITIVE_INFINITY } = this.#options;
    const transfers = this.#transfers;
    const wakes = this.#wakes;
    const recorder = this.#recorder;
    let nowMs = 0;
    let quietUntilMs = this.#quietUntilMs();
    for (;;) {
      const completionAtMs = Math.max(nowMs, snapped(transfers.nextCompletionAtMs));
      wakes.look(nowMs);
      if (completionAtMs < quietUntilMs || wakes.atMs < quietUntilMs) {
        // Nearly always: nothing but the VMs' own cuts, arrivals and deadlines, of which completions come first.
        if (completionAtMs <= wakes.atMs) {
          nowMs = completionAtMs;
          this.#complete(nowMs);
        } else {
          nowMs = wakes.atMs;
          this.#wake(wakes.take(), nowMs);
        }
      } else {
        const atMs = this.#stepAside(completionAtMs, nowMs);
        if (atMs === undefined) break;
        nowMs = atMs;
      }
      this.#startTransfers(nowMs);
      // A step may have let a volume come nearer to its limit.
      if (nowMs >= quietUntilMs || this.#volumes !== undefined) quietUntilMs = this.#quietUntilMs();
      this.#eventCount++;
      if (recorder.worstSteadyAgeMs > stopAboveAgeMs) {
        this.#endMs = nowMs;
        break;
      }
      if (this.#eventCount % PROGRESS_EVENTS === 0) onProgress?.(nowMs);
    }
  }

  /** The instant before which only VMs' own events come: no change of the site, no end of a bucket, no look at a volume. */
  #quietUntilMs(): Millis {
    const changeAtMs = this.#changes[this.#nextChange]?.atMs ?? Number.POSITIVE_INFINITY;
    const lookAtMs = this.#volumes?.nextLookAtMs ?? Number.POSITIVE_INFINITY;
    return Math.min(changeAtMs, lookAtMs, this.#nextEdgeMs, this.#run.options.horizonMs);
  }

  /** One event where others than the VMs' own may come. @returns its instant; undefined where the run is at its end */
  #stepAside(completionAtMs: Millis, beforeMs: Millis): Millis | undefined {
    const { horizonMs } = this.#run.options;
    const wakes = this.#wakes;
    const change = this.#changes[this.#nextChange];
    const changeAtMs = change?.atMs ?? Number.POSITIVE_INFINITY;
    const lookAtMs = this.#volumes?.nextLookAtMs ?? Number.POSITIVE_INFINITY;
    const atMs = Math.min(completionAtMs, wakes.atMs, changeAtMs, lookAtMs);
    if (atMs > horizonMs || atMs === Number.POSITIVE_INFINITY) return undefined;
    const wakeOrder = wakes.atMs === atMs ? wakes.order : Number.POSITIVE_INFINITY;
    const changeOrder = changeAtMs === atMs ? change!.order : Number.POSITIVE_INFINITY;
    const completes = completionAtMs === atMs;
    if (atMs === horizonMs && !completes && Math.min(wakeOrder, changeOrder) > Order.completion) return undefined;
    if (this.#nextEdgeMs <= atMs) this.#passEdges(atMs);
    const nowMs = Math.max(beforeMs, atMs);
    if (completes) this.#complete(nowMs);
    else if (changeOrder < wakeOrder) this.#change(change!, nowMs);
    else if (wakeOrder < Order.volume) this.#wake(wakes.take(), nowMs);
    else this.#lookAtVolume(nowMs);
    return nowMs;
  }

  /** Ends of buckets of the series up to an instant: what has flowed or held until then belongs to the bucket that ends. */
  #passEdges(untilMs: Millis): void {
    const { horizonMs } = this.#run.options;
    while (this.#nextEdgeMs <= untilMs && this.#nextEdgeMs < horizonMs) {
      const edgeMs = this.#nextEdgeMs;
      if (this.#traffic?.nextEdgeMs === edgeMs) {
        this.#transfers.meterAll(edgeMs);
        this.#traffic.passEdge(this.#transfers.fullMs(SITE_LINK, edgeMs));
      }
      if (this.#recorder.nextSampleAtMs === edgeMs) {
        this.#recorder.sample();
        this.#constraints?.closeBucket();
      }
      this.#nextEdgeMs = this.#findNextEdgeMs();
    }
  }

  #findNextEdgeMs(): Millis {
    return Math.min(this.#recorder.nextSampleAtMs, this.#traffic?.nextEdgeMs ?? Number.POSITIVE_INFINITY);
  }

  result(): RunResult {
    const { horizonMs } = this.#run.options;
    this.#passEdges(horizonMs);
    this.#constraints?.closeBucket();
    this.#traffic?.noteFull(this.#transfers.fullMs(SITE_LINK, horizonMs));
    this.#transfers.finish(horizonMs);
    this.#recorder.finish(this.#endMs);
    return summarize({
      run: this.#run,
      fleet: this.#fleet,
      topology: this.#topology,
      core: this.#core,
      churn: this.#churn,
      writes: this.#writes,
      recorder: this.#recorder,
      traffic: this.#traffic,
      transfers: this.#transfers,
      constraints: this.#constraints,
      events: this.#eventLog.results(),
      shortages: this.#volumes?.shortages() ?? [],
      monitoringFromMs: monitoringFromMs(this.#run),
      eventCount: this.#eventCount,
    });
  }

  #complete(nowMs: Millis): void {
    const vm = this.#transfers.complete(nowMs);
    if (this.#transfers.isApplying(vm)) {
      this.#constraints?.note(vm, nowMs);
      return;
    }
    this.#options.observer?.transfer?.(vm, false, nowMs);
    this.#feed(vm, Input.transferDone, nowMs);
  }

  /** @param vm −1 where a boundary has come to a VM that does not cut */
  #wake(vm: number, nowMs: Millis): void {
    if (vm < 0) return;
    const input = this.#core.wakeInput[vm] as Input;
    if (input === Input.enableDone && this.#missingPrerequisite.has(vm)) {
      this.#feed(vm, Input.fatalError, nowMs, CAUSES.prerequisiteMissing.code);
    } else this.#feed(vm, input, nowMs);
  }

  #change({ event, what }: SiteChange, nowMs: Millis): void {
    this.#nextChange++;
    switch (what.kind) {
      case 'link':
        this.#transfers.linkDown(what.line, !what.up);
        if (!what.up) this.#failFlowsOver(what.line, nowMs);
        break;
      case 'capacity':
        this.#transfers.setCapacity(what.line, what.bytesPerMs, what.hold, nowMs);
        break;
      case 'move':
        this.#move(what.vms, what.toHost, nowMs);
        this.#eventLog.applied(event, what.vms.length);
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

  #failFlowsOver(line: number, nowMs: Millis): void {
    for (let vm = 0; vm < this.#core.vmCount; vm++) {
      if (this.#transfers.flowsOver(vm, line)) this.#feed(vm, Input.transferFailed, nowMs, CAUSES.networkError.code);
    }
  }

  /** Live migration breaks off what is being sent; all have moved before the first goes on (decision 0006, 5). */
  #move(vms: readonly number[], toHost: number, nowMs: Millis): void {
    for (const vm of vms) {
      // What has arrived is the replica's affair.
      if (this.#transfers.isOnTheWay(vm)) this.#feed(vm, Input.transferFailed, nowMs, CAUSES.networkError.code);
    }
    for (const vm of vms) this.#transfers.move(vm, toHost);
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
    const isCycle = input === Input.intervalElapsed || input === Input.transferDone;
    const goneOutBytes = isCycle ? 0 : transfers.goneOutBytes(vm, nowMs);
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
    this.#wakes.arm(vm);
    this.#constraints?.note(vm, nowMs);
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
    for (let vm = this.#transfers.nextToStart(); vm >= 0; vm = this.#transfers.nextToStart()) {
      const cause = this.#hindrances.causeFor(vm, nowMs);
      if (cause !== 0) this.#feed(vm, Input.transferFailed, nowMs, cause);
      else {
        this.#transfers.start(vm, nowMs);
        this.#constraints?.note(vm, nowMs);
        this.#options.observer?.transfer?.(vm, true, nowMs);
      }
    }
  }
}

/** Phase of each VM's cuts, in the order of the workload that was given (semantics 12). */
function cutPhases({ workload, policy, options }: Run, { cutPhaseMs: phaseOf }: SimulateOptions): Millis[] {
  const names = workload.vms.map(({ name }) => name);
  if (phaseOf !== undefined) return names.map(phaseOf);
  if (policy.alignedCuts) return names.map(() => 0);
  return settingsOf(policy, names).map(({ copyFrequencyMs }, vm) =>
    cutPhaseMs(names[vm]!, options.seed, copyFrequencyMs),
  );
}

function trafficMeter(horizonMs: Millis, hostBucketMs: Millis, { lines, hostNames }: Topology): TrafficMeter {
  const bucketMs = niceBucketMs(horizonMs, TRAFFIC_BUCKETS_MOST);
  return new TrafficMeter(horizonMs, bucketMs, hostBucketMs, lines.length, hostNames.length);
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
