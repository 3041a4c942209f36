import { type CounterPath, parseCounterPath } from '../formats/pdh.ts';
import { type Millis, parseDecimal } from '../units.ts';
import { type ChurnFile, Offsets } from './churn-file.ts';
import type { ChurnStore } from './churn-store.ts';
import type { ColumnSpec, Columns } from './columns.ts';
import { powerShellTime } from './culture-time.ts';
import { InstanceFinder } from './instance-finder.ts';
import type { Inventory } from './inventory.ts';
import type { WrittenTime } from './iso-time.ts';
import { ProblemList } from './problem-list.ts';
import { reportNames } from './prometheus.ts';
import { RateIntervals } from './rate-intervals.ts';
import { readTable } from './table.ts';
import { csvTable } from './table-source.ts';
import type { TextSource } from './text-source.ts';
import { writtenCounter } from './write-counters.ts';

/** `Get-Counter | Export-Csv` has a row a sample: the counter's path, its value, when (formats F2). */
type CounterColumn = 'path' | 'value' | 'time' | 'filetime' | (typeof UNUSED_PROPERTIES)[number];
/** Further properties of a sample, which tell nothing that is not in these. */
const UNUSED_PROPERTIES = [
  'instancename',
  'rawvalue',
  'secondvalue',
  'multiplecount',
  'countertype',
  'status',
  'defaultscale',
  'timebase',
] as const;
const COUNTER_COLUMNS: readonly ColumnSpec<CounterColumn>[] = [
  ...UNUSED_PROPERTIES.map(
    (key): ColumnSpec<CounterColumn> => ({ key, measure: 'text', isRequired: false, names: [key] }),
  ),
  { key: 'path', measure: 'text', isRequired: true, names: ['path'] },
  { key: 'value', measure: 'count', isRequired: true, names: ['cookedvalue'] },
  { key: 'time', measure: 'text', isRequired: true, names: ['timestamp'] },
  { key: 'filetime', measure: 'text', isRequired: false, names: ['timestamp100nsec'] },
];

/** `Get-ClusterPerf | Export-Csv` has a row a point: when, how much, of which metric and disk (formats F6). */
type ClusterColumn = 'time' | 'value' | 'metric' | 'object';
const CLUSTER_COLUMNS: readonly ColumnSpec<ClusterColumn>[] = [
  { key: 'time', measure: 'text', isRequired: true, names: ['time', 'timestamp'] },
  { key: 'value', measure: 'count', isRequired: true, names: ['value'] },
  {
    key: 'metric',
    measure: 'text',
    isRequired: true,
    names: ['metricid', 'metric', 'metricname', 'series', 'seriesname'],
  },
  { key: 'object', measure: 'text', isRequired: true, names: ['objectdescription', 'object', 'disk', 'path', 'vhd'] },
];

interface Sample {
  /** Where it is one of what was written: the disk's index. */
  readonly disk: number | undefined;
  readonly value: string;
  readonly time: string;
  readonly ticks: string;
}

/** Reads the CSV of Get-Counter's samples. Their times are local, those in ticks too. */
export function readGetCounter(
  source: TextSource,
  inventory: Inventory,
  store: ChurnStore,
  fileIndex: number,
): Promise<ChurnFile> {
  const finder = new InstanceFinder(inventory);
  const paths = new Map<string, number | undefined>();
  const diskOf = (text: string): number | undefined => {
    if (!paths.has(text)) paths.set(text, diskOfCounter(parseCounterPath(text), finder));
    return paths.get(text);
  };
  return readSamples(source, COUNTER_COLUMNS, { format: 'Get-Counter', store, fileIndex, finder }, (text) => ({
    disk: diskOf(text('path')),
    ...{ value: text('value'), time: text('time'), ticks: text('filetime') },
  }));
}

function diskOfCounter(path: CounterPath, finder: InstanceFinder): number | undefined {
  const from = writtenCounter(path);
  if (from === undefined || path.instance === '_total') return undefined;
  return from === 'host'
    ? finder.virtualDisk(path.instance!, path.host)
    : finder.guestDisk(path.host ?? '', path.instance!);
}

