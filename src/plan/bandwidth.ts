import { type Run, withBandwidth } from '../model/run.ts';
import { meanBytesPerSec } from '../model/workload.ts';
import type { RunResult } from '../simulate/result.ts';
import { simulate } from '../simulate/simulate.ts';
import type { BitsPerSec, Millis } from '../units.ts';
import { largestBy } from './largest.ts';
import type { TradeoffPoint } from './plan.ts';

/** What the search found, and the runs that it took. */
export interface BandwidthAnswer {
  /** Smallest tried bandwidth that meets the RPO always; `null` where none does. The grid's next value below fails. */
  readonly always: BitsPerSec | null;
  /** The same for 95 % of the VM-time, and for 90 %. */
  readonly mostly: BitsPerSec | null;
  readonly nineTenths: BitsPerSec | null;
  readonly points: readonly TradeoffPoint[];
  readonly runCount: number;
  /** What failed at the grid's next value below `always`, or at the largest tried where there is none; `null` where nothing did. */
  readonly failsBelow: BandwidthFailure | null;
}

/** What kept a bandwidth from being enough. */
export interface BandwidthFailure {
  readonly bitsPerSec: BitsPerSec;
  readonly vm: string;
  /** Of its recovery point when the run was given up; `null` where it had no delta at all. */
  readonly ageMs: Millis | null;
  readonly atMs: Millis;
}

export interface SearchHooks {
  /** Called before each run of the simulation, with what it tries. */
  readonly onTry?: (bitsPerSec: BitsPerSec) => void;
}

const MOSTLY_SHARE = 0.95;
const NINE_TENTHS_SHARE = 0.9;

/**
 * The bandwidth that an RPO needs, found by running the simulation, not by a formula: a search over a grid of three
 * significant digits (1 % or finer), so that the answer is a round number at which a run has met the objective while at the
 * next number below a run has failed it. More bandwidth is taken to be better; where it is not, the answer is still one that
 * holds, above one that does not.
 */
export function searchBandwidth(run: Run, hooks: SearchHooks = {}): BandwidthAnswer {
  const trials = new Trials(run, hooks);
  const startIndex = gridIndex(startBitsPerSec(run));
  const always = leastIndex(startIndex, (index) => trials.meetsAlways(index));
  const mostly = trials.least(startIndex, always, MOSTLY_SHARE);
  const nineTenths = trials.least(mostly ?? startIndex, mostly, NINE_TENTHS_SHARE);
  return {
    always: valueAt(always),
    mostly: valueAt(mostly),
    nineTenths: valueAt(nineTenths),
    points: trials.points(),
    runCount: trials.runCount,
    failsBelow: trials.failureBelow(always),
  };
}

/** Runs the simulation at a bandwidth of the grid, each at most once to its end. */
class Trials {
  readonly #run: Run;
  readonly #hooks: SearchHooks;
  readonly #results = new Map<number, RunResult>();
  readonly #failedAlways = new Map<number, BandwidthFailure | null>();
  runCount = 0;

  constructor(run: Run, hooks: SearchHooks) {
    this.#run = run;
    this.#hooks = hooks;
  }

