import type { ScenarioId } from '../../src/model/scenario.ts';
import type { DerivedPlan } from '../../src/plan/derivations/derivation.ts';
import { derivationsOf } from '../../src/plan/derivations/derivations.ts';
import type { Plan, VolumeResult } from '../../src/plan/plan.ts';
import { DAY_MS, formatDurationMs, GIB, HOUR_MS, MINUTE_MS } from '../../src/units.ts';
import { HOSTILE_NAMES } from './hostile-names.ts';
import { sampleBatches, sampleVolumeSpace } from './sample-batches.ts';
import { SAMPLE_RULES, sampleCompatibility, samplePlacement } from './sample-compatibility.ts';
import { perConstraint, STATE_BUCKET_MS, sampleConstraintSeries } from './sample-constraints.ts';
import { sampleCost } from './sample-cost.ts';
import { sampleFailures } from './sample-failures.ts';
import { sampleAssumptions, sampleFindings } from './sample-findings.ts';
import { sampleEvents, sampleRecoveryPlans, sampleScenario } from './sample-recovery.ts';
import { sampleRunbook } from './sample-runbook.ts';
import { sampleStates, sampleTraffic } from './sample-series.ts';
import { sampleSite } from './sample-site.ts';
import { sampleVm, stats } from './sample-vm.ts';

export interface SampleOptions {
  readonly vmCount?: number;
  readonly horizonMs?: number;
  /** Phases alternate many times in each VM. */
  readonly busyTimelines?: boolean;
  readonly resync?: boolean;
  /** Nobody gets through initial replication. */
  readonly unprotected?: boolean;
  readonly volumeCount?: number;
  readonly outages?: boolean;
  readonly met?: boolean;
  readonly scenario?: ScenarioId;
  /** No recovery plans, faults, actions, or VMs that stand still. */
  readonly quiet?: boolean;
  /** Nothing is known of further lines, hosts, what binds and when the link is full. */
  readonly bareSite?: boolean;
}

const TARGET_MS = 15 * MINUTE_MS;
const CAPACITY_BYTES = 8000 * GIB;

