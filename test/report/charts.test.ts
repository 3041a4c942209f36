import { describe, expect, test } from 'vitest';
import { compileChart } from '../../scripts/build-report.ts';
import { CHARTS } from '../../src/report/charts/registry.ts';
import { LINE_POINTS_MOST, peaksOf, sumsOf } from '../../src/report/charts/series.ts';
import { type SampleOptions, samplePlan } from './sample-plan.ts';

const PLANS: Readonly<Record<string, SampleOptions>> = {
  'a fleet of 60': {},
  'one VM that meets everything': { vmCount: 1, volumeCount: 0, outages: false, resync: false, met: true },
  'nobody protected': { unprotected: true, volumeCount: 0, resync: false },
  '1,000 VMs and a month': { vmCount: 1000, volumeCount: 60, horizonMs: 30 * 86_400_000 },
  'many phases': { busyTimelines: true },
};

function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFrozen(member);
  }
  return value;
}

describe.each(CHARTS.map((chart) => [chart.id, chart] as const))('chart %s', (_, chart) => {
  test('compiles without a warning, and leaves its specification as it is', () => {
    const before = JSON.stringify(chart.spec);
    const { wide } = compileChart(chart);
    expect(Object.keys(wide)).toContain('marks');
    expect(JSON.stringify(chart.spec)).toBe(before);
  });

  test('the specification holds no data and names its sources', () => {
    const named = [...JSON.stringify(chart.spec).matchAll(/"data":\{"name":"(\w+)"\}/g)].map((match) => match[1]!);
    expect(JSON.stringify(chart.spec)).not.toContain('"values":[{');
    expect([...new Set(named)].sort()).toEqual(Object.keys(chart.sources(samplePlan())).sort());
  });

  test.each(Object.entries(PLANS))('%s: finite numbers, known columns, words', (_name, options) => {
    const plan = deepFrozen(samplePlan(options));
    const rows = chart.rows(plan);
    for (const row of [...rows, ...Object.values(chart.sources(plan)).flat()]) {
      for (const [field, value] of Object.entries(row)) {
        if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`${field} is ${value}`);
        if (value === undefined) throw new Error(`${field} is undefined`);
      }
    }
    if (chart.drawable(plan)) {
      expect(rows.length).toBeGreaterThan(0);
      for (const { field } of chart.columns) expect(rows[0]).toHaveProperty([field]);
    }
    for (const text of [chart.title(plan), chart.summary(plan), chart.note(plan)]) {
      expect(text).not.toMatch(/NaN|undefined|null|Infinity|\[object/);
      expect(text.length).toBeGreaterThan(10);
    }
    expect(chart.title(plan)).not.toMatch(/\.$/);
  });
});

test('a specification that Vega-Lite complains about does not get through', () => {
  const spec = {
    data: { name: 'x' },
    mark: 'bar',
    encoding: { x: { field: 'a', type: 'nominal', scale: { type: 'log' } } },
  };
  expect(() => compileChart({ id: 'wrong', spec })).toThrow(/chart wrong: /);
});

