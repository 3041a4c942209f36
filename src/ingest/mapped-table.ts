import { didYouMean } from '../model/did-you-mean.ts';
import type { Problem } from '../model/problem.ts';
import { type ColumnSpec, matchColumns, unitExamples, unitOf } from './columns.ts';
import type { InventoryFile } from './inventory-file.ts';
import { fewNames, ProblemList } from './problem-list.ts';
import type { TableSource } from './table-source.ts';
import { readVms } from './vms.ts';
import { type VmsColumn, vmsColumns } from './vms-columns.ts';

/** One entry of `--map`: our column, and what it is called in the user's file. */
export interface MappedColumn {
  readonly key: VmsColumn;
  /** As in the file; compared without regard to capitals and blanks around it. */
  readonly header: string;
  /** Behind the last colon, where it is a unit of the column: `size=VHDSize:GB`; else the header may end with one. */
  readonly unit?: string;
}

export interface ColumnMap {
  readonly columns: readonly MappedColumn[];
  /** What is wrong with it; where there is an error it must not be used. */
  readonly problems: readonly Problem[];
}

const FLAG = '--map';
/** Churn is not required of the table: it may be measured, or stand in another file. */
const SPECS: readonly ColumnSpec<VmsColumn>[] = vmsColumns(true);

/**
 * Reads `size=VHDSize(GB),vm=VMName,used="Size, on disk":GiB`: our columns' keys and the headers of the user's file. Headers with a comma stand in
 * double quotes.
 */
export function parseMap(text: string): ColumnMap {
  const problems = new ProblemList(FLAG);
  const columns: MappedColumn[] = [];
  for (const part of text.match(/(?:"[^"]*"|[^,"]|"(?=[^"]*$))+/g) ?? []) {
    if (part.trim() === '') continue;
    const column = parseEntry(part.trim(), problems);
    if (column === undefined) continue;
    const twice = columns.find(({ key, header }) => key === column.key || sameHeader(header, column.header));
    if (twice === undefined) columns.push(column);
    else {
      const message = `"${twice.key}=${twice.header}" and "${column.key}=${column.header}" contradict each other.`;
      problems.error('map-column-twice', { value: part }, message, 'Give each column once.');
    }
  }
  const isWrong = problems.errorCount > 0;
  for (const { key, isRequired } of SPECS) {
    if (!isRequired || isWrong || columns.some((column) => column.key === key)) continue;
    const message = `The map names no column for "${key}".`;
    problems.error('map-missing-column', { column: key }, message, `Add ${key}=, and the header of that column.`);
  }
  return { columns, problems: problems.all() };
}

function parseEntry(part: string, problems: ProblemList): MappedColumn | undefined {
  const equals = part.indexOf('=');
  const name = part.slice(0, equals).trim().toLowerCase();
  const spec = SPECS.find(({ key }) => key === name);
  const right = part.slice(equals + 1).trim();
  if (equals < 0 || right === '') {
    const message = 'This is no "column=header".';
    problems.error('map-wrong-entry', { value: part }, message, 'Write it as in: vm=VMName,size=VHDSize:GB.');
    return undefined;
  }
  if (spec === undefined) {
    const keys = SPECS.map(({ key }) => key);
    const meant = didYouMean(name, keys);
    const message = `There is no column "${name}"${meant === undefined ? '' : `; did you mean "${meant}"?`}`;
    problems.error('map-unknown-column', { value: part }, message, `Known are: ${keys.join(', ')}.`);
    return undefined;
  }
  const colon = right.lastIndexOf(':');
  const unit = right.slice(colon + 1).trim();
  // A colon may also be the header's own.
  if (colon < 0 || unit === '' || unitOf(spec.measure, unit) === undefined)
    return { key: spec.key, header: bare(right) };
  return { key: spec.key, header: bare(right.slice(0, colon)), unit };
}

/** Without the quotes around it. */
function bare(text: string): string {
  const trimmed = text.trim();
  return (/^"(.*)"$/.exec(trimmed)?.[1] ?? trimmed).trim();
}

function sameHeader(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase();
}

/**
 * Reads a table whose columns the user has named with {@link parseMap}; all others are passed over. Rows are judged as those of our own CSV, and
 * problems name the user's columns.
 */
