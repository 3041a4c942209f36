import {
  isAzureMigrateAssessment,
  isAzureMigrateImport,
  readAzureMigrateAssessment,
  readAzureMigrateImport,
} from './azure-migrate.ts';
import {
  isGetVhd,
  isGetVm,
  isGetVmHardDiskDrive,
  isMeasureVm,
  readGetVhd,
  readGetVm,
  readGetVmHardDiskDrive,
  readMeasureVm,
} from './hyperv-exports.ts';
import type { InventoryFile } from './inventory-file.ts';
import {
  isLiveOpticsPerformance,
  isLiveOpticsVms,
  readLiveOpticsPerformance,
  readLiveOpticsVms,
} from './live-optics.ts';
import { isPlannerSheet, readPlannerSheet } from './planner-sheet.ts';
import { isVDisk, isVInfo, isVPartition, readVDisk, readVInfo, readVPartition } from './rvtools.ts';
import { sheetTable, type TableSource } from './table-source.ts';

/** A table that a known tool writes, and how it is read. */
export interface InventoryFormat {
  /** `rvtools-vdisk`. */
  readonly id: string;
  /** `RVTools vDisk`. */
  readonly title: string;
  /**
   * By the header's names alone, in any case and order, never by the file's name. No two formats claim one header, and none claims our own CSV
   * or a series.
   */
  readonly matches: (headers: readonly string[]) => boolean;
  /** Reads the table once. What is wrong with it is in the file's problems. */
  readonly read: (source: TableSource) => Promise<InventoryFile>;
}

export const INVENTORY_FORMATS: readonly InventoryFormat[] = [
  { id: 'rvtools-vdisk', title: 'RVTools vDisk', matches: isVDisk, read: readVDisk },
  { id: 'rvtools-vinfo', title: 'RVTools vInfo', matches: isVInfo, read: readVInfo },
  { id: 'rvtools-vpartition', title: 'RVTools vPartition', matches: isVPartition, read: readVPartition },
  { id: 'live-optics-vms', title: 'Live Optics VMs', matches: isLiveOpticsVms, read: readLiveOpticsVms },
  {
    ...{ id: 'live-optics-performance', title: 'Live Optics VM Performance' },
    ...{ matches: isLiveOpticsPerformance, read: readLiveOpticsPerformance },
  },
  {
    ...{ id: 'azure-migrate-import', title: 'Azure Migrate import' },
    ...{ matches: isAzureMigrateImport, read: readAzureMigrateImport },
  },
  {
    ...{ id: 'azure-migrate-assessment', title: 'Azure Migrate assessment' },
    ...{ matches: isAzureMigrateAssessment, read: readAzureMigrateAssessment },
  },
  { id: 'get-vhd', title: 'Get-VHD', matches: isGetVhd, read: readGetVhd },
  {
    ...{ id: 'get-vmharddiskdrive', title: 'Get-VMHardDiskDrive' },
    ...{ matches: isGetVmHardDiskDrive, read: readGetVmHardDiskDrive },
  },
  { id: 'get-vm', title: 'Get-VM', matches: isGetVm, read: readGetVm },
  { id: 'measure-vm', title: 'Measure-VM', matches: isMeasureVm, read: readMeasureVm },
  { id: 'asr-planner', title: 'ASR deployment planner', matches: isPlannerSheet, read: readPlannerSheet },
];

/** The format of a table by its header; `undefined` where it is none of a known tool. */
export function inventoryFormatOf(headers: readonly string[]): InventoryFormat | undefined {
  return INVENTORY_FORMATS.find((format) => format.matches(headers));
}

/** A sheet of a workbook that a known tool wrote. */
export interface InventorySheet {
  readonly sheet: string;
  readonly format: InventoryFormat;
  readonly source: TableSource;
}

/** Notes and titles before a header take no more rows than that. [chosen] */
const MAX_HEADER_ROW = 50;

/**
 * The sheets of a workbook that known tools wrote, such as RVTools' vInfo, vDisk and vPartition; others are left aside. Where notes come first, the
 * header is the first row that is one.
 */
export function inventorySheets(
  name: string,
  sheets: readonly { readonly name: string; readonly rows: readonly (readonly string[])[] }[],
): InventorySheet[] {
  return sheets.flatMap(({ name: sheet, rows }) => {
    for (let at = 0; at < Math.min(rows.length, MAX_HEADER_ROW); at++) {
      const format = inventoryFormatOf(rows[at]!);
      if (format !== undefined) return [{ sheet, format, source: sheetTable(`${name} [${sheet}]`, rows, at) }];
    }
    return [];
  });
}
