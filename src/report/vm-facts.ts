import { CAUSES } from '../model/cause.ts';
import { formatLocal } from '../model/clock.ts';
import type { Confidence } from '../model/workload.ts';
import type { Plan, PlanVm, RpoStats } from '../plan/plan.ts';
import { formatBytes, formatDurationMs, formatShare, type Millis } from '../units.ts';
import { shownName } from './shown-name.ts';

/** Something known of a VM: mostly one value, a line each where there are more. */
export interface Fact {
  readonly label: string;
  readonly values: readonly string[];
}

export interface FactGroup {
  readonly title: string;
  readonly facts: readonly Fact[];
}

const NONE = '–';

/** How well churn is known, in words. */
export const CONFIDENCE_WORDS: Readonly<Record<Confidence, string>> = {
  week: 'measured in every hour of the week',
  part: 'measured, but not in every hour of the week',
  average: 'as one average rate: no peaks, no nights',
  assumed: 'not at all: assumed by rule',
};

/** Everything about one VM that is no table. */
export function vmFacts(plan: Plan, vm: PlanVm): FactGroup[] {
  return [
    { title: 'State', facts: stateFacts(vm) },
    { title: 'Protection', facts: protectionFacts(plan, vm) },
    { title: 'Recovery point', facts: recoveryPointFacts(plan, vm) },
    { title: 'Churn, traffic and space', facts: byteFacts(plan, vm) },
  ];
}

function stateFacts(vm: PlanVm): Fact[] {
  const { statistics } = vm;
  return [
    fact('State at the end', vm.phaseAtEnd),
    fact('Replication state in the product', `${statistics.ReplicationStateName} (${statistics.ReplicationState})`),
    fact('Health', vm.health, ...vm.healthReasons.map(shownName)),
    fact('Last error', ...lastError(vm)),
    ...(vm.enableFailure === null ? [] : [fact('Why Enable protection failed', shownName(vm.enableFailure))]),
    fact('Copy frequency', formatDurationMs(vm.copyFrequencyMs)),
    fact('Churn is known', CONFIDENCE_WORDS[vm.confidence]),
    ...(vm.cloud === null ? [] : [fact('Cloud', shownName(vm.cloud))]),
    fact(
      'Disks',
      `${vm.diskCount}, ${formatBytes(vm.provisionedBytes)} provisioned, ${formatBytes(vm.usedBytes)} used`,
    ),
  ];
}

function protectionFacts(plan: Plan, vm: PlanVm): Fact[] {
  const { initialReplication: initial } = vm;
  const at = instants(plan);
  return [
    fact(
      'Initial replication',
      ...(initial.startMs === null ? ['none'] : [`from ${at(initial.startMs)}`, `to ${at(initial.endMs)}`]),
    ),
    fact('Disks arrived', ...initial.disks.map((disk) => `${shownName(disk.name)} ${at(disk.endMs)}`)),
    fact('Protected from', at(vm.protectedAtMs)),
    fact('First delta arrived', at(vm.firstDeltaAtMs)),
    fact('First failed attempt', at(vm.firstFailureAtMs)),
    fact('Marked for resynchronization', ...marks(vm)),
  ];
}

/** With what an administrator has to do, where nothing goes on without one. */
function lastError({ lastError: cause, phaseAtEnd }: PlanVm): string[] {
  if (cause === null) return ['none'];
  const { title, remedy } = CAUSES[cause];
  return phaseAtEnd === 'critical' ? [title, remedy] : [title];
}

function marks({ resyncCount, resyncCauses }: PlanVm): string[] {
  if (resyncCount === 0) return ['never'];
  return resyncCauses.map(({ cause, count }) => `${count === 1 ? 'once' : `${count} times`}: ${CAUSES[cause].title}`);
}

function recoveryPointFacts(plan: Plan, vm: PlanVm): Fact[] {
  const { storagePeakBytes } = vm.recoveryPoints;
  return [
    fact('RPO from the first delta on', ...ages(vm.steadyRpo, 'no delta arrived')),
    fact('RPO, catching up included', ...ages(vm.rpo, 'never protected')),
    fact('Last older than the target', vm.lastBreachAtMs === null ? 'never' : instants(plan)(vm.lastBreachAtMs)),
    fact('Recovery points kept at the end', keptPoints(plan, vm)),
    fact('Their space at the target', storagePeakBytes === 0 ? 'none' : `at most ${formatBytes(storagePeakBytes)}`),
    ...(vm.failovers.length === 0 ? [fact('Failovers', 'none')] : []),
  ];
}

function ages({ p50Ms, p95Ms, maxMs }: RpoStats, none: string): string[] {
  if (maxMs === null) return [none];
  return [
    `half of the time at most ${durationOr(p50Ms)}`,
    `95 % of the time at most ${durationOr(p95Ms)}`,
    `worst ${durationOr(maxMs)}`,
  ];
}

function keptPoints(plan: Plan, { recoveryPoints: { kept }, protectedAtMs }: PlanVm): string {
  const [oldest] = kept;
  if (oldest === undefined) return protectedAtMs === null ? 'none' : 'only the latest';
  const consistent = kept.filter(({ appConsistent }) => appConsistent).length;
  const from = `back to ${formatLocal(plan.clock, oldest.atMs)}`;
  return `the latest and ${kept.length} more, ${from}; ${consistent === 0 ? 'none' : consistent} of them app-consistent`;
}

function byteFacts(plan: Plan, vm: PlanVm): Fact[] {
  const { cycles, sentBytes, bytes } = vm;
  return [
    fact('Churn', `${formatBytes(vm.churnBytesPerDay)} per day`),
    fact('Cycles', `${cycles.completed} completed, ${cycles.missed} missed, ${cycles.failed} failed`),
    fact(
      'Sent over the link',
      `${formatBytes(sentBytes.initial)} initial, ${formatBytes(sentBytes.delta)} delta, ${formatBytes(sentBytes.resync)} resynchronization`,
    ),
    fact(
      'Written by the guest',
      `${formatBytes(bytes.written)}: ${formatBytes(bytes.delivered)} delivered, ${formatBytes(bytes.inFlight)} in flight, ${formatBytes(bytes.inLogs)} in logs, ${formatBytes(bytes.droppedAtMark)} dropped at a mark, ${formatBytes(bytes.untracked)} untracked`,
    ),
    fact(
      'Log peak',
      `${formatBytes(vm.hrlPeakBytes)} at ${instants(plan)(vm.hrlPeakAtMs)}; the fullest disk reached ${formatShare(vm.hrlPeakRatio)} of its size`,
    ),
    fact('Snapshot peak', formatBytes(vm.snapshotPeakBytes)),
  ];
}

function fact(label: string, ...values: readonly string[]): Fact {
  return { label, values: values.length === 0 ? [NONE] : values };
}

function instants(plan: Plan): (atMs: Millis | null) => string {
  return (atMs) => (atMs === null ? NONE : formatLocal(plan.clock, atMs));
}

function durationOr(durationMs: Millis | null): string {
  return durationMs === null ? NONE : formatDurationMs(durationMs);
}
