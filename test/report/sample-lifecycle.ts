import type { FailoverResult, Job, PhaseName, ReplicationStatistics, TimelineEntry } from '../../src/plan/plan.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/units.ts';
import { HOSTILE_NAMES } from './hostile-names.ts';
import type { SampleOptions } from './sample-plan.ts';

/** What becomes of a VM of the sample. */
export type SampleFate =
  | 'seeding'
  | 'replicating'
  | 'resynchronized'
  | 'critical'
  | 'paused'
  | 'unprotected'
  | 'failed over';

export interface SampleCourse {
  readonly fate: SampleFate;
  /** Initial replication. */
  readonly startMs: number;
  readonly endMs: number;
  readonly horizonMs: number;
}

/** Only VMs with a late recovery point come to anything worse. */
const FATES: Readonly<Record<number, SampleFate>> = {
  12: 'critical',
  24: 'paused',
  30: 'unprotected',
  42: 'failed over',
};

export function fateOf(index: number, late: boolean, options: SampleOptions): SampleFate {
  if (options.unprotected === true) return 'seeding';
  const fate = FATES[index];
  if (late && fate !== undefined && options.quiet !== true && options.busyTimelines !== true) return fate;
  return options.resync !== false && late && index % 18 === 0 ? 'resynchronized' : 'replicating';
}

/** Afterwards a VM that stops does so; within a horizon of a day and more. */
function stopMs({ horizonMs }: SampleCourse): number {
  return horizonMs * 0.8;
}

export function sampleTimeline(course: SampleCourse, busy: boolean): TimelineEntry[] {
  const phases = busy ? busyPhases(course) : phasesOf(course);
  return phases.map(([phase, untilMs], index) => ({
    phase,
    startMs: index === 0 ? 0 : phases[index - 1]![1],
    endMs: untilMs,
  }));
}

type Phases = [phase: PhaseName, untilMs: number][];

function begun({ startMs, endMs }: SampleCourse): Phases {
  return [
    ['unprotected', startMs / 2],
    ['waiting to start', startMs],
    ['initial replication', endMs],
    ['merging snapshot', endMs + 20 * MINUTE_MS],
  ];
}

function busyPhases(course: SampleCourse): Phases {
  const { endMs, horizonMs } = course;
  const steps = Array.from({ length: 190 }, (_, index): Phases[number] => [
    index % 2 === 0 ? 'delta replication' : 'retrying',
    endMs + HOUR_MS + ((horizonMs - endMs - HOUR_MS) * (index + 1)) / 190,
  ]);
  return [...begun(course), ...steps];
}

function phasesOf(course: SampleCourse): Phases {
  const { fate, startMs, horizonMs } = course;
  const stop = stopMs(course);
  switch (fate) {
    case 'unprotected':
      return [['unprotected', horizonMs]];
    case 'seeding':
      return [
        ['unprotected', startMs],
        ['initial replication', horizonMs],
      ];
    case 'resynchronized':
      return [
        ...begun(course),
        ['delta replication', 3 * DAY_MS],
        ['marked for resynchronization', 3 * DAY_MS + 7 * HOUR_MS],
        ['resynchronization', 3 * DAY_MS + 12 * HOUR_MS],
        ['delta replication', horizonMs],
      ];
    case 'critical':
    case 'paused':
      return [...begun(course), ['delta replication', stop - HOUR_MS], ['retrying', stop], [fate, horizonMs]];
    case 'failed over':
      return [
        ...begun(course),
        ['delta replication', stop],
        ['failing over', stop + 40 * MINUTE_MS],
        ['failed over', horizonMs],
      ];
    default:
      return [...begun(course), ['delta replication', horizonMs]];
  }
}

