/**
 * A test per sentence of the published thresholds, each at its boundary (Microsoft Virtualization team blog, 2012-06-15, on the
 * health of replication; facts 6.1).
 */
import { describe, expect, it } from 'vitest';
import { CAUSES, type CauseKey } from '../../src/model/cause.ts';
import {
  type HealthFacts,
  type HealthVerdict,
  healthOf,
  MONITORING_INTERVAL_MS,
  MONITORING_START_MINUTE,
} from '../../src/replication/health.ts';
import { PHASE_KEYS, Phase, type PhaseKey } from '../../src/replication/lifecycle.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/units.ts';

const NOW_MS = 10 * HOUR_MS;

/** Every threshold is exactly reached and none is passed. */
const AT_THE_LIMITS: HealthFacts = {
  phase: Phase.tracking,
  nowMs: NOW_MS,
  causeCode: 0,
  lastReplicationAtMs: NOW_MS - HOUR_MS,
  completedCycles: 80,
  missedCycles: 20,
  latencyMs: 80 * 5 * MINUTE_MS,
};

const judged = (change: Partial<HealthFacts>): HealthVerdict => healthOf({ ...AT_THE_LIMITS, ...change });
const inPhase = (phase: PhaseKey, cause?: CauseKey): HealthVerdict =>
  judged({ phase: Phase[phase], causeCode: cause === undefined ? 0 : CAUSES[cause].code });

describe('"Normal": at most 20 % missed, the last replication within an hour, at most five minutes on average', () => {
  it.each(['tracking', 'sending'] as const)('in %s, with every threshold exactly reached', (phase) => {
    expect(inPhase(phase)).toEqual({ health: 'Normal', reasons: [] });
  });

  it('before any cycle and any replication there is nothing to warn of', () => {
    const facts = { lastReplicationAtMs: null, completedCycles: 0, missedCycles: 0, latencyMs: 0 };
    expect(judged(facts)).toEqual({ health: 'Normal', reasons: [] });
  });

  it('an error that is over does not count', () => {
    expect(inPhase('tracking', 'networkError').health).toBe('Normal');
  });
});

describe('"Warning": more than 20 % of the cycles of the monitoring interval were missed', () => {
  // 12 hours of 5-minute cycles are 144: 28 missed ones are 19.4 %, 29 are 20.1 % (facts 10.7).
  it.each([
    [0, 144, 'Normal'],
    [28, 144, 'Normal'],
    [29, 144, 'Warning'],
    [1, 5, 'Normal'],
    [2, 9, 'Warning'],
    [20, 100, 'Normal'],
    [21, 100, 'Warning'],
    [3, 3, 'Warning'],
  ])('%i of %i: %s', (missedCycles, cycles, health) => {
    expect(judged({ missedCycles, completedCycles: cycles - missedCycles, latencyMs: 0 }).health).toBe(health);
  });

  it('says how many of how many', () => {
    expect(judged({ missedCycles: 21, completedCycles: 79, latencyMs: 0 }).reasons).toEqual([
      '21 of 100 replication cycles were missed in the monitoring interval',
    ]);
  });

  it('the monitoring interval is 12 hours from 09:00 (Msvm_ReplicationServiceSettingData)', () => {
    expect(MONITORING_INTERVAL_MS).toBe(12 * HOUR_MS);
    expect(MONITORING_START_MINUTE).toBe(9 * 60);
  });
});

it('"Warning": more than an hour since the last replica was sent', () => {
  expect(judged({ lastReplicationAtMs: NOW_MS - HOUR_MS }).health).toBe('Normal');
  expect(judged({ lastReplicationAtMs: NOW_MS - HOUR_MS - 1 })).toEqual({
    health: 'Warning',
    reasons: ['the last replication is more than an hour ago'],
  });
});

