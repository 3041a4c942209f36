/**
 * The shared-link model through the product's own core, deadlines and network: what stands between them and a bare event loop. Its
 * description and its peers (a C program and one for SimPy) are in bench/peers/.
 */
import { DEFAULT_RULES } from '../src/model/policy.ts';
import type { Workload } from '../src/model/workload.ts';
import { createCore, type ReplicationCore, TransferKind } from '../src/replication/columns.ts';
import { Input } from '../src/replication/lifecycle.ts';
import { step } from '../src/replication/step.ts';
import type { TrackedWrites } from '../src/replication/tracked-writes.ts';
import { Network } from '../src/simulate/network.ts';
import { Wakes } from '../src/simulate/wakes.ts';
import { DAY_MS, GIB, HOUR_MS, type Millis } from '../src/units.ts';
import { benchRun } from './fleet.ts';

const VM_COUNT = 1000;
const INTERVAL_MS = 300_000;
const LINK_BYTES_PER_MS = 125e3;
/** Sizes by the top ten bits of a VM's generator. */
const SIZES = Float64Array.from({ length: 1024 }, (_, j) => Math.floor(-Math.log(1 - (j + 0.5) / 1024) * 25e6 + 0.5));

export interface SharedLinkFigures {
  readonly bytes: number;
  readonly completed: number;
  readonly missed: number;
  readonly p95DelaySec: number;
  /** Of the simulation itself, without sorting the delays, as its peers count. */
  readonly wallSec: number;
}

/** Sizes of logs from each VM's own generator instead of a churn; nothing piles up over a missed cycle. */
class DrawnWrites implements TrackedWrites {
  readonly #state: Uint32Array;
  readonly #drawn: Uint32Array;
  readonly #written: Float64Array;
  readonly #cutPhaseMs: readonly Millis[];

  constructor(cutPhaseMs: readonly Millis[]) {
    this.#cutPhaseMs = cutPhaseMs;
    this.#state = Uint32Array.from(cutPhaseMs, (_, vm) => Math.imul(vm, 2654435761));
    this.#drawn = new Uint32Array(cutPhaseMs.length);
    this.#written = new Float64Array(cutPhaseMs.length);
  }

  writtenBytes(disk: number, atMs: Millis): number {
    const boundary = Math.floor((atMs - this.#cutPhaseMs[disk]!) / INTERVAL_MS);
    if (boundary <= this.#drawn[disk]!) return this.#written[disk]!;
    let state = this.#state[disk]!;
    for (let drawn = this.#drawn[disk]!; drawn < boundary; drawn++)
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    this.#state[disk] = state;
    this.#drawn[disk] = boundary;
    const hour = Math.floor(atMs / HOUR_MS) % 24;
    this.#written[disk]! += Math.floor((SIZES[state >>> 22]! * (hour >= 8 && hour < 16 ? 18 : 6)) / 10);
    return this.#written[disk]!;
  }

  reachedAtMs(): Millis {
    return Number.POSITIVE_INFINITY;
  }

  notReachedBeforeMs(): Millis {
    return Number.POSITIVE_INFINITY;
  }
}

export function sharedLink(days: number): SharedLinkFigures {
  // The first cut of VM i is at i · 0.3 s: boundaries count from 1 on, so that its phase lies one interval before.
  const cutPhaseMs = Array.from({ length: VM_COUNT }, (_, vm) => vm * 300 - INTERVAL_MS);
  const writes = new DrawnWrites(cutPhaseMs);
  const { policy } = benchRun(1);
  const core = createCore(
    workload(),
    { ...policy, rules: { ...DEFAULT_RULES, logEmptyBytes: 0, logBlockBytes: 0 } },
    {
      writes,
      resyncSpans: [],
      cutPhaseMs,
    },
  );
  return run(core, days * DAY_MS);
}

function run(core: ReplicationCore, horizonMs: Millis): SharedLinkFigures {
  const startMs = performance.now();
  const network = new Network({ flowCount: VM_COUNT, capacityBytesPerMs: [LINK_BYTES_PER_MS], kindOfLine: [1] });
  const link = network.path([{ line: 0, factor: 1 }]);
  const wakes = new Wakes(core);
  const delaysMs = new Float64Array(VM_COUNT * (Math.ceil(horizonMs / INTERVAL_MS) + 1));
  let completed = 0;
  let bytes = 0;
  const feed = (vm: number, input: Input, nowMs: Millis): void => {
    step(core, vm, input, nowMs);
    if (core.effects.upload === TransferKind.delta) {
      network.start(vm, link, core.effects.uploadBytes, 1, Number.POSITIVE_INFINITY, nowMs);
    }
    wakes.arm(vm);
  };
  for (let vm = 0; vm < VM_COUNT; vm++) feed(vm, Input.adopted, -1);
  for (let nowMs = 0; ; ) {
    const completionAtMs = network.nextCompletionAtMs();
    wakes.look(nowMs);
    nowMs = Math.min(completionAtMs, wakes.atMs);
    if (nowMs >= horizonMs && (nowMs > horizonMs || completionAtMs > horizonMs)) break;
    if (completionAtMs <= wakes.atMs) {
      const vm = network.nextCompletionFlow();
      bytes += network.finish(vm, nowMs);
      delaysMs[completed++] = nowMs - core.cutAtMs[vm]!;
      feed(vm, Input.transferDone, nowMs);
    } else {
      const vm = wakes.take();
      if (vm >= 0) feed(vm, Input.intervalElapsed, nowMs);
    }
  }
  const wallSec = (performance.now() - startMs) / 1000;
  const sorted = delaysMs.subarray(0, completed).sort();
  // Boundaries before the horizon at which no cut was made.
  const cuts = completed + core.phase.reduce((sum, phase) => sum + (phase === 10 ? 1 : 0), 0);
  const boundaries = VM_COUNT * (horizonMs / INTERVAL_MS);
  return {
    bytes,
    completed,
    missed: boundaries - cuts,
    p95DelaySec: sorted[Math.ceil(0.95 * completed) - 1]! / 1000,
    wallSec,
  };
}

function workload(): Workload {
  const { workload: base } = benchRun(1);
  const [vm] = base.vms;
  return {
    ...base,
    vms: Array.from({ length: VM_COUNT }, (_, v) => ({
      ...vm!,
      name: `vm${v}`,
      disks: [{ ...vm!.disks[0]!, sizeBytes: 1000 * GIB }],
    })),
  };
}
