/**
 * Jobs: the record that every workflow leaves, with start, end, state and reason ([seed], "Enable protection"; semantics 28). Derived
 * from the transitions of the lifecycle by one table; delta replication leaves none.
 */
import { causeOf } from '../model/cause.ts';
import type { RuleParameters } from '../model/policy.ts';
import type { Millis } from '../units.ts';
import { INPUT_KEYS, Input, type InputKey, PHASE_KEYS, Phase, type PhaseKey } from './lifecycle.ts';

export type JobKind =
  | 'Enable protection'
  | 'Initial replication'
  | 'Finalize protection'
  | 'Resynchronization'
  | 'Test failover'
  | 'Planned failover'
  | 'Unplanned failover'
  | 'Commit'
  | 'Reverse replication'
  | 'Disable protection';

export type JobState = 'in progress' | 'succeeded' | 'failed' | 'cancelled';

export interface Job {
  readonly kind: JobKind;
  readonly startMs: Millis;
  /** `null` while it is in progress. */
  readonly endMs: Millis | null;
  readonly state: JobState;
  /** Why it was started or how it ended; empty where there is nothing to say. */
  readonly reason: string;
}

/** Jobs that are kept of one VM. */
export const JOBS_MOST = 100;

/** A transition ends a job, or starts one. Where a field is absent, every phase or input is meant. */
interface Rule {
  readonly kind: JobKind;
  readonly input?: readonly InputKey[];
  readonly from?: readonly PhaseKey[];
  readonly to?: readonly PhaseKey[];
  readonly does: 'start' | 'succeed' | 'fail' | 'cancel' | 'start and succeed';
  /** The last error, or what marked the VM last, is the reason. */
  readonly tells?: 'error' | 'mark';
  /** The end comes later by the time to get the replica ready and to boot (semantics 30). */
  readonly boots?: boolean;
}

const FIRST_COPY = ['seeding', 'exporting', 'resyncing'] as const;
const BEFORE_FIRST_COPY = ['enabling', 'awaitingStart'] as const;
const RESYNC = ['resyncing', 'resyncBackoff', 'resyncPaused'] as const;

/** In the order in which they are applied: ends before starts. */
const RULES: readonly Rule[] = [
  { kind: 'Enable protection', input: ['enabled'], does: 'start' },
  { kind: 'Enable protection', input: ['enableDone'], does: 'succeed' },
  { kind: 'Enable protection', input: ['fatalError'], from: ['enabling'], does: 'fail', tells: 'error' },

  { kind: 'Initial replication', input: ['transferDone'], from: ['seeding'], to: ['merging'], does: 'succeed' },
  { kind: 'Initial replication', input: ['transferDone'], from: ['resyncing'], to: ['finalizing'], does: 'succeed' },
  { kind: 'Initial replication', input: ['mediaImported'], does: 'succeed' },
  { kind: 'Initial replication', from: BEFORE_FIRST_COPY, to: FIRST_COPY, does: 'start' },

  { kind: 'Finalize protection', from: ['finalizing'], does: 'succeed' },
  { kind: 'Finalize protection', to: ['finalizing'], does: 'start' },

  { kind: 'Resynchronization', input: ['transferDone'], from: ['resyncing'], does: 'succeed' },
  { kind: 'Resynchronization', from: RESYNC, to: ['resyncMarked'], does: 'fail', tells: 'mark' },
  { kind: 'Resynchronization', from: ['critical'], to: ['resyncMarked'], does: 'fail', tells: 'mark' },
  { kind: 'Resynchronization', input: ['windowOpened', 'resyncRequested'], does: 'start', tells: 'mark' },

  { kind: 'Test failover', input: ['testFailoverCleanedUp'], does: 'succeed' },
  { kind: 'Test failover', input: ['testFailoverStarted'], does: 'start' },

  {
    kind: 'Planned failover',
    from: ['sendingLast'],
    to: ['failedOver'],
    input: ['transferDone'],
    does: 'succeed',
    boots: true,
  },
  {
    kind: 'Planned failover',
    from: ['sendingLast'],
    to: ['sendingBackoff', 'critical', 'resyncMarked'],
    does: 'fail',
    tells: 'error',
  },
  { kind: 'Planned failover', input: ['failoverCancelled', 'unplannedFailover'], does: 'cancel' },
  { kind: 'Planned failover', input: ['plannedFailover'], does: 'start' },

  { kind: 'Resynchronization', input: ['unplannedFailover'], does: 'cancel' },
  { kind: 'Reverse replication', input: ['unplannedFailover'], does: 'cancel' },
  { kind: 'Unplanned failover', input: ['unplannedFailover'], does: 'start and succeed', boots: true },
  { kind: 'Commit', input: ['failoverCommitted'], does: 'start and succeed' },

  { kind: 'Reverse replication', input: ['reversed', 'reversedInFull'], does: 'start' },
  { kind: 'Reverse replication', input: ['reversed'], to: ['tracking'], does: 'succeed' },
  { kind: 'Reverse replication', input: ['transferDone'], from: ['resyncing'], does: 'succeed' },
  { kind: 'Reverse replication', input: ['finalizeDone'], does: 'succeed' },

  ...(['Enable protection', 'Initial replication', 'Finalize protection', 'Resynchronization'] as const).map(
    cancelledByEnd,
  ),
  ...(['Test failover', 'Planned failover', 'Reverse replication'] as const).map(cancelledByEnd),
  { kind: 'Disable protection', input: ['disabled'], does: 'start and succeed' },
];

