import { DEFAULT_RULES } from '../../src/model/policy.ts';
import type { PlanVm, RpoStats } from '../../src/plan/plan.ts';
import { resyncCost } from '../../src/plan/resync-cost.ts';
import { DAY_MS, GIB, HOUR_MS, MINUTE_MS } from '../../src/units.ts';
import { HOSTILE_NAMES } from './hostile-names.ts';
import { sampleHolds } from './sample-constraints.ts';
import {
  fateOf,
  type SampleFate,
  sampleFailovers,
  sampleJobs,
  sampleStatistics,
  sampleTimeline,
} from './sample-lifecycle.ts';
import type { SampleOptions } from './sample-plan.ts';

const KINDS = ['sql', 'web', 'file', 'dc', 'app', 'build'] as const;

const PHASE_AT_END: Readonly<Record<SampleFate, PlanVm['phaseAtEnd']>> = {
  seeding: 'initial replication',
  replicating: 'delta replication',
  resynchronized: 'delta replication',
  critical: 'critical',
  paused: 'paused',
  unprotected: 'unprotected',
  'failed over': 'failed over',
};
const HEALTH_REASON: Partial<Readonly<Record<SampleFate, string>>> = {
  seeding: 'initial replication is not completed',
  unprotected: 'protection has not begun',
  resynchronized: 'more than 20 % of the cycles of the last hour were missed',
  critical: 'an administrator has to act: authentication error',
  paused: 'replication is paused',
  'failed over': 'the VM has failed over and is not replicated back',
};

const LAST_ERROR: Partial<Readonly<Record<SampleFate, PlanVm['lastError']>>> = {
  critical: 'authenticationError',
  unprotected: 'prerequisiteMissing',
};

export function sampleVm(
  index: number,
  vmCount: number,
  horizonMs: number,
  options: SampleOptions,
  random: () => number,
): PlanVm {
  const kind = KINDS[index % KINDS.length]!;
  const name = HOSTILE_NAMES[index - 5] ?? `${kind}-${String(Math.floor(index / KINDS.length) + 1).padStart(2, '0')}`;
  const usedBytes = Math.round((20 + 380 * random() ** 2) * GIB);
  const churnBytesPerDay = Math.round(usedBytes * (kind === 'sql' ? 0.16 : 0.03) * (0.4 + random()));
  const startMs = 60_000 + index * 15_000;
  const endMs = Math.round((2 + 36 * ((index + 1) / vmCount) ** 0.7) * HOUR_MS);
  const late = options.unprotected !== true && (options.met ?? false) === false && index % 6 === 0;
  const fate = fateOf(index, late, options);
  const began = fate !== 'unprotected';
  const arrived = began && fate !== 'seeding';
  const resync = fate === 'resynchronized';
  const worstMs = (late ? 16 + 100 * random() : 5 + 9 * random()) * MINUTE_MS;
  const steadyRpo = stats(arrived ? worstMs : null, late ? 0.94 + 0.05 * random() : 1, horizonMs - endMs);
  const course = { fate, startMs, endMs, horizonMs };
  const timeline = sampleTimeline(course, options.busyTimelines === true);
  const reason = HEALTH_REASON[fate] ?? (late ? HEALTH_REASON.resynchronized! : undefined);
  const health = fate === 'seeding' || fate === 'critical' || resync ? 'Critical' : late ? 'Warning' : 'Normal';
  const healthReasons = reason === undefined ? [] : [reason];
  const lastReplicationMs = arrived ? horizonMs - 4 * MINUTE_MS : null;
  return {
    name,
    host: `HV0${(index % 4) + 1}.contoso.local`,
    diskCount: 2,
    provisionedBytes: Math.round(usedBytes * 1.6),
    usedBytes,
    churnBytesPerDay,
    confidence: index % 7 === 0 ? 'average' : 'week',
    copyFrequencyMs: index % 10 === 9 ? 30_000 : 5 * MINUTE_MS,
    volumes: [index % 5 === 2 ? 'HV02: D:\\<script>alert(1)</script>' : `C:\\ClusterStorage\\Volume${(index % 6) + 1}`],
    recoveryPlans: index % 8 === 1 ? ['Shop <b>', 'Bank'] : [],
    readFrom: [{ file: 'vms <b>.csv', row: index + 2 }],
    worstAgeAtMs: steadyRpo.maxMs === null ? null : endMs + 8 * HOUR_MS,
    cloud: options.scenario === 'vmm-to-vmm' ? (index === 5 ? HOSTILE_NAMES[1]! : 'Gold') : null,
    resyncCost: sampleResyncCost(usedBytes),
    phaseAtEnd: PHASE_AT_END[fate],
    health,
    healthReasons,
    lastError: LAST_ERROR[fate] ?? null,
    enableFailure: began ? null : 'integration services are not installed <b>in the guest</b>',
    initialReplication: {
      startMs: began ? startMs : null,
      endMs: arrived ? endMs : null,
      sentBytes: began ? usedBytes : 0,
      disks: [
        { name: 'C:\\ClusterStorage\\os.vhdx', endMs: arrived ? endMs - HOUR_MS : null },
        { name: 'data.vhdx', endMs: arrived ? endMs : null },
      ],
    },
    protectedAtMs: arrived ? endMs + 20 * MINUTE_MS : null,
    firstDeltaAtMs: arrived ? endMs + 95 * MINUTE_MS : null,
    rpo: stats(arrived ? worstMs * 2.4 : null, 0.9, horizonMs - endMs),
    steadyRpo,
    cycles: { completed: arrived ? 1500 : 0, missed: late && began ? 31 : 0, failed: late && began ? 7 : 0 },
    sentBytes: {
      initial: began ? usedBytes : 0,
      delta: arrived ? churnBytesPerDay * 5 : 0,
      resync: resync ? Math.round(usedBytes * 0.1) : 0,
    },
    hrlPeakBytes: began ? Math.round(churnBytesPerDay * 0.06) : 0,
    hrlPeakAtMs: 3 * DAY_MS,
    hrlPeakRatio: resync ? 0.5 : !began ? 0 : late ? 0.21 : 0.012,
    snapshotPeakBytes: began ? Math.round(churnBytesPerDay * 1.2) : 0,
    resyncCount: resync ? 1 : 0,
    resyncCauses: resync ? [{ cause: 'logsAtHalfDisk', count: 1 }] : [],
    statistics: sampleStatistics(fate, {
      name,
      health,
      healthReasons,
      horizonMs,
      lastReplicationMs,
      churnBytesPerDay,
      latencyMs: worstMs,
    }),
    jobs: sampleJobs(course),
    jobsTruncated: fate === 'critical',
    recoveryPoints: samplePoints(lastReplicationMs, churnBytesPerDay),
    failovers: sampleFailovers(course, worstMs),
    lastBreachAtMs: late && began ? 5 * DAY_MS : null,
    firstFailureAtMs: late && began ? 2 * DAY_MS + 10 * HOUR_MS : null,
    bytes: {
      written: churnBytesPerDay * 7,
      delivered: arrived ? churnBytesPerDay * 5 : 0,
      inFlight: 0,
      inLogs: 0,
      droppedAtMark: 0,
      untracked: churnBytesPerDay * (arrived ? 2 : 7),
    },
    timeline,
    timelineTruncated: options.busyTimelines === true,
    ...(options.bareSite === true ? { constraintMs: {}, constraints: [] } : sampleHolds(timeline, index, horizonMs)),
  };
}

