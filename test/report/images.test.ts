import { readFileSync } from 'node:fs';
import { Resvg } from '@resvg/resvg-js';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildReport } from '../../scripts/build-report.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { CHARTS } from '../../src/report/charts/registry.ts';
import { imageAssets } from '../../src/report/images/assets.ts';
import { chartFileNames, chartFiles } from '../../src/report/images/chart-files.ts';
import { missingOf, pngMaker } from '../../src/report/images/chart-png.ts';
import { chartSvg, IMAGE_PIXELS, linesOf } from '../../src/report/images/chart-svg.ts';
import { Font } from '../../src/report/images/font.ts';
import { HOSTILE_NAMES } from './hostile-names.ts';
import { type SampleOptions, samplePlan } from './sample-plan.ts';
import { fullPlan } from './sample-tables.ts';
import { readXml } from './well-formed-xml.ts';

beforeAll(() => buildReport());

const PLANS: Readonly<Record<string, SampleOptions>> = {
  'a fleet of 60': {},
  'one VM that meets everything': { vmCount: 1, volumeCount: 0, outages: false, resync: false, met: true },
  'nobody protected': { unprotected: true, volumeCount: 0, resync: false },
  '5,000 VMs and a month': { vmCount: 5000, volumeCount: 60, horizonMs: 30 * 86_400_000 },
  'many phases': { busyTimelines: true },
  'nothing known of the site': { bareSite: true },
};

