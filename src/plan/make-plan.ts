import type { Assumption } from '../model/assumption.ts';
import { describeEvent } from '../model/event-text.ts';
import type { MeasuredReplication } from '../model/measured-replication.ts';
import { settingsOf } from '../model/policy.ts';
import type { Problem } from '../model/problem.ts';
import type { Receipt } from '../model/receipt.ts';
import type { RuleSet } from '../model/rules.ts';
import { type Run, withBandwidth } from '../model/run.ts';
import { SCENARIOS } from '../model/scenario.ts';
import type { Site } from '../model/site.ts';
import { CONFIDENCES, confidenceOf, distinctBytes, type Vm } from '../model/workload.ts';
import type { RunResult } from '../simulate/result.ts';
import { simulate } from '../simulate/simulate.ts';
import { type BitsPerSec, DAY_MS, formatBitsPerSec, formatDurationMs, MINUTE_MS, type Millis } from '../units.ts';
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
import { calibrate } from './calibration.ts';
import { changesOf } from './changes.ts';
import { churnOf, compatibilityOf, withValues } from './compatibility.ts';
import { exclusionAdvice } from './exclusion-advice.ts';
import { failuresOf } from './failures/failures.ts';
import type { Evidence } from './findings/finding.ts';
import { findingsOf } from './findings/registry.ts';
import { percentileWay } from './percentile-way.ts';
import { placementOf } from './placement.ts';
import type {
  InitialReplicationNeed,
  ObjectiveNeed,
  Plan,
  PlanEvent,
  PlanScenario,
  PlanVm,
  TradeoffPoint,
} from './plan.ts';
import { type RecoveryVm, recoveryPlanOutcomes } from './recovery-plans.ts';
import { replicaStorageNeed } from './replica-storage.ts';
import { type ResyncCost, resyncCost } from './resync-cost.ts';
import { rulesAssumption } from './rules-assumption.ts';
import { runHash } from './run-hash.ts';
import { type RunbookInput, runbookOf } from './runbook.ts';
import { SHIPPED_RULES } from './shipped-rules.ts';
import { verdictOf } from './verdict.ts';
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
  readonly problems: readonly Problem[];
  /** How long initial replication may take; absent = nobody said. */
  readonly initialReplicationWithinMs?: Millis;
  readonly version: string;
}

/** What the work has come to; for a progress line. */
export interface PlanHooks {
  readonly onSearch?: (bitsPerSec: BitsPerSec) => void;
  readonly onSimulate?: (atMs: Millis) => void;
  /** What is tried of the changes that might help. */
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
  const part = partOfRun(run, result, rules, request.assumptions);
  const failures = failuresOf(withRoomOnVolumes(run), hooks.onFailure);
  return {
    schema: 'asr-plan/plan@1',
    version: request.version,
    seed: run.options.seed,
    ...part,
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
      initialReplication: initialReplicationNeed(request, roomy, searchHooks),
      objectives: objectiveNeeds(tradeoffPoints),
      tradeoff: tradeoffPoints,
    },
    calibration: request.measured === undefined ? null : calibrate(run, result.vms, request.measured),
    percentileWay: percentileWay(run, bandwidth, deltaOnly),
    changes: changesOf(run, result, part.exclusions, hooks.onChange),
    failures,
    findings: findingsOf({ ...judgedOf(request, run, result, part), bandwidth, deltaOnly, atDeltaOnly, failures }),
  };
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
  const part = partOfRun(run, result, base.rules, request.assumptions);
  const { recommendation } = base;
  const answers = {
    bandwidth: knownAnswer(recommendation.bitsPerSecForRpoAlways, recommendation.bitsPerSecForRpo95),
    deltaOnly: knownAnswer(recommendation.deltaOnlyBitsPerSecForRpoAlways, recommendation.deltaOnlyBitsPerSecForRpo95),
  };
  return {
    ...base,
    ...part,
    assumptions: assumptionsOf(run, request.givenOptions, LINK_GIVEN, [
      ...request.assumptions,
      rulesAssumption(base.rules),
    ]),
    findings: findingsOf({
      ...{ ...judgedOf(request, run, result, part), ...answers, atDeltaOnly: undefined },
      failures: base.failures,
    }),
  };
}

