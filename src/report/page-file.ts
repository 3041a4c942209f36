import type { Plan } from '../plan/plan.ts';
import type { Study } from '../study/study.ts';
import { html, Markup } from './html-template.ts';
import { pageParts, titleOf } from './page.ts';
import { studyParts } from './study/html-study.ts';

/** What every page carries. Style and script stand under their hashes in the policy, and end none of their elements. */
export interface PageShell {
  /** The Content-Security-Policy. */
  readonly policy: string;
  readonly style: string;
  /** What unpacks and starts the page's own script. */
  readonly starter: string;
  readonly version: string;
  /** Packed: the page's own script, the charts' compiled specifications, and the script of the worker that simulates. */
  readonly script: string;
  readonly charts: string;
  readonly worker: string;
}

/** The run of a report, packed; or how many characters it would have, where it was left out; `undefined` where there is none. */
export type PageRun = string | { readonly leftOutCharacters: number } | undefined;

/**
 * A report as one HTML file that needs nothing else. The words and tables stand in it as they are; the script draws the charts, and
 * with the run it answers what-ifs. The command line writes it, and so does the planner's page.
 */
export function reportFile(shell: PageShell, plan: Plan, packedPlan: string, run: PageRun): string {
  const { header, navigation, sections, footer } = pageParts(plan);
  const body = html`<header class="page-header"><div class="wide" id="header">${header}</div></header>
<nav class="sections" aria-label="Sections"><div class="wide"><ul id="navigation">${navigation}</ul></div></nav>
<div id="what-if" class="wide"></div>
<main id="main" class="wide">
<noscript><p class="empty">The charts, the search, the single VMs’ pages and the what-ifs need scripts; everything else is here.</p></noscript>
${sections}
</main>
<footer class="wide" id="footer">${footer}</footer>
${block('plan', packedPlan)}
${block('charts', shell.charts)}
${runBlocks(run, shell.worker)}`;
  return file(shell, titleOf(plan), body);
}

/** A study as one HTML file, in the same clothes; it has nothing to simulate. */
export function studyFile(shell: PageShell, study: Study, packedStudy: string): string {
  const { title, header, navigation, sections, footer } = studyParts(study);
  const body = html`<header class="page-header"><div class="wide" id="header">${header}</div></header>
<nav class="sections" aria-label="Sections"><div class="wide"><ul id="navigation">${navigation}</ul></div></nav>
<main id="main" class="wide">
<noscript><p class="empty">The charts need scripts; everything else is here.</p></noscript>
${sections}
</main>
<footer class="wide" id="footer">${footer}</footer>
${block('study', packedStudy)}
${block('charts', shell.charts)}`;
  return file(shell, title, body);
}

/** The same page without a plan: whoever opens it gives it files, and it makes the plan. */
export function plannerFile(shell: PageShell): string {
  const body = html`<header class="page-header"><div class="wide" id="header"><p class="product">asr-plan</p>
<h1>Replication capacity planner</h1>
<p>Bandwidth, RPO, initial replication and disk space for Hyper-V machines that Azure Site Recovery is to protect. Everything is computed in this page: nothing is sent anywhere.</p></div></header>
<div id="planner" class="wide"><noscript><p class="empty">The planner needs scripts.</p></noscript></div>
<nav class="sections" aria-label="Sections" hidden><div class="wide"><ul id="navigation"></ul></div></nav>
<div id="what-if" class="wide"></div>
<main id="main" class="wide"></main>
<footer class="wide" id="footer"><p>asr-plan ${shell.version}</p></footer>
${block('charts', shell.charts)}
${block('worker', shell.worker)}`;
  return file(shell, 'Replication capacity planner', body);
}

function file(shell: PageShell, title: string, body: Markup): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${shell.policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="asr-plan ${shell.version}">
<title>${title}</title>
<style>${new Markup(shell.style)}${endOf('style')}
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
${body}
${block('script', shell.script)}
<script>${new Markup(shell.starter)}${endOf('script')}
</body>
</html>
`.text;
}

function runBlocks(run: PageRun, worker: string): Markup | null {
  if (run === undefined) return null;
  if (typeof run !== 'string') {
    return html`<script type="text/plain" id="run" data-left-out="${run.leftOutCharacters}">${endOf('script')}`;
  }
  return html`${block('run', run)}
${block('worker', worker)}`;
}

/** Base64 of deflated text: nothing in it can end the element. */
function block(id: string, packed: string): Markup {
  if (!/^[\w+/=]*$/.test(packed)) throw new Error(`the block ${id} is not packed`);
  return html`<script type="text/plain" id="${id}">${new Markup(packed)}${endOf('script')}`;
}

/** Put together, since this file stands in the page's own script, which must not end its element. */
function endOf(tag: 'script' | 'style'): Markup {
  return new Markup(['<', `${tag}>`].join('/'));
}
