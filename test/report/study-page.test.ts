import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BROWSER_FLAGS, findBrowser } from '../../scripts/browser.ts';
import { buildReport } from '../../scripts/build-report.ts';
import { renderStudyHtml } from '../../src/report/html.ts';
import { STUDY_CHARTS } from '../../src/report/study/charts/registry.ts';
import { renderStudyTerminal } from '../../src/report/study/study-terminal.ts';
import type { Study } from '../../src/study/study.ts';
import { fullStudy, studyOf } from '../study/sample-study.ts';
import { HOSTILE_NAMES } from './hostile-names.ts';
import { drawnMarks, type Opened, openReport } from './open-report.ts';

const INSTALL_MS = 600_000;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
let folder = '';
let study: Study;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'asr-plan-study-'));
  await buildReport();
  study = await fullStudy();
  browser = await chromium.launch({ executablePath: await findBrowser(), args: [...BROWSER_FLAGS] });
}, INSTALL_MS);

afterAll(async () => {
  await browser?.close();
  if (folder !== '') rmSync(folder, { recursive: true });
});

async function open(shown: Study, width = 1280, colorScheme: 'light' | 'dark' = 'light'): Promise<Opened> {
  const file = join(folder, `study-${Math.random().toString(36).slice(2)}.html`);
  writeFileSync(file, renderStudyHtml(shown));
  return await openReport(browser, file, { viewport: { width, height: 900 }, colorScheme });
}

/** The study with a stranger's text wherever one can stand. */
function withName(name: string): Study {
  const renamed = JSON.stringify(study).replaceAll('outage.length', JSON.stringify(name).slice(1, -1));
  const changed = JSON.parse(renamed) as Study;
  return { ...changed, promises: changed.promises.map((promise) => ({ ...promise, text: name })), fixed: [name] };
}

describe('the page of a study', () => {
  test.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 360],
  ] as const)(
    '%s, %d pixels: every chart is drawn, nothing complains, axe finds nothing',
    async (colorScheme, width) => {
      const { page, complaints, close } = await open(study, width, colorScheme);
      const marks = await drawnMarks(page);
      expect(Object.keys(marks).toSorted()).toEqual(STUDY_CHARTS.map(({ id }) => id).toSorted());
      for (const [id, count] of Object.entries(marks)) expect(count, id).toBeGreaterThanOrEqual(2);
      expect(complaints).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      await page.evaluate(AXE);
      const found = await page.evaluate(async () => {
        const { violations } = await (
          window as unknown as { axe: { run: () => Promise<{ violations: { id: string }[] }> } }
        ).axe.run();
        return violations.map(({ id }) => id);
      });
      expect(found).toEqual([]);
      await close();
    },
  );

  test('answer, safe half, replay and method stand in it, and the table of a chart says the same', async () => {
    const { page, close } = await open(study);
    const text = await page.locator('main').innerText();
    for (const words of [
      study.counterexample!.text,
      study.counterexample!.replay,
      study.safe!.text,
      study.methodText,
    ]) {
      expect(text).toContain(words);
    }
    const copy = page.locator('figure.script button.copy');
    expect(await copy.count()).toBe(1);
    await page.locator('#chart-study-frontier-map button', { hasText: 'Table' }).click();
    expect(await page.locator('#chart-study-frontier-map tbody tr').count()).toBe(study.frontiers[0]!.points.length);
    await close();
  });

  test("strangers' names show as text and do not run", async () => {
    for (const name of HOSTILE_NAMES.slice(0, 3)) {
      const { page, complaints, close } = await open(withName(name));
      expect(await page.evaluate(() => (window as unknown as { __alerted?: number }).__alerted)).toBeUndefined();
      expect(await page.locator('main img, main script').count()).toBe(0);
      expect(complaints).toEqual([]);
      await close();
    }
  });

  test('a study that holds, of one dimension, has no counterexample and no empty place', async () => {
    const calm = await studyOf(['rpo.max <= 40 h'], ['churn x 1 .. 2 step 0.5']);
    const { page, complaints, close } = await open(calm);
    expect(await page.locator('#counterexample').count()).toBe(0);
    expect(await page.locator('.verdict.met').count()).toBe(1);
    expect(await page.locator('main').innerText()).not.toMatch(/undefined|null|NaN/);
    expect(complaints).toEqual([]);
    await close();
  });

  test('on paper', async () => {
    const { page, close } = await open(study);
    const pdf = await page.pdf({ preferCSSPageSize: true });
    expect(pdf.byteLength).toBeGreaterThan(20_000);
    await close();
  });
});

describe('the terminal', () => {
  test('no line is wider than it, but for the replay, and no escape of a stranger comes through', () => {
    for (const name of HOSTILE_NAMES) {
      for (const width of [40, 80, 100]) {
        const lines = renderStudyTerminal(withName(name), { color: false, width }).split('\n');
        const replayAt = lines.findIndex((line) => line.trim() === 'Replay:') + 1;
        for (const [index, line] of lines.entries()) {
          if (index !== replayAt) expect(line.length, line).toBeLessThanOrEqual(width);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not come through
          expect(line).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u202a-\u202e]/);
        }
      }
    }
  });
});
