import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BROWSER_FLAGS, findBrowser } from '../../scripts/browser.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { costSentence } from '../../src/report/html-cost.ts';
import { openReport } from '../report/open-report.ts';
import { ROOT, runCli, ScratchFolder } from './run-cli.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FLEET = `vm,disk,host,volume,size_gib,used_gib,churn_gib_per_day
SQL01,data,h1,v,500,60,40
"<img src=x onerror=""window.alerted=1"">",data,h2,v,100,20,9
`;

let browser: Browser;
let folder: ScratchFolder;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: await findBrowser(), args: [...BROWSER_FLAGS] });
  folder = new ScratchFolder({ 'vms.csv': FLEET });
  const { code, stdout, stderr } = runCli(['app', '--out', 'planner.html'], folder.path);
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'Written: planner.html\n', stderr: '' });
}, 600_000);

afterAll(async () => {
  await browser?.close();
  folder?.[Symbol.dispose]();
});

beforeEach(async () => {
  complaints.length = 0;
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  page = await context.newPage();
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  page.on('request', (request) => {
    if (!/^(blob|file):/.test(request.url())) complaints.push(`request: ${request.url()}`);
  });
  await page.goto(`file://${join(folder.path, 'planner.html')}`);
  await page.waitForSelector('.planner-form');
  return async () => {
    await context.close();
  };
});

async function plan(words: RegExp): Promise<string> {
  await page.click('button.first');
  const status = page.locator('.planner-status');
  await expect.poll(() => status.textContent(), { timeout: 60_000 }).toMatch(words);
  return (await status.textContent())!;
}

async function fill(label: string, text: string): Promise<void> {
  for (const title of ['More options', 'Or five numbers, for a first answer']) {
    const details = page.locator('.planner-form details', { hasText: title });
    if ((await details.getAttribute('open')) === null) await details.locator('summary').click();
  }
  await page.locator('.planner-form').getByLabel(label, { exact: true }).fill(text);
}

function analyzed(...args: readonly string[]): Plan {
  return JSON.parse(runCli([...args, '--json', '-', '--quiet'], folder.path).stdout) as Plan;
}

