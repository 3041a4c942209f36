/** What the records of the workflows must say, and laws over random legal lives. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CAUSES, type CauseKey } from '../../src/model/cause.ts';
import { INITIAL_REPLICATION_AT_ONCE, type InitialReplicationMode } from '../../src/model/policy.ts';
import { JOBS_MOST, type Job, type JobKind, JobLog } from '../../src/replication/jobs.ts';
import {
  hasTransfer,
  INPUT_KEYS,
  Input,
  type InputKey,
  isLegal,
  LIFECYCLE,
  PHASE_KEYS,
  Phase,
  type PhaseKey,
} from '../../src/replication/lifecycle.ts';
import { HOUR_MS, MIB } from '../../src/units.ts';
import { BenchVm } from './bench-vm.ts';

/** The machine of a failover serves 150 ms after its last step. */
const RULES = { failoverMs: 100, bootMs: 50 };

interface Causes {
  readonly error?: CauseKey;
  readonly mark?: CauseKey;
}

function columns({ error, mark }: Causes): { cause: Uint8Array; markCause: Uint8Array } {
  const code = (key?: CauseKey): number => (key === undefined ? 0 : CAUSES[key].code);
  return { cause: Uint8Array.of(code(error ?? mark)), markCause: Uint8Array.of(code(mark)) };
}

/** `phase input phase input …`: a way through the lifecycle, a step every 1,000 ms from 1,000 on, or every `stepMs`. */
function jobsAfter(way: string, causes: Causes = {}, stepMs = 1000): readonly Job[] {
  const log = new JobLog(1, RULES);
  const words = way.trim().split(/\s+/);
  for (let i = 0; i + 2 < words.length; i += 2) {
    const [before, input, after] = words.slice(i, i + 3) as [PhaseKey, InputKey, PhaseKey];
    expect(LIFECYCLE[before][input], `${input} in ${before}`).toContain(after);
    log.observe(0, Phase[before], Input[input], Phase[after], (stepMs * (i + 2)) / 2, columns(causes));
  }
  return log.jobsOf(0);
}

const job = (kind: JobKind, startMs: number, endMs: number | null, state: Job['state'], reason = ''): Job => ({
  kind,
  startMs,
  endMs,
  state,
  reason,
});

/** Jobs of one kind only. */
const ofKind = (kind: JobKind, jobs: readonly Job[]): Job[] => jobs.filter((one) => one.kind === kind);

const ENABLED = 'unprotected enabled enabling enableDone';

describe('enabling', () => {
  it('Enable protection, Initial replication and Finalize protection follow one another; delta replication leaves none', () => {
    const way =
      `${ENABLED} seeding transferDone seeding transferFailed seedingBackoff retryDue seeding ` +
      'transferDone merging mergeDone finalizing finalizeDone tracking intervalElapsed sending transferDone tracking';
    expect(jobsAfter(way)).toEqual([
      job('Enable protection', 1000, 2000, 'succeeded'),
      job('Initial replication', 2000, 6000, 'succeeded'),
      job('Finalize protection', 7000, 8000, 'succeeded'),
    ]);
  });

  it('an Enable protection that fails its check says why, and what to do', () => {
    const jobs = jobsAfter('unprotected enabled enabling fatalError unprotected', { error: 'prerequisiteMissing' });
    const reason = 'prerequisite missing. Meet the prerequisite, then enable protection again.';
    expect(jobs).toEqual([job('Enable protection', 1000, 2000, 'failed', reason)]);
  });

  it('a scheduled start: Enable protection has ended, and Initial replication begins with the first byte', () => {
    expect(jobsAfter(`${ENABLED} awaitingStart`)).toEqual([job('Enable protection', 1000, 2000, 'succeeded')]);
    expect(jobsAfter(`${ENABLED} awaitingStart startDue seeding`).at(-1)).toEqual(
      job('Initial replication', 3000, null, 'in progress'),
    );
  });

  it('back-off, a pause and an error do not end initial replication', () => {
    const way =
      `${ENABLED} seeding transferFailed seedingBackoff paused paused resumed ` +
      'seeding fatalError critical fixed seeding';
    expect(jobsAfter(way).at(-1)).toEqual(job('Initial replication', 2000, null, 'in progress'));
  });

  it('media: initial replication ends with the import', () => {
    const merged = `${ENABLED} exporting exportDone merging mergeDone tracking`;
    expect(jobsAfter(merged).at(-1)).toEqual(job('Initial replication', 2000, null, 'in progress'));
    expect(jobsAfter(`${merged} mediaImported tracking`).slice(1)).toEqual([
      job('Initial replication', 2000, 5000, 'succeeded'),
    ]);
  });

  it('an existing replica: initial replication ends with its resynchronization', () => {
    expect(jobsAfter(`${ENABLED} resyncing transferDone finalizing`).slice(1)).toEqual([
      job('Initial replication', 2000, 3000, 'succeeded'),
      job('Finalize protection', 3000, null, 'in progress'),
    ]);
    const markedAnew = `${ENABLED} resyncing logHalfDue resyncMarked windowOpened resyncing transferDone finalizing`;
    expect(jobsAfter(markedAnew, { mark: 'logsAtHalfDisk' }).slice(1, 3)).toEqual([
      job('Initial replication', 2000, 5000, 'succeeded'),
      job('Resynchronization', 4000, 5000, 'succeeded', 'logs at half the disk'),
    ]);
  });

  it('an adopted VM has no jobs, and cycles leave none, whether they fail or not', () => {
    const cycle = 'tracking intervalElapsed sending transferDone ';
    const failing =
      'tracking intervalElapsed sending transferFailed sendingBackoff retryDue sending transferDone tracking';
    expect(jobsAfter(`unprotected adopted ${cycle.repeat(200)} ${failing}`)).toEqual([]);
  });
});

