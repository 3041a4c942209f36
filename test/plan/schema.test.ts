import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CAUSE_KEYS } from '../../src/model/cause.ts';
import { ACTION_KEYS, type SiteEvent } from '../../src/model/event.ts';
import { describeEvent } from '../../src/model/event-text.ts';
import { SCENARIOS } from '../../src/model/scenario.ts';
import type { Job, PhaseName, Plan, RpoStats } from '../../src/plan/plan.ts';
import { CONSTRAINTS, type Constraint } from '../../src/simulate/result.ts';
import { sampleCost } from '../report/sample-cost.ts';
import { sampleVm } from '../report/sample-vm.ts';
import { compilePlanSchema, PLAN_SCHEMA_URL, validatePlan } from './validate-plan.ts';

const rpo: RpoStats = {
  minMs: 10_000,
  p50Ms: 160_000,
  p95Ms: 295_000,
  p99Ms: 298_000,
  maxMs: 310_000,
  withinTargetFraction: 1,
  observedMs: 3_600_000,
};
const never: RpoStats = {
  minMs: null,
  p50Ms: null,
  p95Ms: null,
  p99Ms: null,
  maxMs: null,
  withinTargetFraction: null,
  observedMs: 0,
};

/** One of each kind. */
const EVENTS: readonly SiteEvent[] = [
  { kind: 'linkSlow', link: 'branch', atMs: 1, untilMs: 2, capacityBitsPerSec: 1e6 },
  { kind: 'recoverable', cause: 'networkError', target: { scope: 'all' }, atMs: 1, untilMs: 2 },
  { kind: 'nonRecoverable', cause: 'vmNotFound', target: { scope: 'vm', name: 'VM1' }, atMs: 1 },
  { kind: 'resyncTrigger', cause: 'volumeReverted', target: { scope: 'host', name: 'HV01' }, atMs: 1 },
  { kind: 'volumeTaken', volume: 'D:', host: 'HV01', bytes: 1e9, atMs: 1, untilMs: 2 },
  { kind: 'hostDown', host: 'HV01', atMs: 1, untilMs: 2 },
  { kind: 'hostDrained', host: 'HV01', to: 'HV02', atMs: 1, untilMs: 2 },
  { kind: 'hostDrained', host: 'HV01', to: 'HV02', atMs: 1 },
  { kind: 'action', action: 'testFailover', target: { scope: 'plan', name: 'Shop' }, atMs: 1 },
];

function perConstraint<Value>(value: (constraint: Constraint) => Value): Record<Constraint, Value> {
  return Object.fromEntries(CONSTRAINTS.map((constraint) => [constraint, value(constraint)])) as Record<
    Constraint,
    Value
  >;
}

