/** What Measure-VMReplication prints: names and units of the cmdlet, arithmetic as it was seen (facts 6.2). */
import { describe, expect, it } from 'vitest';
import { PHASE_KEYS, Phase, type PhaseKey, REPLICATION_STATES } from '../../src/replication/lifecycle.ts';
import {
  type MonitoredCounters,
  type ReplicationStatistics,
  replicationStatistics,
  type StatisticsFacts,
} from '../../src/replication/statistics.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/units.ts';

const NO_CYCLES: MonitoredCounters = {
  successCount: 0,
  missCount: 0,
  sizeBytes: 0,
  largestBytes: 0,
  latencyMs: 0,
  longestMs: 0,
  networkFailureCount: 0,
  otherFailureCount: 0,
};

const REPLICATING: StatisticsFacts = {
  vmName: 'SQL01',
  phase: Phase.tracking,
  health: 'Normal',
  healthDetails: [],
  reversed: false,
  monitoringStartMs: HOUR_MS,
  monitoringEndMs: 3 * HOUR_MS,
  lastReplicationAtMs: 3 * HOUR_MS - MINUTE_MS,
  recoveryPointAtMs: 3 * HOUR_MS - 2 * MINUTE_MS,
  lastTestFailoverAtMs: null,
  lastAppConsistentAtMs: null,
  failedOverPlanned: false,
  initialReplicationDone: true,
  usedBytes: 1000,
  seededBytes: 1000,
  logBytes: 70,
};

const printed = (
  facts: Partial<StatisticsFacts> = {},
  counters: Partial<MonitoredCounters> = {},
): ReplicationStatistics => replicationStatistics({ ...REPLICATING, ...facts }, { ...NO_CYCLES, ...counters });

it('has the names of the cmdlet, and of the counters behind it', () => {
  const ofCmdlet = [
    'VMName',
    'ReplicationMode',
    'ReplicationState',
    'ReplicationHealth',
    'ReplicationHealthDetails',
    'MonitoringStartTime',
    'MonitoringEndTime',
    'LastReplicationType',
    'LastReplicationTime',
    'LastAppliedLogTime',
    'LastTestFailoverInitiatedTime',
    'LastVSSSnapshotTime',
    'InitialReplicationSize',
    'PendingReplicationSize',
    'AverageReplicationSize',
    'MaximumReplicationSize',
    'AverageReplicationLatency',
    'MaximumReplicationLatency',
    'ReplicationErrors',
    'SuccessfulReplicationCount',
    'MissedReplicationCount',
  ];
  const ofWmi = ['NetworkFailureCount', 'ReplicationFailureCount', 'ApplicationConsistentSnapshotFailureCount'];
  expect(Object.keys(printed()).sort()).toEqual([...ofCmdlet, ...ofWmi, 'ReplicationStateName'].sort());
});

it('hands on what it was told: name, health, instants of the run’s clock', () => {
  expect(
    printed({ health: 'Warning', healthDetails: ['paused'], lastTestFailoverAtMs: 5, lastAppConsistentAtMs: 7 }),
  ).toMatchObject({
    VMName: 'SQL01',
    ReplicationHealth: 'Warning',
    ReplicationHealthDetails: ['paused'],
    MonitoringStartTime: HOUR_MS,
    MonitoringEndTime: 3 * HOUR_MS,
    LastReplicationTime: 3 * HOUR_MS - MINUTE_MS,
    LastAppliedLogTime: 3 * HOUR_MS - 2 * MINUTE_MS,
    LastTestFailoverInitiatedTime: 5,
    LastVSSSnapshotTime: 7,
  });
});

describe('state and mode', () => {
  it.each<[PhaseKey, number, string]>([
    ['unprotected', 0, 'Disabled'],
    ['seeding', 2, 'Waiting to complete initial replication'],
    ['tracking', 3, 'Replicating'],
    ['paused', 7, 'Suspended'],
    ['critical', 8, 'Critical'],
    ['resyncMarked', 9, 'Waiting to start resynchronization'],
    ['committed', 6, 'Committed'],
  ])('%s is %i, %s (Msvm_ReplicationRelationship)', (phase, value, name) => {
    expect(printed({ phase: Phase[phase] })).toMatchObject({ ReplicationState: value, ReplicationStateName: name });
  });

  it.each(PHASE_KEYS)('%s has a state of the product, and a mode where it is replicated', (phase) => {
    const { ReplicationState, ReplicationStateName, ReplicationMode } = printed({ phase: Phase[phase] });
    expect({ value: ReplicationState, name: ReplicationStateName }).toEqual(REPLICATION_STATES[phase]);
    expect(ReplicationMode).toBe(ReplicationState === 0 ? 'None' : 'Primary');
  });

  it('is the replica once replication runs back', () => {
    expect(printed({ reversed: true }).ReplicationMode).toBe('Replica');
  });
});

