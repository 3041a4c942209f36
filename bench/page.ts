/**
 * `npm run bench:page`: how large the report is, how fast it opens, and how fast it answers a what-if, in the browser that the tests use. Each line is
 * the median of several loads of the file in a fresh context, with the fastest and the slowest beside it, and the goal where there is one. The figures
 * are kept in bench/README.md. It takes some five minutes, most of it for the plan of the large fleet.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { BROWSER_FLAGS, findBrowser } from '../scripts/browser.ts';
import { makePlan, type PlanRequest } from '../src/plan/make-plan.ts';
import { renderHtml } from '../src/report/html.ts';
import { benchRun } from './fleet.ts';

/** `node bench/page.ts 60` opens only the report of 60 VMs. */
const OPENED = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [60, 1000, 5000];
const CHANGED = [60, 200];
const LOADS = 5;
/** Steps of the link's slider, down to four fifths of the planned link, as a reader's who looks for an answer; the first warms the worker's code up. */
const STEPS = [-1, -1, -1, 1, 1, -1, -1];
const PAGES = 3;
const PATIENCE_MS = 120_000;

/** Most bytes of a report, by its VMs. */
const MOST_BYTES: Readonly<Record<number, number>> = { 60: 1.5e6, 5000: 6e6 };
const PAINT_MS = 1000;
const TASK_MS = 200;
const WHAT_IF_MS = 300;

interface Load {
  readonly paintMs: number;
  readonly drawnMs: number;
  /** 0 where no task took 50 ms, which is what browsers call long. */
  readonly longestTaskMs: number;
}

interface Move {
  /** What the worker says that its simulation and all that follows of it took. */
  readonly workerMs: number;
  /** From the slider's event to the new plan's words in the page. */
  readonly shownMs: number;
  /** And to the last of its charts. */
  readonly drawnMs: number;
}

/** Put into each page before its own script: what browsers tell of themselves, and when the page says that its charts are drawn. */
interface Probe {
  readonly tasks: { readonly startMs: number; readonly lastedMs: number }[];
  drawnMs: number;
  shownMs: number;
  workerMs: number;
}
declare global {
  var probe: Probe;
}

const folder = mkdtempSync(join(tmpdir(), 'asr-plan-bench-page-'));
const browser = await chromium.launch({ executablePath: await findBrowser(), args: [...BROWSER_FLAGS] });
try {
  const load = loadavg()[0]!.toFixed(1);
  process.stdout.write(
    `Node ${process.versions.node}, Chromium ${browser.version()}, ${cpus().length} × ${cpus()[0]?.model}, load ${load}\n\n`,
  );
  process.stdout.write('| what | median | fastest–slowest | goal |\n|---|---|---|---|\n');
  for (const vmCount of OPENED) await opened(browser, vmCount);
  for (const vmCount of CHANGED) await changed(browser, vmCount);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Writes the report of a fleet over seven days. @returns its path and size */
function reportOf(vmCount: number): { readonly file: string; readonly bytes: number } {
  const request: PlanRequest = {
    ...{ run: benchRun(vmCount), bandwidthGiven: true, givenOptions: new Set(), assumptions: [], problems: [] },
    version: 'bench',
  };
  const html = Buffer.from(renderHtml(makePlan(request), request));
  const file = join(folder, `report-${vmCount}.html`);
  writeFileSync(file, html);
  return { file, bytes: html.length };
}

async function opened(inBrowser: Browser, vmCount: number): Promise<void> {
  const { file, bytes } = reportOf(vmCount);
  const most = MOST_BYTES[vmCount];
  const name = `${vmCount.toLocaleString('en')} VMs, 7 d`;
  const size = `${(bytes / 1e6).toFixed(2)} MB`;
  process.stdout.write(
    `| ${name}: the file | ${size} | | ${most === undefined ? '' : goal(`≤ ${most / 1e6} MB`, bytes <= most)} |\n`,
  );
  const loads: Load[] = [];
  for (let at = 0; at < LOADS; at++) loads.push(await once(inBrowser, file, (page) => page.evaluate(loadFound)));
  line(
    `${name}: first contentful paint`,
    loads.map(({ paintMs }) => paintMs),
    PAINT_MS,
  );
  line(
    `${name}: longest task`,
    loads.map(({ longestTaskMs }) => longestTaskMs),
    vmCount >= 5000 ? TASK_MS : undefined,
  );
  line(
    `${name}: all charts drawn`,
    loads.map(({ drawnMs }) => drawnMs),
    undefined,
  );
}

async function changed(inBrowser: Browser, vmCount: number): Promise<void> {
  const { file } = reportOf(vmCount);
  const moves: Move[] = [];
  for (let at = 0; at < PAGES; at++) moves.push(...(await once(inBrowser, file, movesIn)));
  const name = `what-if, ${vmCount} VMs, 7 d`;
  line(
    `${name}: the simulation in the worker`,
    moves.map(({ workerMs }) => workerMs),
    undefined,
  );
  line(
    `${name}: the new plan is shown`,
    moves.map(({ shownMs }) => shownMs),
    vmCount === 200 ? WHAT_IF_MS : undefined,
  );
  line(
    `${name}: and all its charts`,
    moves.map(({ drawnMs }) => drawnMs),
    undefined,
  );
}

/** Opens a report in a context of its own, waits for its charts, and measures. */
async function once<Measured>(
  inBrowser: Browser,
  file: string,
  measure: (page: Page) => Promise<Measured>,
): Promise<Measured> {
  const context = await inBrowser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  page.on('pageerror', (error) => {
    throw error;
  });
  await page.addInitScript(putProbe);
  await page.goto(pathToFileURL(file).href);
  await page.waitForFunction(() => globalThis.probe.drawnMs > 0, undefined, { timeout: PATIENCE_MS });
  const measured = await measure(page);
  await context.close();
  return measured;
}

function putProbe(): void {
  globalThis.probe = { tasks: [], drawnMs: 0, shownMs: 0, workerMs: 0 };
  const listen = Worker.prototype.addEventListener;
  Worker.prototype.addEventListener = function (this: Worker, type: string, ...rest: unknown[]): void {
    if (type === 'message') {
      listen.call(this, type, (event: Event) => {
        const { data } = event as MessageEvent<{ readonly tookMs?: number }>;
        globalThis.probe.workerMs = data.tookMs ?? globalThis.probe.workerMs;
      });
    }
    Reflect.apply(listen, this, [type, ...rest]);
  };
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      globalThis.probe.tasks.push({ startMs: startTime, lastedMs: duration });
    }
  }).observe({ type: 'longtask', buffered: true });
  const watch = new MutationObserver((changes) => {
    const { charts, shown } = document.documentElement.dataset;
    const has = (name: string): boolean => changes.some(({ attributeName }) => attributeName === name);
    if (has('data-charts') && charts === 'drawn') globalThis.probe.drawnMs ||= performance.now();
    if (has('data-shown') && shown === 'preview') globalThis.probe.shownMs ||= performance.now();
  });
  watch.observe(document, { subtree: true, attributeFilter: ['data-charts', 'data-shown'], attributes: true });
}