describe('ending protection cancels what runs', () => {
  it.each<[JobKind, string]>([
    ['Enable protection', 'unprotected enabled enabling disabled unprotected'],
    ['Initial replication', `${ENABLED} seeding disabled unprotected`],
    [
      'Finalize protection',
      `${ENABLED} seeding transferDone merging mergeDone finalizing resyncRequired finalizing disabled unprotected`,
    ],
    ['Resynchronization', 'tracking resyncRequested resyncing disabled unprotected'],
    ['Test failover', 'tracking testFailoverStarted tracking disabled unprotected'],
    ['Planned failover', 'tracking plannedFailover sendingLast disabled unprotected'],
    ['Reverse replication', 'committed reversed resyncing disabled unprotected'],
  ])('%s', (kind, way) => {
    const endMs = ((way.split(' ').length - 1) / 2) * 1000;
    const jobs = jobsAfter(way);
    expect(ofKind(kind, jobs)).toMatchObject([{ endMs, state: 'cancelled' }]);
    expect(jobs.at(-1)).toEqual(job('Disable protection', endMs, endMs, 'succeeded'));
  });
});

describe('a resynchronization', () => {
  const MARKED = 'tracking logHalfDue resyncMarked';
  const BROKEN_OFF = `${MARKED} windowOpened resyncing transferFailed resyncBackoff retryDue resyncing`;
  const HALF = { mark: 'logsAtHalfDisk' } as const;
  const started = (endMs: number | null, state: Job['state'], reason = 'logs at half the disk'): Job[] => [
    job('Resynchronization', 2000, endMs, state, reason),
  ];

  it('begins when it starts, not when it is marked', () => {
    expect(jobsAfter(MARKED, HALF)).toEqual([]);
    expect(jobsAfter(`${MARKED} windowOpened resyncing`, HALF)).toEqual(started(null, 'in progress'));
  });

  it('names what brought it about, whatever errors there were since', () => {
    const way = 'tracking resyncRequested resyncing';
    expect(jobsAfter(way, { mark: 'resyncByHand' })[0]?.reason).toBe('asked for by an administrator');
    const fixed = `${MARKED} fatalError critical fixed resyncMarked windowOpened resyncing`;
    expect(jobsAfter(fixed, { ...HALF, error: 'authenticationError' })[0]?.reason).toBe('logs at half the disk');
  });

  it.each([
    ['broken off and tried again', BROKEN_OFF],
    ['paused', `${BROKEN_OFF} paused resyncPaused`],
    ['paused and resumed', `${BROKEN_OFF} paused resyncPaused resumed resyncing`],
    ['stopped by an error and fixed', `${BROKEN_OFF} fatalError critical fixed resyncing`],
  ])('goes on: %s', (_, way) => {
    expect(jobsAfter(way, HALF)).toEqual(started(null, 'in progress'));
  });

  it('succeeds when all that differs has arrived', () => {
    expect(jobsAfter(`${BROKEN_OFF} transferDone tracking`, HALF)).toEqual(started(5000, 'succeeded'));
  });

  it.each([
    ['while it runs', `${BROKEN_OFF} logHalfDue resyncMarked`],
    ['while it waits', `${MARKED} windowOpened resyncing transferFailed resyncBackoff resyncRequired resyncMarked`],
    ['while it is paused', `${MARKED} windowOpened resyncing paused resyncPaused resumed resyncMarked`],
    ['while an error stops it', `${MARKED} windowOpened resyncing fatalError critical fixed resyncMarked`],
  ])('has failed where the VM was marked anew %s', (_, way) => {
    const endMs = ((way.split(' ').length - 1) / 2) * 1000;
    const reason = 'logs at half the disk; marked anew: logs at half the disk';
    expect(jobsAfter(way, HALF)).toEqual(started(endMs, 'failed', reason));
  });

  it('is cancelled by an unplanned failover', () => {
    const jobs = jobsAfter(`${BROKEN_OFF} fatalError critical unplannedFailover failedOver`, HALF);
    expect(jobs).toEqual([...started(6000, 'cancelled'), job('Unplanned failover', 6000, 6150, 'succeeded')]);
  });
});

