/**
 * Jobs: the record that every workflow leaves, with start, end, state and reason ([seed], "Enable protection"; semantics 28). Derived
 * from the transitions of the lifecycle by one table, {@link JOBS}; delta replication leaves none, and neither does an adoption.
 */
import { causeOf } from '../model/cause.ts';
import type { RuleParameters } from '../model/policy.ts';
import type { Millis } from '../units.ts';
import { INPUT_KEYS, Input, type InputKey, LIFECYCLE, PHASE_KEYS, Phase, type PhaseKey } from './lifecycle.ts';

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
  /** `null` while it is in progress. After a failover: when the guest serves, which may be later than the last step. */
  readonly endMs: Millis | null;
  readonly state: JobState;
  /** Why it was started or how it ended; empty where there is nothing to say. */
  readonly reason: string;
}

/** Jobs that are kept of one VM: the first ones. */
export const JOBS_MOST = 100;

/** Codes (`model/cause.ts`) of each VM's last error, and of what marked it last: the core has both columns. */
export interface JobCauses {
  readonly cause: ArrayLike<number>;
  readonly markCause: ArrayLike<number>;
}

type Reason = (causes: JobCauses, vm: number) => string;

/** A transition. Where a field is absent, every input or phase that the lifecycle allows is meant. */
interface When {
  readonly input?: readonly InputKey[];
  readonly from?: readonly PhaseKey[];
  readonly to?: readonly PhaseKey[];
  readonly reason?: Reason;
}

interface JobRule {
  readonly starts?: readonly When[];
  readonly succeeds?: readonly When[];
  readonly fails?: readonly When[];
  readonly cancelled?: readonly When[];
  /** Cancels it although it has succeeded, as long as its machine still boots. */
  readonly takenBack?: readonly When[];
  /** Starts and succeeds with one transition. */
  readonly passes?: readonly When[];
  /** A machine is made ready and boots (semantics 30): from the job's start on, or from its last step until its end. */
  readonly boots?: 'from its start' | 'to its end';
}

const titleOf = (code: number | undefined): string => causeOf(code ?? 0)?.title ?? '';
const theError: Reason = ({ cause }, vm) => titleOf(cause[vm]);
const theMark: Reason = ({ markCause }, vm) => titleOf(markCause[vm]);
const markedAnew: Reason = (causes, vm) => `marked anew: ${theMark(causes, vm)}`;

function errorAndRemedy({ cause }: JobCauses, vm: number): string {
  const entry = causeOf(cause[vm] ?? 0);
  return entry === null ? '' : `${entry.title}. ${entry.remedy}`;
}

const PROTECTION_ENDS: When = { input: ['disabled'] };
const TAKEN_BACK: When = { from: ['failedOver'], input: ['failoverCancelled'] };
const IN_RESYNC = ['resyncing', 'resyncBackoff', 'resyncPaused', 'critical'] as const;

/**
 * What starts and ends which job. A copy or a resynchronization with which another workflow begins (replication back, the way back
 * from Azure) belongs to that workflow's job; one that a mark has brought about has a job of its own.
 */