/** One of everything; the compiler keeps it a Plan, so that neither the type nor the schema can move alone. */
const PAIR = { predicted: 1.5, measured: 1, ratio: 1.5, error: 0.5, errorShare: 0.5 };
const FIGURES: Plan['changes']['asPlanned'] = {
  ...{
    worstRpoMs: null,
    withinTargetFraction: 0.5,
    wireBytesPerDay: 1e6,
    initialReplicationEndMs: null,
    resyncCount: 0,
  },
};
const SCORE = { vmCount: 1, medianErrorShare: 0.5, closeCount: 0 };
const PLAN: Plan = {
  schema: 'asr-plan/plan@1',
  version: '0.1.0',
  seed: 1,
  runHash: '0123456789abcdef',
  scenario: {
    id: 'vmm-to-vmm',
    title: 'VMM site to a secondary VMM site',
    copyFrequencyMs: 300_000,
    components: [{ name: 'VMM server', installedOn: 'each site', source: 'a document' }],
    paths: [
      {
        carries: 'orchestration',
        from: 'the Provider',
        to: 'Site Recovery',
        protocol: 'HTTPS',
        port: 443,
        statements: [],
      },
      {
        carries: 'data',
        from: 'each host',
        to: 'the other site',
        protocol: 'HTTP',
        port: 8083,
        authentication: 'kerberos',
        statements: [{ text: 'HTTPS port 8083 for Kerberos', source: 'a document' }],
      },
    ],
    notes: [{ text: 'No VM data goes to Azure.', source: 'a document' }],
  },
  clock: { startEpochMs: 1_767_571_200_000, timeZone: 'UTC', offsets: [{ fromMs: 0, offsetMs: 0 }] },
  horizonMs: 86_400_000,
  verdict: {
    met: true,
    sentence: 'All objectives are met.',
    objectives: [{ id: 'rpo', title: 'RPO of 15 min', met: true, found: 'at most 5 min 10 s' }],
  },
  assumptions: [
    { name: 'retryLadderMs', value: [60_000, 120_000], reason: 'the table', source: 'chosen', origin: 'default' },
  ],
  receipts: [
    {
      ...{ file: 'perf.csv', format: 'PDH-CSV', read: ['local times of UTC+08:00'], sizeBytes: 1000 },
      ...{ rowCount: 10, usedCount: 9, dropped: [{ reason: 'no value', count: 1 }] },
      joins: [{ what: 'disks that it measures', count: 1, examples: ['a'] }],
      coversMs: { fromEpochMs: 1_767_571_200_000, untilEpochMs: 1_767_571_260_000 },
    },
  ],
  problems: [
    {
      severity: 'warning',
      code: 'csv-used-unknown',
      file: 'vms.csv',
      row: 2,
      column: 'used_gib',
      value: '',
      message: 'No used size.',
      remedy: 'Fill it in.',
    },
  ],
  fleet: {
    vmCount: 1,
    diskCount: 1,
    provisionedBytes: 8e9,
    usedBytes: 4e9,
    churnBytesPerDay: 123_456_789.5,
    diskCountByConfidence: { week: 0, part: 1, average: 0, assumed: 0 },
  },
  link: {
    capacityBitsPerSec: 100e6,
    sentBytes: { initial: 4e9, delta: 1e8, resync: 0, total: 4.1e9 },
    busyFraction: 0.1,
    clippedFraction: 0.05,
    p95BitsPerSec: 12_345.6,
    outages: [{ startMs: 1000, endMs: 2000 }],
  },
  furtherLinks: [
    {
      name: 'Branch',
      capacityBitsPerSec: 20e6,
      sentBytes: 1e6,
      busyFraction: 0.2,
      clippedFraction: 0.1,
      outages: [{ startMs: 3000, endMs: 4000 }],
    },
  ],
  hosts: [
    {
      name: 'HV01',
      vmCount: 1,
      uplinkBitsPerSec: 1e9,
      maxActiveTransfers: 3,
      sentBytes: 4.1e9,
      clippedFraction: 0,
      slotWaitMs: 60_000,
    },
    {
      name: 'HV02',
      vmCount: 0,
      uplinkBitsPerSec: null,
      maxActiveTransfers: null,
      sentBytes: 0,
      clippedFraction: 0,
      slotWaitMs: 0,
    },
  ],
  replicaStorage: {
    writeBytesPerSec: 50e6,
    writeRatioLeast: 1.5,
    writeRatioMost: 3,
    meanWriteBytesPerSec: 1234.5,
    peakWriteBytesPerSec: 9876.5,
    replicaBytes: 4e9,
    recoveryPointPeakBytes: 1e6,
  },
  rpo: {
    targetMs: 900_000,
    ...rpo,
    steady: rpo,
    survival: [{ ageMs: 0, above: 1 }],
    steadySurvival: [{ ageMs: 0, above: 1 }],
  },
  recommendation: {
    bitsPerSecForRpoAlways: 4.21e6,
    bitsPerSecForRpo95: null,
    deltaOnlyBitsPerSecForRpoAlways: 2e6,
    deltaOnlyBitsPerSecForRpo95: 1.5e6,
    bitsPerSecForRpo90: null,
    deltaOnlyBitsPerSecForRpo90: 1.4e6,
    failsBelow: { bitsPerSec: 4.2e6, vm: 'VM1', ageMs: 900_001, atMs: 5 * 3_600_000 },
    deltaOnlyFailsBelow: null,
    initialReplication: { withinMs: 1000, bitsPerSec: null },
    objectives: [{ rpoMs: 60_000, meetsBitsPerSec: null, failsBitsPerSec: 1e6 }],
    tradeoff: [
      {
        bitsPerSec: 1e6,
        rpoP50Ms: null,
        rpoP95Ms: null,
        rpoMaxMs: null,
        withinTargetFraction: null,
        initialReplicationEndMs: null,
      },
    ],
  },
  vms: [
    {
      name: '</script><script>alert(1)</script>',
      host: 'HV01',
      diskCount: 1,
      provisionedBytes: 8e9,
      usedBytes: 4e9,
      churnBytesPerDay: 123_456_789.5,
      copyFrequencyMs: 30_000,
      confidence: 'part',
      cloud: 'Gold',
      readFrom: [{ file: 'vms.csv', row: 2 }],
      volumes: ['D:'],
      recoveryPlans: ['Shop'],
      worstAgeAtMs: 3_600_000,
      resyncCost: {
        resync: {
          wireBytes: 4e9,
          durationMs: 360_000,
          chunkCount: 8000,
          differingChunkCount: 4000,
          compareMs: 360_000,
        },
        fullCopy: { wireBytes: 4e9, durationMs: 320_000 },
        cheaperInBytes: 'same',
        cheaperInTime: 'full copy',
        breakEvenInBytes: 0.49,
        breakEvenInTime: null,
      },
      phaseAtEnd: 'delta replication',
      health: 'Warning',
      healthReasons: ['initial replication is not complete'],
      lastError: 'networkError',
      enableFailure: null,
      initialReplication: { startMs: 0, endMs: null, sentBytes: 4e9, disks: [{ name: 'os', endMs: null }] },
      protectedAtMs: 400_000,
      firstDeltaAtMs: null,
      lastBreachAtMs: null,
      rpo,
      steadyRpo: never,
      cycles: { completed: 10, missed: 1, failed: 0 },
      sentBytes: { initial: 4e9, delta: 1e8, resync: 0 },
      hrlPeakBytes: 8192,
      hrlPeakAtMs: 1,
      hrlPeakRatio: 0.001,
      snapshotPeakBytes: 2_097_152,
      resyncCount: 1,
      resyncCauses: [{ cause: 'logsAtHalfDisk', count: 1 }],
      statistics: {
        VMName: 'VM1',
        ReplicationMode: 'Primary',
        ReplicationState: 3,
        ReplicationStateName: 'Replicating',
        ReplicationHealth: 'Warning',
        ReplicationHealthDetails: ['initial replication is not complete'],
        MonitoringStartTime: -10_800_000,
        MonitoringEndTime: 86_400_000,
        LastReplicationType: 'Regular',
        LastReplicationTime: 86_000_000,
        LastAppliedLogTime: 85_700_000,
        LastTestFailoverInitiatedTime: null,
        LastVSSSnapshotTime: null,
        InitialReplicationSize: 0,
        PendingReplicationSize: 8192,
        AverageReplicationSize: 123_456,
        MaximumReplicationSize: 234_567,
        AverageReplicationLatency: 41.237,
        MaximumReplicationLatency: null,
        ReplicationErrors: 2,
        NetworkFailureCount: 1,
        ReplicationFailureCount: 1,
        ApplicationConsistentSnapshotFailureCount: 0,
        SuccessfulReplicationCount: 10,
        MissedReplicationCount: 1,
      },
      jobs: [
        { kind: 'Enable protection', startMs: 0, endMs: 0, state: 'succeeded', reason: '' },
        { kind: 'Resynchronization', startMs: 5, endMs: null, state: 'in progress', reason: 'logs at half the disk' },
      ],
      jobsTruncated: false,
      recoveryPoints: { kept: [{ atMs: 3_600_000, appConsistent: true }], storagePeakBytes: 1e6 },
      failovers: [{ kind: 'unplanned', atMs: 86_000_000, dataLossMs: 300_000, appConsistentDataLossMs: null }],
      firstFailureAtMs: null,
      bytes: { written: 6, delivered: 1, inFlight: 1, inLogs: 2, droppedAtMark: 1, untracked: 1 },
      timeline: [{ phase: 'initial replication', startMs: 0, endMs: 400_000 }],
      timelineTruncated: false,
      constraintMs: perConstraint((constraint) => (constraint === 'churn' ? 86_400_000 : 0)),
      constraints: [{ constraint: 'churn', startMs: 0, endMs: 86_400_000 }],
    },
  ],
  volumes: [
    {
      name: 'HV01: D:',
      diskCount: 1,
      provisionedBytes: 8e9,
      hrlPeakBytes: 8192,
      snapshotPeakBytes: 2_097_152,
      growthBytes: 1_000_000,
      extraPeakBytes: 3_105_344,
      peakAtMs: 1,
      lowAtMs: null,
      fullAtMs: 5,
      capacityBytes: null,
      freeBytes: null,
    },
  ],
  volumeSpace: [
    {
      ...{ name: 'HV01: D:', reserveBytes: null, deficitBytes: null, inBatchesPeakBytes: null },
      causes: [{ cause: 'logs', peakBytes: 8192, atMs: 1 }],
      largestLogs: { vm: 'VM1', peakBytes: 8192, atMs: 1, phase: 'paused' },
      ...{ inBatchesDeficitBytes: null, advice: ['Extend it.'] },
    },
  ],
  recoveryPlans: [
    {
      name: 'Shop',
      vmCount: 1,
      unplanned: {
        rtoMs: 300_000,
        terms: [{ title: 'Group 1', durationMs: 300_000, source: 'rules failoverMs + bootMs', decidedBy: ['VM1'] }],
        loss: {
          p50: { lossMs: 1000, decidedBy: ['VM1'] },
          p95: { lossMs: 2000, decidedBy: ['VM1'] },
          max: { lossMs: 3000, decidedBy: ['VM1'] },
        },
        lossUnknown: [],
      },
      planned: { lossMs: 0, downtimeMs: 300_000, terms: [] },
    },
    {
      name: 'Archive',
      vmCount: 0,
      unplanned: { rtoMs: 0, terms: [], loss: null, lossUnknown: ['The plan has no VMs.'] },
      planned: { lossMs: null, downtimeMs: 0, terms: [] },
    },
  ],
  events: EVENTS.map((event, index) => ({
    text: describeEvent(event),
    event,
    appliedCount: index,
    refusedCount: 1,
    refused: [{ vm: 'VM1', reason: 'delta replication runs' }],
  })),
  exclusions: [
    {
      ...{ vm: 'SQL01', disk: 'tempdb', reason: 'tempdb', meanBitsPerSec: 1e6, busiestHourBitsPerSec: 2e6 },
      ...{ shareOfDeltas: 0.25, initialBytes: 1e9, logBytes: 1e8 },
    },
  ],
  rules: {
    files: [
      {
        ...{ file: 'mine.json', title: 'Newer limits', ruleCount: 3, replacedCount: 0 },
        ...{ oldestSourceDate: '2024-01-01', newestSourceDate: '2026-01-01' },
      },
    ],
    limits: [
      {
        ...{ id: 'disk-size', title: 'Size of a disk', scenarios: ['hyperv-to-azure'] },
        ...{ field: 'disk.sizeBytes', comparison: 'at-most', limit: 32_767, unit: 'GiB', effect: 'incompatible' },
        when: [{ field: 'vm.generation', comparison: 'equals', limit: 2, unit: 'count' }],
        ...{ action: 'Split it.', collect: 'Its size.', source: 'a document', sourceDate: '2024-01-01', note: 'newer' },
        file: 'mine.json',
        replaced: { limit: 4095, unit: 'GiB', source: 'another', sourceDate: '2020-01-27' },
      },
    ],
    diskTiers: [
      {
        ...{ id: 'P10', type: 'premium-ssd', sizeGib: 128, iops: 500, megabytesPerSec: 100 },
        ...{ source: 'a document', sourceDate: '2026-01-01', note: 'as printed' },
      },
    ],
    vmSizes: [
      {
        ...{ id: 'Standard_D2s_v5', cores: 2, memoryGib: 8, dataDiskCount: 4, nicCount: 2, iops: 3750 },
        ...{ source: 'a document', sourceDate: '2026-01-01', note: 'as printed' },
      },
    ],
  },
  compatibility: {
    counts: { compatible: 0, incompatible: 1, unknown: 0 },
    vms: [
      {
        ...{ vm: 'VM1', verdict: 'incompatible', unchecked: ['encryption'], excludeOption: "--exclude 'vm:VM1'" },
        failed: [
          {
            ...{ rule: 'disk-size', title: 'Size of a disk', effect: 'incompatible', disk: 'os', diskCount: 1 },
            ...{ value: 40_000, limit: 32_767, unit: 'GiB', source: 'a document', sourceDate: '2024-01-01' },
            ...{ action: 'Split it.', comparison: 'at-most' },
          },
        ],
      },
    ],
    limits: [{ rule: 'disk-size', failedCount: 1, uncheckedCount: 0 }],
  },
  placement: {
    vms: [
      {
        ...{ vm: 'VM1', storage: 'premium', storageReason: 'not met: churn', azureVmSize: 'Standard_D2s_v5' },
        azureVmSizeReason: 'the smallest',
        disks: [{ disk: 'os', sizeBytes: 8e9, type: 'premium-ssd', tier: 'P10', tierReason: 'by size' }],
      },
    ],
    tiers: [{ tier: 'P10', type: 'premium-ssd', diskCount: 1, sizeBytes: 8e9, tierBytes: 137_438_953_472 }],
    unplacedDiskCount: 0,
  },
  cost: sampleCost([sampleVm(0, 1, 86_400_000, {}, () => 0.5)], 86_400_000),
  calibration: {
    vms: [
      {
        ...{ vm: 'SQL01', measuredFromMs: -3_600_000, measuredUntilMs: 0, cycleCount: 12, modelLogBytes: 1e6 },
        ...{
          churnBasis: 'window',
          sizeRatio: 0.9,
          compression: { ratio: 0.5, basis: 'counter', reason: 'it says so' },
        },
        pairs: { averageSizeBytes: PAIR, maximumSizeBytes: PAIR, averageLatencySec: PAIR, missesPerDay: PAIR },
      },
    ],
    notCompared: [{ vm: 'X', reason: 'not in the inventory' }],
    ...{ unmeasuredCount: 0, compressionRatio: 0.5, growthRatio: 0 },
    fleet: { averageSizeBytes: SCORE, maximumSizeBytes: SCORE, averageLatencySec: SCORE, missesPerDay: SCORE },
  },
  runbook: {
    scenario: 'vmm-to-vmm',
    openPlaces: [{ name: 'vault name', variable: '$VaultName', asks: 'the vault' }],
    preamble: '$VaultName = <vault name>',
    batches: [{ name: 'Batch 1', startMs: 0, vms: ['VM1'] }],
    tasks: [
      {
        ...{ number: 4, title: 'Enable replication', source: 'a document' },
        steps: [
          {
            ...{
              id: 'batch-1',
              title: 'Enable',
              where: 'portal',
              doing: ['Do it.'],
              checks: ['See it.'],
              source: 'a document',
            },
            facts: [{ label: 'VMs', values: ['VM1'] }],
            commands: [{ id: 'batch-1', where: 'console', script: 'Get-VM', notVerified: ['Nothing.'] }],
          },
        ],
      },
    ],
  },
  percentileWay: {
    ...{ percentile: 0.95, growthRatio: 0.3, bucketMs: 60_000, bitsPerSec: 1e6 },
    steps: [{ id: 'growth', title: 'Growth', why: 'None.', changeBitsPerSec: -1e5, bitsPerSec: 9e5 }],
  },
  failures: {
    sentence: 'An outage of up to 7 min keeps the objective of 15 min whenever it begins; one of 8 min does not.',
    resolution: {
      ...{
        startStepMs: 3_600_000,
        mapStepMs: 43_200_000,
        wholeWeek: true,
        lengthStepMs: 60_000,
        longestTriedMs: 86_400_000,
      },
      ...{ checksPerStart: 1, unevenStartCount: 0, simulationCount: 400, weekRuns: 7.6 },
    },
    safeMs: 420_000,
    smallestBreaking: { startMs: 32_400_000, lengthMs: 480_000, breaks: 'objective' },
    starts: [
      {
        ...{ startMs: 32_400_000, safeMs: 420_000, breakingMs: 480_000, breaks: 'objective' },
        ...{ ladderBoundMs: 420_000, ladderBoundVm: 'VM1' },
        halfDisk: { outageMs: 3_600_000, reachedAfterMs: 4_000_000.5, vm: 'VM1', disk: 'os' },
      },
      {
        ...{ startMs: 36_000_000, safeMs: null, breakingMs: null, breaks: null },
        ...{ ladderBoundMs: null, ladderBoundVm: null, halfDisk: null },
      },
    ],
    map: [
      { startMs: 32_400_000, lengthMs: 900_000, worstAgeMs: 1_300_000, kept: false, healMs: 70_000, markedVmCount: 0 },
      { startMs: 32_400_000, lengthMs: 3_600_000, worstAgeMs: 9e6, kept: false, healMs: null, markedVmCount: 1 },
    ],
    healing: [
      {
        ...{ lengthMs: 900_000, startCount: 1, shortestMs: 70_000, medianMs: 70_000, longestMs: 70_000 },
        ...{ longestStartMs: 32_400_000, unhealedStartCount: 0, markingStartCount: 0, markedVmMost: 0 },
        followedMs: 44_000_000,
      },
      {
        ...{ lengthMs: 3_600_000, startCount: 1, shortestMs: null, medianMs: null, longestMs: null },
        ...{ longestStartMs: null, unhealedStartCount: 0, markingStartCount: 1, markedVmMost: 1 },
        followedMs: 44_000_000,
      },
    ],
    backOff: [
      { startMs: 32_400_000, lengthMs: 900_000, worstAgeMs: 1_300_000, immediateWorstAgeMs: 1_230_000, share: 0.05 },
    ],
    resync: {
      ...{ stormStartMs: 0, vmCount: 1, wireBytes: 1e9, fullCopyWireBytes: 4e9, aloneTotalMs: 80_000 },
      ...{ aloneLongestMs: 80_000, stormMs: null, stormFollowedMs: 604_800_000, unfinishedVmCount: 1 },
      ...{ restartedVmCount: 1, neverThroughVmCount: 1 },
      vms: [
        {
          ...{ vm: 'VM1', changedBytes: 9e8, wireBytes: 1e9, aloneMs: 80_000, fullCopyWireBytes: 4e9 },
          ...{ stormMs: null, restartCount: 2, converges: false },
        },
      ],
    },
  },
  changes: {
    asPlanned: FIGURES,
    changes: [{ id: 'growth', title: 'Growth', how: '--growth-factor 30%', sideEffect: 'None.', figures: FIGURES }],
    notTried: ['Another'],
  },
  derivations: [
    {
      ...{ id: 'rpo-worst', title: 'Worst RPO', value: 900_000, unit: 'ms', formula: 'b − a', filled: '2 − 1 = 1' },
      ...{ rule: 'a rule', source: 'chosen', window: { fromMs: 0, untilMs: 900_000, what: 'the wait' } },
      inputs: [{ name: 'rpoTargetMs', value: [1, 2], from: 'given' }],
    },
  ],
  batches: {
    batches: [
      {
        ...{ name: 'Batch 1', startMs: 0, predictedEndMs: null, initialReplicationEndMs: null, endMs: null },
        ...{ fits: false, usedBytes: 1e9, wireBytes: 1e9, availableBitsPerSec: 1e6, deltaBitsPerSec: 0 },
        vms: [
          {
            ...{ vm: 'VM1', limit: 'space', why: 'Alone it does not fit.', wireBytes: 1e9, aloneMs: null },
            ...{ deficits: [{ volume: 'D:', missingBytes: 1 }], advice: null },
          },
        ],
        volumes: [{ volume: 'D:', roomBytes: null, predictedBytes: 1, simulatedBytes: null }],
        lateVmCount: 0,
      },
    ],
    leftOut: [{ vm: 'VM2', why: 'in no cloud' }],
    ...{ holds: false, broken: ['It is not over.'], roundCount: 1, simulatedUntilMs: 1, initialReplicationEndMs: null },
    ...{ endMs: null, lateVmCount: 0, objectiveHoldsAlone: true },
    planner: {
      batches: [
        {
          ...{ name: 'Batch 1', availableBitsPerSec: 1e6, deltaBitsPerSec: 0, initialReplicationMs: null },
          vms: [
            {
              ...{ vm: 'VM1', comment: '' },
              volumes: [{ volume: 'D:', freeBytes: -1, initialBytes: 1, deltaBytes: 1, additionalBytes: null }],
            },
          ],
        },
      ],
    },
    differences: ['It counts otherwise.'],
  },
  findings: [
    {
      id: 'log-space',
      ok: false,
      severity: 'note',
      title: 'Logs reach 0.1 % of a disk.',
      value: 0.001,
      unit: 'share',
      why: 'Far from half.',
      evidence: ['VM1'],
      evidenceCount: 1,
      action: 'Nothing.',
      source: 'chosen',
    },
  ],
  series: {
    trafficBucketMs: 300_000,
    traffic: { initial: [1.5], delta: [0], resync: [0], capacity: [100], clipped: [0.25] },
    stateBucketMs: 900_000,
    volumeHrlBytes: [[8192]],
    volumeSnapshotBytes: [[0]],
    volumeGrowthBytes: [[1_000_000]],
    furtherLinkBytes: [[1e6]],
    hostBytes: [[4.1e9], [0]],
    constraintMs: perConstraint((constraint) => [constraint === 'churn' ? 900_000 : 0]),
    logFill: [{ vm: 'VM1', disk: 'os', ratio: [0.001] }],
    worstAges: [{ vm: 'VM1', ageMs: [null, 1] }],
    writtenBytes: [6],
  },
};