describe('what the charts say', () => {
  const chart = (id: string) => CHARTS.find((candidate) => candidate.id === id)!;

  test('titles state the finding', () => {
    const plan = samplePlan();
    expect(chart('rpo-survival').title(plan)).toMatch(/^RPO stays within 15 min 99\.20 % of the time/);
    expect(chart('bandwidth-tradeoff').title(plan)).toBe(
      '148 Mbit/s keep the RPO within 15 min always; the run has 100 Mbit/s',
    );
    expect(chart('volumes').title(plan)).toMatch(/^2 of 9 volumes run short/);
    expect(chart('churn-heat').title(plan)).toMatch(/22:00–23:00/);
    expect(chart('ir-timeline').title(plan)).toBe('Initial replication of all VMs takes 1 d 14 h');
  });

  test('nobody protected: no chart of ages, but words', () => {
    const plan = samplePlan({ unprotected: true });
    expect(chart('rpo-survival').drawable(plan)).toBe(false);
    expect(chart('rpo-heat').drawable(plan)).toBe(false);
    expect(chart('rpo-survival').title(plan)).toMatch(/No VM became protected/);
    expect(chart('ir-timeline').title(plan)).toMatch(/60 of 60 VMs does not end within 7 d/);
  });

  test('traffic: merged buckets carry the same bytes, and few points', () => {
    const plan = samplePlan({ horizonMs: 30 * 86_400_000 });
    const sum = (field: string) =>
      chart('traffic')
        .rows(plan)
        .reduce((total, row) => total + (row[field] as number), 0);
    for (const cause of ['initial', 'delta', 'resync'] as const) expect(sum(cause)).toBe(plan.link.sentBytes[cause]);
    expect(chart('traffic').rows(plan).length).toBeLessThanOrEqual(LINE_POINTS_MOST);
  });

  test('traffic: a step is its bytes over its time', () => {
    const plan = samplePlan();
    const [first] = chart('traffic').rows(plan);
    const drawn = chart('traffic')
      .sources(plan)
      .traffic!.find((row) => row.cause === 'initial replication')!;
    expect(drawn.mbps).toBeCloseTo(((first!.initial as number) * 8) / 1e6 / 600, 9);
  });

  test('times stand in local time: the run starts at 23:00 UTC, which is midnight there', () => {
    const plan = samplePlan();
    const first = chart('traffic').sources(plan).traffic![0]!;
    expect(new Date(first.t as number).toISOString()).toBe('2026-01-05T00:00:00.000Z');
  });

  test('the timeline of many VMs shows the slowest 60, and says so', () => {
    const plan = samplePlan({ vmCount: 1000 });
    expect(
      new Set(
        chart('ir-timeline')
          .rows(plan)
          .map((row) => row.vm),
      ).size,
    ).toBe(60);
    expect(chart('ir-timeline').note(plan)).toMatch(/The 60 slowest of 1000 VMs/);
    const slowest = [...plan.vms].sort((a, b) => b.initialReplication.endMs! - a.initialReplication.endMs!)[0]!;
    expect(
      chart('ir-timeline')
        .rows(plan)
        .map((row) => row.vm),
    ).toContain(slowest.name);
  });

  test('a timeline with many phases is drawn with few bars, and none is lost from the table', () => {
    const plan = samplePlan({ busyTimelines: true, vmCount: 3 });
    const drawn = chart('ir-timeline').sources(plan).phases!;
    expect(drawn.length).toBeLessThanOrEqual(3 * 240);
    expect(chart('ir-timeline').rows(plan).length).toBe(plan.vms.reduce((sum, vm) => sum + vm.timeline.length, 0));
  });

  test('volumes: the two parts are the peak of both together', () => {
    for (const row of chart('volumes').rows(samplePlan())) {
      expect((row.hrlBytes as number) + (row.snapshotBytes as number)).toBe(row.extraBytes);
    }
  });

  test('churn: a whole week of hours keeps the week’s bytes; what the run does not cover is null', () => {
    const week = samplePlan();
    const total = chart('churn-heat')
      .rows(week)
      .reduce((sum, row) => sum + (row.bytes as number), 0);
    expect(total / week.series.writtenBytes.reduce((sum, bytes) => sum + bytes, 0)).toBeCloseTo(1, 9);
    const day = chart('churn-heat').rows(samplePlan({ horizonMs: 86_400_000 }));
    expect(day.filter((row) => row.bytes === null).length).toBe(144);
    expect(day.slice(0, 24).every((row) => row.bytes !== null)).toBe(true);
  });

  test('churn: buckets wider than an hour are spread and said', () => {
    const plan = samplePlan();
    const wide = {
      ...plan,
      series: { ...plan.series, stateBucketMs: 7_200_000, writtenBytes: sumsOf(plan.series.writtenBytes, 4) },
    };
    expect(chart('churn-heat').note(wide)).toMatch(/one value per 2 h/);
    const [midnight, one] = chart('churn-heat').rows(wide);
    expect(midnight!.bytes).toBe(one!.bytes);
  });

  test('ages against the target fall into steps', () => {
    const plan = samplePlan();
    const levels = new Set(
      chart('rpo-heat')
        .rows(plan)
        .map((row) => row.level),
    );
    expect(levels).toContain('not protected');
    expect(levels).toContain('beyond');
    for (const row of chart('rpo-heat').rows(plan)) {
      if (row.level === 'within the target') expect(row.ageMs).toBeLessThanOrEqual(plan.rpo.targetMs);
    }
  });
});

test('merging neighbours: sums stay, peaks stay', () => {
  expect(sumsOf([1, 2, 3, 4, 5], 2)).toEqual([3, 7, 5]);
  expect(peaksOf([1, null, null, null, 0, 9], 2)).toEqual([1, null, 9]);
});
