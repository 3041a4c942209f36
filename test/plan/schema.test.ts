import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Plan, RpoStats } from '../../src/plan/plan.ts';
import { compilePlanSchema, PLAN_SCHEMA_URL, validatePlan } from './validate-plan.ts';

const rpo: RpoStats = {
  minMs: 10_000,
  p50Ms: 160_000,
  p95Ms: 295_000,
  maxMs: 310_000,
  withinTargetFraction: 1,
  observedMs: 3_600_000,
};
const never: RpoStats = {
  minMs: null,
  p50Ms: null,
  p95Ms: null,
  maxMs: null,
  withinTargetFraction: null,
  observedMs: 0,
};

/** One of everything; the compiler keeps it a Plan, so that neither the type nor the schema can move alone. */
const PLAN: Plan = {
  schema: 'asr-plan/plan@1',
  version: '0.1.0',
  seed: 1,
  scenario: { id: 'hyperv-to-azure', title: 'Hyper-V site to Azure', copyFrequencyMs: 300_000 },
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
  fleet: { vmCount: 1, diskCount: 1, provisionedBytes: 8e9, usedBytes: 4e9, churnBytesPerDay: 123_456_789.5 },
  link: {
    capacityBitsPerSec: 100e6,
    sentBytes: { initial: 4e9, delta: 1e8, resync: 0, total: 4.1e9 },
    busyFraction: 0.1,
    clippedFraction: 0.05,
    p95BitsPerSec: 12_345.6,
    outages: [{ startMs: 1000, endMs: 2000 }],
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
      phaseAtEnd: 'delta replication',
      health: 'Warning',
      healthReasons: ['initial replication is not complete'],
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
      resyncCount: 0,
      firstFailureAtMs: null,
      bytes: { written: 6, delivered: 1, inFlight: 1, inLogs: 2, droppedAtMark: 1, untracked: 1 },
      timeline: [{ phase: 'initial replication', startMs: 0, endMs: 400_000 }],
      timelineTruncated: false,
    },
  ],
  volumes: [
    {
      name: 'HV01: D:',
      diskCount: 1,
      provisionedBytes: 8e9,
      hrlPeakBytes: 8192,
      snapshotPeakBytes: 2_097_152,
      extraPeakBytes: 2_105_344,
      peakAtMs: 1,
      capacityBytes: null,
      freeBytes: null,
    },
  ],
  findings: [
    {
      id: 'log-space',
      severity: 'note',
      title: 'Logs reach 0.1 % of a disk.',
      detail: 'Far from half.',
      action: '',
      subjects: ['VM1'],
      reference: 'chosen',
    },
  ],
  series: {
    trafficBucketMs: 300_000,
    traffic: { initial: [1.5], delta: [0], resync: [0], capacity: [100] },
    stateBucketMs: 900_000,
    volumeHrlBytes: [[8192]],
    volumeSnapshotBytes: [[0]],
    logFill: [{ vm: 'VM1', disk: 'os', ratio: [0.001] }],
    worstAges: [{ vm: 'VM1', ageMs: [null, 1] }],
    writtenBytes: [6],
  },
};

/** A problem of a whole file has no row, column or value. */
const OPTIONAL = ['problems/0/row', 'problems/0/column', 'problems/0/value'];

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
    const bare: Plan = { ...PLAN, problems: [problem], assumptions: [], findings: [], vms: [], volumes: [] };
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

  const schema: Schema = JSON.parse(readFileSync(PLAN_SCHEMA_URL, 'utf8'));
  const properties = schemaProperties(schema);

  it('has no property that the plan has not', () => {
    const names = new Set(PATHS.map((path) => path.split('/').at(-1)));
    expect(properties.map(([path]) => path.split('/').at(-1)).filter((name) => !names.has(name!))).toEqual([]);
  });

  it('names the unit of every size and time in its description', () => {
    const wanted = [
      [/BitsPerSec/, /bits per second/],
      [/(Ms)$/, /milliseconds/],
      [/Bytes$/, /[Bb]ytes/],
    ] as const;
    const silent = properties.filter(([path, property]) =>
      wanted.some(
        ([name, unit]) => name.test(path) && 'description' in property && !unit.test(String(property.description)),
      ),
    );
    expect(silent.map(([path]) => path)).toEqual([]);
  });
});
