import type { Assumption } from '../../model/assumption.ts';
import type { Problem } from '../../model/problem.ts';
import type { Receipt } from '../../model/receipt.ts';
import { shownName } from '../shown-name.ts';
import { listText, shownText } from './cell-text.ts';
import { type Cell, defineTable, type TableMaker } from './table.ts';

/** What the run rests on and nobody measured. */
export const assumptions: TableMaker = defineTable<Assumption>({
  id: 'assumptions',
  title: 'Assumptions',
  sheet: 'Assumptions',
  note: 'Every value that the run rests on and that nobody measured, in the unit of its name, with its reason and source.',
  columns: [
    { key: 'name', title: 'Name', kind: 'text', of: ({ name }) => shownName(name) },
    { key: 'value', title: 'Value', kind: 'mixed', of: ({ value }) => plainValue(value) },
    { key: 'origin', title: 'Origin', kind: 'text', of: ({ origin }) => origin },
    { key: 'reason', title: 'Why', kind: 'text', of: ({ reason }) => shownText(reason) },
    { key: 'source', title: 'Source', kind: 'text', of: ({ source }) => shownText(source) },
  ],
  items: (plan) => plan.assumptions,
});

function plainValue(value: Assumption['value']): Cell {
  if (typeof value === 'string') return shownText(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return Array.isArray(value) ? value.join(', ') : (value as number | null);
}

/** What became of each file. */
export const receipts: TableMaker = defineTable<Receipt>({
  id: 'receipts',
  title: 'Files that were read',
  sheet: 'Files that were read',
  note: 'A row per file: what it was taken for, what was read and used, what was left aside and why.',
  columns: [
    { key: 'file', title: 'File', kind: 'text', of: ({ file }) => shownName(file) },
    { key: 'format', title: 'Recognised as', kind: 'text', of: ({ format }) => shownText(format) },
    {
      ...{ key: 'sizeBytes', title: 'Size', kind: 'bytes', unit: 'MiB' },
      of: ({ sizeBytes }) => sizeBytes ?? null,
    },
    { key: 'rowCount', title: 'Rows read', kind: 'number', of: ({ rowCount }) => rowCount },
    { key: 'usedCount', title: 'Rows used', kind: 'number', of: ({ usedCount }) => usedCount },
    {
      ...{ key: 'coversFromMs', title: 'Covers from', kind: 'instant' },
      of: ({ coversMs }, { clock }) => (coversMs === undefined ? null : coversMs.fromEpochMs - clock.startEpochMs),
    },
    {
      ...{ key: 'coversUntilMs', title: 'Covers until', kind: 'instant' },
      of: ({ coversMs }, { clock }) => (coversMs === undefined ? null : coversMs.untilEpochMs - clock.startEpochMs),
    },
    { key: 'read', title: 'How it was read', kind: 'text', of: ({ read }) => listText(read) },
    {
      ...{ key: 'joins', title: 'Joined', kind: 'text' },
      of: ({ joins }) => listText(joins.map(({ what, count }) => `${what}: ${count}`)),
    },
    {
      ...{ key: 'dropped', title: 'Left aside', kind: 'text' },
      of: ({ dropped }) => listText(dropped.map(({ reason, count }) => `${count}, ${reason}`)),
    },
  ],
  items: (plan) => plan.receipts,
});

/** Warnings about the input. */
export const problems: TableMaker = defineTable<Problem>({
  id: 'problems',
  title: 'Problems in the input',
  sheet: 'Problems in the input',
  note: 'What was noticed while the input was read, and what can be done about it.',
  columns: [
    { key: 'file', title: 'File', kind: 'text', of: ({ file }) => shownName(file) },
    { key: 'row', title: 'Line', kind: 'number', of: ({ row }) => row ?? null },
    {
      key: 'column',
      title: 'Column',
      kind: 'text',
      of: ({ column }) => (column === undefined ? null : shownText(column)),
    },
    { key: 'value', title: 'Found', kind: 'text', of: ({ value }) => (value === undefined ? null : shownText(value)) },
    { key: 'message', title: 'Problem', kind: 'text', of: ({ message }) => shownText(message) },
    { key: 'remedy', title: 'Remedy', kind: 'text', of: ({ remedy }) => shownText(remedy) },
    { key: 'code', title: 'Code', kind: 'text', of: ({ code }) => shownText(code) },
  ],
  items: (plan) => plan.problems,
});
