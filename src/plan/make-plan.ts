import type { Assumption } from '../model/assumption.ts';
import type { MeasuredReplication } from '../model/measured-replication.ts';
import { DEFAULT_TERMS, type PriceInput } from '../model/prices.ts';
import type { Problem } from '../model/problem.ts';
import type { Receipt } from '../model/receipt.ts';
import type { RuleSet } from '../model/rules.ts';
import { type Run, withBandwidth } from '../model/run.ts';
import type { Site } from '../model/site.ts';
import type { RunResult } from '../simulate/result.ts';
import { simulate } from '../simulate/simulate.ts';
import { type BitsPerSec, formatBitsPerSec, formatDurationMs, MINUTE_MS, type Millis } from '../units.ts';
import { assumptionsOf, type BandwidthChoice } from './assumptions.ts';
import {
  type BandwidthAnswer,
  gridIndex,
  gridValue,
  type SearchHooks,
  searchBandwidth,
  searchInitialReplication,
  tradeoffPoint,
} from './bandwidth.ts';
import { batchesOf } from './batches/batches.ts';
import { calibrate } from './calibration.ts';
import { changesOf } from './changes.ts';
import { type Cost, costOf } from './cost.ts';
import type { DerivedPlan } from './derivations/derivation.ts';
import { derivationsOf } from './derivations/derivations.ts';
import { failuresOf } from './failures/failures.ts';
import type { Evidence } from './findings/finding.ts';
import { findingsOf } from './findings/registry.ts';
import { judgedByRules, partOfRun, type RunPart, withRoomOnVolumes } from './part-of-run.ts';
import { percentileWay } from './percentile-way.ts';
import type { InitialReplicationNeed, ObjectiveNeed, Plan, TradeoffPoint } from './plan.ts';
import { rulesAssumption } from './rules-assumption.ts';
import { SHIPPED_RULES } from './shipped-rules.ts';
import { changedRun, type WhatIf } from './what-if.ts';

export interface PlanRequest {
  /** The run; its link's capacity is replaced where `bandwidthGiven` is false. */
  readonly run: Run;
  readonly bandwidthGiven: boolean;
  /** Names of assumptions that the user has set. */
  readonly givenOptions: ReadonlySet<string>;
  readonly assumptions: readonly Assumption[];
  /** Of the files that the workload was read from; absent = it was not read from files. */
  readonly receipts?: readonly Receipt[];
  /** What replication that already runs was measured to do; absent = nothing is known. */
  readonly measured?: readonly MeasuredReplication[];
  /** Of compatibility and placement; absent = those that come with the product. */
  readonly rules?: RuleSet;
  /** Prices, and what is decided that changes a bill; absent = quantities only. */
  readonly prices?: PriceInput;
  readonly problems: readonly Problem[];
  /** How long initial replication may take; absent = nobody said. */
  readonly initialReplicationWithinMs?: Millis;
  readonly version: string;
}

/** What the work has come to; for a progress line. */
export interface PlanHooks {
  readonly onSearch?: (bitsPerSec: BitsPerSec) => void;
  readonly onSimulate?: (atMs: Millis) => void;
  /** What is tried of the changes that might help, and of batches. */
  readonly onChange?: (words: string) => void;
  /** What is looked at of failures. */
  readonly onFailure?: (words: string) => void;
}

/**
 * From a run to the answer: find the bandwidth that the RPO needs, simulate the run at the link's bandwidth (or at the one that
 * was found), judge it.
 */