const JOBS: Readonly<Record<JobKind, JobRule>> = {
  'Enable protection': {
    starts: [{ input: ['enabled'] }],
    succeeds: [{ input: ['enableDone'] }],
    fails: [{ from: ['enabling'], input: ['fatalError'], reason: errorAndRemedy }],
    cancelled: [PROTECTION_ENDS],
  },
  'Initial replication': {
    starts: [{ from: ['enabling', 'awaitingStart'], to: ['seeding', 'exporting', 'resyncing'] }],
    succeeds: [
      { from: ['seeding'], to: ['merging'] },
      { input: ['mediaImported'] },
      { from: ['resyncing'], to: ['finalizing'] },
    ],
    cancelled: [PROTECTION_ENDS],
  },
  'Finalize protection': {
    starts: [{ from: ['merging', 'resyncing'], to: ['finalizing'] }],
    succeeds: [{ input: ['finalizeDone'] }],
    cancelled: [PROTECTION_ENDS],
  },
  Resynchronization: {
    starts: [{ input: ['windowOpened', 'resyncRequested'], reason: theMark }],
    succeeds: [{ from: ['resyncing'], input: ['transferDone'] }],
    fails: [{ from: IN_RESYNC, to: ['resyncMarked'], reason: markedAnew }],
    cancelled: [{ input: ['unplannedFailover'] }, PROTECTION_ENDS],
  },
  'Test failover': {
    starts: [{ input: ['testFailoverStarted'] }],
    succeeds: [{ input: ['testFailoverCleanedUp'] }],
    cancelled: [PROTECTION_ENDS],
    boots: 'from its start',
  },
  'Planned failover': {
    // From `committed` it is the way back from Azure, which begins with a resynchronization (decision 0005, 38).
    starts: [{ input: ['plannedFailover'] }],
    succeeds: [{ from: ['sendingLast'], input: ['transferDone'], to: ['failedOver'] }],
    fails: [
      { from: ['sendingLast'], to: ['sendingBackoff', 'critical'], reason: theError },
      { from: ['sendingLast'], to: ['resyncMarked'], reason: theMark },
    ],
    cancelled: [
      { from: ['sendingLast'], input: ['failoverCancelled'] },
      { input: ['unplannedFailover'] },
      PROTECTION_ENDS,
    ],
    takenBack: [TAKEN_BACK],
    boots: 'to its end',
  },
  'Unplanned failover': {
    passes: [{ input: ['unplannedFailover'] }],
    takenBack: [TAKEN_BACK],
    boots: 'to its end',
  },
  Commit: { passes: [{ input: ['failoverCommitted'] }] },
  'Reverse replication': {
    starts: [{ input: ['reversed'], to: ['resyncing'] }, { input: ['reversedInFull'] }],
    passes: [{ input: ['reversed'], to: ['tracking'] }],
    succeeds: [{ from: ['resyncing'], input: ['transferDone'], to: ['tracking'] }, { input: ['finalizeDone'] }],
    cancelled: [PROTECTION_ENDS],
  },
  'Disable protection': { passes: [PROTECTION_ENDS] },
};

export const JOB_KINDS = Object.keys(JOBS) as readonly JobKind[];

/** What can become of a job. */
const DEEDS = ['succeeds', 'fails', 'cancelled', 'takenBack', 'passes', 'starts'] as const;

/** What a transition does to the jobs of one kind. */
interface Effect {
  readonly kind: number;
  readonly deed: (typeof DEEDS)[number];
  readonly reason: Reason | undefined;
}

const PHASES = PHASE_KEYS.length;
const INPUTS = INPUT_KEYS.length;

/** For phase × input, whether any job can start or end: most steps are cycles, which leave none. */
const MAY_TOUCH_JOBS: Uint8Array = new Uint8Array(PHASES * INPUTS);
const EFFECTS: ReadonlyMap<number, readonly Effect[]> = compile();

/** Spreads the table over the transitions that the lifecycle allows. */
function compile(): Map<number, readonly Effect[]> {
  const compiled = new Map<number, readonly Effect[]>();
  for (const from of PHASE_KEYS) {
    for (const [input, followers] of Object.entries(LIFECYCLE[from]) as [InputKey, readonly PhaseKey[]][]) {
      for (const to of followers) {
        const effects = effectsOf(from, input, to);
        if (effects.length === 0) continue;
        MAY_TOUCH_JOBS[Phase[from] * INPUTS + Input[input]] = 1;
        compiled.set(transitionKey(Phase[from], Input[input], Phase[to]), effects);
      }
    }
  }
  return compiled;
}

function effectsOf(from: PhaseKey, input: InputKey, to: PhaseKey): Effect[] {
  return DEEDS.flatMap((deed) =>
    JOB_KINDS.flatMap((name, kind) => {
      const when = JOBS[name][deed]?.find((candidate) => isMeant(candidate, from, input, to));
      return when === undefined ? [] : [{ kind, deed, reason: when.reason }];
    }),
  );
}

function isMeant(when: When, from: PhaseKey, input: InputKey, to: PhaseKey): boolean {
  return (
    when.from?.includes(from) !== false && when.input?.includes(input) !== false && when.to?.includes(to) !== false
  );
}

