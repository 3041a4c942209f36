import { type CounterPath, type PdhFault, type PdhHeader, PdhScanner, type PdhSummary } from '../formats/pdh.ts';
import { DAY_MS, formatDurationMs, MINUTE_MS, type Millis } from '../units.ts';
import { type ChurnFile, Offsets } from './churn-file.ts';
import type { ChurnStore } from './churn-store.ts';
import { InstanceFinder } from './instance-finder.ts';
import type { Inventory } from './inventory.ts';
import { formatOffset } from './iso-time.ts';
import { countOf, fewNames, ProblemList } from './problem-list.ts';
import { reportNames } from './prometheus.ts';
import { RateIntervals } from './rate-intervals.ts';
import type { ByteSource } from './text-source.ts';
import { localReader, type TimeZone } from './time-zone.ts';
import { writtenCounter } from './write-counters.ts';

/** Changes of the user's zone are known so far behind a log's begin. [chosen] */
const LONGEST_LOG_MS: Millis = 800 * DAY_MS;

/**
 * Reads a performance log in text (PDH-CSV or PDH-TSV, formats F1): the counters of bytes written, of the host's virtual disks or, by the name of the machine,
 * of the guests' own. Times are local: at the header's offset, or in the zone that the user gives where that has the same offset then.
 */
export async function readPdh(
  { name, chunks, brokenOff }: ByteSource,
  inventory: Inventory,
  store: ChurnStore,
  fileIndex: number,
  givenZone?: TimeZone,
): Promise<ChurnFile> {
  const problems = new ProblemList(name);
  const reader = new PdhChurnReader(inventory, store, fileIndex, problems, givenZone);
  const scanner = new PdhScanner(reader);
  for await (const chunk of chunks) {
    scanner.push(chunk);
    if (scanner.isDone) break;
  }
  const broken = brokenOff?.();
  if (broken !== undefined) problems.add(broken);
  return reader.file(scanner.end());
}

class PdhChurnReader {
  readonly #finder: InstanceFinder;
  readonly #intervals: RateIntervals;
  readonly #problems: ProblemList;
  readonly #givenZone: TimeZone | undefined;
  readonly #offsets = new Offsets();
  #header: PdhHeader | undefined;
  /** Disks that are measured, and of each wanted column which of them: a disk and its checkpoint's file are one. */
  readonly #disks: number[] = [];
  readonly #slotOf: number[] = [];
  #rates = new Float64Array(0);
  #unusedCount = 0;
  #isLocal = true;
  #offsetMs = 0;
  /** Where the user's zone is the log's: it knows when that changes. */
  #toInstant: ((wallMs: number) => number) | undefined;
  #isZoneSet = false;
  #firstWallMs: number | undefined;
  #secondWallMs: number | undefined;

  constructor(
    inventory: Inventory,
    store: ChurnStore,
    fileIndex: number,
    problems: ProblemList,
    givenZone: TimeZone | undefined,
  ) {
    this.#finder = new InstanceFinder(inventory);
    this.#intervals = new RateIntervals(store, fileIndex);
    this.#problems = problems;
    this.#givenZone = givenZone;
  }

