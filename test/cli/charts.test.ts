import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readXml } from '../report/well-formed-xml.ts';
import { runCli, ScratchFolder } from './run-cli.ts';

const FLEET = `vm,disk,host,volume,size_gib,used_gib,churn_gib_per_day
SQL01,os,HV01,C:,80,35,1.2
"</text><script>alert(1)</script>",data,HV01,D:,500,31,14
../../escaped,os,HV02,C:,60,22,0.8
`;

describe('--charts', () => {
  let folder: ScratchFolder;
  beforeAll(() => {
    folder = new ScratchFolder({ 'fleet.csv': FLEET });
  });
  afterAll(() => folder[Symbol.dispose]());
  const run = (...args: readonly string[]): ReturnType<typeof runCli> => runCli(args, folder.path);
  const read = (name: string): Buffer => readFileSync(join(folder.path, name));

  test('analyze and report write the same charts, byte for byte, and say how many', () => {
    const before = readdirSync(folder.path);
    const made = run('analyze', 'fleet.csv', '--bandwidth', '50Mbps', '--charts', 'new/charts', '--json', 'plan.json');
    expect([0, 1]).toContain(made.code);
    const files = readdirSync(join(folder.path, 'new/charts')).sort();
    const svgs = files.filter((name) => name.endsWith('.svg'));
    expect(svgs.length).toBeGreaterThan(5);
    expect(files).toEqual(svgs.flatMap((name) => [name.replace('.svg', '.png'), name]).sort());
    expect(made.stdout).toContain(`Written: new/charts (${svgs.length} charts`);
    for (const name of svgs) expect(readXml(read(`new/charts/${name}`).toString()).tags[0]!.name).toBe('svg');

    const again = run('report', 'plan.json', '--charts', 'again');
    expect([again.code, again.stderr]).toEqual([0, '']);
    expect(readdirSync(join(folder.path, 'again')).sort()).toEqual(files);
    for (const name of files) expect(read(`again/${name}`).equals(read(`new/charts/${name}`)), name).toBe(true);
    expect(readdirSync(folder.path).sort()).toEqual([...before, 'again', 'new', 'plan.json'].sort());
  });

  test('quick: a chart that has nothing to draw is no file, and is named', () => {
    const fleet = ['--vms', '3', '--disk', '50GiB', '--churn', '3%/day', '--bandwidth', '100Mbps', '--horizon', '1d'];
    const { stdout, stderr } = run('quick', ...fleet, '--charts', 'quick');
    expect(stderr).toBe('');
    const left = /nothing to draw for ([\w-]+)/.exec(stdout)![1]!;
    const files = readdirSync(join(folder.path, 'quick'));
    expect(stdout).toContain(`Written: quick (${files.length / 2} charts; `);
    expect(files.filter((name) => name.startsWith(`${left}.`))).toEqual([]);
  });

  test('what is there is replaced, what is not ours stays', () => {
    mkdirSync(join(folder.path, 'mine'));
    writeFileSync(join(folder.path, 'mine/traffic.svg'), 'old');
    writeFileSync(join(folder.path, 'mine/notes.txt'), 'mine');
    expect(run('report', 'plan.json', '--charts', 'mine', '-q')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(read('mine/traffic.svg').toString()).toContain('<svg');
    expect(read('mine/notes.txt').toString()).toBe('mine');
  });

  test('all or none: where one file cannot be written, no other is, and the folder is not left behind', () => {
    mkdirSync(join(folder.path, 'taken/traffic.png'), { recursive: true });
    const { code, stderr } = run('report', 'plan.json', '--charts', 'taken');
    expect(code).toBe(2);
    expect(stderr).toContain('traffic.png');
    expect(readdirSync(join(folder.path, 'taken'))).toEqual(['traffic.png']);
    const beside = run('report', 'plan.json', '--charts', 'fresh', '--markdown', 'absent/summary.md');
    expect(beside.code).toBe(2);
    expect(readdirSync(folder.path)).not.toContain('fresh');
  });

  test('no chart replaces an input', () => {
    writeFileSync(join(folder.path, 'traffic.svg'), read('plan.json'));
    const { code, stderr } = run('report', 'traffic.svg', '--charts', '.');
    expect(code).toBe(2);
    expect(stderr).toContain('an input already');
    expect(read('traffic.svg').equals(read('plan.json'))).toBe(true);
  });
});
