import type { Assumption } from '../../model/assumption.ts';
import { formatLocal } from '../../model/clock.ts';
import type { RowOfFile } from '../../model/workload.ts';
import type { Millis } from '../../units.ts';
import type { FindingUnit, Plan } from '../plan.ts';

/** How a number of the plan came about. */
export interface Derivation {
  /** Of the number, unique among those of the plan, of a VM or of a volume: `rpo-worst`. */
  readonly id: string;
  readonly title: string;
  /** `null` where the run says none. */
  readonly value: number | null;
  readonly unit: FindingUnit;
  /** In words, and with the numbers filled in. Strangers' names stand in them: escape where it is written. */
  readonly formula: string;
  readonly filled: string;
  readonly inputs: readonly DerivationInput[];
  /** What the simulation goes by here. */
  readonly rule: string;
  /** Where the rule is from; `chosen` where it is our own. */
  readonly source: string;
  /** The part of the run that decided it; `null` where all of it did. */
  readonly window: DerivationWindow | null;
}

/** A value that went in, by a name that ends in its unit, and where it is from. */
export interface DerivationInput {
  readonly name: string;
  readonly value: Assumption['value'];
  /** A file and its rows, an option, a default. */
  readonly from: string;
}

export interface DerivationWindow {
  readonly fromMs: Millis;
  readonly untilMs: Millis;
  /** What happened in it. */
  readonly what: string;
}

/** What derivations are made from: all of the plan but themselves. */
export type DerivedPlan = Omit<Plan, 'derivations'>;

/** The assumptions of these names that the plan has, in their order. */
export function assumed({ assumptions }: DerivedPlan, ...names: readonly string[]): DerivationInput[] {
  return names.flatMap((name) =>
    assumptions
      .filter((assumption) => assumption.name === name)
      .map(({ value, origin }) => ({ name, value, from: origin === 'given' ? 'given' : 'default' })),
  );
}

/** More rows than these are counted. */
const ROWS_MOST = 8;

/** `vms.csv, rows 2, 3`; where no file told of it, that. */
export function rowsText(rows: readonly RowOfFile[]): string {
  if (rows.length === 0) return 'no file: given as numbers';
  const byFile = Map.groupBy(rows, ({ file }) => file);
  return [...byFile]
    .map(([file, own]) => {
      const numbers = own.map(({ row }) => row).toSorted((a, b) => a - b);
      const more = numbers.length > ROWS_MOST ? ` and ${numbers.length - ROWS_MOST} more` : '';
      return `${file}, ${numbers.length === 1 ? 'row' : 'rows'} ${numbers.slice(0, ROWS_MOST).join(', ')}${more}`;
    })
    .join('; ');
}

/** An instant in local time. */
export function at({ clock }: DerivedPlan, instantMs: Millis): string {
  return formatLocal(clock, instantMs);
}
