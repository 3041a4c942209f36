import {
  type BitsPerSec,
  type Bytes,
  type BytesPerSec,
  bitRateUnit,
  byteRateUnit,
  byteUnit,
  DAY_MS,
  SECOND_MS,
} from '../units.ts';
import { fewNames, type ProblemList } from './problem-list.ts';

/** What a column's cells are: text, or a quantity whose unit must stand in the header or in the cell. */
export type Measure = 'text' | 'count' | 'size' | 'churn' | 'rate';

export interface ColumnSpec<K extends string> {
  readonly key: K;
  readonly measure: Measure;
  readonly isRequired: boolean;
  /** Accepted headers, lower case, letters and digits only; the first is the documented one, `''` a unit alone. */
  readonly names: readonly string[];
  /** Further headers that say bytes themselves, such as `byteswritten`. */
  readonly byteNames?: readonly string[];
  /** What else helps a user in whose file the column is missing. */
  readonly remedy?: string;
}

/** A unit that was written out, in a header or in a cell. */
export interface Unit {
  /** Bytes, bytes or bits per second, or (`isShare`) the share of the used bytes per second, in one of it. */
  readonly factor: Bytes | BytesPerSec | BitsPerSec | number;
  readonly isShare: boolean;
}

export interface Column<K extends string> {
  readonly key: K;
  readonly measure: Measure;
  /** The header as written. */
  readonly header: string;
  readonly index: number;
  readonly unit: Unit | undefined;
}

export type Columns<K extends string> = ReadonlyMap<K, Column<K>>;

const NO_UNIT: Unit = { factor: 1, isShare: false };
const PERCENT_PER_DAY: Unit = { factor: SECOND_MS / (100 * DAY_MS), isShare: true };

const UNIT_OF = { size: byteUnit, churn: byteRateUnit, rate: bitRateUnit };
const UNIT_EXAMPLES = {
  size: 'GiB, GB, MiB or bytes',
  churn: 'GiB/day, MB/s or %/day',
  rate: 'Mbps, Gbit/s or MB/s',
};

/** Which columns were taken for what, and how their cells are delimited: for a receipt. */
export function readingOf(columns: Columns<string>, delimiter: string): string[] {
  const taken = [...columns.values()].map(({ key, header }) => (key === header ? key : `${key} from "${header}"`));
  return [`delimiter ${delimiter === '\t' ? 'tab' : `"${delimiter}"`}`, `columns: ${taken.join(', ')}`];
}

/** The unit behind a text such as `GiB`, `MB/s`, `gib_per_day` or `%/day`; `undefined` where it is none of this measure. */
export function unitOf(measure: Measure, text: string): Unit | undefined {
  if (measure === 'count' || measure === 'text') return text === '' ? NO_UNIT : undefined;
  if (measure === 'churn' && /^(%|percent|pct)( ?\/ ?|[ _]per[ _]|[ _])(d|day)$/i.test(text)) return PERCENT_PER_DAY;
  const factor = UNIT_OF[measure](text);
  return factor === undefined ? undefined : { factor, isShare: false };
}

/** Examples of a measure's units for a remedy. */
export function unitExamples(measure: keyof typeof UNIT_EXAMPLES): string {
  return UNIT_EXAMPLES[measure];
}

/**
 * Finds each known column among the headers, whatever their order, capitals and punctuation; a unit may follow the name
 * (`size_gib`, `Size (GB)`, `churn [MB/s]`, `SizeGB`). Missing required columns and two of one meaning are errors,
 * unknown ones together a warning.
 */
export function matchColumns<K extends string>(
  specs: readonly ColumnSpec<K>[],
  headers: readonly string[],
  row: number,
  problems: ProblemList,
): Columns<K> {
  const columns = new Map<K, Column<K>>();
  const unknown: string[] = [];
  headers.forEach((text, index) => {
    const header = text.trim();
    const column = matchHeader(specs, header, index);
    const first = column === undefined ? undefined : columns.get(column.key);
    if (column === undefined) {
      if (header !== '') unknown.push(header);
    } else if (first === undefined) {
      columns.set(column.key, column);
    } else {
      const message = `The columns "${first.header}" and "${header}" both mean "${column.key}".`;
      problems.error(
        'csv-same-column-twice',
        { row, column: header },
        message,
        'Rename or delete one of the two columns.',
      );
    }
  });
  if (unknown.length > 0) {
    const message = `Not used, since their names are not known: ${fewNames(unknown)}.`;
    const remedy = `Known are: ${specs.map((spec) => spec.names[0]).join(', ')} and their synonyms (asr-plan analyze --help).`;
    problems.warning('csv-unknown-columns', { row }, message, remedy);
  }
  for (const spec of specs) {
    if (spec.isRequired && !columns.has(spec.key)) reportMissing(spec, headers, row, problems);
  }
  return columns;
}

function reportMissing<K extends string>(
  spec: ColumnSpec<K>,
  headers: readonly string[],
  row: number,
  problems: ProblemList,
): void {
  const found = headers.map((header) => header.trim()).filter((header) => header !== '');
  const message = `There is no column "${spec.key}". Found: ${
    found
      .slice(0, 20)
      .map((name) => `"${name.slice(0, 40)}"`)
      .join(', ') || 'none'
  }.`;
  const unit =
    spec.measure === 'text' || spec.measure === 'count' ? '' : `, with a unit (${unitExamples(spec.measure)})`;
  const remedy = `Name one column ${spec.names.slice(0, 6).join(', ')}${unit}; columns are separated by comma, semicolon or tab.${spec.remedy ?? ''}`;
  problems.error('csv-missing-column', { row, column: spec.key }, message, remedy);
}

function matchHeader<K extends string>(
  specs: readonly ColumnSpec<K>[],
  header: string,
  index: number,
): Column<K> | undefined {
  if (header.length > 80) return undefined;
  // The longest name wins: "disk size" is the size, not a disk with the unit "size".
  for (let length = header.length; length >= 0; length--) {
    const name = header
      .slice(0, length)
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]/gu, '');
    const spec = specs.find(({ names, byteNames }) => names.includes(name) || byteNames?.includes(name) === true);
    if (spec === undefined) continue;
    const rest = unitText(header.slice(length));
    const unit = rest === '' ? undefined : unitOf(spec.measure, rest);
    if (unit === undefined && (rest !== '' || name === '')) continue;
    const isPlain = spec.measure === 'text' || spec.measure === 'count' || spec.byteNames?.includes(name) === true;
    const implied = isPlain ? NO_UNIT : undefined;
    return { key: spec.key, measure: spec.measure, header, index, unit: unit ?? implied };
  }
  return undefined;
}

/** ` (GB)`, `_gib`, ` [MB / s]`, `-gib-per-day` without brackets and separators. */
function unitText(text: string): string {
  const bare = text.replace(/[()[\]{}]/g, ' ').replace(/\s*\/\s*/g, '/');
  return bare.replace(/[\s_.:,-]+/g, '_').replace(/^_+|_+$/g, '');
}
