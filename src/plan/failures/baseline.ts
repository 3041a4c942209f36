import type { Run } from '../../model/run.ts';
import type { ReplicationCore } from '../../replication/columns.ts';
import { Input, Phase } from '../../replication/lifecycle.ts';
import { ChurnIntegral } from '../../simulate/churn-integral.ts';
import { byName } from '../../simulate/fleet.ts';
import { type ObservedStep, type SimulationObserver, watchRun } from '../../simulate/simulate.ts';
import { DAY_MS, MINUTE_MS, type Millis } from '../../units.ts';
import type { Budget } from './budget.ts';
import { halfDiskTimes } from './half-disk.ts';
import { lastAttemptBefore } from './ladder.ts';
import { calmRun } from './window.ts';

/** A disk, by its VM's name and its own. */
export interface DiskPlace {
  readonly vm: string;
  readonly disk: string;
}

/** What is known of an outage that begins at an instant, before any is simulated. */
export interface StartState {
  readonly startMs: Millis;
  /** Where a window has to begin so that the fleet is at `startMs` as in the whole run: before the last time that some VM was late. */
  readonly fromMs: Millis;
  /**
   * A longer outage breaks the objective for certain: the first attempt that some VM makes after it comes too late, however fast the link.
   * Infinity where no VM is replicating.
   */
  readonly rpoBoundMs: Millis;
  /** The VM that sets it. */
  readonly rpoBoundVm: string | null;
  /** `null` where no disk ever gets there. */
  readonly halfDisk: HalfDiskTolerance | null;
}

/** When the half-disk rule bites, from what each disk writes (semantics 23); the time that sending takes is left out. */
export interface HalfDiskTolerance extends DiskPlace {
  /** The longest outage after which every VM still has an attempt, and the cut that follows it, before a disk of it is half full. */
  readonly outageMs: Millis;
  /** From the outage's start until the logs of that disk reach half its size where nothing gets through. */
  readonly reachedAfterMs: Millis;
}

/** A window begins so many copy intervals before the outage, at least five minutes [chosen]: what a cut finds then depends on no earlier one. */
const LEAD_INTERVALS = 3;
const LEAD_LEAST_MS = 5 * MINUTE_MS;
/** Earlier lateness is not gone back to [chosen]. */
const LATE_MOST_MS = DAY_MS;

/** What the windows need before the outage, at the least. */
export function leadMs(longestIntervalMs: Millis): Millis {
  return Math.max(LEAD_LEAST_MS, LEAD_INTERVALS * longestIntervalMs);
}

/**
 * One lean simulation of the calm fleet, looked at at each of the starts (ascending): who has a set under way, cut when, with which recovery
 * point, and what follows from that for an outage that begins there.
 */
export function startStates(run: Run, startMs: readonly Millis[], budget: Budget): StartState[] {
  const lastMs = startMs.at(-1);
  if (lastMs === undefined) return [];
  const watch = new StartWatch(run, startMs);
  watchRun(calmRun(run, lastMs + 1), watch);
  budget.calibrate(lastMs, watch.stepCount);
  budget.spend(lastMs, watch.stepCount);
  return watch.states();
}

/** The state of each VM as of the last step, so that it can be had for an instant that has just passed. */
class StartWatch implements SimulationObserver {
  readonly #run: Run;
  readonly #startMs: readonly Millis[];
  readonly #states: StartState[] = [];
  #core!: ReplicationCore;
  #names: readonly string[] = [];
  #diskNames: readonly string[] = [];
  #writes!: ChurnIntegral;
  /** Whether a set is under way, and whether the VM replicates at all. */
  #inFlight!: Uint8Array;
  #replicates!: Uint8Array;
  #cutAtMs!: Float64Array;
  #pointAtMs!: Float64Array;
  /** Since when the VM is marked or stands still otherwise; −1 = a set has arrived in time since. */
  #stillSinceMs!: Float64Array;
  readonly #late = new LateTimes();
  #longestIntervalMs = 0;
  stepCount = 0;

  constructor(run: Run, startMs: readonly Millis[]) {
    this.#run = run;
    this.#startMs = startMs;
  }

