import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/plan/plan.ts';
import { validatePlan } from '../plan/validate-plan.ts';
import { ROOT, runCli, ScratchFolder } from './run-cli.ts';

const FLEET = `vm,disk,host,volume,size_gib,used_gib,churn_gib_per_day
SQL01,os,HV01,C:,80,35,1.2
SQL01,data,HV01,D:,500,31,14
WEB01,os,HV02,C:,60,22,0.8
DC01,os,HV02,C:,60,12,0.4
`;

/** What `--json -` printed. */
function planOf(stdout: string): Plan {
  return JSON.parse(stdout) as Plan;
}

describe('analyze, as a user meets it', () => {
  test('a summary, report.html by default, exit 0 where the bandwidth is the one that the RPO needs', () => {
    using folder = new ScratchFolder({ 'vms.csv': FLEET });
    const { code, stdout, stderr } = runCli(['analyze', 'vms.csv'], folder.path);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toContain('3 VMs');
    expect(stdout).toContain('Written: report.html');
    expect(readdirSync(folder.path).sort()).toEqual(['report.html', 'vms.csv']);
  });

  test('exit 1 where an objective is broken', () => {
    using folder = new ScratchFolder({ 'vms.csv': FLEET });
    const { code, stdout } = runCli(['analyze', 'vms.csv', '--bandwidth', '2Mbps', '--json', 'plan.json'], folder.path);
    expect(code).toBe(1);
    expect(stdout).toContain('2 Mbit/s do not protect');
    expect(readdirSync(folder.path).sort()).toEqual(['plan.json', 'vms.csv']);
  });

  test('only what is named is written; --quiet prints nothing', () => {
    using folder = new ScratchFolder({ 'vms.csv': FLEET });
    const { stdout, stderr } = runCli(
      ['analyze', 'vms.csv', '--out', 'a.html', '--json', 'b.json', '--quiet'],
      folder.path,
    );
    expect(stdout + stderr).toBe('');
    expect(readdirSync(folder.path).sort()).toEqual(['a.html', 'b.json', 'vms.csv']);
  });

  test('--json - prints the plan and nothing else; it validates, and is the same every time', () => {
    using folder = new ScratchFolder({ 'vms.csv': FLEET });
    const args = ['analyze', 'vms.csv', '--bandwidth', '50Mbps', '--json', '-', '--seed', '3'];
    const { stdout } = runCli(args, folder.path);
    expect(validatePlan(planOf(stdout))).toEqual([]);
    expect(planOf(stdout).seed).toBe(3);
    expect(runCli(args, folder.path).stdout).toBe(stdout);
    expect(readdirSync(folder.path)).toEqual(['vms.csv']);
  });

  test('the order of the rows changes nothing but the order of the output', () => {
    const [header, ...rows] = FLEET.trim().split('\n');
    using folder = new ScratchFolder({ 'a.csv': FLEET, 'b.csv': [header, ...rows.toReversed()].join('\n') });
    const args = ['--bandwidth', '20Mbps', '--json', '-'];
    const there = planOf(runCli(['analyze', 'a.csv', ...args], folder.path).stdout);
    const back = planOf(runCli(['analyze', 'b.csv', ...args], folder.path).stdout);
    expect(back.vms.map((vm) => vm.name)).toEqual(['DC01', 'WEB01', 'SQL01']);
    const sorted = (plan: Plan): Plan => ({
      ...plan,
      receipts: [],
      runHash: '',
      // It names VMs one after another, in texts.
      runbook: { ...plan.runbook, tasks: [], batches: [], preamble: '' },
      // Of things that are alike, the first of the file stands first.
      findings: plan.findings.map((finding) => ({ ...finding, evidence: finding.evidence.toSorted() })),
      // Which file and row told of a disk is what differs.
      vms: plan.vms.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map((vm) => ({ ...vm, readFrom: [] })),
      derivations: plan.derivations.map((derivation) => ({
        ...derivation,
        inputs: derivation.inputs.map((input) => ({ ...input, from: '' })),
      })),
      compatibility: { ...plan.compatibility, vms: plan.compatibility.vms.toSorted((a, b) => (a.vm < b.vm ? -1 : 1)) },
      cost: { ...plan.cost, vms: plan.cost.vms.toSorted((a, b) => (a.name < b.name ? -1 : 1)) },
      placement: {
        ...plan.placement!,
        vms: plan
          .placement!.vms.toSorted((a, b) => (a.vm < b.vm ? -1 : 1))
          .map((vm) => ({ ...vm, disks: vm.disks.toSorted((a, b) => (a.disk < b.disk ? -1 : 1)) })),
      },
    });
    expect(sorted(back)).toEqual(sorted(there));
  });

  test('colour only on a terminal that wants it', () => {
    using folder = new ScratchFolder({ 'vms.csv': FLEET });
    expect(runCli(['analyze', 'vms.csv'], folder.path, { NO_COLOR: '1' }).stdout).not.toContain('\u001b');
  });

  test('every default stands among the assumptions with its reason and source', () => {
    using folder = new ScratchFolder({ 'vms.csv': FLEET });
    const { assumptions } = planOf(runCli(['analyze', 'vms.csv', '--json', '-', '--rpo', '20min'], folder.path).stdout);
    const names = assumptions.map((assumption) => assumption.name);
    for (const name of [
      'capacityBitsPerSec',
      'rpoTargetMs',
      'horizonMs',
      'growthRatio',
      'efficiencyRatio',
      'retryLadderMs',
      'copyFrequencyMs',
      'timeZone',
      'seed',
    ]) {
      expect(names).toContain(name);
    }
    expect(new Set(names).size).toBe(names.length);
    for (const { reason, source } of assumptions) {
      expect(reason).not.toBe('');
      expect(source).not.toBe('');
    }
    expect(assumptions.find(({ name }) => name === 'rpoTargetMs')).toMatchObject({ value: 1_200_000, origin: 'given' });
  });

  test('an outage on the command line costs what the ladder says', () => {
    using folder = new ScratchFolder({ 'vms.csv': FLEET });
    const args = ['--bandwidth', '1Gbps', '--aligned', '--fault', 'link down at 2d10h for 40min', '--json', '-'];
    const plan = planOf(runCli(['analyze', 'vms.csv', ...args], folder.path).stdout);
    expect(plan.link.outages).toEqual([{ startMs: 208_800_000, endMs: 211_200_000 }]);
    // 55 minutes from the failure to the attempt that gets through, on top of the interval before it.
    expect(plan.rpo.steady.maxMs).toBeGreaterThanOrEqual((5 + 55) * 60_000);
    expect(plan.rpo.steady.maxMs).toBeLessThan((5 + 56) * 60_000);
    expect(plan.vms.every((vm) => vm.firstFailureAtMs === 208_800_000)).toBe(true);
    expect(plan.recommendation.bitsPerSecForRpoAlways).toBeNull();
  });

  test('a site file gives the link, the hosts and the space', () => {
    const site = {
      hosts: [{ name: 'HV01', uplink: '10 Mbps', maxActiveTransfers: 1 }],
      volumes: [{ name: 'D:', host: 'HV01', capacity: '1 TiB', free: '200 GiB' }],
      link: { bandwidth: '200 Mbps', efficiency: 0.9 },
    };
    using folder = new ScratchFolder({ 'vms.csv': FLEET, 'site.json': JSON.stringify(site) });
    const { stdout } = runCli(['analyze', 'vms.csv', '--site', 'site.json', '--json', '-'], folder.path);
    const plan = planOf(stdout);
    expect(plan.link.capacityBitsPerSec).toBe(200e6);
    expect(plan.volumes.find((volume) => volume.name === 'HV01: D:')).toMatchObject({ freeBytes: 200 * 2 ** 30 });
    // 66 GiB over a way out of 10 Mbit/s.
    const sql = plan.vms[0]!.initialReplication;
    expect(sql.endMs).toBe(Math.ceil((66 * 2 ** 30 * 8000) / (10e6 * 0.9)));
  });

  test('a volume below its reserve sends nothing, and the objective is broken', () => {
    const site = { volumes: [{ name: 'D:', host: 'HV01', capacity: '1 TiB', free: '1 GiB' }] };
    using folder = new ScratchFolder({ 'vms.csv': FLEET, 'site.json': JSON.stringify(site) });
    const args = ['analyze', 'vms.csv', '--site', 'site.json', '--bandwidth', '200Mbps', '--json', '-'];
    const { code, stdout } = runCli(args, folder.path);
    const plan = planOf(stdout);
    expect(code).toBe(1);
    expect(plan.verdict.objectives.find(({ id }) => id === 'volume-space')?.met).toBe(false);
    expect(plan.vms[0]!.initialReplication.endMs).toBeNull();
  });

  test('clouds, policies, batches, recovery plans, faults and actions of a site file, between two VMM sites', () => {
    const site = {
      vaults: [{ name: 'vault-01' }],
      clouds: [
        {
          name: 'Gold',
          vmmServer: 'vmm-a',
          vault: 'vault-01',
          recoveryCloud: 'Gold at B',
          policy: 'quick',
          hosts: ['HV01'],
        },
        { name: 'Rest', vmmServer: 'vmm-a', vault: 'vault-01', hosts: ['HV02'] },
      ],
      policies: [{ name: 'quick', copyFrequency: '30s', recoveryPoints: '4h', appConsistent: '1h' }],
      vms: [{ vm: 'WEB01', cloud: 'Gold', initialReplication: 'media 2d' }],
      batches: [{ at: '6h', vms: ['SQL01'] }],
      recoveryPlans: [{ name: 'Shop', groups: [{ vms: ['SQL01'] }, { vms: ['WEB01'] }] }],
      faults: ['link down at 3d for 30min'],
      actions: ['pause SQL01 at 4d', 'resume SQL01 at 4d1h'],
    };
    using folder = new ScratchFolder({ 'vms.csv': FLEET, 'site.json': JSON.stringify(site) });
    const { stdout, stderr } = runCli(
      [
        ...['analyze', 'vms.csv', '--site', 'site.json', '--scenario', 'vmm-to-vmm', '--bandwidth', '1Gbps'],
        ...['--authentication', 'kerberos', '--policy-compression', 'on', '--action', 'resynchronize WEB01 at 5d'],
        ...['--json', '-'],
      ],
      folder.path,
    );
    expect(stderr).toBe(
      'warning: site.json, column clouds[1].recoveryCloud: 1 VM cannot be protected, "DC01": cloud "Rest" is mapped to no recovery cloud.\n' +
        '  Name the cloud at the recovery site.\n',
    );
    const plan = planOf(stdout);
    expect(validatePlan(plan)).toEqual([]);
    const value = (name: string): unknown => plan.assumptions.find((assumption) => assumption.name === name)?.value;
    expect(value('overrides')).toBe(3);
    expect(value('authentication')).toBe('kerberos');
    expect(value('policyCompression')).toBe('on');
    expect(value('initialReplication')).toBe('network, at once');
    const [sql, web, dc] = plan.vms;
    expect(sql!.initialReplication.startMs).toBe(6 * 3_600_000);
    expect(web!.protectedAtMs).toBeGreaterThanOrEqual(2 * 86_400_000);
    expect(dc!.protectedAtMs).toBeNull();
    expect(plan.link.outages).toEqual([{ startMs: 3 * 86_400_000, endMs: 3 * 86_400_000 + 1_800_000 }]);
  });

  test('--help answers, and each command’s help has two examples', () => {
    using folder = new ScratchFolder();
    for (const args of [['--help'], ['analyze', '--help']]) {
      const { code, stdout } = runCli(args, folder.path);
      expect(code).toBe(0);
      expect(stdout.match(/^ {4}\$ asr-plan analyze/gm)).toHaveLength(2);
    }
  });

  test('the README’s main job runs, with what it says', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    const command = /npx asr-plan (analyze datasets\/.*)/.exec(readme)![1]!;
    using folder = new ScratchFolder();
    const args = command.split(' ').map((word) => (word.startsWith('datasets/') ? join(ROOT, word) : word));
    const { code, stderr } = runCli(args, folder.path);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(existsSync(join(folder.path, 'report.html'))).toBe(true);
  });
});