/** Every number of a drawing is one, and nothing is fetched. */
function checkSvg(svg: string, title: string): void {
  const { tags, texts } = readXml(svg);
  expect(tags[0]!.name).toBe('svg');
  expect(texts[0]).toBe(title);
  expect(texts.join(' ')).not.toMatch(/\bNaN\b|undefined|Infinity|\[object/);
  const ids = new Set(tags.map(({ attributes }) => attributes.get('id')));
  for (const { name, attributes } of tags) {
    expect([
      'svg',
      'g',
      'rect',
      'path',
      'line',
      'text',
      'title',
      'desc',
      'defs',
      'clipPath',
      'linearGradient',
      'stop',
    ]).toContain(name);
    for (const [attribute, value] of attributes) {
      expect(attribute).not.toMatch(/^on|href|^style$|^src$/i);
      if (/^xmlns/.test(attribute)) continue;
      expect(value, `${name} ${attribute}`).not.toMatch(/NaN|undefined|Infinity|null|\/\//);
      for (const [, target] of value.matchAll(/url\(([^)]*)\)/g)) expect(ids).toContain(target!.slice(1));
      if (attribute === 'd') expect(value).toMatch(/^[MLHVCSQTAZmlhvcsqtaz\d\s,.eE+-]*$/);
    }
  }
}

/** Width and height of a PNG, from its first chunk (PNG specification, IHDR). */
function pngSize(png: Uint8Array): [number, number] {
  expect([...png.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const view = new DataView(png.buffer, png.byteOffset);
  return [view.getUint32(16), view.getUint32(20)];
}

/** Without what only a machine that has no Japanese font says, of the name of one VM of the sample. */
function saidEverywhere(remark: string): string {
  return remark.replace(/; no font here has [データベス](?: [データベス])*: boxes stand for them in the PNGs/u, '');
}

describe('the files', () => {
  test('an SVG and a PNG each, the same the second time, and the same as one drawn alone', async () => {
    const plan = samplePlan();
    const { contents, remark } = await chartFiles(plan);
    const again = await chartFiles(structuredClone(plan));
    expect(contents).toHaveLength(chartFileNames().length);
    expect(saidEverywhere(remark)).toBe(`${CHARTS.length} charts`);
    for (const [index, chart] of CHARTS.entries()) {
      const [svg, png] = contents.slice(index * 2, index * 2 + 2) as [string, Uint8Array];
      const height = Number(/^<svg [^>]*height="(\d+)"/.exec(svg)![1]);
      expect(pngSize(png)).toEqual([2 * IMAGE_PIXELS, 2 * height]);
      expect(svg === again.contents[index * 2], chart.id).toBe(true);
      expect(Buffer.compare(png, again.contents[index * 2 + 1] as Uint8Array), chart.id).toBe(0);
    }
    expect((await chartSvg(plan, CHARTS[5]!)) === contents[10]).toBe(true);
  });

  test('a chart that has nothing to draw is left out, and named', async () => {
    const plan = samplePlan({ unprotected: true, volumeCount: 0, resync: false });
    const { contents, remark } = await chartFiles(plan);
    const left = CHARTS.filter((chart) => !chart.drawable(plan));
    expect(left.length).toBeGreaterThan(1);
    CHARTS.forEach((chart, index) => {
      const isDrawn = !left.includes(chart);
      expect(contents.slice(index * 2, index * 2 + 2).map((content) => content !== undefined)).toEqual([
        isDrawn,
        isDrawn,
      ]);
    });
    expect(saidEverywhere(remark)).toBe(
      `${CHARTS.length - left.length} charts; nothing to draw for ${left.map(({ id }) => id).join(', ')}`,
    );
  });

  test.each(Object.entries(PLANS))('%s: well-formed, finite, and nothing from outside', async (_, options) => {
    const plan = samplePlan(options);
    for (const chart of CHARTS.filter((candidate) => candidate.drawable(plan))) {
      checkSvg(await chartSvg(plan, chart), chart.title(plan));
    }
  });
});

describe('what an image says', () => {
  test('title, unit and source are drawn, and no gesture that an image does not answer', async () => {
    const plan = samplePlan();
    const ids = new Set<string>();
    for (const chart of CHARTS) {
      const { tags, texts } = readXml(await chartSvg(plan, chart));
      // All may stand in one page.
      for (const id of tags.map(({ attributes }) => attributes.get('id')).filter((name) => name !== undefined)) {
        expect(ids).not.toContain(id);
        ids.add(id);
      }
      const words = texts.slice(2).join(' ').replaceAll('\u00A0', ' ');
      for (const text of [chart.title(plan), chart.note(plan)]) expect(words).toContain(text);
      expect(words).toContain(
        'Source: simulation of 60 VMs over 7 d from 2026-01-05 00:00 (Europe/Berlin), asr-plan 0.1.0, seed 42, run 0123456789abcdef',
      );
      expect(words).not.toMatch(/drag|zoom/i);
      expect(texts[1]).toContain(chart.summary(plan).slice(0, 40));
    }
  });

  test('nothing stands out of the image: every label begins and ends within it', async () => {
    const { regular } = await imageAssets();
    for (const plan of [samplePlan(), fullPlan()]) {
      for (const chart of CHARTS) {
        for (const { left, right, baseline, roomBelow, text } of placedTexts(await chartSvg(plan, chart), regular)) {
          expect(left, `${chart.id}: ${text}`).toBeGreaterThanOrEqual(0);
          expect(right, `${chart.id}: ${text}`).toBeLessThanOrEqual(IMAGE_PIXELS);
          // A letter's height above its line, a part of it below.
          expect(baseline, `${chart.id}: ${text}`).toBeGreaterThanOrEqual(8);
          expect(roomBelow, `${chart.id}: ${text}`).toBeGreaterThanOrEqual(2);
        }
      }
    }
  });
});

interface PlacedText {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  /** Of the letters' line, from the upper edge of the image or, within the plot, of the plot. */
  readonly baseline: number;
  readonly roomBelow: number;
}

/** Where texts that lie flat stand: what the groups around them shift is added up. */
function placedTexts(svg: string, font: Font): PlacedText[] {
  const shifts = [{ x: 0, y: 0, height: 0 }];
  const placed: PlacedText[] = [];
  for (const [, end, name, attributes, empty, inside] of svg.matchAll(/<(\/?)(\w+)([^>]*?)(\/?)>([^<]*)/g)) {
    if (end === '/') {
      shifts.pop();
      continue;
    }
    const of = (pattern: RegExp): number => Number(pattern.exec(attributes!)?.[1] ?? 0);
    const { x, y, height } = shifts.at(-1)!;
    const atX = x + (name === 'rect' ? 0 : of(/ x="([-\d.]+)"/) + of(/translate\(([-\d.e]+)/));
    const atY = y + of(/ y="([-\d.]+)"/) + of(/translate\([-\d.e]+,([-\d.e]+)/);
    if (empty === '') {
      shifts.push(name === 'svg' ? { x: atX, y: 0, height: of(/ height="([\d.]+)"/) } : { x: atX, y: atY, height });
    }
    if (name !== 'text' || / rotate\(/.test(attributes!) || / opacity="0"/.test(attributes!)) continue;
    const text = inside!.replace(/&(lt|gt|amp|quot|#39);/g, '_');
    const width = font.widthOf(text, of(/font-size="([\d.]+)/) || 11);
    const anchor = /text-anchor="(\w+)"/.exec(attributes!)?.[1] ?? 'start';
    const left = atX - { start: 0, middle: width / 2, end: width }[anchor]!;
    placed.push({ text, left, right: left + width, baseline: atY, roomBelow: height - atY });
  }
  return placed;
}

describe('hostile names', () => {
  test('stay text, in well-formed XML', async () => {
    const plan = fullPlan();
    const svgs = new Map<string, string>();
    for (const chart of CHARTS) svgs.set(chart.id, await chartSvg(plan, chart));
    for (const [id, svg] of svgs) {
      expect(() => readXml(svg), id).not.toThrow();
      expect(svg).not.toMatch(/<script|<img|<b>|<!--|\]\]>/);
      expect(svg).not.toMatch(/[\u202A-\u202E\u2028\u2029\uFFFE\uFFFF]/);
    }
    const timeline = svgs.get('ir-timeline')!;
    expect(timeline).toContain('&lt;/script&gt;');
    expect(timeline).toContain('データベース-01');
    expect(timeline).toContain('__proto__');
  });

  test('any names', async () => {
    const names = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...HOSTILE_NAMES)), {
      minLength: 4,
      maxLength: 4,
    });
    const chart = CHARTS.find(({ id }) => id === 'rpo-heat')!;
    const plan = samplePlan();
    await fc.assert(
      fc.asyncProperty(names, async (given) => {
        const worstAges = plan.series.worstAges.slice(0, 4).map((row, index) => ({ ...row, vm: given[index]! }));
        readXml(await chartSvg({ ...plan, series: { ...plan.series, worstAges } }, chart));
      }),
      { numRuns: 25 },
    );
  });

  test('what XML cannot hold is left out wherever it comes from', async () => {
    const [chart] = CHARTS;
    const spoilt = { ...chart!, title: () => 'a\u0000b\u001bc\uFFFEd\uD83De\u0085f', summary: () => '\u000B<&>"' };
    const { texts } = readXml(await chartSvg(samplePlan(), spoilt));
    expect(texts[0]).toBe('a\uFFFDb\uFFFDc\uFFFDd\uFFFDe\uFFFDf');
    expect(texts[1]).toContain('\uFFFD<&>"');
  });

  test('no file is named by anything but a chart', () => {
    for (const name of chartFileNames()) expect(name).toMatch(/^[a-z]+(-[a-z]+)*\.(svg|png)$/);
    expect(new Set(chartFileNames()).size).toBe(CHARTS.length * 2);
  });
});

describe('PNGs', () => {
  const svgOf = (text: string): string =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="40"><rect width="100%" height="100%" fill="#fff"/><text x="4" y="28" font-size="20" font-family="system-ui, sans-serif">${text}</text></svg>`;

  test('text is drawn, in the font that the product brings: a machine without fonts has it too', async () => {
    const { png } = (await pngMaker([]))!;
    const empty = png(svgOf(''));
    expect(Buffer.compare(png(svgOf('SQL01')), empty)).not.toBe(0);
    const { fontFiles } = await imageAssets();
    const alone = { fontFiles: fontFiles.slice(0, 1), loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans' };
    const expected = new Resvg(svgOf('SQL01'), { font: alone, fitTo: { mode: 'zoom', value: 2 } }).render().asPng();
    expect(Buffer.compare(png(svgOf('SQL01')), expected)).toBe(0);
  });

  test('a character that no font has is named; one that the font has is not', async () => {
    const { missing } = (await pngMaker([svgOf('Ünïcödé Ж \u{10FFF0}')]))!;
    expect(missing).toEqual(['\u{10FFF0}']);
    const font = { fontFiles: [...(await imageAssets()).fontFiles], loadSystemFonts: false };
    const draw = (svg: string): ReturnType<Resvg['render']> => new Resvg(svg, { font }).render();
    expect(missingOf(new Set(['A', '\u{10FFF0}', 'Ж', 'デ', 'B']), draw)).toEqual(['\u{10FFF0}', 'デ']);
    expect(missingOf(new Set(), draw)).toEqual([]);
  });

  test('of a plan that says so, in the remark', async () => {
    const plan: Plan = samplePlan();
    const worstAges = plan.series.worstAges.map((row, index) => (index === 0 ? { ...row, vm: 'x\u{10FFF0}' } : row));
    const { remark } = await chartFiles({ ...plan, series: { ...plan.series, worstAges } });
    expect(remark).toContain('no font here has \u{10FFF0}');
  });
});

describe('the font', () => {
  test('widths are those that the renderer draws', async () => {
    const { regular, bold, fontFiles } = await imageAssets();
    for (const [index, font] of [regular, bold].entries()) {
      const options = { font: { fontFiles: [fontFiles[index]!], loadSystemFonts: false } };
      const drawn = (text: string): number =>
        new Resvg(
          `<svg xmlns="http://www.w3.org/2000/svg" width="9000" height="300"><text y="200" font-size="100" font-family="DejaVu Sans" font-weight="${index === 0 ? 'normal' : 'bold'}">${text}</text></svg>`,
          options,
        ).innerBBox()!.width;
      for (const letter of ['H', 'i', '0', 'm', 'Ж', 'é', '—']) {
        // Nine letters more are nine advances more: these have no kerning with themselves.
        const advance = (drawn(letter.repeat(10)) - drawn(letter)) / 9;
        expect(Math.abs(font.widthOf(letter, 100) - advance), letter).toBeLessThan(0.12);
      }
    }
  });

  test('DejaVu Sans has 2048 units to the em, and an A of 1401 of them', async () => {
    const { regular } = await imageAssets();
    expect(regular.widthOf('A', 2048)).toBe(1401);
    expect(regular.widthOf('', 11)).toBe(0);
    expect(['A', 'Ж', 'ß', '–', '\uFFFD', '✕', '😀'].filter((character) => !regular.has(character))).toEqual([]);
    expect(regular.has('デ')).toBe(false);
    expect(regular.widthOf('デ', 11)).toBe(11);
  });

  test('no font: an error that says so', () => {
    expect(() => new Font(readFileSync(import.meta.filename))).toThrow();
    expect(() => new Font(new Uint8Array(64))).toThrow('the font has no table');
  });
});

describe('lines', () => {
  const letters = (line: string): number => [...line].length;

  test('none is too long, and nothing is lost', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'b', ' ', '7', '%'), maxLength: 200 }),
        fc.integer({ min: 1, max: 20 }),
        (text, most) => {
          const lines = linesOf(text, most, letters, 1000);
          for (const line of lines) expect(letters(line)).toBeLessThanOrEqual(most);
          expect(lines.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
        },
      ),
    );
  });

  test('breaks at blanks, keeps a number with its unit, and cuts what is too much', () => {
    expect(linesOf('one two three', 7, letters, 9)).toEqual(['one two', 'three']);
    expect(linesOf('less 5.0 % of it', 9, letters, 9)).toEqual(['less', '5.0\u00A0% of', 'it']);
    expect(linesOf('abcdefgh', 3, letters, 9)).toEqual(['abc', 'def', 'gh']);
    expect(linesOf('a b c d', 1, letters, 2)).toEqual(['a', 'b …']);
    expect(linesOf('x'.repeat(100_000), 10, letters, 3)).toHaveLength(3);
  });
});
