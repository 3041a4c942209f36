import type { Comparison, Effect, LimitInForce, LimitValue, RuleSet } from '../model/rules.ts';
import type { Run } from '../model/run.ts';
import type { Disk, Vm } from '../model/workload.ts';
import { ChurnIntegral } from '../simulate/churn-integral.ts';
import type { VmResult } from '../simulate/result.ts';
import { type Answer, type Found, isMet, shownIn } from './demand.ts';
import { clusterNodes, type ValueOf, valuesOf } from './vm-values.ts';

/** Whether each VM can be protected as it is, by the rules in force. VMs that cannot still count in the whole plan. */
export interface Compatibility {
  readonly counts: Readonly<Record<CompatibilityVerdict, number>>;
  /** In the order of the workload. */
  readonly vms: readonly VmCompatibility[];
  /** The limits that apply to the run's scenario, with how many VMs do not meet them and of how many they could not be checked. */
  readonly limits: readonly LimitTally[];
}

/**
 * `incompatible`: a limit that makes it so is not met. `unknown`: none is broken as far as is known, but at least one could not be checked, as
 * its value is not known. `compatible`: every one was checked and is met.
 */
export type CompatibilityVerdict = 'compatible' | 'incompatible' | 'unknown';

export interface VmCompatibility {
  readonly vm: string;
  readonly verdict: CompatibilityVerdict;
  /** Limits that are not met, advice too, in the order of the rules. */
  readonly failed: readonly FailedLimit[];
  /** Ids of limits that could not be checked; {@link Compatibility.limits} says what to collect for each. */
  readonly unchecked: readonly string[];
  /** The option that leaves an incompatible VM out of the plan; `null` for the others. */
  readonly excludeOption: string | null;
}

/** A limit that a VM does not meet, with all that is needed to look it up. */
export interface FailedLimit {
  readonly rule: string;
  readonly title: string;
  readonly effect: Effect;
  /** The disk that is farthest from it, of a limit of disks; else `null`. */
  readonly disk: string | null;
  /** How many of the VM's disks do not meet it; 0 of a limit of VMs. */
  readonly diskCount: number;
  /** In the limit's unit; of a sum of which parts are not known, what is known of it. */
  readonly value: number | boolean | string | null;
  readonly comparison: Comparison;
  readonly limit: LimitValue;
  readonly unit: string;
  readonly source: string;
  readonly sourceDate: string;
  readonly action: string;
}

export interface LimitTally {
  readonly rule: string;
  readonly failedCount: number;
  readonly uncheckedCount: number;
}

/** A VM with the values that rules ask of it. */
export interface VmWithValues {
  readonly vm: Vm;
  readonly values: ValueOf;
}

/** The churn of every disk of a run, growth included, in the order of the workload: what the deltas are made of. */
export function churnOf({ workload, options }: Run): ChurnIntegral {
  return new ChurnIntegral(
    workload.vms.flatMap(({ disks }) => disks.map((disk) => disk.churn)),
    options.growthRatio,
  );
}

/** Every VM of a run with its values. Without another simulation: what the inventory says, the churn, and the run's recovery points. */
export function withValues(run: Run, results: readonly VmResult[], churn: ChurnIntegral): VmWithValues[] {
  const { vms } = run.workload;
  const { horizonMs, growthRatio } = run.options;
  const nodes = clusterNodes(vms);
  let firstDisk = 0;
  return vms.map((vm, v) => {
    const facts = {
      ...{ churn, firstDisk, horizonMs, growthRatio, isOnClusterNode: nodes.get(vm.host) },
      recoveryPointBytes: results[v]!.recoveryPoints.storagePeakBytes,
    };
    firstDisk += vm.disks.length;
    return { vm, values: valuesOf(vm, facts) };
  });
}