export function makePlan(request: PlanRequest, hooks: PlanHooks = {}): Plan {
  const searchHooks = hooks.onSearch === undefined ? {} : { onTry: hooks.onSearch };

  // 1. The bandwidth that the RPO needs, with initial replication and without.
  //    Space that is missing is to be provided (a finding says how much): it must not pass for missing bandwidth.
  const roomy = withRoomOnVolumes(request.run);
  const bandwidth = searchBandwidth(roomy, searchHooks);
  const deltaOnly = roomy.options.skipInitialReplication
    ? bandwidth
    : searchBandwidth(withoutInitialReplication(roomy), searchHooks);

  // 2. The run itself, and the same on a link that is made for its deltas.
  const choice = chooseBandwidth(request, bandwidth, deltaOnly, searchHooks);
  const run = withBandwidth(request.run, choice.bitsPerSec);
  const result = simulate(run, hooks.onSimulate === undefined ? {} : { onProgress: hooks.onSimulate });
  const atDeltaOnly = runAtDeltaOnly(withRoomOnVolumes(run), deltaOnly, searchHooks.onTry);

  const tradeoffPoints = tradeoff(withRoomOnVolumes(run), result, atDeltaOnly, bandwidth, searchHooks.onTry);

  // 3. What follows from it.
  const rules = request.rules ?? SHIPPED_RULES;
  const prices = request.prices ?? NO_PRICES;
  const batches = batchesOf(run, {
    objectiveHoldsAlone: deltaOnly.always !== null && deltaOnly.always <= choice.bitsPerSec,
    onTry: (round) => hooks.onChange?.(`initial replication in batches, round ${round}`),
  });
  const part = partOfRun(run, result, { rules, prices, batches, assumptions: request.assumptions });
  const failures = failuresOf(withRoomOnVolumes(run), hooks.onFailure);
  return withDerivations({
    schema: 'asr-plan/plan@1',
    version: request.version,
    seed: run.options.seed,
    ...part,
    cost: { ...part.cost, beforeGrowth: costBeforeGrowth(run, rules, prices) },
    assumptions: assumptionsOf(run, request.givenOptions, choice, [...request.assumptions, rulesAssumption(rules)]),
    receipts: request.receipts ?? [],
    problems: request.problems,
    recommendation: {
      bitsPerSecForRpoAlways: bandwidth.always,
      bitsPerSecForRpo95: bandwidth.mostly,
      bitsPerSecForRpo90: bandwidth.nineTenths,
      deltaOnlyBitsPerSecForRpoAlways: deltaOnly.always,
      deltaOnlyBitsPerSecForRpo95: deltaOnly.mostly,
      deltaOnlyBitsPerSecForRpo90: deltaOnly.nineTenths,
      failsBelow: bandwidth.failsBelow,
      deltaOnlyFailsBelow: deltaOnly.failsBelow,
      initialReplication: initialReplicationNeed(request, roomy, searchHooks),
      objectives: objectiveNeeds(tradeoffPoints),
      tradeoff: tradeoffPoints,
    },
    calibration: request.measured === undefined ? null : calibrate(run, result.vms, request.measured),
    percentileWay: percentileWay(run, bandwidth, deltaOnly),
    changes: changesOf(run, result, part.exclusions, hooks.onChange),
    batches,
    failures,
    findings: findingsOf({
      ...judgedOf(request, run, result, part),
      ...{ bandwidth, deltaOnly, atDeltaOnly, batches, failures },
    }),
  });
}

/** The request of a plan as it was run (at the bandwidth that was found where none was given), with what a reader changes. */
export function changedRequest(request: PlanRequest, base: Plan, whatIf: WhatIf): PlanRequest {
  const run = changedRun(withBandwidth(request.run, base.link.capacityBitsPerSec), whatIf);
  const given = whatIf.growthRatio === undefined ? [] : ['growthRatio'];
  return { ...request, run, bandwidthGiven: true, givenOptions: new Set([...request.givenOptions, ...given]) };
}

/**
 * The plan of a {@link changedRequest} by one simulation: what other runs decided (the bandwidth that the RPO needs and all that is
 * searched for) stays `base`'s. For a page that answers at once; {@link makePlan} has the whole.
 */
export function previewPlan(request: PlanRequest, base: Plan, hooks: PlanHooks = {}): Plan {
  const { run } = request;
  const result = simulate(run, hooks.onSimulate === undefined ? {} : { onProgress: hooks.onSimulate });
  const { rules, cost: prices, batches } = base;
  const part = partOfRun(run, result, { rules, prices, batches, assumptions: request.assumptions });
  const { recommendation } = base;
  const answers = {
    bandwidth: knownAnswer(recommendation.bitsPerSecForRpoAlways, recommendation.bitsPerSecForRpo95),
    deltaOnly: knownAnswer(recommendation.deltaOnlyBitsPerSecForRpoAlways, recommendation.deltaOnlyBitsPerSecForRpo95),
  };
  return withDerivations({
    ...base,
    ...part,
    cost: { ...part.cost, beforeGrowth: base.cost.beforeGrowth },
    assumptions: assumptionsOf(run, request.givenOptions, LINK_GIVEN, [...request.assumptions, rulesAssumption(rules)]),
    findings: findingsOf({
      ...judgedOf(request, run, result, part),
      ...{ ...answers, atDeltaOnly: undefined, batches, failures: base.failures },
    }),
  });
}

