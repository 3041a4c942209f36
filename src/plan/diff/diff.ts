import type { Finding, Plan, PlanVm, VolumeResult } from '../plan.ts';
import type { RecoveryPlanOutcome } from '../recovery-plans.ts';
import { causesOf, type DiffCause } from './causes.ts';
import { type Change, type ChangeOf, changesOf, difference, pairUp } from './change.ts';
import { type Contribution, contributionsOf } from './contributions.ts';

export type { DiffCause } from './causes.ts';
export type { Change, DiffValue } from './change.ts';
export type { Contribution } from './contributions.ts';

/** What changed from one plan to another. Plain data; its JSON Schema is `schemas/diff.schema.json`. Only what differs is listed. */
export interface PlanDiff {
  readonly schema: 'asr-plan/diff@1';
  /** Nothing below is listed, and the runs have one fingerprint. */
  readonly same: boolean;
  /** The runs agree in every number. */
  readonly sameRun: boolean;
  readonly before: PlanIdentity;
  readonly after: PlanIdentity;
  /** The answers to the questions that a plan is made for. */
  readonly answers: readonly Change[];
  readonly findings: FindingDiff;
  readonly vms: SubjectDiff;
  readonly volumes: SubjectDiff;
  readonly recoveryPlans: SubjectDiff;
  /** What went into the runs and differs, by name. Which of it made which answer change no comparison of two runs can tell. */
  readonly causes: readonly DiffCause[];
  /** What each VM adds to a change of the fleet's totals: these add up. */
  readonly contributions: readonly Contribution[];
}

/** Which plan it is. */
export interface PlanIdentity {
  readonly version: string;
  readonly seed: number;
  readonly runHash: string;
  readonly met: boolean;
  readonly sentence: string;
}

/** VMs, volumes or recovery plans, matched by name. */
export interface SubjectDiff {
  /** Only in the later plan, and only in the earlier one. */
  readonly came: readonly string[];
  readonly went: readonly string[];
  /** In both, with other answers: those whose answers changed most come first. */
  readonly changed: readonly { readonly name: string; readonly changes: readonly Change[] }[];
}

/** Findings, matched by rule and subjects. */
export interface FindingDiff {
  readonly came: readonly FindingLine[];
  readonly went: readonly FindingLine[];
  readonly changed: readonly { readonly before: FindingLine; readonly after: FindingLine }[];
}

export interface FindingLine extends Pick<Finding, 'id' | 'title'> {
  readonly severity: NonNullable<Finding['severity']>;
}

/** Compares two plans; `diffPlans(b, a)` is the mirror image of `diffPlans(a, b)`. */
export function diffPlans(before: Plan, after: Plan): PlanDiff {
  const parts = {
    answers: answersOf(before, after),
    findings: findingsOf(wrongOf(before), wrongOf(after)),
    vms: subjectsOf(before.vms, after.vms, VM_ANSWERS),
    volumes: subjectsOf(before.volumes, after.volumes, VOLUME_ANSWERS),
    recoveryPlans: subjectsOf(before.recoveryPlans, after.recoveryPlans, RECOVERY_ANSWERS),
    causes: causesOf(before, after),
    contributions: contributionsOf(before.vms, after.vms),
  };
  const sameRun = before.runHash === after.runHash;
  return {
    schema: 'asr-plan/diff@1',
    same: sameRun && isEmpty(parts),
    sameRun,
    before: identityOf(before),
    after: identityOf(after),
    ...parts,
  };
}

/** Whether every list in it is empty, and every list within its members. */
function isEmpty(parts: object): boolean {
  return Object.values(parts).every((part) => (Array.isArray(part) ? part.length === 0 : isEmpty(part)));
}

function identityOf({ version, seed, runHash, verdict }: Plan): PlanIdentity {
  return { version, seed, runHash, met: verdict.met, sentence: verdict.sentence };
}

