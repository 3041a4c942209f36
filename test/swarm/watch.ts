/** Runs one simulation under the eyes of all laws. */
import type { Run } from '../../src/model/run.ts';
import type { ReplicationCore } from '../../src/replication/columns.ts';
import type { RunResult } from '../../src/simulate/result.ts';
import { type ObservedStep, type SimulationObserver, simulate } from '../../src/simulate/simulate.ts';
import type { Millis } from '../../src/units.ts';
import { type Law, LawBroken, type LawMaker, type Watched } from './checkers/law.ts';
import { LogBook } from './checkers/log-book.ts';
import { PointBook } from './checkers/point-book.ts';

const HEADWAY = 'a run makes headway';
/** More steps than these at one instant, or of one run, are a run that will not end. */
const STEPS_AT_ONCE_MOST = 3000;
const STEPS_MOST = 1_500_000;

/** The run as the laws see it, VMs and their disks in the core's order: by name. */
export function watchedOf(run: Run, core: ReplicationCore, vmNames: readonly string[], healAtMs: Millis): Watched {
  const byName = new Map(run.workload.vms.map((vm) => [vm.name, vm]));
  const vms = vmNames.map((name) => {
    const vm = byName.get(name)!;
    return { ...vm, disks: [...vm.disks].sort((a, b) => (a.name < b.name ? -1 : 1)) };
  });
  const disks = vms.flatMap((vm) => vm.disks);
  const logs = new LogBook(core, disks, run.policy.rules);
  return { run, core, vms, disks, healAtMs, logs, points: new PointBook(vms.length) };
}

/** Brings the books up to date and hands a step to every law. */
export function takeStep(watched: Watched, laws: readonly Law[], step: ObservedStep): void {
  for (const law of laws) law.before?.(step);
  watched.logs.take(step);
  watched.points.take(step);
  for (const law of laws) law.stepped?.(step);
}

export interface WatchOptions {
  readonly healAtMs?: Millis;
  /** Sees every step too. */
  readonly alsoStepped?: (step: ObservedStep, core: ReplicationCore) => void;
}

/** @throws LawBroken where a law is broken, and whatever the simulation throws */
export function simulateWatched(run: Run, makers: readonly LawMaker[], options: WatchOptions = {}): RunResult {
  let watched: Watched | undefined;
  let laws: readonly Law[] = [];
  const headway = new Headway();
  const observer: SimulationObserver = {
    started(core, vmNames) {
      const made = watchedOf(run, core, vmNames, options.healAtMs ?? Number.POSITIVE_INFINITY);
      watched = made;
      laws = makers.map((make) => make(made));
    },
    stepped(step) {
      headway.take(step, watched!);
      takeStep(watched!, laws, step);
      options.alsoStepped?.(step, watched!.core);
    },
    transfer(vm, flows, nowMs) {
      for (const law of laws) law.transfer?.(vm, flows, nowMs);
    },
  };
  const result = simulate(run, { observer });
  for (const law of laws) law.finished?.(result);
  return result;
}

/** Counts steps: a run that does not come forward is a failure, not a hanging test. */
export class Headway {
  #atMs = -1;
  #atOnce = 0;
  #total = 0;

  take({ vm, nowMs }: ObservedStep, { vms }: Watched): void {
    this.#total++;
    this.#atOnce = nowMs === this.#atMs ? this.#atOnce + 1 : 0;
    this.#atMs = nowMs;
    if (this.#atOnce <= STEPS_AT_ONCE_MOST && this.#total <= STEPS_MOST) return;
    const how = `${this.#atOnce} steps at one instant, ${this.#total} in all`;
    throw new LawBroken(HEADWAY, vms[vm]!.name, nowMs, how);
  }
}
