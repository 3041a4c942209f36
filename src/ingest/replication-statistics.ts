import type { MeasuredReplication } from '../model/measured-replication.ts';
import { type Bytes, type Millis, parseDecimal } from '../units.ts';
import type { ColumnSpec, Columns } from './columns.ts';
import { powerShellTime } from './culture-time.ts';
import { headerKey } from './inventory-export.ts';
import type { WrittenTime } from './iso-time.ts';
import { checkName } from './names.ts';
import { countOf, fewNames, ProblemList } from './problem-list.ts';
import { QuantityReader } from './quantity.ts';
import { readTable } from './table.ts';
import { csvTable } from './table-source.ts';
import type { TextSource } from './text-source.ts';

/** More rows than any fleet has VMs and intervals: each is kept. */
const MAX_ROWS = 200_000;
/** A cycle of 30 years is none. */
const MAX_LATENCY_SEC = 1e9;

/** The columns of the cmdlet, and those of the WMI class where it has others; VSS failures are only in the sum of the errors. */
const COUNTS = {
  successCount: ['successfulreplicationcount', 'replicationsuccesscount'],
  missCount: ['missedreplicationcount', 'replicationmisscount'],
  networkFailureCount: ['networkfailurecount'],
  replicationFailureCount: ['replicationfailurecount'],
  errorCount: ['replicationerrors'],
} as const;
const SIZES = {
  averageSizeBytes: ['averagereplicationsize'],
  totalSizeBytes: ['replicationsize'],
  maxSizeBytes: ['maximumreplicationsize', 'maxreplicationsize'],
  pendingBytes: ['pendingreplicationsize'],
} as const;
const TEXTS = {
  vmName: ['vmname'],
  name: ['name', 'vm'],
  elementName: ['elementname'],
  mode: ['replicationmode', 'mode'],
  from: ['monitoringstarttime', 'startstatistictime'],
  until: ['monitoringendtime', 'endstatistictime'],
  averageLatency: ['averagereplicationlatency'],
  totalLatency: ['replicationlatency'],
  maxLatency: ['maximumreplicationlatency', 'maxreplicationlatency'],
} as const;

/** Further properties of the objects, which say nothing of how much and how long. */
const UNUSED = [
  ...[
    'allowedprimaryserver',
    'applicationconsistentsnapshotfailurecount',
    'caption',
    'cimclass',
    'ciminstanceproperties',
  ],
  ...['cimsession', 'cimsystemproperties', 'computername', 'currentreplicaservername', 'currenttask', 'description'],
  ...['failedoverreplicationtype', 'health', 'id', 'initialreplicationsize', 'instanceid', 'isdeleted', 'key'],
  ...['lastappliedlogtime', 'lastreplicationtime', 'lastreplicationtype', 'lasttestfailoverinitiatedtime'],
  ...['lasttestfailovertime', 'lastvsssnapshottime', 'primaryserver', 'primaryservername', 'pscomputername'],
  ...['pspath', 'psshowcomputername', 'relationshiptype', 'replicaserver', 'replicaservername', 'replicateddisks'],
  ...['replicationhealth', 'replicationhealthdetails', 'replicationrelationshiptype', 'replicationstate', 'runspaceid'],
  ...['state', 'testvirtualmachine', 'trustgroup', 'vmid', 'vmsnapshotid', 'vmsnapshotname'],
];

type CountKey = keyof typeof COUNTS;
type SizeKey = keyof typeof SIZES;
type TextKey = keyof typeof TEXTS;
type Key = CountKey | SizeKey | TextKey | `unused ${string}`;

const SPECS: readonly ColumnSpec<Key>[] = [
  ...specsOf(COUNTS, 'count'),
  ...specsOf(SIZES, 'size'),
  ...specsOf(TEXTS, 'text'),
  ...UNUSED.map(
    (name): ColumnSpec<Key> => ({ key: `unused ${name}`, measure: 'text', isRequired: false, names: [name] }),
  ),
];

function specsOf<K extends Key>(
  names: Readonly<Record<K, readonly string[]>>,
  measure: ColumnSpec<K>['measure'],
): ColumnSpec<Key>[] {
  // Microsoft documents sizes in bytes, so that a bare header says them.
  const isSize = measure === 'size';
  return (Object.keys(names) as K[]).map((key) => ({
    ...{ key, measure, isRequired: false, names: names[key] },
    ...(isSize ? { byteNames: names[key] } : {}),
  }));
}

/**
 * Whether the columns are properties of `Measure-VMReplication`, or of `Msvm_ReplicationStatistics` with the VM's name beside them. They may
 * look like those of Get-VM too (`Name`, `State`, `ReplicationState`): ask this one first.
 */
