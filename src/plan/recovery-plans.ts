/**
 * What a recovery plan promises: how long its application is down and how much of its data is lost (semantics 30).
 */
import type { RuleParameters } from '../model/policy.ts';
import type { PlanAction, RecoveryGroup, RecoveryPlan } from '../model/recovery-plan.ts';
import type { RpoStats } from '../simulate/result.ts';
import type { Millis } from '../units.ts';

/** What has to be known of a VM; a `PlanVm` is one. */
export interface RecoveryVm {
  readonly name: string;
  /** `null` = never protected: there is nothing to fail over to. */
  readonly protectedAtMs: Millis | null;
  /** Ages of the recovery point from the first delta on; nulls where there was none. */
  readonly steadyRpo: RpoStats;
  /** The VM's own durations, where somebody has measured them in a test failover; absent = the rules'. */
  readonly failoverMs?: Millis;
  readonly bootMs?: Millis;
  /** How long its last changes travel in a planned failover, as after an average cycle; absent = 0. */
  readonly lastSetMs?: Millis;
}

/** The rules that the durations come from. */
export type RecoveryRules = Pick<RuleParameters, 'detectionMs' | 'decisionMs' | 'failoverMs' | 'bootMs'>;

/** Plain data. Durations are milliseconds. */
export interface RecoveryPlanOutcome {
  readonly name: string;
  readonly vmCount: number;
  readonly unplanned: UnplannedOutcome;
  readonly planned: PlannedOutcome;
}

export interface UnplannedOutcome {
  /** From the disaster until the last group serves and the last action is done: the sum of `terms`. */
  readonly rtoMs: Millis;
  readonly terms: readonly RecoveryTerm[];
  /** `null` where a VM of the plan could not be recovered, or nothing is known of its losses; `lossUnknown` says why. */
  readonly loss: ApplicationLoss | null;
  /** A sentence each; empty where `loss` is known. */
  readonly lossUnknown: readonly string[];
}

export interface PlannedOutcome {
  /** The last changes are sent first: nothing is lost. `null` where a VM of the plan has no replica to fail over to. */
  readonly lossMs: 0 | null;
  /** From the guests' shutdown until the last group serves and the last action is done: the sum of `terms`. */
  readonly downtimeMs: Millis;
  readonly terms: readonly RecoveryTerm[];
}

/** One summand of a duration. */
export interface RecoveryTerm {
  readonly title: string;
  readonly durationMs: Millis;
  /** The rule's parameters by name, the site file, or the run. */
  readonly source: string;
  /** The VMs that take so long, as the group names them; empty where the term is no VM's. */
  readonly decidedBy: readonly string[];
}

/**
 * Data lost by an unplanned failover at a moment drawn from the run: the age of the oldest recovery point among the plan's VMs,
 * since an application is only as consistent as its oldest member. Each figure is the largest of the VMs' own. That is exact
 * for the maximum; the median and the 95th percentile of the oldest age are at least these, and more where different VMs lag
 * at different times.
 */
export interface ApplicationLoss {
  readonly p50: WorstVm;
  readonly p95: WorstVm;
  readonly max: WorstVm;
}

export interface WorstVm {
  readonly lossMs: Millis;
  /** The VMs with this loss, in the plan's order. */
  readonly decidedBy: readonly string[];
}

/** One outcome for each plan, in their order. */
export function recoveryPlanOutcomes(
  plans: readonly RecoveryPlan[],
  vms: readonly RecoveryVm[],
  rules: RecoveryRules,
): RecoveryPlanOutcome[] {
  const byName = new Map(vms.map((vm) => [vm.name, vm]));
  return plans.map((plan) => recoveryPlanOutcome(plan, byName, rules));
}

/**
 * A group's failover counts together with its boot, group after group (semantics 30). Microsoft's list of steps says that all
 * machines fail over in parallel first and only the starts go group by group; its overview says that a group's failover begins
 * when the group before it has started (facts 8). The second is taken: it is the longer one, by the failover of every group but
 * one where all take the same.
 */
function recoveryPlanOutcome(
  plan: RecoveryPlan,
  byName: ReadonlyMap<string, RecoveryVm>,
  rules: RecoveryRules,
): RecoveryPlanOutcome {
  const names = plan.groups.flatMap((group) => group.vms);
  const members = names.flatMap((name) => byName.get(name) ?? []);
  const recovery = plan.groups.flatMap((group) => groupTerms(group, byName, rules));
  const unplanned = [...reactionTerms(plan, rules), ...recovery];
  const planned = [...lastSetTerms(members), ...recovery];
  const lossUnknown = names.flatMap((name) => whyLossUnknown(name, byName.get(name)));
  return {
    name: plan.name,
    vmCount: names.length,
    unplanned: {
      rtoMs: totalMs(unplanned),
      terms: unplanned,
      loss: members.length === 0 || lossUnknown.length > 0 ? null : applicationLoss(members),
      lossUnknown: names.length === 0 ? ['The plan has no VMs.'] : lossUnknown,
    },
    planned: {
      lossMs: names.every((name) => hasReplica(byName.get(name))) ? 0 : null,
      downtimeMs: totalMs(planned),
      terms: planned,
    },
  };
}

