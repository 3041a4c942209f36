import { formatLocal, type RunClock } from '../model/clock.ts';
import type { Batch } from '../model/cloud.ts';
import type { Problem } from '../model/problem.ts';
import { type Millis, parseDurationMs } from '../units.ts';
import type { ColumnSpec, Columns } from './columns.ts';
import { isoReader } from './event-times.ts';
import { countOf, fewNames, ProblemList } from './problem-list.ts';
import { KnownNames } from './site-names.ts';
import { readTable } from './table.ts';
import { csvTable } from './table-source.ts';
import type { TextSource } from './text-source.ts';

type BatchColumn = 'vm' | 'at' | 'batch' | 'start' | 'host' | 'expectedEnd' | 'fits' | 'why' | 'advice';

/** Those that are not required are for people: `--batches-out` writes them, and nothing is read of them. */
const COLUMNS: readonly ColumnSpec<BatchColumn>[] = [
  { key: 'vm', measure: 'text', isRequired: true, names: ['vm', 'vmname', 'name', 'virtualmachine'] },
  { key: 'at', measure: 'text', isRequired: true, names: ['at', 'enableat'] },
  { key: 'batch', measure: 'text', isRequired: false, names: ['batch'] },
  { key: 'start', measure: 'text', isRequired: false, names: ['start'] },
  { key: 'host', measure: 'text', isRequired: false, names: ['host'] },
  { key: 'expectedEnd', measure: 'text', isRequired: false, names: ['expected_end', 'expectedend'] },
  { key: 'fits', measure: 'text', isRequired: false, names: ['fits'] },
  { key: 'why', measure: 'text', isRequired: false, names: ['why'] },
  { key: 'advice', measure: 'text', isRequired: false, names: ['advice'] },
];

/** What our CSVs put before a text that a spreadsheet would take for a formula. */
const MADE_TEXT = /(^|;)'(?=[\s']*[=+\-@\t\r\n＝＋－＠])/g;

/** Later than this no batch begins: the longest horizon. */
const START_MOST_MS: Millis = 400 * 86_400_000;

/** Against what a file of batches is read. */
export interface BatchesContext {
  readonly clock: RunClock;
  /** Of the inventory; absent = names are not checked. */
  readonly vms?: readonly string[];
  readonly horizonMs: Millis;
}

/**
 * Batches from a CSV with a VM a row: `vm`, and `at`, when its protection is enabled: a duration from the start of the run or an ISO time
 * (local where it names no offset). What `--batches-out` writes can be read back.
 *
 * @returns VMs that are enabled at one time together, by that time; empty where there are errors
 */
export async function readBatchesFile(
  source: TextSource,
  context: BatchesContext,
): Promise<{ batches: Batch[]; problems: Problem[] }> {
  const problems = new ProblemList(source.name);
  const known = context.vms && {
    names: new Set(context.vms),
    check: new KnownNames(context.vms, (name) => `VM "${name}" to protect in the inventory`),
  };
  const isoInstant = isoReader(context.clock);
  const rowOf = new Map<string, number>();
  const byStart = new Map<Millis, string[]>();
  await readTable(csvTable(source), COLUMNS, problems, (columns) => (cells, row) => {
    const vm = nameIn(cell(columns, 'vm', cells), known?.names);
    const header = columns.get('vm')!.header;
    if (vm === '') {
      problems.error('batches-value', { row, column: header }, 'The row names no VM.', 'Name it as in the inventory.');
      return;
    }
    known?.check.check(vm, header, problems, row);
    const before = rowOf.get(vm);
    if (before !== undefined) {
      const message = `The VM stands in row ${before} already: it is enabled once.`;
      problems.error('batches-duplicate', { row, column: header, value: vm }, message, 'Delete one of the rows.');
      return;
    }
    rowOf.set(vm, row);
    const text = cell(columns, 'at', cells).trim();
    const atMs = parseDurationMs(text) ?? isoInstant(text);
    if (atMs === undefined || atMs < 0 || atMs > START_MOST_MS) {
      const message = 'This is neither a duration from the start of the run nor an ISO time within 400 days of it.';
      const place = { row, column: columns.get('at')!.header, value: text };
      problems.error('batches-value', place, message, 'Write it as 0min, 2d10h, or 2026-01-07T10:00 (local time).');
      return;
    }
    const vms = byStart.get(atMs);
    if (vms === undefined) byStart.set(atMs, [vm]);
    else vms.push(vm);
  });
  if (problems.errorCount > 0) return { batches: [], problems: problems.all() };
  const others = context.vms?.filter((vm) => !rowOf.has(vm)) ?? [];
  if (others.length > 0) {
    const message = `${countOf(others.length, 'VM')} of the inventory are in no batch, ${fewNames(others)}: they are enabled at the start of the run.`;
    problems.warning('batches-others', {}, message, 'Add a row for each, or leave the VM out with --exclude.');
  }
  const late = [...byStart].filter(([atMs]) => atMs >= context.horizonMs);
  if (late.length > 0) {
    const firstMs = late.reduce((least, [atMs]) => Math.min(least, atMs), Number.POSITIVE_INFINITY);
    const count = late.reduce((sum, [, vms]) => sum + vms.length, 0);
    const message = `${countOf(count, 'VM')} are enabled at or after the end of the run, the first on ${formatLocal(context.clock, firstMs)}.`;
    problems.warning('batches-beyond-horizon', {}, message, 'Look further ahead with --horizon.');
  }
  const batches = [...byStart]
    .sort(([left], [right]) => left - right)
    .map(([enableAtMs, vms]): Batch => ({ enableAtMs, vms }));
  return { batches, problems: problems.all() };
}

function cell(columns: Columns<BatchColumn>, key: BatchColumn, cells: readonly string[]): string {
  const column = columns.get(key);
  return column === undefined ? '' : (cells[column.index] ?? '');
}

/** As it stands where that is a VM; else without what a spreadsheet needs before it. */
function nameIn(text: string, known: ReadonlySet<string> | undefined): string {
  if (known?.has(text) === true) return text;
  const plain = text.replace(MADE_TEXT, '$1');
  return known?.has(plain) === true ? plain : plain.trim();
}