export function stats(maxMs: number | null, withinTargetFraction: number, observedMs: number): RpoStats {
  if (maxMs === null) {
    return {
      minMs: null,
      p50Ms: null,
      p95Ms: null,
      p99Ms: null,
      maxMs: null,
      withinTargetFraction: null,
      observedMs: 0,
    };
  }
  return {
    minMs: 42_000,
    p50Ms: Math.round(Math.min(maxMs, 4.1 * MINUTE_MS)),
    p95Ms: Math.round(Math.min(maxMs, 9.4 * MINUTE_MS)),
    p99Ms: Math.round(Math.min(maxMs, 9.9 * MINUTE_MS)),
    maxMs: Math.round(maxMs),
    withinTargetFraction,
    observedMs: Math.round(observedMs * 0.8),
  };
}

function sampleResyncCost(usedBytes: number): PlanVm['resyncCost'] {
  const disks = [0.2, 0.8].map((share) => ({
    sizeBytes: Math.round(usedBytes * 1.6 * share),
    usedBytes: Math.round(usedBytes * share),
    changedBytes: Math.round(usedBytes * 0.5 * share),
  }));
  const link = { capacityBitsPerSec: 100e6, efficiencyRatio: 0.95 };
  return resyncCost(disks, { compressionRatio: 1, rules: DEFAULT_RULES }, link);
}

/** Two hours of them, every second one app-consistent. */
function samplePoints(lastReplicationMs: number | null, churnBytesPerDay: number): PlanVm['recoveryPoints'] {
  if (lastReplicationMs === null) return { kept: [], storagePeakBytes: 0 };
  const kept = [2, 1].map((hours) => ({ atMs: lastReplicationMs - hours * HOUR_MS, appConsistent: hours === 2 }));
  return { kept, storagePeakBytes: Math.round(churnBytesPerDay / 10) };
}
