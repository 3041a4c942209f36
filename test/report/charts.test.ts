import { describe, expect, test } from 'vitest';
import { compileChart } from '../../scripts/build-report.ts';
import { DARK, LIGHT } from '../../src/report/browser/chart-theme.ts';
import { CONSTRAINT_ORDER, CONSTRAINT_STYLES } from '../../src/report/charts/constraint-styles.ts';
import { PHASE_STYLES, PHASES, phaseLabel } from '../../src/report/charts/phases.ts';
import { CHARTS } from '../../src/report/charts/registry.ts';
import { LINE_POINTS_MOST, peaksOf, sumsOf } from '../../src/report/charts/series.ts';
import { CONSTRAINTS } from '../../src/simulate/result.ts';
import { type SampleOptions, samplePlan } from './sample-plan.ts';

const PLANS: Readonly<Record<string, SampleOptions>> = {
  'a fleet of 60': {},
  'one VM that meets everything': { vmCount: 1, volumeCount: 0, outages: false, resync: false, met: true },
  'nobody protected': { unprotected: true, volumeCount: 0, resync: false },
  '1,000 VMs and a month': { vmCount: 1000, volumeCount: 60, horizonMs: 30 * 86_400_000 },
  'many phases': { busyTimelines: true },
  'nothing known of the site': { bareSite: true },
  'two sites, nothing happens': { scenario: 'vmm-to-vmm', quiet: true, outages: false },
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

const chart = (id: string) => CHARTS.find((candidate) => candidate.id === id)!;

/** Contrast of two colours, as WCAG 2 defines it. */
function contrast(left: string, right: string): number {
  const [dark, light] = [luminance(left), luminance(right)].sort((a, b) => a - b);
  return (light! + 0.05) / (dark! + 0.05);
}

function luminance(color: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

describe('what the charts say', () => {
  test('titles state the finding', () => {
    const plan = samplePlan();
    expect(chart('rpo-survival').title(plan)).toMatch(/^RPO stays within 15 min 99\.20 % of the time/);
    expect(chart('bandwidth-tradeoff').title(plan)).toBe(
      '148 Mbit/s keep the RPO within 15 min always; the run has 100 Mbit/s',
    );
    expect(chart('volumes').title(plan)).toMatch(/^2 of 9 volumes run short/);
    expect(chart('churn-heat').title(plan)).toMatch(/22:00–23:00/);
    expect(chart('ir-timeline').title(plan)).toBe(
      'Initial replication of 59 VMs takes 1 d 14 h; 1 cannot be protected',
    );
    expect(chart('ir-timeline').title(samplePlan({ quiet: true }))).toBe(
      'Initial replication of all VMs takes 1 d 14 h',
    );
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
    const { sending, idle } = chart('ir-timeline').sources(plan);
    expect(sending!.length + idle!.length).toBeLessThanOrEqual(3 * 240);
    expect(chart('ir-timeline').rows(plan).length).toBe(plan.vms.reduce((sum, vm) => sum + vm.timeline.length, 0));
  });

  test('volumes: the parts are the peak of all together', () => {
    for (const row of chart('volumes').rows(samplePlan())) {
      expect((row.hrlBytes as number) + (row.snapshotBytes as number) + (row.growthBytes as number)).toBe(
        row.extraBytes,
      );
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

describe('a full link', () => {
  test('words: the share of the time and the longest stretch', () => {
    expect(chart('traffic').summary(samplePlan())).toMatch(
      /The link is full 8\.0 % of the time, the longest stretch 10 h from 2026-01-05 08:00 on\./,
    );
    expect(chart('traffic').summary(samplePlan({ bareSite: true }))).toMatch(/is full 27\.4 % of the time\. /);
  });

  test('marks: darker for more of the time, neighbours joined, named in the legend', () => {
    const plan = samplePlan();
    const marks = chart('traffic').sources(plan).clipped!;
    const buckets = chart('traffic').rows(plan);
    const fullBuckets = buckets.filter((row) => (row.clipped as number) > 0).length;
    expect(marks.length).toBeLessThan(fullBuckets);
    const drawnMs = marks.reduce((sum, { from, to }) => sum + (to as number) - (from as number), 0);
    expect(drawnMs).toBe(fullBuckets * 600_000);
    expect(new Set(marks.map(({ opacity }) => opacity))).toEqual(new Set([0.25, 0.5, 0.75, 1]));
    expect(chart('traffic').params!(plan).shownLegend).toContain('link full');
  });

  test('never: no mark, no word in the legend or the note', () => {
    const plan = samplePlan({ bareSite: true });
    expect(chart('traffic').sources(plan).clipped).toEqual([]);
    expect(chart('traffic').params!(plan).shownLegend).not.toContain('link full');
    expect(chart('traffic').note(plan)).not.toContain('Strip');
  });

  test('merged buckets keep the time', () => {
    const plan = samplePlan();
    const rows = chart('traffic').rows(plan);
    const merged = rows.reduce((sum, row) => sum + (row.clipped as number), 0) / rows.length;
    expect(merged).toBeCloseTo(plan.link.clippedFraction, 9);
  });
});

describe('constraints', () => {
  test('each is named, explained and drawn; neighbours of the stack differ in lightness', () => {
    expect([...CONSTRAINT_ORDER].sort()).toEqual([...CONSTRAINTS].sort());
    const styles = CONSTRAINT_ORDER.map((constraint) => CONSTRAINT_STYLES[constraint]);
    for (const { meaning } of styles) expect(meaning).toMatch(/^[A-Z].*\.$/);
    expect(new Set(styles.map(({ title }) => title)).size).toBe(CONSTRAINTS.length);
    for (const { params } of [LIGHT, DARK]) {
      const colors = styles.map(({ color }) => color ?? params.calm!);
      expect(new Set(colors).size).toBe(colors.length);
      for (const [index, color] of colors.slice(1).entries()) {
        expect(contrast(color, colors[index]!), `${color} on ${colors[index]}`).toBeGreaterThan(1.35);
      }
    }
  });

  test('the finding, and what never held is left out', () => {
    const plan = samplePlan();
    expect(chart('constraints').title(plan)).toBe(
      'Replication is held back 21.6 % of the VM-time, mostly by a full line',
    );
    expect(chart('constraints').summary(plan)).toMatch(/For the rest: nothing 76\.\d %, no replication 1\.\d %\.$/);
    const named = chart('constraints').params!(plan).shownConstraints;
    expect(named).not.toContain('the replica’s storage');
    expect(chart('constraints').terms!(plan).map(({ term }) => term)).toEqual(named);
  });

  test('the upper pane leaves the calm time out, the lower adds up to all of it', () => {
    const { held, whole } = chart('constraints').sources(samplePlan());
    expect(held!.some(({ constraint }) => constraint === 'nothing' || constraint === 'no replication')).toBe(false);
    const sums = new Map<unknown, number>();
    for (const { t, share } of whole!) sums.set(t, (sums.get(t) ?? 0) + (share as number));
    for (const sum of sums.values()) expect(sum).toBeCloseTo(1, 9);
  });

  test('the table has all the VM-time', () => {
    const plan = samplePlan({ horizonMs: 30 * 86_400_000 });
    const rows = chart('constraints').rows(plan);
    const inTable = rows.reduce((sum, row) => sum + (row.vmMs as number), 0);
    const inSeries = Object.values(plan.series.constraintMs).flat();
    expect(inTable).toBe(inSeries.reduce((sum, part) => sum + part, 0));
    expect(new Set(rows.map((row) => row.startMs)).size).toBeLessThanOrEqual(336);
  });

  test('nothing held back, or not known: words instead of a grey sheet', () => {
    const plan = samplePlan();
    const constraintMs = { ...samplePlan({ bareSite: true }).series.constraintMs, churn: [60_000, 60_000] };
    const calm = { ...plan, series: { ...plan.series, constraintMs } };
    expect(chart('constraints').drawable(calm)).toBe(false);
    expect(chart('constraints').title(calm)).toMatch(/^Nothing holds replication back/);
    expect(chart('constraints').title(samplePlan({ bareSite: true }))).toMatch(/is not known$/);
  });
});

describe('lines and hosts', () => {
  test('the ones that were full come first, a dozen at most; only capacities that are near are drawn', () => {
    const plan = samplePlan();
    expect(chart('line-traffic').title(plan)).toBe('Beside the site’s link, Branch Rostock is full 28.7 % of the time');
    const drawn = chart('line-traffic').sources(plan).ways!;
    const panels = [...new Set(drawn.map(({ panel }) => panel))];
    expect(panels.slice(0, 3)).toEqual([
      '1. Branch Rostock, full 28.7 %',
      '2. HV02.contoso.local, full 8.2 %',
      '3. HV01.contoso.local',
    ]);
    expect(new Set(drawn.map(({ capacity }) => capacity))).toEqual(new Set([20, 40, null]));
    const hosts = Array.from({ length: 30 }, (_, index) => ({ ...plan.hosts[0]!, name: `HV${index}` }));
    const many = { ...plan, hosts, series: { ...plan.series, hostBytes: hosts.map(() => plan.series.hostBytes[0]!) } };
    expect(
      new Set(
        chart('line-traffic')
          .sources(many)
          .ways!.map(({ rank }) => rank),
      ).size,
    ).toBe(12);
    expect(chart('line-traffic').note(many)).toContain('The first 12 of 32.');
  });

  test('bytes stay when buckets merge', () => {
    const plan = samplePlan();
    const sum = chart('line-traffic')
      .rows(plan)
      .filter(({ name }) => name === 'Branch Rostock')
      .reduce((total, row) => total + (row.bytes as number), 0);
    expect(sum).toBe(plan.furtherLinks[0]!.sentBytes);
  });

  test('one host and no further line: nothing that the site’s link does not show', () => {
    const plan = samplePlan();
    expect(chart('line-traffic').drawable({ ...plan, furtherLinks: [], hosts: plan.hosts.slice(0, 1) })).toBe(false);
  });
});

describe('phases', () => {
  test('each has a colour of its own, and its outline has the contrast that the colour lacks', () => {
    const colors = PHASES.map((phase) => PHASE_STYLES[phase].color);
    expect(new Set(colors).size).toBe(PHASES.length);
    const signs = PHASES.map((phase) => PHASE_STYLES[phase].sign).filter((sign) => sign !== '');
    expect(new Set(signs).size).toBe(signs.length);
    for (const { params } of [LIGHT, DARK]) {
      expect(contrast(params.muted!, params.surface!)).toBeGreaterThanOrEqual(3);
    }
  });

  test('the ones in which something is wrong have a sign; where nothing is sent the bar is thin', () => {
    for (const phase of ['critical', 'paused', 'retrying', 'marked for resynchronization', 'failed over'] as const) {
      expect(PHASE_STYLES[phase]).toMatchObject({ sends: false });
      expect(phaseLabel(phase)).toBe(`${PHASE_STYLES[phase].sign} ${phase}`);
    }
    const sources = chart('ir-timeline').sources(samplePlan());
    expect(new Set(sources.signs!.map((row) => row.sign))).toEqual(new Set(['!', '‖', '✕', '»']));
    expect(new Set(sources.sending!.map((row) => row.phase))).toEqual(
      new Set(['initial replication', 'delta replication', 'resynchronization', 'failing over']),
    );
  });

  test('the legend names those that are drawn, the gravest last', () => {
    const named = chart('ir-timeline').params!(samplePlan()).shownPhases;
    expect(named).toContain('waiting to start');
    expect(named).not.toContain('waiting for media');
    expect((named as readonly string[]).at(-1)).toBe('✕ critical');
  });
});

test('merging neighbours: sums stay, peaks stay', () => {
  expect(sumsOf([1, 2, 3, 4, 5], 2)).toEqual([3, 7, 5]);
  expect(peaksOf([1, null, null, null, 0, 9], 2)).toEqual([1, null, 9]);
});
