import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Plan } from '../plan/plan.ts';
import { calibrationSection } from './html-calibration.ts';
import { costSection } from './html-cost.ts';
import { eventSection } from './html-events.ts';
import { exclusionPart } from './html-exclusions.ts';
import { methodSection } from './html-method.ts';
import { recoverySection } from './html-recovery.ts';
import { chartSection, headerOf, summaryOf, vmSection } from './html-sections.ts';
import { siteSection } from './html-site.ts';
import { html, Markup } from './html-template.ts';

/** What the build has put into the assets' folder (scripts/build-report.ts). */
interface Assets {
  readonly script: string;
  readonly style: string;
  /** JSON: the compiled specification of each chart, by its id. */
  readonly charts: string;
}

/**
 * The plan as one HTML file that needs nothing else: no network, no evaluated strings. The tables and the words stand in it as
 * they are; the script draws the charts and makes the tables searchable. Throws where the report was not built.
 */
export function renderHtml(plan: Plan): string {
  const { script, style, charts } = readAssets();
  const policy = `default-src 'none'; script-src '${hashOf(script)}'; style-src '${hashOf(style)}'; style-src-attr 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="asr-plan ${plan.version}">
<title>Replication capacity plan: ${String(plan.fleet.vmCount)} VMs, ${plan.verdict.met ? 'objectives met' : 'objectives broken'}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
${headerOf(plan)}
<main id="main" class="wide">
<noscript><p class="empty">The charts, the search and the single VMs’ pages need scripts; everything else is here.</p></noscript>
${summaryOf(plan)}
${chartSection(plan, 'rpo')}
${chartSection(plan, 'bandwidth')}
${chartSection(plan, 'initial-replication')}
${chartSection(plan, 'storage')}
${chartSection(plan, 'churn', exclusionPart(plan))}
${recoverySection(plan)}
${eventSection(plan)}
${siteSection(plan)}
${costSection(plan)}
${plan.calibration !== null && calibrationSection(plan.calibration, plan.clock)}
${vmSection(plan)}
${methodSection(plan)}
</main>
<footer class="wide"><p>asr-plan ${plan.version} · seed ${plan.seed} · ${plan.schema} · all times are local (${plan.clock.timeZone})</p></footer>
<script type="application/json" id="plan">${dataBlock(JSON.stringify(plan))}</script>
<script type="application/json" id="charts">${dataBlock(charts)}</script>
<script>${new Markup(script)}</script>
</body>
</html>
`;
  return page.text;
}

/** JSON that cannot end the script element around it, nor turn the text around in an editor; still the same JSON. */
function dataBlock(json: string): Markup {
  return new Markup(
    json.replace(
      /[<>&\u200E\u200F\u2028-\u202E\u2066-\u2069]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  );
}

function hashOf(content: string): string {
  return `sha256-${createHash('sha256').update(content, 'utf8').digest('base64')}`;
}

let assets: Assets | undefined;

function readAssets(): Assets {
  // Compiled, this file stands beside the assets; run as TypeScript, it stands in src.
  const folder = new URL(import.meta.url.endsWith('.ts') ? '../../dist/report/assets/' : './assets/', import.meta.url);
  const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
  assets ??= { script: read('report.js'), style: read('report.css'), charts: read('charts.json') };
  if (/<\/(script|style)|<!--/i.test(assets.script + assets.style)) {
    throw new Error('the report’s script or style would end its own element; build it again');
  }
  return assets;
}