export function isReplicationStatistics(headers: readonly string[]): boolean {
  const names = headers.map(headerKey);
  const has = (known: readonly string[]): boolean => known.some((name) => names.includes(name));
  const isNamed = has([...TEXTS.vmName, ...TEXTS.name, ...TEXTS.elementName]);
  return isNamed && [SIZES.averageSizeBytes, SIZES.totalSizeBytes, SIZES.maxSizeBytes, COUNTS.successCount].some(has);
}

export interface ReplicationStatisticsFile {
  /** In the file's order; a VM may be in several rows, of several intervals. */
  readonly measured: MeasuredReplication[];
  readonly problems: ProblemList;
  readonly rowCount: number;
}

/**
 * Reads the CSV of `Measure-VMReplication | Export-Csv` or of the WMI class's instances (formats F5). Sizes are bytes and latencies seconds or time
 * spans (learn.microsoft.com, Msvm_ReplicationStatistics; the cmdlet's properties, facts 6.2); of totals the mean is taken. Times
 * without an offset are local. Only the primary side's rows count: the replica's tell of the same cycles.
 */
export async function readReplicationStatistics(source: TextSource): Promise<ReplicationStatisticsFile> {
  const problems = new ProblemList(source.name);
  const measured: MeasuredReplication[] = [];
  const otherSides: string[] = [];
  let quantities: QuantityReader | undefined;
  let rowCount = 0;
  await readTable(csvTable(source), SPECS, problems, (columns, headerRow, delimiter) => {
    if (!hasName(columns)) {
      const message = 'There is no column that says which VM a row is of.';
      const remedy = 'Select VMName too; to objects of WMI add it, as their ElementName is empty.';
      problems.error('csv-missing-column', { row: headerRow, column: 'VMName' }, message, remedy);
      return undefined;
    }
    const reader = new QuantityReader(delimiter, problems);
    quantities = reader;
    return (cells, row) => {
      rowCount++;
      if (rowCount > MAX_ROWS) {
        if (rowCount > MAX_ROWS + 1) return;
        problems.error('replication-too-many-rows', { row }, `More than ${MAX_ROWS} rows.`, 'Split the file.');
        return;
      }
      const one = new StatisticsRow(cells, row, columns, reader, problems).read();
      if (typeof one === 'string') otherSides.push(one);
      else if (one !== undefined) measured.push(one);
    };
  });
  quantities?.settle();
  warnOfOtherSides(otherSides, problems);
  if (rowCount > 0 && measured.length === 0 && problems.errorCount === 0) {
    const remedy = 'Export on the hosts where the VMs run: Measure-VMReplication | Export-Csv replication.csv.';
    problems.error('replication-none', {}, 'No row tells of replication at its primary side.', remedy);
  }
  return { measured, problems, rowCount };
}

function hasName(columns: Columns<Key>): boolean {
  return columns.has('vmName') || columns.has('name') || columns.has('elementName');
}

function warnOfOtherSides(names: readonly string[], problems: ProblemList): void {
  if (names.length === 0) return;
  const message = `${countOf(names.length, 'row')} of VMs that are not replicated from there left out: ${fewNames(names)}.`;
  problems.warning('replication-other-side', {}, message, 'Export on the hosts where the VMs run.');
}

class StatisticsRow {
  readonly #cells: readonly string[];
  readonly #row: number;
  readonly #columns: Columns<Key>;
  readonly #quantities: QuantityReader;
  readonly #problems: ProblemList;

  constructor(
    cells: readonly string[],
    row: number,
    columns: Columns<Key>,
    quantities: QuantityReader,
    problems: ProblemList,
  ) {
    this.#cells = cells;
    this.#row = row;
    this.#columns = columns;
    this.#quantities = quantities;
    this.#problems = problems;
  }