function transitionKey(from: Phase, input: Input, to: Phase): number {
  return (from * INPUTS + input) * PHASES + to;
}

type OpenJob = { -readonly [Field in keyof Job]: Job[Field] };

/** Keeps the jobs of all VMs: bounded, and nothing is allocated by a step that neither starts nor ends one. */
export class JobLog {
  readonly #jobs: readonly OpenJob[][];
  readonly #truncated: Uint8Array;
  /** Of each VM and kind, where its last job stands among the VM's; −1 before it, past their end where that one was not kept. */
  readonly #lastAt: Int32Array;
  readonly #bootedAfterMs: Millis;

  /** @param rules for the time from a failover to the guest's service */
  constructor(vmCount: number, rules: Pick<RuleParameters, 'failoverMs' | 'bootMs'>) {
    this.#jobs = Array.from({ length: vmCount }, () => []);
    this.#truncated = new Uint8Array(vmCount);
    this.#lastAt = new Int32Array(vmCount * JOB_KINDS.length).fill(-1);
    this.#bootedAfterMs = rules.failoverMs + rules.bootMs;
  }

  /** To be called after each step, with the core's columns of causes. */
  observe(vm: number, before: Phase, input: Input, after: Phase, nowMs: Millis, causes: JobCauses): void {
    if (MAY_TOUCH_JOBS[before * INPUTS + input] === 0) return;
    const effects = EFFECTS.get(transitionKey(before, input, after));
    if (effects === undefined) return;
    for (const { kind, deed, reason } of effects) {
      const starts = deed === 'starts' || deed === 'passes';
      const job = starts ? this.#start(vm, kind, nowMs) : this.#last(vm, kind);
      if (job === undefined || !mayChange(job, deed, nowMs)) continue;
      if (deed !== 'starts') this.#end(job, deed, nowMs);
      if (reason !== undefined) tell(job, reason(causes, vm));
    }
  }

  /** In the order of their starts. */
  jobsOf(vm: number): readonly Job[] {
    return this.#jobs[vm]!;
  }

  /** Whether there were more jobs than are kept. */
  isTruncated(vm: number): boolean {
    return this.#truncated[vm] === 1;
  }

  #last(vm: number, kind: number): OpenJob | undefined {
    return this.#jobs[vm]![this.#lastAt[vm * JOB_KINDS.length + kind]!];
  }

  /** The job that was started; none where it is not kept, or where one runs: the core refuses a second one. */
  #start(vm: number, kind: number, nowMs: Millis): OpenJob | undefined {
    if (this.#last(vm, kind)?.state === 'in progress') return undefined;
    const jobs = this.#jobs[vm]!;
    this.#lastAt[vm * JOB_KINDS.length + kind] = jobs.length;
    if (jobs.length === JOBS_MOST) {
      this.#truncated[vm] = 1;
      return undefined;
    }
    const job: OpenJob = { kind: JOB_KINDS[kind]!, startMs: nowMs, endMs: null, state: 'in progress', reason: '' };
    jobs.push(job);
    return job;
  }

  #end(job: OpenJob, deed: Effect['deed'], nowMs: Millis): void {
    const { boots } = JOBS[job.kind];
    job.endMs = nowMs;
    if (deed === 'fails') job.state = 'failed';
    else if (deed === 'cancelled' || deed === 'takenBack') job.state = 'cancelled';
    else if (boots === 'from its start' && nowMs < job.startMs + this.#bootedAfterMs) {
      job.state = 'cancelled';
      tell(job, 'cleaned up before its machine served');
    } else {
      job.state = 'succeeded';
      if (boots === 'to its end') job.endMs = nowMs + this.#bootedAfterMs;
    }
  }
}

function mayChange(job: Job, deed: Effect['deed'], nowMs: Millis): boolean {
  return job.state === 'in progress' || (deed === 'takenBack' && job.state === 'succeeded' && job.endMs! > nowMs);
}

function tell(job: OpenJob, reason: string): void {
  job.reason = job.reason === '' || reason === '' ? job.reason + reason : `${job.reason}; ${reason}`;
}
