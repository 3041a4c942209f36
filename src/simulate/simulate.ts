import { localMinuteOfDay, localMs, windowSpans } from '../model/clock.ts';
import type { Run } from '../model/run.ts';
import { createCore, type ReplicationCore, TransferKind } from '../replication/columns.ts';
import { MONITORING_INTERVAL_MS, MONITORING_START_MINUTE } from '../replication/health.ts';
import { Input, type Phase } from '../replication/lifecycle.ts';
import { step } from '../replication/step.ts';
import { DAY_MS, MINUTE_MS, type Millis } from '../units.ts';
import { ChurnIntegral } from './churn-integral.ts';
import { cutPhaseMs, type OrderedFleet, orderFleet } from './fleet.ts';
import { HostSlots } from './host-slots.ts';
import { IndexedHeap, noPositions } from './indexed-heap.ts';
import { Network } from './network.ts';
import { Recorder } from './recorder.ts';
import type { RunResult } from './result.ts';
import { summarize } from './summarize.ts';
import { niceBucketMs, TrafficMeter } from './traffic-meter.ts';

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
}

/**
 * Runs the replication core over a fleet in virtual time: wakes, the shared link, the hosts' slots and outages are its world.
 *
 *     VM's wake ──┐                         ┌─▶ abort, upload ─▶ host's slots ─▶ network ──┐
 *     link event ─┼─▶ input ─▶ core.step ───┤                                             │
 *     completion ─┘     ▲                   └─▶ wake                                       │
 *                       └───────────────────────── completion ◀────────────────────────────┘
 *
 * Deterministic: the same run gives the same result to the byte.
 */
export function simulate(run: Run, options: SimulateOptions = {}): RunResult {
  const simulation = new Simulation(run, options);
  simulation.protectAll();
  simulation.toHorizon();
  return simulation.result();
}

/** The order of two things at one instant (semantics 13; decision 0002, 1). */
const Order = { completion: 0, linkDown: 1, linkUp: 2, retry: 3, cut: 4, logHalf: 5 } as const;

const ORDER_OF_WAKE: Readonly<Record<Input, number>> = {
  [Input.enabled]: Order.completion,
  [Input.adopted]: Order.completion,
  [Input.enableDone]: Order.completion,
  [Input.transferDone]: Order.completion,
  [Input.transferFailed]: Order.linkDown,
  [Input.mergeDone]: Order.completion,
  [Input.finalizeDone]: Order.completion,
  [Input.retryDue]: Order.retry,
  [Input.windowOpened]: Order.retry,
  [Input.intervalElapsed]: Order.cut,
  [Input.logHalfDue]: Order.logHalf,
};

const TRAFFIC_BUCKETS_MOST = 2016;
const PROGRESS_EVENTS = 20_000;

class Simulation {
  readonly #run: Run;
  readonly #options: SimulateOptions;
  readonly #fleet: OrderedFleet;
  readonly #writes: ChurnIntegral;
  readonly #core: ReplicationCore;
  readonly #recorder: Recorder;
  readonly #traffic: TrafficMeter;
  readonly #network: Network;
  readonly #slots: HostSlots;
  readonly #wakes: IndexedHeap;
  readonly #wakeOrders: Uint8Array;
  readonly #hostOf: Uint32Array;
  readonly #efficiencyRatio: number;
  readonly #linkChanges: readonly { readonly atMs: Millis; readonly up: boolean }[];
  /** The transfer of each VM, waiting or flowing. */
  readonly #kind: Uint8Array;
  readonly #bytes: Float64Array;
  readonly #capBytesPerMs: Float64Array;
  /** By transfer kind: bytes on the wire of each VM. */
  readonly #sentBytes: readonly Float64Array[];
  /** VMs that hold a slot and whose transfer is to start now. */
  readonly #starting: number[] = [];
  #linkChange = 0;
  #linkUp = true;
  #eventCount = 0;