function withDerivations(plan: DerivedPlan): Plan {
  return { ...plan, derivations: derivationsOf(plan) };
}

const LINK_GIVEN: BandwidthChoice = { given: true, reason: 'the link’s bandwidth' };

function knownAnswer(always: BitsPerSec | null, mostly: BitsPerSec | null): BandwidthAnswer {
  return { always, mostly, nineTenths: null, points: [], runCount: 0, failsBelow: null };
}

const NO_PRICES: PriceInput = { book: null, terms: DEFAULT_TERMS };

/** What the rules of findings look at, but for what was searched. */
function judgedOf(
  { bandwidthGiven, givenOptions, initialReplicationWithinMs: withinMs }: PlanRequest,
  run: Run,
  result: RunResult,
  part: RunPart,
): Omit<Evidence, 'bandwidth' | 'deltaOnly' | 'atDeltaOnly' | 'batches' | 'failures'> {
  return { run, result, ...part, bandwidthGiven, givenOptions, initialReplicationWithinMs: withinMs };
}

/** What the same fleet costs without its growth: a run of its own. */
function costBeforeGrowth(run: Run, rules: RuleSet, prices: PriceInput): Cost['beforeGrowth'] {
  const { growthRatio } = run.options;
  if (growthRatio === 0) return null;
  const before = { ...run, options: { ...run.options, growthRatio: 0 } };
  const result = simulate(before, { objectivesOnly: true });
  const { placement } = judgedByRules(before, result, rules);
  const { totals } = costOf({ run: before, result, placement, diskTiers: rules.diskTiers }, prices);
  return {
    growthRatio,
    monthlyMicros: totals.monthly.amountMicros,
    onceMicros: totals.once.amountMicros,
    disasterMicros: totals.disaster.amountMicros,
  };
}

/** What the fleet goes through, initial replication included, on a link that is made for its deltas. */
function runAtDeltaOnly(
  run: Run,
  deltaOnly: BandwidthAnswer,
  onTry: ((bitsPerSec: BitsPerSec) => void) | undefined,
): RunResult | undefined {
  if (run.options.skipInitialReplication || deltaOnly.always === null) return undefined;
  onTry?.(deltaOnly.always);
  return simulate(withBandwidth(run, deltaOnly.always), { objectivesOnly: true });
}

function withoutInitialReplication(run: Run): Run {
  return { ...run, options: { ...run.options, skipInitialReplication: true } };
}

/** The link's own bandwidth where it was given, else the one that the search found, else the nearest that says something. */
/**
 * The run at the bandwidth at which it is planned: the given one, or the smallest that the RPO needs. What stands before a study: its base case
 * is the plan's.
 */
export function settledRun(request: PlanRequest, onSearch?: (bitsPerSec: BitsPerSec) => void): Run {
  const { run, bandwidthGiven } = request;
  if (bandwidthGiven) return run;
  const hooks = onSearch === undefined ? {} : { onTry: onSearch };
  const roomy = withRoomOnVolumes(run);
  const bandwidth = searchBandwidth(roomy, hooks);
  const isSettled = bandwidth.always !== null || roomy.options.skipInitialReplication;
  const deltaOnly = isSettled ? bandwidth : searchBandwidth(withoutInitialReplication(roomy), hooks);
  return withBandwidth(run, chooseBandwidth(request, bandwidth, deltaOnly, hooks).bitsPerSec);
}

