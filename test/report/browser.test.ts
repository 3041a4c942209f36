import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BROWSER_FLAGS, findBrowser } from '../../scripts/browser.ts';
import { buildReport } from '../../scripts/build-report.ts';
import { CHARTS } from '../../src/report/charts/registry.ts';
import { renderHtml } from '../../src/report/html.ts';
import { shownName } from '../../src/report/shown-name.ts';
import { HOSTILE_NAMES } from './hostile-names.ts';
import { drawnMarks, type Opened, openReport } from './open-report.ts';
import { type SampleOptions, samplePlan } from './sample-plan.ts';

const INSTALL_MS = 600_000;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
let folder = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'asr-plan-report-'));
  await buildReport();
  browser = await chromium.launch({ executablePath: await findBrowser(), args: [...BROWSER_FLAGS] });
}, INSTALL_MS);

afterAll(async () => {
  await browser?.close();
  if (folder !== '') rmSync(folder, { recursive: true });
});

async function open(
  sample: SampleOptions = {},
  context: BrowserContextOptions = {},
  hash = '',
  html?: string,
): Promise<Opened> {
  const file = join(folder, `report-${Math.random().toString(36).slice(2)}.html`);
  writeFileSync(file, html ?? renderHtml(samplePlan(sample)));
  return openReport(browser, file, context, hash);
}