/** In the page. What was long before the last chart was drawn is told to observers a little later. */
async function loadFound(): Promise<Load> {
  await new Promise((resolve) => setTimeout(resolve, 200));
  const { tasks, drawnMs } = globalThis.probe;
  const paintMs = performance.getEntriesByName('first-contentful-paint')[0]?.startTime;
  if (paintMs === undefined) throw new Error('nothing was painted');
  return { paintMs, drawnMs, longestTaskMs: Math.max(0, ...tasks.map(({ lastedMs }) => lastedMs)) };
}

/** Moves the link's slider a step at a time, and waits each time for what comes of it. The first move is not counted. */
async function movesIn(page: Page): Promise<Move[]> {
  await page.click('.what-if > summary');
  await page.waitForFunction(
    () => /found what/.test(document.querySelector('.what-if-status')?.textContent ?? ''),
    undefined,
    {
      timeout: PATIENCE_MS,
    },
  );
  const moves: Move[] = [];
  for (const step of STEPS) moves.push(await page.evaluate(moveLink, step));
  return moves.slice(1);
}

/** In the page, so that no message between two processes is counted. */
async function moveLink(step: number): Promise<Move> {
  const slider = document.querySelector<HTMLInputElement>('.what-if-form input[type=range]')!;
  delete document.documentElement.dataset.shown;
  Object.assign(globalThis.probe, { drawnMs: 0, shownMs: 0 });
  const startMs = performance.now();
  slider.valueAsNumber += step;
  slider.dispatchEvent(new Event('input', { bubbles: true }));
  for (;;) {
    const { shownMs, drawnMs } = globalThis.probe;
    if (shownMs > 0 && drawnMs > 0) {
      return { workerMs: globalThis.probe.workerMs, shownMs: shownMs - startMs, drawnMs: drawnMs - startMs };
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function line(what: string, unsorted: readonly number[], mostMs: number | undefined): void {
  const sorted = [...unsorted].sort((left, right) => left - right);
  const [fastest, median, slowest] = [sorted[0]!, sorted[sorted.length >> 1]!, sorted.at(-1)!].map(Math.round) as [
    number,
    number,
    number,
  ];
  const wanted = mostMs === undefined ? '' : goal(`≤ ${mostMs} ms`, median <= mostMs);
  process.stdout.write(`| ${what} | ${median} ms | ${fastest}–${slowest} | ${wanted} |\n`);
}

function goal(words: string, isMet: boolean): string {
  return `${words}: ${isMet ? 'met' : '**missed**'}`;
}
