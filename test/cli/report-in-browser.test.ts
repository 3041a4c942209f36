import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BROWSER_FLAGS, findBrowser } from '../../scripts/browser.ts';
import { CHARTS } from '../../src/report/charts/registry.ts';
import { drawnMarks, openReport } from '../report/open-report.ts';
import { ROOT, runCli, ScratchFolder } from './run-cli.ts';

const EXAMPLE_PRICES = join(ROOT, 'datasets/prices/example.json');
const HOSTILE = '</script><script>window.alerted = 1</script>';

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch({ executablePath: await findBrowser(), args: [...BROWSER_FLAGS] });
}, 600_000);
afterAll(() => browser?.close());

test('the report of a real run opens: no complaint, every chart draws, a hostile name is text', async () => {
  const rows = [`${HOSTILE},d,h1,v,80,30,9`, '<img src=x onerror=alert(1)>,d,h1,v,60,20,2', 'SQL01,d,h2,v,500,31,40'];
  using folder = new ScratchFolder({
    'vms.csv': `vm,disk,host,volume,size_gib,used_gib,churn_gib_per_day\n${rows.join('\n')}\n`,
  });
  const args = [
    '--bandwidth',
    '20Mbps',
    '--fault',
    'link down at 2d10h for 40min',
    '--quiet',
    '--prices',
    EXAMPLE_PRICES,
  ];
  expect(runCli(['analyze', 'vms.csv', ...args], folder.path)).toMatchObject({ code: 1, stderr: '' });
  const { page, complaints, close } = await openReport(browser, join(folder.path, 'report.html'));
  const marks = await drawnMarks(page);
  expect(Object.keys(marks)).toEqual(CHARTS.map((chart) => chart.id));
  for (const [chart, count] of Object.entries(marks)) expect(count, chart).toBeGreaterThan(0);
  expect(await page.getByText(HOSTILE, { exact: true }).first().isVisible()).toBe(true);
  expect(await page.evaluate(() => 'alerted' in window)).toBe(false);
  expect(complaints).toEqual([]);
  await close();
});