const LINK_GIVEN: BandwidthChoice = { given: true, reason: 'the link’s bandwidth' };

function knownAnswer(always: BitsPerSec | null, mostly: BitsPerSec | null): BandwidthAnswer {
  return { always, mostly, nineTenths: null, points: [], runCount: 0 };
}

/** What the run alone says, without another one beside it. */
type RunPart = Pick<
  Plan,
  | ('scenario' | 'clock' | 'horizonMs' | 'verdict' | 'fleet' | 'link' | 'furtherLinks' | 'hosts' | 'replicaStorage')
  | ('rpo' | 'vms' | 'volumes' | 'recoveryPlans' | 'events' | 'exclusions' | 'series' | 'runHash')
  | ('rules' | 'compatibility' | 'placement' | 'runbook')
>;

/** What the rules of findings look at, but for what was searched. */
function judgedOf(
  { bandwidthGiven, givenOptions }: PlanRequest,
  run: Run,
  result: RunResult,
  part: RunPart,
): Omit<Evidence, 'bandwidth' | 'deltaOnly' | 'atDeltaOnly' | 'failures'> {
  return { run, result, ...part, bandwidthGiven, givenOptions };
}

function partOfRun(run: Run, result: RunResult, rules: RuleSet, assumptions: readonly Assumption[]): RunPart {
  const { volumes, series } = needOfSpace(run, result);
  const exclusions = exclusionAdvice(run);
  const vms = planVms(run, result);
  return {
    runHash: runHash(result),
    scenario: planScenario(run),
    clock: run.workload.clock,
    horizonMs: result.horizonMs,
    verdict: verdictOf(run, result, volumes),
    fleet: {
      vmCount: vms.length,
      diskCount: sum(vms, (vm) => vm.diskCount),
      provisionedBytes: sum(vms, (vm) => vm.provisionedBytes),
      usedBytes: sum(vms, (vm) => vm.usedBytes),
      churnBytesPerDay: sum(vms, (vm) => vm.churnBytesPerDay),
      diskCountByConfidence: countByConfidence(run.workload.vms),
    },
    link: result.link,
    furtherLinks: result.furtherLinks,
    hosts: result.hosts,
    replicaStorage: replicaStorageNeed(run, result),
    rpo: result.rpo,
    vms,
    volumes,
    recoveryPlans: recoveryPlanOutcomes(run.site.recoveryPlans, vms.map(withLastSet), run.policy.rules),
    events: planEvents(result),
    exclusions,
    runbook: runbookOf({
      ...{ run, exclusions, ...compressionSwitchOf(assumptions) },
      initialEndsMs: result.vms.map(({ initialReplication }) => initialReplication.endMs),
    }),
    series,
    ...judgedByRules(run, result, rules),
  };
}

function judgedByRules(
  run: Run,
  result: RunResult,
  rules: RuleSet,
): Pick<Plan, 'rules' | 'compatibility' | 'placement'> {
  const churn = churnOf(run);
  const vms = withValues(run, result.vms, churn);
  return {
    rules,
    compatibility: compatibilityOf(run, vms, rules),
    placement: placementOf(run, vms, churn, rules),
  };
}

