import { describe, expect, it } from 'vitest';
import type { InventoryFile } from '../../src/ingest/inventory-file.ts';
import { parseMap, readMapped } from '../../src/ingest/mapped-table.ts';
import { csvTable } from '../../src/ingest/table-source.ts';
import { GIB } from '../../src/units.ts';
import { codes, lines, textSource } from './text-sources.ts';

function read(map: string, ...texts: readonly string[]): Promise<InventoryFile> {
  const { columns, problems } = parseMap(map);
  expect(problems).toEqual([]);
  return readMapped(csvTable(textSource('scvmm.csv', lines(...texts))), columns);
}

describe('--map', () => {
  it('names columns by our keys', () => {
    expect(parseMap('size=VHDSize(GB), vm = VMName ,disk=VHDName,used="Size, on: disk":GiB,host=Host: name')).toEqual({
      columns: [
        { key: 'size', header: 'VHDSize(GB)' },
        { key: 'vm', header: 'VMName' },
        { key: 'disk', header: 'VHDName' },
        { key: 'used', header: 'Size, on: disk', unit: 'GiB' },
        { key: 'host', header: 'Host: name' },
      ],
      problems: [],
    });
  });

  it.each([
    ['', 'map-missing-column map-missing-column'],
    ['vm=a', 'map-missing-column'],
    ['vm=a,size', 'map-wrong-entry'],
    ['vm=a,size=', 'map-wrong-entry'],
    ['vm=a,size=b,sise=c', 'map-unknown-column'],
    ['vm=a,size=b,size=c', 'map-column-twice'],
    ['vm=a,size= A ', 'map-column-twice'],
    ['vm=a,size=b,__proto__=c', 'map-unknown-column'],
  ])('%j is refused', (map, expected) => {
    const { problems } = parseMap(map);
    expect(problems.map(({ code }) => code).join(' ')).toBe(expected);
    expect(problems.every(({ file }) => file === '--map')).toBe(true);
  });

  it('says what was meant', () => {
    expect(parseMap('vm=a,sise=b').problems[0]!.message).toContain('did you mean "size"?');
  });
});

describe('a table with --map', () => {
  const header = 'VMName,VMHost,VHDName,VHDSize(GB),Size(GB),Notes';

  it('is read as our own, its other columns passed over', async () => {
    const file = await read(
      'size=VHDSize(GB),vm=vmname,disk=VHDName,used=Size(GB),host=VMHost',
      header,
      'a,h,os.vhdx,100,40,x',
    );
    expect(file.problems.all()).toEqual([]);
    expect(file.rows).toEqual([
      { row: 2, vm: 'a', disk: 'os.vhdx', host: 'h', volume: '', sizeBytes: 100e9, usedBytes: 40e9 },
    ]);
    expect([file.hasDiskColumn, file.headerOf('size'), file.headerOf('churn')]).toEqual([true, 'VHDSize(GB)', 'churn']);
  });

  it.each([
    ['VHDSizeGB', '', 1e9],
    ['VHD size [GiB]', '', GIB],
    ['vhd_size_gib', '', GIB],
    ['VHDSize', ':GiB', GIB],
    ['VHDSize(GB)', ':GiB', GIB],
    ['Größe GB', '', 1e9],
    ['MaximumSize', ':bytes', 1],
  ])('takes the unit of %s%s', async (size, unit, factor) => {
    const file = await read(`vm=V,size=${size}${unit}`, `V,${size}`, 'a,2097152');
    expect([file.problems.errorCount, file.rows[0]?.sizeBytes === 2_097_152 * factor || 'too large']).toEqual(
      factor * 2_097_152 > 64 * 1024 ** 4 ? [1, 'too large'] : [0, true],
    );
    const small = await read(`vm=V,size=${size}${unit}`, `V,${size}`, `a,${factor === 1 ? 2_097_152 : 3}`);
    expect(small.rows[0]!.sizeBytes).toBe(factor === 1 ? 2_097_152 : 3 * factor);
  });

  it.each([['Sizeb'], ['Web'], ['SizeMb'], ['Club']])('finds no unit in %s', async (size) => {
    const file = await read(`vm=V,size=${size}`, `V,${size}`, 'a,40');
    expect(file.problems.all()).toMatchObject([
      {
        ...{ code: 'csv-missing-unit', file: 'scvmm.csv', row: 2, column: size, value: '40' },
        message: `"40" has no unit, neither in the cell nor in the header "${size}".`,
        remedy: expect.stringContaining(`--map size=${size}:GB`),
      },
    ]);
  });

  it('takes units of cells, and churn', async () => {
    const file = await read('vm=V,size=S,churn=W:MB/s', 'V,S,W', 'a,40 GiB,1.5');
    expect(file.rows[0]).toMatchObject({ sizeBytes: 40 * GIB, churn: { perSec: 1.5e6, isShare: false } });
  });

  it('names the user’s columns in problems, and lets none of ours in', async () => {
    const file = await read(
      'vm=V,size=Cap:GB,used=Full:GB',
      'V,Cap,Full,vm,size_gib',
      'a,1,2,b,7',
      ',1,1,b,7',
      'c,1.024,x,b,7',
    );
    expect(codes({ problems: file.problems.all() })).toEqual([
      'vms-used-over-size@2',
      'vms-empty-name@3',
      'csv-wrong-number@4',
    ]);
    expect(file.problems.all().map(({ column }) => column)).toEqual(['Full', 'V', 'Full']);
    expect(file.problems.all()[2]!.message).toBe('"Full" needs a number.');
    expect(file.rows.map(({ vm, sizeBytes }) => [vm, sizeBytes])).toEqual([
      ['a', 1e9],
      ['c', 1.024e9],
    ]);
  });

  it('says which column is not there, or there twice', async () => {
    const gone = await read('vm=VNName,size=S:GB', 'VMName,S', 'a,1');
    expect(gone.problems.all()).toMatchObject([
      { code: 'map-header-not-found', row: 1, column: 'VNName', remedy: 'Did you mean --map vm=VMName?' },
    ]);
    expect(gone.rows).toEqual([]);
    const twice = await read('vm=V,size=S:GB', 'V,S,s', 'a,1,2');
    expect(codes({ problems: twice.problems.all() })).toEqual(['csv-same-column-twice@1']);
    expect(codes({ problems: (await read('vm=V,size=S:GB')).problems.all() })).toEqual(['csv-empty']);
  });

  it('keeps the count of the errors that are not listed', async () => {
    const rows = Array.from({ length: 250 }, (_, at) => `v${at},x`);
    const file = await read('vm=V,size=S:GB', 'V,S', ...rows);
    expect(file.problems.all()).toHaveLength(201);
    expect(file.problems.all().at(-1)!.message).toContain('50 more');
  });
});