function cancelledByEnd(kind: JobKind): Rule {
  return { kind, input: ['disabled'], does: 'cancel' };
}

/** For phase × input, whether any rule may apply: most steps are cycles, which leave no job. */
const MAY_APPLY: Uint8Array = new Uint8Array(PHASE_KEYS.length * INPUT_KEYS.length);
for (const before of PHASE_KEYS) {
  for (const input of INPUT_KEYS) {
    const may = RULES.some(
      (rule) =>
        rule.input?.includes(input) !== false && rule.from?.includes(before) !== false && !isCycle(before, input),
    );
    if (may) MAY_APPLY[Phase[before] * INPUT_KEYS.length + Input[input]] = 1;
  }
}

function isCycle(before: PhaseKey, input: InputKey): boolean {
  return input === 'intervalElapsed' || input === 'retryDue' || (input === 'transferDone' && before === 'sending');
}

interface OpenJob {
  kind: JobKind;
  startMs: Millis;
  endMs: Millis | null;
  state: JobState;
  reason: string;
}

/** Keeps the jobs of all VMs: bounded, and nothing is allocated by a step that starts no job. */
export class JobLog {
  readonly #jobs: readonly OpenJob[][];
  readonly #truncated: Uint8Array;
  readonly #startMs: Millis;

  /** @param rules for the time from a failover to the guest's service */
  constructor(vmCount: number, rules: Pick<RuleParameters, 'failoverMs' | 'bootMs'>) {
    this.#jobs = Array.from({ length: vmCount }, () => []);
    this.#truncated = new Uint8Array(vmCount);
    this.#startMs = rules.failoverMs + rules.bootMs;
  }

  /** To be called after each step; codes of the last error and of what marked the VM last are the core's columns. */
  observe(
    vm: number,
    before: Phase,
    input: Input,
    after: Phase,
    nowMs: Millis,
    causes: { readonly cause: Uint8Array; readonly markCause: Uint8Array },
  ): void {
    if (MAY_APPLY[before * INPUT_KEYS.length + input] === 0) return;
    for (const rule of RULES) {
      if (!applies(rule, PHASE_KEYS[before]!, INPUT_KEYS[input]!, PHASE_KEYS[after]!)) continue;
      const reason =
        rule.tells === undefined ? '' : reasonOf(causes[rule.tells === 'error' ? 'cause' : 'markCause'][vm]!);
      if (rule.does === 'start' || rule.does === 'start and succeed') this.#start(vm, rule.kind, nowMs, reason);
      if (rule.does !== 'start') this.#end(vm, rule, nowMs, reason);
    }
  }

  /** In the order of their starts. */
  jobsOf(vm: number): readonly Job[] {
    return this.#jobs[vm]!;
  }

  isTruncated(vm: number): boolean {
    return this.#truncated[vm] === 1;
  }

  #start(vm: number, kind: JobKind, nowMs: Millis, reason: string): void {
    const jobs = this.#jobs[vm]!;
    // A failback that was broken off by a mark goes on with the same job.
    if (jobs.some((job) => job.kind === kind && job.endMs === null)) return;
    if (jobs.length >= JOBS_MOST) {
      this.#truncated[vm] = 1;
      return;
    }
    jobs.push({ kind, startMs: nowMs, endMs: null, state: 'in progress', reason });
  }

  #end(vm: number, rule: Rule, nowMs: Millis, reason: string): void {
    const job = this.#jobs[vm]!.findLast(({ kind, endMs }) => kind === rule.kind && endMs === null);
    if (job === undefined) return;
    job.endMs = rule.boots === true ? nowMs + this.#startMs : nowMs;
    job.state = rule.does === 'fail' ? 'failed' : rule.does === 'cancel' ? 'cancelled' : 'succeeded';
    if (reason !== '') job.reason = job.reason === '' ? reason : `${job.reason}; then: ${reason}`;
  }
}

function applies(rule: Rule, before: PhaseKey, input: InputKey, after: PhaseKey): boolean {
  return (
    rule.input?.includes(input) !== false &&
    rule.from?.includes(before) !== false &&
    rule.to?.includes(after) !== false &&
    // A rule of phases speaks of a change of phase.
    (rule.input !== undefined || before !== after)
  );
}

function reasonOf(causeCode: number): string {
  return causeOf(causeCode)?.title ?? '';
}