const ANSWERS: readonly ChangeOf<Plan>[] = [
  { id: 'verdict', title: 'Objectives', unit: '', of: ({ verdict }) => (verdict.met ? 'met' : 'broken') },
  {
    ...{ id: 'bitsPerSecForRpoAlways', title: 'Bandwidth for the RPO, all the time', unit: 'bit/s' },
    of: ({ recommendation }) => recommendation.bitsPerSecForRpoAlways,
  },
  {
    ...{ id: 'bitsPerSecForRpo95', title: 'Bandwidth for the RPO, 95 % of the time', unit: 'bit/s' },
    of: ({ recommendation }) => recommendation.bitsPerSecForRpo95,
  },
  {
    ...{ id: 'deltaOnlyBitsPerSecForRpoAlways', title: 'Bandwidth for the deltas, all the time', unit: 'bit/s' },
    of: ({ recommendation }) => recommendation.deltaOnlyBitsPerSecForRpoAlways,
  },
  {
    ...{ id: 'deltaOnlyBitsPerSecForRpo95', title: 'Bandwidth for the deltas, 95 % of the time', unit: 'bit/s' },
    of: ({ recommendation }) => recommendation.deltaOnlyBitsPerSecForRpo95,
  },
  {
    ...{ id: 'capacityBitsPerSec', title: 'Bandwidth of the run', unit: 'bit/s' },
    of: ({ link }) => link.capacityBitsPerSec,
  },
  { id: 'rpoMaxMs', title: 'Worst RPO', unit: 'ms', of: ({ rpo }) => rpo.steady.maxMs },
  { id: 'rpoP95Ms', title: 'RPO for 95 % of the time', unit: 'ms', of: ({ rpo }) => rpo.steady.p95Ms },
  {
    ...{ id: 'withinTargetShare', title: 'Time within the RPO', unit: 'share' },
    of: ({ rpo }) => rpo.steady.withinTargetFraction,
  },
  { id: 'initialReplicationEndMs', title: 'End of initial replication', unit: 'ms', of: lastInitialMs },
  {
    ...{ id: 'extraPeakBytes', title: 'Extra space on all volumes, sum of their peaks', unit: 'B' },
    of: ({ volumes }) => volumes.reduce((sum, { extraPeakBytes }) => sum + extraPeakBytes, 0),
  },
  { id: 'p95BitsPerSec', title: 'Traffic, 95th percentile', unit: 'bit/s', of: ({ link }) => link.p95BitsPerSec },
  { id: 'sentBytes', title: 'Sent over the link', unit: 'B', of: ({ link }) => link.sentBytes.total },
  { id: 'clippedShare', title: 'Link full', unit: 'share', of: ({ link }) => link.clippedFraction },
];

/** The last disk's arrival; `null` where a VM did not get that far, or none began. */
function lastInitialMs({ vms }: Plan): number | null {
  const started = vms.filter((vm) => vm.initialReplication.startMs !== null);
  if (started.length === 0 || started.some((vm) => vm.initialReplication.endMs === null)) return null;
  return started.reduce((last, vm) => Math.max(last, vm.initialReplication.endMs!), 0);
}

function answersOf(before: Plan, after: Plan): Change[] {
  const objectives = pairUp(before.verdict.objectives, after.verdict.objectives, ({ id }) => id).flatMap((pair) => {
    const title = (pair.before ?? pair.after)!.title;
    const met = (objective: typeof pair.before): string | null =>
      objective === undefined ? null : objective.met ? 'met' : 'broken';
    const change = { id: `objective ${pair.key}`, title, unit: '' as const };
    return difference(change, met(pair.before), met(pair.after));
  });
  return [...changesOf(ANSWERS, before, after), ...objectives];
}

const VM_ANSWERS: readonly ChangeOf<PlanVm>[] = [
  { id: 'rpoMaxMs', title: 'Worst RPO', unit: 'ms', of: ({ steadyRpo }) => steadyRpo.maxMs },
  {
    ...{ id: 'withinTargetShare', title: 'Time within the RPO', unit: 'share' },
    of: ({ steadyRpo }) => steadyRpo.withinTargetFraction,
  },
  {
    ...{ id: 'initialReplicationEndMs', title: 'End of initial replication', unit: 'ms' },
    of: ({ initialReplication }) => initialReplication.endMs,
  },
  { id: 'phaseAtEnd', title: 'Phase at the end', unit: '', of: ({ phaseAtEnd }) => phaseAtEnd },
  { id: 'health', title: 'Health at the end', unit: '', of: ({ health }) => health },
  { id: 'resyncCount', title: 'Resynchronizations', unit: '', of: ({ resyncCount }) => resyncCount },
  { id: 'hrlPeakBytes', title: 'Log peak', unit: 'B', of: ({ hrlPeakBytes }) => hrlPeakBytes },
  { id: 'enableFailure', title: 'Why it is not protected', unit: '', of: ({ enableFailure }) => enableFailure },
];