  /** `undefined` where something is wrong with the row, which is reported; the VM's name where it is the other side's row. */
  read(): MeasuredReplication | string | undefined {
    const errorsBefore = this.#problems.errorCount;
    const vm = this.#vm();
    if (vm === undefined) return undefined;
    const mode = this.#text('mode');
    if (mode !== '' && !/^(primary|1)$/i.test(mode)) return vm;
    const successCount = this.#count('successCount');
    const total = this.#size('totalSizeBytes');
    const average = this.#size('averageSizeBytes');
    const totalSec = this.#latency('totalLatency');
    const averageSec = this.#latency('averageLatency');
    // Without a cycle the cmdlet prints 0 for sizes and nothing for latencies.
    const mean = <T extends number>(sum: T | null, told: T | null): number | null =>
      successCount === 0 ? null : (told ?? (sum === null || successCount === null ? null : sum / successCount));
    const ofCycles = <T>(value: T | null): T | null => (successCount === 0 ? null : value);
    const one: MeasuredReplication = {
      ...{ vm, source: 'statistics', file: this.#problems.file, ...this.#interval() },
      successCount,
      missCount: this.#count('missCount'),
      averageSizeBytes: mean(total, average),
      maxSizeBytes: ofCycles(this.#size('maxSizeBytes')),
      averageLatencySec: mean(totalSec, averageSec),
      maxLatencySec: ofCycles(this.#latency('maxLatency')),
      pendingBytes: this.#size('pendingBytes'),
      networkFailureCount: this.#count('networkFailureCount'),
      replicationFailureCount: this.#count('replicationFailureCount'),
      errorCount: this.#count('errorCount'),
    };
    return this.#problems.errorCount === errorsBefore ? one : undefined;
  }

  #text(key: Key): string {
    return (this.#cells[this.#columns.get(key)?.index ?? -1] ?? '').trim();
  }

  #error(code: string, key: Key, message: string, remedy: string): void {
    const column = this.#columns.get(key)?.header ?? key;
    this.#problems.error(code, { row: this.#row, column, value: this.#text(key) }, message, remedy);
  }

  #vm(): string | undefined {
    const key = (['vmName', 'name', 'elementName'] as const).find((candidate) => this.#text(candidate) !== '');
    if (key === undefined) {
      const message = 'The row does not say which VM it is of.';
      this.#problems.error('replication-no-name', { row: this.#row }, message, 'Select VMName too.');
      return undefined;
    }
    const name = this.#text(key);
    return checkName(name, 'VM', this.#columns.get(key)!.header, this.#row, this.#problems) ? name : undefined;
  }

  #number(key: CountKey | SizeKey): number | null {
    const column = this.#columns.get(key);
    const text = this.#text(key);
    if (column === undefined || text === '') return null;
    const value = this.#quantities.read(column, text, this.#row)?.value;
    if (value === undefined) return null;
    if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) return value;
    this.#error('replication-wrong-value', key, 'No counter has this value.', 'Export again; give 0 or more.');
    return null;
  }

  #size(key: SizeKey): Bytes | null {
    return this.#number(key);
  }

  #count(key: CountKey): number | null {
    const value = this.#number(key);
    if (value === null || Number.isInteger(value)) return value;
    this.#error('replication-wrong-value', key, 'This is no count.', 'Give a whole number.');
    return null;
  }

  #latency(key: 'averageLatency' | 'totalLatency' | 'maxLatency'): number | null {
    const text = this.#text(key);
    if (text === '') return null;
    const seconds = latencySec(text);
    if (seconds !== undefined) return seconds;
    const remedy = 'Give a time span such as 00:00:12, or seconds.';
    this.#error('replication-wrong-latency', key, 'This is no duration.', remedy);
    return null;
  }

  #interval(): Pick<MeasuredReplication, 'fromMs' | 'untilMs' | 'isLocal'> {
    const from = this.#time('from');
    const until = this.#time('until');
    const told = [from, until].filter((time) => time !== undefined);
    const isLocal = told.some(({ offsetMs }) => offsetMs === undefined);
    if (isLocal && told.some(({ offsetMs }) => offsetMs !== undefined)) {
      const remedy = 'Export both as ISO 8601: Get-Date -Format s.';
      this.#error('replication-two-clocks', 'until', 'One time of the row names its offset, the other not.', remedy);
    } else if (from !== undefined && until !== undefined && instantOf(until) < instantOf(from)) {
      this.#error('replication-wrong-interval', 'until', 'The interval ends before it begins.', 'Export again.');
    }
    return { fromMs: instantOf(from), untilMs: instantOf(until), isLocal };
  }

  #time(key: 'from' | 'until'): WrittenTime | undefined {
    const text = this.#text(key);
    if (text === '') return undefined;
    const time = powerShellTime(text);
    if (time === undefined) {
      const message = 'This is no time that can be read for certain: day and month could be meant either way.';
      const remedy = "Export it as ISO 8601: MonitoringStartTime.ToString('s'), or 2026-11-23T14:11:41.";
      this.#error('replication-wrong-time', key, message, remedy);
    }
    return time;
  }
}

function instantOf(time: WrittenTime): Millis;
function instantOf(time: WrittenTime | undefined): Millis | null;
function instantOf(time: WrittenTime | undefined): Millis | null {
  return time === undefined ? null : time.wallMs - (time.offsetMs ?? 0);
}

/** `00:00:12`, `1.02:03:04.5` as .NET writes a TimeSpan, or a number of seconds; `undefined` where it is neither. */
function latencySec(text: string): number | undefined {
  if (text.length > 40) return undefined;
  const span = /^(?:(\d{1,5})\.)?(\d{1,2}):(\d\d):(\d\d)(?:[.,](\d{1,7}))?$/.exec(text);
  if (span === null) {
    const seconds = parseDecimal(text, text.includes(',') ? ',' : '.');
    return seconds !== undefined && seconds >= 0 && seconds <= MAX_LATENCY_SEC ? seconds : undefined;
  }
  const [days, hours, minutes, seconds] = span.slice(1, 5).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
  ];
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  return days * 86_400 + hours * 3600 + minutes * 60 + seconds + Number(`0.${span[5] ?? '0'}`);
}