describe('a test failover', () => {
  const way = 'tracking testFailoverStarted tracking intervalElapsed sending testFailoverCleanedUp sending';

  it('runs until it is cleaned up', () => {
    expect(jobsAfter('tracking testFailoverStarted tracking')).toEqual([
      job('Test failover', 1000, null, 'in progress'),
    ]);
    expect(jobsAfter(way)).toEqual([job('Test failover', 1000, 3000, 'succeeded')]);
  });

  it('has succeeded only where its machine served: 150 ms after the start', () => {
    expect(jobsAfter(way, {}, 75)).toEqual([job('Test failover', 75, 225, 'succeeded')]);
    expect(jobsAfter(way, {}, 74)).toEqual([
      job('Test failover', 74, 222, 'cancelled', 'cleaned up before its machine served'),
    ]);
  });
});

describe('a planned failover', () => {
  const STARTED = 'tracking plannedFailover sendingLast';

  it('ends when its machine serves, after the set in flight and the last one', () => {
    const way = 'sending plannedFailover sendingLast transferDone sendingLast transferDone failedOver';
    expect(jobsAfter(way)).toEqual([job('Planned failover', 1000, 3150, 'succeeded')]);
  });

  it.each<[string, Causes, string]>([
    ['transferFailed sendingBackoff', { error: 'networkError' }, 'network error'],
    ['fatalError critical', { error: 'authenticationError' }, 'authentication error'],
    ['logHalfDue resyncMarked', { mark: 'logsAtHalfDisk' }, 'logs at half the disk'],
  ])('fails with its last set: %s', (end, causes, reason) => {
    expect(jobsAfter(`${STARTED} ${end}`, causes)).toEqual([job('Planned failover', 1000, 2000, 'failed', reason)]);
  });

  it('can be cancelled before the last set has arrived, and gives way to an unplanned one', () => {
    expect(jobsAfter(`${STARTED} failoverCancelled sending`)).toEqual([
      job('Planned failover', 1000, 2000, 'cancelled'),
    ]);
    expect(jobsAfter(`${STARTED} unplannedFailover failedOver`)).toEqual([
      job('Planned failover', 1000, 2000, 'cancelled'),
      job('Unplanned failover', 2000, 2150, 'succeeded'),
    ]);
  });

  it('from Azure it includes the resynchronization, through all its interruptions', () => {
    const way =
      'committed plannedFailover resyncing transferFailed resyncBackoff retryDue resyncing logHalfDue resyncMarked ' +
      'windowOpened resyncing transferDone sendingLast transferDone failedOver';
    expect(ofKind('Planned failover', jobsAfter(way))).toEqual([job('Planned failover', 1000, 7150, 'succeeded')]);
  });
});

describe('a failover that is taken back', () => {
  const WAYS: [JobKind, string][] = [
    ['Planned failover', 'tracking plannedFailover sendingLast transferDone failedOver failoverCancelled tracking'],
    [
      'Unplanned failover',
      'tracking plannedFailover sendingLast unplannedFailover failedOver failoverCancelled sending',
    ],
  ];

  it.each(WAYS)('%s: was cancelled while its machine still booted', (kind, way) => {
    expect(ofKind(kind, jobsAfter(way, {}, 149))).toMatchObject([{ endMs: 3 * 149, state: 'cancelled' }]);
  });

  it.each(WAYS)('%s: stays what it was once its machine serves', (kind, way) => {
    expect(ofKind(kind, jobsAfter(way, {}, 150))).toMatchObject([{ endMs: 2 * 150 + 150, state: 'succeeded' }]);
  });
});

