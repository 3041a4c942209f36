import { build } from 'esbuild';
import fc from 'fast-check';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BROWSER_FLAGS, findBrowser } from '../../scripts/browser.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { anySiteRun } from '../laws/any-site.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: await findBrowser(), args: [...BROWSER_FLAGS] });
}, 600_000);

afterAll(() => browser.close());

describe('a run in a browser', () => {
  it('gives the same bytes as in Node', async () => {
    const { outputFiles } = await build({
      stdin: {
        contents:
          "import { simulate } from './src/simulate/simulate.ts'; globalThis.resultOf = (run) => JSON.stringify(simulate(run));",
        resolveDir: process.cwd(),
        loader: 'ts',
      },
      bundle: true,
      format: 'iife',
      platform: 'browser',
      write: false,
    });
    const page = await browser.newPage();
    await page.addScriptTag({ content: outputFiles[0]!.text });
    const runs = fc.sample(anySiteRun, { numRuns: 40, seed: 407 });
    for (const run of runs) {
      // biome-ignore lint/suspicious/noExplicitAny: a function that the script has put into the page.
      const inBrowser = await page.evaluate((given) => (globalThis as any).resultOf(given) as string, run);
      expect(inBrowser).toBe(JSON.stringify(simulate(run)));
    }
  }, 120_000);
});