describe('opened from a file', () => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened?.close());

  test('every chart is there, with marks in the right number', async () => {
    const marks = await drawnMarks(opened.page);
    expect(Object.keys(marks)).toEqual(CHARTS.map((chart) => chart.id));
    const plan = samplePlan();
    // A cell for each of 40 VMs and 84 stretches; a bar for each phase shown; a cell for each hour of the week, twice.
    expect(marks['rpo-heat']).toBeGreaterThanOrEqual(plan.series.worstAges.length * 84);
    expect(marks['ir-timeline']).toBeGreaterThanOrEqual(plan.vms.length * 3);
    expect(marks['churn-heat']).toBeGreaterThanOrEqual(2 * 168);
    expect(marks.volumes).toBeGreaterThanOrEqual(2 * plan.volumes.length);
    expect(marks['log-fill']).toBeGreaterThanOrEqual(12);
    expect(marks['rpo-survival']).toBeGreaterThanOrEqual(2);
    expect(marks['bandwidth-tradeoff']).toBeGreaterThanOrEqual(3);
    expect(marks.traffic).toBeGreaterThanOrEqual(3);
    expect(marks.constraints).toBeGreaterThanOrEqual(8);
    expect(marks['line-traffic']).toBeGreaterThanOrEqual(plan.furtherLinks.length + plan.hosts.length);
  });

  test('every chart has an accessible name and fills its place', async () => {
    const plots = await opened.page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('.plot')].map((plot) => ({
        name: plot.getAttribute('aria-label') ?? '',
        role: plot.getAttribute('role'),
        share: (plot.querySelector('svg')?.getBoundingClientRect().width ?? 0) / plot.clientWidth,
      })),
    );
    for (const { name, role, share } of plots) {
      expect(role).toBe('img');
      expect(name.length).toBeGreaterThan(20);
      expect(share).toBeGreaterThan(0.9);
      expect(share).toBeLessThanOrEqual(1.001);
    }
  });

  test('hostile names show as text and do not run', async () => {
    const cell = opened.page.locator('#vm-table tbody button', { hasText: 'window.__alerted=1' });
    expect(await cell.textContent()).toBe(HOSTILE_NAMES[0]);
    await cell.click();
    expect(await opened.page.locator('.vm-panel').count()).toBe(1);
    expect(await opened.page.evaluate(() => (window as unknown as { __alerted?: number }).__alerted)).toBeUndefined();
    expect(await opened.page.locator('main img, main script, main b').count()).toBe(0);
    await cell.click();
    expect(await opened.page.locator('.vm-panel').count()).toBe(0);
  });

  test('a VM’s panel: facts, jobs with their states, statistics; hostile reasons are text', async () => {
    const { page } = opened;
    await page.fill('#vm-search', '__proto__');
    await page.locator('#vm-table tbody th button').first().click();
    const panel = page.locator('.vm-panel');
    expect(await panel.locator('h3').allTextContents()).toEqual([
      'State',
      'Protection',
      'Recovery point',
      'Churn, traffic and space',
      'What held it back',
      'Jobs',
      'Replication statistics',
      'Phases',
      'Resynchronization or full copy',
    ]);
    expect(
      await panel
        .getByRole('img', { name: /^Held back over the run by / })
        .locator('span')
        .count(),
    ).toBeGreaterThan(3);
    const jobs = panel.getByRole('region', { name: 'Jobs of __proto__' });
    const failed = jobs.locator('tbody tr').last();
    expect(await failed.locator('th').textContent()).toBe('Planned failover');
    expect(await failed.locator('.badge').textContent()).toBe('✕ failed');
    expect(await failed.locator('td').last().textContent()).toBe(`${HOSTILE_NAMES[0]} \uFFFD[31mred\uFFFD[0m\uFFFD`);
    const statistics = panel.getByRole('region', { name: 'Replication statistics of __proto__' });
    const names = await statistics.locator('tbody th').allTextContents();
    expect(names).toContain('AverageReplicationLatency');
    expect(names).toHaveLength(24);
    expect(await panel.textContent()).toContain('Renew the certificate or the trust between the servers');
    expect(await page.locator('main img, main script, main b').count()).toBe(0);
    expect(await page.evaluate(() => (window as unknown as { __alerted?: number }).__alerted)).toBeUndefined();
    await page.locator('#vm-table tbody th button').first().click();
    await page.fill('#vm-search', '');
  });

  test('search, order, pages and only those with a problem', async () => {
    const { page } = opened;
    const names = () => page.locator('#vm-table tbody th button').allTextContents();
    await page.fill('#vm-search', 'SQL-0');
    expect((await names()).every((name) => name.startsWith('sql-0'))).toBe(true);
    expect(await page.textContent('#vm-count')).toMatch(/^\d VMs found, 60 in all$/);
    await page.click('#vm-table thead th[data-column="name"] button');
    const found = await names();
    expect(found).toEqual([...found].sort());
    expect(await page.getAttribute('#vm-table th[data-column="name"]', 'aria-sort')).toBe('ascending');
    await page.click('#vm-table thead th[data-column="name"] button');
    expect(await names()).toEqual([...found].reverse());
    expect(page.url()).toContain('#vms?q=SQL-0&sort=name.desc');
    await page.fill('#vm-search', 'no such machine');
    expect(await page.textContent('#vm-table tbody')).toBe('No VM matches.');
    await page.fill('#vm-search', '');
    await page.check('#vm-only');
    expect(await page.textContent('#vm-count')).toBe('10 VMs found, 60 in all');
    await page.uncheck('#vm-only');
    await page.click('#vm-pages button:has-text("Next")');
    expect(await page.textContent('#vm-count')).toBe('51–60 of 60 VMs');
    expect((await names()).length).toBe(10);
  });

  test('by keyboard alone: a VM opens and closes', async () => {
    const { page } = opened;
    await page.locator('#vm-table tbody th button').first().focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('.vm-panel').count()).toBe(1);
    await page.keyboard.press('Space');
    expect(await page.locator('.vm-panel').count()).toBe(0);
  });

  test.each(CHARTS.map((chart) => chart.id))(
    '%s: CSV, SVG and specification come down, the table shows',
    async (id) => {
      const { page } = opened;
      const figure = page.locator(`#chart-${id}`);
      // The browser drops a download where twenty others came in the last seconds: nobody clicks so fast.
      const file = async (button: string, triesLeft = 3): Promise<string> => {
        const [download] = await Promise.all([
          page.waitForEvent('download', { timeout: 6000 }).catch(() => undefined),
          figure.getByRole('button', { name: button }).click(),
        ]);
        if (download !== undefined) return readFileSync(await download.path(), 'utf8');
        expect(triesLeft).toBeGreaterThan(0);
        return await file(button, triesLeft - 1);
      };
      const chart = CHARTS.find((candidate) => candidate.id === id)!;
      const rows = chart.rows(samplePlan());
      const csv = await file('CSV');
      expect(csv.startsWith('\uFEFF')).toBe(true);
      expect(csv.split('\r\n').length).toBe(rows.length + 2);
      expect(csv).not.toMatch(/(^|\n|,)"?=HYPERLINK/);
      expect(await file('SVG')).toMatch(/^<svg [\s\S]*<\/svg>$/);
      const spec = JSON.parse(await file('Spec'));
      expect(Object.keys(spec.datasets)).toEqual(Object.keys(chart.sources(samplePlan())));
      await figure.getByRole('button', { name: 'Table' }).click();
      expect(await figure.locator('tbody tr').count()).toBe(Math.min(100, rows.length));
      await figure.getByRole('button', { name: 'Table' }).click();
      expect(await figure.locator('.chart-table').isVisible()).toBe(false);
    },
  );

  test('axe finds nothing serious, with the panels of two VMs and a volume, and all that is folded, open', async () => {
    await opened.page.fill('#vm-search', 'sql-0');
    for (const name of [/^sql-08$/, /^sql-05$/]) {
      await opened.page.locator('#vm-table tbody th button', { hasText: name }).click();
    }
    await opened.page.locator('#volume-table tbody th button').first().click();
    await opened.page.evaluate(() => {
      for (const part of document.querySelectorAll('details')) part.open = true;
    });
    await opened.page.evaluate(AXE);
    const found = await opened.page.evaluate(async () => {
      const { axe } = window as unknown as { axe: typeof import('axe-core') };
      const { violations } = await axe.run();
      return violations.map(({ id, impact, nodes }) => `${impact}: ${id}: ${nodes[0]?.html.slice(0, 160)}`);
    });
    expect(found.filter((line) => /^(serious|critical)/.test(line))).toEqual([]);
  });

  test('after all this the console is empty and nothing was asked for', () => {
    expect(opened.complaints).toEqual([]);
  });
});

