import type { RunClock } from '../../model/clock.ts';
import { settingsOf } from '../../model/policy.ts';
import type { Run } from '../../model/run.ts';
import { HOUR_MS, MINUTE_MS, type Millis, WEEK_MS } from '../../units.ts';
import { type HalfDiskTolerance, leadMs, type StartState, startStates } from './baseline.ts';
import { Budget } from './budget.ts';
import { resyncStudy } from './resync-storm.ts';
import { failureSentence } from './sentence.ts';
import { isOnStep, START_STEPS_H, wholeHours } from './starts.ts';
import { HEAL_MOST_MS, type Strike, Striker } from './strike.ts';
import { longestKept, OUTAGE_LENGTHS } from './tolerance.ts';
import type { BackOffShare, BreakingOutage, Breaks, Failures, Healing, OutageCell, StartTolerance } from './types.ts';

/** Lengths of the map's outages: from the restart of a router to half a working day [chosen]. */
export const MAP_LENGTHS_MS: readonly Millis[] = [5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS];

/** Of the budget: what the search leaves to the map, the map to the back-off, and the most that one outage of the search may take [chosen]. */
const MAP_PART = 0.25;
const BACK_OFF_PART = 0.05;
const STRIKE_PART = 0.05;
/** All resynchronizations at once are followed for so many weeks of the budget's: a week where the budget is whole [chosen]. */
const STORM_PART = 1 / 8;
/** Looked at beside each answer, below and above [chosen]. */
const CHECKS_PER_START = 1;
/** A finer step is begun where what it will take, by what the coarser one took, leaves so much room. */
const HEADROOM = 1.2;

/**
 * What failures do to the fleet: simulations of short windows around one outage each, and one of all resynchronizations at once. Volumes are
 * taken as the run has them: who asks what the link and the ladder do gives a run with room on them. Never throws for a run that can be
 * simulated; where there is nothing to look at, values are `null` and lists empty.
 *
 * @param onStage is told what is looked at next; for a progress line
 */
export function failuresOf(given: Run, onStage?: (words: string) => void): Failures {
  const intervalsMs = intervalsOf(given);
  const cuts = intervalsMs.every((ms) => ms > 0);
  // VMs that never cut have no recovery points that could age: as if there were none.
  const run = cuts ? given : { ...given, workload: { ...given.workload, vms: [] } };
  const budget = new Budget(run);
  const lead = leadMs(intervalsMs.reduce((longest, ms) => Math.max(longest, ms), 0));
  const hours = run.workload.vms.length === 0 ? [] : wholeHours(run.workload.clock, lead, run.options.horizonMs);
  onStage?.('an outage at any hour');
  const states = startStates(run, hours, budget);
  const resync = resyncStudy(run, budget, WEEK_MS * STORM_PART * budget.weekRunsMost);
  const search = new Study(run, states, budget);

  onStage?.('the longest outage that keeps the objective');
  const tolerance = search.tolerances(budget.weekRunsMost * (1 - MAP_PART));
  const { starts } = tolerance;
  const safe = starts.map(({ safeMs }) => safeMs);
  const safeMs = safe.length === 0 || safe.includes(null) ? null : Math.min(...(safe as Millis[]));
  const least = leastBearing(starts);

  onStage?.('outages until they have healed');
  const map = search.map(budget.weekRunsMost * (1 - BACK_OFF_PART), tolerance.stepH);
  const backOff = least === undefined ? [] : search.backOff(least.startMs, map.cells);
  const smallestBreaking = smallestOf(starts);
  const parts = {
    safeMs,
    smallestBreaking,
    starts,
    map: map.cells,
    healing: MAP_LENGTHS_MS.flatMap((lengthMs) => healingOf(lengthMs, map.cells, search.followedMs(lengthMs))),
    backOff,
    resync,
    resolution: {
      startStepMs: tolerance.stepH * HOUR_MS,
      mapStepMs: map.stepH * HOUR_MS,
      wholeWeek: tolerance.complete && run.options.horizonMs >= WEEK_MS,
      lengthStepMs: MINUTE_MS,
      longestTriedMs: search.lengths.at(-1)!,
      checksPerStart: CHECKS_PER_START,
      unevenStartCount: tolerance.unevenCount,
      simulationCount: budget.simulationCount,
      weekRuns: Math.round(budget.weekRuns * 100) / 100,
    },
  };
  return { sentence: failureSentence(parts, run), ...parts };
}