/** Judges every VM by the limits of the run's scenario. A value that is not known never passes: it is unchecked, unless nothing hangs on it. */
export function compatibilityOf(run: Run, vms: readonly VmWithValues[], rules: RuleSet): Compatibility {
  const limits = rules.limits.filter(({ scenarios }) => scenarios.includes(run.policy.scenario));
  const tally = limits.map(({ id }) => ({ rule: id, failedCount: 0, uncheckedCount: 0 }));
  const counts = { compatible: 0, incompatible: 0, unknown: 0 };
  const judged = vms.map(({ vm, values }): VmCompatibility => {
    const failed: FailedLimit[] = [];
    const unchecked: string[] = [];
    limits.forEach((limit, at) => {
      const outcome = outcomeOf(limit, vm, values);
      if (outcome === 'unchecked') {
        unchecked.push(limit.id);
        tally[at]!.uncheckedCount++;
      } else if (outcome !== 'passed') {
        failed.push(outcome);
        tally[at]!.failedCount++;
      }
    });
    const verdict = verdictOf(failed, unchecked, limits);
    counts[verdict]++;
    const excludeOption = verdict === 'incompatible' ? excludeOptionOf(vm.name) : null;
    return { vm: vm.name, verdict, failed, unchecked, excludeOption };
  });
  return { counts, vms: judged, limits: tally };
}

function verdictOf(
  failed: readonly FailedLimit[],
  unchecked: readonly string[],
  limits: readonly LimitInForce[],
): CompatibilityVerdict {
  if (failed.some(({ effect }) => effect === 'incompatible')) return 'incompatible';
  // What only advises leaves the verdict alone, known or not.
  const isOpen = limits.some(({ id, effect }) => effect === 'incompatible' && unchecked.includes(id));
  return isOpen ? 'unknown' : 'compatible';
}

function outcomeOf(limit: LimitInForce, vm: Vm, values: ValueOf): FailedLimit | 'passed' | 'unchecked' {
  if (!limit.field.startsWith('disk.')) {
    const answer = answerOf(limit, values, undefined);
    return answer === 'no' ? failedLimit(limit, values(limit.field), null, 0) : outcomeWord(answer);
  }
  const answers = vm.disks.map((disk) => answerOf(limit, values, disk));
  const failing = vm.disks.filter((_, at) => answers[at] === 'no');
  if (failing.length > 0) {
    const worst = worstOf(limit, failing, values);
    return failedLimit(limit, values(limit.field, worst), worst.name, failing.length);
  }
  return outcomeWord(answers.includes('unknown') ? 'unknown' : 'yes');
}

function outcomeWord(answer: Answer): 'passed' | 'unchecked' {
  return answer === 'unknown' ? 'unchecked' : 'passed';
}

/** 'yes' also where the limit does not count; 'unknown' only where what is not known decides. */
export function answerOf(limit: LimitInForce, values: ValueOf, disk: Disk | undefined): Answer {
  const conditions = (limit.when ?? []).map((demand) => isMet(demand, values(demand.field, disk)));
  if (conditions.includes('no')) return 'yes';
  const answer = isMet(limit, values(limit.field, disk));
  return answer === 'no' && conditions.includes('unknown') ? 'unknown' : answer;
}

/** The disk whose value is farthest from the limit; of several the first by name, whatever the order of the file. */
function worstOf(limit: LimitInForce, disks: readonly Disk[], values: ValueOf): Disk {
  const distance = (disk: Disk): number => {
    const value = shownIn(limit, values(limit.field, disk));
    if (typeof value !== 'number') return 0;
    return limit.comparison === 'at-least' ? -value : value;
  };
  return disks.reduce((worst, disk) => {
    const by = distance(disk) - distance(worst);
    return by > 0 || (by === 0 && disk.name < worst.name) ? disk : worst;
  });
}

function failedLimit(limit: LimitInForce, found: Found, disk: string | null, diskCount: number): FailedLimit {
  const { id, title, effect, comparison, unit, source, sourceDate, action } = limit;
  const value = shownIn(limit, found);
  return {
    ...{ rule: id, title, effect, disk, diskCount, value, comparison, limit: limit.limit, unit },
    ...{ source, sourceDate, action },
  };
}

/** For a POSIX shell; a quotation mark in the name ends the quotes and begins them again. */
function excludeOptionOf(vm: string): string {
  return `--exclude 'vm:${vm.replaceAll("'", `'\\''`)}'`;
}
