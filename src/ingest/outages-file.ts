import { formatLocal, type RunClock } from '../model/clock.ts';
import type { Problem } from '../model/problem.ts';
import type { Outage } from '../model/site.ts';
import { type Millis, parseDurationMs } from '../units.ts';
import type { ColumnSpec, Columns } from './columns.ts';
import { isoReader } from './event-times.ts';
import { ProblemList } from './problem-list.ts';
import { KnownNames } from './site-names.ts';
import { readTable } from './table.ts';
import { csvTable } from './table-source.ts';
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

/** Against what a file of outages is read. */
export interface OutagesContext {
  readonly clock: RunClock;
  readonly horizonMs: Millis;
  /** Names of the further links; absent = names are not checked. */
  readonly links?: readonly string[];
}

/**
 * Outages from a CSV: `start`, and `end` or `duration`; `link` names a further link, nothing the site's. Instants are ISO times
 * (local where they name no offset) or durations from the start of the run.
 *
 * @returns outages that fall into the run by the name of the link, `''` = the site's, in the file's order
 */
export async function readOutagesFile(
  source: TextSource,
  context: OutagesContext,
): Promise<{ outages: Map<string, Outage[]>; problems: Problem[] }> {
  const problems = new ProblemList(source.name);
  const outages = new Map<string, Outage[]>();
  let rowCount = 0;
  await readTable(csvTable(source), COLUMNS, problems, (columns, row) => {
    if (!columns.has('end') && !columns.has('duration')) {
      const message = 'There is no column "end" and none "duration".';
      problems.error('csv-missing-column', { row, column: 'end' }, message, 'Name one column end, or duration.');
      return undefined;
    }
    const reader = new OutageReader(columns, context, problems);
    return (cells, at) => {
      if (++rowCount > ROWS_MOST) return;
      const read = reader.read(cells, at);
      if (read === undefined || read.endMs <= 0 || read.startMs >= context.horizonMs) return;
      const ofLink = outages.get(read.link) ?? [];
      ofLink.push({ startMs: Math.max(0, read.startMs), endMs: read.endMs });
      outages.set(read.link, ofLink);
    };
  });
  if (rowCount > ROWS_MOST) {
    const message = `The file has ${rowCount} rows; at most ${ROWS_MOST} are read.`;
    problems.error('outages-too-many', {}, message, 'Check that these are outages, one a row.');
  } else if (problems.errorCount === 0 && outages.size === 0) {
    const start = `${formatLocal(context.clock, 0)} ${context.clock.timeZone}`;
    const message = `None of these outages falls into the run, which starts at ${start}.`;
    problems.warning('outages-outside', {}, message, 'Give another --start, or a longer --horizon.');
  }
  return { outages, problems: problems.all() };
}

class OutageReader {
  private readonly columns: Columns<OutageColumn>;
  private readonly isoInstant: (text: string) => Millis | undefined;
  private readonly links: KnownNames | undefined;
  private readonly problems: ProblemList;

  constructor(columns: Columns<OutageColumn>, { clock, links }: OutagesContext, problems: ProblemList) {
    this.columns = columns;
    this.isoInstant = isoReader(clock);
    this.links = links && new KnownNames(links, (name) => `link "${name}" in the site file`);
    this.problems = problems;
  }

  read(cells: readonly string[], row: number): (Outage & { readonly link: string }) | undefined {
    const link = this.text('link', cells);
    if (link !== '') this.links?.check(link, this.header('link'), this.problems, row);
    const startMs = this.instant('start', cells, row);
    const endMs = this.endMs(startMs, cells, row);
    if (startMs === undefined || endMs === undefined) return undefined;
    if (endMs > startMs) return { startMs, endMs, link };
    this.refuse('end', cells, row, 'The outage ends before it begins.', 'Exchange the two.');
    return undefined;
  }

  private endMs(startMs: Millis | undefined, cells: readonly string[], row: number): Millis | undefined {
    const length = this.text('duration', cells);
    const end = this.text('end', cells);
    if ((length === '') === (end === '')) {
      const message = length === '' ? 'The outage has no end.' : 'The outage has both an end and a duration.';
      this.refuse(this.columns.has('end') ? 'end' : 'duration', cells, row, message, 'Give one of the two.');
      return undefined;
    }
    if (end !== '') return this.instant('end', cells, row);
    const lengthMs = parseDurationMs(length);
    if (lengthMs !== undefined && lengthMs > 0) return startMs === undefined ? undefined : startMs + lengthMs;
    this.refuse('duration', cells, row, 'This is no duration above 0.', 'Write it as 40min, 2h or 1d12h.');
    return undefined;
  }

  private instant(key: OutageColumn, cells: readonly string[], row: number): Millis | undefined {
    const text = this.text(key, cells);
    const atMs = parseDurationMs(text) ?? this.isoInstant(text);
    if (atMs !== undefined && Number.isSafeInteger(atMs)) return atMs;
    const remedy = 'Write it as 2026-01-07T10:00 (local time), 2026-01-07T09:00Z or 2d10h.';
    this.refuse(key, cells, row, 'This is neither an ISO time nor a duration from the start of the run.', remedy);
    return undefined;
  }

  private text(key: OutageColumn, cells: readonly string[]): string {
    const column = this.columns.get(key);
    return column === undefined ? '' : (cells[column.index] ?? '').trim();
  }

  private header(key: OutageColumn): string {
    return this.columns.get(key)!.header;
  }

  private refuse(key: OutageColumn, cells: readonly string[], row: number, message: string, remedy: string): void {
    const place = { row, column: this.header(key), value: this.text(key, cells) };
    this.problems.error('outages-value', place, message, remedy);
  }
}