describe('LastReplicationType', () => {
  const APP_CONSISTENT = { lastAppConsistentAtMs: REPLICATING.recoveryPointAtMs };

  it.each<[ReplicationStatistics['LastReplicationType'], string, Partial<StatisticsFacts>]>([
    ['None', 'before the first', { lastReplicationAtMs: null, recoveryPointAtMs: null }],
    ['None', 'once protection has ended', { recoveryPointAtMs: null }],
    ['Regular', 'after a cycle', {}],
    ['Regular', 'after a cycle since the last app-consistent one', { lastAppConsistentAtMs: 1 }],
    ['ApplicationConsistent', 'where the recovery point is app-consistent', APP_CONSISTENT],
    ['Planned', 'after a planned failover', { phase: Phase.failedOver, failedOverPlanned: true, ...APP_CONSISTENT }],
  ])('%s %s', (type, _, facts) => {
    expect(printed(facts).LastReplicationType).toBe(type);
  });
});

describe('InitialReplicationSize and PendingReplicationSize', () => {
  const SEEDING = { phase: Phase.seeding, initialReplicationDone: false, seededBytes: 0, logBytes: 0 };

  it.each<[string, Partial<StatisticsFacts>, number, number]>([
    ['nothing is pending where nothing is protected', { ...SEEDING, phase: Phase.unprotected }, 0, 0],
    ['all of it before the first byte', SEEDING, 1000, 1000],
    [
      'what has not arrived, and the logs since the snapshot',
      { ...SEEDING, seededBytes: 300, logBytes: 50 },
      1000,
      750,
    ],
    ['only the logs once it is done', {}, 0, 70],
    ['only the logs in a resynchronization', { phase: Phase.resyncing, logBytes: 9 }, 0, 9],
  ])('%s', (_, facts, initialBytes, pendingBytes) => {
    expect(printed(facts)).toMatchObject({
      InitialReplicationSize: initialBytes,
      PendingReplicationSize: pendingBytes,
    });
  });

  it('are whole bytes', () => {
    expect(printed({ ...SEEDING, seededBytes: 300.4 }).PendingReplicationSize).toBe(700);
  });
});

describe('cycles of the monitoring interval', () => {
  it('averages are totals ÷ SuccessCount: bytes by integer division, latency in seconds', () => {
    const counters = { successCount: 3, sizeBytes: 1001, largestBytes: 500, latencyMs: 100_000, longestMs: 61_500 };
    expect(printed({}, counters)).toMatchObject({
      SuccessfulReplicationCount: 3,
      AverageReplicationSize: 333,
      MaximumReplicationSize: 500,
      // 33.333… s, rounded up to the millisecond as all durations are.
      AverageReplicationLatency: 33.334,
      MaximumReplicationLatency: 61.5,
    });
    expect(printed({}, { ...counters, sizeBytes: 1002.9 }).AverageReplicationSize).toBe(334);
  });

  it('what only the last bits of a double add is no further millisecond', () => {
    expect(printed({}, { successCount: 1, latencyMs: 1000.000001, longestMs: 1000.000001 })).toMatchObject({
      AverageReplicationLatency: 1,
      MaximumReplicationLatency: 1,
    });
  });

  it('without a cycle there is no latency, and no size', () => {
    expect(printed({}, { missCount: 4 })).toMatchObject({
      SuccessfulReplicationCount: 0,
      MissedReplicationCount: 4,
      AverageReplicationSize: 0,
      MaximumReplicationSize: 0,
      AverageReplicationLatency: null,
      MaximumReplicationLatency: null,
    });
  });

  it('ReplicationErrors are the failures of the network, of replication and of VSS, of which the last are not modelled', () => {
    expect(printed({}, { networkFailureCount: 2, otherFailureCount: 3 })).toMatchObject({
      ReplicationErrors: 5,
      NetworkFailureCount: 2,
      ReplicationFailureCount: 3,
      ApplicationConsistentSnapshotFailureCount: 0,
    });
  });
});
