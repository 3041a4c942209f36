import { readCsv } from '../formats/csv.ts';
import { type HrlReading, readHrl } from '../formats/hrl-read.ts';
import { PdhScanner } from '../formats/pdh.ts';
import { readVirtualDisk } from '../formats/virtual-disk.ts';
import { civilDate } from '../model/clock.ts';
import type { Inspection, LogEntry } from '../model/inspection.ts';
import type { Problem } from '../model/problem.ts';
import { type Bytes, DAY_MS, formatBytes, formatDurationMs, type Millis, SECOND_MS } from '../units.ts';
import { fitOverwrite } from './fit-overwrite.ts';
import type { Input } from './input.ts';
import { formatOffset } from './iso-time.ts';
import { countOf, fewNames } from './problem-list.ts';
import { type Recognised, recognise } from './recognise.ts';
import { EPOCH_2000_MS } from './replication-logs.ts';
import { parseWorkload } from './workload-file.ts';
import { writtenCounter } from './write-counters.ts';
import { WriteHistory } from './write-history.ts';

type OnEntry = (entry: LogEntry) => void;

/** Tells what a file is and what is in it, by its headers where these say enough, else by reading it. */
export async function inspectInput(input: Input, onEntry?: OnEntry): Promise<Inspection> {
  const as = await recognise(input);
  switch (as.kind) {
    case 'disk':
      return await inspectDisk(input);
    case 'log':
      return await inspectLog(input, onEntry);
    case 'pdh':
      return await inspectPdh(input);
    case 'workload':
      return await inspectWorkload(input);
    case 'refused':
    case 'ignored':
      return nothingKnown(input, as);
    case 'parquet':
    case 'workbook':
    case 'prometheus':
      return { file: input.name, format: TITLES[as.kind], facts: [], values: {}, problems: [] };
    default:
      return await inspectTable(input, as.kind === 'export' ? as.format.title : TITLES[as.kind]);
  }
}

const TITLES: Readonly<Record<Exclude<Recognised['kind'], 'export' | 'refused' | 'ignored'>, string>> = {
  inventory: 'table of disks',
  workbook: 'Excel workbook',
  disk: 'virtual disk',
  log: 'Hyper-V Replica Log',
  churn: 'series of churn',
  pdh: 'PerfMon log',
  prometheus: 'Prometheus range query',
  parquet: 'Parquet file',
  'get-counter': 'samples of Get-Counter',
  'cluster-perf': 'points of Get-ClusterPerf',
  statistics: 'statistics of running replication',
  trace: 'block trace',
  workload: 'workload of asr-plan import',
};

function nothingKnown({ name }: Input, as: Recognised): Inspection {
  const what = as.kind === 'refused' ? as.what : 'nothing that asr-plan reads';
  const remedy = as.kind === 'refused' ? as.remedy : 'asr-plan analyze --help lists what it reads.';
  const message = `This looks like ${what}.`;
  const problem: Problem = { severity: 'error', code: 'input-not-readable', file: name, message, remedy };
  return { file: name, format: what, facts: [], values: {}, problems: [problem] };
}

async function inspectDisk(input: Input): Promise<Inspection> {
  const { disk, problems: found } = await input.withBytes!(readVirtualDisk);
  const problems = found.map((problem) => problemAt(input, problem, disk === undefined));
  if (disk === undefined) return { file: input.name, format: TITLES.disk, facts: [], values: {}, problems };
  const { problems: _same, ...values } = disk;
  const { parent } = disk;
  return {
    ...{ file: input.name, format: `${disk.format.toUpperCase()}, ${disk.type}`, values, problems },
    facts: [
      ['Virtual size', exact(disk.virtualSizeBytes)],
      ['Allocated', disk.allocatedBytes === undefined ? 'not known' : exact(disk.allocatedBytes)],
      ['Block', disk.blockBytes === undefined ? 'none: a fixed disk' : exact(disk.blockBytes)],
      ['Sectors', `${disk.logicalSectorBytes} bytes logical, ${disk.physicalSectorBytes ?? 'unknown'} physical`],
      ['Identity', disk.id],
      ...(disk.dataWriteGuid === undefined ? [] : [['Data Write GUID', disk.dataWriteGuid] as const]),
      ...(parent === undefined ? [] : [['Parent', [parent.id ?? 'no identity', ...parent.paths].join(', ')] as const]),
      ['Made by', disk.createdBy],
      ['Closed', disk.hasLogToReplay ? 'no: it is open, or was not closed properly' : 'properly'],
    ],
  };
}

