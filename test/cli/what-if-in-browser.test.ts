import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BROWSER_FLAGS, findBrowser } from '../../scripts/browser.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { HOSTILE_NAMES } from '../report/hostile-names.ts';
import { type Opened, openReport } from '../report/open-report.ts';
import { runCli, ScratchFolder } from './run-cli.ts';

let browser: Browser;
let folder: ScratchFolder;
let planned: Plan;

const OPTIONS = ['vms.csv', '--bandwidth', '20Mbps', '--horizon', '2d', '--quiet'];

function csv(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

function analyze(...more: readonly string[]): Plan {
  const ending = runCli(['analyze', ...OPTIONS, '--json', '-', ...more], folder.path);
  expect(ending.stderr).toBe('');
  return JSON.parse(ending.stdout) as Plan;
}

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: await findBrowser(), args: [...BROWSER_FLAGS] });
  const hostile = HOSTILE_NAMES.filter((name) => !/[\r\n]/.test(name)).slice(0, 4);
  const rows = [...hostile, 'SQL01', 'WEB01'].flatMap((name, index) => [
    `${csv(name)},os,h${index % 2},v,80,${10 + index},3`,
    `${csv(name)},pagefile,h${index % 2},v,20,4,${6 + index}`,
  ]);
  folder = new ScratchFolder({
    'vms.csv': `vm,disk,host,volume,size_gib,used_gib,churn_gib_per_day\n${rows.join('\n')}\n`,
  });
  expect(runCli(['analyze', ...OPTIONS], folder.path).stderr).toBe('');
  planned = analyze();
}, 600_000);

afterAll(async () => {
  await browser?.close();
  folder?.[Symbol.dispose]();
});

function open(hash = '', file = 'report.html'): Promise<Opened> {
  return openReport(browser, join(folder.path, file), {}, hash);
}

async function status(page: Page, words: RegExp): Promise<string> {
  const place = page.locator('.what-if-status');
  await expect.poll(() => place.textContent(), { timeout: 30_000 }).toMatch(words);
  return (await place.textContent())!;
}

function runOf(text: string): string {
  return /run ([0-9a-f]{16})/.exec(text)![1]!;
}

