/**
 * Builds what the HTML report carries: each chart's Vega-Lite specification compiled to Vega, the page's script and its style.
 * Vega-Lite and the bundler work here, once; `asr-plan` itself reads a few files.
 */
import { randomUUID } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { Chart, ChartSpec } from '../src/report/charts/chart.ts';
import { CHARTS } from '../src/report/charts/registry.ts';
import { STUDY_CHARTS } from '../src/report/study/charts/registry.ts';

/** A chart's specifications in Vega's own language; `narrow` where the chart has another for a narrow page. */
export interface CompiledChart {
  readonly wide: object;
  readonly narrow?: object;
}

const ASSETS_FOLDER = new URL('../dist/report/assets/', import.meta.url);
const BROWSER_FOLDER = new URL('../src/report/browser/', import.meta.url);

/** The text of the charts as images; its licence goes with it. */
const FONTS = { from: 'dejavu-fonts-ttf', files: ['ttf/DejaVuSans.ttf', 'ttf/DejaVuSans-Bold.ttf'] } as const;

/** Writes `charts.json`, `still-charts.json`, `report.js`, the two workers, `report.css`, what draws charts without a page, and its fonts into a folder, each whole or not at all. */
export async function buildReport(folder: URL = ASSETS_FOLDER): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const compiled = (charts: readonly Compilable[]): string =>
    JSON.stringify(Object.fromEntries(charts.map((chart) => [chart.id, compileChart(chart)])));
  writeWhole(new URL('charts.json', folder), compiled([...CHARTS, ...STUDY_CHARTS]));
  writeWhole(new URL('still-charts.json', folder), compiled(CHARTS.map(asImage)));
  writeWhole(new URL('starter.js', folder), await bundle('starter.ts'));
  writeWhole(new URL('report.js', folder), await bundle('main.ts'));
  writeWhole(new URL('worker.js', folder), await bundle('worker.ts'));
  writeWhole(new URL('planner-worker.js', folder), await bundle('planner-worker.ts'));
  writeWhole(new URL('report.css', folder), await bundle('report.css'));
  writeWhole(new URL('still-plot.js', folder), await bundle('still-plot.ts', 'esm'));
  copyFonts(folder);
}

/** What of a chart is compiled, whatever it is about. */
interface Compilable {
  readonly id: string;
  readonly spec: ChartSpec;
  readonly narrowSpec?: ChartSpec;
}

/** Throws where Vega-Lite has anything to say against a specification. */
export function compileChart(chart: Compilable): CompiledChart {
  const wide = toVega(chart.id, chart.spec);
  return chart.narrowSpec === undefined ? { wide } : { wide, narrow: toVega(chart.id, chart.narrowSpec) };
}

function toVega(id: string, spec: ChartSpec): object {
  const complaints: string[] = [];
  const complain = (...args: readonly unknown[]): typeof logger => {
    complaints.push(args.join(' '));
    return logger;
  };
  const silent = (): typeof logger => logger;
  const logger = { level: silent, error: complain, warn: complain, info: silent, debug: silent } as never;
  // Backgrounds and fonts are the page's business: they change with its theme. The chart's place has its words; a description of every mark would be
  // read by nobody, and takes longer to make than the mark.
  const source = structuredClone({ ...spec, background: null, config: { aria: false } }) as unknown as TopLevelSpec;
  const compiled = compile(source, { logger }).spec;
  if (complaints.length > 0) throw new Error(`chart ${id}: ${complaints.join('; ')}`);
  return compiled;
}

/** A chart as it is drawn into an image: there is one width, and no pointer. */
function asImage({ narrowSpec: _, ...chart }: Chart): Chart {
  return { ...chart, spec: chart.stillSpec ?? chart.spec };
}

function copyFonts(folder: URL): void {
  const source = new URL('.', pathToFileURL(createRequire(import.meta.url).resolve(`${FONTS.from}/package.json`)));
  for (const file of FONTS.files) copyWhole(new URL(file, source), new URL(basename(file), folder));
  copyWhole(new URL('LICENSE', source), new URL('DejaVuSans.LICENSE.txt', folder));
}

async function bundle(entry: string, format: 'iife' | 'esm' = 'iife'): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [new URL(entry, BROWSER_FOLDER).pathname],
    bundle: true,
    minify: true,
    format,
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    // Node alone has it: a page says that it cannot read Parquet.
    external: ['@duckdb/node-api'],
    write: false,
    logLevel: 'warning',
  });
  return outputFiles[0]!.text;
}

function copyWhole(from: URL, file: URL): void {
  const beside = new URL(`${file.href}.${randomUUID()}.tmp`);
  copyFileSync(from, beside);
  renameSync(beside, file);
}

function writeWhole(file: URL, text: string): void {
  const beside = new URL(`${file.href}.${randomUUID()}.tmp`);
  writeFileSync(beside, text);
  renameSync(beside, file);
  if (readFileSync(file, 'utf8').length !== text.length) throw new Error(`${file.href} was not written whole`);
}

if (import.meta.filename === process.argv[1]) await buildReport();
