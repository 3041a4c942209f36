import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlanDiff } from '../../src/plan/diff/diff.ts';
import { renderJson } from '../../src/report/json.ts';
import { TABLES } from '../../src/report/tables/registry.ts';
import { fullPlan } from '../report/sample-tables.ts';
import { runCli, ScratchFolder } from './run-cli.ts';

const FLEET = `vm,disk,host,volume,size_gib,used_gib,churn_gib_per_day
SQL01,os,HV01,C:,80,35,1.2
"=HYPERLINK(""http://x"",""y"")",data,HV01,D:,500,31,14
__proto__,os,HV02,C:,60,22,0.8
`;

const FILES = TABLES.map(({ id }) => `${id}.csv`).sort();

describe('report and diff, as a user meets them', () => {
  let folder: ScratchFolder;
  beforeAll(() => {
    folder = new ScratchFolder({ 'fleet.csv': FLEET });
    const documents = [
      '--out',
      'a.html',
      '--json',
      'a.json',
      '--xlsx',
      'a.xlsx',
      '--csv',
      'new/tables',
      '--markdown',
      'a.md',
    ];
    const { code, stderr } = runCli(['analyze', 'fleet.csv', '--bandwidth', '50Mbps', ...documents], folder.path);
    expect([0, 1]).toContain(code);
    expect(stderr).toBe('');
  });
  afterAll(() => folder[Symbol.dispose]());
  const read = (name: string): Buffer => readFileSync(join(folder.path, name));

  test('a plan that was written gives the same documents, byte for byte, and only those that are named', () => {
    const before = readdirSync(folder.path);
    const { code, stdout, stderr } = runCli(['report', 'a.json', '--out', 'b.html', '--xlsx', 'b.xlsx'], folder.path);
    expect([code, stdout, stderr]).toEqual([0, 'Written: b.html\nWritten: b.xlsx\n', '']);
    expect(readdirSync(folder.path).sort()).toEqual([...before, 'b.html', 'b.xlsx'].sort());
    // What analyze writes carries the run and the simulator besides: a plan does not hold its run.
    const withoutRun = read('a.html')
      .toString()
      .replace(/<script type="text\/plain" id="(run|worker)">[^<]*<\/script>\n/g, '');
    const of = (html: string): string => html.replace(/\n+/g, '\n');
    expect(of(read('b.html').toString()) === of(withoutRun)).toBe(true);
    expect(read('b.xlsx').equals(read('a.xlsx'))).toBe(true);
    expect(
      runCli(['report', 'a.json', '--csv', 'tables', '--markdown', 'b.md', '--json', 'b.json', '-q'], folder.path),
    ).toEqual({
      ...{ code: 0, stdout: '', stderr: '' },
    });
    expect(read('b.md').equals(read('a.md'))).toBe(true);
    expect(read('b.json').equals(read('a.json'))).toBe(true);
    expect(readdirSync(join(folder.path, 'tables')).sort()).toEqual(FILES);
    for (const name of FILES) expect(read(`tables/${name}`).equals(read(`new/tables/${name}`)), name).toBe(true);
  });

  test('standard output: one document, and nothing else', () => {
    const { code, stdout } = runCli(['report', 'a.json', '--markdown', '-'], folder.path);
    expect(code).toBe(0);
    expect(stdout).toBe(read('a.md').toString());
    const both = runCli(['report', 'a.json', '--markdown', '-', '--json', '-'], folder.path);
    expect(both.code).toBe(2);
    expect(both.stderr).toContain('Another document goes to standard output already.');
    expect(both.stdout).toBe('');
  });

  test('nothing named: an error that says what can be', () => {
    const { code, stderr } = runCli(['report', 'a.json'], folder.path);
    expect(code).toBe(2);
    for (const name of ['--out', '--json', '--xlsx', '--csv', '--markdown']) expect(stderr).toContain(name);
  });

  test('an input is not overwritten: neither the plan nor a CSV of the folder, nor one document by another', () => {
    using own = new ScratchFolder({ 'vms.csv': FLEET, 'a.json': read('a.json') });
    const clash = (...args: string[]): string => {
      const { code, stderr } = runCli(args, own.path);
      expect(code).toBe(2);
      return stderr;
    };
    expect(clash('report', 'a.json', '--json', './a.json')).toContain('is an input already');
    expect(clash('analyze', 'vms.csv', '--csv', '.')).toContain('vms.csv is an input already');
    expect(clash('report', 'a.json', '--csv', '.', '--markdown', 'hosts.csv')).toContain(
      'is the output of --csv already',
    );
    expect(clash('report', 'a.json', '--out', 'x', '--xlsx', 'x')).toContain('is the output of --out already');
    expect(readdirSync(own.path).sort()).toEqual(['a.json', 'vms.csv']);
    expect(readFileSync(join(own.path, 'vms.csv'), 'utf8')).toBe(FLEET);
  });

  test('all or nothing: where one file cannot be written, the others are as they were', () => {
    using own = new ScratchFolder({ 'a.json': read('a.json'), 'b.md': 'old' });
    // The last table’s place is taken by a folder: those before it have been renamed when that is found.
    mkdirSync(join(own.path, 'tables'));
    writeFileSync(join(own.path, 'tables/vms.csv'), 'old too');
    mkdirSync(join(own.path, `tables/${TABLES.at(-1)!.id}.csv`));
    const { code, stderr, stdout } = runCli(['report', 'a.json', '--csv', 'tables', '--markdown', 'b.md'], own.path);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('cannot be written: it is a folder');
    expect(readdirSync(join(own.path, 'tables')).sort()).toEqual([`${TABLES.at(-1)!.id}.csv`, 'vms.csv'].sort());
    expect(readFileSync(join(own.path, 'tables/vms.csv'), 'utf8')).toBe('old too');
    expect(readFileSync(join(own.path, 'b.md'), 'utf8')).toBe('old');
    // A folder that was made for it is gone again.
    const nowhere = runCli(['report', 'a.json', '--csv', 'x/y/z', '--markdown', 'none/b.md'], own.path);
    expect(nowhere.stderr).toContain('its folder does not exist');
    const file = runCli(['report', 'a.json', '--csv', 'b.md'], own.path);
    expect(file.stderr).toContain('b.md cannot be written: a file of that name is there');
    expect(readdirSync(own.path).sort()).toEqual(['a.json', 'b.md', 'tables']);
  });

  test('what is wrong with a plan is told by its path, all at once', () => {
    const plan = JSON.parse(read('a.json').toString());
    plan.vms[1].steadyRpo.maxMs = 'late';
    delete plan.link.capacityBitsPerSec;
    plan.version = '0.0.1';
    using own = new ScratchFolder({ 'bad.json': JSON.stringify(plan) });
    const { code, stderr } = runCli(['report', 'bad.json', '--out', 'x.html'], own.path);
    expect(code).toBe(2);
    expect(stderr).toContain(
      'bad.json, column vms[1].steadyRpo.maxMs: It has to be a whole number or null. (found: "late")',
    );
    expect(stderr).toContain('column link.capacityBitsPerSec: It is missing.');
    expect(stderr).toContain('made by asr-plan 0.0.1');
    expect(readdirSync(own.path)).toEqual(['bad.json']);
  });

  test.each([
    ['empty', '', 'The file is empty.'],
    ['cut off', '{"schema": "asr-plan/plan@1", "vms": [', 'This is no JSON'],
    ['another file', '{"schema": "asr-plan/workload@1"}', 'This is no plan'],
    ['a list', '[1]', 'This is no plan'],
    ['null', 'null', 'This is no plan'],
    ['a later shape', '{"schema": "asr-plan/plan@2"}', 'a shape that this version does not know'],
    ['nothing but its name', '{"schema": "asr-plan/plan@1"}', 'The first 20 faults are named'],
    [
      'too deep',
      `{"schema":"asr-plan/plan@1","vms":${'['.repeat(70)}${']'.repeat(70)}}`,
      'nested deeper than 64 levels',
    ],
    [
      'brackets in a text',
      `{"schema":"asr-plan/plan@1","seed":"\\"${'['.repeat(70)}"}`,
      'The first 20 faults are named',
    ],
    ['CSV', FLEET, 'This is no JSON'],
  ])('%s is refused, and no stack is shown', (_, text, message) => {
    using own = new ScratchFolder({ 'x.json': text });
    const { code, stderr } = runCli(['report', 'x.json', '--out', 'x.html'], own.path);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n {4}at |our own fault/);
    expect(readdirSync(own.path)).toEqual(['x.json']);
  });

  test('a plan that contradicts itself is refused', () => {
    const plan = JSON.parse(read('a.json').toString());
    plan.series.volumeHrlBytes.pop();
    plan.clock.startEpochMs = 1e300;
    plan.failures.starts[0].breakingMs = plan.failures.starts[0].safeMs;
    using own = new ScratchFolder({ 'x.json': JSON.stringify(plan) });
    const { code, stderr } = runCli(['report', 'x.json', '--out', 'x.html'], own.path);
    expect(code).toBe(2);
    expect(stderr).toContain('series.volumeHrlBytes: It has to have as many items as volumes');
    expect(stderr).toContain('clock.startEpochMs: No calendar reaches there.');
    expect(stderr).toContain('failures.starts[0]: breakingMs has to be more than safeMs.');
  });

  test.each([
    ['of braces', () => `{"schema":"asr-plan/plan@1","vms":[${'{"a":1},'.repeat(6e6)}1]}`],
    ['of brackets', () => '['.repeat(25e6) + ']'.repeat(25e6)],
    [
      'of unknown members',
      () => `{"schema":"asr-plan/plan@1"${Array.from({ length: 2e6 }, (_, at) => `,"key${at}":"${at}"`).join('')}}`,
    ],
    ['of one text', () => `{"schema":"asr-plan/plan@1","seed":"${'x'.repeat(50e6)}"}`],
    ['of no JSON', () => 'garbage '.repeat(6.25e6)],
  ])('50 MB %s are refused with few words', (_, text) => {
    using own = new ScratchFolder({ 'x.json': text() });
    const { code, stderr } = runCli(['report', 'x.json', '--out', 'x.html'], own.path);
    expect(code).toBe(2);
    expect(stderr.length).toBeLessThan(10_000);
    expect(stderr).not.toMatch(/our own fault/);
    expect(readdirSync(own.path)).toEqual(['x.json']);
  });

  test('a plan with every hostile name comes through every document', () => {
    using own = new ScratchFolder({ 'x.json': renderJson(fullPlan()) });
    const args = ['--out', 'x.html', '--xlsx', 'x.xlsx', '--csv', 't', '--markdown', 'x.md', '--json', 'y.json'];
    const { code, stderr } = runCli(['report', 'x.json', ...args], own.path);
    expect([stderr, code]).toEqual(['', 0]);
    expect(readFileSync(join(own.path, 'y.json'), 'utf8')).toBe(readFileSync(join(own.path, 'x.json'), 'utf8'));
  });

  test('diff: 0 where they are the same, 1 where they differ, 2 where one is bad', () => {
    const same = runCli(['diff', 'a.json', 'a.json'], folder.path);
    expect(same).toEqual({ code: 0, stdout: 'The plans are the same.\n', stderr: '' });
    runCli(
      ['analyze', 'fleet.csv', '--bandwidth', '40Mbps', '--growth-factor', '50%', '--json', 'c.json', '-q'],
      folder.path,
    );
    const differs = runCli(['diff', 'a.json', 'c.json'], folder.path);
    expect(differs.code).toBe(1);
    expect(differs.stdout).toContain('Bandwidth of the run: 50 Mbit/s → 40 Mbit/s (−10 Mbit/s)');
    expect(differs.stdout).toContain('assumption growthRatio: 0 → 0.5 (+0.5)');
    const json = runCli(['diff', 'a.json', 'c.json', '--json', '-'], folder.path);
    expect(json.code).toBe(1);
    const diff = JSON.parse(json.stdout) as PlanDiff;
    expect([diff.schema, diff.same]).toEqual(['asr-plan/diff@1', false]);
    expect(runCli(['diff', 'a.json', 'c.json', '--json', 'd.json', '-q'], folder.path)).toEqual({
      code: 1,
      stdout: '',
      stderr: '',
    });
    expect(read('d.json').toString()).toBe(json.stdout);
    writeFileSync(join(folder.path, 'bad.json'), '{}');
    writeFileSync(join(folder.path, 'worse.json'), '{');
    const bad = runCli(['diff', 'bad.json', 'worse.json'], folder.path);
    expect(bad.code).toBe(2);
    expect(bad.stderr).toContain('bad.json');
    expect(bad.stderr).toContain('worse.json');
    expect(runCli(['diff', 'a.json', 'c.json', '--json', 'a.json'], folder.path).stderr).toContain(
      'is an input already',
    );
  });
});
