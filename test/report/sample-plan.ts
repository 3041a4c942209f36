import type { PhaseName, Plan, PlanVm, RpoStats, TimelineEntry, VolumeResult } from '../../src/plan/plan.ts';
import { DAY_MS, formatDurationMs, GIB, HOUR_MS, MINUTE_MS } from '../../src/units.ts';
import { sampleAssumptions, sampleFindings } from './sample-findings.ts';
import { sampleStates, sampleTraffic } from './sample-series.ts';

/** Names that try to break out of where they stand. */
export const HOSTILE_NAMES: readonly string[] = [
  '</script><script>window.__alerted=1;alert(1)</script>',
  '"><img src=x onerror="window.__alerted=2">',
  '%%DATA%% {{name}} [plan]',
  'line\u2028separator\u2029paragraph',
  '\u202Egnp.exe\u202C right to left',
  '\u001b[31mred\u001b[0m\u0007',
  '=HYPERLINK("http://x","y")',
  '__proto__',
  `long-${'n'.repeat(251)}`,
  'データベース-01',
];

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
}

const TARGET_MS = 15 * MINUTE_MS;
const KINDS = ['sql', 'web', 'file', 'dc', 'app', 'build'] as const;

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
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const sent = { initial: sum(traffic.initial), delta: sum(traffic.delta), resync: sum(traffic.resync) };
  const met = options.met ?? false;
  const protectedVms = vms.filter((vm) => vm.steadyRpo.maxMs !== null);
  const worstMs = Math.max(0, ...protectedVms.map((vm) => vm.steadyRpo.maxMs!));
  const steady = stats(protectedVms.length === 0 ? null : worstMs, met ? 1 : 0.992, horizonMs * vmCount);
  return {
    schema: 'asr-plan/plan@1',
    version: '0.1.0',
    seed: 42,
    scenario: { id: 'hyperv-to-azure', title: 'Hyper-V site to Azure', copyFrequencyMs: 5 * MINUTE_MS },
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
    },
    link: {
      capacityBitsPerSec: 100e6,
      sentBytes: { ...sent, total: sent.initial + sent.delta + sent.resync },
      busyFraction: 0.61,
      clippedFraction: options.unprotected === true ? 1 : 0.274,
      p95BitsPerSec: 94.2e6,
      outages,
    },
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
    vms,
    volumes,
    findings: met ? [] : sampleFindings(vms),
    series: {
      trafficBucketMs: 5 * MINUTE_MS,
      traffic,
      stateBucketMs: 30 * MINUTE_MS,
      ...sampleStates(vms, volumes, horizonMs, options, random),
    },
  };
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

function stats(maxMs: number | null, withinTargetFraction: number, observedMs: number): RpoStats {
  if (maxMs === null) {
    return { minMs: null, p50Ms: null, p95Ms: null, maxMs: null, withinTargetFraction: null, observedMs: 0 };
  }
  return {
    minMs: 42_000,
    p50Ms: Math.round(Math.min(maxMs, 4.1 * MINUTE_MS)),
    p95Ms: Math.round(Math.min(maxMs, 9.4 * MINUTE_MS)),
    maxMs: Math.round(maxMs),
    withinTargetFraction,
    observedMs: Math.round(observedMs * 0.8),
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

function sampleVm(
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
  const unprotected = options.unprotected === true;
  const late = !unprotected && (options.met ?? false) === false && index % 6 === 0;
  const resync = options.resync !== false && late && index % 18 === 0;
  const worstMs = (late ? 16 + 100 * random() : 5 + 9 * random()) * MINUTE_MS;
  const steadyRpo = stats(unprotected ? null : worstMs, late ? 0.94 + 0.05 * random() : 1, horizonMs - endMs);
  return {
    name,
    host: `HV0${(index % 4) + 1}.contoso.local`,
    diskCount: 2,
    provisionedBytes: Math.round(usedBytes * 1.6),
    usedBytes,
    churnBytesPerDay,
    phaseAtEnd: unprotected ? 'initial replication' : 'delta replication',
    health: unprotected ? 'Critical' : late ? (resync ? 'Critical' : 'Warning') : 'Normal',
    healthReasons: late ? ['more than 20 % of the cycles of the last hour were missed'] : [],
    initialReplication: {
      startMs,
      endMs: unprotected ? null : endMs,
      sentBytes: usedBytes,
      disks: [
        { name: 'C:\\ClusterStorage\\os.vhdx', endMs: unprotected ? null : endMs - HOUR_MS },
        { name: 'data.vhdx', endMs: unprotected ? null : endMs },
      ],
    },
    protectedAtMs: unprotected ? null : endMs + 20 * MINUTE_MS,
    firstDeltaAtMs: unprotected ? null : endMs + 95 * MINUTE_MS,
    rpo: stats(unprotected ? null : worstMs * 2.4, 0.9, horizonMs - endMs),
    steadyRpo,
    cycles: { completed: unprotected ? 0 : 1500, missed: late ? 31 : 0, failed: late ? 7 : 0 },
    sentBytes: { initial: usedBytes, delta: churnBytesPerDay * 5, resync: resync ? Math.round(usedBytes * 0.1) : 0 },
    hrlPeakBytes: Math.round(churnBytesPerDay * 0.06),
    hrlPeakAtMs: 3 * DAY_MS,
    hrlPeakRatio: resync ? 0.5 : late ? 0.21 : 0.012,
    snapshotPeakBytes: Math.round(churnBytesPerDay * 1.2),
    resyncCount: resync ? 1 : 0,
    lastBreachAtMs: late ? 5 * DAY_MS : null,
    firstFailureAtMs: late ? 2 * DAY_MS + 10 * HOUR_MS : null,
    bytes: {
      written: churnBytesPerDay * 7,
      delivered: churnBytesPerDay * 5,
      inFlight: 0,
      inLogs: 0,
      droppedAtMark: 0,
      untracked: churnBytesPerDay * 2,
    },
    timeline: sampleTimeline(startMs, endMs, horizonMs, resync, options),
    timelineTruncated: options.busyTimelines === true,
  };
}

function sampleTimeline(
  startMs: number,
  endMs: number,
  horizonMs: number,
  resync: boolean,
  options: SampleOptions,
): TimelineEntry[] {
  const phases: [PhaseName, number][] = [['unprotected', startMs]];
  if (options.unprotected === true) phases.push(['initial replication', horizonMs]);
  else {
    phases.push(['initial replication', endMs], ['merging snapshot', endMs + 20 * MINUTE_MS]);
    if (options.busyTimelines === true) {
      for (let index = 0; index < 190; index++) {
        phases.push([
          index % 2 === 0 ? 'delta replication' : 'retrying',
          endMs + HOUR_MS + ((horizonMs - endMs - HOUR_MS) * (index + 1)) / 190,
        ]);
      }
    } else if (resync) {
      phases.push(
        ['delta replication', 3 * DAY_MS],
        ['marked for resynchronization', 3 * DAY_MS + 7 * HOUR_MS],
        ['resynchronization', 3 * DAY_MS + 12 * HOUR_MS],
        ['delta replication', horizonMs],
      );
    } else phases.push(['delta replication', horizonMs]);
  }
  return phases.map(([phase, untilMs], index) => ({
    phase,
    startMs: index === 0 ? 0 : phases[index - 1]![1],
    endMs: untilMs,
  }));
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
    extraPeakBytes,
    peakAtMs: 30 * HOUR_MS,
    capacityBytes: known ? 8000 * GIB : null,
    freeBytes: known ? Math.round(extraPeakBytes * (index < 2 ? 0.8 : 1.3 + random())) : null,
  };
}
