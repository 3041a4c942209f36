import type { Column, ColumnSpec, Columns } from './columns.ts';
import { fewNames, type ProblemList } from './problem-list.ts';
import { DISK_NAMES, VM_NAMES } from './vms-columns.ts';

/** The columns of a long table of churn (formats F10), whether it is a CSV or a Parquet file. */
export type ChurnColumn = 'time' | 'epoch_s' | 'epoch_ms' | 'vm' | 'disk' | 'write';

export const CHURN_COLUMNS: readonly ColumnSpec<ChurnColumn>[] = [
  {
    key: 'time',
    measure: 'text',
    isRequired: false,
    names: ['time', 'timestamp', 'datetime', 'start', 'starttime', 'intervalstart', 'date'],
  },
  { key: 'epoch_s', measure: 'count', isRequired: false, names: ['epochs', 'epochsec', 'epochseconds'] },
  { key: 'epoch_ms', measure: 'count', isRequired: false, names: ['epochms', 'epochmillis', 'epochmilliseconds'] },
  { key: 'vm', measure: 'text', isRequired: true, names: VM_NAMES },
  { key: 'disk', measure: 'text', isRequired: false, names: DISK_NAMES },
  {
    key: 'write',
    measure: 'size',
    isRequired: true,
    names: ['write', 'written', 'churn', 'datawritten'],
    byteNames: ['byteswritten', 'writebytes', 'writtenbytes', 'bytes'],
  },
];

/** The one column that says when; a problem where there is none, or more than one. */
export function timeColumn(
  columns: Columns<ChurnColumn>,
  row: number,
  problems: ProblemList,
): Column<ChurnColumn> | undefined {
  const found = (['time', 'epoch_s', 'epoch_ms'] as const).flatMap((key) => columns.get(key) ?? []);
  if (found.length === 1) return found[0];
  if (found.length === 0) {
    const message = 'There is no column "time".';
    const remedy = 'Name one column time (ISO 8601, start of the interval), epoch_s or epoch_ms.';
    problems.error('csv-missing-column', { row, column: 'time' }, message, remedy);
  } else {
    const message = `The columns ${fewNames(found.map((column) => column.header))} both are the time.`;
    problems.error('csv-same-column-twice', { row, column: found[1]!.header }, message, 'Delete one of them.');
  }
  return undefined;
}