test('VMs of one host, volume or recovery plan; a volume opens, and leads to its VMs', async () => {
  const { page, close } = await open({}, {}, '#vms?of=plan:Bank');
  const names = () => page.locator('#vm-table tbody th button').allTextContents();
  const ofPlan = samplePlan().vms.filter(({ recoveryPlans }) => recoveryPlans.includes('Bank'));
  expect((await names()).toSorted()).toEqual(ofPlan.map(({ name }) => shownName(name)).toSorted());
  expect(await page.inputValue('#vm-group')).toBe('plan:Bank');
  await page.selectOption('#vm-group', 'host:HV02.contoso.local');
  const onHost = samplePlan().vms.filter(({ host }) => host === 'HV02.contoso.local');
  expect(await page.textContent('#vm-count')).toBe(`${onHost.length} VMs found, 60 in all`);
  expect(new URLSearchParams(new URL(page.url()).hash.slice(5)).get('of')).toBe('host:HV02.contoso.local');

  const hostile = page.locator('#volume-table tbody th button', { hasText: '<script>' });
  await hostile.click();
  expect(await hostile.getAttribute('aria-expanded')).toBe('true');
  const panel = page.locator('#volume-table .vm-panel');
  expect(await panel.locator('svg.volume-area path').count()).toBe(2);
  expect(await panel.locator('.derived h4').first().textContent()).toContain('<script>alert(1)</script>');
  await panel.getByRole('button', { name: 'Show them in the table of VMs' }).click();
  const onVolume = samplePlan().vms.filter(({ volumes }) => volumes.some((name) => name.includes('<script>')));
  expect(await page.textContent('#vm-count')).toBe(`${onVolume.length} VMs found, 60 in all`);
  await hostile.click();
  expect(await panel.count()).toBe(0);
  await page.goto(`${page.url().replace(/#.*$/, '')}#vms?of=host:nowhere`);
  await page.reload();
  await page.waitForSelector('#vm-group');
  expect(await page.textContent('#vm-count')).toMatch(/of 60 VMs$/);
  await close();
});