  /** Stops at the first age above the target: most of the search's runs are short. */
  meetsAlways(index: number): boolean {
    if (this.#failedAlways.has(index)) return false;
    const known = this.#results.get(index);
    if (known !== undefined) return meetsAlways(known);
    const { rpoTargetMs } = this.#run.options;
    // A largest age within the last bits of the target is within it: results forgive those too.
    const result = this.#simulate(index, rpoTargetMs + 1e-5);
    const met = meetsAlways(result);
    if (met) this.#results.set(index, result);
    else this.#failedAlways.set(index, failureOf(gridValue(index), result));
    return met;
  }

  /** The least bandwidth for a share of the time, at most the one for a larger share where there is one. */
  least(from: number, enough: number | null, share: number): number | null {
    const meets = (index: number): boolean => meetsFor(this.result(index), share);
    if (enough === null) return leastIndex(from, meets);
    const least = leastIndex(Math.min(from, enough), (index) => index >= enough || meets(index));
    return Math.min(enough, least ?? enough);
  }

  /** Of the highest index below that failed; of all where there is no answer. */
  failureBelow(always: number | null): BandwidthFailure | null {
    const failed = [...this.#failedAlways.keys()].filter((index) => always === null || index < always);
    return failed.length === 0 ? null : this.#failedAlways.get(Math.max(...failed))!;
  }

  result(index: number): RunResult {
    let result = this.#results.get(index);
    if (result === undefined) {
      result = this.#simulate(index);
      this.#results.set(index, result);
    }
    return result;
  }

  points(): TradeoffPoint[] {
    return [...this.#results]
      .sort(([a], [b]) => a - b)
      .map(([index, result]) => tradeoffPoint(gridValue(index), result));
  }

  #simulate(index: number, stopAboveAgeMs?: Millis): RunResult {
    const bitsPerSec = gridValue(index);
    this.runCount++;
    this.#hooks.onTry?.(bitsPerSec);
    return simulate(withBandwidth(this.#run, bitsPerSec), {
      objectivesOnly: true,
      ...(stopAboveAgeMs === undefined ? {} : { stopAboveAgeMs }),
    });
  }
}

/** Every VM has had its first delta, and from then on no age was above the target (semantics 14). */
export function meetsAlways(result: RunResult): boolean {
  const { targetMs, steady } = result.rpo;
  return everyVmReplicates(result) && (steady.maxMs === null || steady.maxMs <= targetMs);
}

/** The VM whose recovery point was oldest, the first by name of those alike; else one that never got a delta through. */
function failureOf(bitsPerSec: BitsPerSec, result: RunResult): BandwidthFailure | null {
  const worst = largestBy(result.vms, ({ steadyRpo }) => steadyRpo.maxMs);
  const ageMs = worst?.steadyRpo.maxMs ?? null;
  if (worst !== undefined && ageMs !== null && ageMs > result.rpo.targetMs) {
    return { bitsPerSec, vm: worst.name, ageMs, atMs: worst.worstAgeAtMs! };
  }
  const without = largestBy(result.vms, (vm) => (vm.firstDeltaAtMs === null && vm.enableFailure === null ? 0 : null));
  return without === undefined ? null : { bitsPerSec, vm: without.name, ageMs: null, atMs: result.horizonMs };
}

function meetsFor(result: RunResult, share: number): boolean {
  const { withinTargetFraction } = result.rpo.steady;
  return everyVmReplicates(result) && (withinTargetFraction === null || withinTargetFraction >= share);
}

function valueAt(index: number | null): BitsPerSec | null {
  return index === null ? null : gridValue(index);
}

/**
 * The smallest bandwidth of the grid at which every initial replication ends within a time; `null` where none does. Runs end then, so that
 * each is short.
 */
export function searchInitialReplication(run: Run, withinMs: Millis, hooks: SearchHooks = {}): BitsPerSec | null {
  const short = { ...run, options: { ...run.options, horizonMs: Math.min(withinMs, run.options.horizonMs) } };
  const ends = (index: number): boolean => {
    const bitsPerSec = gridValue(index);
    hooks.onTry?.(bitsPerSec);
    const endMs = lastInitialReplicationEndMs(simulate(withBandwidth(short, bitsPerSec), { objectivesOnly: true }));
    return endMs !== null && endMs <= withinMs;
  };
  const usedBytes = run.workload.vms.reduce(
    (sum, vm) => sum + vm.disks.reduce((all, disk) => all + disk.usedBytes, 0),
    0,
  );
  return valueAt(leastIndex(gridIndex((usedBytes * 8 * 1000) / withinMs / run.site.link.efficiencyRatio), ends));
}

/** Whether every VM that can be protected got as far as its first delta within the horizon. */
export function everyVmReplicates(result: RunResult): boolean {
  return result.vms.every((vm) => vm.firstDeltaAtMs !== null || vm.enableFailure !== null);
}

export function tradeoffPoint(bitsPerSec: BitsPerSec, result: RunResult): TradeoffPoint {
  const { steady } = result.rpo;
  return {
    bitsPerSec,
    rpoP50Ms: steady.p50Ms,
    rpoP95Ms: steady.p95Ms,
    rpoMaxMs: steady.maxMs,
    withinTargetFraction: steady.withinTargetFraction,
    initialReplicationEndMs: lastInitialReplicationEndMs(result),
  };
}

/** End of the last initial replication of those that can be protected; `null` where one did not end, or none was to be done. */
export function lastInitialReplicationEndMs(result: RunResult): Millis | null {
  let lastMs: Millis | null = null;
  for (const { initialReplication, enableFailure } of result.vms) {
    if (enableFailure !== null) continue;
    if (initialReplication.endMs === null) return null;
    lastMs = Math.max(lastMs ?? 0, initialReplication.endMs);
  }
  return lastMs;
}

/** Where to begin: what the mean churn and the first copy take, spread over the horizon. */
function startBitsPerSec(run: Run): BitsPerSec {
  const { growthRatio, skipInitialReplication, horizonMs } = run.options;
  let bytesPerSec = 0;
  for (const vm of run.workload.vms) {
    for (const disk of vm.disks) {
      bytesPerSec += meanBytesPerSec(disk.churn) * (1 + growthRatio);
      if (!skipInitialReplication) bytesPerSec += (disk.usedBytes * 1000) / horizonMs;
    }
  }
  return (bytesPerSec * 8 * run.policy.compressionRatio) / run.site.link.efficiencyRatio;
}

/** 100 bit/s and 999 Tbit/s: below and above there is nothing to plan. */
const FIRST_INDEX = 0;
const LAST_INDEX = 12 * 900 + 899;

/**
 * The least grid index at which `meets` holds, searched up or down from `from` in steps that grow, then by halving; `null` where
 * it does not hold at the last either. It holds at the answer and does not at the index before, unless that is the first.
 */
function leastIndex(from: number, meets: (index: number) => boolean): number | null {
  const start = Math.min(LAST_INDEX, Math.max(FIRST_INDEX, from));
  let failing = FIRST_INDEX - 1;
  let meeting = start;
  if (meets(start)) {
    for (let factor = 2; meeting > FIRST_INDEX; factor *= factor) {
      const candidate = gridIndex(gridValue(meeting) / factor);
      if (!meets(candidate)) {
        failing = candidate;
        break;
      }
      meeting = candidate;
    }
  } else {
    failing = start;
    for (let factor = 2; ; factor *= factor) {
      const candidate = gridIndex(gridValue(failing) * factor);
      if (meets(candidate)) {
        meeting = candidate;
        break;
      }
      if (candidate === LAST_INDEX) return null;
      failing = candidate;
    }
  }
  while (meeting - failing > 1) {
    const middle = between(failing, meeting);
    if (meets(middle)) meeting = middle;
    else failing = middle;
  }
  return meeting;
}

/** An index between two that are more than one apart, at about the mean of the logarithms. */
function between(low: number, high: number): number {
  const middle = gridIndex(Math.sqrt(gridValue(Math.max(FIRST_INDEX, low)) * gridValue(high)));
  return Math.min(high - 1, Math.max(low + 1, middle));
}

/** The i-th number of three significant digits from 100 on: 100, 101 … 999, 1000, 1010 … */
export function gridValue(index: number): BitsPerSec {
  return (100 + (index % 900)) * 10 ** Math.floor(index / 900);
}

/** The index of the least grid value that is at least `bitsPerSec`. */
export function gridIndex(bitsPerSec: BitsPerSec): number {
  if (bitsPerSec <= 100) return FIRST_INDEX;
  if (bitsPerSec >= gridValue(LAST_INDEX)) return LAST_INDEX;
  const decade = Math.floor(Math.log10(bitsPerSec)) - 2;
  return Math.min(LAST_INDEX, decade * 900 + Math.ceil(bitsPerSec / 10 ** decade - 1e-9) - 100);
}