function problemAt(
  { name }: Input,
  { code, atBytes, message }: { readonly code: string; readonly atBytes: Bytes; readonly message: string },
  isFatal: boolean,
): Problem {
  const severity = isFatal ? 'error' : 'warning';
  const remedy = 'Check that the copy is whole.';
  return { severity, code, file: name, message: `${message} (at byte ${atBytes})`, remedy };
}

async function inspectLog(input: Input, onEntry: OnEntry | undefined): Promise<Inspection> {
  const history = new WriteHistory();
  let first: number | undefined;
  let last = 0;
  const reading = await input.withBytes!((file) =>
    readHrl(file, {
      entry({ byteOffset, dataLength, timestampSec2000, dataAtBytes }) {
        first ??= timestampSec2000;
        last = Math.max(last, timestampSec2000);
        history.add((timestampSec2000 - first) * SECOND_MS, byteOffset, dataLength);
        const place = dataAtBytes === undefined ? {} : { dataAtBytes };
        onEntry?.({ time: isoOf2000(timestampSec2000), byteOffset, dataLength, ...place });
      },
    }),
  );
  const summary = history.summary();
  const distinctBytes = summary.windows.find(({ window }) => window === 'whole')?.distinctBytes ?? 0;
  const { header, problems: found, ...counts } = reading;
  const isUseless = header === undefined || (reading.entryCount === 0 && !reading.isClosed && found.length > 0);
  const coveredMs = first === undefined ? 0 : (last - first) * SECOND_MS;
  const fit = fitOverwrite(summary.pairs);
  return {
    ...{ file: input.name, format: TITLES.log, problems: found.map((problem) => problemAt(input, problem, isUseless)) },
    values: {
      header,
      ...counts,
      distinctBytes,
      meanWriteBytes: summary.meanWriteBytes,
      lengths: summary.lengths,
      coveredMs,
    },
    facts: header === undefined ? [] : logFacts(reading, distinctBytes, summary, coveredMs, fit.model),
  };
}

function logFacts(
  { header, isClosed, isRecovered, entryCount, loggedBytes, metadataBlockCount, lostBytes }: HrlReading,
  distinctBytes: Bytes,
  { meanWriteBytes, lengths }: ReturnType<WriteHistory['summary']>,
  coveredMs: Millis,
  overwrite: { readonly hotBytes: number; readonly hotShare: number } | undefined,
): Inspection['facts'] {
  const { logFormatVersion, createdSec2000, lastModifiedSec2000, uniqueId, previousUniqueId, vhd2DataWriteGuid } =
    header!;
  return [
    ['Version', String(logFormatVersion >>> 16)],
    ['Created', isoOf2000(createdSec2000)],
    ['Last changed', isoOf2000(lastModifiedSec2000)],
    ['Closed', isClosed ? 'properly' : 'no: it was not closed properly'],
    ['Log', uniqueId],
    ['Log before it', previousUniqueId],
    ...(vhd2DataWriteGuid === undefined ? [] : [['Disk’s Data Write GUID', vhd2DataWriteGuid] as const]),
    ['Entries', entryCount.toLocaleString('en-US')],
    ['Bytes logged', exact(loggedBytes)],
    ['Distinct bytes', `${exact(distinctBytes)}, in blocks of 4 KiB`],
    ['Mean write', exact(Math.round(meanWriteBytes))],
    [
      'Write sizes',
      lengths.map(({ fromBytes, count }) => `from ${formatBytes(fromBytes)}: ${count}`).join(', ') || 'none',
    ],
    ['Covered', `${formatDurationMs(coveredMs)} (${Math.round(coveredMs / SECOND_MS)} s)`],
    ['Metadata blocks', metadataBlockCount.toLocaleString('en-US')],
    [
      'Overwriting',
      overwrite === undefined
        ? 'too little is known, or nothing is overwritten'
        : `${(overwrite.hotShare * 100).toFixed(1)} % of the writes go to ${formatBytes(overwrite.hotBytes)}`,
    ],
    ...(isRecovered
      ? [['Recovered', `its metadata were looked for; ${exact(lostBytes)} could not be told`] as const]
      : []),
  ];
}