describe('looks', () => {
  test.each([
    ['dark', {}, { colorScheme: 'dark' as const }],
    ['390 pixels wide', {}, { viewport: { width: 390, height: 844 } }],
    ['one VM', { vmCount: 1, volumeCount: 0, outages: false, resync: false, met: true }, {}],
    ['nobody protected', { unprotected: true, volumeCount: 0, resync: false }, {}],
    ['1,000 VMs', { vmCount: 1000, volumeCount: 60 }, {}],
    ['many phases', { busyTimelines: true }, {}],
    ['nothing known of the site', { bareSite: true }, {}],
    ['two sites, nothing happens', { scenario: 'vmm-to-vmm' as const, quiet: true, outages: false }, {}],
  ])('%s: charts draw, the page does not scroll sideways, no complaint', async (_, sample, context) => {
    const { page, complaints, close } = await open(sample, context);
    const plan = samplePlan(sample);
    const marks = await drawnMarks(page);
    expect(Object.keys(marks)).toEqual(CHARTS.filter((chart) => chart.drawable(plan)).map((chart) => chart.id));
    for (const [id, count] of Object.entries(marks)) expect(count, id).toBeGreaterThan(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      page.viewportSize()!.width,
    );
    // An open panel keeps to what is seen of its table.
    await page.locator('#vm-table tbody th button').first().click();
    const seen = await page.evaluate(() => document.querySelector('#vms > .scroll')!.clientWidth);
    expect(await page.locator('.vm-inside').evaluate((inside) => inside.getBoundingClientRect().width)).toBeLessThan(
      seen,
    );
    const wide = await page.evaluate(
      () =>
        [...document.querySelectorAll('.plot')].filter(
          (plot) => Number(plot.querySelector('svg')?.getAttribute('width')) > plot.clientWidth,
        ).length,
    );
    expect(wide).toBe(0);
    expect(complaints).toEqual([]);
    await close();
  });

  test('the dark page has no serious flaw either', async () => {
    const { page, close } = await open({}, { colorScheme: 'dark' }, '#vms?q=sql-08');
    await page.locator('#vm-table tbody th button').first().click();
    await page.evaluate(AXE);
    const found = await page.evaluate(async () => {
      const { axe } = window as unknown as { axe: typeof import('axe-core') };
      const { violations } = await axe.run();
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)}`);
    });
    expect(found).toEqual([]);
    await close();
  });

  test('theme and width may change while it is open', async () => {
    const { page, complaints, close } = await open();
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 390, height: 844 });
    await expect
      .poll(
        () => page.evaluate(() => document.querySelector('#chart-rpo-survival svg')!.getBoundingClientRect().width),
        {
          timeout: 10_000,
        },
      )
      .toBeLessThan(390);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    expect(complaints).toEqual([]);
    await close();
  });

  test('on paper: light, the tools gone, charts as wide as the page, then as before', async () => {
    const { page, complaints, close } = await open({}, { colorScheme: 'dark' });
    const pdf = await page.pdf({ preferCSSPageSize: true });
    expect(pdf.length).toBeGreaterThan(50_000);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.tools').first().isVisible()).toBe(false);
    expect(await page.locator('nav.sections').isVisible()).toBe(false);
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    const ink = () =>
      page.evaluate(() =>
        document
          .querySelector('#chart-rpo-survival .mark-text text[font-weight="600"], #chart-rpo-survival .mark-text text')!
          .getAttribute('fill'),
      );
    const paper = await ink();
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    expect(await ink()).not.toBe(paper);
    expect(complaints).toEqual([]);
    await close();
  });

  test('an address with a search opens with it', async () => {
    const { page, close } = await open({}, {}, '#vms?q=web&sort=churn.asc');
    expect(await page.inputValue('#vm-search')).toBe('web');
    expect(await page.getAttribute('#vm-table th[data-column="churn"]', 'aria-sort')).toBe('ascending');
    expect(
      (await page.locator('#vm-table tbody th button').allTextContents()).every((name) => name.startsWith('web')),
    ).toBe(true);
    await close();
  });
});

test('the policy holds: evaluated strings, foreign scripts and requests are blocked', async () => {
  // The page's own script tries, as an intruder in it would: what is evaluated from outside goes around the policy.
  const attempt = `window.__tried = {};
try { window.__tried.eval = eval('1+1'); } catch (error) { window.__tried.eval = error.name; }
try { window.__tried.fn = new Function('return 2')(); } catch (error) { window.__tried.fn = error.name; }
fetch('data:text/plain,x').then(() => { window.__tried.fetch = 'sent'; }, () => { window.__tried.fetch = 'blocked'; });
const inline = document.createElement('script'); inline.textContent = 'window.__tried.inline = 1'; document.body.append(inline);`;
  const { createHash } = await import('node:crypto');
  const page = renderHtml(samplePlan({ vmCount: 2 }));
  const hash = createHash('sha256').update(attempt).digest('base64');
  const html = page
    .replace('script-src &#39;', () => `script-src &#39;sha256-${hash}&#39; &#39;`)
    .replace(/<\/body>\s*<\/html>\s*$/, () => `<script>${attempt}</script></body></html>`);
  const opened = await open({}, {}, '', html);
  await expect
    .poll(() => opened.page.evaluate(() => (window as unknown as { __tried: { fetch?: string } }).__tried.fetch), {
      timeout: 10_000,
    })
    .toBe('blocked');
  const tried = await opened.page.evaluate(() => (window as unknown as { __tried: object }).__tried);
  expect(tried).toEqual({ eval: 'EvalError', fn: 'EvalError', fetch: 'blocked' });
  await opened.close();
});
