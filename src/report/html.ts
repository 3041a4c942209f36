import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import type { PlanRequest } from '../plan/make-plan.ts';
import type { Plan } from '../plan/plan.ts';
import { html, Markup } from './html-template.ts';
import { packedRequestText } from './packed-request.ts';
import { pageParts, titleOf } from './page.ts';

/** What the build has put into the assets' folder (scripts/build-report.ts). */
interface Assets {
  readonly script: string;
  readonly style: string;
  /** JSON: the compiled specification of each chart, by its id. */
  readonly charts: string;
  /** The script that simulates, for a worker of the page. */
  readonly worker: string;
}

/** A report with a run that is larger than this, packed, goes without: it could be read, but not sent. [chosen] */
export const PACKED_RUN_MOST_CHARACTERS = 3_500_000;

/**
 * The plan as one HTML file that needs nothing else: no network, no evaluated strings. The tables and the words stand in it as
 * they are; the script draws the charts and makes the tables searchable. With the request that the plan was made of, the simulator is
 * inside, and the page answers what-ifs. Throws where the report was not built.
 */
export function renderHtml(plan: Plan, request?: PlanRequest): string {
  const { script, style, charts, worker } = readAssets();
  const policy = `default-src 'none'; script-src '${hashOf(script)}'; worker-src blob:; style-src '${hashOf(style)}'; style-src-attr 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'`;
  const { header, navigation, sections, footer } = pageParts(plan);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="asr-plan ${plan.version}">
<title>${titleOf(plan)}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="page-header"><div class="wide" id="header">${header}</div></header>
<nav class="sections" aria-label="Sections"><div class="wide"><ul id="navigation">${navigation}</ul></div></nav>
<div id="what-if" class="wide"></div>
<main id="main" class="wide">
<noscript><p class="empty">The charts, the search, the single VMs’ pages and the what-ifs need scripts; everything else is here.</p></noscript>
${sections}
</main>
<footer class="wide" id="footer">${footer}</footer>
${packedBlock('plan', JSON.stringify(plan))}
${packedBlock('charts', charts)}
${request !== undefined && runBlocks(request, worker)}
<script>${new Markup(script)}</script>
</body>
</html>
`;
  return page.text;
}

/** The run and the simulator, or the word that they were left out. */
function runBlocks(request: PlanRequest, worker: string): Markup {
  const run = packed(packedRequestText(request));
  if (run.length > PACKED_RUN_MOST_CHARACTERS) {
    return html`<script type="text/plain" id="run" data-left-out="${run.length}"></script>`;
  }
  return html`<script type="text/plain" id="run">${new Markup(run)}</script>
${packedBlock('worker', worker)}`;
}

/** Base64 of the deflated text: nothing in it can end the element, and it is a fraction of the text's size. */
function packedBlock(id: string, text: string): Markup {
  return html`<script type="text/plain" id="${id}">${new Markup(packed(text))}</script>`;
}

function packed(text: string): string {
  return deflateRawSync(text, { level: 9 }).toString('base64');
}

function hashOf(content: string): string {
  return `sha256-${createHash('sha256').update(content, 'utf8').digest('base64')}`;
}

let assets: Assets | undefined;

function readAssets(): Assets {
  // Compiled, this file stands beside the assets; run as TypeScript, it stands in src.
  const folder = new URL(import.meta.url.endsWith('.ts') ? '../../dist/report/assets/' : './assets/', import.meta.url);
  const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
  assets ??= {
    script: read('report.js'),
    style: read('report.css'),
    charts: read('charts.json'),
    worker: read('worker.js'),
  };
  if (/<\/(script|style)|<!--/i.test(assets.script + assets.style)) {
    throw new Error('the report’s script or style would end its own element; build it again');
  }
  return assets;
}