async function inspectPdh(input: Input): Promise<Inspection> {
  const problems: Problem[] = [];
  let facts: Inspection['facts'] = [];
  let firstMs: Millis | undefined;
  let lastMs: Millis = 0;
  const scanner = new PdhScanner({
    columns({ counters, zoneName, westMinutes }) {
      const written = counters.filter((path) => writtenCounter(path) !== undefined);
      const objects = [...new Set(counters.map(({ object }) => object))];
      const zone =
        westMinutes === undefined ? 'none' : `${zoneName ?? ''} UTC${formatOffset(-westMinutes * 60_000)}`.trim();
      facts = [
        ['Counters', counters.length.toLocaleString('en-US')],
        ['Of bytes written to disks', `${written.length}: ${fewNames(written.map(({ instance = '' }) => instance))}`],
        ['Objects', fewNames(objects)],
        ['Time zone', zone],
      ];
      return new Uint32Array([0]);
    },
    row(wallMs) {
      firstMs ??= wallMs;
      lastMs = wallMs;
    },
    fault({ kind, line, text }) {
      const remedy = 'asr-plan import says what is made of it.';
      problems.push({
        severity: 'warning',
        code: `pdh-${kind}`,
        file: input.name,
        row: line,
        value: text,
        message: `${kind}.`,
        remedy,
      });
    },
  });
  for await (const chunk of input.utf8().chunks) scanner.push(chunk);
  const { rowCount } = scanner.end();
  const span = firstMs === undefined ? [] : [['Covers', `${isoOf(firstMs)} to ${isoOf(lastMs)}, local`] as const];
  return {
    ...{ file: input.name, format: TITLES.pdh, problems, values: { rowCount, ...Object.fromEntries(facts) } },
    facts: [...facts, ['Rows', rowCount.toLocaleString('en-US')], ...span],
  };
}

async function inspectWorkload(input: Input): Promise<Inspection> {
  const pieces: string[] = [];
  for await (const piece of input.text().chunks) pieces.push(piece);
  const { value, problems } = parseWorkload(input.name, pieces.join(''));
  const vms = value?.workload.vms ?? [];
  const disks = vms.flatMap((vm) => vm.disks);
  const sizeBytes = disks.reduce((sum, disk) => sum + disk.sizeBytes, 0);
  return {
    ...{ file: input.name, format: TITLES.workload, problems: problems.all() },
    values: { vmCount: vms.length, diskCount: disks.length, sizeBytes },
    facts: [
      ['VMs', vms.length.toLocaleString('en-US')],
      ['Disks', `${disks.length.toLocaleString('en-US')}, ${exact(sizeBytes)}`],
      ['Made of', fewNames(value?.receipts.map(({ file }) => file) ?? [])],
    ],
  };
}

async function inspectTable(input: Input, format: string): Promise<Inspection> {
  let headers: readonly string[] = [];
  let rowCount = 0;
  const problems: Problem[] = [];
  await readCsv(input.text().chunks, {
    header(cells) {
      headers = cells.map((cell) => cell.trim());
      return true;
    },
    record() {
      rowCount++;
    },
    fault({ kind, line }) {
      const message = 'The table breaks here.';
      problems.push({
        severity: 'warning',
        code: `csv-${kind}`,
        file: input.name,
        row: line,
        message,
        remedy: 'Check its quotes.',
      });
    },
  });
  return {
    ...{ file: input.name, format, problems, values: { headers, rowCount } },
    facts: [
      ['Columns', `${countOf(headers.length, 'column')}: ${fewNames(headers)}`],
      ['Rows', rowCount.toLocaleString('en-US')],
    ],
  };
}

/** `1.5 GiB (1,610,612,736 bytes)`: what is rounded is never alone. */
function exact(bytes: Bytes): string {
  return `${formatBytes(bytes)} (${bytes.toLocaleString('en-US')} bytes)`;
}

function isoOf2000(sec2000: number): string {
  return `${isoOf(EPOCH_2000_MS + sec2000 * SECOND_MS)}Z`;
}

/** `2026-01-05T08:00:00` of milliseconds since 1970. */
function isoOf(epochMs: Millis): string {
  const { year, month, day } = civilDate(Math.floor(epochMs / DAY_MS));
  const second = Math.floor((epochMs - Math.floor(epochMs / DAY_MS) * DAY_MS) / SECOND_MS);
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return `${year}-${two(month)}-${two(day)}T${two(second / 3600)}:${two((second / 60) % 60)}:${two(second % 60)}`;
}