/**
 * A problem of a whole file has no row, column or value; a path needs no authentication; a volume's name may tell its host; a
 * constraint that never held a VM is left out.
 */
const OPTIONAL = [
  'receipts/0/sizeBytes',
  'receipts/0/coversMs',
  'problems/0/row',
  'problems/0/column',
  'problems/0/value',
  'rules/limits/0/when',
  'rules/limits/0/note',
  'rules/diskTiers/0/note',
  'rules/vmSizes/0/note',
  'scenario/paths/1/authentication',
  'events/0/event/link',
  'events/4/event/host',
  'events/4/event/bytes',
  'events/6/event/untilMs',
  ...CONSTRAINTS.map((constraint) => `vms/0/constraintMs/${constraint}`),
];

/** The compiler sees to it that none is missing. */
const PHASES: Readonly<Record<PhaseName, true>> = {
  unprotected: true,
  'waiting to start': true,
  'initial replication': true,
  'waiting for media': true,
  'merging snapshot': true,
  'delta replication': true,
  retrying: true,
  'marked for resynchronization': true,
  resynchronization: true,
  paused: true,
  critical: true,
  'failing over': true,
  'failed over': true,
};
const JOBS: Readonly<Record<Job['kind'], true>> = {
  'Enable protection': true,
  'Initial replication': true,
  'Finalize protection': true,
  Resynchronization: true,
  'Test failover': true,
  'Planned failover': true,
  'Unplanned failover': true,
  Commit: true,
  'Reverse replication': true,
  'Disable protection': true,
};

