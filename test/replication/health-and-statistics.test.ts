/** Health by its published thresholds (blog, 2012-06-15), and what Measure-VMReplication prints, under its own names. */
import { describe, expect, it } from 'vitest';
import { CAUSES } from '../../src/model/cause.ts';
import { type HealthFacts, healthOf } from '../../src/replication/health.ts';
import { PHASE_KEYS, Phase, type PhaseKey, REPLICATION_STATES } from '../../src/replication/lifecycle.ts';
import { replicationStatistics } from '../../src/replication/statistics.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/units.ts';
import { buildRun, buildVm, simulated } from '../laws/build-run.ts';

const FINE: HealthFacts = {
  phase: Phase.tracking,
  nowMs: 10 * HOUR_MS,
  causeCode: 0,
  lastReplicationAtMs: 10 * HOUR_MS - MINUTE_MS,
  completedCycles: 80,
  missedCycles: 20,
  latencyMs: 80 * 5 * MINUTE_MS,
};
const healthIn = (change: Partial<HealthFacts>): string => healthOf({ ...FINE, ...change }).health;

describe('health', () => {
  it('Normal: not more than 20 % missed, the last replication less than an hour ago, at most 5 minutes on average', () => {
    expect(healthIn({})).toBe('Normal');
  });

  it('Warning: more than 20 % of the cycles of the monitoring interval are missed', () => {
    expect(healthIn({ missedCycles: 21 })).toBe('Warning');
  });

  it('Warning: more than an hour since the last replication', () => {
    expect(healthIn({ lastReplicationAtMs: 9 * HOUR_MS })).toBe('Normal');
    expect(healthIn({ lastReplicationAtMs: 9 * HOUR_MS - 1 })).toBe('Warning');
  });

  it('Warning: replication takes more than five minutes on average', () => {
    expect(healthIn({ latencyMs: 80 * 5 * MINUTE_MS + 1 })).toBe('Warning');
  });

  const EXPECTED: Readonly<Record<PhaseKey, 'Normal' | 'Warning' | 'Critical'>> = {
    unprotected: 'Warning',
    enabling: 'Warning',
    awaitingStart: 'Warning',
    seeding: 'Warning',
    seedingBackoff: 'Critical',
    exporting: 'Warning',
    merging: 'Warning',
    finalizing: 'Warning',
    awaitingMedia: 'Warning',
    tracking: 'Normal',
    sending: 'Normal',
    sendingBackoff: 'Critical',
    sendingLast: 'Warning',
    resyncMarked: 'Critical',
    resyncing: 'Critical',
    resyncBackoff: 'Critical',
    resyncPaused: 'Critical',
    paused: 'Warning',
    critical: 'Critical',
    failedOver: 'Warning',
    committed: 'Warning',
  };

  it.each(PHASE_KEYS)(
    'in %s: Critical where the primary cannot send, Warning before completion, paused or failed over',
    (phase) => {
      const verdict = healthOf({ ...FINE, phase: Phase[phase] });
      expect(verdict.health).toBe(EXPECTED[phase]);
      expect(verdict.reasons.length === 0).toBe(verdict.health === 'Normal');
    },
  );

  it('names the error that stopped replication', () => {
    const { reasons } = healthOf({ ...FINE, phase: Phase.critical, causeCode: CAUSES.authorizationError.code });
    expect(reasons).toEqual(['replication has stopped with a non-recoverable error (authorization error)']);
  });
});

describe('statistics', () => {
  it('count what happened in the monitoring interval: an hour of cycles, one broken off', () => {
    // 100 kB/s for 5 minutes are 30,000,000 bytes in 29 runs of entries: 30,126,976 bytes of log, 24.1 s at 10 Mbit/s.
    const run = buildRun({
      vms: [buildVm()],
      // Monday 09:00: the monitoring interval begins with the run.
      startEpochMs: Date.UTC(2026, 0, 5, 9),
      outages: [{ startMs: 20 * MINUTE_MS, endMs: 20 * MINUTE_MS + 1000 }],
      options: { horizonMs: HOUR_MS },
    });
    const { statistics, cycles } = simulated(run).vms[0]!;
    const logBytes = 8192 + 30e6 + 4096 * Math.ceil(30e6 / (127 * 8192));
    const latencySec = (logBytes * 8) / 10e6;
    expect(statistics).toMatchObject({
      VMName: 'vm0',
      ReplicationMode: 'Primary',
      ReplicationState: 3,
      ReplicationStateName: 'Replicating',
      ReplicationHealth: 'Normal',
      MonitoringStartTime: 0,
      MonitoringEndTime: HOUR_MS,
      LastReplicationType: 'Regular',
      InitialReplicationSize: 0,
      MaximumReplicationSize: logBytes,
      AverageReplicationSize: logBytes,
      SuccessfulReplicationCount: 11,
      MissedReplicationCount: 0,
      ReplicationErrors: 1,
      NetworkFailureCount: 1,
      ReplicationFailureCount: 0,
    });
    // The set of minute 20 fails at its cut, and is sent a minute later.
    expect(cycles).toEqual({ completed: 11, missed: 0, failed: 1 });
    const roundedUp = (sec: number): number => Math.ceil(sec * 1000 - 1e-5) / 1000;
    expect(statistics.MaximumReplicationLatency).toBe(roundedUp(60 + latencySec));
    expect(statistics.AverageReplicationLatency).toBe(roundedUp(latencySec + 60 / 11));
    // What was written since the last cut, and the empty log's header.
    expect(statistics.PendingReplicationSize).toBe(logBytes);
  });

  it('before initial replication is done they say what it sends, and what is left of it', () => {
    const facts = {
      vmName: 'a',
      phase: Phase.seeding,
      health: 'Warning',
      healthDetails: [],
      reversed: false,
      monitoringStartMs: 0,
      monitoringEndMs: 1,
      lastReplicationAtMs: null,
      recoveryPointAtMs: null,
      lastTestFailoverAtMs: null,
      lastAppConsistentAtMs: null,
      failedOverPlanned: false,
      initialReplicationDone: false,
      usedBytes: 1000,
      seededBytes: 300,
      logBytes: 50,
    } as const;
    const none = {
      successCount: 0,
      missCount: 0,
      sizeBytes: 0,
      largestBytes: 0,
      latencyMs: 0,
      longestMs: 0,
      networkFailureCount: 2,
      otherFailureCount: 3,
    };
    expect(replicationStatistics(facts, none)).toMatchObject({
      InitialReplicationSize: 1000,
      PendingReplicationSize: 750,
      AverageReplicationSize: 0,
      AverageReplicationLatency: null,
      MaximumReplicationLatency: null,
      ReplicationErrors: 5,
      LastReplicationType: 'None',
    });
  });

  it('ReplicationState has the product’s numbers', () => {
    for (const { value, name } of Object.values(REPLICATION_STATES)) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(21);
      expect(name).not.toBe('');
    }
    expect(REPLICATION_STATES.resyncMarked.value).toBe(9);
    expect(REPLICATION_STATES.paused.value).toBe(7);
    expect(REPLICATION_STATES.committed.value).toBe(6);
  });
});
