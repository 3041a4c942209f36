import { MIB } from '../units.ts';
import { MACHINE_COLUMNS, machineTraits, withTraits } from './export-traits.ts';
import { Export, type ExportColumn, headerKey, inUnit, isYes } from './inventory-export.ts';
import type { InventoryFile } from './inventory-file.ts';
import { usedWithin, vmSize, warnOfSizes } from './inventory-sizes.ts';
import type { TableSource } from './table-source.ts';

/** The workbook of Live Optics (formats F12). Older ones call MiB `MB`. */
const MIBS = { measure: 'size', unit: inUnit(MIB) } as const;

const COLUMNS: readonly ExportColumn[] = [
  { key: 'vm', names: ['vmname'], isRequired: true },
  { key: 'power', names: ['powerstate'] },
  { key: 'template', names: ['template'] },
  { key: 'host', names: ['host'] },
  { key: 'size', names: ['virtualdisksizemib', 'virtualdisksizemb'], isRequired: true, ...MIBS },
  { key: 'used', names: ['virtualdiskusedmib', 'virtualdiskusedmb'], ...MIBS },
  ...MACHINE_COLUMNS,
  { key: 'guestUsed', names: ['guestvmdiskusedmib', 'guestvmdiskusedmb'], ...MIBS },
];

/** Whether the headers are those of the sheet VMs. */
export function isLiveOpticsVms(headers: readonly string[]): boolean {
  const names = headers.map(headerKey);
  return names.includes('vmname') && names.some((name) => /^virtualdisksizemi?b$/.test(name));
}

/** Whether the headers are those of the sheet VM Performance. */
export function isLiveOpticsPerformance(headers: readonly string[]): boolean {
  const names = headers.map(headerKey);
  return names.includes('vmname') && names.includes('averageiops') && names.includes('averagekbsec');
}

/** The sheet VMs: the size of each VM's disks together, and what they use. */
export async function readLiveOpticsVms(source: TableSource): Promise<InventoryFile> {
  const table = new Export(source.name);
  await table.read(source, COLUMNS, () => {
    if (isYes(table.text('template'))) return table.drop('a template');
    const vm = table.vm();
    if (vm === undefined) return;
    if (/off$/i.test(table.text('power'))) table.note('off', vm);
    const host = table.name('host', 'host');
    const sizeBytes = vmSize(table, 'size', vm);
    const usedBytes = usedWithin(table, table.text('used') === '' ? 'guestUsed' : 'used', sizeBytes ?? 0, vm);
    table.addVm({
      ...{ vm, host },
      ...(usedBytes === undefined ? {} : { usedBytes }),
      ...(sizeBytes === undefined ? {} : { sizeBytes }),
      ...withTraits(machineTraits(table)),
    });
  });
  table.warnOf(
    'off',
    'inventory-powered-off',
    (count, names) => `Powered off, and planned too: ${count}: ${names}.`,
    'VM',
    'Exclude those that are not to be replicated.',
  );
  warnOfSizes(table);
  return table.done('Live Optics VMs');
}

/** The sheet VM Performance has reads and writes in one number: nothing is taken from it, which is said. */
export async function readLiveOpticsPerformance(source: TableSource): Promise<InventoryFile> {
  const table = new Export(source.name);
  await table.read(source, [{ key: 'vm', names: ['vmname'], isRequired: true }], () => {});
  const message = 'The sheet has reads and writes in one number: no churn can be told from it, and none was taken.';
  const remedy = 'Measure the writes with a performance counter, or give a churn for each VM.';
  table.problems.warning('live-optics-no-writes', { column: 'Average KB/sec' }, message, remedy);
  return table.done('Live Optics VM Performance');
}