/** Every key of every object in a value, as a path; array items by their index. */
function keyPaths(value: unknown, path: string[] = []): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = [...path, key];
    return [...(Array.isArray(value) ? [] : [here.join('/')]), ...keyPaths(inner, here)];
  });
}

/** The plan with one key taken out, or put back under another name. */
function withoutKey(path: string, renamed?: string): unknown {
  const plan = structuredClone(PLAN) as unknown as Record<string, unknown>;
  const keys = path.split('/');
  const last = keys.pop()!;
  const owner = keys.reduce((inner, key) => inner[key] as Record<string, unknown>, plan);
  if (renamed !== undefined) owner[renamed] = owner[last];
  delete owner[last];
  return plan;
}

type Schema = { readonly [key: string]: unknown };

/** Every own property that the schema knows, with its schema. */
function schemaProperties(schema: unknown, path = ''): [string, Schema][] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, inner]) => {
    const own = key === 'properties' ? Object.entries(inner as Schema) : [];
    return [
      ...own.map(([name, property]): [string, Schema] => [`${path}/${name}`, property as Schema]),
      ...schemaProperties(inner, key === 'properties' ? path : `${path}/${key}`),
    ];
  });
}

const PATHS = keyPaths(PLAN);

describe('schemas/plan.schema.json', () => {
  it('compiles in strict mode', () => {
    expect(compilePlanSchema()).toBeTypeOf('function');
  });

  it('passes a plan with one of everything', () => {
    expect(validatePlan(PLAN)).toEqual([]);
  });

  it('passes it as JSON, without the optional keys and with empty lists', () => {
    const { row: _row, column: _column, value: _value, ...problem } = PLAN.problems[0]!;
    const empty = {
      assumptions: [],
      receipts: [],
      exclusions: [],
      findings: [],
      vms: [],
      volumes: [],
      volumeSpace: [],
      batches: null,
      recoveryPlans: [],
      events: [],
    };
    const site = { furtherLinks: [], hosts: [], replicaStorage: null };
    const bare: Plan = { ...PLAN, ...empty, ...site, problems: [problem] };
    expect(validatePlan(JSON.parse(JSON.stringify(bare)))).toEqual([]);
  });

  it.each(PATHS.filter((path) => !OPTIONAL.includes(path)))('needs %s', (path) => {
    expect(validatePlan(withoutKey(path))).not.toEqual([]);
  });

  it.each(OPTIONAL)('does not need %s', (path) => {
    expect(validatePlan(withoutKey(path))).toEqual([]);
  });

  it.each(PATHS)('knows no other name for %s', (path) => {
    expect(validatePlan(withoutKey(path, `${path.split('/').at(-1)}Renamed`))).not.toEqual([]);
  });

  it.each([
    ['a shape of another version', { ...PLAN, schema: 'asr-plan/plan@2' }],
    ['a broken millisecond', { ...PLAN, horizonMs: 1.5 }],
    ['a share above one', { ...PLAN, link: { ...PLAN.link, busyFraction: 1.01 } }],
    [
      'infinity, which JSON writes as null',
      JSON.parse(JSON.stringify({ ...PLAN, horizonMs: Number.POSITIVE_INFINITY })),
    ],
    ['nothing', null],
  ])('refuses %s', (_, plan) => {
    expect(validatePlan(plan)).not.toEqual([]);
  });

  it.each(Object.values(SCENARIOS))('passes $id', ({ id, title, components, paths, dataNote }) => {
    const scenario = { id, title, copyFrequencyMs: 300_000, components, paths, notes: [dataNote] };
    expect(validatePlan({ ...PLAN, scenario })).toEqual([]);
  });

  it('knows every action, cause, phase, kind of job and constraint, and no other', () => {
    const [vm] = PLAN.vms;
    const action = (key: string) => ({
      events: [{ ...PLAN.events[0], event: { kind: 'action', action: key, target: { scope: 'all' }, atMs: 0 } }],
    });
    const cause = (key: string) => ({ vms: [{ ...vm, lastError: key }] });
    const phase = (phaseAtEnd: string) => ({ vms: [{ ...vm, phaseAtEnd }] });
    const job = (kind: string) => ({ vms: [{ ...vm, jobs: [{ ...vm!.jobs[0]!, kind }] }] });
    const span = (constraint: string) => ({ vms: [{ ...vm, constraints: [{ constraint, startMs: 0, endMs: 1 }] }] });
    const known: readonly [(key: string) => object, readonly string[]][] = [
      [action, ACTION_KEYS],
      [cause, CAUSE_KEYS],
      [phase, Object.keys(PHASES)],
      [job, Object.keys(JOBS)],
      [span, CONSTRAINTS],
    ];
    for (const [make, keys] of known) {
      for (const key of keys) expect(validatePlan({ ...PLAN, ...make(key) }), key).toEqual([]);
      expect(validatePlan({ ...PLAN, ...make('something else') })).not.toEqual([]);
    }
  });

  const schema: Schema = JSON.parse(readFileSync(PLAN_SCHEMA_URL, 'utf8'));
  const properties = schemaProperties(schema);

  it('has no property that the plan has not', () => {
    const names = new Set(PATHS.map((path) => path.split('/').at(-1)));
    expect(properties.map(([path]) => path.split('/').at(-1)).filter((name) => !names.has(name!))).toEqual([]);
  });

  it('names the unit of every size and time in its description', () => {
    const wanted = [
      [/BitsPerSec/, /bits per second/],
      [/BytesPerSec/, /bytes per second/],
      [/(Ms)$/, /milliseconds/],
      [/(Bytes|ReplicationSize)$/, /[Bb]ytes/],
      [/Latency$/, /seconds/],
      [/(Replication|Log|Initiated|Snapshot|Start|End)Time$/, /milliseconds/],
    ] as const;
    const silent = properties.filter(([path, property]) =>
      wanted.some(
        ([name, unit]) => name.test(path) && 'description' in property && !unit.test(String(property.description)),
      ),
    );
    expect(silent.map(([path]) => path)).toEqual([]);
  });
});
