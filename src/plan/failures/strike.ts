import type { SiteEvent } from '../../model/event.ts';
import { settingsOf } from '../../model/policy.ts';
import type { Run } from '../../model/run.ts';
import { meanBytesPerSec } from '../../model/workload.ts';
import type { ReplicationCore } from '../../replication/columns.ts';
import { type ObservedStep, type SimulationObserver, watchRun } from '../../simulate/simulate.ts';
import { HOUR_MS, type Millis } from '../../units.ts';
import type { Budget } from './budget.ts';
import { longestGapAfter } from './ladder.ts';
import type { Breaks } from './types.ts';
import { windowOf, windowPhases } from './window.ts';

/** One outage of the link. */
export interface Blow {
  readonly startMs: Millis;
  /** 0 = no outage at all. */
  readonly lengthMs: Millis;
  /** Where its window begins, at most `startMs`. */
  readonly fromMs: Millis;
}

export interface StrikeOptions {
  /** Stop at the first age above the objective: all that is asked is whether it is kept. */
  readonly onlyWhetherKept?: boolean;
  /** Every VM that waits for its next attempt makes it as soon as the link is back, as if somebody had resumed replication by hand. */
  readonly retriesAtOnce?: boolean;
}

/** What one outage does to the fleet. */
export interface Strike {
  /** No recovery point got older than the objective, and the half-disk rule marked no VM. */
  readonly kept: boolean;
  /** What came first of the two; `null` where it is kept. */
  readonly breaks: Breaks | null;
  /** The oldest recovery point of any VM from the window's start until all were in step again; with `onlyWhetherKept` at least this. */
  readonly worstAgeMs: Millis;
  /** From the link's return until every VM is within the objective for good; 0 where none left it; `null` where it takes longer than {@link HEAL_MOST_MS}, or needs a resynchronization. */
  readonly healMs: Millis | null;
  readonly markedVmCount: number;
}

/** How long after the link's return healing is followed at the most [chosen]. */
export const HEAL_MOST_MS: Millis = 12 * HOUR_MS;

/** A window ends so many copy intervals after the last VM can have made its first good attempt; where some VM is not in step then, it is made longer [chosen]. */
const TAIL_INTERVALS = 3;
/** A VM whose recovery point is at most so many intervals old has made its last cycles in time. */
const IN_STEP_INTERVALS = 2;
const LONGER_BY = 4;

/** Strikes of a fleet, each a short simulation. */
export class Striker {
  readonly #run: Run;
  readonly #longestIntervalMs: Millis;
  /** Mean log bytes on the wire over the link's capacity, metadata left out. */
  readonly #meanLoad: number;
  readonly #budget: Budget;

  /** @param budget is charged with every simulation */
  constructor(run: Run, budget: Budget) {
    this.#run = run;
    this.#budget = budget;
    const names = run.workload.vms.map(({ name }) => name);
    const settings = settingsOf(run.policy, names);
    this.#longestIntervalMs = settings.reduce((longest, own) => Math.max(longest, own.copyFrequencyMs), 0);
    const { capacityBitsPerSec, efficiencyRatio } = run.site.link;
    const bytesPerSec = run.workload.vms.reduce(
      (sum, vm, v) =>
        sum + settings[v]!.compressionRatio * vm.disks.reduce((own, disk) => own + meanBytesPerSec(disk.churn), 0),
      0,
    );
    this.#meanLoad = (bytesPerSec * (1 + run.options.growthRatio) * 8) / (capacityBitsPerSec * efficiencyRatio);
  }

  /** What an outage of a length is followed for at first. */
  tailMs(lengthMs: Millis): Millis {
    return longestGapAfter(lengthMs, this.#run.policy.rules.retryLadderMs) + TAIL_INTERVALS * this.#longestIntervalMs;
  }

  strike(blow: Blow, options: StrikeOptions = {}): Strike {
    const mostMs = options.onlyWhetherKept === true ? HEAL_MOST_MS : this.tailMs(blow.lengthMs) + HEAL_MOST_MS;
    for (let tailMs = this.#firstTailMs(blow.lengthMs, options); ; tailMs *= LONGER_BY) {
      const strike = this.#strike(blow, Math.min(tailMs, mostMs), options, tailMs >= mostMs);
      if (strike !== undefined) return strike;
    }
  }

  /** Who asks how long healing takes gets the window at once that a link needs which carries the backlog at its mean load. */
  #firstTailMs(lengthMs: Millis, { onlyWhetherKept }: StrikeOptions): Millis {
    const tailMs = this.tailMs(lengthMs);
    if (onlyWhetherKept === true) return tailMs;
    const load = Math.min(0.999, this.#meanLoad);
    return tailMs + (lengthMs * load) / (1 - load);
  }

  /** @returns undefined where the window was too short to see the end of it */
  #strike(blow: Blow, tailMs: Millis, options: StrikeOptions, isLast: boolean): Strike | undefined {
    const { rpoTargetMs } = this.#run.options;
    const backAtMs = blow.startMs - blow.fromMs + blow.lengthMs;
    const horizonMs = Math.ceil(backAtMs + tailMs);
    const watch = new AgeWatch(rpoTargetMs);
    watchRun(this.#struckRun(blow, horizonMs, options), watch, {
      cutPhaseMs: windowPhases(this.#run, blow.fromMs),
      ...(options.onlyWhetherKept === true ? { stopAboveAgeMs: rpoTargetMs + LAST_BITS_MS } : {}),
    });
    this.#budget.spend(horizonMs, watch.stepCount);
    const { worstAgeMs, lastBreachMs, breaks, markedVmCount, inStep } = watch.finish(horizonMs);
    const kept = breaks === null;
    const isDecided = markedVmCount > 0 || (options.onlyWhetherKept === true && !kept);
    if (!inStep && !isLast && !isDecided) return undefined;
    const healMs = inStep && markedVmCount === 0 ? Math.max(0, Math.ceil(lastBreachMs - backAtMs)) : null;
    return { kept, breaks, worstAgeMs: Math.max(0, Math.ceil(worstAgeMs - LAST_BITS_MS)), healMs, markedVmCount };
  }

