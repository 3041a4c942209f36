import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openInputs } from '../../src/cli/open-input.ts';
import { type Input, ingest } from '../../src/ingest/ingest.ts';
import { inspectInput } from '../../src/ingest/inspect.ts';
import { DAY_MS } from '../../src/units.ts';
import { ScratchFolder } from '../cli/run-cli.ts';

/** Files that are no plain tables, each as it is read; `UPDATE=1` writes what is beside it anew. */
const FOLDER = join(import.meta.dirname, '../../datasets/files');
const FILES = ['data.vhd', 'data.vhdx.gz', 'rvtools.xlsx', 'get-vhd.txt', 'replication.csv', 'replica-counters.csv'];

/** Packed ones are unpacked into a folder of their own. */
async function inputOf(file: string, folder: ScratchFolder): Promise<Input> {
  const name = file.replace(/\.gz$/, '');
  const bytes = readFileSync(join(FOLDER, file));
  // A disk's VM is named after its folder.
  mkdirSync(join(folder.path, 'ERP'), { recursive: true });
  const path = join(folder.path, 'ERP', name);
  writeFileSync(path, name === file ? bytes : gunzipSync(bytes));
  return (await openInputs([{ path }])).inputs[0]!;
}

describe('datasets/files', () => {
  test.each(FILES)('%s is read as it is written beside it', async (file) => {
    using folder = new ScratchFolder({ 'disks.csv': 'vm,disk,size_gib,used_gib,churn_gib_per_day\nSQL01,d,10,1,1\n' });
    const input = await inputOf(file, folder);
    const inspected = await inspectInput(input);
    // Measurements say nothing of disks: there must be some.
    const beside = file.startsWith('repli')
      ? (await openInputs([{ path: join(folder.path, 'disks.csv') }])).inputs
      : [];
    const { workload, measured, problems, receipts } = await ingest([input, ...beside], { horizonMs: DAY_MS });
    const { facts, format } = inspected;
    const told = {
      ...{ format, facts, inspected: inspected.problems, problems, receipts, measured },
      vms: workload?.vms,
    };
    const found = JSON.parse(JSON.stringify(told).replaceAll(`${folder.path}/`, ''));
    const golden = join(FOLDER, `${file}.expected.json`);
    if (process.env.UPDATE === '1') writeFileSync(golden, `${JSON.stringify(found, undefined, 1)}\n`);
    expect(found).toEqual(JSON.parse(readFileSync(golden, 'utf8')));
  });
});
