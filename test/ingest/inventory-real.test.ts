import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatListTable, isFormatList } from '../../src/ingest/format-list.ts';
import type { InventoryFile } from '../../src/ingest/inventory-file.ts';
import { INVENTORY_FORMATS, inventoryFormatOf } from '../../src/ingest/inventory-formats.ts';
import { csvTable } from '../../src/ingest/table-source.ts';
import { GIB, MIB } from '../../src/units.ts';
import { codes, textSource } from './text-sources.ts';

const SAMPLES = resolve(import.meta.dirname, '../../../shared/data/inventory');
const isThere = existsSync(SAMPLES);
if (!isThere) console.warn(`Skipped: no samples of other tools in ${SAMPLES}.`);

function textOf(name: string): string {
  return readFileSync(resolve(SAMPLES, name), 'utf8');
}

async function read(name: string, id: string): Promise<InventoryFile> {
  const text = textOf(name);
  const headers = text.slice(0, text.indexOf('\n')).trim().split(',');
  expect(INVENTORY_FORMATS.filter((format) => format.matches(headers)).map((format) => format.id)).toEqual([id]);
  return inventoryFormatOf(headers)!.read(csvTable(textSource(name, text)));
}

/** The sum of a column of a CSV without quotes, in its own unit: the naive way. */
function columnSum(
  name: string,
  column: string,
  isCounted: (cells: Map<string, string>) => boolean = () => true,
): number {
  const [header, ...rows] = textOf(name)
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.split(','));
  return rows
    .map((cells) => new Map(header!.map((key, at) => [key, cells[at] ?? ''])))
    .filter(isCounted)
    .reduce((sum, cells) => sum + Number(cells.get(column)), 0);
}

const noTemplate = (cells: Map<string, string>): boolean => cells.get('Template') !== 'True';

describe.skipIf(!isThere)('exports of real sites', () => {
  it('RVTools vDisk: 247 disks of 131 VMs, two of them templates', async () => {
    const file = await read('rvtools_billsample_tabvDisk.csv', 'rvtools-vdisk');
    expect([file.rowCount, file.rows.length, new Set(file.rows.map(({ vm }) => vm)).size]).toEqual([247, 245, 129]);
    expect(file.dropped).toEqual(new Map([['a template', 2]]));
    expect(codes({ problems: file.problems.all() })).toEqual(['~inventory-powered-off']);
    expect(file.problems.all()[0]!.message).toContain('20 VMs');
    const sizes = file.rows.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    expect(sizes).toBe(columnSum('rvtools_billsample_tabvDisk.csv', 'Capacity MB', noTemplate) * MIB);
  });

  it('RVTools vInfo: 131 VMs', async () => {
    const file = await read('rvtools_billsample_tabvInfo.csv', 'rvtools-vinfo');
    expect([file.rowCount, file.vms.length]).toEqual([131, 129]);
    expect(codes({ problems: file.problems.all() })).toEqual(['~inventory-powered-off', '~rvtools-provisioned']);
    const used = file.vms.reduce((sum, { usedBytes }) => sum + usedBytes!, 0);
    expect(used).toBe(columnSum('rvtools_billsample_tabvInfo.csv', 'In Use MB', noTemplate) * MIB);
    expect(file.vms[0]).toMatchObject({ vm: 'ADCSCA01', host: 'esxhost10.next.local', sizeBytes: 43_107 * MIB });
  });

  it('RVTools vPartition, whose column VM became "NEXT Data Center"', async () => {
    const file = await read('rvtools_billsample_tabvPartition.csv', 'rvtools-vpartition');
    expect([file.rowCount, file.vms.length, file.rows.length]).toEqual([286, 107, 0]);
    expect(codes({ problems: file.problems.all() })).toEqual(['~inventory-powered-off', '~rvtools-vm-renamed@1']);
    expect(file.problems.all()[1]!.message).toContain('"NEXT Data Center"');
    const used = file.vms.reduce((sum, { usedBytes }) => sum + usedBytes!, 0);
    expect(used).toBe(columnSum('rvtools_billsample_tabvPartition.csv', 'Consumed MB', noTemplate) * MIB);
  });

  it('Azure Migrate: 294 machines with what their disks are written', async () => {
    const file = await read('azuremigrate_avs_perf_294vm.csv', 'azure-migrate-assessment');
    expect([file.vms.length, file.rows.length, file.problems.errorCount]).toEqual([294, 0, 0]);
    const written = file.vms.reduce((sum, { churn }) => sum + churn!.perSec, 0);
    expect(written / MIB).toBeCloseTo(columnSum('azuremigrate_avs_perf_294vm.csv', 'Disk Write (in MBPS)'), 6);
    // Its GB are GiB: every size is a whole number of MiB only then.
    expect(file.vms.every(({ sizeBytes }) => sizeBytes! % MIB === 0)).toBe(true);
    // It says of all that nothing is used.
    expect(file.vms.every(({ usedBytes }) => usedBytes === undefined)).toBe(true);
  });

  it('Azure Migrate without measurements: 294 machines with their storage', async () => {
    const file = await read('azuremigrate_core_perf_vm.csv', 'azure-migrate-assessment');
    const sizes = file.vms.reduce((sum, { sizeBytes }) => sum + sizeBytes!, 0);
    expect([file.vms.length, sizes / GIB]).toEqual([
      294,
      columnSum('azuremigrate_core_perf_vm.csv', 'Storage (in GB)'),
    ]);
    expect(file.problems.all()).toEqual([]);
  });

  it('Get-VHD by Format-List, one by ConvertTo-Json, one without its path', async () => {
    const text = textOf('get-vhd_formatlist_samples.txt');
    expect(isFormatList(text)).toBe(true);
    const getVhd = INVENTORY_FORMATS.find(({ id }) => id === 'get-vhd')!;
    const file = await getVhd.read(formatListTable(textSource('list', text, [11])));
    expect(file.rows.map(({ row, sizeBytes, usedBytes, host }) => [row, sizeBytes, usedBytes, host])).toEqual([
      [3, 32 * GIB, 4 * MIB, 'WIN-2U28H0SD9S1'],
      [24, 256 * GIB, 1_164_967_936, 'PC123'],
      [65, 127 * GIB, undefined, ''],
    ]);
    expect(file.rows[2]!.path).toMatch(/^C:\\Users\\Public\\.*\.avhdx$/);
    expect(codes({ problems: file.problems.all() })).toEqual(['get-vhd-no-path@45']);
  });
});