  started(core: ReplicationCore, vmNames: readonly string[]): void {
    const { workload, options } = this.#run;
    const byVm = new Map(workload.vms.map((vm) => [vm.name, vm]));
    const disks = vmNames.flatMap((name) => [...byVm.get(name)!.disks].sort(byName));
    this.#core = core;
    this.#names = vmNames;
    this.#diskNames = disks.map(({ name }) => name);
    this.#writes = new ChurnIntegral(
      disks.map(({ churn }) => churn),
      options.growthRatio,
    );
    this.#inFlight = new Uint8Array(core.vmCount);
    this.#replicates = new Uint8Array(core.vmCount);
    this.#cutAtMs = new Float64Array(core.vmCount);
    this.#pointAtMs = new Float64Array(core.vmCount);
    this.#stillSinceMs = new Float64Array(core.vmCount).fill(-1);
    for (let vm = 0; vm < core.vmCount; vm++) {
      this.#longestIntervalMs = Math.max(this.#longestIntervalMs, core.intervalMs[vm]!);
    }
  }

  stepped({ vm, input, nowMs }: ObservedStep): void {
    this.stepCount++;
    let next = this.#startMs[this.#states.length];
    // What arrives at the instant of the outage's start arrives; every cut at it fails (semantics 13, 19).
    while (next !== undefined && (next < nowMs || (next === nowMs && input !== Input.transferDone))) {
      this.#capture(next);
      next = this.#startMs[this.#states.length];
    }
    this.#note(vm, input, nowMs);
  }

  states(): StartState[] {
    for (let index = this.#states.length; index < this.#startMs.length; index++) this.#capture(this.#startMs[index]!);
    return this.#states;
  }

  #note(vm: number, input: Input, nowMs: Millis): void {
    const core = this.#core;
    const phase = core.phase[vm] as Phase;
    const stillSinceMs = this.#stillSinceMs[vm]!;
    if (input === Input.transferDone && this.#inFlight[vm] === 1) {
      const cutAtMs = this.#cutAtMs[vm]!;
      if (nowMs - cutAtMs > core.intervalMs[vm]!) this.#late.add(cutAtMs, nowMs, this.#longestIntervalMs);
      else if (stillSinceMs !== -1) {
        this.#late.add(stillSinceMs, nowMs, this.#longestIntervalMs);
        this.#stillSinceMs[vm] = -1;
      }
    }
    this.#inFlight[vm] = phase === Phase.sending || phase === Phase.sendingBackoff ? 1 : 0;
    this.#replicates[vm] = this.#inFlight[vm] === 1 || phase === Phase.tracking ? 1 : 0;
    this.#cutAtMs[vm] = core.cutAtMs[vm]!;
    this.#pointAtMs[vm] = core.recoveryPointAtMs[vm]!;
    const standsStill = this.#replicates[vm] === 0 && core.protectedAtMs[vm] !== -1;
    if (standsStill && stillSinceMs === -1) this.#stillSinceMs[vm] = nowMs;
  }

  #capture(startMs: Millis): void {
    const core = this.#core;
    const { rpoTargetMs } = this.#run.options;
    const { retryLadderMs } = core.policy.rules;
    // A set that has arrived and is being applied does not fail; who is at that stage is not seen from here.
    const appliesLate = this.#run.site.replicaStorage?.writeBytesPerSec !== undefined;
    let settledMs = startMs;
    let rpoBoundMs = Number.POSITIVE_INFINITY;
    let rpoBoundVm: string | null = null;
    let halfDisk: HalfDiskTolerance | null = null;
    for (let vm = 0; vm < core.vmCount; vm++) {
      settledMs = Math.min(settledMs, this.#lateFromMs(vm, startMs));
      if (this.#replicates[vm] === 0) continue;
      const inFlight = this.#inFlight[vm] === 1;
      const firstMs = inFlight ? startMs : this.#nextBoundaryMs(vm, startMs);
      if (!(inFlight && appliesLate)) {
        const lastMs = lastAttemptBefore(firstMs, this.#pointAtMs[vm]! + rpoTargetMs, retryLadderMs);
        const boundMs = Math.max(0, (lastMs ?? startMs) - startMs);
        if (boundMs < rpoBoundMs) {
          rpoBoundMs = boundMs;
          rpoBoundVm = this.#names[vm]!;
        }
      }
      const half = this.#halfDiskOf(vm, startMs, firstMs, retryLadderMs);
      if (half !== null && (halfDisk === null || isEarlier(half, halfDisk))) halfDisk = half;
    }
    settledMs = Math.max(this.#late.settledBefore(settledMs, this.#longestIntervalMs), startMs - LATE_MOST_MS);
    const fromMs = Math.max(0, Math.floor(settledMs - leadMs(this.#longestIntervalMs)));
    this.#states.push({ startMs, fromMs, rpoBoundMs, rpoBoundVm, halfDisk });
  }

  #lateFromMs(vm: number, startMs: Millis): Millis {
    if (this.#stillSinceMs[vm] !== -1) return this.#stillSinceMs[vm]!;
    const isLate = this.#inFlight[vm] === 1 && startMs - this.#cutAtMs[vm]! > this.#core.intervalMs[vm]!;
    return isLate ? this.#cutAtMs[vm]! : startMs;
  }

  #nextBoundaryMs(vm: number, atMs: Millis): Millis {
    const intervalMs = this.#core.intervalMs[vm]!;
    const phaseMs = this.#core.cutPhaseMs[vm]!;
    return phaseMs + Math.max(1, Math.ceil((atMs - phaseMs) / intervalMs)) * intervalMs;
  }

  #halfDiskOf(vm: number, startMs: Millis, firstMs: Millis, ladderMs: readonly Millis[]): HalfDiskTolerance | null {
    const core = this.#core;
    const inFlight = this.#inFlight[vm] === 1;
    let first: HalfDiskTolerance | null = null;
    for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
      const { reachedMs, openReachedMs } = halfDiskTimes({
        writes: this.#writes,
        disk,
        halfBytes: core.halfDiskBytes[disk]!,
        entryRunBytes: core.entryRunBytes[disk]!,
        rules: core.policy.rules,
        pointAtMs: this.#pointAtMs[vm]!,
        cutAtMs: inFlight ? this.#cutAtMs[vm]! : firstMs,
        startMs,
      });
      if (reachedMs === Number.POSITIVE_INFINITY) continue;
      // An attempt that gets through frees its set alone: the open log has to last until the cut after it.
      const deadlineMs = Math.min(reachedMs, this.#boundaryBeforeMs(vm, openReachedMs));
      const lastMs = lastAttemptBefore(firstMs, deadlineMs, ladderMs);
      const own = {
        ...{ outageMs: Math.max(0, (lastMs ?? startMs) - startMs), reachedAfterMs: reachedMs - startMs },
        ...{ vm: this.#names[vm]!, disk: this.#diskNames[disk]! },
      };
      if (first === null || isEarlier(own, first)) first = own;
    }
    return first;
  }

  /** The last boundary before an instant. */
  #boundaryBeforeMs(vm: number, atMs: Millis): Millis {
    const intervalMs = this.#core.intervalMs[vm]!;
    const phaseMs = this.#core.cutPhaseMs[vm]!;
    return phaseMs + (Math.ceil((atMs - phaseMs) / intervalMs) - 1) * intervalMs;
  }
}

/** Times at which some VM of the fleet was late, apart and ascending: what it does to the others lasts as long. */
class LateTimes {
  readonly #times: { startMs: Millis; endMs: Millis }[] = [];

  /** @param slackMs times that lie no farther apart are one: between two late sets a VM waits for its next boundary */
  add(startMs: Millis, endMs: Millis, slackMs: Millis): void {
    let fromMs = startMs;
    for (
      let last = this.#times.at(-1);
      last !== undefined && last.endMs + slackMs >= fromMs;
      last = this.#times.at(-1)
    ) {
      fromMs = Math.min(fromMs, last.startMs);
      this.#times.pop();
    }
    this.#times.push({ startMs: fromMs, endMs });
  }

  /** The last instant up to `atMs` before which nobody was late. */
  settledBefore(atMs: Millis, slackMs: Millis): Millis {
    return this.#times.reduceRight(
      (settledMs, { startMs, endMs }) => (endMs + slackMs >= settledMs ? Math.min(settledMs, startMs) : settledMs),
      atMs,
    );
  }
}

function isEarlier(a: HalfDiskTolerance, b: HalfDiskTolerance): boolean {
  return a.outageMs < b.outageMs || (a.outageMs === b.outageMs && a.reachedAfterMs < b.reachedAfterMs);
}