describe('commit and replication back', () => {
  it('after an unplanned failover: until the end of the resynchronization', () => {
    const way =
      'tracking unplannedFailover failedOver failoverCommitted committed reversed resyncing transferDone tracking';
    expect(jobsAfter(way)).toEqual([
      job('Unplanned failover', 1000, 1150, 'succeeded'),
      job('Commit', 2000, 2000, 'succeeded'),
      job('Reverse replication', 3000, 4000, 'succeeded'),
    ]);
  });

  it('after a planned failover: at once', () => {
    const way =
      'tracking plannedFailover sendingLast transferDone failedOver failoverCommitted committed reversed tracking';
    expect(jobsAfter(way).at(-1)).toEqual(job('Reverse replication', 4000, 4000, 'succeeded'));
  });

  it('by a full copy: until the end of Finalize protection', () => {
    const copied = 'committed reversedInFull seeding fatalError critical fixed seeding transferDone merging';
    expect(jobsAfter(copied)).toEqual([job('Reverse replication', 1000, null, 'in progress')]);
    expect(jobsAfter(`${copied} mergeDone finalizing finalizeDone tracking`)).toEqual([
      job('Reverse replication', 1000, 6000, 'succeeded'),
      job('Finalize protection', 5000, 6000, 'succeeded'),
    ]);
  });
});

describe('jobs are bounded', () => {
  const TEST = 'testFailoverStarted tracking testFailoverCleanedUp tracking ';

  function logOf(tests: number): JobLog {
    const log = new JobLog(2, RULES);
    const words = `tracking ${TEST.repeat(tests)}`.trim().split(/\s+/);
    for (let i = 0; i + 2 < words.length; i += 2) {
      log.observe(1, Phase.tracking, Input[words[i + 1] as InputKey], Phase.tracking, i * 1000, columns({}));
    }
    return log;
  }

  it('the first ones are kept, and that there were more is said, of that VM', () => {
    const full = logOf(JOBS_MOST);
    expect(full.isTruncated(1)).toBe(false);
    const over = logOf(JOBS_MOST + 1);
    expect(over.jobsOf(1)).toEqual(full.jobsOf(1));
    expect(over.isTruncated(1)).toBe(true);
    expect(over.jobsOf(0)).toEqual([]);
    expect(over.isTruncated(0)).toBe(false);
  });

  it('one that is in progress when there is no more room still ends', () => {
    const log = logOf(JOBS_MOST - 1);
    const { tracking, resyncing } = Phase;
    log.observe(1, tracking, Input.resyncRequested, resyncing, 1e6, columns({}));
    log.observe(1, resyncing, Input.unplannedFailover, Phase.failedOver, 2e6, columns({}));
    expect(log.jobsOf(1).at(-1)).toMatchObject({ kind: 'Resynchronization', endMs: 2e6, state: 'cancelled' });
    expect(log.isTruncated(1)).toBe(true);
  });
});

/** What must be true of every list of jobs. */
function expectSound(log: JobLog): void {
  const jobs = log.jobsOf(0);
  expect(jobs.length).toBeLessThanOrEqual(JOBS_MOST);
  let lastStartMs = 0;
  for (const { startMs, endMs, state } of jobs) {
    expect(startMs).toBeGreaterThanOrEqual(lastStartMs);
    lastStartMs = startMs;
    expect(state === 'in progress').toBe(endMs === null);
    expect(endMs ?? startMs).toBeGreaterThanOrEqual(startMs);
  }
  const running = inProgress(log);
  expect(new Set(running).size).toBe(running.length);
}

function inProgress(log: JobLog): JobKind[] {
  return log.jobsOf(0).flatMap(({ kind, endMs }) => (endMs === null ? [kind] : []));
}