  #struckRun({ startMs, lengthMs, fromMs }: Blow, horizonMs: Millis, { retriesAtOnce }: StrikeOptions): Run {
    const window = windowOf(this.#run, fromMs, horizonMs);
    if (lengthMs <= 0) return window;
    const outages = [{ startMs: startMs - fromMs, endMs: startMs - fromMs + lengthMs }];
    const struck = { ...window, site: { ...window.site, link: { ...window.site.link, outages } } };
    return retriesAtOnce === true ? { ...struck, events: resumedAt(startMs - fromMs + lengthMs) } : struck;
  }
}

/** Paused and resumed at one instant: who waits for an attempt makes it then, and the others go on as they are. */
function resumedAt(atMs: Millis): SiteEvent[] {
  return [
    { kind: 'action', action: 'pause', target: { scope: 'all' }, atMs },
    { kind: 'action', action: 'resume', target: { scope: 'all' }, atMs },
  ];
}

/** Results forgive the last bits of a double (decision 0002, 15). */
const LAST_BITS_MS = 1e-5;

/** The ages of the recovery points, at the instants at which they are oldest: when the next one arrives, and at the end. */
class AgeWatch implements SimulationObserver {
  readonly #targetMs: Millis;
  #core!: ReplicationCore;
  #pointAtMs!: Float64Array;
  #worstAgeMs: Millis = 0;
  /** When the age first went beyond the objective, and when it last came back. */
  #firstBreachMs: Millis = Number.POSITIVE_INFINITY;
  #lastBreachMs: Millis = -1;
  #firstMarkMs: Millis = Number.POSITIVE_INFINITY;
  stepCount = 0;

  constructor(targetMs: Millis) {
    this.#targetMs = targetMs;
  }

  started(core: ReplicationCore): void {
    this.#core = core;
    this.#pointAtMs = new Float64Array(core.vmCount).fill(-1);
  }

  stepped({ vm, nowMs }: ObservedStep): void {
    this.stepCount++;
    if (nowMs < this.#firstMarkMs && this.#core.markCount[vm]! > 0) this.#firstMarkMs = nowMs;
    const pointAtMs = this.#core.recoveryPointAtMs[vm]!;
    const beforeMs = this.#pointAtMs[vm]!;
    if (pointAtMs === beforeMs) return;
    if (beforeMs !== -1) this.#close(nowMs - beforeMs, nowMs);
    this.#pointAtMs[vm] = pointAtMs;
  }

  finish(horizonMs: Millis): Pick<Strike, 'worstAgeMs' | 'breaks' | 'markedVmCount'> & {
    readonly lastBreachMs: Millis;
    readonly inStep: boolean;
  } {
    const core = this.#core;
    let markedVmCount = 0;
    let inStep = true;
    for (let vm = 0; vm < core.vmCount; vm++) {
      if (core.markCount[vm]! > 0) markedVmCount++;
      if (this.#pointAtMs[vm] === -1) continue;
      const ageMs = horizonMs - this.#pointAtMs[vm]!;
      this.#close(ageMs, horizonMs);
      if (ageMs > IN_STEP_INTERVALS * core.intervalMs[vm]!) inStep = false;
    }
    return {
      ...{ worstAgeMs: this.#worstAgeMs, lastBreachMs: this.#lastBreachMs },
      breaks: this.#breaks(),
      markedVmCount,
      inStep,
    };
  }

  #breaks(): Breaks | null {
    if (this.#firstMarkMs < this.#firstBreachMs) return 'half-disk';
    return this.#lastBreachMs === -1 ? null : 'objective';
  }

  #close(ageMs: Millis, nowMs: Millis): void {
    if (ageMs > this.#worstAgeMs) this.#worstAgeMs = ageMs;
    if (ageMs <= this.#targetMs + LAST_BITS_MS) return;
    this.#firstBreachMs = Math.min(this.#firstBreachMs, nowMs - ageMs + this.#targetMs);
    this.#lastBreachMs = nowMs;
  }
}
