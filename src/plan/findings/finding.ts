import type { RuleSet } from '../../model/rules.ts';
import type { Run } from '../../model/run.ts';
import type { RunResult, VolumeResult } from '../../simulate/result.ts';
import type { Millis } from '../../units.ts';
import type { BandwidthAnswer } from '../bandwidth.ts';
import type { BatchPlan } from '../batches/batch-parts.ts';
import type { Compatibility } from '../compatibility.ts';
import type { Cost } from '../cost.ts';
import type { ExclusionAdvice } from '../exclusion-advice.ts';
import type { Failures } from '../failures/types.ts';
import type { Placement } from '../placement.ts';
import type { Finding, FindingUnit, PlanVm } from '../plan.ts';
import type { RecoveryPlanOutcome } from '../recovery-plans.ts';

/** What a rule may look at. */
export interface Evidence {
  readonly run: Run;
  readonly result: RunResult;
  readonly vms: readonly PlanVm[];
  /** Volumes with what logs and snapshots need on them. */
  readonly volumes: readonly VolumeResult[];
  readonly exclusions: readonly ExclusionAdvice[];
  readonly recoveryPlans: readonly RecoveryPlanOutcome[];
  readonly rules: RuleSet;
  readonly compatibility: Compatibility;
  readonly placement: Placement | null;
  readonly cost: Cost;
  readonly bandwidth: BandwidthAnswer;
  /** Whether somebody gave the link's bandwidth; else it is the one that was found. */
  readonly bandwidthGiven: boolean;
  /** The search over the fleet without its initial replication. */
  readonly deltaOnly: BandwidthAnswer;
  /** The run at the bandwidth that the deltas alone need; absent where there is none, or no initial replication. */
  readonly atDeltaOnly: RunResult | undefined;
  /** `null` where there is nothing to be copied. */
  readonly batches: BatchPlan | null;
  /** How long initial replication may take; `undefined` where nobody said. */
  readonly initialReplicationWithinMs: Millis | undefined;
  readonly failures: Failures;
  /** Assumptions that the user has set, by their names. */
  readonly givenOptions: ReadonlySet<string>;
}

/** A rule that judges a run: a file each. `docs/findings.md` lists them all. */
export interface FindingRule {
  /** A noun, the file's name. */
  readonly id: string;
  /** What is so where nothing is wrong, and what is wrong otherwise: without numbers, for the list of the rules. */
  readonly fine: string;
  readonly trouble: string;
  readonly why: string;
  /** A document, or `chosen` where the limit is our own. */
  readonly source: string;
  /** `undefined` where the rule has nothing to judge in this run. */
  readonly judge: (evidence: Evidence) => Judgement | undefined;
}

export type Judgement = Fine | Trouble;

interface Judged {
  /** One sentence with the numbers in it. */
  readonly title: string;
  /** The number that was judged; `null` where there is none. */
  readonly value: number | null;
  readonly unit: FindingUnit;
}

export interface Fine extends Judged {
  readonly ok: true;
}

export interface Trouble extends Judged {
  readonly ok: false;
  readonly severity: NonNullable<Finding['severity']>;
  /** What this run adds to the rule's `why`. */
  readonly detail?: string;
  /** VMs, volumes, hosts or hours concerned, the worst first. */
  readonly names?: readonly string[];
  readonly action: string;
}

/** More names than these are counted: a plan of 5,000 VMs must not hold each of them once for every rule. */
const NAMES_MOST = 20;

/** A rule's judgement as it stands in the plan. */
export function findingOf(rule: FindingRule, judgement: Judgement): Finding {
  const { ok, title, value, unit } = judgement;
  const names = judgement.ok ? [] : (judgement.names ?? []);
  return {
    ...{ id: rule.id, ok, severity: judgement.ok ? null : judgement.severity, title, value, unit },
    why: judgement.ok || judgement.detail === undefined ? rule.why : `${judgement.detail} ${rule.why}`,
    evidence: names.slice(0, NAMES_MOST),
    evidenceCount: names.length,
    action: judgement.ok ? null : judgement.action,
    source: rule.source,
  };
}

/** `12 VMs`, `1 VM`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

export function namesOf(things: readonly { readonly name: string }[]): string[] {
  return things.map(({ name }) => name);
}