  columns(header: PdhHeader): Uint32Array | undefined {
    this.#header = header;
    const wanted: number[] = [];
    header.counters.forEach((path, column) => {
      const from = writtenCounter(path);
      if (from === undefined) return;
      const disk = from === 'host' ? this.#finder.virtualDisk(path.instance ?? '', path.host) : this.#guestDisk(path);
      if (disk === undefined) this.#unusedCount++;
      else {
        wanted.push(column);
        const slot = this.#disks.indexOf(disk);
        this.#slotOf.push(slot >= 0 ? slot : this.#disks.push(disk) - 1);
      }
    });
    if (wanted.length === 0 && this.#unusedCount === 0) reportNoCounter(header, this.#problems);
    this.#rates = new Float64Array(this.#disks.length);
    return wanted.length === 0 ? undefined : Uint32Array.from(wanted);
  }

  row(wallMs: number, values: Float64Array, line: number): void {
    if (!this.#isZoneSet) this.#setZone(wallMs);
    if (this.#firstWallMs === undefined) this.#firstWallMs = wallMs;
    else this.#secondWallMs ??= wallMs;
    const atMs = this.#isLocal ? wallMs : (this.#toInstant?.(wallMs) ?? wallMs - this.#offsetMs);
    const rates = this.#rates.fill(Number.NaN);
    for (let at = 0; at < values.length; at++) {
      const slot = this.#slotOf[at]!;
      if (values[at]! >= 0) rates[slot] = Number.isNaN(rates[slot]!) ? values[at]! : rates[slot]! + values[at]!;
    }
    for (let slot = 0; slot < rates.length; slot++) {
      this.#intervals.add(this.#disks[slot]!, line, atMs, this.#isLocal, rates[slot]!);
    }
  }

  fault({ kind, line, column, text }: PdhFault): void {
    const header = column === undefined ? undefined : this.#header?.counters[column]?.path;
    const place = { row: line, ...(header === undefined ? {} : { column: header }), value: text };
    const { severity, message, remedy } = FAULTS[kind];
    if (severity === 'error') this.#problems.error(`pdh-${kind}`, place, message, remedy);
    else this.#problems.warning(`pdh-${kind}`, place, message, remedy);
  }

  file(summary: PdhSummary): ChurnFile {
    this.#intervals.finish();
    reportNames(this.#finder, this.#problems);
    const isRead = this.#problems.errorCount === 0 && this.#disks.length > 0;
    if (isRead && summary.rowCount === 0) {
      this.#problems.error(
        'pdh-no-rows',
        {},
        'The log has a header and no row.',
        'Let it run for a day at least, a week if you can.',
      );
    }
    return {
      ...{ format: 'PerfMon log (PDH)', offsets: this.#offsets, timeHeader: 'time', writeHeader: 'write' },
      ...{ problems: this.#problems, rowCount: summary.rowCount, usedCount: this.#intervals.usedCount },
      ...{ read: this.#readNotes(summary), dropped: this.#intervals.dropped },
      notFound: [...this.#finder.notFound(), ...this.#finder.ambiguous()],
    };
  }

  #guestDisk({ host, instance = '' }: CounterPath): number | undefined {
    // The sum of all says nothing of any.
    return host === undefined || instance === '_Total' ? undefined : this.#finder.guestDisk(host, instance);
  }

  /** The header has one offset, of the log's begin; only a zone knows when that changes. */
  #setZone(wallMs: number): void {
    this.#isZoneSet = true;
    const west = this.#header?.westMinutes;
    if (west === undefined) {
      this.#offsets.add(undefined);
      return;
    }
    this.#offsetMs = west === 0 ? 0 : -west * MINUTE_MS;
    this.#isLocal = false;
    if (this.#givenZone?.offsetAt(wallMs - this.#offsetMs) === this.#offsetMs) {
      this.#toInstant = localReader(this.#givenZone, wallMs - DAY_MS, wallMs + LONGEST_LOG_MS);
    }
    this.#offsets.add(this.#offsetMs);
  }

  #readNotes({ dateOrder, isDateOrderProved }: PdhSummary): string[] {
    const { delimiter = ',', zoneName, westMinutes, counters = [] } = this.#header ?? {};
    const order = { mdy: 'month/day/year', dmy: 'day/month/year', ymd: 'year-month-day' };
    const zone = zoneName === undefined ? 'times without a zone' : `times of ${zoneName}`;
    return [
      `${countOf(counters.length, 'counter')}, of which ${this.#slotOf.length} say what is written to a disk`,
      `${zone}${westMinutes === undefined ? '' : `, UTC${formatOffset(-westMinutes * MINUTE_MS)}`}`,
      `delimiter ${delimiter === '\t' ? 'tab' : `"${delimiter}"`}`,
      ...(dateOrder === undefined
        ? []
        : [`dates are ${order[dateOrder]}${isDateOrderProved ? '' : ', as Windows writes them'}`]),
      ...(this.#secondWallMs === undefined
        ? []
        : [`a sample every ${formatDurationMs(this.#secondWallMs - this.#firstWallMs!)}`]),
    ];
  }
}

function reportNoCounter({ counters }: PdhHeader, problems: ProblemList): void {
  const found = [...new Set(counters.map(({ object, counter }) => `${object}\\${counter}`))];
  const message = `No counter of this log says what is written to a disk. There are: ${fewNames(found)}.`;
  const remedy =
    'Log \\Hyper-V Virtual Storage Device(*)\\Write Bytes/sec on the hosts (docs/collect.md), or \\PhysicalDisk(*)\\Disk Write Bytes/sec in the guests.';
  problems.error('pdh-no-write-counter', {}, message, remedy);
}

interface FaultText {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly remedy: string;
}

const LEFT_OUT = 'The row is left out; what it would have told is filled by rule.';

const FAULTS: Readonly<Record<PdhFault['kind'], FaultText>> = {
  'bad-time': { severity: 'warning', message: 'The row does not begin with a time.', remedy: LEFT_OUT },
  'date-order': {
    severity: 'error',
    message: 'This date and those before it need different orders of day and month.',
    remedy: 'Convert the log again: relog in.blg -f CSV -o out.csv writes month/day/year.',
  },
  'not-a-number': { severity: 'warning', message: 'This is no number.', remedy: 'It is taken as not measured.' },
  'short-row': {
    severity: 'warning',
    message: 'The row has fewer cells than the header.',
    remedy: 'What lacks is taken as not measured.',
  },
  'long-row': { severity: 'warning', message: 'The row has more cells than the header.', remedy: LEFT_OUT },
  'broken-cell': { severity: 'warning', message: 'A quote of this row does not close.', remedy: LEFT_OUT },
  'no-pdh-header': {
    severity: 'error',
    message: 'The log does not begin with (PDH-CSV 4.0).',
    remedy: 'Convert it again with relog.',
  },
  'header-too-long': { severity: 'error', message: 'The header is longer than 64 MiB.', remedy: 'Log fewer counters.' },
  'too-many-counters': {
    severity: 'error',
    message: 'The log has more than 262,144 counters.',
    remedy: 'Log fewer counters, host by host.',
  },
  'not-utf8': {
    severity: 'warning',
    message: 'Some text of the header is no UTF-8.',
    remedy: 'Names with such characters may find no disk; save the log as UTF-8.',
  },
  'second-header': {
    severity: 'error',
    message: 'Another log with other counters begins here.',
    remedy: 'Cut the file before this line, and give both parts.',
  },
  'row-too-long': {
    severity: 'error',
    message: 'A row is longer than 64 MiB.',
    remedy: 'Check that this is a text log.',
  },
  'torn-end': { severity: 'warning', message: 'The file ends within its last row.', remedy: 'That row is left out.' },
};