export function sampleJobs(course: SampleCourse): Job[] {
  const { fate, startMs, endMs } = course;
  const stop = stopMs(course);
  const job = (kind: Job['kind'], from: number, to: number | null, state: Job['state'], reason = ''): Job => ({
    kind,
    startMs: Math.round(from),
    endMs: to === null ? null : Math.round(to),
    state,
    reason,
  });
  if (fate === 'unprotected') return [job('Enable protection', 0, 1000, 'failed', 'prerequisite missing')];
  const enabled = job('Enable protection', 0, startMs / 2, 'succeeded');
  if (fate === 'seeding') return [enabled, job('Initial replication', startMs, null, 'in progress')];
  const first = [
    enabled,
    job('Initial replication', startMs, endMs, 'succeeded'),
    job('Finalize protection', endMs + 20 * MINUTE_MS, endMs + 20 * MINUTE_MS, 'succeeded'),
  ];
  switch (fate) {
    case 'resynchronized':
      return [
        ...first,
        job(
          'Resynchronization',
          3 * DAY_MS + 7 * HOUR_MS,
          3 * DAY_MS + 12 * HOUR_MS,
          'succeeded',
          'logs at half the disk',
        ),
      ];
    case 'critical':
      return [
        ...first,
        job('Planned failover', stop - MINUTE_MS, stop, 'failed', `${HOSTILE_NAMES[0]} ${HOSTILE_NAMES[5]}`),
      ];
    case 'failed over':
      return [
        ...first,
        job('Test failover', stop - 9 * HOUR_MS, stop - 8 * HOUR_MS, 'succeeded'),
        job('Planned failover', stop - 2 * HOUR_MS, stop - HOUR_MS, 'cancelled'),
        job('Planned failover', stop, stop + 40 * MINUTE_MS, 'succeeded'),
        job('Reverse replication', stop + HOUR_MS, null, 'in progress'),
      ];
    default:
      return first;
  }
}

export function sampleFailovers(course: SampleCourse, worstMs: number): FailoverResult[] {
  if (course.fate !== 'failed over') return [];
  const stop = Math.round(stopMs(course));
  return [
    {
      kind: 'unplanned',
      atMs: stop - DAY_MS,
      dataLossMs: Math.round(worstMs),
      appConsistentDataLossMs: Math.round(worstMs + HOUR_MS),
    },
    { kind: 'planned', atMs: stop + 40 * MINUTE_MS, dataLossMs: 0, appConsistentDataLossMs: null },
  ];
}

const STATES: Readonly<Record<SampleFate, readonly [value: number, name: string]>> = {
  seeding: [2, 'WaitingToCompleteInitialReplication'],
  replicating: [3, 'Replicating'],
  resynchronized: [3, 'Replicating'],
  critical: [8, 'Critical'],
  paused: [7, 'Suspended'],
  unprotected: [0, 'Disabled'],
  'failed over': [5, 'FailoverComplete'],
};

export interface StatisticsFacts {
  readonly name: string;
  readonly health: ReplicationStatistics['ReplicationHealth'];
  readonly healthReasons: readonly string[];
  readonly horizonMs: number;
  readonly lastReplicationMs: number | null;
  readonly churnBytesPerDay: number;
  readonly latencyMs: number;
}

export function sampleStatistics(fate: SampleFate, facts: StatisticsFacts): ReplicationStatistics {
  const { lastReplicationMs, horizonMs } = facts;
  const cycles = lastReplicationMs === null ? 0 : 36;
  const [state, stateName] = STATES[fate];
  return {
    VMName: facts.name,
    ReplicationMode: state === 0 ? 'None' : 'Primary',
    ReplicationState: state,
    ReplicationStateName: stateName,
    ReplicationHealth: facts.health,
    ReplicationHealthDetails: facts.healthReasons,
    MonitoringStartTime: horizonMs - 3 * HOUR_MS,
    MonitoringEndTime: horizonMs,
    LastReplicationType: lastReplicationMs === null ? 'None' : 'Regular',
    LastReplicationTime: lastReplicationMs,
    LastAppliedLogTime: lastReplicationMs === null ? null : lastReplicationMs - 5 * MINUTE_MS,
    LastTestFailoverInitiatedTime: null,
    LastVSSSnapshotTime: lastReplicationMs === null ? null : lastReplicationMs - 2 * HOUR_MS,
    InitialReplicationSize: 0,
    PendingReplicationSize: Math.round(facts.churnBytesPerDay / 300),
    AverageReplicationSize: cycles === 0 ? 0 : Math.round(facts.churnBytesPerDay / 288),
    MaximumReplicationSize: cycles === 0 ? 0 : Math.round(facts.churnBytesPerDay / 90),
    AverageReplicationLatency: cycles === 0 ? null : 41.237,
    MaximumReplicationLatency: cycles === 0 ? null : Math.round(facts.latencyMs) / 1000,
    ReplicationErrors: cycles === 0 ? 0 : 3,
    NetworkFailureCount: cycles === 0 ? 0 : 2,
    ReplicationFailureCount: cycles === 0 ? 0 : 1,
    ApplicationConsistentSnapshotFailureCount: 0,
    SuccessfulReplicationCount: cycles,
    MissedReplicationCount: cycles === 0 ? 0 : 4,
  };
}