describe('bad input ends with 2, says where, what and what to do, and writes nothing', () => {
  const header = 'vm,disk,host,volume,size_gib,used_gib,churn_gib_per_day\n';
  const cases: readonly (readonly [string, string | Uint8Array, readonly string[]])[] = [
    ['a wrong number', `${header}A,d,h,v,eighty,1,1\n`, ['row 2', 'size_gib', 'eighty']],
    ['a missing column', 'vm,disk,used_gib,churn_gib_per_day\nA,d,1,1\n', ['size']],
    ['a duplicate disk', `${header}A,d,h,v,80,1,1\nA,d,h,v,80,1,1\n`, ['row 3']],
    ['a negative size', `${header}A,d,h,v,-80,1,1\n`, ['row 2', 'size_gib', '-80']],
    ['used above size', `${header}A,d,h,v,80,81,1\n`, ['row 2', 'used_gib', '81']],
    ['churn above 10 GB/s', 'vm,size_gib,churn\nA,80,11 GB/s\n', ['row 2', 'churn', '11 GB/s']],
    ['a number without a unit', 'vm,size,churn_gib_per_day\nA,80,1\n', ['row 2', 'size', '80']],
    ['an empty file', '', []],
    ['a header alone', header, []],
    ['a file that is not text', Uint8Array.from([0x50, 0x4b, 3, 4, 0, 0, 8, 0, 1, 2, 3, 0]), []],
    ['__proto__ alone as a header', '__proto__,constructor\n1,2\n', ['vm']],
  ];
  test.each(cases)('%s', (_, content, expected) => {
    using folder = new ScratchFolder({ 'vms.csv': content });
    const { code, stdout, stderr } = runCli(['analyze', 'vms.csv', '--json', 'plan.json'], folder.path);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^error: vms\.csv/);
    for (const part of expected) expect(stderr).toContain(part);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(readdirSync(folder.path)).toEqual(['vms.csv']);
  });

  test('a line of 200 MB', () => {
    const line = new Uint8Array(200e6).fill(0x61);
    line.set(new TextEncoder().encode(header));
    using folder = new ScratchFolder({ 'vms.csv': line });
    const { code, stderr } = runCli(['analyze', 'vms.csv'], folder.path);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: vms\.csv, row 2/);
  });

  test('all problems of all files and flags at once', () => {
    using folder = new ScratchFolder({
      'vms.csv': `${header}A,d,h,v,-80,1,1\nB,d,h,v,80,81,1\n`,
      'churn.csv': 'time,vm,disk,write_bytes\nyesterday,A,d,1\n',
      'site.json': '{ "link": { "bandwidth": "fast" } }',
    });
    const { code, stderr } = runCli(
      [
        'analyze',
        'vms.csv',
        '--churn',
        'churn.csv',
        '--site',
        'site.json',
        '--rpo',
        'soon',
        '--copy-frequency',
        '15min',
        '--fault',
        'link gone',
      ],
      folder.path,
    );
    expect(code).toBe(2);
    for (const part of ['-80', '81', 'yesterday', 'fast', 'soon', '2014 preview', 'link gone'])
      expect(stderr).toContain(part);
  });

  test('a policy of the site file that the scenario does not offer', () => {
    const site = { policies: [{ name: 'p', copyFrequency: '15min' }], vms: [{ vm: 'SQL01', policy: 'p' }] };
    using folder = new ScratchFolder({ 'vms.csv': FLEET, 'site.json': JSON.stringify(site) });
    const { code, stderr } = runCli(['analyze', 'vms.csv', '--site', 'site.json'], folder.path);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: site\.json, column policies\[0\]\.copyFrequency: 15 minutes was .*2014 preview/);
    expect(readdirSync(folder.path).toSorted()).toEqual(['site.json', 'vms.csv']);
  });

  test.each([
    ['a missing file', ['analyze', 'nowhere.csv'], 'nowhere.csv'],
    ['an unknown option', ['analyze', 'vms.csv', '--bandwith', '1Mbps'], '--bandwidth'],
    ['an output that is an input', ['analyze', 'vms.csv', '--json', 'vms.csv'], 'is an input already'],
    ['two outputs in one place', ['analyze', 'vms.csv', '--json', 'x', '--out', './x'], 'is the output of'],
    ['an output in no folder', ['analyze', 'vms.csv', '--json', 'no/where/plan.json'], 'folder does not exist'],
    ['a rate without a unit', ['analyze', 'vms.csv', '--bandwidth', '100'], '--bandwidth 100Mbps'],
    ['15 minutes to Azure', ['analyze', 'vms.csv', '--copy-frequency', '15min'], '2014 preview'],
    [
      'compression by the policy to Azure',
      ['analyze', 'vms.csv', '--policy-compression', 'on'],
      'has no switch for compression',
    ],
    [
      'media to Azure',
      ['analyze', 'vms.csv', '--initial-replication', 'media 7d'],
      'offline initial replication to Azure is not supported',
    ],
    ['an action on no VM', ['analyze', 'vms.csv', '--action', 'pause SQL02 at 1d'], 'SQL02'],
    ['a growth factor without %', ['analyze', 'vms.csv', '--growth-factor', '0.3'], '--growth-factor 30%'],
  ])('%s', (_, args, expected) => {
    using folder = new ScratchFolder({ 'vms.csv': FLEET });
    const { code, stderr } = runCli(args, folder.path);
    expect(code).toBe(2);
    expect(stderr).toContain(expected);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(readdirSync(folder.path)).toEqual(['vms.csv']);
    expect(readFileSync(join(folder.path, 'vms.csv'), 'utf8')).toBe(FLEET);
  });

  test('a folder without a file', () => {
    using folder = new ScratchFolder({});
    const { code, stderr } = runCli(['analyze', '.'], folder.path);
    expect(code).toBe(2);
    expect(stderr).toContain('There is no file in this folder');
  });

  test('a VM of a hostile name is a VM', () => {
    const name = '</script><script>alert(1)</script>';
    using folder = new ScratchFolder({ 'vms.csv': `${header}${name},d,h,v,80,1,1\n` });
    const { code, stdout } = runCli(['analyze', 'vms.csv', '--json', '-'], folder.path);
    expect(code).toBe(0);
    expect(planOf(stdout).vms[0]!.name).toBe(name);
  });
});