describe('over random walks through the table of the lifecycle', () => {
  const walk = fc.array(fc.nat(), { maxLength: 400 }).map((choices) => {
    let phase: PhaseKey = 'unprotected';
    return choices.map((choice) => {
      const ways = INPUT_KEYS.flatMap((input) => (LIFECYCLE[phase][input] ?? []).map((after) => ({ input, after })));
      const before = phase;
      const { input, after } = ways[choice % ways.length]!;
      phase = after;
      return { before, input, after };
    });
  });

  it('jobs are bounded, one of a kind is in progress, ends come after starts', () => {
    fc.assert(
      fc.property(walk, fc.nat({ max: 200 }), (steps, stepMs) => {
        const log = new JobLog(1, RULES);
        const causes = columns({ error: 'networkError', mark: 'logsAtHalfDisk' });
        steps.forEach(({ before, input, after }, index) => {
          log.observe(0, Phase[before], Input[input], Phase[after], index * stepMs, causes);
          expectRunningIn(log, after, LOOSELY_IN);
        });
        expectSound(log);
      }),
      { numRuns: 300, seed: 20_261_123 },
    );
  });
});

type PhasesOfKinds = Partial<Readonly<Record<JobKind, readonly PhaseKey[]>>>;

const ANY_BUT_UNPROTECTED = PHASE_KEYS.filter((phase) => phase !== 'unprotected');
const IN_RESYNC = ['resyncing', 'resyncBackoff', 'resyncPaused', 'critical'] as const;
const IN_DELTA = ['tracking', 'sending', 'sendingBackoff', 'paused'] as const;

/**
 * Where a job of the kind may be in progress. The table of the lifecycle does not know what was paused or what has a recovery
 * point, so that a walk through it alone leaves some of them behind …
 */
const LOOSELY_IN: PhasesOfKinds = {
  'Enable protection': ['enabling'],
  'Initial replication': ANY_BUT_UNPROTECTED,
  'Finalize protection': ['finalizing'],
  Resynchronization: PHASE_KEYS.filter((phase) => !['unprotected', 'failedOver', 'committed'].includes(phase)),
  'Test failover': ANY_BUT_UNPROTECTED,
  'Planned failover': ANY_BUT_UNPROTECTED,
  'Reverse replication': ANY_BUT_UNPROTECTED,
};

/** … a VM of the core does not. What has no line here is never in progress. */
const STRICTLY_IN: PhasesOfKinds = {
  ...LOOSELY_IN,
  'Initial replication': [
    'seeding',
    'seedingBackoff',
    'exporting',
    // With exported media, until their import …
    'merging',
    'awaitingMedia',
    ...IN_DELTA,
    // … and onto an existing replica.
    'resyncMarked',
    ...IN_RESYNC,
  ],
  Resynchronization: IN_RESYNC,
  'Test failover': [...IN_DELTA, 'resyncMarked', ...IN_RESYNC],
  'Planned failover': ['sendingLast', 'resyncMarked', ...IN_RESYNC],
  'Reverse replication': ['seeding', 'seedingBackoff', 'merging', 'finalizing', 'paused', 'resyncMarked', ...IN_RESYNC],
};

function expectRunningIn(log: JobLog, phase: PhaseKey, allowed: PhasesOfKinds): void {
  for (const kind of inProgress(log)) expect(allowed[kind] ?? [], `${kind} in progress`).toContain(phase);
}

/** In these phases one of these jobs is in progress: what a VM does is always in its list of jobs. */
const MUST_RUN: Partial<Readonly<Record<PhaseKey, readonly JobKind[]>>> = {
  enabling: ['Enable protection'],
  seeding: ['Initial replication', 'Reverse replication'],
  seedingBackoff: ['Initial replication', 'Reverse replication'],
  exporting: ['Initial replication'],
  awaitingMedia: ['Initial replication'],
  finalizing: ['Finalize protection'],
  sendingLast: ['Planned failover'],
  resyncing: ['Resynchronization', 'Initial replication', 'Planned failover', 'Reverse replication'],
  resyncBackoff: ['Resynchronization', 'Initial replication', 'Planned failover', 'Reverse replication'],
  resyncPaused: ['Resynchronization', 'Initial replication', 'Planned failover', 'Reverse replication'],
};

/** A VM of the core that is fed at random what it waits for, what the host may answer, and what is not refused. */
class RandomLife {
  readonly bench: BenchVm;
  readonly log: JobLog = new JobLog(1, RULES);

