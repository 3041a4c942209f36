import type { RunClock } from '../model/clock.ts';
import type { Problem } from '../model/problem.ts';
import type { Outage } from '../model/site.ts';
import { type Millis, parseDurationMs } from '../units.ts';
import type { ColumnSpec } from './columns.ts';
import { didYouMean } from './did-you-mean.ts';
import { isoInstant } from './event-times.ts';
import { ProblemList } from './problem-list.ts';
import { readTable } from './table.ts';
import type { TextSource } from './text-source.ts';

type OutageColumn = 'start' | 'end' | 'duration' | 'link';

const COLUMNS: readonly ColumnSpec<OutageColumn>[] = [
  { key: 'start', measure: 'text', isRequired: true, names: ['start', 'from', 'begin', 'down', 'starttime'] },
  { key: 'end', measure: 'text', isRequired: false, names: ['end', 'until', 'to', 'up', 'endtime'] },
  { key: 'duration', measure: 'text', isRequired: false, names: ['duration', 'for', 'length'] },
  { key: 'link', measure: 'text', isRequired: false, names: ['link', 'line', 'circuit'] },
];

/** More rows are no outages of a line. */
const ROWS_MOST = 100_000;
const TIME_FORM = 'Write it as 2026-01-07T10:00 (local), 2026-01-07T09:00Z or 2d10h from the start of the run.';

/**
 * Outages of links from a CSV: `start`, and `end` or `duration`; `link` names a further link, nothing the site's. What lies before the run
 * is left out.
 *
 * @param links names of the further links that there are; undefined = not checked
 * @returns outages by link, `''` = the site's, in the file's order
 */
export async function readOutagesFile(
  source: TextSource,
  clock: RunClock,
  links: readonly string[] | undefined,
): Promise<{ outages: Map<string, Outage[]>; problems: Problem[] }> {
  const problems = new ProblemList(source.name);
  const outages = new Map<string, Outage[]>();
  let count = 0;
  await readTable(source, COLUMNS, problems, (columns) => {
    if (!columns.has('end') && !columns.has('duration')) {
      problems.error('outages-no-end', {}, 'There is no column "end" and none "duration".', 'Add one of the two.');
      return undefined;
    }
    const cell = (key: OutageColumn, cells: readonly string[]): string =>
      (cells[columns.get(key)?.index ?? -1] ?? '').trim();
    return (cells, row) => {
      if (++count > ROWS_MOST) {
        if (count === ROWS_MOST + 1) {
          problems.error(
            'outages-too-many',
            { row },
            `There are more than ${ROWS_MOST} outages.`,
            'Give a shorter time.',
          );
        }
        return;
      }
      const complain = (column: OutageColumn, value: string, message: string, remedy: string): undefined => {
        problems.error('outages-value', { row, column: columns.get(column)!.header, value }, message, remedy);
        return undefined;
      };
      const instant = (column: OutageColumn): Millis | undefined => {
        const text = cell(column, cells);
        const atMs = parseDurationMs(text) ?? isoInstant(text, clock);
        return atMs === undefined || !Number.isSafeInteger(atMs)
          ? complain(column, text, 'This is no instant.', TIME_FORM)
          : atMs;
      };
      const startMs = instant('start');
      const length = cell('duration', cells);
      let endMs: Millis | undefined;
      if (length !== '') {
        const lengthMs = parseDurationMs(length);
        if (lengthMs === undefined || lengthMs <= 0)
          complain('duration', length, 'This is no duration above 0.', 'Write it as 40min or 2h.');
        else if (startMs !== undefined) endMs = startMs + lengthMs;
      } else if (columns.has('end')) endMs = instant('end');
      else complain('duration', length, 'The outage has no length.', 'Write it as 40min or 2h.');
      const link = cell('link', cells);
      if (link !== '' && links?.includes(link) === false) {
        const guess = didYouMean(link, links);
        const remedy = guess === undefined ? 'Names are compared exactly, capitals too.' : `Did you mean "${guess}"?`;
        complain('link', link, 'The site file has no link of this name.', remedy);
      }
      if (startMs === undefined || endMs === undefined) return;
      if (endMs <= startMs) {
        complain(
          columns.has('end') ? 'end' : 'duration',
          cell('end', cells),
          'The outage ends before it begins.',
          'Exchange the two.',
        );
      } else if (endMs > 0) {
        const ofLink = outages.get(link) ?? [];
        ofLink.push({ startMs: Math.max(0, startMs), endMs });
        outages.set(link, ofLink);
      }
    };
  });
  return { outages, problems: problems.all() };
}