interface Tolerances {
  readonly starts: readonly StartTolerance[];
  readonly stepH: number;
  /** Every start of the step was looked at. */
  readonly complete: boolean;
  readonly unevenCount: number;
}

/** The simulations of one run's outages, from the coarsest starts to finer ones as far as the budget goes. */
class Study {
  readonly #clock: RunClock;
  readonly #states: readonly StartState[];
  readonly #budget: Budget;
  readonly #striker: Striker;
  /** Lengths that are searched among. */
  readonly lengths: readonly Millis[];

  constructor(run: Run, states: readonly StartState[], budget: Budget) {
    this.#clock = run.workload.clock;
    this.#states = states;
    this.#budget = budget;
    this.#striker = new Striker(run, budget);
    const longestMs = budget.lengthWithin(budget.weekRunsMost * STRIKE_PART);
    this.lengths = OUTAGE_LENGTHS.filter((ms) => ms <= Math.max(HOUR_MS, longestMs));
  }

  followedMs(lengthMs: Millis): Millis {
    return Math.ceil(this.#striker.tailMs(lengthMs) + HEAL_MOST_MS);
  }

  tolerances(untilWeekRuns: number): Tolerances {
    const found = new Map<Millis, StartTolerance>();
    let unevenCount = 0;
    const { stepH, complete } = this.#coarseToFine(untilWeekRuns, 1, (state) => {
      const guessMs = [...found.values()].at(-1)?.safeMs ?? undefined;
      const { tolerance, monotone } = this.#toleranceAt(state, guessMs);
      found.set(state.startMs, tolerance);
      if (!monotone) unevenCount++;
    });
    const starts = [...found.values()].sort((a, b) => a.startMs - b.startMs);
    return { starts, stepH, complete, unevenCount };
  }

  #toleranceAt(state: StartState, guessMs: Millis | undefined): { tolerance: StartTolerance; monotone: boolean } {
    const { startMs, fromMs, rpoBoundMs, rpoBoundVm, halfDisk } = state;
    const breaks = new Map<Millis, Breaks | null>();
    const keeps = (lengthMs: Millis): boolean => {
      const strike = this.#striker.strike({ startMs, lengthMs, fromMs }, { onlyWhetherKept: true });
      breaks.set(lengthMs, strike.breaks);
      return strike.kept;
    };
    const lengths = this.lengths;
    const { safeMs, breakingMs, monotone } = longestKept({
      ...{ lengths, boundMs: rpoBoundMs, keeps, checks: CHECKS_PER_START },
      ...(guessMs === undefined ? {} : { guessMs }),
    });
    const brokenAt = safeMs === null ? 0 : breakingMs;
    return {
      tolerance: {
        ...{ startMs, safeMs, breakingMs },
        // What arithmetic rules out is not simulated: it is the objective that the ladder breaks.
        breaks: brokenAt === null ? null : (breaks.get(brokenAt) ?? 'objective'),
        ladderBoundMs: rpoBoundMs === Number.POSITIVE_INFINITY ? null : Math.floor(rpoBoundMs),
        ladderBoundVm: rpoBoundVm,
        halfDisk: wholeMillis(halfDisk),
      },
      monotone,
    };
  }

  map(untilWeekRuns: number, finestStepH: number): { readonly cells: readonly OutageCell[]; readonly stepH: number } {
    const cells: OutageCell[] = [];
    const { stepH } = this.#coarseToFine(untilWeekRuns, finestStepH, ({ startMs, fromMs }) => {
      for (const lengthMs of MAP_LENGTHS_MS) {
        const strike = this.#striker.strike({ startMs, lengthMs, fromMs });
        cells.push(cellOf(startMs, lengthMs, strike));
      }
    });
    return { cells: cells.sort((a, b) => a.startMs - b.startMs || a.lengthMs - b.lengthMs), stepH };
  }

  /** Each length of the map at one start, beside what would be if nobody had to wait for the next attempt. */
  backOff(startMs: Millis, cells: readonly OutageCell[]): BackOffShare[] {
    const { fromMs } = this.#states.find((state) => state.startMs === startMs)!;
    return MAP_LENGTHS_MS.map((lengthMs) => {
      const known = cells.find((cell) => cell.startMs === startMs && cell.lengthMs === lengthMs);
      const { worstAgeMs } = known ?? this.#striker.strike({ startMs, lengthMs, fromMs });
      const immediate = this.#striker.strike({ startMs, lengthMs, fromMs }, { retriesAtOnce: true });
      const immediateWorstAgeMs = immediate.worstAgeMs;
      // Attempts that come all at once can share the link less well than those of the ladder: that is no share below 0.
      const share = worstAgeMs === 0 ? 0 : Math.max(0, worstAgeMs - immediateWorstAgeMs) / worstAgeMs;
      return { startMs, lengthMs, worstAgeMs, immediateWorstAgeMs, share };
    });
  }

  /**
   * Does the starts of the coarsest step, then those that finer steps add, while a whole one will fit into what may be spent in all. The
   * coarsest stops where that is gone.
   */
  #coarseToFine(
    untilWeekRuns: number,
    finestStepH: number,
    look: (state: StartState) => void,
  ): { readonly stepH: number; readonly complete: boolean } {
    const [coarsestH] = START_STEPS_H;
    const spentBefore = this.#budget.weekRuns;
    const done = new Set<Millis>();
    let reachedH = coarsestH!;
    for (const stepH of START_STEPS_H.filter((step) => step >= finestStepH)) {
      const level = this.#states.filter(({ startMs }) => !done.has(startMs) && isOnStep(this.#clock, startMs, stepH));
      const each = done.size === 0 ? 0 : (this.#budget.weekRuns - spentBefore) / done.size;
      if (done.size > 0 && this.#budget.weekRuns + each * level.length * HEADROOM > untilWeekRuns) break;
      for (const state of level) {
        if (stepH === coarsestH && done.size > 0 && this.#budget.weekRuns > untilWeekRuns) {
          return { stepH: reachedH, complete: false };
        }
        look(state);
        done.add(state.startMs);
      }
      reachedH = stepH;
    }
    return { stepH: reachedH, complete: true };
  }
}

/** What is borne is rounded down, what passes up. */
function wholeMillis(halfDisk: HalfDiskTolerance | null): HalfDiskTolerance | null {
  if (halfDisk === null) return null;
  const { outageMs, reachedAfterMs } = halfDisk;
  return { ...halfDisk, outageMs: Math.floor(outageMs), reachedAfterMs: Math.ceil(reachedAfterMs - 1e-5) };
}

function cellOf(startMs: Millis, lengthMs: Millis, { worstAgeMs, kept, healMs, markedVmCount }: Strike): OutageCell {
  return { startMs, lengthMs, worstAgeMs, kept, healMs, markedVmCount };
}

/** Of those that bear anything the one that bears least, else the first. */
function leastBearing(starts: readonly StartTolerance[]): StartTolerance | undefined {
  return starts.reduce<StartTolerance | undefined>((least, start) => {
    if (least === undefined || (least.safeMs === null && start.safeMs !== null)) return start;
    return start.safeMs !== null && start.safeMs < least.safeMs! ? start : least;
  }, undefined);
}

function smallestOf(starts: readonly StartTolerance[]): BreakingOutage | null {
  return starts.reduce<BreakingOutage | null>((smallest, { startMs, breakingMs, breaks }) => {
    if (breakingMs === null || breaks === null) return smallest;
    const own = { startMs, lengthMs: breakingMs, breaks };
    return smallest === null || own.lengthMs < smallest.lengthMs ? own : smallest;
  }, null);
}

function healingOf(lengthMs: Millis, map: readonly OutageCell[], followedMs: Millis): Healing[] {
  const cells = map.filter((cell) => cell.lengthMs === lengthMs);
  if (cells.length === 0) return [];
  const healed = cells
    .flatMap(({ healMs, startMs }) => (healMs === null ? [] : [{ healMs, startMs }]))
    .sort((a, b) => a.healMs - b.healMs || a.startMs - b.startMs);
  const longestMs = healed.at(-1)?.healMs ?? null;
  return [
    {
      ...{ lengthMs, startCount: cells.length },
      shortestMs: healed[0]?.healMs ?? null,
      medianMs: healed[(healed.length - 1) >> 1]?.healMs ?? null,
      longestMs,
      longestStartMs: healed.find(({ healMs }) => healMs === longestMs)?.startMs ?? null,
      unhealedStartCount: cells.filter(({ healMs, markedVmCount }) => healMs === null && markedVmCount === 0).length,
      markingStartCount: cells.filter(({ markedVmCount }) => markedVmCount > 0).length,
      markedVmMost: cells.reduce((most, { markedVmCount }) => Math.max(most, markedVmCount), 0),
      followedMs,
    },
  ];
}

function intervalsOf({ workload, policy }: Run): Millis[] {
  const names = workload.vms.map(({ name }) => name);
  return settingsOf(policy, names).map(({ copyFrequencyMs }) => copyFrequencyMs);
}
