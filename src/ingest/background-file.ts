import type { RunClock } from '../model/clock.ts';
import type { Problem } from '../model/problem.ts';
import type { BackgroundSeries } from '../model/site.ts';
import { type BitsPerSec, MINUTE_MS, type Millis } from '../units.ts';
import { repeatedSpan } from './churn-series.ts';
import type { Column, ColumnSpec } from './columns.ts';
import { isoReader } from './event-times.ts';
import { countOf, ProblemList } from './problem-list.ts';
import { QuantityReader } from './quantity.ts';
import { readTable } from './table.ts';
import { csvTable } from './table-source.ts';
import type { TextSource } from './text-source.ts';

type BackgroundColumn = 'time' | 'rate';

const COLUMNS: readonly ColumnSpec<BackgroundColumn>[] = [
  { key: 'time', measure: 'text', isRequired: true, names: ['time', 'timestamp', 'datetime', 'start', 'date'] },
  // Many a monitoring tool heads the column by its unit alone.
  {
    key: 'rate',
    measure: 'rate',
    isRequired: true,
    names: ['rate', 'used', 'traffic', 'bandwidth', 'average', 'avg', ''],
  },
];

/** Half a year of minutes. */
const ROWS_MOST = 300_000;
/** More than any line carries. */
const RATE_MOST: BitsPerSec = 100e12;
/** Of one row alone, as for churn. [chosen] */
const LONE_INTERVAL_MS: Millis = 5 * MINUTE_MS;

interface BackgroundRow {
  readonly atMs: Millis;
  readonly bitsPerSec: BitsPerSec;
  readonly row: number;
}

/**
 * What others use of the site's link, from a CSV: `time` (ISO, local where it names no offset) and `rate` with its unit in the
 * header or in the cells; rows in any order. A row holds until the next, the last as long as the one before it. An empty rate is
 * not known and counts as nothing. Beyond the end the last whole weeks are repeated, else whole days, else all of it.
 */
export async function readBackgroundFile(
  source: TextSource,
  clock: RunClock,
): Promise<{ background?: BackgroundSeries; problems: Problem[] }> {
  const problems = new ProblemList(source.name);
  const rows: BackgroundRow[] = [];
  const isoInstant = isoReader(clock);
  let quantities: QuantityReader | undefined;
  let missingCount = 0;
  let rowCount = 0;
  await readTable(csvTable(source), COLUMNS, problems, (columns, _headerRow, delimiter) => {
    const time = columns.get('time')!;
    const rate = columns.get('rate')!;
    const reader = new QuantityReader(delimiter, problems);
    quantities = reader;
    return (cells, row) => {
      if (++rowCount > ROWS_MOST) return;
      const rateText = (cells[rate.index] ?? '').trim();
      if (rateText === '') missingCount++;
      const atMs = readTime((cells[time.index] ?? '').trim(), time, row, isoInstant, problems);
      const bitsPerSec = rateText === '' ? 0 : readRate(rateText, rate, row, reader, problems);
      if (atMs !== undefined && bitsPerSec !== undefined) rows.push({ atMs, bitsPerSec, row });
    };
  });
  quantities?.settle();
  if (rowCount > ROWS_MOST) {
    const message = `The file has ${rowCount} rows; at most ${ROWS_MOST} are read.`;
    problems.error('background-too-long', {}, message, 'Give averages over longer times.');
  }
  if (missingCount > 0) {
    const message = `${countOf(missingCount, 'row')} without a rate: nothing is taken to be used then.`;
    problems.warning('background-missing', {}, message, 'Fill them in, or delete the rows.');
  }
  rows.sort((a, b) => a.atMs - b.atMs);
  checkTimesApart(rows, problems);
  const isWhole = problems.errorCount === 0 && rows.length > 0;
  return { ...(isWhole ? { background: seriesOf(rows) } : {}), problems: problems.all() };
}

function readTime(
  text: string,
  { header: column }: Column<BackgroundColumn>,
  row: number,
  isoInstant: ReturnType<typeof isoReader>,
  problems: ProblemList,
): Millis | undefined {
  const atMs = isoInstant(text);
  if (atMs === undefined) {
    const remedy = 'Write it as 2026-01-07T10:00 (local time) or 2026-01-07T09:00Z.';
    const message = 'This is no ISO 8601 time of the years 1970 to 2199.';
    problems.error('background-time', { row, column, value: text }, message, remedy);
  }
  return atMs;
}

function readRate(
  text: string,
  column: Column<BackgroundColumn>,
  row: number,
  reader: QuantityReader,
  problems: ProblemList,
): BitsPerSec | undefined {
  const bitsPerSec = reader.read(column, text, row)?.value;
  if (bitsPerSec === undefined || (bitsPerSec >= 0 && bitsPerSec <= RATE_MOST)) return bitsPerSec;
  const place = { row, column: column.header, value: text };
  problems.error('background-rate', place, 'A rate lies between 0 and 100 Tbit/s.', 'Check its sign and its unit.');
  return undefined;
}

/** @param rows in the order of time */
function checkTimesApart(rows: readonly BackgroundRow[], problems: ProblemList): void {
  for (let index = 1; index < rows.length; index++) {
    const [before, { atMs, row }] = [rows[index - 1]!, rows[index]!];
    if (atMs !== before.atMs) continue;
    const message = `There is a row of the same time already, row ${before.row}.`;
    const remedy =
      'Delete one of the two. In the hour that comes twice when summer time ends, write the times with Z or an offset.';
    problems.error('background-duplicate-time', { row }, message, remedy);
  }
}

/** @param rows in the order of time, at least one */
function seriesOf(rows: readonly BackgroundRow[]): BackgroundSeries {
  const startMs = rows.map(({ atMs }) => atMs);
  const [last, beforeLast] = [startMs.at(-1)!, startMs.at(-2)];
  const endMs = last + (beforeLast === undefined ? LONE_INTERVAL_MS : last - beforeLast);
  return {
    kind: 'series',
    startMs,
    bitsPerSec: rows.map(({ bitsPerSec }) => bitsPerSec),
    endMs,
    repeatMs: repeatedSpan(endMs - startMs[0]!),
  };
}
