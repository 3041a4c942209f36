import { settingsOf } from '../../model/policy.ts';
import type { Run } from '../../model/run.ts';
import { type Millis, WEEK_MS } from '../../units.ts';

/** What it takes to set a simulation up, in intervals of each VM; measured at 1,000 VMs. */
const SETUP_INTERVALS = 12;
/** Steps of an interval: a cut and its arrival. */
const STEPS_OF_INTERVAL = 2;

/** So many simulations of the fleet over a week may be taken up to {@link FULL_VMS} VMs at 5 min, fewer where one takes longer [chosen]. */
const WEEK_RUNS_MOST = 8;
const WEEK_RUNS_LEAST = 3;
const FULL_VMS = 1000;
const FULL_INTERVAL_MS: Millis = 300_000;

/** What simulations cost, in simulations of the whole fleet over a week. Counted by their steps, not timed: the same everywhere. */
export class Budget {
  readonly #vmCount: number;
  readonly #intervalsPerMs: number;
  /** Intervals of a week; {@link calibrate} makes more of them. */
  #weekIntervals: number;
  #spentIntervals = 0;
  simulationCount = 0;

  constructor({ workload, policy }: Run) {
    const names = workload.vms.map(({ name }) => name);
    this.#vmCount = names.length;
    this.#intervalsPerMs = settingsOf(policy, names).reduce((sum, own) => sum + 1 / own.copyFrequencyMs, 0);
    this.#weekIntervals = this.#intervalsOf(WEEK_MS);
  }

  /** What may be spent in all. */
  get weekRunsMost(): number {
    const full = (WEEK_RUNS_MOST * FULL_VMS * WEEK_MS) / FULL_INTERVAL_MS;
    return Math.min(WEEK_RUNS_MOST, Math.max(WEEK_RUNS_LEAST, full / this.#weekIntervals));
  }

  /** Where attempts or marks crowd, a week has far more steps than cuts and arrivals: a simulation without outages tells. */
  calibrate(lengthMs: Millis, stepCount: number): void {
    const perWeek = (stepCount / STEPS_OF_INTERVAL) * (WEEK_MS / Math.max(1, lengthMs));
    this.#weekIntervals = Math.max(this.#weekIntervals, perWeek);
  }

  spend(lengthMs: Millis, stepCount: number): void {
    this.#spentIntervals += Math.max(this.#intervalsOf(lengthMs), stepCount / STEPS_OF_INTERVAL);
    this.simulationCount++;
  }

  get weekRuns(): number {
    return this.#spentIntervals / this.#weekIntervals;
  }

  /** The longest simulation that costs at most so much, its setting up included; may be below 0. */
  lengthWithin(weekRuns: number): Millis {
    const setupMs = this.#intervalsPerMs === 0 ? 0 : (SETUP_INTERVALS * this.#vmCount) / this.#intervalsPerMs;
    return weekRuns * WEEK_MS - setupMs;
  }

  #intervalsOf(lengthMs: Millis): number {
    return Math.max(1, this.#intervalsPerMs * lengthMs + SETUP_INTERVALS * this.#vmCount);
  }
}
