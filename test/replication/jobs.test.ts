/** What the records of the workflows must say, and laws over random legal lives. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CAUSES } from '../../src/model/cause.ts';
import { JOBS_MOST, type Job, type JobKind, JobLog } from '../../src/replication/jobs.ts';
import {
  INPUT_KEYS,
  Input,
  type InputKey,
  LIFECYCLE,
  PHASE_KEYS,
  Phase,
  type PhaseKey,
} from '../../src/replication/lifecycle.ts';

const RULES = { failoverMs: 100, bootMs: 50 };

/** `phase input phase input …`: a way through the lifecycle, a step every 1,000 ms from 1,000 on. */
function jobsAfter(way: string, causes: { error?: number; mark?: number } = {}): readonly Job[] {
  const log = new JobLog(1, RULES);
  const words = way.split(/\s+/);
  const columns = { cause: Uint8Array.of(causes.error ?? 0), markCause: Uint8Array.of(causes.mark ?? 0) };
  for (let i = 0; i + 2 < words.length; i += 2) {
    const [before, input, after] = words.slice(i, i + 3) as [PhaseKey, InputKey, PhaseKey];
    expect(LIFECYCLE[before][input], `${input} in ${before}`).toContain(after);
    log.observe(0, Phase[before], Input[input], Phase[after], 500 * (i + 2), columns);
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

describe('jobs', () => {
  it('Enable protection, Initial replication and Finalize protection follow one another; delta replication leaves none', () => {
    const way =
      'unprotected enabled enabling enableDone seeding transferDone seeding transferFailed seedingBackoff retryDue seeding ' +
      'transferDone merging mergeDone finalizing finalizeDone tracking intervalElapsed sending transferDone tracking';
    expect(jobsAfter(way)).toEqual([
      job('Enable protection', 1000, 2000, 'succeeded'),
      job('Initial replication', 2000, 6000, 'succeeded'),
      job('Finalize protection', 7000, 8000, 'succeeded'),
    ]);
  });

  it('an Enable protection that fails its check says why', () => {
    expect(
      jobsAfter('unprotected enabled enabling fatalError unprotected', { error: CAUSES.prerequisiteMissing.code }),
    ).toEqual([job('Enable protection', 1000, 2000, 'failed', 'prerequisite missing')]);
  });

  it('a pause and an error do not end initial replication', () => {
    const way =
      'unprotected enabled enabling enableDone seeding paused paused resumed seeding fatalError critical fixed seeding';
    expect(jobsAfter(way).at(-1)).toEqual(job('Initial replication', 2000, null, 'in progress'));
  });

  it('media: initial replication ends with the import; an existing replica: with its resynchronization', () => {
    const media =
      'unprotected enabled enabling enableDone exporting exportDone merging mergeDone tracking mediaImported tracking';
    expect(jobsAfter(media).at(-1)).toEqual(job('Initial replication', 2000, 5000, 'succeeded'));
    const existing = 'unprotected enabled enabling enableDone resyncing transferDone finalizing';
    expect(jobsAfter(existing).slice(1)).toEqual([
      job('Initial replication', 2000, 3000, 'succeeded'),
      job('Finalize protection', 3000, null, 'in progress'),
    ]);
  });

  it('a resynchronization names what brought it about; marked anew it has failed; interruptions do not end it', () => {
    const way =
      'tracking logHalfDue resyncMarked windowOpened resyncing transferFailed resyncBackoff retryDue resyncing ';
    const cause = { mark: CAUSES.logsAtHalfDisk.code };
    expect(jobsAfter(`${way} transferDone tracking`, cause)).toEqual([
      job('Resynchronization', 2000, 5000, 'succeeded', 'logs at half the disk'),
    ]);
    expect(jobsAfter(`${way} logHalfDue resyncMarked`, cause)[0]).toMatchObject({ endMs: 5000, state: 'failed' });
    expect(jobsAfter(`${way} paused resyncPaused`, cause)[0]).toMatchObject({ endMs: null, state: 'in progress' });
    expect(jobsAfter(`${way} unplannedFailover failedOver`, cause)[0]).toMatchObject({ state: 'cancelled' });
  });

  it('a planned failover ends when the machine serves; it fails with its last set and can be cancelled', () => {
    expect(jobsAfter('tracking plannedFailover sendingLast transferDone failedOver')).toEqual([
      job('Planned failover', 1000, 2150, 'succeeded'),
    ]);
    expect(
      jobsAfter('tracking plannedFailover sendingLast transferFailed sendingBackoff', {
        error: CAUSES.networkError.code,
      }),
    ).toEqual([job('Planned failover', 1000, 2000, 'failed', 'network error')]);
    expect(jobsAfter('tracking plannedFailover sendingLast failoverCancelled sending')).toEqual([
      job('Planned failover', 1000, 2000, 'cancelled'),
    ]);
  });

  it('unplanned failover, commit and replication back', () => {
    const way =
      'tracking unplannedFailover failedOver failoverCommitted committed reversed resyncing transferDone tracking';
    expect(jobsAfter(way)).toEqual([
      job('Unplanned failover', 1000, 1150, 'succeeded'),
      job('Commit', 2000, 2000, 'succeeded'),
      job('Reverse replication', 3000, 4000, 'succeeded'),
    ]);
    const delta =
      'tracking plannedFailover sendingLast transferDone failedOver failoverCommitted committed reversed tracking';
    expect(jobsAfter(delta).at(-1)).toEqual(job('Reverse replication', 4000, 4000, 'succeeded'));
    const inFull = 'committed reversedInFull seeding transferDone merging mergeDone finalizing finalizeDone tracking';
    expect(jobsAfter(inFull).find(({ kind }) => kind === 'Reverse replication')).toMatchObject({ endMs: 4000 });
  });

  it('a test failover runs until it is cleaned up', () => {
    const way = 'tracking testFailoverStarted tracking intervalElapsed sending testFailoverCleanedUp sending';
    expect(jobsAfter(way)).toEqual([job('Test failover', 1000, 3000, 'succeeded')]);
  });

  it('ending protection cancels what runs', () => {
    expect(jobsAfter('unprotected enabled enabling enableDone seeding disabled unprotected').slice(1)).toEqual([
      job('Initial replication', 2000, 3000, 'cancelled'),
      job('Disable protection', 3000, 3000, 'succeeded'),
    ]);
  });
});

describe('laws of jobs, over random walks through the table', () => {
  /** Which phases a job in progress allows at the end of a walk. */
  const MAY_RUN_IN: Partial<Record<JobKind, (phase: PhaseKey) => boolean>> = {
    'Enable protection': (phase) => phase === 'enabling',
    'Finalize protection': (phase) => phase === 'finalizing',
    'Unplanned failover': () => false,
    Commit: () => false,
    'Disable protection': () => false,
  };

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

  it('at most one of a kind is in progress, ends come after starts, their number is bounded, and the last phase allows what runs', () => {
    fc.assert(
      fc.property(walk, (steps) => {
        const log = new JobLog(1, RULES);
        const columns = { cause: Uint8Array.of(1), markCause: Uint8Array.of(10) };
        steps.forEach(({ before, input, after }, index) => {
          log.observe(0, Phase[before], Input[input], Phase[after], index * 1000, columns);
        });
        const jobs = log.jobsOf(0);
        const last = steps.at(-1)?.after ?? 'unprotected';
        expect(jobs.length).toBeLessThanOrEqual(JOBS_MOST);
        for (const { startMs, endMs, state } of jobs) {
          expect(state === 'in progress').toBe(endMs === null);
          expect(endMs ?? startMs).toBeGreaterThanOrEqual(startMs);
        }
        const running = jobs.filter(({ endMs }) => endMs === null).map(({ kind }) => kind);
        expect(new Set(running).size).toBe(running.length);
        if (log.isTruncated(0)) return;
        for (const kind of running)
          expect(MAY_RUN_IN[kind]?.(last) ?? last !== 'unprotected', `${kind} in ${last}`).toBe(true);
      }),
      { numRuns: 300, seed: 20_261_123 },
    );
  });
});

it('the table of jobs knows every phase', () => {
  expect(PHASE_KEYS).toHaveLength(21);
});