it('not "Normal": more than five minutes of latency on average', () => {
  expect(judged({ completedCycles: 2, missedCycles: 0, latencyMs: 10 * MINUTE_MS }).health).toBe('Normal');
  expect(judged({ completedCycles: 2, missedCycles: 0, latencyMs: 10 * MINUTE_MS + 1 })).toEqual({
    health: 'Warning',
    reasons: ['replication takes more than five minutes on average'],
  });
});

it.each<PhaseKey>([
  'unprotected',
  'enabling',
  'awaitingStart',
  'seeding',
  'exporting',
  'merging',
  'finalizing',
  'awaitingMedia',
])('"Warning": initial replication is not completed, in %s', (phase) => {
  expect(inPhase(phase)).toMatchObject({ health: 'Warning', reasons: [expect.stringMatching(/./)] });
});

it.each(['tracking', 'sending'] as const)(
  '"Warning": initial replication is not completed while its media travel, though deltas flow (in %s)',
  (phase) => {
    const facts = { phase: Phase[phase], mediaPending: true };
    expect(judged(facts)).toEqual({
      health: 'Warning',
      reasons: ['the media of initial replication have not been imported'],
    });
    expect(judged({ ...facts, mediaPending: false }).health).toBe('Normal');
  },
);

it.each(['sendingLast', 'failedOver', 'committed'] as const)(
  '"Warning": a failover was initiated but not reverse-replicated, in %s',
  (phase) => {
    expect(inPhase(phase)).toMatchObject({ health: 'Warning', reasons: [expect.stringMatching(/fail/)] });
  },
);

it('"Warning": paused by the user', () => {
  expect(inPhase('paused')).toEqual({ health: 'Warning', reasons: ['replication is paused by an administrator'] });
});

describe('"Critical": the primary cannot send', () => {
  it.each<[PhaseKey, CauseKey, string]>([
    ['seedingBackoff', 'networkError', 'network error'],
    ['sendingBackoff', 'lowDiskSpace', 'low disk space'],
    ['resyncBackoff', 'lowMemory', 'low memory'],
    ['critical', 'brokenVhdChain', 'broken VHD chain'],
    ['critical', 'authorizationError', 'authorization error'],
  ])('in %s because of %s, which it names', (phase, cause, title) => {
    expect(inPhase(phase, cause)).toEqual({ health: 'Critical', reasons: [expect.stringContaining(`(${title})`)] });
  });

  it('a resynchronization is required: it names the mark', () => {
    expect(inPhase('resyncMarked', 'logsAtHalfDisk')).toEqual({
      health: 'Critical',
      reasons: ['resynchronization is required (logs at half the disk)'],
    });
  });

  it.each(['resyncing', 'resyncPaused'] as const)('until the resynchronization has ended: in %s', (phase) => {
    expect(inPhase(phase).health).toBe('Critical');
  });

  it.each<[PhaseKey, CauseKey]>([
    ['resyncMarked', 'authenticationError'],
    ['sendingBackoff', 'logsAtHalfDisk'],
    ['critical', 'diskChanged'],
    ['resyncing', 'networkError'],
  ])('in %s it does not blame what is no reason for it: %s', (phase, cause) => {
    expect(inPhase(phase, cause).reasons).toEqual(inPhase(phase).reasons);
  });

  it('whatever else there would be to warn of', () => {
    const troubled = { phase: Phase.critical, missedCycles: 80, lastReplicationAtMs: 0, mediaPending: true };
    expect(judged(troubled).health).toBe('Critical');
  });
});

it('every warning is told', () => {
  const facts = { phase: Phase.paused, missedCycles: 21, lastReplicationAtMs: 0, latencyMs: 81 * 5 * MINUTE_MS };
  expect(judged(facts).reasons).toHaveLength(4);
});

it.each(PHASE_KEYS)('in %s health is Normal where there is no reason, and only there', (phase) => {
  const { health, reasons } = inPhase(phase);
  expect(reasons.length === 0).toBe(health === 'Normal');
});
