import type { Assumption } from '../model/assumption.ts';
import { describeEvent } from '../model/event-text.ts';
import { settingsOf } from '../model/policy.ts';
import type { PriceInput } from '../model/prices.ts';
import type { RuleSet } from '../model/rules.ts';
import type { Run } from '../model/run.ts';
import { SCENARIOS } from '../model/scenario.ts';
import { type Site, sharedVolumesOf, volumeKey } from '../model/site.ts';
import { CONFIDENCES, confidenceOf, distinctBytes, type Vm } from '../model/workload.ts';
import type { RunResult } from '../simulate/result.ts';
import { simulate } from '../simulate/simulate.ts';
import { DAY_MS } from '../units.ts';
import type { BatchPlan } from './batches/batches.ts';
import { batchesOfRunbook } from './batches/runbook-batches.ts';
import { churnOf, compatibilityOf, withValues } from './compatibility.ts';
import { costOf } from './cost.ts';
import { exclusionAdvice } from './exclusion-advice.ts';
import { placementOf } from './placement.ts';
import type { Plan, PlanEvent, PlanScenario, PlanVm } from './plan.ts';
import { type RecoveryVm, recoveryPlanOutcomes } from './recovery-plans.ts';
import { replicaStorageNeed } from './replica-storage.ts';
import { type ResyncCost, resyncCost } from './resync-cost.ts';
import { runHash } from './run-hash.ts';
import { type RunbookInput, runbookOf } from './runbook.ts';
import { verdictOf } from './verdict.ts';
import { volumeSpaceOf } from './volume-space.ts';

/** What the run alone says, without another one beside it. */
export type RunPart = Pick<
  Plan,
  | ('scenario' | 'clock' | 'horizonMs' | 'verdict' | 'fleet' | 'link' | 'furtherLinks' | 'hosts' | 'replicaStorage')
  | ('rpo' | 'vms' | 'volumes' | 'recoveryPlans' | 'events' | 'exclusions' | 'series' | 'runHash')
  | ('rules' | 'compatibility' | 'placement' | 'runbook' | 'volumeSpace' | 'cost')
>;

/** What a run is judged by, besides itself. */
export interface Yardsticks {
  readonly rules: RuleSet;
  readonly prices: PriceInput;
  /** The batches that were worked out; `null` where there is nothing to replicate. */
  readonly batches: BatchPlan | null;
  readonly assumptions: readonly Assumption[];
}

/** All of it, cheaply: the report’s page makes it again whenever its reader moves a slider. */
export function partOfRun(run: Run, result: RunResult, yardsticks: Yardsticks): RunPart {
  const { rules, prices, batches, assumptions } = yardsticks;
  const { volumes, series } = needOfSpace(run, result);
  const exclusions = exclusionAdvice(run);
  const vms = planVms(run, result);
  const judged = judgedByRules(run, result, rules);
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
    volumeSpace: volumeSpaceOf(run, result, { volumes, series }, batches),
    recoveryPlans: recoveryPlanOutcomes(run.site.recoveryPlans, vms.map(withLastSet), run.policy.rules),
    events: planEvents(result),
    exclusions,
    runbook: runbookOf({
      ...{ run, exclusions, ...compressionSwitchOf(assumptions), ...batchesOfRunbook(run, batches) },
      initialEndsMs: result.vms.map(({ initialReplication }) => initialReplication.endMs),
    }),
    series,
    ...judged,
    cost: costOf({ run, result, ...judged, diskTiers: rules.diskTiers }, prices),
  };
}

export function judgedByRules(
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

/** The same run where no volume can run short. */
export function withRoomOnVolumes(run: Run): Run {
  const volumes = run.site.volumes.map(({ freeBytes: _, ...volume }) => volume);
  const events = run.events.filter(({ kind }) => kind !== 'volumeTaken');
  return { ...run, site: { ...run.site, volumes }, events };
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
  const shared = sharedVolumesOf(run.site);
  const plansOf = recoveryPlansOf(run.site);
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
    volumes: [...new Set(vm.disks.map(({ volume }) => volumeKey(vm.host, volume, shared)))].sort(),
    recoveryPlans: plansOf.get(vm.name) ?? [],
    readFrom: vm.disks.flatMap(({ readFrom }) => readFrom ?? []),
    resyncCost: costAtHalfDisk(vm, settings[v]!.compressionRatio, run),
  }));
}

function recoveryPlansOf({ recoveryPlans }: Site): ReadonlyMap<string, readonly string[]> {
  const plansOf = new Map<string, string[]>();
  for (const { name, groups } of recoveryPlans) {
    for (const vm of new Set(groups.flatMap(({ vms }) => vms))) plansOf.set(vm, [...(plansOf.get(vm) ?? []), name]);
  }
  return plansOf;
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
