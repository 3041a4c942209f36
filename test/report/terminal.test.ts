import { describe, expect, test } from 'vitest';
import { renderTerminal } from '../../src/report/terminal.ts';
import { columnsOf, cutTo, padTo, wrapTo } from '../../src/report/terminal-width.ts';
import { samplePlan } from './sample-plan.ts';

const ESCAPE = '\u001b';

describe.each([40, 60, 80, 120])('in %i columns', (width) => {
  test.each([
    ['a fleet', samplePlan()],
    ['nobody protected', samplePlan({ unprotected: true })],
    ['all met', samplePlan({ met: true, vmCount: 1 })],
    ['no recovery plans', samplePlan({ quiet: true })],
    ['nothing known of the site', samplePlan({ bareSite: true })],
  ])('%s: no line is wider, no control character', (_, plan) => {
    const text = renderTerminal(plan, { color: false, width });
    for (const line of text.split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(width);
    expect(text).not.toMatch(/[^\P{Cc}\n]|[\u2028\u2029\u202A-\u202E\u2066-\u2069]/u);
    expect(text).not.toMatch(/ \n|undefined|NaN|null/);
    expect(text.endsWith('\n')).toBe(true);
  });
});

test('says the verdict, the objectives, the five numbers, the worst VMs and what to do', () => {
  const text = renderTerminal(samplePlan(), { color: false, width: 80 });
  expect(text).toMatch(/^✕ BROKEN {1,2}100 Mbit\/s do not protect 60 VMs/);
  expect(text).toContain('Hyper-V site to Azure, 2026-01-05 00:00 to 2026-01-12 00:00 Europe/Berlin');
  expect(text).toContain('✕ [███████████████████░] Recovery points at most 15 min old');
  expect(text).toContain('✓ [████████████████████] Initial replication within 7 d');
  expect(text).toMatch(/Bandwidth for an RPO of 15 min +148 Mbit\/s {2}[\d.]+ Mbit\/s for the deltas alone; /);
  expect(text).toMatch(/Worst VMs \(8 of 10 with a problem\)\nVM +worst RPO +within +churn\/day +logs +health\n/);
  expect(text).toMatch(/\nsql-10 +1 h 41 min +96\.6 % +40\.9 GiB +50\.0 % +Critical\n/);
  expect(text).toMatch(/What to do\n1\. Raise the bandwidth for replication to 148 Mbit\/s/);
});

test('recovery plans with their RTO, the longest first; in a narrow terminal nothing but that', () => {
  const wide = renderTerminal(samplePlan(), { color: false, width: 80 });
  expect(wide).toMatch(/\nPlan +RTO +worst loss +95 % loss +down, planned\n/);
  expect(wide).toMatch(/\nShop +1 h 12 min +59 min 48 s +9 min 24 s +42 min 18 s\nArchive +35 min +unknown /);
  const narrow = renderTerminal(samplePlan(), { color: false, width: 40 });
  expect(narrow).toMatch(/\nShop +1 h 12 min\n/);
  expect(renderTerminal(samplePlan({ quiet: true }), { color: false, width: 80 })).not.toContain('Recovery plans');
});

test('further lines and hosts: only those that were full, the worst three', () => {
  const plan = samplePlan();
  const text = renderTerminal(plan, { color: false, width: 100 });
  expect(text).toMatch(
    /\nFull as well\nline Branch Rostock 28\.7 % of the time, host HV02\.contoso\.local 8\.2 % of the time\n/,
  );
  const full = Array.from({ length: 9 }, (_, index) => ({ ...plan.hosts[0]!, clippedFraction: 0.5 + index / 100 }));
  expect(renderTerminal({ ...plan, hosts: full }, { color: false, width: 200 })).toMatch(/ of the time, and 7 more\n/);
  const calm = plan.hosts.map((host) => ({ ...host, clippedFraction: 0.01 }));
  const quiet = renderTerminal({ ...plan, hosts: calm, furtherLinks: [] }, { color: false, width: 100 });
  expect(quiet).not.toContain('Full as well');
});

test('how the VMs stand at the end, and why one cannot be protected', () => {
  const text = renderTerminal(samplePlan(), { color: false, width: 80 });
  expect(text).toContain('✕ 1 Unprotected, ✕ 5 Critical, ! 4 Warning, ✓ 50 Normal\n');
  expect(text).toContain('1 VM cannot be protected: integration services are not installed');
  expect(renderTerminal(samplePlan({ met: true }), { color: false, width: 80 })).toContain('\n✓ 60 Normal\n');
});

test('a met plan says so in a word, not by colour', () => {
  expect(renderTerminal(samplePlan({ met: true }), { color: false, width: 80 })).toMatch(/^✓ MET /);
});

test('colour adds escape sequences and nothing else', () => {
  const plan = samplePlan();
  const plain = renderTerminal(plan, { color: false, width: 80 });
  const painted = renderTerminal(plan, { color: true, width: 80 });
  expect(plain).not.toContain(ESCAPE);
  expect(painted).toContain(ESCAPE);
  expect(painted.replaceAll(new RegExp(`${ESCAPE}\\[\\d+m`, 'g'), '')).toBe(plain);
});

test('names cannot write escape sequences, wide names keep the columns', () => {
  const plan = samplePlan();
  const bad = ['\u001b[2Jcleared', '\u202Eabc', 'データベース-01', 'e\u0301clair', 'x'.repeat(256)];
  const late = { ...plan.vms[0]!, health: 'Critical' as const };
  const recoveryPlans = bad.map((name) => ({ ...plan.recoveryPlans[0]!, name }));
  const vms = bad.map((name) => ({ ...late, name, enableFailure: `${name} refuses` }));
  const hosts = bad.slice(0, 3).map((name) => ({ ...plan.hosts[0]!, name, clippedFraction: 0.9 }));
  const text = renderTerminal({ ...plan, vms, recoveryPlans, hosts }, { color: false, width: 80 });
  expect(text).not.toContain(ESCAPE);
  expect(text).toContain('\uFFFD[2Jcleared');
  for (const ending of [/ {2}Critical$/, / {2}42 min 18 s$/]) {
    const rows = text.split('\n').filter((line) => ending.test(line));
    expect(rows.length).toBe(5);
    expect(new Set(rows.map(columnsOf)).size).toBe(1);
  }
});

test('widths: wide characters take two columns, combining marks none, a family of emoji two', () => {
  expect(columnsOf('abc')).toBe(3);
  expect(columnsOf('データ')).toBe(6);
  expect(columnsOf('e\u0301')).toBe(1);
  expect(columnsOf('👩‍👩‍👧')).toBe(2);
  expect(cutTo('データベース', 6)).toBe('デー…');
  expect(padTo('デ', 4)).toBe('デ  ');
  expect(padTo('7', 3, 'right')).toBe('  7');
  expect(wrapTo('one two  three', 7)).toEqual(['one two', 'three']);
  expect(wrapTo('abcdefgh', 3)).toEqual(['abc', 'def', 'gh']);
});