describe('the planner as a page', () => {
  test('makes the plan that the command line makes, and the report that it saves lives on', async () => {
    await page.setInputFiles('#planner-files', join(folder.path, 'vms.csv'));
    await fill('Link', '20Mbps');
    await fill('How far to look', '2d');
    await fill('Growth of the churn', '30%');
    await fill('A fault', 'link down at 10h for 40min');
    await plan(/^Planned in/);
    await page.waitForSelector('html[data-charts="drawn"]');
    const args = [
      '--bandwidth',
      '20Mbps',
      '--horizon',
      '2d',
      '--growth-factor',
      '30%',
      '--fault',
      'link down at 10h for 40min',
    ];
    const theirs = analyzed('analyze', 'vms.csv', ...args);
    expect(await page.textContent('#footer')).toContain(theirs.runHash);
    const [json] = await Promise.all([page.waitForEvent('download'), page.click('button:has-text("Save plan.json")')]);
    expect(JSON.parse(readFileSync(await json.path(), 'utf8'))).toEqual(theirs);
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.click('button:has-text("Save the report")'),
    ]);
    const file = join(folder.path, 'saved.html');
    await saved.saveAs(file);
    const report = await openReport(browser, file);
    await report.page.click('.what-if > summary');
    await expect
      .poll(() => report.page.textContent('.what-if-status'), { timeout: 30_000 })
      .toContain(`found what the command line found: run ${theirs.runHash}`);
    expect(report.complaints).toEqual([]);
    await report.close();
    expect(await page.evaluate(() => 'alerted' in window)).toBe(false);
    expect(complaints).toEqual([]);
  });

  test('answers a second question in the place of the first, with what-ifs of its own', async () => {
    await page.setInputFiles('#planner-files', join(folder.path, 'vms.csv'));
    await fill('How far to look', '1d');
    await fill('Link', '20Mbps');
    await plan(/^Planned in/);
    await page.waitForSelector('html[data-charts="drawn"]');
    const first = await page.textContent('#footer');
    await fill('Link', '40Mbps');
    await page.click('button.first');
    await expect.poll(() => page.textContent('.facts'), { timeout: 60_000 }).toMatch(/Link40(\.0)? Mbit/);
    expect(await page.textContent('#footer')).not.toBe(first);
    await page.click('.what-if > summary');
    await expect.poll(() => page.textContent('.what-if-status'), { timeout: 30_000 }).toContain('found what');
    expect(await page.locator('.what-if').count()).toBe(1);
    expect(complaints).toEqual([]);
  });

  test('prices and rules are files of the form', async () => {
    await page.setInputFiles('#planner-files', join(folder.path, 'vms.csv'));
    await fill('How far to look', '1d');
    await fill('Link', '20Mbps');
    const input = page.locator('.planner-form label', { hasText: 'Prices (JSON)' }).locator('input');
    await input.setInputFiles(join(ROOT, 'datasets/prices/example.json'));
    await plan(/^Planned in/);
    const args = ['--bandwidth', '20Mbps', '--horizon', '1d', '--prices', join(ROOT, 'datasets/prices/example.json')];
    const theirs = analyzed('analyze', 'vms.csv', ...args);
    expect(await page.textContent('#cost .sentence')).toBe(costSentence(theirs.cost));
    expect(complaints).toEqual([]);
  });

  test('five numbers are enough', async () => {
    for (const [label, text] of [
      ['VMs', '12'],
      ['Size of a disk', '100GiB'],
      ['Written to each disk', '3%/day'],
      ['Link', '50Mbps'],
      ['How far to look', '1d'],
    ] as const) {
      await fill(label, text);
    }
    await plan(/^Planned in/);
    const numbers = [
      '--vms',
      '12',
      '--disk',
      '100GiB',
      '--churn',
      '3%/day',
      '--bandwidth',
      '50Mbps',
      '--horizon',
      '1d',
    ];
    expect(await page.textContent('#footer')).toContain(analyzed('quick', ...numbers).runHash);
  });

  test('says all that is wrong, in the words of the command line', async () => {
    writeFileSync(join(folder.path, 'wrong.csv'), 'vm,disk,size_gib,churn_gib_per_day\na,b,x,1\nc,d,-5,2\n');
    await page.setInputFiles('#planner-files', join(folder.path, 'wrong.csv'));
    await fill('Link', '300');
    await plan(/^No plan/);
    const table = page.getByRole('region', { name: 'Problems' });
    const { code, stderr } = runCli(['analyze', 'wrong.csv', '--bandwidth', '300'], folder.path);
    expect(code).toBe(2);
    const rows = await table.locator('tbody tr').count();
    expect(rows).toBe(stderr.split('\n').filter((line) => /^(error|warning): /.test(line)).length);
    expect(rows).toBeGreaterThanOrEqual(3);
    for (const text of await table.locator('tbody td:nth-child(6)').allTextContents()) expect(stderr).toContain(text);
    expect(complaints).toEqual([]);
  });

  test('reads workbooks and what was dropped; Parquet it cannot, and says what to do', async () => {
    const workbook = readFileSync(join(ROOT, 'datasets/files/rvtools.xlsx'));
    const dropped = await page.evaluateHandle((base64) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], 'rvtools.xlsx'));
      return transfer;
    }, workbook.toString('base64'));
    await page.dispatchEvent('.drop-zone', 'drop', { dataTransfer: dropped });
    await expect.poll(() => page.textContent('.drop-zone')).toContain('rvtools.xlsx');
    await fill('Churn of disks of which no file tells it', '3%/day');
    await fill('How far to look', '1d');
    await fill('Link', '50Mbps');
    await plan(/^(Planned in|No plan)/);
    writeFileSync(join(folder.path, 'rvtools.xlsx'), workbook);
    const args = ['--assume-churn', '3%/day', '--horizon', '1d', '--bandwidth', '50Mbps'];
    expect(await page.textContent('#footer')).toContain(analyzed('analyze', 'rvtools.xlsx', ...args).runHash);
    await page.setInputFiles('#planner-files', [
      join(ROOT, 'datasets/measured/disks.csv'),
      join(ROOT, 'datasets/measured/series.parquet'),
    ]);
    await plan(/No (new )?plan/);
    expect(await page.getByRole('region', { name: 'Problems' }).textContent()).toContain('asr-plan import');
    expect(complaints.filter((line) => !line.includes('duckdb'))).toEqual([]);
  });

  test('axe finds nothing serious, light, dark and narrow', async () => {
    await page.evaluate(AXE);
    for (const [colorScheme, width] of [
      ['light', 1280],
      ['dark', 1280],
      ['light', 360],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      const found = await page.evaluate(async () => {
        for (const details of document.querySelectorAll('details')) details.open = true;
        const { axe } = window as unknown as { axe: typeof import('axe-core') };
        const { violations } = await axe.run();
        return violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)}`);
      });
      expect(found).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    }
  });
});
