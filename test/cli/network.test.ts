import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/plan/plan.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/units.ts';
import { ROOT, runCli } from './run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'asr-plan-network-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, ...lines: string[]): string {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

const VMS = file(
  'vms.csv',
  'vm,disk,host,volume,size_gib,used_gib,churn_gib_per_day',
  'A,os,HV1,C:\\ClusterStorage\\V1,100,20,5',
  'B,os,HV2,C:\\ClusterStorage\\V1,100,20,5',
);
const BASE = [
  'analyze',
  VMS,
  '--bandwidth',
  '20Mbps',
  '--skip-initial-replication',
  '--start',
  '2026-01-05T00:00',
  '--horizon',
  '2d',
];

function planOf(...flags: string[]): Plan {
  const { stdout, stderr } = runCli([...BASE, ...flags, '--json', '-', '--quiet'], folder);
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

const SITE = file(
  'site.json',
  JSON.stringify({
    hosts: [{ name: 'HV1', link: 'branch' }, { name: 'HV2' }],
    links: [{ name: 'branch', bandwidth: '5 Mbps' }],
  }),
);

const CONTOSO = join(ROOT, 'datasets/contoso');

/** Two days from Thursday 2026-01-22T00:00 on. */
function contoso(...flags: string[]): Plan {
  const files = [join(CONTOSO, 'vms.csv'), '--churn', join(CONTOSO, 'churn.csv')];
  const run = ['--horizon', '2d', '--skip-initial-replication', '--json', '-', '--quiet'];
  const { stdout, stderr } = runCli(['analyze', ...files, ...flags, ...run], folder);
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

/** Time that all VMs together were held by a cause. */
function heldMs({ vms }: Plan, cause: keyof Plan['vms'][number]['constraintMs']): number {
  return vms.reduce((sum, { constraintMs }) => sum + (constraintMs[cause] ?? 0), 0);
}

describe('analyze with a site that behaves', () => {
  it('throttles every host by the pasted line', () => {
    const line =
      'Set-OBMachineSetting -WorkDay Mo,Tu -StartWorkHour 8:00 -EndWorkHour 18:00 -WorkHourBandwidth 512KB -NonWorkHourBandwidth 100MB';
    const { vms, hosts } = planOf('--throttle', line);
    // 17.4 MB in five minutes at 524,288 bit/s take 282 s.
    for (const vm of vms) expect(vm.rpo.maxMs).toBeGreaterThan(550_000);
    for (const vm of vms) expect(vm.constraintMs.throttle).toBeGreaterThan(0);
    expect(hosts.every(({ clippedFraction }) => clippedFraction > 0)).toBe(true);
  });

  it('takes outages and background use from files', () => {
    const outages = file('outages.csv', 'start,duration,link', '2026-01-05T10:00,40min,', '1d,1h,branch');
    const used = file('used.csv', 'time,mbps', '2026-01-05T00:00,15', '2026-01-05T12:00,0', '2026-01-06T00:00,15');
    const { link, furtherLinks, series } = planOf('--site', SITE, '--outages', outages, '--background', used);
    expect(link.outages).toEqual([{ startMs: 36_000_000, endMs: 38_400_000 }]);
    expect(furtherLinks.map(({ name, outages: own }) => [name, own.length])).toEqual([['branch', 1]]);
    const bucket = series.trafficBucketMs;
    expect(series.traffic.capacity[0]).toBe((5e6 / 8000) * bucket);
    expect(series.traffic.capacity[Math.floor((13 * 3_600_000) / bucket)]).toBe((20e6 / 8000) * bucket);
  });

  it('draws outages, caps connections, strikes further links and moves hosts', () => {
    const { link, events, vms } = planOf(
      ...['--site', SITE, '--random-outages', '6h/10min', '--rtt', '80ms', '--loss', '1%', '--upload-threads', '1'],
      ...[
        '--fault',
        'link branch down at 1h for 20min',
        '--fault',
        'host HV1 drained to HV2 at 1d',
        '--vhdx-growth',
        '10%',
      ],
    );
    expect(link.outages.length).toBeGreaterThan(1);
    expect(events.map(({ text, appliedCount }) => [text, appliedCount])).toEqual([
      ['host HV1 drained to HV2 at 1d', 1],
    ]);
    for (const vm of vms) expect(vm.constraintMs.threads).toBeGreaterThan(0);
  });

  it('shows what each flag does to a fleet to Azure', () => {
    const outages = file('friday.csv', 'start,duration', '2026-01-23T10:00,40min');
    const used = file('before.csv', 'time,mbps', '2026-01-05T00:00,100', '2026-01-05T12:00,0');
    const line =
      'Set-OBMachineSetting -WorkDay Mo,Tu,We,Th,Fr -StartWorkHour 8:00 -EndWorkHour 18:00 -WorkHourBandwidth 1MB -NonWorkHourBandwidth 100MB';
    const plan = contoso(
      ...['--site', join(CONTOSO, 'site.json'), '--outages', outages, '--background', used, '--throttle', line],
      ...['--rtt', '80ms', '--loss', '1%', '--upload-threads', '1', '--vhdx-growth', '10%'],
    );
    expect(plan.link.outages).toEqual([{ startMs: 34 * HOUR_MS, endMs: 34 * HOUR_MS + 40 * MINUTE_MS }]);
    // 300 Mbit/s less the 100 that others take every morning, though it was measured weeks before.
    const { trafficBucketMs, traffic } = plan.series;
    const capacityAt = (hour: number): number => traffic.capacity[(hour * HOUR_MS) / trafficBucketMs]!;
    expect([6, 18, 30, 42].map((hour) => (capacityAt(hour) * 8000) / trafficBucketMs)).toEqual([2e8, 3e8, 2e8, 3e8]);
    expect(capacityAt(34)).toBe(0);
    expect(heldMs(plan, 'throttle')).toBeGreaterThan(0);
    expect(heldMs(plan, 'threads')).toBeGreaterThan(0);
    for (const volume of plan.volumes) expect(volume.growthBytes).toBeGreaterThan(0);
    for (const [name, value] of [
      ['link.roundTripMs', 80],
      ['link.lossRatio', 0.01],
      ['link.background', 'measured'],
    ]) {
      expect(plan.assumptions).toContainEqual(expect.objectContaining({ name, value, origin: 'given' }));
    }
    expect(plan.assumptions).toContainEqual(
      expect.objectContaining({ name: 'uploadThreadsPerVm', value: 1, origin: 'given' }),
    );
    expect(plan.assumptions).toContainEqual(
      expect.objectContaining({ name: 'vhdxGrowthRatio', value: 0.1, origin: 'given' }),
    );
  });

  it('draws the same random outages from the same seed', () => {
    const drawn = ['--site', join(CONTOSO, 'site.json'), '--random-outages', '6h/10min'];
    const { outages } = contoso(...drawn, '--seed', '7').link;
    expect(outages.length).toBeGreaterThan(0);
    expect(contoso(...drawn, '--seed', '7').link.outages).toEqual(outages);
    expect(contoso(...drawn, '--seed', '8').link.outages).not.toEqual(outages);
  });

  it('lets the replicas’ storage hold a fleet up between sites, the flag before the site file', () => {
    const site = file('replica.json', JSON.stringify({ replica: { writeThroughput: '900 MB/s' } }));
    const sites = ['--scenario', 'vmm-to-vmm', '--bandwidth', '300Mbps'];
    const slow = contoso(...sites, '--site', site, '--replica-write-throughput', '4 MB/s');
    expect(slow.replicaStorage).toMatchObject({ writeBytesPerSec: 4e6 });
    expect(heldMs(slow, 'replica')).toBeGreaterThan(10 * heldMs(contoso(...sites, '--site', site), 'replica'));
  });

  it('says everything that is wrong at once, and ends with 2', () => {
    const outages = file('broken.csv', 'start,end', 'soon,2d');
    const { code, stderr } = runCli(
      [
        ...BASE,
        ...[
          '--throttle',
          'off',
          '--random-outages',
          'daily',
          '--rtt',
          '35',
          '--loss',
          '100%',
          '--upload-threads',
          '99',
        ],
        ...['--vhdx-growth', '101%', '--outages', outages, '--background', join(folder, 'none.csv')],
        ...['--fault', 'link brunch down at 1h for 20min'],
      ],
      folder,
    );
    expect(code).toBe(2);
    for (const flag of ['--throttle', '--random-outages', '--rtt', '--loss', '--upload-threads', '--vhdx-growth']) {
      expect(stderr).toContain(`error: ${flag}`);
    }
    expect(stderr).toContain('broken.csv, row 2, column start');
    expect(stderr).toContain('none.csv');
    expect(stderr).toContain('There is no link "brunch"');
    expect(stderr).not.toContain('    at ');
  });

  it('warns of what has no effect in the scenario', () => {
    const azure = runCli([...BASE, '--replica-write-throughput', '300 MB/s', '--json', '-'], folder);
    expect(azure.stderr).toContain('--replica-write-throughput has no effect');
    const sites = runCli([...BASE, '--scenario', 'vmm-to-vmm', '--upload-threads', '8', '--json', '-'], folder);
    expect(sites.stderr).toContain('--upload-threads has no effect');
    const line =
      'Set-OBMachineSetting -WorkDay Mo -StartWorkHour 8:00 -EndWorkHour 18:00 -WorkHourBandwidth 1MB -NonWorkHourBandwidth 9MB';
    const throttled = runCli([...BASE, '--scenario', 'vmm-to-vmm', '--throttle', line, '--json', '-'], folder);
    expect(throttled.stderr).toContain('between sites no agent throttles');
    expect(runCli([...BASE, '--loss', '1%', '--json', '-'], folder).stderr).toContain('warning: --loss: A loss has no');
  });

  it('refuses others that leave nothing of the bandwidth', () => {
    const used = file('all.csv', 'time,mbps', '2026-01-05T00:00,20', '2026-01-05T12:00,30');
    const { code, stderr } = runCli([...BASE, '--background', used], folder);
    expect(code).toBe(2);
    expect(stderr).toContain('error: --background: Others use 20 Mbit/s or more at every hour');
    const site = file('used.json', JSON.stringify({ link: { background: { otherwise: '20 Mbps' } } }));
    expect(runCli([...BASE, '--site', site], folder).stderr).toContain(`error: ${site}, column link.background`);
  });
});
