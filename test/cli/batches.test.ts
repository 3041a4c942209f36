import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Plan } from '../../src/plan/plan.ts';
import { runCli, ScratchFolder } from './run-cli.ts';

const VMS = [
  'vm,disk,host,volume,size_gib,used_gib,churn_gib_per_day',
  ...Array.from({ length: 6 }, (_, index) => `VM${index},os,HV01,D:,100,${20 + index},${4 + index}`),
].join('\n');
const SITE = JSON.stringify({ volumes: [{ name: 'D:', host: 'HV01', capacity: '100 GiB', free: '8 GiB' }] });
const RUN = ['analyze', 'vms.csv', '--site', 'site.json', '--bandwidth', '100Mbps', '--horizon', '3d', '-q'];

function planOf(folder: string, name: string): Plan {
  return JSON.parse(readFileSync(join(folder, name), 'utf8'));
}

test('batches are written, read back, and simulated as they were planned', () => {
  using folder = new ScratchFolder();
  writeFileSync(join(folder.path, 'vms.csv'), VMS);
  writeFileSync(join(folder.path, 'site.json'), SITE);
  const first = runCli([...RUN, '--batches-out', 'batches.csv', '--json', 'a.json'], folder.path);
  expect(first.stderr).not.toContain('error');
  const planned = planOf(folder.path, 'a.json');
  const batches = planned.batches!.batches;
  expect(batches.length).toBeGreaterThan(1);
  expect(planned.batches!.holds).toBe(true);
  expect(planned.runbook.batches.map(({ name, startMs }) => [name, startMs])).toEqual(
    batches.map(({ name, startMs }) => [name, startMs]),
  );

  const second = runCli([...RUN, '--batches', 'batches.csv', '--json', 'b.json'], folder.path);
  expect(second.stderr).not.toContain('error');
  const done = planOf(folder.path, 'b.json');
  const endOf = new Map(done.vms.map((vm) => [vm.name, vm.initialReplication.endMs]));
  for (const { vms, initialReplicationEndMs } of batches) {
    expect(Math.max(...vms.map(({ vm }) => endOf.get(vm)!))).toBe(initialReplicationEndMs);
  }
  expect(done.volumes[0]).toMatchObject({ lowAtMs: null });
  expect(done.volumeSpace[0]!.deficitBytes).toBe(0);
  // At once it would not have fitted.
  expect(planned.volumeSpace[0]!.deficitBytes!).toBeGreaterThan(0);
  expect(planned.volumeSpace[0]!.advice[0]).toMatch(/^Enable the VMs in the \d batches of this plan: then it fits/);
}, 60_000);

test('batches in two places, an unknown VM and a wrong time are bad input, all at once', () => {
  using folder = new ScratchFolder();
  writeFileSync(join(folder.path, 'vms.csv'), VMS);
  writeFileSync(join(folder.path, 'site.json'), JSON.stringify({ batches: [{ at: '1d', vms: ['VM1'] }] }));
  writeFileSync(join(folder.path, 'batches.csv'), 'vm,at\nVM7,1d\nVM2,soon\n');
  const { code, stderr } = runCli([...RUN, '--batches', 'batches.csv', '--json', 'a.json'], folder.path);
  expect(code).toBe(2);
  for (const part of ['has batches too', 'VM "VM7"', 'soon', 'Write it as 0min']) expect(stderr).toContain(part);
});