  constructor(run: Run, options: SimulateOptions) {
    const { policy, site } = run;
    const { horizonMs, seed, growthRatio } = run.options;
    this.#run = run;
    this.#options = options;
    this.#fleet = orderFleet(run.workload);
    const { vms } = this.#fleet.workload;
    const churns = vms.flatMap((vm) => vm.disks.map((disk) => disk.churn));
    this.#writes = new ChurnIntegral(churns, growthRatio);
    this.#core = createCore(this.#fleet.workload, policy, {
      writes: this.#writes,
      resyncSpans: windowSpans(run.workload.clock, policy.resyncWindow, horizonMs),
      cutPhaseMs: vms.map((vm) => (policy.alignedCuts ? 0 : cutPhaseMs(vm.name, seed, policy.copyFrequencyMs))),
    });
    this.#recorder = new Recorder(this.#core, this.#writes, this.#fleet.workload, site, {
      horizonMs,
      rpoTargetMs: run.options.rpoTargetMs,
      monitoringFromMs: monitoringFromMs(run),
      detail: options.objectivesOnly !== true,
    });
    this.#traffic = new TrafficMeter(horizonMs, niceBucketMs(horizonMs, TRAFFIC_BUCKETS_MOST));
    const hosts = [...new Set(vms.map((vm) => vm.host))].sort();
    const hostNumber = new Map(hosts.map((host, h) => [host, h]));
    const hostSite = new Map(site.hosts.map((host) => [host.name, host]));
    this.#hostOf = Uint32Array.from(vms, (vm) => hostNumber.get(vm.host)!);
    this.#network = new Network({
      flowCount: vms.length,
      uplinkBytesPerMs: hosts.map((host) => (hostSite.get(host)?.uplinkBitsPerSec ?? Number.POSITIVE_INFINITY) / 8000),
      capacityBytesPerMs: site.link.capacityBitsPerSec / 8000,
      sink: this.#traffic,
    });
    this.#slots = new HostSlots(
      hosts.map(
        (host) => hostSite.get(host)?.maxActiveTransfers ?? policy.maxActiveTransfers ?? Number.POSITIVE_INFINITY,
      ),
      vms.length,
    );
    this.#wakeOrders = new Uint8Array(vms.length);
    this.#wakes = new IndexedHeap(this.#core.wakeAtMs, this.#wakeOrders, noPositions(vms.length));
    this.#efficiencyRatio = site.link.efficiencyRatio;
    this.#linkChanges = site.link.outages.flatMap((outage) => [
      { atMs: outage.startMs, up: false },
      { atMs: outage.endMs, up: true },
    ]);
    this.#kind = new Uint8Array(vms.length);
    this.#bytes = new Float64Array(vms.length);
    this.#capBytesPerMs = new Float64Array(vms.length);
    this.#sentBytes = Object.values(TransferKind).map(() => new Float64Array(vms.length));
  }

  /** Every VM is enabled at 0, or taken as protected (semantics 6). */
  protectAll(): void {
    const input = this.#run.options.skipInitialReplication ? Input.adopted : Input.enabled;
    for (let vm = 0; vm < this.#core.vmCount; vm++) this.#feed(vm, input, 0, 0);
    this.#startTransfers(0);
  }

  /** Events before the horizon, and the completions at it (decision 0002, 14). */
  toHorizon(): void {
    const { horizonMs } = this.#run.options;
    const { onProgress, stopAboveAgeMs = Number.POSITIVE_INFINITY } = this.#options;
    let nowMs = 0;
    for (;;) {
      const completionAtMs = Math.max(nowMs, snapped(this.#network.nextCompletionAtMs()));
      const vm = this.#wakes.first;
      const wakeAtMs = vm < 0 ? Number.POSITIVE_INFINITY : Math.max(nowMs, this.#wakeInstant(vm));
      const change = this.#linkChanges[this.#linkChange];
      const changeAtMs = change?.atMs ?? Number.POSITIVE_INFINITY;
      const atMs = Math.min(completionAtMs, wakeAtMs, changeAtMs);
      if (atMs > horizonMs || atMs === Number.POSITIVE_INFINITY) break;
      const wakeOrder = wakeAtMs === atMs ? this.#wakeOrders[vm]! : Number.POSITIVE_INFINITY;
      const changeOrder = changeAtMs === atMs ? (change!.up ? Order.linkUp : Order.linkDown) : Number.POSITIVE_INFINITY;
      const completes = completionAtMs === atMs;
      if (atMs === horizonMs && !completes && Math.min(wakeOrder, changeOrder) > Order.completion) break;
      while (this.#recorder.nextSampleAtMs <= atMs && this.#recorder.nextSampleAtMs < horizonMs)
        this.#recorder.sample();
      nowMs = atMs;
      if (completes) this.#complete(nowMs);
      else if (changeOrder < wakeOrder) this.#changeLink(change!.up, nowMs);
      else this.#feed(vm, this.#core.wakeInput[vm] as Input, nowMs, 0);
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
    const { horizonMs } = this.#run.options;
    this.#network.advanceTo(horizonMs);
    for (let vm = 0; vm < this.#core.vmCount; vm++) {
      if (this.#network.isFlowing(vm)) this.#account(vm, this.#network.remove(vm, horizonMs));
    }
    this.#recorder.finish();
    return summarize({
      run: this.#run,
      fleet: this.#fleet,
      core: this.#core,
      writes: this.#writes,
      recorder: this.#recorder,
      traffic: this.#traffic,
      sentBytes: this.#sentBytes,
      monitoringFromMs: monitoringFromMs(this.#run),
      eventCount: this.#eventCount,
    });
  }

  #complete(nowMs: Millis): void {
    const vm = this.#network.nextCompletionFlow();
    this.#account(vm, this.#network.finish(vm, nowMs));
    this.#feed(vm, Input.transferDone, nowMs, 0);
  }

  #changeLink(up: boolean, nowMs: Millis): void {
    this.#linkChange++;
    this.#linkUp = up;
    if (!up) {
      for (let vm = 0; vm < this.#core.vmCount; vm++) {
        if (this.#network.isFlowing(vm)) this.#breakOff(vm, nowMs);
      }
    }
  }

  /** A flowing transfer fails; what it had sent was sent. */
  #breakOff(vm: number, nowMs: Millis): void {
    const sentBytes = this.#network.remove(vm, nowMs);
    this.#account(vm, sentBytes);
    this.#feed(vm, Input.transferFailed, nowMs, sentBytes * this.#efficiencyRatio);
  }

  /** One input, its effects, its wake: the host's contract of the core. */
  #feed(vm: number, input: Input, nowMs: Millis, amountBytes: number): void {
    const core = this.#core;
    const phaseBefore = core.phase[vm] as Phase;
    this.#recorder.beforeStep(vm, input, nowMs);
    step(core, vm, input, nowMs, amountBytes);
    this.#recorder.afterStep(vm, phaseBefore, input, nowMs);
    const { abort, upload } = core.effects;
    if (abort && this.#network.isFlowing(vm)) this.#account(vm, this.#network.remove(vm, nowMs));
    if (upload !== TransferKind.none) this.#queue(vm);
    else if (abort || input === Input.transferDone || input === Input.transferFailed) this.#giveSlot(vm);
    this.#wakeOrders[vm] = ORDER_OF_WAKE[core.wakeInput[vm] as Input];
    this.#wakes.place(vm);
  }

  #queue(vm: number): void {
    const { upload, uploadBytes, uploadBytesPerMs, queuedAtMs } = this.#core.effects;
    this.#kind[vm] = upload;
    this.#bytes[vm] = uploadBytes / this.#efficiencyRatio;
    this.#capBytesPerMs[vm] = uploadBytesPerMs / this.#efficiencyRatio;
    if (this.#slots.request(vm, this.#hostOf[vm]!, queuedAtMs)) this.#starting.push(vm);
  }

  #giveSlot(vm: number): void {
    const host = this.#hostOf[vm]!;
    this.#slots.release(vm, host);
    for (let next = this.#slots.admit(host); next >= 0; next = this.#slots.admit(host)) this.#starting.push(next);
  }

  /** Transfers that hold a slot begin to flow; while the link is down every attempt fails at once (semantics 19). */
  #startTransfers(nowMs: Millis): void {
    for (let i = 0; i < this.#starting.length; i++) {
      const vm = this.#starting[i]!;
      if (!this.#linkUp) this.#feed(vm, Input.transferFailed, nowMs, 0);
      else {
        const cap = this.#capBytesPerMs[vm]!;
        this.#network.start(vm, this.#hostOf[vm]!, this.#bytes[vm]!, cap, this.#kind[vm]!, nowMs);
      }
    }
    this.#starting.length = 0;
  }

  #account(vm: number, wireBytes: number): void {
    this.#sentBytes[this.#kind[vm]!]![vm]! += wireBytes;
  }
}

const SNAP_MS = 1e-5;

/** A completion within the last bits of a whole millisecond is at it (decision 0002, 15). */
function snapped(atMs: Millis): Millis {
  const whole = Math.round(atMs);
  return Math.abs(atMs - whole) < SNAP_MS ? whole : atMs;
}

/** Start of the monitoring interval in which the horizon lies: 09:00 or 21:00 local, or the start of the run. */
function monitoringFromMs(run: Run): Millis {
  const { clock } = run.workload;
  const lastMs = run.options.horizonMs - 1;
  const sinceStartMs =
    (localMinuteOfDay(clock, lastMs) - MONITORING_START_MINUTE) * MINUTE_MS + (localMs(clock, lastMs) % MINUTE_MS);
  const intoIntervalMs = (((sinceStartMs % DAY_MS) + DAY_MS) % DAY_MS) % MONITORING_INTERVAL_MS;
  return Math.max(0, lastMs - intoIntervalMs);
}
