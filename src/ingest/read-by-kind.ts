import type { MeasuredReplication } from '../model/measured-replication.ts';
import type { ChurnFile } from './churn-file.ts';
import { readChurn } from './churn-rows.ts';
import type { ChurnStore } from './churn-store.ts';
import { formatListTable } from './format-list.ts';
import type { Input } from './input.ts';
import type { Inventory } from './inventory.ts';
import type { InventoryFile } from './inventory-file.ts';
import { type MappedColumn, readMapped } from './mapped-table.ts';
import { readParquet } from './parquet.ts';
import { readPdh } from './pdh-churn.ts';
import { readPrometheus } from './prometheus.ts';
import type { Reading } from './reading.ts';
import type { ReplicationFile } from './receipts.ts';
import type { Recognised } from './recognise.ts';
import { readReplicaCounters } from './replica-counters.ts';
import { readReplicationStatistics } from './replication-statistics.ts';
import { readClusterPerf, readGetCounter } from './sample-tables.ts';
import { csvTable } from './table-source.ts';
import type { TimeZone } from './time-zone.ts';
import { readVms } from './vms.ts';
import { readWorkbookFiles } from './workbook-files.ts';

/** Who reads which kind of file. */
/** A file and what it was recognised as. */
export interface Recognition {
  readonly input: Input;
  readonly as: Recognised;
}

export const INVENTORY_KINDS: readonly Recognised['kind'][] = ['inventory', 'export', 'workbook', 'disk'];
const CHURN_KINDS: readonly Recognised['kind'][] = [
  'churn',
  'pdh',
  'prometheus',
  'parquet',
  'get-counter',
  'cluster-perf',
];

/** Whether a file says what is written to disks. A log of Hyper-V Replica's counters alone does not. */
export function tellsChurn({ input, as }: Recognition): boolean {
  return CHURN_KINDS.includes(as.kind) && !(as.kind === 'pdh' && isReplicaLog(input));
}

/** What a file says of VMs and disks; nothing where it is no inventory. */
export async function readInventory(
  { input, as }: Recognition,
  isChurnElsewhere: boolean,
  columnMap: readonly MappedColumn[] | undefined,
  reading: Reading,
): Promise<InventoryFile[]> {
  switch (as.kind) {
    case 'inventory': {
      const table = csvTable(reading.of(input));
      return [await (columnMap === undefined ? readVms(table, isChurnElsewhere) : readMapped(table, columnMap))];
    }
    case 'export': {
      const file = await as.format.read((as.isList ? formatListTable : csvTable)(reading.of(input)));
      return [{ ...file, isExport: true }];
    }
    case 'workbook':
      return (await readWorkbookFiles(input)).map((file) => ({ ...file, isExport: true }));
    default:
      return [];
  }
}

/** The rows of one churn file, put into the store. */
export function readMeasured(
  { input, as }: Recognition,
  reading: Reading,
  inventory: Inventory,
  store: ChurnStore,
  fileIndex: number,
  zone: TimeZone | undefined,
): Promise<ChurnFile> {
  switch (as.kind) {
    case 'pdh':
      return readPdh(reading.bytesOf(input), inventory, store, fileIndex, zone);
    case 'get-counter':
      return readGetCounter(reading.of(input), inventory, store, fileIndex);
    case 'cluster-perf':
      return readClusterPerf(reading.of(input), inventory, store, fileIndex);
    case 'parquet':
      reading.note(input.name, 0);
      return readParquet(input.name, inventory, store, fileIndex);
    case 'prometheus':
      return readPrometheus(reading.of(input), inventory, store, fileIndex);
    default:
      return readChurn(reading.bytesOf(input), inventory, store, fileIndex);
  }
}

export interface ReplicationFiles {
  readonly files: readonly ReplicationFile[];
  readonly measured: readonly MeasuredReplication[];
}

/** Measurements of replication that already runs: exports of its statistics, and its counters in performance logs. */
export async function readReplication(
  recognitions: readonly Recognition[],
  reading: Reading,
): Promise<ReplicationFiles> {
  const files: ReplicationFile[] = [];
  for (const { input, as } of recognitions) {
    if (as.kind === 'statistics') {
      files.push({
        format: 'statistics of running replication',
        ...(await readReplicationStatistics(reading.of(input))),
      });
    } else if (as.kind === 'pdh' && hasReplicaCounters(input)) {
      files.push({ format: 'counters of Hyper-V Replica', ...(await readReplicaCounters(reading.bytesOf(input))) });
    }
  }
  return { files, measured: files.flatMap(({ measured }) => measured) };
}

/** Whether a performance log has the counters of Hyper-V Replica and none of disks. */
export function isReplicaLog(input: Input): boolean {
  return (
    hasReplicaCounters(input) &&
    !/\\(Hyper-V Virtual Storage Device|PhysicalDisk|LogicalDisk)\(/i.test(input.headText ?? '')
  );
}

/** As far as the head shows it: the counters of a log stand by object. */
function hasReplicaCounters({ headText = '' }: Input): boolean {
  return /\\Hyper-V Replica VM\(/i.test(headText);
}