function reactionTerms(plan: RecoveryPlan, rules: RecoveryRules): RecoveryTerm[] {
  const term = (title: string, name: 'detectionMs' | 'decisionMs'): RecoveryTerm => ({
    title,
    durationMs: plan[name] ?? rules[name],
    source: plan[name] === undefined ? `rule ${name}` : `site file, ${name} of the plan`,
    decidedBy: [],
  });
  return [term('Until somebody knows', 'detectionMs'), term('Until somebody has decided', 'decisionMs')];
}

function groupTerms(
  group: RecoveryGroup,
  byName: ReadonlyMap<string, RecoveryVm>,
  rules: RecoveryRules,
): RecoveryTerm[] {
  return [
    ...group.before.map((action) => actionTerm(group, action)),
    ...startTerms(group, byName, rules),
    ...group.after.map((action) => actionTerm(group, action)),
  ];
}

function actionTerm(group: RecoveryGroup, action: PlanAction): RecoveryTerm {
  return {
    title: `${group.name}: ${action.title}`,
    durationMs: action.takesMs,
    source: `site file, ${action.kind} action`,
    decidedBy: [],
  };
}

/** A VM that nothing is known of takes what the rules say. */
function startTerms(
  group: RecoveryGroup,
  byName: ReadonlyMap<string, RecoveryVm>,
  rules: RecoveryRules,
): RecoveryTerm[] {
  const starts = group.vms.map((name) => {
    const vm = byName.get(name);
    const isOwn = vm?.failoverMs !== undefined || vm?.bootMs !== undefined;
    return { name, isOwn, ms: (vm?.failoverMs ?? rules.failoverMs) + (vm?.bootMs ?? rules.bootMs) };
  });
  if (starts.length === 0) return [];
  const durationMs = Math.max(...starts.map(({ ms }) => ms));
  const slowest = starts.filter(({ ms }) => ms === durationMs);
  return [
    {
      title: `${group.name}: failover and boot of the slowest VM`,
      durationMs,
      source: slowest.every(({ isOwn }) => isOwn) ? 'the VM’s own durations' : 'rules failoverMs + bootMs',
      decidedBy: slowest.map(({ name }) => name),
    },
  ];
}

/** All guests of the plan shut down together and send side by side, so that the longest transfer counts once. */
function lastSetTerms(members: readonly RecoveryVm[]): RecoveryTerm[] {
  const durationMs = Math.max(0, ...members.map((vm) => vm.lastSetMs ?? 0));
  if (durationMs === 0) return [];
  return [
    {
      title: 'The last changes travel',
      durationMs,
      source: 'run, average cycle',
      decidedBy: members.filter((vm) => vm.lastSetMs === durationMs).map((vm) => vm.name),
    },
  ];
}

function hasReplica(vm: RecoveryVm | undefined): boolean {
  return vm !== undefined && vm.protectedAtMs !== null;
}

function whyLossUnknown(name: string, vm: RecoveryVm | undefined): string[] {
  if (vm === undefined) return [`${name} is not in the fleet.`];
  if (vm.protectedAtMs === null) return [`${name} was never protected.`];
  return vm.steadyRpo.maxMs === null ? [`${name} had no delta within the run.`] : [];
}

function applicationLoss(members: readonly RecoveryVm[]): ApplicationLoss {
  return { p50: worst(members, 'p50Ms'), p95: worst(members, 'p95Ms'), max: worst(members, 'maxMs') };
}

/** The members' ages are known here: {@link whyLossUnknown} has let them through. */
function worst(members: readonly RecoveryVm[], figure: 'p50Ms' | 'p95Ms' | 'maxMs'): WorstVm {
  const lossMs = Math.max(...members.map((vm) => vm.steadyRpo[figure]!));
  return { lossMs, decidedBy: members.filter((vm) => vm.steadyRpo[figure] === lossMs).map((vm) => vm.name) };
}

function totalMs(terms: readonly RecoveryTerm[]): Millis {
  return terms.reduce((sum, term) => sum + term.durationMs, 0);
}
