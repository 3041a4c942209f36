import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BROWSER_FLAGS, findBrowser } from '../../scripts/browser.ts';
import { buildReport } from '../../scripts/build-report.ts';
import { renderHtml } from '../../src/report/html.ts';
import { type Opened, openReport } from './open-report.ts';
import { samplePlan } from './sample-plan.ts';

const INSTALL_MS = 600_000;
const plan = samplePlan({ scenario: 'vmm-to-vmm' });
const commands = plan.runbook.tasks.flatMap(({ steps }) => steps.flatMap((step) => step.commands));

let browser: Browser;
let folder = '';
let file = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'asr-plan-runbook-'));
  file = join(folder, 'report.html');
  await buildReport();
  writeFileSync(file, renderHtml(plan));
  browser = await chromium.launch({ executablePath: await findBrowser(), args: [...BROWSER_FLAGS] });
}, INSTALL_MS);

afterAll(async () => {
  await browser?.close();
  if (folder !== '') rmSync(folder, { recursive: true });
});

async function withReport(context: BrowserContextOptions, work: (opened: Opened) => Promise<void>): Promise<void> {
  const opened = await openReport(browser, file, context);
  try {
    await work(opened);
  } finally {
    await opened.close();
  }
}

test('each text to copy has a button, which puts the very text into the clipboard', async () => {
  await withReport({ permissions: ['clipboard-read', 'clipboard-write'] }, async ({ page, complaints }) => {
    const buttons = page.locator('#runbook .copy');
    expect(await buttons.count()).toBe(commands.length + 1);
    const last = commands.length;
    await buttons.nth(last).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(commands[last - 1]!.script);
    expect(await buttons.nth(last).textContent()).toBe('Copied');
    // The open places are no tags.
    await buttons.first().click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(plan.runbook.preamble);
    expect(complaints).toEqual([]);
  });
});

test('where the clipboard is refused the text is selected', async () => {
  await withReport({}, async ({ page }) => {
    await page.evaluate(() => {
      Object.defineProperty(navigator, 'clipboard', { value: { writeText: () => Promise.reject(new Error('no')) } });
    });
    await page.locator('#runbook .copy').nth(1).click();
    expect(await page.evaluate(() => String(getSelection()))).toBe(commands[0]!.script);
  });
});

test('a box is ticked by its words', async () => {
  await withReport({}, async ({ page }) => {
    const label = page.locator('#runbook-provider .ticks label').first();
    await label.click();
    expect(await label.locator('input').isChecked()).toBe(true);
  });
});

test.each([360, 720])('nothing is wider than a page of %i pixels, on paper neither', async (width) => {
  await withReport({ viewport: { width, height: 800 } }, async ({ page }) => {
    for (const media of ['screen', 'print'] as const) {
      await page.emulateMedia({ media });
      const widest = await page.evaluate(() =>
        Math.max(
          ...[...document.querySelectorAll('#runbook, #runbook *:not(pre *)')].map(
            (part) => part.getBoundingClientRect().right,
          ),
        ),
      );
      expect(widest).toBeLessThanOrEqual(width);
    }
  });
});

test('on paper a command is whole, and has no button', async () => {
  await withReport({}, async ({ page }) => {
    await page.emulateMedia({ media: 'print' });
    const cut = await page.evaluate(
      () =>
        [...document.querySelectorAll('#runbook pre')].filter(
          (text) => text.scrollHeight > text.clientHeight + 1 || text.scrollWidth > text.clientWidth + 1,
        ).length,
    );
    expect(cut).toBe(0);
    expect(await page.locator('#runbook .copy').first().isVisible()).toBe(false);
  });
});