/** A plan as a run of a made fleet could give it; the same options give the same plan. Totals of parts add up. */
export function samplePlan(options: SampleOptions = {}): Plan {
  const random = generator(20_260_105);
  const vmCount = options.vmCount ?? 60;
  const horizonMs = options.horizonMs ?? 7 * DAY_MS;
  const outages =
    options.outages === false ? [] : [{ startMs: 2 * DAY_MS + 10 * HOUR_MS, endMs: 2 * DAY_MS + 11.5 * HOUR_MS }];
  const vms = Array.from({ length: vmCount }, (_, index) => sampleVm(index, vmCount, horizonMs, options, random));
  const volumes = Array.from({ length: options.volumeCount ?? 9 }, (_, index) => sampleVolume(index, random));
  const traffic = sampleTraffic(horizonMs, options, outages, random);
  const { furtherLinkBytes, hostBytes, ...site } = sampleSite(options, traffic, horizonMs);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const sent = { initial: sum(traffic.initial), delta: sum(traffic.delta), resync: sum(traffic.resync) };
  const met = options.met ?? false;
  const protectedVms = vms.filter((vm) => vm.steadyRpo.maxMs !== null);
  const worstMs = Math.max(0, ...protectedVms.map((vm) => vm.steadyRpo.maxMs!));
  const steady = stats(protectedVms.length === 0 ? null : worstMs, met ? 1 : 0.992, horizonMs * vmCount);
  const plan: DerivedPlan = {
    schema: 'asr-plan/plan@1',
    version: '0.1.0',
    seed: 42,
    runHash: '0123456789abcdef',
    scenario: sampleScenario(options.scenario ?? 'hyperv-to-azure'),
    clock: {
      startEpochMs: Date.UTC(2026, 0, 4, 23),
      timeZone: 'Europe/Berlin',
      offsets: [{ fromMs: 0, offsetMs: HOUR_MS }],
    },
    horizonMs,
    verdict: {
      met,
      sentence: met
        ? `100 Mbit/s protect ${vmCount} VMs within the RPO of 15 min.`
        : `100 Mbit/s do not protect ${vmCount} VMs as promised: the oldest recovery point was ${formatDurationMs(worstMs)}, 99.2 % of the time was within; 2 volumes would run short.`,
      objectives: [
        {
          id: 'rpo',
          title: 'Recovery points at most 15 min old',
          met,
          found: met
            ? 'the oldest was 11 min, 100 % of the time was within'
            : 'the oldest was 1 h 58 min, 99.20 % of the time was within',
        },
        {
          id: 'initial-replication',
          title: 'Initial replication within 7 d',
          met: options.unprotected !== true,
          found: 'the last one ended after 1 d 14 h',
        },
        {
          id: 'volume-space',
          title: 'Room for logs and snapshots on every volume',
          met,
          found: met ? 'enough on all 9 volumes with known free space' : '2 volumes would run short',
        },
      ],
    },
    receipts: [
      {
        ...{ file: 'perfmon/HV1_000001.csv', format: 'PDH-CSV of PerfMon', rowCount: 10_080, usedCount: 10_079 },
        read: ['local times of UTC+01:00', 'samples every 60 s'],
        dropped: [{ reason: 'no value', count: 1 }],
        joins: [{ what: 'names that no disk of the inventory has', count: 1, examples: ['d:-vms-</script>.vhdx'] }],
        coversMs: { fromEpochMs: Date.UTC(2026, 0, 4, 23), untilEpochMs: Date.UTC(2026, 0, 11, 23) },
      },
    ],
    assumptions: sampleAssumptions(),
    problems: [
      {
        severity: 'warning',
        code: 'csv-unknown-column',
        file: 'vms.csv',
        row: 1,
        column: '<b>owner</b>',
        value: 'finance & HR',
        message: 'The column is not known and was not read.',
        remedy: 'Remove it, or rename it if it is one of the known ones.',
      },
    ],
    fleet: {
      vmCount,
      diskCount: vmCount * 2,
      provisionedBytes: sum(vms.map((vm) => vm.provisionedBytes)),
      usedBytes: sum(vms.map((vm) => vm.usedBytes)),
      churnBytesPerDay: sum(vms.map((vm) => vm.churnBytesPerDay)),
      diskCountByConfidence: { week: vms.length, part: 1, average: 2, assumed: 3 },
    },
    link: {
      capacityBitsPerSec: 100e6,
      sentBytes: { ...sent, total: sent.initial + sent.delta + sent.resync },
      busyFraction: 0.61,
      clippedFraction: options.bareSite === true ? 0.274 : sum(traffic.clipped) / traffic.clipped.length,
      p95BitsPerSec: 94.2e6,
      outages,
    },
    ...site,
    rpo: {
      targetMs: TARGET_MS,
      ...(protectedVms.length === 0
        ? stats(null, 0, 0)
        : stats(worstMs * 2.4, met ? 0.999 : 0.93, horizonMs * vmCount)),
      steady,
      survival: survival(protectedVms.length === 0 ? null : worstMs * 2.4, 1.6),
      steadySurvival: survival(protectedVms.length === 0 ? null : worstMs, 2.4),
    },
    recommendation: {
      bitsPerSecForRpoAlways: options.unprotected === true ? null : 148e6,
      bitsPerSecForRpo95: options.unprotected === true ? null : 86.4e6,
      deltaOnlyBitsPerSecForRpoAlways: options.unprotected === true ? null : 121e6,
      deltaOnlyBitsPerSecForRpo95: options.unprotected === true ? null : 64e6,
      bitsPerSecForRpo90: options.unprotected === true ? null : 80e6,
      deltaOnlyBitsPerSecForRpo90: options.unprotected === true ? null : 60e6,
      failsBelow: { bitsPerSec: 147e6, vm: HOSTILE_NAMES[0]!, ageMs: 16 * MINUTE_MS, atMs: 30 * HOUR_MS },
      deltaOnlyFailsBelow: { bitsPerSec: 120e6, vm: 'SQL02', ageMs: null, atMs: horizonMs },
      initialReplication: { withinMs: 3 * 24 * HOUR_MS, bitsPerSec: 52e6 },
      objectives: [
        { rpoMs: 15 * MINUTE_MS, meetsBitsPerSec: 148e6, failsBitsPerSec: 147e6 },
        { rpoMs: MINUTE_MS, meetsBitsPerSec: null, failsBitsPerSec: 300e6 },
      ],
      tradeoff: [40, 60, 80, 86.4, 100, 120, 140, 147, 148, 160, 200, 300].map((mbps) => ({
        bitsPerSec: mbps * 1e6,
        rpoP50Ms: mbps < 60 ? null : Math.round(4 * MINUTE_MS * (1 + 30 / mbps)),
        rpoP95Ms: mbps < 60 ? null : Math.round((7 + 9e5 / mbps ** 2.6) * MINUTE_MS),
        rpoMaxMs:
          mbps < 60
            ? null
            : mbps >= 148
              ? Math.round((8 + 900 / mbps) * MINUTE_MS)
              : Math.round((12 + 5e6 / mbps ** 2.3) * MINUTE_MS),
        withinTargetFraction: mbps < 60 ? null : mbps >= 148 ? 1 : 0.9 + mbps / 1500,
        initialReplicationEndMs: mbps < 60 ? null : Math.round((38 * HOUR_MS * 100) / mbps),
      })),
    },
    percentileWay: {
      percentile: 0.95,
      growthRatio: 0.3,
      bucketMs: 60_000,
      bitsPerSec: 190e6,
      steps: [
        { id: 'growth', title: 'The growth of this plan', why: 'None.', changeBitsPerSec: -44e6, bitsPerSec: 146e6 },
        { id: 'coincidence', title: 'Peaks', why: 'Do not coincide.', changeBitsPerSec: -40e6, bitsPerSec: 106e6 },
        { id: 'waiting', title: 'Waiting', why: 'As the RPO lets.', changeBitsPerSec: 15e6, bitsPerSec: 121e6 },
      ],
    },
    changes: {
      asPlanned: sampleFigures(40, 0.992),
      changes: [
        {
          id: 'double-bandwidth',
          title: 'Twice the bandwidth: 200 Mbit/s',
          how: '--bandwidth 200000000bps',
          sideEffect: 'The line’s price.',
          figures: sampleFigures(12, 1),
        },
        {
          id: 'growth',
          title: 'Churn grows by 30 % more',
          how: '--growth-factor 30%',
          sideEffect: 'None of your making.',
          figures: sampleFigures(90, 0.95),
        },
      ],
      notTried: [],
    },
    failures: sampleFailures(vms, options),
    vms,
    volumes,
    volumeSpace: sampleVolumeSpace(volumes, vms),
    batches: sampleBatches(),
    recoveryPlans: options.quiet === true ? [] : sampleRecoveryPlans(vms),
    events: options.quiet === true ? [] : sampleEvents(vms, horizonMs),
    runbook: sampleRunbook(options.scenario ?? 'hyperv-to-azure'),
    exclusions: [
      {
        ...{
          vm: HOSTILE_NAMES[0]!,
          disk: 'tempdb</td>',
          reason: 'tempdb',
          meanBitsPerSec: 12e6,
          busiestHourBitsPerSec: 40e6,
        },
        ...{ shareOfDeltas: 0.21, initialBytes: 60e9, logBytes: 900e6 },
      },
    ],
    rules: SAMPLE_RULES,
    compatibility: sampleCompatibility(vms),
    placement: options.scenario === 'vmm-to-vmm' ? null : samplePlacement(vms),
    cost: sampleCost(vms, horizonMs, options.scenario),
    calibration: null,
    findings: met ? [] : sampleFindings(vms),
    series: {
      trafficBucketMs: 5 * MINUTE_MS,
      traffic,
      stateBucketMs: STATE_BUCKET_MS,
      furtherLinkBytes,
      hostBytes,
      constraintMs: options.bareSite === true ? perConstraint(() => []) : sampleConstraintSeries(vms, horizonMs),
      ...sampleStates(vms, volumes, horizonMs, options, random),
    },
  };
  return { ...plan, derivations: derivationsOf(plan) };
}

