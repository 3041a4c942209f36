import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Plan } from '../../src/plan/plan.ts';
import { GIB, TIB } from '../../src/units.ts';
import { ROOT, runCli, ScratchFolder } from '../cli/run-cli.ts';

/**
 * 75 production VMs of CloudPhysics, about a week each, per 30 minutes. They may be read where they are, not published: where
 * the folder is not, the test says that it was skipped.
 */
const SOURCE = join(ROOT, '../shared/data/churn/cloudphysics_dev_30min.csv.gz');
const PAGE_BYTES = 4096;
const WINDOW_MS = 1_800_000;
const START_MS = Date.UTC(2026, 0, 5);

test.skipIf(!existsSync(SOURCE))(
  '75 production VMs go through analyze',
  () => {
    const rows = gunzipSync(readFileSync(SOURCE)).toString('utf8').trim().split('\n').slice(1);
    const churn = ['time,vm,disk,write_bytes'];
    const distinctBytes = new Map<string, number>();
    let writtenBytes = 0;
    for (const row of rows) {
      const [vm, window, , , writePages, , uniqueWritePages] = row.split(',') as [string, string, ...string[]];
      const time = new Date(START_MS + Number(window) * WINDOW_MS).toISOString();
      churn.push(`${time},${vm},disk0,${Number(writePages) * PAGE_BYTES}`);
      distinctBytes.set(vm, (distinctBytes.get(vm) ?? 0) + Number(uniqueWritePages) * PAGE_BYTES);
      writtenBytes += Number(writePages) * PAGE_BYTES;
    }
    expect(distinctBytes.size).toBe(75);
    // They have no sizes: the larger of 64 GiB and 20 × the distinct bytes of the week (summed over its windows, which counts a
    // page once a window), at most what a VHDX can be; half of it used.
    const disks = [...distinctBytes].map(([vm, bytes]) => {
      const sizeBytes = Math.min(64 * TIB, Math.max(64 * GIB, 20 * bytes));
      return `${vm},disk0,host1,D:,${Math.ceil(sizeBytes)},${Math.floor(Math.min(sizeBytes / 2, 200 * GIB))}`;
    });
    using folder = new ScratchFolder({
      'vms.csv': `vm,disk,host,volume,size_bytes,used_bytes\n${disks.join('\n')}\n`,
      'churn.csv': `${churn.join('\n')}\n`,
    });
    const { code, stdout, stderr } = runCli(
      ['analyze', 'vms.csv', '--churn', 'churn.csv', '--bandwidth', '1Gbps', '--json', '-'],
      folder.path,
    );
    expect([0, 1], stderr).toContain(code);
    const plan = JSON.parse(stdout) as Plan;
    expect(plan.fleet.vmCount).toBe(75);
    expect(plan.vms.every((vm) => vm.initialReplication.endMs !== null)).toBe(true);
    // The week is the horizon, so what was written is what was recorded, but for windows after the seventh day and repetition
    // where a recording is shorter.
    const weekBytes = plan.fleet.churnBytesPerDay * 7;
    expect(weekBytes / writtenBytes).toBeGreaterThan(0.8);
    expect(weekBytes / writtenBytes).toBeLessThan(1.3);
  },
  120_000,
);
