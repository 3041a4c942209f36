import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { readXml } from '../report/well-formed-xml.ts';
import { ROOT, runCli, ScratchFolder } from './run-cli.ts';

const VMS = `vm,disk,host,volume,size_gib,used_gib,churn_kib_per_s
SQL01,d,HV1,C:\\ClusterStorage\\V1,100,5,200
SQL02,d,HV1,C:\\ClusterStorage\\V1,100,5,50
WEB01,d,HV2,D:,60,3,20
`;
const BASE = ['vms.csv', '--bandwidth', '20Mbps', '--horizon', '2d', '--skip-initial-replication'];
const SPACE = ['--vary', 'outage.length in 0 h .. 4 h', '--vary', 'outage.start in day'];

function study(folder: ScratchFolder, ...more: readonly string[]): ReturnType<typeof runCli> {
  return runCli(['study', ...BASE, ...SPACE, '--scenarios', '300', ...more], folder.path);
}

describe('asr-plan study', () => {
  test('finds, says and writes; its replay makes the very plan; the exit code says whether it holds', () => {
    using folder = new ScratchFolder({ 'vms.csv': VMS });
    const found = study(folder, '--require', 'rpo.max <= 2 h', '--out', 'study.html', '--json', 'study.json');
    expect([found.code, found.stderr]).toEqual([1, '']);
    expect(found.stdout).toContain('✕ BROKEN rpo.max <= 2 h');
    expect(found.stdout).toContain('Any outage.length up to');
    expect(existsSync(join(folder.path, 'study.answers.jsonl'))).toBe(false);
    const { counterexample, holds } = JSON.parse(readFileSync(join(folder.path, 'study.json'), 'utf8'));
    expect(holds).toBe(false);
    expect(readFileSync(join(folder.path, 'study.html'), 'utf8')).toContain('What-if study');
    // The words of the replay, as a shell would take them apart.
    const words = [...counterexample.replay.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare);
    expect(words[0]).toBe('asr-plan');
    const replayed = runCli([...words.slice(1), '--json', 'plan.json'], folder.path);
    expect(replayed.code).toBe(1);
    const plan = JSON.parse(readFileSync(join(folder.path, 'plan.json'), 'utf8'));
    expect(plan.rpo.steady.maxMs).toBe(counterexample.planValue[0].value);
    expect(plan.assumptions.map(({ source }: { source: string }) => source)).toContain('--with');
    expect(study(folder, '--require', 'rpo.max <= 20 h', '--quiet').code).toBe(0);
  });

  test('the answer is the same with one thread and with three', () => {
    using folder = new ScratchFolder({ 'vms.csv': VMS });
    const [one, three] = ['1', '3'].map((workers) => {
      study(folder, '--require', 'rpo.max <= 2 h', '--workers', workers, '--json', `${workers}.json`);
      return readFileSync(join(folder.path, `${workers}.json`), 'utf8');
    });
    expect(one).toBe(three);
  });

  test('killed and resumed, nothing is lost and nothing is run twice', async () => {
    using folder = new ScratchFolder({ 'vms.csv': VMS });
    // Often copied, so that there is time to kill it.
    const args = ['--require', 'rpo.max <= 2 h', '--workers', '1', '--copy-frequency', '30s', '--json', 'study.json'];
    const whole = study(folder, ...args);
    expect(whole.code).toBe(1);
    const expected = readFileSync(join(folder.path, 'study.json'), 'utf8');

    const answers = join(folder.path, 'study.answers.jsonl');
    const command = ['study', ...BASE, ...SPACE, '--scenarios', '300', ...args, '--quiet'];
    const killed = spawn(process.execPath, [join(ROOT, 'bin/asr-plan.js'), ...command], {
      cwd: folder.path,
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => killed.once('exit', resolve));
    const lineCount = (): number => (existsSync(answers) ? readFileSync(answers, 'utf8').split('\n').length - 1 : 0);
    while (lineCount() < 20 && killed.exitCode === null) await pause(2);
    expect(killed.exitCode, 'it was through before it could be killed').toBeNull();
    killed.kill('SIGKILL');
    await ended;
    const kept = readFileSync(answers, 'utf8');
    const keptCount = kept.slice(0, kept.lastIndexOf('\n')).split('\n').length - 1;
    // As a cut in the middle of a line leaves it.
    writeFileSync(answers, `${kept.slice(0, kept.lastIndexOf('\n') + 1)}{"scenario":"outage.le`);

    const refused = study(folder, ...args);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('--resume');
    const other = study(folder, ...args, '--resume', '--require', 'resyncs == 0');
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('another run, or other promises');

    // Told from the answers that are added: a file that cannot be removed keeps them all.
    const resumed = runCli([...command, '--resume', '--answers', 'study.answers.jsonl'], folder.path);
    expect(resumed.code).toBe(1);
    expect(readFileSync(join(folder.path, 'study.json'), 'utf8')).toBe(expected);
    expect(existsSync(answers)).toBe(false);
    expect(keptCount).toBeGreaterThanOrEqual(19);
  });

  test('interrupted from the keyboard it says how to go on', async () => {
    using folder = new ScratchFolder({ 'vms.csv': VMS });
    const command = [
      'study',
      ...BASE,
      ...SPACE,
      '--require',
      'rpo.max <= 2 h',
      '--scenarios',
      '300',
      '--copy-frequency',
      '30s',
    ];
    const running = spawn(process.execPath, [join(ROOT, 'bin/asr-plan.js'), ...command], { cwd: folder.path });
    let said = '';
    running.stderr.on('data', (chunk) => {
      said += chunk;
    });
    const ended = new Promise((resolve) => running.once('exit', resolve));
    const answers = join(folder.path, 'study.answers.jsonl');
    const isBegun = (): boolean => existsSync(answers) && readFileSync(answers, 'utf8').split('\n').length > 5;
    while (!isBegun() && running.exitCode === null) await pause(2);
    running.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(said).toContain('--resume');
    expect(existsSync(answers)).toBe(true);
  });

  test('kept answers are taken at their word: what is in the file is not run again', () => {
    using folder = new ScratchFolder({ 'vms.csv': VMS });
    const args = ['--require', 'rpo.max <= 2 h', '--json', 'study.json', '--out', 'missing/study.html'];
    // A document that cannot be written leaves the answers, so that nothing is lost.
    expect(study(folder, ...args).code).toBe(2);
    const path = join(folder.path, 'study.answers.jsonl');
    const lines = readFileSync(path, 'utf8').trim().split('\n');
    // Twice only where first the verdict was wanted, and then what the promises come to.
    const scenarios = lines.slice(1).map((line) => {
      const { scenario, answer } = JSON.parse(line);
      return `${scenario} ${answer.judgements === null ? 'verdict' : 'values'}`;
    });
    expect(new Set(scenarios).size).toBe(scenarios.length);
    // Every one is said to hold: then the study must say so too.
    const told = lines.slice(1).map((line) => {
      const { scenario, answer } = JSON.parse(line);
      return JSON.stringify({ scenario, answer: { ...answer, holds: true } });
    });
    writeFileSync(path, `${[lines[0], ...told].join('\n')}\n`);
    const resumed = study(folder, '--require', 'rpo.max <= 2 h', '--json', '-', '--resume', '--quiet');
    expect(JSON.parse(resumed.stdout).holds || JSON.parse(resumed.stdout).scenariosRun > scenarios.length).toBe(true);
  });

  test('everything that is wrong is said at once', () => {
    using folder = new ScratchFolder({ 'vms.csv': VMS });
    const wrong = runCli(
      [
        ...[
          'study',
          ...BASE,
          '--require',
          'rpo.p59 <= 15 min',
          '--require',
          'import("fs")',
          '--vary',
          'outage.lenght in 0 h .. 8 h',
        ],
        ...[
          '--vary',
          'churn x 1 .. 1e9',
          '--correlate',
          'churn, growth: 2',
          '--scenarios',
          '0',
          '--workers',
          '0',
          '--within',
          '2%',
        ],
      ],
      folder.path,
    );
    expect(wrong.code).toBe(2);
    for (const words of [
      'rpo.p95',
      '--require',
      'outage.length',
      '--vary',
      '--correlate',
      '--scenarios',
      '--workers',
      '--within',
    ]) {
      expect(wrong.stderr, words).toContain(words);
    }
    expect(wrong.stderr).not.toContain('at file:');
    const named = runCli(
      ['study', ...BASE, '--require', 'rpo.p95 <= 15 min', '--vary', 'churn x 1', '--anonymize'],
      folder.path,
    );
    expect([named.code, named.stderr.includes('--anonymize')]).toEqual([2, true]);
    const nothing = runCli(['study', ...BASE], folder.path);
    expect([nothing.code, nothing.stderr.includes('Nothing varies'), nothing.stderr.includes('no promise')]).toEqual([
      2,
      true,
      true,
    ]);
  });
});

describe('asr-plan solve', () => {
  test('the least bandwidth, and what breaks below it', () => {
    using folder = new ScratchFolder({ 'vms.csv': VMS });
    const solved = runCli(
      ['solve', 'bandwidth', ...BASE, '--for', 'rpo.max <= 15 min', '--under', 'burst 2 h at 11:00', '--json', '-'],
      folder.path,
    );
    expect([solved.code, solved.stderr]).toEqual([0, '']);
    const { value, breaksAt, witness, under } = JSON.parse(solved.stdout);
    expect(value).toBeGreaterThan(breaksAt);
    expect(breaksAt / value).toBeGreaterThan(0.98);
    expect(under).toEqual(
      ['burst.length = 2 h', 'burst.start = Thu 1970-01-01 11:00'].map((text) =>
        expect.stringContaining(text.slice(0, 14)),
      ),
    );
    expect(witness.planValue[0].holds).toBe(false);
    const atValue = runCli(
      [
        'analyze',
        ...BASE,
        '--with',
        'burst 2 h at 11:00',
        '--with',
        `bandwidth = ${value}bps`,
        '--json',
        '-',
        '--quiet',
      ],
      folder.path,
    );
    expect(JSON.parse(atValue.stdout).rpo.steady.maxMs).toBeLessThanOrEqual(15 * 60_000);
  });

  test('what cannot be solved for is said', () => {
    using folder = new ScratchFolder({ 'vms.csv': VMS });
    for (const what of ['seed', 'outage.start', 'bandwith', 'batches', "vms['SQL9'].churn"]) {
      const wrong = runCli(['solve', what, ...BASE, '--for', 'rpo.max <= 15 min'], folder.path);
      expect([what, wrong.code]).toEqual([what, 2]);
    }
  });
});

const OBJECTIVES = `schema: asr-plan/objectives@1
objectives:
  - name: a usual week
    require: rpo.p95 <= 15 min
  - name: 'an outage of 2 hours <at> any hour'
    require: [rpo.max <= 30 min, resyncs == 0]
    under: [outage.length = 2 h, outage.start in day]
`;

describe('asr-plan check', () => {
  test('an objective that holds and one that is broken, with JUnit for a CI system', () => {
    using folder = new ScratchFolder({ 'vms.csv': VMS, 'objectives.yaml': OBJECTIVES });
    const checked = runCli(['check', 'objectives.yaml', ...BASE, '--junit', 'results.xml'], folder.path);
    expect([checked.code, checked.stderr]).toEqual([1, '']);
    expect(checked.stdout).toContain('✓ a usual week (1 scenario, all)');
    expect(checked.stdout).toContain('✕ an outage of 2 hours <at> any hour (24 scenarios, all)');
    const xml = readFileSync(join(folder.path, 'results.xml'), 'utf8');
    expect(readXml(xml.slice(xml.indexOf('<testsuites'))).tags.filter(({ name }) => name === 'testcase')).toHaveLength(
      2,
    );
    expect(xml).toContain('tests="2" failures="1"');
    expect(xml).toContain('&lt;at&gt;');
    expect(xml).toContain('rpo.max &lt;= 30 min');
    const only = OBJECTIVES.slice(0, OBJECTIVES.indexOf("  - name: 'an"));
    writeFileSync(join(folder.path, 'objectives.yaml'), only);
    expect(runCli(['check', 'objectives.yaml', ...BASE], folder.path).code).toBe(0);
  });

  test.each([
    ['broken YAML', 'schema: [', 'row'],
    ['another file', 'hello: 1', 'schema'],
    ['no list', 'schema: asr-plan/objectives@1\nobjectives: 3', 'objectives'],
    [
      'a bomb of aliases',
      `schema: asr-plan/objectives@1\na: &a [x,x]\nb: &b [*a,*a,*a,*a]\nc: [*b,*b,*b,*b]\nobjectives: *b`,
      'aliases',
    ],
    ['a wrong promise', 'schema: asr-plan/objectives@1\nobjectives:\n - require: rpo.p59 < 1 h', 'rpo.p95'],
    ['no promise', 'schema: asr-plan/objectives@1\nobjectives:\n - name: x', 'no promise'],
    ['an unknown key', 'schema: asr-plan/objectives@1\nobjectives:\n - requires: rpo.p95 < 1 h', "'requires'"],
    ['a number', 'schema: asr-plan/objectives@1\nobjectives:\n - require: 5', 'neither a text'],
    [
      'two of one name',
      'schema: asr-plan/objectives@1\nobjectives:\n - require: rpo.p95 < 1 h\n - require: rpo.p95 < 1 h',
      'this name',
    ],
    ['a prototype', 'schema: asr-plan/objectives@1\nobjectives:\n - __proto__: {require: x}', 'no promise'],
  ])('%s is refused with a reason', (_, text, reason) => {
    using folder = new ScratchFolder({ 'vms.csv': VMS, 'objectives.yaml': text });
    const wrong = runCli(['check', 'objectives.yaml', ...BASE], folder.path);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain(reason === 'row' ? 'objectives.yaml' : reason);
    expect(wrong.stderr).not.toContain('our own fault');
  });
});
