import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

export interface Opened {
  readonly page: Page;
  /** Messages of the console, uncaught errors and requests beyond the file itself. */
  readonly complaints: string[];
  readonly close: () => Promise<void>;
}

/** Opens a report from its file and waits until every chart is drawn. */
export async function openReport(
  browser: Browser,
  file: string,
  context: BrowserContextOptions = {},
  hash = '',
): Promise<Opened> {
  const own = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...context });
  const page = await own.newPage();
  const complaints: string[] = [];
  const address = pathToFileURL(file).href;
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  page.on('request', (request) => {
    if (request.url() !== address && !request.url().startsWith('blob:')) complaints.push(`request: ${request.url()}`);
  });
  await page.goto(address + hash);
  await page.waitForSelector('html[data-charts="drawn"]', { timeout: 30_000 });
  return { page, complaints, close: () => own.close() };
}

/** Marks with an extent in each chart, by its id. */
export function drawnMarks(page: Page): Promise<Record<string, number>> {
  return page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll<HTMLElement>('figure[data-chart]')].map((figure) => [
        figure.dataset.chart,
        [
          ...figure.querySelectorAll<SVGGraphicsElement>(
            '.plot svg g[role="graphics-object"] path, .plot svg [class^="mark-"]:not(.role-frame) path',
          ),
        ].filter((mark) => {
          const { width, height } = mark.getBoundingClientRect();
          return width > 0 || height > 0;
        }).length,
      ]),
    ),
  );
}
