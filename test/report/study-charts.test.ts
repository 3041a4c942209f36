import { beforeAll, describe, expect, test } from 'vitest';
import { compileChart } from '../../scripts/build-report.ts';
import { formatLocal } from '../../src/model/clock.ts';
import { STUDY_CHARTS } from '../../src/report/study/charts/registry.ts';
import { studyParts } from '../../src/report/study/html-study.ts';
import { renderStudyMarkdown } from '../../src/report/study/study-markdown.ts';
import { renderStudyTerminal } from '../../src/report/study/study-terminal.ts';
import type { Frontier, Study } from '../../src/study/study.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/units.ts';
import { fullStudy, studyOf } from '../study/sample-study.ts';
import { HOSTILE_NAMES } from './hostile-names.ts';

const NAMES = ['full', 'bare', 'less is worse', 'nothing is safe', 'clocks change', 'long'] as const;
const STUDIES = {} as Record<(typeof NAMES)[number], Study>;

beforeAll(async () => {
  const full = await fullStudy();
  STUDIES.full = full;
  STUDIES.bare = {
    ...{ ...full, holds: true, counterexample: null, safe: null, timeline: null, monteCarlo: null },
    ...{ frontiers: [], tornado: [], alone: [], scenarioCount: null, fixed: [], assumptions: [] },
  };
  STUDIES['less is worse'] = await studyOf(
    ['rpo.max <= 1 h'],
    ['bandwidth in 500 kbps .. 4 Mbps step 100 kbps', 'churn x 1 .. 4 step 0.5'],
  );
  STUDIES['nothing is safe'] = {
    ...full,
    frontiers: full.frontiers.map((frontier) => ({
      ...frontier,
      points: frontier.points.map((point) => ({ ...point, largestSafe: null, smallestBreaking: 0 })),
    })),
    tornado: full.tornado.map((bar) => ({ ...bar, baseValue: null, limit: null })),
  };
  // Summer time begins in the middle of the run.
  const offsets = [
    { fromMs: 0, offsetMs: HOUR_MS },
    { fromMs: 20 * HOUR_MS, offsetMs: 2 * HOUR_MS },
  ];
  STUDIES['clocks change'] = { ...full, clock: { ...full.clock, timeZone: 'Europe/Berlin', offsets } };
  const many = <T>(values: readonly T[]): T[] => Array.from({ length: 40 }, () => values).flat();
  STUDIES.long = {
    ...{ ...full, horizonMs: 40 * full.horizonMs },
    timeline: {
      ...full.timeline!,
      baseAgeMs: many(full.timeline!.baseAgeMs),
      brokenAgeMs: many(full.timeline!.brokenAgeMs),
      baseLogBytes: many(full.timeline!.baseLogBytes),
      brokenLogBytes: many(full.timeline!.brokenLogBytes),
      baseSentBytes: many(full.timeline!.baseSentBytes),
      brokenSentBytes: many(full.timeline!.brokenSentBytes),
    },
  };
});

const chart = (id: string) => STUDY_CHARTS.find((candidate) => candidate.id === id)!;

