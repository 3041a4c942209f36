import type { RunClock } from '../model/clock.ts';
import type { Problem } from '../model/problem.ts';
import type { BackgroundSeries } from '../model/site.ts';
import { type BitsPerSec, MINUTE_MS, type Millis, parseBitsPerSec, parseDecimal } from '../units.ts';
import { repeatedSpan } from './churn-series.ts';
import type { ColumnSpec } from './columns.ts';
import { isoInstant } from './event-times.ts';
import { countOf, ProblemList } from './problem-list.ts';
import { readTable } from './table.ts';
import type { TextSource } from './text-source.ts';

type BackgroundColumn = 'time' | 'rate' | 'bps' | 'kbps' | 'mbps' | 'gbps';

const plain = (key: BackgroundColumn, names: readonly string[]): ColumnSpec<BackgroundColumn> => ({
  key,
  measure: 'text',
  isRequired: false,
  names,
});

const COLUMNS: readonly ColumnSpec<BackgroundColumn>[] = [
  { key: 'time', measure: 'text', isRequired: true, names: ['time', 'timestamp', 'datetime', 'start', 'date'] },
  plain('rate', ['rate', 'used', 'bandwidth', 'traffic']),
  plain('bps', ['bps', 'bits', 'bitspersec', 'bitpersecond', 'bitspersecond', 'ratebps']),
  plain('kbps', ['kbps', 'kbits', 'ratekbps']),
  plain('mbps', ['mbps', 'mbits', 'ratembps']),
  plain('gbps', ['gbps', 'gbits', 'rategbps']),
];

const FACTORS = { bps: 1, kbps: 1e3, mbps: 1e6, gbps: 1e9 } as const;

/** Half a year of minutes. */
const ROWS_MOST = 300_000;
/** Of one row alone. */
const LONE_INTERVAL_MS: Millis = 5 * MINUTE_MS;

/**
 * What others use of the site's link, from a CSV: `time`, and a rate with its unit in the cell (`rate`) or in the header (`mbps`).
 * Rows in any order; an empty rate is not known and counts as nothing. Beyond its end the last whole weeks are repeated, else whole days, else all of it, as
 * for churn.
 */
export async function readBackgroundFile(
  source: TextSource,
  clock: RunClock,
): Promise<{ background?: BackgroundSeries; problems: Problem[] }> {
  const problems = new ProblemList(source.name);
  const rows: { atMs: Millis; bitsPerSec: BitsPerSec; row: number }[] = [];
  let missing = 0;
  let count = 0;
  await readTable(source, COLUMNS, problems, (columns) => {
    const time = columns.get('time')!;
    const rates = [...columns.values()].filter(({ key }) => key !== 'time');
    const [rate] = rates;
    if (rate === undefined || rates.length > 1) {
      const message = rate === undefined ? 'There is no column of the rate.' : 'There are several columns of the rate.';
      problems.error('background-rate', {}, message, 'Name one column rate, bps, kbps, mbps or gbps.');
      return undefined;
    }
    const parse = (text: string): BitsPerSec | undefined => {
      if (rate.key === 'rate') return parseBitsPerSec(text);
      const value = parseDecimal(text);
      return value === undefined ? undefined : value * FACTORS[rate.key as keyof typeof FACTORS];
    };
    return (cells, row) => {
      if (++count > ROWS_MOST) {
        if (count === ROWS_MOST + 1) {
          const remedy = 'Give averages over longer times.';
          problems.error('background-too-long', { row }, `There are more than ${ROWS_MOST} rows.`, remedy);
        }
        return;
      }
      const timeText = (cells[time.index] ?? '').trim();
      const rateText = (cells[rate.index] ?? '').trim();
      const atMs = isoInstant(timeText, clock);
      if (atMs === undefined) {
        const place = { row, column: time.header, value: timeText };
        problems.error(
          'background-time',
          place,
          'This is no ISO time.',
          'Write it as 2026-01-07T10:00 (local) or 2026-01-07T09:00Z.',
        );
      }
      if (rateText === '') missing++;
      const bitsPerSec = rateText === '' ? 0 : parse(rateText);
      if (bitsPerSec === undefined || bitsPerSec < 0) {
        const place = { row, column: rate.header, value: rateText };
        problems.error(
          'background-value',
          place,
          'This is no rate.',
          rate.key === 'rate' ? 'Write it with its unit: 30 Mbps.' : 'Write a number.',
        );
      } else if (atMs !== undefined) rows.push({ atMs, bitsPerSec, row });
    };
  });
  if (missing > 0) {
    problems.warning(
      'background-missing',
      {},
      `${countOf(missing, 'row')} without a rate: taken as 0, nothing used.`,
      'Fill them, or delete the rows.',
    );
  }
  rows.sort((a, b) => a.atMs - b.atMs);
  rows.slice(1).forEach(({ atMs, row }, i) => {
    if (atMs === rows[i]!.atMs)
      problems.error(
        'background-duplicate',
        { row },
        `Row ${rows[i]!.row} has the same time.`,
        'Delete one of the two.',
      );
  });
  if (problems.errorCount > 0 || rows.length === 0) return { problems: problems.all() };
  const startMs = rows.map(({ atMs }) => atMs);
  const lastMs = startMs.length === 1 ? LONE_INTERVAL_MS : startMs.at(-1)! - startMs.at(-2)!;
  const endMs = startMs.at(-1)! + lastMs;
  const background: BackgroundSeries = {
    kind: 'series',
    startMs,
    bitsPerSec: rows.map(({ bitsPerSec }) => bitsPerSec),
    endMs,
    repeatMs: repeatedSpan(endMs - startMs[0]!),
  };
  return { background, problems: problems.all() };
}