/** The policy's switch is no part of a run: it stands among the assumptions. */
function compressionSwitchOf(assumptions: readonly Assumption[]): Pick<RunbookInput, 'policyCompression'> {
  const found = assumptions.find(({ name }) => name === 'policyCompression')?.value;
  return found === 'on' || found === 'off' ? { policyCompression: found } : {};
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

/** The same run where no volume can run short. */
function withRoomOnVolumes(run: Run): Run {
  const volumes = run.site.volumes.map(({ freeBytes: _, ...volume }) => volume);
  const events = run.events.filter(({ kind }) => kind !== 'volumeTaken');
  return { ...run, site: { ...run.site, volumes }, events };
}

/** What logs and snapshots need on each volume. Where one ran short, a run in which there is room says it. */
function needOfSpace(run: Run, result: RunResult): Pick<RunResult, 'volumes' | 'series'> {
  if (result.volumes.every(({ lowAtMs }) => lowAtMs === null)) return result;
  const roomy = simulate(withRoomOnVolumes(run));
  const volumes = result.volumes.map((volume, v) => {
    const { hrlPeakBytes, snapshotPeakBytes, extraPeakBytes, peakAtMs } = roomy.volumes[v]!;
    return { ...volume, hrlPeakBytes, snapshotPeakBytes, extraPeakBytes, peakAtMs };
  });
  const { volumeHrlBytes, volumeSnapshotBytes } = roomy.series;
  return { volumes, series: { ...result.series, volumeHrlBytes, volumeSnapshotBytes } };
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

function planScenario({ policy }: Run): PlanScenario {
  const { id, title, components, paths, dataNote, encryptionNote, closedNote } = SCENARIOS[policy.scenario];
  const notes = [dataNote, encryptionNote, ...(closedNote === null ? [] : [closedNote])];
  return { id, title, copyFrequencyMs: policy.copyFrequencyMs, components, paths, notes };
}

function planEvents(result: RunResult): PlanEvent[] {
  return result.events
    .map((event) => ({ text: describeEvent(event.event), ...event }))
    .sort((a, b) => a.event.atMs - b.event.atMs);
}

function planVms(run: Run, result: RunResult): PlanVm[] {
  const settings = settingsOf(
    run.policy,
    run.workload.vms.map(({ name }) => name),
  );
  const clouds = new Map(run.site.clouds.flatMap((cloud) => (cloud.vms ?? []).map((vm) => [vm, cloud.name])));
  return run.workload.vms.map((vm, v) => ({
    ...result.vms[v]!,
    host: vm.host,
    diskCount: vm.disks.length,
    provisionedBytes: sum(vm.disks, (disk) => disk.sizeBytes),
    usedBytes: sum(vm.disks, (disk) => disk.usedBytes),
    churnBytesPerDay: Math.round((result.vms[v]!.bytes.written * DAY_MS) / result.horizonMs),
    confidence: CONFIDENCES.findLast((confidence) => vm.disks.some((disk) => confidenceOf(disk) === confidence))!,
    copyFrequencyMs: settings[v]!.copyFrequencyMs,
    cloud: clouds.get(vm.name) ?? null,
    resyncCost: costAtHalfDisk(vm, settings[v]!.compressionRatio, run),
  }));
}

function countByConfidence(vms: readonly Vm[]): Plan['fleet']['diskCountByConfidence'] {
  const counts = { week: 0, part: 0, average: 0, assumed: 0 };
  for (const { disks } of vms) for (const disk of disks) counts[confidenceOf(disk)]++;
  return counts;
}

/** The last changes of a planned failover take what a cycle takes on average. */
function withLastSet(vm: PlanVm): RecoveryVm {
  const averageSec = vm.statistics.AverageReplicationLatency;
  return { ...vm, lastSetMs: averageSec === null ? 0 : Math.ceil(averageSec * 1000) };
}

/** The least that a mark by the half-disk rule finds changed: what half of each disk's logs hold. */
function costAtHalfDisk(vm: Vm, compressionRatio: number, { policy, site }: Run): ResyncCost {
  const disks = vm.disks.map((disk) => ({
    sizeBytes: disk.sizeBytes,
    usedBytes: disk.usedBytes,
    changedBytes: distinctBytes(disk, disk.sizeBytes * policy.rules.resyncLogRatio),
  }));
  return resyncCost(disks, { compressionRatio, rules: policy.rules }, site.link);
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