describe.each(STUDY_CHARTS.map((own) => [own.id, own] as const))('chart %s', (_, own) => {
  test('compiles without a warning, its specification holds no data and names its sources', () => {
    expect(Object.keys(compileChart(own).wide)).toContain('marks');
    const text = JSON.stringify(own.spec);
    const named = [...text.matchAll(/"data":\{"name":"(\w+)"\}/g)].map((match) => match[1]!);
    expect(text).not.toContain('"values":[{');
    expect([...new Set(named)].sort()).toEqual(Object.keys(own.sources(STUDIES.full)).sort());
  });

  test.each(NAMES)('%s: finite numbers, known columns, words', (name) => {
    const study = STUDIES[name];
    expect(own.title(study)).not.toMatch(/NaN|undefined|null|Infinity|\[object|\.$/);
    expect(own.summary(study)).not.toMatch(/NaN|undefined|null|Infinity|\[object/);
    if (!own.drawable(study)) return;
    expect(own.note(study)).not.toMatch(/NaN|undefined|null|Infinity|\[object/);
    const rows = own.rows(study);
    expect(rows.length).toBeGreaterThan(0);
    for (const { field } of own.columns) expect(rows[0]).toHaveProperty([field]);
    const params = own.params?.(study) ?? {};
    for (const row of [...rows, ...Object.values(own.sources(study)).flat(), params]) {
      for (const [field, value] of Object.entries(row)) {
        expect(typeof value === 'number' && !Number.isFinite(value), field).toBe(false);
        expect(value, field).not.toBeUndefined();
      }
    }
  });
});

test('every chart has something to draw of a whole study, and none of a bare one', () => {
  expect(STUDY_CHARTS.every((own) => own.drawable(STUDIES.full))).toBe(true);
  expect(STUDY_CHARTS.filter((own) => own.drawable(STUDIES.bare)).map(({ id }) => id)).toEqual([]);
});

describe('a frontier', () => {
  const line = chart('study-frontier-line');
  const map = chart('study-frontier-map');

  test('of what is worse the less there is says "down to", and that the upper side is safe', () => {
    const study = STUDIES['less is worse'];
    expect(line.title(study)).toMatch(/^bandwidth may go down to .+ where churn is × 1, and down to .+ it is × 4$/);
    expect(line.summary(study)).toMatch(/^Above the line every promise holds/);
    expect(line.summary(STUDIES.full)).toMatch(/^Below the line every promise holds/);
    expect(line.title(STUDIES.full)).toContain('up to');
    const [frontier] = study.frontiers;
    const [first, ...points] = frontier!.points.map((point) => ({ ...point, largestSafe: null as number | null }));
    const ended = (own: Frontier['points']): string =>
      line.title({ ...study, frontiers: [{ ...frontier!, points: own }] });
    expect(ended([frontier!.points[0]!, ...points])).toMatch(
      /^bandwidth may go .+, and nothing holds where it is × 4$/,
    );
    expect(ended([first!, frontier!.points[1]!])).toMatch(/^nothing holds where .+, and bandwidth may go down to /);
  });

  test('between two levels it keeps to the worse one for what is safe, to the milder for what breaks', () => {
    expect(line.params!(STUDIES.full)).toMatchObject({ safeStep: 'step-before', brokenStep: 'step-after' });
    // Along a bandwidth the axis runs from the worst to the mildest.
    const [frontier] = STUDIES['less is worse'].frontiers;
    const turned = { along: 'bandwidth', severity: 'churn', elsewhere: '', points: frontier!.points };
    const study = { ...STUDIES['less is worse'], frontiers: [turned] };
    expect(line.params!(study)).toMatchObject({ safeStep: 'step-after', brokenStep: 'step-before' });
  });

  test('safe and breaking never lie over each other, and are what was run', () => {
    for (const study of [STUDIES.full, STUDIES['less is worse']]) {
      const frontier = study.frontiers.at(-1)!;
      const points = line.sources(study).points!;
      expect(points).toHaveLength(frontier.points.length);
      const down = (points[0]!.to as number) < (points[0]!.from as number);
      for (const { y, broken } of points) {
        if (down) expect(broken as number).toBeLessThanOrEqual(y as number);
        else expect(broken as number).toBeGreaterThanOrEqual(y as number);
      }
    }
  });

  /** Three hours of which the second bears least. */
  function hours(severity: string, safe: readonly number[]): Frontier {
    const points = safe.map((largestSafe, hour) => ({ at: hour * HOUR_MS, largestSafe, smallestBreaking: null }));
    return { along: 'outage.start', severity, elsewhere: '', points };
  }

  test('the map names the hour that bears least, which of a bandwidth is the one that needs most', () => {
    const length = {
      ...STUDIES.full,
      frontiers: [
        hours(
          'outage.length',
          [120, 60, 180].map((min) => min * MINUTE_MS),
        ),
      ],
    };
    expect(map.title(length)).toMatch(
      /^outage\.length may go up to 1 h where outage\.start is \w+ 01:00, and up to 3 h where it is \w+ 02:00$/,
    );
    const [bandwidth] = STUDIES['less is worse'].dimensions;
    const dimensions = [...STUDIES.full.dimensions, bandwidth!];
    const rate = { ...STUDIES.full, dimensions, frontiers: [hours('bandwidth', [1e6, 3e6, 2e6])] };
    expect(map.title(rate)).toMatch(
      /^bandwidth may go down to 3 Mbit\/s where .+ 01:00, and down to 1 Mbit\/s .+ 00:00$/,
    );
  });

  test('where nothing holds every hour has its cross, and the legend its numbers', () => {
    const study = STUDIES['nothing is safe'];
    expect(map.sources(study).starts).toEqual([]);
    expect(map.sources(study).broken).toHaveLength(study.frontiers[0]!.points.length);
    expect(map.params!(study).most).toBeGreaterThan(0);
    expect(map.title(study)).toBe('No outage.length was seen to hold at any hour that was looked at');
  });
});

describe('the two runs', () => {
  const ages = chart('study-ages');

  test('few steps, in which no peak is lost', () => {
    for (const id of ['study-ages', 'study-logs', 'study-traffic']) {
      const own = chart(id);
      for (const study of [STUDIES.full, STUDIES.long]) {
        const { base, broken } = own.sources(study);
        expect(broken!.length).toBeLessThanOrEqual(301);
        expect(base!.length).toBe(broken!.length);
        const most = own.rows(study).reduce((highest, row) => Math.max(highest, Number(row.broken ?? 0)), 0);
        const drawn = broken!.toSorted((one, other) => Number(other.value) - Number(one.value))[0]!;
        expect(own.title(study)).toContain(`${drawn.text} in the counterexample`);
        expect(most).toBeGreaterThan(0);
      }
    }
  });

  test('what is left out does not differ', () => {
    const { timeline } = STUDIES.full;
    const { base } = ages.sources(STUDIES.full);
    const [first, last] = [Number(base![0]!.at), Number(base!.at(-1)!.at)];
    const origin = Number(
      ages.sources({
        ...STUDIES.full,
        timeline: { ...timeline!, brokenAgeMs: timeline!.baseAgeMs, brokenLogBytes: timeline!.baseLogBytes },
      }).base![0]!.at,
    );
    const most = Math.max(...timeline!.brokenAgeMs.map((age) => age ?? 0));
    timeline!.baseAgeMs.forEach((age, bucket) => {
      const at = origin + bucket * timeline!.bucketMs;
      if (at >= first && at < last) return;
      expect(Math.abs((age ?? 0) - (timeline!.brokenAgeMs[bucket] ?? 0))).toBeLessThanOrEqual(most / 100);
    });
    expect(last - first).toBeLessThan(STUDIES.full.horizonMs);
    expect(ages.note(STUDIES.full)).toContain('Left out');
  });

  test('the stretch is where the two differ, with a quarter of it on either side, worked out by hand', () => {
    const { timeline, clock } = STUDIES.full;
    // 200 half hours, of which the 40th to the 79th differ: from 20:00 on for 20 h. A margin is 6 h at least.
    const flat = Array.from({ length: 200 }, () => 5 * MINUTE_MS);
    const raised = flat.map((age, bucket) =>
      bucket >= 40 && bucket < 80 ? 2 * age : bucket === 150 ? age + 1000 : age,
    );
    const logs = { baseLogBytes: flat, brokenLogBytes: flat };
    const study: Study = {
      ...{ ...STUDIES.full, horizonMs: 100 * HOUR_MS },
      timeline: { ...timeline!, ...logs, bucketMs: 30 * MINUTE_MS, baseAgeMs: flat, brokenAgeMs: raised },
    };
    const { broken } = ages.sources(study);
    expect(Number(broken!.at(-1)!.at) - Number(broken![0]!.at)).toBe((6 + 20 + 6) * HOUR_MS);
    expect(ages.summary(study)).toBe(
      `The most in the counterexample: 10 min at ${formatLocal(clock, 20 * HOUR_MS)}. The two differ from ${formatLocal(clock, 20 * HOUR_MS)} to ${formatLocal(clock, 40 * HOUR_MS)}.`,
    );
  });

  test('a change of the clocks does not fold the axis', () => {
    for (const { base } of [ages.sources(STUDIES['clocks change']), ages.sources(STUDIES.long)]) {
      const times = base!.map(({ at }) => Number(at));
      expect(times.every((at, index) => index === 0 || at > times[index - 1]!)).toBe(true);
      const steps = new Set(times.slice(1, -1).map((at, index) => at - times[index]!));
      expect(steps.size).toBe(1);
    }
    expect(ages.note(STUDIES['clocks change'])).toContain('the clocks change');
  });

  test('the dotted line and the tornado are of the promise that breaks', () => {
    const judged = STUDIES.full.counterexample!.planValue[0]!;
    const promises = [{ text: 'rpo.p95 <= 15 min', unit: 'ms' as const }, STUDIES.full.promises[0]!];
    const planValue = [{ ...judged, holds: true, limit: 15 * MINUTE_MS }, judged];
    const study: Study = {
      ...{ ...STUDIES.full, promises, counterexample: { ...STUDIES.full.counterexample!, planValue } },
      tornado: STUDIES.full.tornado.flatMap((bar) => [
        { ...bar, promise: 0, limit: 15 * MINUTE_MS },
        { ...bar, promise: 1 },
      ]),
    };
    expect(ages.sources(study).limits).toEqual([{ value: 3 }]);
    expect(ages.note(study)).toContain('Dotted: the promise’s 3 h.');
    expect(chart('study-tornado').note(study)).toContain('“rpo.max <= 3 h”');
  });
});

describe('in words', () => {
  test.each(NAMES)('%s: page, Markdown and terminal lack nothing', (name) => {
    const study = STUDIES[name];
    const { header, sections, footer } = studyParts(study);
    const texts = [
      `${header}${sections}${footer}`,
      renderStudyMarkdown(study),
      renderStudyTerminal(study, { color: false, width: 80 }),
    ];
    for (const text of texts) {
      expect(text).not.toMatch(/undefined|\bnull\b|NaN|Infinity|\[object/);
      expect(text.toLowerCase()).toContain(study.holds ? 'holds' : 'broken');
    }
  });

  test('two long names that begin alike keep rows of their own', () => {
    const names = ['1', '2'].map((end) => `vms["${'n'.repeat(80)}${end}"].churn`);
    const [dimension] = STUDIES.full.dimensions;
    const [bar] = STUDIES.full.tornado;
    const study: Study = {
      ...STUDIES.full,
      dimensions: names.map((name) => ({ ...dimension!, name })),
      tornado: names.map((name) => ({ ...bar!, dimension: name })),
      monteCarlo: {
        ...STUDIES.full.monteCarlo!,
        alternatives: names.map((name) => ({ ...{ name, held: 1, share: 0.5 }, from: 0, to: 1 })),
      },
    };
    expect(
      new Set(
        chart('study-tornado')
          .sources(study)
          .bars!.map((row) => row.dimension),
      ).size,
    ).toBe(2);
    expect(
      new Set(
        chart('study-draws')
          .sources(study)
          .shares!.map(({ name }) => name),
      ).size,
    ).toBe(2);
  });

  test('a base case that is broken is said to be, and the smallest is called found unless all was run', () => {
    const found = `${studyParts({ ...STUDIES.full, exact: false }).sections}`;
    expect(found).toContain('The smallest found that breaks it: ');
    expect(`${studyParts({ ...STUDIES.full, exact: true }).sections}`).toContain(
      'The smallest scenario that breaks it: ',
    );
    expect(found).not.toContain('is broken already');
    const study = { ...STUDIES.full, base: { ...STUDIES.full.base, holds: false } };
    expect(`${studyParts(study).sections}`).toContain('The base case is broken already. ');
    expect(renderStudyMarkdown(study)).toContain('The base case is broken already. ');
  });

  test('a stranger’s name stays a name in Markdown, and ends no fence', () => {
    for (const name of [...HOSTILE_NAMES, '``` x', '| cell | @all #1 https://x']) {
      const named = JSON.parse(
        JSON.stringify(STUDIES.full).replaceAll('outage.length', JSON.stringify(name).slice(1, -1)),
      ) as Study;
      const text = renderStudyMarkdown({ ...named, promises: named.promises.map((own) => ({ ...own, text: name })) });
      const [outside, fence, inside] = /^([\s\S]*?)\n(`{3,})\n([\s\S]*?)\n\2\n/.exec(text)!.slice(1);
      expect(inside!.split('\n')).toHaveLength(1);
      expect(inside).not.toContain(fence);
      expect(outside).not.toMatch(/<script|<img|<b>|(?<!\\)\| cell|@all|https:/);
    }
  });

  test('nothing in the page turns its text around or steers a terminal, wherever a stranger’s name stands', () => {
    for (const name of HOSTILE_NAMES) {
      const named = JSON.parse(
        JSON.stringify(STUDIES.full).replaceAll('outage.length', JSON.stringify(name).slice(1, -1)),
      ) as Study;
      const assumption = { name, value: name, reason: name, source: name, origin: 'given' } as const;
      const { header, navigation, sections, footer } = studyParts({
        ...{ ...named, fixed: [name], assumptions: [assumption] },
        promises: named.promises.map((own) => ({ ...own, text: name })),
      });
      const text = `${header}${navigation}${sections}${footer}`;
      // A failure must not print the whole page.
      const found = /[^\P{Cc}\n]|[\u2028\u2029\u202A-\u202E\u2066-\u2069]|<script|<img/u.exec(text);
      expect(found === null ? '' : text.slice(Math.max(0, found.index - 60), found.index + 20)).toBe('');
      for (const id of ['study-tornado', 'study-draws', 'study-frontier-line']) {
        const drawn = JSON.stringify([chart(id).sources(named), chart(id).params?.(named)]);
        expect(/\\u001b|[\u202A-\u202E]/.exec(drawn)?.[0]).toBeUndefined();
      }
    }
  });

  test('the terminal’s words', () => {
    const study = { ...STUDIES.full, monteCarlo: null };
    expect(renderStudyTerminal(study, { color: false, width: 100 })).toMatchInlineSnapshot(`
      "✕ BROKEN rpo.max <= 3 h and resyncs == 0
      2 VMs over 2 d on 10 Mbit/s; in the base case it holds: rpo.max <= 3 h: 5 min 29 s, holds; resyncs
      == 0: 0, holds

      The smallest found that breaks it
        outage.length = 2 h 30 min, outage.start = Mon 2026-01-05 03:00, churn × 1
        rpo.max <= 3 h: 3 h 18 min, broken; resyncs == 0: 0, holds
        Replay:
        asr-plan analyze vms.csv --with 'outage.length = 9000s' --with 'outage.start = 10800s' --with 'churn x 1'

      Safe
        Any outage.length up to 2 h 20 min with any churn up to × 2.00954 is safe at every outage.start.

      Each alone
        outage.length holds to 2 h 20 min, breaks at 2 h 30 min
        churn holds to × 2.00954, the end of its range

      How it was found
        391 of 116424 scenarios were run. Every one of the 24 combinations of outage.start was looked at.
        How far outage.length and churn can go was bisected. In all 1011 pairs of a scenario that breaks
        and one that is milder or worse, the worse one broke, as bisection takes it to be. Resolution:
        outage.length 10 min, outage.start 1 h, churn 99 quantiles.
      "
    `);
  });

  test('colour adds escape sequences and nothing else', () => {
    const painted = renderStudyTerminal(STUDIES.full, { color: true, width: 80 });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what colour is made of
    expect(painted.replaceAll(/\u001b\[\d+m/g, '')).toBe(
      renderStudyTerminal(STUDIES.full, { color: false, width: 80 }),
    );
    expect(painted).toContain('\u001b[');
  });
});