  constructor(mode: InitialReplicationMode, startAtMs: number, toAzure: boolean) {
    const initialReplication = { ...INITIAL_REPLICATION_AT_ONCE, mode, startAtMs, shippingMs: HOUR_MS };
    const scenario = toAzure ? 'hyperv-to-azure' : 'vmm-to-vmm';
    this.bench = new BenchVm({ policy: { scenario, initialReplication }, rules: { enableMs: 1000, finalizeMs: 1000 } });
  }

  /** Time goes on, at most to the VM's deadline; there it is fed that. */
  live(choice: number, passedMs: number): void {
    const { bench } = this;
    const dueAtMs = bench.core.wakeAtMs[0]!;
    const nowMs = Math.min(bench.nowMs + passedMs, dueAtMs);
    const moves = this.#moves();
    const move = moves[choice % (moves.length + 1)];
    if (nowMs === dueAtMs) this.#feed(INPUT_KEYS[bench.core.wakeInput[0]!]!, nowMs);
    else if (move === undefined) bench.write(20 * MIB);
    // Seldom, or no life would become old.
    else if (move !== 'disabled' || choice % 7 === 0) this.#feed(move, nowMs);
  }

  #moves(): InputKey[] {
    const phase = this.bench.core.phase[0] as Phase;
    const answers: InputKey[] = hasTransfer(phase) ? ['transferDone', 'transferFailed'] : [];
    const looks: InputKey[] = isLegal(phase, Input.logHalfDue) ? ['logHalfDue'] : [];
    return [...answers, ...looks, ...FROM_OUTSIDE.filter((input) => this.bench.refuses(input) === null)];
  }

  #feed(input: InputKey, nowMs: number): void {
    const before = this.bench.core.phase[0] as Phase;
    this.bench.feed(input, nowMs, CAUSE_OF[input]);
    this.log.observe(0, before, Input[input], this.bench.core.phase[0] as Phase, nowMs, this.bench.core);
  }
}

const CAUSE_OF: Partial<Record<InputKey, CauseKey>> = {
  transferFailed: 'networkError',
  fatalError: 'brokenVhdChain',
  resyncRequired: 'diskChanged',
};

/** Each way in which a job can end; random lives meet them all, and no other. */
const ALL_ENDS = [
  'Commit: succeeded',
  'Disable protection: succeeded',
  'Enable protection: cancelled',
  'Enable protection: failed',
  'Enable protection: succeeded',
  'Finalize protection: cancelled',
  'Finalize protection: succeeded',
  'Initial replication: cancelled',
  'Initial replication: succeeded',
  'Planned failover: cancelled',
  'Planned failover: failed',
  'Planned failover: succeeded',
  'Resynchronization: cancelled',
  'Resynchronization: failed',
  'Resynchronization: succeeded',
  'Reverse replication: cancelled',
  'Reverse replication: succeeded',
  'Test failover: cancelled',
  'Test failover: succeeded',
  'Unplanned failover: cancelled',
  'Unplanned failover: succeeded',
];

/** Faults and administrators' acts. */
const FROM_OUTSIDE: readonly InputKey[] = [
  'fatalError',
  'resyncRequired',
  ...INPUT_KEYS.slice(Input.enabled, Input.retryDue),
];

describe('over random lives of a VM of the core', () => {
  const life = fc.record({
    mode: fc.constantFrom<InitialReplicationMode>('network', 'media', 'existing'),
    startAtMs: fc.constantFrom(0, HOUR_MS),
    toAzure: fc.boolean(),
    steps: fc.array(fc.tuple(fc.nat(), fc.nat({ max: HOUR_MS })), { minLength: 50, maxLength: 250 }),
  });

  it('jobs in progress are those that the phase allows, and what the VM does has its job', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(life, ({ mode, startAtMs, toAzure, steps }) => {
        const vm = new RandomLife(mode, startAtMs, toAzure);
        const { bench, log } = vm;
        for (const [choice, passedMs] of steps) {
          vm.live(choice, passedMs);
          expectRunningIn(log, bench.phase, STRICTLY_IN);
          const must = MUST_RUN[bench.phase];
          if (must !== undefined && !log.isTruncated(0)) {
            expect(
              must.some((kind) => inProgress(log).includes(kind)),
              `a job in ${bench.phase}`,
            ).toBe(true);
          }
        }
        expectSound(log);
        for (const { kind, state } of log.jobsOf(0)) if (state !== 'in progress') seen.add(`${kind}: ${state}`);
      }),
      { numRuns: 600, seed: 20_261_124 },
    );
    expect([...seen].sort()).toEqual(ALL_ENDS);
  });
});
