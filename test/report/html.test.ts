import { createHash } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildReport } from '../../scripts/build-report.ts';
import type { Plan, PlanVm } from '../../src/plan/plan.ts';
import { CHARTS } from '../../src/report/charts/registry.ts';
import { renderHtml } from '../../src/report/html.ts';
import { escapeHtml, html } from '../../src/report/html-template.ts';
import { type RecoveryStep, recoverySteps } from '../../src/report/recovery-steps.ts';
import { axisLabels, shownName } from '../../src/report/shown-name.ts';
import { vmLists } from '../../src/report/vm-lists.ts';
import { hasTrouble, sortedVms, VM_COLUMNS } from '../../src/report/vm-table.ts';
import { HOSTILE_NAMES } from './hostile-names.ts';
import { type SampleOptions, samplePlan } from './sample-plan.ts';

beforeAll(() => buildReport());

function contentsOf(page: string, pattern: RegExp): string[] {
  return [...page.matchAll(pattern)].map((match) => match[1]!);
}

/** What a pattern finds first; a failure must not print the whole page. */
function firstMatch(page: string | undefined, pattern: RegExp): string | null {
  return pattern.exec(page ?? '')?.[0] ?? null;
}

/** What stands in the page without its scripts, which carry the same templates. */
function markupOf(page: string): string {
  return page.replaceAll(/<script[\s\S]*?<\/script>/g, '');
}

/** The page's own script, unpacked. */
function ownScript(page: string): string {
  const [packed] = contentsOf(page, /<script type="text\/plain" id="script">([\s\S]*?)<\/script>/g);
  return inflateRawSync(Buffer.from(packed!, 'base64')).toString();
}

