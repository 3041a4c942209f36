import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openInputs } from '../../src/cli/open-input.ts';
import { fitDisk } from '../../src/ingest/fit-disk.ts';
import { type Ingested, ingest } from '../../src/ingest/ingest.ts';
import { inspectInput } from '../../src/ingest/inspect.ts';
import { blockRunsOf, countOfBlocks, united } from '../../src/model/touch-record.ts';
import { DAY_MS, MIB } from '../../src/units.ts';

/** Each form of churn as it is read; `UPDATE=1` writes what is beside it anew. */
const FOLDER = join(import.meta.dirname, '../../datasets/measured');
const NOT_MEASURED = ['disks.csv', 'README.md', 'make.ts', 'trace.csv'];
const FILES = readdirSync(FOLDER).filter((file) => !file.endsWith('.expected.json') && !NOT_MEASURED.includes(file));

async function read(file: string): Promise<Ingested> {
  const { inputs } = await openInputs([{ path: join(FOLDER, 'disks.csv') }, { path: join(FOLDER, file) }]);
  // The zone for those forms that name none; the share for the disk of which the log tells nothing.
  return await ingest(inputs, {
    ...{ horizonMs: DAY_MS, start: '2026-01-05T08:00:00Z', timeZone: 'Europe/Berlin', assumedChurnPerDay: 0.01 },
  });
}

function told({ workload, receipts, problems }: Ingested): unknown {
  return {
    problems: problems.map(({ severity, code, file }) => `${severity} ${code} ${file}`),
    receipt: receipts[1],
    clock: workload?.clock,
    disks: workload?.vms.flatMap(({ name: vm, disks }) => disks.map((disk) => ({ vm, ...disk }))),
  };
}

function expectAsWritten(file: string, result: unknown): void {
  const found = JSON.parse(JSON.stringify(result).replaceAll(JSON.stringify(`${FOLDER}/`).slice(1, -1), ''));
  const beside = join(FOLDER, `${file}.expected.json`);
  if (process.env.UPDATE === '1') writeFileSync(beside, `${JSON.stringify(found)}\n`);
  expect(found).toEqual(JSON.parse(readFileSync(beside, 'utf8')));
}

describe('datasets/measured', () => {
  test('has one of each', () => {
    expect(FILES.length).toBeGreaterThanOrEqual(8);
    expect(existsSync(join(FOLDER, 'README.md'))).toBe(true);
  });

  test.each(FILES)('%s is read as it is written beside it', async (file) => {
    expectAsWritten(file, told(await read(file)));
  });

  test('tells the same bytes in every form', async () => {
    const forms = FILES.filter((file) => file !== 'data.hrl');
    const churns = [];
    for (const file of forms) {
      churns.push((await read(file)).workload!.vms.map(({ disks }) => disks.map(({ churn }) => churn)));
    }
    for (const churn of churns) expect(churn).toEqual(churns[0]);
  });

  test.each([...FILES, 'trace.csv'])('%s can be inspected', async (file) => {
    const { inputs } = await openInputs([{ path: join(FOLDER, file) }]);
    const { format, problems } = await inspectInput(inputs[0]!);
    expect(format.length).toBeGreaterThan(3);
    expect(problems).toEqual([]);
  });

  test('trace.csv is fitted as it is written beside it', async () => {
    const { inputs } = await openInputs([{ path: join(FOLDER, 'trace.csv') }]);
    const { value, problems } = await fitDisk(inputs[0]!);
    expect(problems).toEqual([]);
    const { summary, ...fit } = value!;
    const { pairs, churn, touched, ...counts } = summary;
    expectAsWritten('trace.csv', { ...fit, counts, pairCount: pairs.length });
    expect(touched).toMatchObject({ blockBytes: MIB, intervalsEach: 1 });
    expect(touched!.runs).toHaveLength(churn!.startMs.length);
    const blocks = touched!.runs.map(blockRunsOf).reduce(united);
    expect(countOfBlocks(blocks) * MIB).toBe(counts.chunks.find(({ chunkBytes }) => chunkBytes === MIB)!.dirtyBytes);
  });
});
