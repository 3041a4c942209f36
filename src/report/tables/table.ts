import type { RunClock } from '../../model/clock.ts';
import type { Plan } from '../../plan/plan.ts';
import { GIB, MINUTE_MS } from '../../units.ts';

/** What stands in a cell; `null` where there is no value. Numbers are in the base unit of their column's kind. */
export type Cell = string | number | boolean | null;

/**
 * What a column holds: `text` · `number`, without a unit or with one that `unit` names · `mixed`, a text or a number · `flag`, yes or no ·
 * `bytes` · `rate`, bits per second · `duration`, milliseconds · `instant`, milliseconds on the run's clock · `share`, of one.
 */
export type CellKind = 'text' | 'number' | 'mixed' | 'flag' | 'bytes' | 'rate' | 'duration' | 'instant' | 'share';

/** A column, for every form that a table takes. */
export interface Column {
  /** Name for programs, unique in its table, in the plan's own words and with the base unit: `churnBytesPerDay`. */
  readonly key: string;
  /** For people, without the unit. */
  readonly title: string;
  readonly kind: CellKind;
  /** What people read the values in: `GiB`; '' where there is none. Of kind `number` it is the values' own. */
  readonly unit: string;
  /** Base units in one `unit`: 2^30 for GiB. */
  readonly perUnit: number;
}

/** Rows and columns made from a plan: plain data, which every document writes in its own way. */
export interface Table {
  /** Unique in the registry; a file's name: lower-case letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  /** The sheet's name in a workbook, at most 31 characters. */
  readonly sheet: string;
  /** What a row is and what the numbers rest on, a sentence or two. */
  readonly note: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

/** One entry of the registry. */
export interface TableMaker {
  readonly id: string;
  readonly title: string;
  readonly sheet: string;
  readonly make: (plan: Plan) => Table;
}

/** All tables of a plan, and the clock that their instants are on. */
export interface Tables {
  readonly clock: RunClock;
  readonly tables: readonly Table[];
}

/** A column and where its values come from. */
export interface ColumnOf<Item> {
  readonly key: string;
  readonly title: string;
  readonly kind: CellKind;
  /** The kind's own where it is absent ({@link UNITS}). */
  readonly unit?: string;
  readonly of: (item: Item, plan: Plan) => Cell;
}

/** Base units in one unit. Sizes are printed binary, links decimal. */
const PER_UNIT: Readonly<Record<string, number>> = {
  ...{ GiB: GIB, MiB: 1024 ** 2 },
  ...{ 'Mbit/s': 1e6 },
  ...{ s: 1000, min: MINUTE_MS, h: 60 * MINUTE_MS, d: 1440 * MINUTE_MS },
};
/** What people read a kind in, unless the column says otherwise. */
const UNITS: Readonly<Partial<Record<CellKind, string>>> = {
  bytes: 'GiB',
  rate: 'Mbit/s',
  duration: 'min',
  share: '%',
  instant: 'local time',
};
const SCALED: readonly CellKind[] = ['bytes', 'rate', 'duration'];

/**
 * A table of the registry: one item of the plan is one row.
 *
 * @throws where a column's unit is not known
 */
export function defineTable<Item>(definition: {
  readonly id: string;
  readonly title: string;
  readonly sheet: string;
  readonly note: string;
  readonly columns: readonly ColumnOf<Item>[];
  readonly items: (plan: Plan) => readonly Item[];
}): TableMaker {
  const { id, title, sheet, note, columns, items } = definition;
  const plain = columns.map(({ of: _of, ...column }) => withUnit(column));
  return {
    ...{ id, title, sheet },
    make: (plan) => ({
      ...{ id, title, sheet, note, columns: plain },
      rows: items(plan).map((item) => columns.map((column) => column.of(item, plan))),
    }),
  };
}

function withUnit(column: Omit<ColumnOf<never>, 'of'>): Column {
  const { kind } = column;
  const unit = column.unit ?? UNITS[kind] ?? '';
  const perUnit = SCALED.includes(kind) ? PER_UNIT[unit] : 1;
  if (perUnit === undefined) throw new Error(`${column.key}: ${kind} cannot be printed in ${unit}`);
  return { ...column, unit, perUnit };
}

/** `Churn per day (GiB)`; without a unit the title alone. */
export function headingOf({ title, unit }: Column): string {
  return unit === '' ? title : `${title} (${unit})`;
}

/** The cell as people read it: in the column's unit. */
export function inUnit({ perUnit }: Column, cell: Cell): Cell {
  return typeof cell === 'number' ? cell / perUnit : cell;
}