const VOLUME_ANSWERS: readonly ChangeOf<VolumeResult>[] = [
  { id: 'extraPeakBytes', title: 'Peak of all', unit: 'B', of: ({ extraPeakBytes }) => extraPeakBytes },
  { id: 'hrlPeakBytes', title: 'Peak of logs', unit: 'B', of: ({ hrlPeakBytes }) => hrlPeakBytes },
  { id: 'snapshotPeakBytes', title: 'Peak of snapshots', unit: 'B', of: (volume) => volume.snapshotPeakBytes },
  { id: 'lowAtMs', title: 'Sending stopped', unit: 'ms', of: ({ lowAtMs }) => lowAtMs },
  { id: 'fullAtMs', title: 'Full', unit: 'ms', of: ({ fullAtMs }) => fullAtMs },
];

const RECOVERY_ANSWERS: readonly ChangeOf<RecoveryPlanOutcome>[] = [
  { id: 'rtoMs', title: 'RTO', unit: 'ms', of: ({ unplanned }) => unplanned.rtoMs },
  { id: 'lossMaxMs', title: 'Worst data loss', unit: 'ms', of: ({ unplanned }) => unplanned.loss?.max.lossMs ?? null },
  { id: 'downtimeMs', title: 'Down, planned', unit: 'ms', of: ({ planned }) => planned.downtimeMs },
];

function subjectsOf<Item extends { readonly name: string }>(
  before: readonly Item[],
  after: readonly Item[],
  answers: readonly ChangeOf<Item>[],
): SubjectDiff {
  const pairs = pairUp(before, after, ({ name }) => name);
  const changed = pairs.flatMap((pair) => {
    if (pair.before === undefined || pair.after === undefined) return [];
    const changes = changesOf(answers, pair.before, pair.after);
    return changes.length === 0 ? [] : [{ name: pair.before.name, changes }];
  });
  return {
    came: pairs.flatMap((pair) => (pair.before === undefined ? [pair.after!.name] : [])),
    went: pairs.flatMap((pair) => (pair.after === undefined ? [pair.before!.name] : [])),
    // The first answer is the one that counts; `pairUp` has put equal ones into the names' order.
    changed: changed.sort((left, right) => weightOf(right, answers[0]!.id) - weightOf(left, answers[0]!.id)),
  };
}

/** The same in either direction; a value that is only there in one plan outweighs any other. */
function weightOf({ changes }: { readonly changes: readonly Change[] }, id: string): number {
  const first = changes.find((change) => change.id === id);
  if (first === undefined) return 0;
  return first.change === null ? Number.MAX_VALUE : Math.abs(first.change);
}

function findingsOf(before: readonly Finding[], after: readonly Finding[]): FindingDiff {
  // First those that concern the same subjects; what is left over, of one rule, in the order of the subjects.
  const exact = pairUp(before, after, ({ id, evidence }) => JSON.stringify([id, evidence]));
  const alone = exact.filter((pair) => pair.before === undefined || pair.after === undefined);
  const byRule = pairUp(
    alone.flatMap((pair) => pair.before ?? []),
    alone.flatMap((pair) => pair.after ?? []),
    ({ id }) => id,
  );
  const both = [...exact.filter((pair) => !alone.includes(pair)), ...byRule];
  return {
    came: both.flatMap((pair) => (pair.before === undefined ? [lineOf(pair.after!)] : [])),
    went: both.flatMap((pair) => (pair.after === undefined ? [lineOf(pair.before!)] : [])),
    changed: both.flatMap((pair) => {
      if (pair.before === undefined || pair.after === undefined) return [];
      const [left, right] = [lineOf(pair.before), lineOf(pair.after)];
      return left.title === right.title && left.severity === right.severity ? [] : [{ before: left, after: right }];
    }),
  };
}

/** What is fine neither comes nor goes. */
function wrongOf({ findings }: Plan): Finding[] {
  return findings.filter(({ ok }) => !ok);
}

function lineOf({ id, severity, title }: Finding): FindingLine {
  return { id, severity: severity ?? 'note', title };
}