/** Reads the CSV of Get-ClusterPerf's points, `vhd.throughput.write` in bytes per second. Old points are means of hours and days: bursts are flattened. */
export function readClusterPerf(
  source: TextSource,
  inventory: Inventory,
  store: ChurnStore,
  fileIndex: number,
): Promise<ChurnFile> {
  const finder = new InstanceFinder(inventory);
  return readSamples(source, CLUSTER_COLUMNS, { format: 'Get-ClusterPerf', store, fileIndex, finder }, (text) => ({
    disk: /vhd\.throughput\.write/i.test(text('metric')) ? finder.virtualDisk(text('object')) : undefined,
    ...{ value: text('value'), time: text('time'), ticks: '' },
  }));
}

interface SampleTarget {
  readonly format: string;
  readonly store: ChurnStore;
  readonly fileIndex: number;
  readonly finder: InstanceFinder;
}

async function readSamples<K extends string>(
  source: TextSource,
  specs: readonly ColumnSpec<K>[],
  { format, store, fileIndex, finder }: SampleTarget,
  sampleOf: (text: (key: K) => string) => Sample,
): Promise<ChurnFile> {
  const problems = new ProblemList(source.name);
  const intervals = new RateIntervals(store, fileIndex);
  const offsets = new Offsets();
  const samples: { disk: number; row: number; atMs: Millis; isLocal: boolean; rate: number }[] = [];
  let rowCount = 0;
  let otherCount = 0;
  await readTable(csvTable(source), specs, problems, (columns: Columns<K>) => (cells, row) => {
    rowCount++;
    const sample = sampleOf((key) => (cells[columns.get(key)?.index ?? -1] ?? '').trim());
    if (sample.disk === undefined) {
      otherCount++;
      return;
    }
    const time = timeOf(sample);
    const rate = sample.value === '' ? Number.NaN : parseDecimal(sample.value, sample.value.includes(',') ? ',' : '.');
    if (time === undefined) {
      const message = 'This is no time that can be read for certain: day and month could be meant either way.';
      problems.error(
        'samples-wrong-time',
        { row, value: sample.time },
        message,
        'Export with Timestamp as ISO 8601: Get-Date -Format s.',
      );
    } else if (rate === undefined || rate < 0) {
      problems.error(
        'samples-wrong-value',
        { row, value: sample.value },
        'This is no rate.',
        'Give bytes per second, 0 or more.',
      );
    } else {
      offsets.add(time.offsetMs);
      const isLocal = time.offsetMs === undefined;
      samples.push({ disk: sample.disk, row, atMs: time.wallMs - (time.offsetMs ?? 0), isLocal, rate });
    }
  });
  // Sets of samples may have been exported one counter after the other.
  for (const { disk, row, atMs, isLocal, rate } of samples.toSorted((a, b) => a.atMs - b.atMs)) {
    intervals.add(disk, row, atMs, isLocal, rate);
  }
  intervals.finish();
  if (rowCount > 0 && samples.length === 0 && problems.errorCount === 0) {
    const message = 'No row says what is written to a disk of the inventory.';
    problems.error(
      'samples-none',
      {},
      message,
      'Take \\Hyper-V Virtual Storage Device(*)\\Write Bytes/sec, or vhd.throughput.write.',
    );
  }
  reportNames(finder, problems);
  return {
    ...{
      format,
      offsets,
      timeHeader: 'time',
      writeHeader: 'value',
      problems,
      rowCount,
      usedCount: intervals.usedCount,
    },
    read: [offsets.hasLocal ? 'times without zone: local' : 'times are instants'],
    dropped: new Map([
      ...intervals.dropped,
      ...(otherCount > 0 ? [['of other counters or disks', otherCount] as const] : []),
    ]),
    notFound: [...finder.notFound(), ...finder.ambiguous()],
  };
}

/** 1601-01-01 to 1970-01-01. */
const FILETIME_1970_MS: Millis = 11_644_473_600_000;
const TICKS_PER_MS = 10_000;
const MOST_MS: Millis = 7_258_118_400_000;

/** Ticks are local like the text beside them (formats F2), and leave no doubt about day and month. */
function timeOf({ time, ticks }: Sample): WrittenTime | undefined {
  if (/^\d{17,18}$/.test(ticks)) {
    const wallMs = Math.round(Number(ticks) / TICKS_PER_MS) - FILETIME_1970_MS;
    return wallMs >= 0 && wallMs < MOST_MS ? { wallMs, offsetMs: undefined } : undefined;
  }
  return powerShellTime(time);
}