export async function readMapped(source: TableSource, columns: readonly MappedColumn[]): Promise<InventoryFile> {
  const found = new ProblemList(source.name);
  const names = new Map<string, string>();
  const renamed: TableSource = {
    ...source,
    read: (sink) =>
      source.read({
        ...sink,
        header(headers, line, delimiter) {
          const own = rename(headers, columns, names, line, found);
          return found.errorCount === 0 && sink.header(own, line, delimiter);
        },
        record: (cells, line) => sink.record(cells, line),
        fault: (fault) => sink.fault(fault),
      }),
  };
  const file = await readVms(renamed, true);
  const problems = new ProblemList(source.name);
  // A header that was refused was not passed on: that there was none is no news.
  const told = found.errorCount > 0 ? found : file.problems;
  for (const problem of told.all()) {
    if (problem.code !== 'too-many-errors') problems.add(inUsersWords(problem, names));
  }
  problems.addUnlisted(told.errorCount - problems.errorCount);
  return {
    ...file,
    format: 'table by --map',
    headerOf: (key) => names.get(file.headerOf(key)) ?? columns.find((column) => column.key === key)?.header ?? key,
    problems,
  };
}

/** The headers in our words, '' for those that are not in the map; `names` leads back from ours to the user's. */
function rename(
  headers: readonly string[],
  columns: readonly MappedColumn[],
  names: Map<string, string>,
  row: number,
  problems: ProblemList,
): string[] {
  const own = headers.map(() => '');
  for (const column of columns) {
    const places = headers.flatMap((header, index) => (sameHeader(header, column.header) ? [index] : []));
    const place = { row, column: column.header };
    if (places.length === 1) {
      own[places[0]!] = ownHeader(column);
      names.set(own[places[0]!]!, headers[places[0]!]!.trim());
    } else if (places.length === 0) {
      const there = headers.map((header) => header.trim()).filter((header) => header !== '');
      const meant = didYouMean(column.header, there.slice(0, 200));
      const message = `There is no column "${column.header}", which ${FLAG} names for "${column.key}". Found: ${fewNames(there)}.`;
      const remedy = meant === undefined ? `Correct ${FLAG}.` : `Did you mean ${FLAG} ${column.key}=${meant}?`;
      problems.error('map-header-not-found', place, message, remedy);
    } else {
      const message = `There are ${places.length} columns "${column.header}".`;
      problems.error('csv-same-column-twice', place, message, 'Rename or delete all but one.');
    }
  }
  return own;
}

/** `size (GB)`: our documented name with the unit of the map, else with that at the header's end, else without. */
function ownHeader({ key, header, unit }: MappedColumn): string {
  const spec = SPECS.find((candidate) => candidate.key === key)!;
  const name = spec.names[0]!;
  if (spec.measure === 'text' || spec.measure === 'count') return name;
  if (unit !== undefined) return `${name} (${unit})`;
  const text = header.slice(-40);
  for (let at = 0; at < text.length; at++) {
    // A unit begins behind a sign or a blank, or with a capital behind a small letter: the b of "Web" is none.
    if (at > 0 && !/^(?:[^\p{L}\p{N}].|\p{Ll}\p{Lu}\p{L})/u.test(text.slice(at - 1, at + 2))) continue;
    if (at === 0 && header.length > 40) continue;
    const candidate = `${name} ${text.slice(at)}`;
    const column = matchColumns([{ ...spec, isRequired: false }], [candidate], 1, new ProblemList('')).get(key);
    if (column?.unit !== undefined) return candidate;
  }
  return name;
}

/** The problem with the user's header in place of ours. */
function inUsersWords(problem: Problem, names: ReadonlyMap<string, string>): Problem {
  const own = problem.column ?? '';
  const theirs = names.get(own);
  if (theirs === undefined) return problem;
  const remedy = problem.code === 'csv-missing-unit' ? unitRemedy(own, theirs) : problem.remedy;
  return { ...problem, column: theirs, message: problem.message.replaceAll(`"${own}"`, `"${theirs}"`), remedy };
}

function unitRemedy(own: string, theirs: string): string {
  const spec = SPECS.find(({ names }) => names[0] === own);
  if (spec === undefined || spec.measure === 'text' || spec.measure === 'count') return `Name the unit in ${FLAG}.`;
  const example = spec.measure === 'churn' ? 'MB/s' : 'GB';
  return `Name the unit (${unitExamples(spec.measure)}) behind a colon: ${FLAG} ${spec.key}=${theirs}:${example}.`;
}