/** Pseudo-random numbers in [0, 1) from a seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function survival(maxMs: number | null, steepness: number): { ageMs: number; above: number }[] {
  if (maxMs === null) return [];
  const points = Array.from({ length: 120 }, (_, index) => {
    const ageMs = Math.round(42_000 * (maxMs / 42_000) ** (index / 119));
    return { ageMs, above: index === 119 ? 0 : Math.exp(-((ageMs / 60_000 / 5) ** (steepness / 2))) };
  });
  return points.map((point, index) => (index === 0 ? { ...point, above: 1 } : point));
}

function sampleVolume(index: number, random: () => number): VolumeResult {
  const hrlPeakBytes = Math.round((6 + 40 * random()) * GIB);
  const snapshotPeakBytes = Math.round((20 + 160 * random()) * GIB);
  const extraPeakBytes = Math.round(snapshotPeakBytes + hrlPeakBytes * 0.4);
  const known = index % 4 !== 3;
  return {
    name: index === 2 ? 'HV02: D:\\<script>alert(1)</script>' : `C:\\ClusterStorage\\Volume${index + 1}`,
    diskCount: 12 + index,
    provisionedBytes: 6000 * GIB,
    hrlPeakBytes,
    snapshotPeakBytes,
    growthBytes: index < 3 ? 14 * GIB : 0,
    extraPeakBytes,
    peakAtMs: 30 * HOUR_MS,
    lowAtMs: index < 2 ? 26 * HOUR_MS : null,
    fullAtMs: index === 0 ? 29 * HOUR_MS : null,
    capacityBytes: known ? CAPACITY_BYTES : null,
    // The reserve beside what is needed, or less.
    freeBytes: known ? Math.round(CAPACITY_BYTES * 0.05 + extraPeakBytes * (index < 2 ? 0.8 : 1.3 + random())) : null,
  };
}

function sampleFigures(worstMinutes: number, withinTargetFraction: number): Plan['changes']['asPlanned'] {
  return {
    ...{ worstRpoMs: worstMinutes * MINUTE_MS, withinTargetFraction, wireBytesPerDay: 194e9 },
    ...{ initialReplicationEndMs: 38 * HOUR_MS, resyncCount: 1 },
  };
}