describe('the page', () => {
  const plan = samplePlan();
  let page = '';
  beforeAll(() => {
    page = renderHtml(plan);
  });

  test('its policy names exactly the hashes of its two scripts and its style, and forbids the rest', () => {
    const policy = /Content-Security-Policy" content="([^"]+)"/.exec(page)![1]!.replaceAll('&#39;', "'");
    const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const [starter, ...others] = contentsOf(page, /<script>([\s\S]*?)<\/script>/g);
    const [style] = contentsOf(page, /<style>([\s\S]*?)<\/style>/g);
    expect(others).toEqual([]);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`script-src ${hash(starter!)} ${hash(ownScript(page))};`);
    expect(policy).toContain(`style-src ${hash(style!)};`);
    expect(policy).not.toContain('unsafe-eval');
    expect(policy.replace("style-src-attr 'unsafe-inline'", '')).not.toContain('unsafe-inline');
  });

  test('loads nothing: the only addresses in it are names of namespaces and schemas', () => {
    const markup = page.replaceAll(/<script[\s\S]*?<\/script>/g, '');
    expect(firstMatch(markup, /(src|href|action|data|poster)\s*=\s*["']?(https?:)?\/\//i)).toBeNull();
    expect(firstMatch(page, /url\(\s*["']?(https?:)?\/\//i)).toBeNull();
    expect(firstMatch(page, /@import|<link|<iframe|<object|<embed|<base/i)).toBeNull();
    const hosts = new Set([...ownScript(page).matchAll(/https?:\/\/([\w.-]+)/g)].map((match) => match[1]));
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
    // The plan, the charts, the page's script, and what starts it.
    expect(contentsOf(page, /<(script)\b/g).length).toBe(4);
    expect(contentsOf(page, /<\/(script)>/g).length).toBe(4);
  });

  test('the data block is the plan, to the letter', () => {
    const [data] = contentsOf(page, /<script type="text\/plain" id="plan">([\s\S]*?)<\/script>/g);
    expect(data).toMatch(/^[A-Za-z0-9+/]+=*$/);
    expect(JSON.parse(inflateRawSync(Buffer.from(data!, 'base64')).toString())).toEqual(plan);
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
      'Recovery Services vault',
      'HTTPS 443',
      'loses 59 min 48 s of data at most',
    ]) {
      expect(markupOf(page).includes(text), text).toBe(true);
    }
    expect(contentsOf(markupOf(page), /(<figure class="chart")/g).length).toBe(CHARTS.length);
    expect(firstMatch(markupOf(page), />(NaN|undefined|null|\[object)/)).toBeNull();
  });

  test('every section that is named is there, once', () => {
    const named = contentsOf(/<nav class="sections"[\s\S]*?<\/nav>/.exec(page)![0], /href="#([\w-]+)"/g);
    expect(named).toContain('recovery');
    expect(named).toContain('events');
    expect(contentsOf(markupOf(page), /<section id="([\w-]+)"/g)).toEqual(named);
  });

  test('marks of assumptions lead to rows that are there', () => {
    const targets = contentsOf(page, /href="#(assumption-\d+)"/g);
    expect(targets.length).toBeGreaterThan(5);
    for (const target of targets) expect(page.includes(`id="${target}"`), `id="${target}"`).toBe(true);
    // What the user has given needs no mark.
    expect(targets).not.toContain('assumption-1');
  });

  test('is small enough to be mailed', () => {
    expect(page.length).toBeLessThan(1_500_000);
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

describe('recovery plans', () => {
  const section = (options: SampleOptions = {}): string =>
    /<section id="recovery"[\s\S]*?<\/section>/.exec(markupOf(renderHtml(samplePlan(options))))![0];

  test('each adds up, step by step', () => {
    const plan = samplePlan();
    for (const outcome of plan.recoveryPlans) {
      const steps = recoverySteps(outcome);
      const sum = (kept: (step: RecoveryStep) => boolean): number =>
        steps.filter(kept).reduce((total, { term }) => total + term.durationMs, 0);
      expect(sum((step) => step.unplannedFromMs !== null)).toBe(outcome.unplanned.rtoMs);
      expect(sum((step) => step.planned)).toBe(outcome.planned.downtimeMs);
    }
    const [shop] = plan.recoveryPlans;
    const common = recoverySteps(shop!).filter((step) => step.planned && step.unplannedFromMs !== null);
    expect(common.map(({ term }) => term.title)).toEqual([
      'Directory: failover and boot of the slowest VM',
      'Databases: failover and boot of the slowest VM',
      'Databases: Check the databases',
      'Web: Mount the shares',
      'Web: failover and boot of the slowest VM',
      'Web: Switch DNS',
    ]);
  });

  test('derivation, deciding VMs, and why a loss is not known', () => {
    const text = section();
    const rule = samplePlan().assumptions.findIndex(({ name }) => name === 'detectionMs') + 1;
    expect(text).toContain(`rule <a href="#assumption-${rule}">detectionMs</a>`);
    for (const part of ['rule decisionMs', 'site file, decisionMs of the plan', 'site file, runbook action']) {
      expect(text).toContain(part);
    }
    expect(text).toMatch(/always \(the worst\)<\/th><td class="number attention">✕ 59 min 48 s<\/td>/);
    expect(text).toContain('<li>gone-01 is not in the fleet.</li>');
    expect(contentsOf(text, /(<article )/g)).toHaveLength(3);
  });

  test('without one: how to add it', () => {
    const text = section({ quiet: true });
    expect(text).toContain('<code>recoveryPlans</code>');
    expect(text).not.toContain('<article');
    const example = /<pre[^>]*>([\s\S]*?)<\/pre>/.exec(text)![1]!.replaceAll('&quot;', '"');
    expect(JSON.parse(`{${example}}`).recoveryPlans).toHaveLength(1);
  });
});

describe('faults and actions', () => {
  const section = (options: SampleOptions = {}): string | undefined =>
    /<section id="events"[\s\S]*?<\/section>/.exec(markupOf(renderHtml(samplePlan(options))))?.[0];

  test('in order, with whom they met and who refused', () => {
    const text = section()!;
    const words = contentsOf(text, /<th scope="row"><bdi>([^<]*)<\/bdi>/g);
    expect(words.slice(0, 3)).toEqual([
      'link slow to 20Mbps at 21h for 2h',
      'volume C:\\ClusterStorage\\Volume1 loses 40GiB at 1d18h for 21h',
      'link down at 2d10h for 1h30min',
    ]);
    for (const part of [
      '<td>the link</td>',
      '<td>1 volume</td>',
      '<td>15 VMs</td>',
      '<td>nothing: after the run</td>',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toMatch(/12 refused<\/span><ul class="reasons">(<li>.*?<\/li>){3}<li>and 9 more<\/li>/);
  });

  test('of many outages the first twenty, and how many more', () => {
    const plan = samplePlan({ quiet: true });
    const outages = Array.from({ length: 50 }, (_, index) => ({ startMs: index * 60_000, endMs: index * 60_000 + 1 }));
    const text = /<section id="events"[\s\S]*?<\/section>/.exec(
      markupOf(renderHtml({ ...plan, link: { ...plan.link, outages } })),
    )![0];
    expect(contentsOf(text, /<td>(Fault)<\/td>/g)).toHaveLength(20);
    expect(text).toContain('the first 20 stand here; 30 more came');
  });

  test('an outage alone is one; without any there is no section and no word in the navigation', () => {
    expect(contentsOf(section({ quiet: true })!, /<td>(Fault|Action)<\/td>/g)).toEqual(['Fault']);
    expect(section({ quiet: true, outages: false })).toBeUndefined();
    expect(markupOf(renderHtml(samplePlan({ quiet: true, outages: false })))).not.toContain('href="#events"');
  });
});

test('where documents contradict each other, both stand there, and which one is taken', () => {
  const page = renderHtml(samplePlan({ scenario: 'vmm-to-vmm' }));
  const paths = /<table class="paths">[\s\S]*?<\/table>/.exec(page)![0];
  const rows = contentsOf(paths, /<tr>(<th scope="row">[\s\S]*?)<\/tr>/g);
  const [kerberos, ...others] = rows.filter((row) => row.includes('contradict'));
  expect(others).toEqual([]);
  expect(kerberos).toContain('HTTP 8083<p class="why">with Kerberos</p>');
  expect(kerberos).toContain('over HTTPS port 8083 for Kerberos traffic');
  expect(kerberos).toContain('Kerberos is HTTP, which is not encrypted');
  expect(page).toContain('Closed to new users since November 2019');
});

describe('the site', () => {
  const section = (plan: Plan = samplePlan()): string =>
    /<section id="site"[\s\S]*?<\/section>/.exec(markupOf(renderHtml(plan)))![0];
  const table = (text: string, name: string): string =>
    new RegExp(`aria-label="${name}"><table[\\s\\S]*?</table>`).exec(text)?.[0] ?? '';

  test('lines: the site’s first, with their outages; hosts with their limits', () => {
    const lines = table(section(), 'Lines');
    expect(contentsOf(lines, /<th scope="row"><bdi>([^<]*)/g)).toEqual([
      'Site link',
      'Branch Rostock',
      '&quot;&gt;&lt;img src=x onerror=&quot;window.__alerted=2&quot;&gt;',
    ]);
    expect(lines).toContain('<td class="number strong">28.7 %</td><td class="number">33</td>');
    const hosts = table(section(), 'Hosts');
    for (const part of ['40 Mbit/s', 'not limited', 'at most 3', 'no limit', '3 d 04 h']) expect(hosts).toContain(part);
    expect(hosts).toContain('<bdi>&lt;/script&gt;');
  });

  test('outages of all lines by time: the first 20, then how many and how long', () => {
    const outages = table(section(), 'Outages');
    expect(contentsOf(outages, /<tr>(<th scope="row"><bdi>)/g)).toHaveLength(20);
    expect(outages).toMatch(/and 14 more<\/th><td class="number">3 h 07 min in all/);
    const starts = contentsOf(outages, /<td class="number">(2026[^<]*)<\/td><td class="number">2026/g);
    expect(starts).toEqual([...starts].sort());
  });

  test('more hosts than a page bears: those that were full longest', () => {
    const plan = samplePlan();
    const hosts = Array.from({ length: 80 }, (_, index) => ({
      ...plan.hosts[0]!,
      name: `HV${index}`,
      clippedFraction: index / 100,
    }));
    const text = section({ ...plan, hosts });
    expect(text).toContain('Of 80 hosts the 50 that were full longest.');
    expect(contentsOf(table(text, 'Hosts'), /<bdi>(HV\d+)</g)).toEqual(
      Array.from({ length: 50 }, (_, index) => `HV${79 - index}`),
    );
  });

  test('volumes once; their growth only where some grow', () => {
    expect(section()).toContain('Disks grow by');
    expect(contentsOf(markupOf(renderHtml(samplePlan())), /(<table id="volume-table")/g)).toHaveLength(1);
    const plan = samplePlan();
    const still = section({ ...plan, volumes: plan.volumes.map((volume) => ({ ...volume, growthBytes: 0 })) });
    expect(still).not.toContain('Disks grow by');
    expect(still).toContain('Both together');
  });

  test('the replicas’ storage between sites only, judged by its peak', () => {
    expect(section()).not.toContain('Storage of the replicas');
    const text = section(samplePlan({ scenario: 'vmm-to-vmm' }));
    for (const part of ['1.5 to 3', '33.4 MB/s', '24 MB/s', '! </span>', 'too slow for the peak', '512 GiB']) {
      expect(text.replace('!</span>', '! </span>')).toContain(part);
    }
  });

  test('where nothing is known of it: the site’s link and the volumes', () => {
    const text = section(samplePlan({ bareSite: true, outages: false }));
    expect(contentsOf(text, /<h3[^>]*>([^<]*)</g)).toEqual(['Lines', 'Volumes']);
  });

  test('an address of the volumes as a section of their own still leads there', () => {
    expect(section()).toContain('<h3 id="volumes">');
  });
});

test('what held a VM back: the longest first, with its strip; the trifling left out', () => {
  const plan = samplePlan();
  const vm = plan.vms.find(({ name }) => name === 'sql-08')!;
  const [list] = vmLists(plan, vm);
  expect(list).toMatchObject({ title: 'What held it back' });
  expect(list!.rows[0]).toEqual([
    { color: 'var(--calm)', word: 'nothing' },
    '4 d',
    '57.1 %',
    'All that was cut has arrived; what the guest writes collects in the log until the next cut.',
  ]);
  const { parts, summary } = list!.strip!;
  expect([parts[0]!.from, parts.at(-1)!.to]).toEqual([0, 1]);
  expect(summary).toMatch(/^Held back over the run by nothing, 57\.1\u00A0%; an administrator, 19\.9\u00A0%; /);
  const trifle = { ...vm, constraintMs: { churn: 604_600_000, space: 200_000 } };
  expect(vmLists(plan, trifle)[0]!.rows).toHaveLength(1);
  expect(vmLists(plan, { ...vm, constraints: [] })[0]!.title).toBe('Jobs');
});

test('the table’s column names the longest hold: churn is none, no replication only where there is no other', () => {
  const plan = samplePlan();
  const column = VM_COLUMNS.find(({ id }) => id === 'held')!;
  const text = (constraintMs: PlanVm['constraintMs']): string =>
    column.text(plan, { ...plan.vms[0]!, constraintMs }).replaceAll('\u00A0', ' ');
  expect(text({ churn: 900, link: 60, throttle: 40 })).toBe('a full line, 6.0 %');
  expect(text({ unprotected: 900, link: 100 })).toBe('a full line, 10.0 %');
  expect(text({ unprotected: 1000 })).toBe('no replication, 100 %');
  expect(text({ churn: 1000 })).toBe('–');
  expect(text({})).toBe('–');
});

test('volumes that ran short say when', () => {
  const page = renderHtml(samplePlan());
  expect(page).toContain('sending first stopped 2026-01-06 02:00');
  expect(page).toContain('a log write first failed 2026-01-06 05:00');
});

describe('VMs with a problem', () => {
  const vm = (change: Partial<PlanVm>): PlanVm => ({ ...samplePlan({ met: true, vmCount: 1 }).vms[0]!, ...change });

  test('none is one that is as it should be', () => {
    expect(hasTrouble(vm({}))).toBe(false);
  });

  test.each<[string, Partial<PlanVm>]>([
    ['cannot be protected', { enableFailure: 'no integration services' }],
    ['is Critical', { phaseAtEnd: 'critical' }],
    ['was Critical', { timeline: [{ phase: 'critical', startMs: 0, endMs: 1 }] }],
    ['is paused', { phaseAtEnd: 'paused' }],
    ['is not healthy', { health: 'Warning' }],
    ['had to resynchronize', { resyncCount: 1 }],
  ])('one that %s', (_, change) => {
    expect(hasTrouble(vm(change))).toBe(true);
  });
});

test('the lists of a VM: jobs with sign and word, every statistic under its own name', () => {
  const plan = samplePlan();
  const list = (name: string, title: string) =>
    vmLists(plan, plan.vms.find((vm) => vm.name === name)!).find((candidate) => candidate.title === title)!;
  expect(list('sql-08', 'Jobs').rows.at(-1)).toEqual([
    'Reverse replication',
    '2026-01-10 15:24',
    '–',
    '1 d 09 h so far',
    { sign: '…', look: '', word: 'in progress' },
    '–',
  ]);
  const names = list('sql-08', 'Replication statistics').rows.map(([name]) => name);
  const all = Object.keys(plan.vms[0]!.statistics).filter((name) => name !== 'ReplicationStateName');
  expect([...names].sort()).toEqual(all.sort());
  const values = new Map(list('web-01', 'Replication statistics').rows.map(([name, value]) => [name, value]));
  expect(values.get('ReplicationState')).toBe('Replicating (3)');
  expect(values.get('AverageReplicationSize')).toMatch(/^[\d.]+ MiB \([\d,]+ B\)$/);
  expect(values.get('AverageReplicationLatency')).toBe('41.237 s');
  expect(values.get('MaximumReplicationLatency')).toMatch(/^[\d,.]+ s \(\d+ min [\d]+ s\)$/);
  expect(list('sql-08', 'Failovers').rows).toEqual([
    ['unplanned', '2026-01-09 14:24', '43 min 31 s', '1 h 44 min'],
    ['planned', '2026-01-10 15:04', 'nothing', 'none is kept'],
  ]);
  expect(list('sql-08', 'Resynchronization or full copy').rows.at(-1)).toEqual([
    'Break-even',
    '62.4 % changed',
    '62.4 % changed',
  ]);
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