describe('the report’s own simulator', () => {
  test('finds what the command line found, and says so', async () => {
    const { page, complaints, close } = await open();
    await page.click('.what-if > summary');
    expect(runOf(await status(page, /found what the command line found/))).toBe(planned.runHash);
    expect(await page.textContent('#footer')).toContain(planned.runHash);
    expect(complaints).toEqual([]);
    await close();
  });

  test('does what the command line does with the options that it names, from the address alone', async () => {
    const hash = '#what-if?bandwidth=12500000&copy=30000&compression=0.8&growth=0.29&outage=36000000&for=5400000';
    const { page, complaints, close } = await open(hash);
    const found = runOf(await status(page, /→|still/i));
    const named = (await page.textContent('.what-if-options code'))!;
    const options = [...named.matchAll(/(--[\w-]+) (?:'([^']*)'|(\S+))/g)].flatMap(([, option, quoted, bare]) => [
      option!,
      (quoted ?? bare)!,
    ]);
    expect(options).toContain('--fault');
    const again = analyze(...options);
    expect(again.runHash).toBe(found);
    expect(again.runHash).not.toBe(planned.runHash);
    // What the page now shows is that plan.
    await page.waitForSelector('html[data-charts="drawn"]');
    expect(await page.textContent('.verdict .sentence')).toBe(again.verdict.sentence);
    expect(await page.textContent('#footer')).toContain(found);
    expect(page.url()).toContain(hash);
    expect(complaints).toEqual([]);
    await close();
  });

  test('searches anew when it is asked to, and comes back to the plan', async () => {
    const { page, complaints, close } = await open('#what-if?growth=1');
    await status(page, /→|still/i);
    expect(await page.getAttribute('html', 'data-shown')).toBe('preview');
    await page.click('button:has-text("Search anew")');
    await page.waitForSelector('html[data-shown="whole"]', { timeout: 60_000 });
    const again = analyze('--growth-factor', '100%');
    expect(runOf((await page.textContent('.what-if-status'))!)).toBe(again.runHash);
    const figures = await page.locator('.figures .value').allTextContents();
    await page.click('button:has-text("As planned")');
    await page.waitForSelector('html[data-shown="planned"][data-charts="drawn"]');
    expect(await page.locator('.figures .value').allTextContents()).not.toEqual(figures);
    expect(await page.textContent('.verdict .sentence')).toBe(planned.verdict.sentence);
    expect(await page.locator('.what-if-said').isVisible()).toBe(false);
    expect(page.url()).toMatch(/#what-if\?$/);
    expect(complaints).toEqual([]);
    await close();
  });

  test('by keyboard: the link’s slider moves, the page follows, the table keeps what was searched for', async () => {
    const { page, complaints, close } = await open('#vms?q=SQL');
    await page.click('.what-if > summary');
    await status(page, /found what/);
    await page.locator('.what-if-form input[type=range]').first().focus();
    for (let press = 0; press < 12; press++) await page.keyboard.press('ArrowLeft');
    await status(page, /→/);
    await expect.poll(() => page.textContent('.facts'), { timeout: 20_000 }).toMatch(/Link15\.\d Mbit\/s/);
    expect(await page.inputValue('#vm-search')).toBe('SQL');
    expect(await page.textContent('#vm-count')).toMatch(/^1 VM found/);
    expect(page.url()).toContain('q=SQL');
    expect(page.url()).toContain('bandwidth=');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('range');
    expect(complaints).toEqual([]);
    await close();
  });

  test('leaves a disk out whose name is hostile, and takes it back in', async () => {
    const { page, complaints, close } = await open();
    await page.click('.what-if > summary');
    await status(page, /found what/);
    const select = page.locator('.what-if-form select').last();
    const words = await select.locator('option').allTextContents();
    const hostile = words.findIndex((text) => text.includes('window.__alerted'));
    expect(hostile).toBeGreaterThan(0);
    await select.selectOption({ index: hostile });
    await status(page, /→|still/i);
    expect(await page.textContent('.what-if-said')).toBe('What if: without one disk.');
    await expect.poll(() => page.textContent('.facts')).toContain('11 disks');
    expect(await page.locator('main img, main script, main b, .what-if img').count()).toBe(0);
    await page.reload();
    await expect.poll(() => page.textContent('.facts'), { timeout: 20_000 }).toContain('11 disks');
    await page.click('.left-out button');
    await expect.poll(() => page.textContent('.facts'), { timeout: 20_000 }).toContain('12 disks');
    expect(await page.evaluate(() => '__alerted' in window)).toBe(false);
    expect(complaints).toEqual([]);
    await close();
  });

  test.each([
    '#what-if?bandwidth=-5&growth=Infinity&copy=NaN&compression=9&throttle=x&outage=1&without=%7B%7D',
    '#what-if?without=[1,2]&without=[[]]&growth=1e999',
    '#what-if?%',
  ])('takes nothing from an address that says nothing: %s', async (hash) => {
    const { page, complaints, close } = await open(hash);
    expect(await page.locator('.what-if').evaluate((details) => (details as HTMLDetailsElement).open)).toBe(false);
    expect(complaints).toEqual([]);
    await close();
  });

  test('on paper the form is gone and what was changed is said', async () => {
    const { page, close } = await open('#what-if?growth=0.5');
    await status(page, /→|still/i);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.what-if').isVisible()).toBe(false);
    expect(await page.textContent('.what-if-said')).toContain('churn grown by 50 %');
    expect(await page.locator('.what-if-said').isVisible()).toBe(true);
    await close();
  });

  test('a file whose simulator differs says that it cannot be trusted', async () => {
    const html = readFileSync(join(folder.path, 'report.html'), 'utf8');
    const { inflateRawSync, deflateRawSync } = await import('node:zlib');
    const forged = html.replace(/(<script type="text\/plain" id="plan">)([^<]*)/, (_, open, data) => {
      const plan = JSON.parse(inflateRawSync(Buffer.from(data, 'base64')).toString());
      const text = JSON.stringify({ ...plan, runHash: '0000000000000000' });
      return `${open}${deflateRawSync(text).toString('base64')}`;
    });
    writeFileSync(join(folder.path, 'forged.html'), forged);
    const { page, close } = await open('', 'forged.html');
    await page.click('.what-if > summary');
    await status(page, /differs from the command line’s.*cannot be trusted/);
    await close();
  });
});
