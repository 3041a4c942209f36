import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildReport } from '../../scripts/build-report.ts';
import { renderHtml } from '../../src/report/html.ts';
import { escapeHtml, html } from '../../src/report/html-template.ts';
import { axisLabels, shownName } from '../../src/report/shown-name.ts';
import { sortedVms } from '../../src/report/vm-table.ts';
import { HOSTILE_NAMES } from './hostile-names.ts';
import { samplePlan } from './sample-plan.ts';

beforeAll(() => buildReport());

function contentsOf(page: string, pattern: RegExp): string[] {
  return [...page.matchAll(pattern)].map((match) => match[1]!);
}

/** What a pattern finds first; a failure must not print the whole page. */
function firstMatch(page: string | undefined, pattern: RegExp): string | null {
  return pattern.exec(page ?? '')?.[0] ?? null;
}

describe('the page', () => {
  const plan = samplePlan();
  let page = '';
  beforeAll(() => {
    page = renderHtml(plan);
  });

  test('its policy names exactly the hashes of its script and style, and forbids the rest', () => {
    const policy = /Content-Security-Policy" content="([^"]+)"/.exec(page)![1]!.replaceAll('&#39;', "'");
    const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const [script, ...others] = contentsOf(page, /<script>([\s\S]*?)<\/script>/g);
    const [style] = contentsOf(page, /<style>([\s\S]*?)<\/style>/g);
    expect(others).toEqual([]);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`script-src ${hash(script!)};`);
    expect(policy).toContain(`style-src ${hash(style!)};`);
    expect(policy).not.toContain('unsafe-eval');
    expect(policy.replace("style-src-attr 'unsafe-inline'", '')).not.toContain('unsafe-inline');
  });

  test('loads nothing: the only addresses in it are names of namespaces and schemas', () => {
    const markup = page.replaceAll(/<script[\s\S]*?<\/script>/g, '');
    expect(firstMatch(markup, /(src|href|action|data|poster)\s*=\s*["']?(https?:)?\/\//i)).toBeNull();
    expect(firstMatch(page, /url\(\s*["']?(https?:)?\/\//i)).toBeNull();
    expect(firstMatch(page, /@import|<link|<iframe|<object|<embed|<base/i)).toBeNull();
    const [script] = contentsOf(page, /<script>([\s\S]*?)<\/script>/g);
    const hosts = new Set([...script!.matchAll(/https?:\/\/([\w.-]+)/g)].map((match) => match[1]));
    expect([...hosts].filter((host) => !['www.w3.org', 'vega.github.io'].includes(host!))).toEqual([]);
  });

  test('hostile names stay text', () => {
    expect(page.includes('<script>window.__alerted')).toBe(false);
    expect(page.includes('<img src=x')).toBe(false);
    expect(page.includes('<b>owner</b>')).toBe(false);
    expect(
      page.includes('&lt;/script&gt;&lt;script&gt;window.__alerted=1;alert(1)&lt;/script&gt;'),
      '&lt;/script&gt;&lt;script&gt;window.__alerted=1;alert(1)&lt;/script&gt;',
    ).toBe(true);
    expect(page.includes('%%DATA%% {{name}} [plan]'), '%%DATA%% {{name}} [plan]').toBe(true);
    expect(firstMatch(page, /[\u2028\u2029\u202A-\u202E]/)).toBeNull();
    expect(page.includes('\u001b')).toBe(false);
    expect(contentsOf(page, /<(script)\b/g).length).toBe(3);
    expect(contentsOf(page, /<\/(script)>/g).length).toBe(3);
  });

  test('the data block is the plan, to the letter', () => {
    const [data] = contentsOf(page, /<script type="application\/json" id="plan">([\s\S]*?)<\/script>/g);
    expect(firstMatch(data, /[<>&\u2028\u2029]/)).toBeNull();
    expect(JSON.parse(data!)).toEqual(plan);
  });

  test('says everything without scripts: verdict, figures, findings, VMs, volumes, assumptions, words', () => {
    for (const text of [
      'Objectives broken',
      '148 Mbit/s',
      'Raise the bandwidth for replication',
      'short by 9.11 GiB',
      'RPO stays within 15 min 99.20 % of the time',
      'retryLadderMs',
      'Replica Log',
      'Europe/Berlin',
    ]) {
      expect(page.includes(text), text).toBe(true);
    }
    expect(contentsOf(page, /(<figure class="chart")/g).length).toBe(8);
    expect(firstMatch(page, />(NaN|undefined|null|\[object)/)).toBeNull();
  });

  test('marks of assumptions lead to rows that are there', () => {
    const targets = contentsOf(page, /href="#(assumption-\d+)"/g);
    expect(targets.length).toBeGreaterThan(5);
    for (const target of targets) expect(page.includes(`id="${target}"`), `id="${target}"`).toBe(true);
    // What the user has given needs no mark.
    expect(targets).not.toContain('assumption-1');
  });

  test('is small enough to be mailed', () => {
    expect(page.length).toBeLessThan(1_200_000);
  });

  test('is the same twice', () => {
    expect(renderHtml(samplePlan())).toBe(page);
  });
});

test.each([
  ['nobody protected', { unprotected: true, volumeCount: 0 }],
  ['one VM', { vmCount: 1, volumeCount: 0, met: true }],
])('%s: words instead of empty places', (_, options) => {
  const page = renderHtml(samplePlan(options)).replaceAll(/<script[\s\S]*?<\/script>/g, '');
  expect(firstMatch(page, /NaN|undefined|null|Infinity/)).toBeNull();
  expect(page.includes('The input names no volume'), 'The input names no volume').toBe(true);
});

test('1,000 VMs: the first page only stands in the markup', () => {
  const page = renderHtml(samplePlan({ vmCount: 1000 }));
  const body = /<table id="vm-table">[\s\S]*?<tbody>([\s\S]*?)<\/tbody>/.exec(page)![1]!;
  expect(contentsOf(body, /(<tr>)/g).length).toBe(50);
});

test('templates escape what stands in their holes, once', () => {
  const name = `<b a="1">'&'</b>`;
  expect(html`<p title="${name}">${[html`<i>${name}</i>`, null, false, 3]}</p>`.text).toBe(
    `<p title="${escapeHtml(name)}"><i>${escapeHtml(name)}</i>3</p>`,
  );
  expect(escapeHtml(name)).toBe('&lt;b a=&quot;1&quot;&gt;&#39;&amp;&#39;&lt;/b&gt;');
});

test('names: what disturbs is made visible, labels differ where names do', () => {
  for (const name of HOSTILE_NAMES)
    expect(shownName(name)).not.toMatch(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u);
  expect(shownName('')).toBe('(no name)');
  const long = 'n'.repeat(100);
  expect(new Set(axisLabels([`${long}1`, `${long}2`, `${long}3`])).size).toBe(3);
});

test('order: VMs without a value go last either way', () => {
  const [first, second, third] = samplePlan({ vmCount: 3 }).vms;
  const without = { ...second!, steadyRpo: { ...second!.steadyRpo, maxMs: null } };
  for (const descending of [true, false]) {
    expect(sortedVms([without, first!, third!], { column: 'rpo', descending }).at(-1)).toBe(without);
  }
});
