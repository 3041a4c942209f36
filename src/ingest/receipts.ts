import type { MeasuredReplication } from '../model/measured-replication.ts';
import type { Receipt } from '../model/receipt.ts';
import type { Coverage } from '../model/workload.ts';
import type { ChurnFile } from './churn-file.ts';
import type { ChurnStore } from './churn-store.ts';
import type { Input } from './input.ts';
import type { Inventory } from './inventory.ts';
import type { InventoryFile } from './inventory-file.ts';
import type { ProblemList } from './problem-list.ts';

const EXAMPLES = 5;
const HOURS_OF_WEEK = 168;

/** What became of an inventory. */
export function inventoryReceipt(file: InventoryFile, { vms }: Inventory): Receipt {
  const disks = vms.flatMap((vm) =>
    vm.disks.filter((disk) => disk.file === file).map((disk) => `${vm.name} / ${disk.name}`),
  );
  const known = file.rows.length - disks.length;
  return {
    ...{ file: file.problems.file, format: file.format, read: file.read ?? [] },
    ...{ rowCount: file.rowCount, usedCount: file.rows.length + file.vms.length },
    dropped: listed(file.dropped),
    joins: [
      ...(disks.length > 0 || file.vms.length === 0
        ? [{ what: 'disks that it is the first to name', count: disks.length, examples: disks.slice(0, EXAMPLES) }]
        : []),
      ...(file.vms.length > 0
        ? [{ what: 'VMs of which it tells the whole', count: file.vms.length, examples: [] }]
        : []),
      ...(known > 0 ? [{ what: 'disks that another file names too', count: known, examples: [] }] : []),
    ],
  };
}

/** How much of the week is known of a file's disks, all files together. */
function coverageNotes(disks: ReadonlySet<number>, coverageOf: ReadonlyMap<number, Coverage>): string[] {
  const hours = [...disks].flatMap((disk) => coverageOf.get(disk)?.hoursOfWeek ?? []);
  if (hours.length === 0) return [];
  const least = hours.reduce((fewest, count) => Math.min(fewest, count));
  const whole = hours.filter((count) => count === HOURS_OF_WEEK).length;
  if (whole === hours.length) return ['every disk was measured in every hour of the week'];
  return [
    `${whole} of ${hours.length} disks were measured in every hour of the week; the least known one in ${least} of ${HOURS_OF_WEEK}`,
  ];
}

/** What was read of replication that already runs. */
export interface ReplicationFile {
  readonly format: string;
  readonly measured: readonly MeasuredReplication[];
  readonly problems: ProblemList;
  readonly rowCount: number;
}

export function replicationReceipt({ format, measured, problems, rowCount }: ReplicationFile): Receipt {
  const vms = [...new Set(measured.map(({ vm }) => vm))];
  return {
    ...{ file: problems.file, format, read: [], rowCount, usedCount: measured.length, dropped: [] },
    joins: [{ what: 'VMs whose replication it measures', count: vms.length, examples: vms.slice(0, EXAMPLES) }],
  };
}

/** Files of a folder that are none of ours, all together. */
export function ignoredReceipt(inputs: readonly Input[]): Receipt[] {
  if (inputs.length === 0) return [];
  const names = inputs.slice(0, EXAMPLES).map(({ name }) => name);
  return [
    {
      ...{ file: 'other files of the folders', format: 'nothing that is read', read: [], rowCount: 0, usedCount: 0 },
      ...{ dropped: [], joins: [{ what: 'files left alone', count: inputs.length, examples: names }] },
    },
  ];
}

/** What became of a churn file. */
export function churnReceipt(
  file: ChurnFile,
  index: number,
  store: ChurnStore,
  epochMs: Float64Array,
  repeatedCount: number,
  coverageOf: ReadonlyMap<number, Coverage>,
): Receipt {
  let fromEpochMs = Number.POSITIVE_INFINITY;
  let untilEpochMs = Number.NEGATIVE_INFINITY;
  const disks = new Set<number>();
  for (let at = 0; at < store.length; at++) {
    if (store.fileIndex[at] !== index) continue;
    fromEpochMs = Math.min(fromEpochMs, epochMs[at]!);
    untilEpochMs = Math.max(untilEpochMs, epochMs[at]!);
    disks.add(store.diskIndex[at]!);
  }
  return {
    ...{ file: file.problems.file, format: file.format, read: [...file.read, ...coverageNotes(disks, coverageOf)] },
    ...{ rowCount: file.rowCount, usedCount: file.usedCount },
    dropped: [
      ...listed(file.dropped),
      ...(repeatedCount > 0 ? [{ reason: 'another file had them already', count: repeatedCount }] : []),
    ],
    joins: [
      { what: 'disks of the inventory that it measures', count: disks.size, examples: [] },
      ...(file.notFound.length === 0
        ? []
        : [
            {
              what: 'names that no disk of the inventory has',
              count: file.notFound.length,
              examples: file.notFound.slice(0, EXAMPLES),
            },
          ]),
    ],
    ...(fromEpochMs <= untilEpochMs ? { coversMs: { fromEpochMs, untilEpochMs } } : {}),
  };
}

function listed(dropped: ReadonlyMap<string, number>): Receipt['dropped'] {
  return [...dropped].map(([reason, count]) => ({ reason, count }));
}
