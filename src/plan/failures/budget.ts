import { settingsOf } from '../../model/policy.ts';
import type { Run } from '../../model/run.ts';
import { type Millis, WEEK_MS } from '../../units.ts';

/** What it takes to set a window up, in intervals of each VM; measured at 1,000 VMs. */
const SETUP_INTERVALS = 12;

/** So many simulations of the fleet over a week may be taken up to {@link FULL_VMS} VMs at 5 min, fewer where one takes longer [chosen]. */
const WEEK_RUNS_MOST = 8;
const WEEK_RUNS_LEAST = 3;
const FULL_VMS = 1000;
const FULL_INTERVAL_MS: Millis = 300_000;

/** What simulations cost, in intervals of VMs: a simulation's time goes by the cuts that it makes. */
export class Budget {
  readonly #vmCount: number;
  readonly #intervalsPerMs: number;
  readonly weekRunsMost: number;
  #cycles = 0;
  simulationCount = 0;

  constructor({ workload, policy }: Run) {
    const names = workload.vms.map(({ name }) => name);
    this.#vmCount = names.length;
    this.#intervalsPerMs = settingsOf(policy, names).reduce((sum, own) => sum + 1 / own.copyFrequencyMs, 0);
    const full = (WEEK_RUNS_MOST * FULL_VMS * WEEK_MS) / FULL_INTERVAL_MS;
    const affordable = full / Math.max(1, this.#intervalsPerMs * WEEK_MS);
    this.weekRunsMost = Math.min(WEEK_RUNS_MOST, Math.max(WEEK_RUNS_LEAST, affordable));
  }

  /** What a simulation of so long costs, in simulations over a week. */
  weekRunsOf(lengthMs: Millis): number {
    return this.#cyclesOf(lengthMs) / Math.max(1, this.#intervalsPerMs * WEEK_MS);
  }

  /** The longest simulation that costs at most so much. */
  lengthWithin(weekRuns: number): Millis {
    if (this.#intervalsPerMs === 0) return WEEK_MS;
    return weekRuns * WEEK_MS - (SETUP_INTERVALS * this.#vmCount) / this.#intervalsPerMs;
  }

  spend(lengthMs: Millis): void {
    this.#cycles += this.#cyclesOf(lengthMs);
    this.simulationCount++;
  }

  get weekRuns(): number {
    return this.#cycles / Math.max(1, this.#intervalsPerMs * WEEK_MS);
  }

  #cyclesOf(lengthMs: Millis): number {
    return this.#intervalsPerMs * lengthMs + SETUP_INTERVALS * this.#vmCount;
  }
}
