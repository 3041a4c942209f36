import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCsv } from '../../src/formats/csv.ts';
import { formatListTable } from '../../src/ingest/format-list.ts';
import type { InventoryFile } from '../../src/ingest/inventory-file.ts';
import { INVENTORY_FORMATS } from '../../src/ingest/inventory-formats.ts';
import { parseMap, readMapped } from '../../src/ingest/mapped-table.ts';
import { csvTable, sheetTable } from '../../src/ingest/table-source.ts';
import { GIB, MIB, TIB } from '../../src/units.ts';
import { codes, textSource } from './text-sources.ts';

const FOLDER = resolve(import.meta.dirname, '../../datasets/inventories');
const SAMPLES: readonly (readonly [id: string, text: string])[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.csv'))
  .map((name) => [name.replace('.csv', ''), readFileSync(resolve(FOLDER, name), 'utf8')] as const);

function read(id: string, text: string): Promise<InventoryFile> {
  return INVENTORY_FORMATS.find((format) => format.id === id)!.read(csvTable(textSource(`${id}.csv`, text)));
}

async function headerOf(text: string): Promise<readonly string[]> {
  let headers: readonly string[] = [];
  await readCsv(textSource('', text).chunks, {
    header(cells) {
      headers = cells;
      return false;
    },
    record() {},
    fault() {},
  });
  return headers;
}

function told(file: InventoryFile): unknown {
  const { format, rows, vms, dropped, rowCount, problems } = file;
  return { format, rowCount, dropped: Object.fromEntries(dropped), rows, vms, problems: problems.all() };
}

it('has a sample of every format', () => {
  expect(SAMPLES.map(([id]) => id).sort()).toEqual(INVENTORY_FORMATS.map(({ id }) => id).sort());
});

describe.each(SAMPLES)('%s', (id, text) => {
  it('is claimed by its format alone, in any case and order', async () => {
    const headers = await headerOf(text);
    fc.assert(
      fc.property(fc.shuffledSubarray([...headers], { minLength: headers.length }), fc.boolean(), (some, isUpper) => {
        const given = some.map((header) => (isUpper ? ` ${header.toUpperCase()} ` : header));
        expect(INVENTORY_FORMATS.filter((format) => format.matches(given)).map((format) => format.id)).toEqual([id]);
      }),
      { numRuns: 20 },
    );
  });

  it('reads as it is written beside it', async () => {
    const golden = resolve(FOLDER, `${id}.expected.json`);
    const file = await read(id, text);
    expect(file.format).toBe(INVENTORY_FORMATS.find((format) => format.id === id)!.title);
    if (process.env.UPDATE === '1') writeFileSync(golden, `${JSON.stringify(told(file), undefined, 2)}\n`);
    expect(told(file)).toEqual(JSON.parse(readFileSync(golden, 'utf8')));
  });

  it('reads alike from a sheet and in pieces', async () => {
    const rows: (readonly string[])[] = [];
    await readCsv(textSource('', text).chunks, {
      header: (cells) => rows.push(cells) > 0,
      record: (cells) => rows.push(cells),
      fault() {},
    });
    const format = INVENTORY_FORMATS.find((candidate) => candidate.id === id)!;
    const whole = await read(id, text);
    // Numbers of a sheet have no separators; line numbers differ behind a #TYPE line.
    if (!/[\d]{1,3}[.,]\d{3}[.,;"]/.test(text) && !text.startsWith('#')) {
      expect(told(await format.read(sheetTable(`${id}.csv`, rows)))).toEqual(told(whole));
    }
    const pieces = await format.read(csvTable(textSource(`${id}.csv`, text, [1, 7, 2])));
    expect(told(pieces)).toEqual(told(whole));
  });

  it('gives rows or problems of any prefix and mutation, and never throws', async () => {
    const prefix = fc.integer({ min: 0, max: text.length }).map((length) => text.slice(0, length));
    const bits = fc.oneof(
      fc.constantFrom(',', '"', '\n', '-1', '1e308', '1,024', '0', ';', '\t', 'NaN', '999999999999999', '\u0000'),
      fc.string({ maxLength: 5 }),
    );
    const edits = fc.array(fc.tuple(fc.nat(text.length), fc.nat(6), bits), { minLength: 1, maxLength: 6 });
    const mutant = edits.map((all) =>
      all.reduce((now, [at, length, bit]) => now.slice(0, at) + bit + now.slice(at + length), text),
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(prefix, mutant), async (given) => {
        const file = await read(id, given);
        checkLaws(file);
        if (file.rows.length + file.vms.length === 0)
          expect(file.problems.all().length + file.dropped.size).toBeGreaterThan(0);
      }),
      { numRuns: 150 },
    );
  });
});

/** What must hold of every file, however broken. */
function checkLaws(file: InventoryFile): void {
  const hasErrors = file.problems.errorCount > 0;
  for (const row of file.rows) {
    expect(row.row).toBeGreaterThan(0);
    expect(row.vm !== '' || (row.path ?? '') !== '').toBe(true);
    if (row.sizeBytes !== 0) expect(row.sizeBytes >= MIB && row.sizeBytes <= 64 * TIB).toBe(true);
    if (row.usedBytes !== undefined)
      expect(row.usedBytes >= 0 && row.usedBytes <= (row.sizeBytes || Infinity)).toBe(true);
  }
  for (const row of [...file.rows, ...file.vms]) {
    const numbers = [row.sizeBytes, row.usedBytes, row.churn?.perSec].filter((value) => value !== undefined);
    for (const value of numbers) expect(Number.isFinite(value)).toBe(true);
    if (!hasErrors && row.churn !== undefined) expect(row.churn.perSec >= 0 && row.churn.perSec <= 10e9).toBe(true);
  }
  expect(new Set(file.vms.map(({ vm }) => vm.toLowerCase())).size).toBe(file.vms.length);
  expect(file.rows.length + file.vms.length).toBeLessThanOrEqual(300 * file.rowCount);
  for (const problem of file.problems.all()) expect(problem.message.length * problem.remedy.length).toBeGreaterThan(0);
}

describe('what no format claims', () => {
  it.each([
    ['vm,disk,host,volume,size_gib,used_gib,churn_gib_per_day'],
    ['vm,disk,host,size,used,churn,mean_write,write_iops,exclude'],
    ['VM Name;Virtual Disk;Hyper-V Host;Datastore;Capacity (GiB);In Use [GiB];Change Rate (GiB/day)'],
    ['name,path,size,filesize,churn'],
    ['vmname,vhdpath,size_gb,filesize_gb'],
    ['Server Name,Disk Size (GB),Churn (MB/s)'],
    ['machine,drive,provisioned_gib,consumed_gib,write_rate_mb_s'],
    ['time,vm,disk,write_bytes'],
    ['Timestamp,VMName,Path,WriteBytes'],
    ['VMName,VMHost,VHDName,VHDSize'],
    [''],
    ['__proto__,constructor'],
  ])('%s', async (header) => {
    const headers = await headerOf(`${header}\n`);
    expect(INVENTORY_FORMATS.filter((format) => format.matches(headers)).map(({ id }) => id)).toEqual([]);
  });
});

describe('the text of Format-List, and tables with --map', () => {
  const list = `ComputerName : HV1\r\nPath         : C:\\VMs\\a\\disk.vhdx\r\nVhdType      : Dynamic\r\nFileSize     : 4194304\r\nSize         : ${GIB}\r\n\r\nPath : D:\\b.vhdx\r\nSize : ${2 * GIB}\r\n`;
  const table = 'VMName,VMHost,VHDName,VHDSize(GB),Size(GB)\nerp-db,HV1,os.vhdx,100,40\n';

  it('give rows or problems of any prefix and mutation, and never throw', async () => {
    const { columns } = parseMap('size=VHDSize(GB),vm=VMName,disk=VHDName,used=Size(GB),host=VMHost');
    const getVhd = INVENTORY_FORMATS.find(({ id }) => id === 'get-vhd')!;
    const edit = (text: string): fc.Arbitrary<string> =>
      fc
        .tuple(
          fc.nat(text.length),
          fc.nat(text.length),
          fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom(' : ', '\n', '  "a": 1\n')),
        )
        .map(([from, to, bit]) => text.slice(0, Math.min(from, to)) + bit + text.slice(Math.max(from, to)));
    await fc.assert(
      fc.asyncProperty(edit(list), edit(table), async (listed, mapped) => {
        checkLaws(await getVhd.read(formatListTable(textSource('l', listed, [5]))));
        expect(
          codes({ problems: (await readMapped(csvTable(textSource('m', mapped)), columns)).problems.all() }),
        ).toBeInstanceOf(Array);
      }),
      { numRuns: 200 },
    );
  });
});
