import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import type { PlanRequest } from '../plan/make-plan.ts';
import type { Plan } from '../plan/plan.ts';
import type { Study } from '../study/study.ts';
import { packedRequestText } from './packed-request.ts';
import { type PageRun, type PageShell, plannerFile, reportFile, studyFile } from './page-file.ts';

/** A report whose run is larger than this, packed, goes without: it could be read, but not sent. [chosen] */
export const PACKED_RUN_MOST_CHARACTERS = 3_500_000;

/**
 * The plan as one HTML file that needs nothing else: no network, no evaluated strings. With the request that the plan was made of, the
 * simulator is inside, and the page answers what-ifs. Throws where the report was not built.
 */
export function renderHtml(plan: Plan, request?: PlanRequest): string {
  const run = request === undefined ? undefined : runOf(packed(packedRequestText(request)));
  return reportFile(shellOf(plan.version), plan, packed(JSON.stringify(plan)), run);
}

/** The study as one HTML file that needs nothing else. Throws where the report was not built. */
export function renderStudyHtml(study: Study): string {
  return studyFile(shellOf(study.version), study, packed(JSON.stringify(study)));
}

/** The planner as a page: it makes plans of the files that it is given. Throws where the report was not built. */
export function renderPlanner(version: string): string {
  return plannerFile({ ...shellOf(version), worker: packed(readAsset('planner-worker.js')) });
}

function runOf(run: string): PageRun {
  return run.length > PACKED_RUN_MOST_CHARACTERS ? { leftOutCharacters: run.length } : run;
}

/** Base64 of the deflated text: a tenth of its size. */
function packed(text: string): string {
  return deflateRawSync(text, { level: 9 }).toString('base64');
}

function hashOf(content: string): string {
  return `sha256-${createHash('sha256').update(content, 'utf8').digest('base64')}`;
}

let assets: Omit<PageShell, 'version'> | undefined;

/** What the build has put into the assets' folder (scripts/build-report.ts). */
function shellOf(version: string): PageShell {
  assets ??= readAssets();
  return { ...assets, version };
}

function readAssets(): Omit<PageShell, 'version'> {
  const [starter, script, style] = [readAsset('starter.js'), readAsset('report.js'), readAsset('report.css')];
  if (/<\/(script|style)|<!--/i.test(starter + style)) {
    throw new Error('the report’s starter or style would end its own element; build it again');
  }
  const policy = `default-src 'none'; script-src '${hashOf(starter)}' '${hashOf(script)}'; worker-src blob:; style-src '${hashOf(style)}'; style-src-attr 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'`;
  return {
    ...{ policy, style, starter, script: packed(script) },
    ...{ charts: packed(readAsset('charts.json')), worker: packed(readAsset('worker.js')) },
  };
}

function readAsset(name: string): string {
  // Compiled, this file stands beside the assets; run as TypeScript, it stands in src.
  const folder = new URL(import.meta.url.endsWith('.ts') ? '../../dist/report/assets/' : './assets/', import.meta.url);
  return readFileSync(new URL(name, folder), 'utf8');
}