function chooseBandwidth(
  request: PlanRequest,
  bandwidth: BandwidthAnswer,
  deltaOnly: BandwidthAnswer,
  searchHooks: { readonly onTry?: (bitsPerSec: BitsPerSec) => void },
): BandwidthChoice & { readonly bitsPerSec: BitsPerSec } {
  const target = formatDurationMs(request.run.options.rpoTargetMs);
  if (request.bandwidthGiven) {
    return { ...LINK_GIVEN, bitsPerSec: request.run.site.link.capacityBitsPerSec };
  }
  if (bandwidth.always !== null) {
    return {
      given: false,
      bitsPerSec: bandwidth.always,
      reason: `no bandwidth was given: the smallest that keeps the RPO of ${target} all the time`,
    };
  }
  const calm = searchBandwidth(calmed(withRoomOnVolumes(request.run)), searchHooks).always;
  if (calm !== null) {
    return {
      given: false,
      bitsPerSec: calm,
      reason: `no bandwidth was given, and none keeps the RPO of ${target} through the outages and faults: the smallest that keeps it without them`,
    };
  }
  const mostly = bandwidth.mostly ?? deltaOnly.mostly;
  return {
    given: false,
    bitsPerSec: mostly ?? 1e9,
    reason:
      mostly === null
        ? `no bandwidth was given, and none keeps the RPO of ${target}: ${formatBitsPerSec(1e9)} stand in for it`
        : `no bandwidth was given, and none keeps the RPO of ${target} all the time: the smallest that keeps it 95 % of the time`,
  };
}

/** Without outages, faults and actions. */
function calmed(run: Run): Run {
  const site: Site = { ...run.site, link: { ...run.site.link, outages: [] } };
  return { ...run, site, events: [] };
}

/** Bandwidths around the run's own that the trade-off is drawn through, as multiples of it. */
const DRAWN_FACTOR = 4;
const TRADEOFF_FACTORS = [0.25, 0.5, 0.7, 0.85, 1.2, 1.5, 2, 3, 4];

function tradeoff(
  run: Run,
  result: RunResult,
  atDeltaOnly: RunResult | undefined,
  bandwidth: BandwidthAnswer,
  onTry: ((bitsPerSec: BitsPerSec) => void) | undefined,
): TradeoffPoint[] {
  const capacity = run.site.link.capacityBitsPerSec;
  const centre = bandwidth.always ?? bandwidth.mostly ?? capacity;
  const around = TRADEOFF_FACTORS.map((factor) => gridValue(gridIndex(centre * factor)));
  // The search also asks the fastest link there is; that far out there is nothing to draw.
  const near = bandwidth.points.filter(
    ({ bitsPerSec }) => bitsPerSec >= centre / DRAWN_FACTOR && bitsPerSec <= centre * DRAWN_FACTOR,
  );
  const points = new Map(near.map((point) => [point.bitsPerSec, point]));
  for (const bitsPerSec of around) {
    if (points.has(bitsPerSec)) continue;
    onTry?.(bitsPerSec);
    points.set(
      bitsPerSec,
      tradeoffPoint(bitsPerSec, simulate(withBandwidth(run, bitsPerSec), { objectivesOnly: true })),
    );
  }
  for (const known of [atDeltaOnly ?? result, result]) {
    points.set(known.link.capacityBitsPerSec, tradeoffPoint(known.link.capacityBitsPerSec, known));
  }
  return [...points.values()].sort((a, b) => a.bitsPerSec - b.bitsPerSec);
}

function initialReplicationNeed(
  { initialReplicationWithinMs: withinMs }: PlanRequest,
  roomy: Run,
  hooks: SearchHooks,
): InitialReplicationNeed | null {
  if (withinMs === undefined || roomy.options.skipInitialReplication) return null;
  return { withinMs, bitsPerSec: searchInitialReplication(roomy, withinMs, hooks) };
}

/** Objectives that people agree on. */
const OBJECTIVES_MS: readonly Millis[] = [1, 2, 5, 10, 15, 30, 60, 120, 240].map((minutes) => minutes * MINUTE_MS);

/** Points ascend by bandwidth. */
export function objectiveNeeds(points: readonly TradeoffPoint[]): ObjectiveNeed[] {
  return OBJECTIVES_MS.map((rpoMs) => {
    const last = points.findLastIndex(({ rpoMaxMs }) => rpoMaxMs === null || rpoMaxMs > rpoMs);
    return {
      rpoMs,
      meetsBitsPerSec: points[last + 1]?.bitsPerSec ?? null,
      failsBitsPerSec: points[last]?.bitsPerSec ?? null,
    };
  });
}
