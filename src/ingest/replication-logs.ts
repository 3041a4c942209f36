import { type HrlEntry, type HrlReading, readHrl } from '../formats/hrl-read.ts';
import type { OverwriteModel } from '../model/workload.ts';
import { type Bytes, formatBytes, formatDurationMs, MINUTE_MS, type Millis, SECOND_MS } from '../units.ts';
import { type ChurnFile, Offsets } from './churn-file.ts';
import type { ChurnStore } from './churn-store.ts';
import { fitOverwrite } from './fit-overwrite.ts';
import type { Input } from './input.ts';
import { InstanceFinder } from './instance-finder.ts';
import type { Inventory } from './inventory.ts';
import { countOf, ProblemList } from './problem-list.ts';
import { reportNames } from './prometheus.ts';
import { WriteHistory } from './write-history.ts';

/** 2000-01-01 in milliseconds since 1970-01-01: HRL counts seconds from there ([MS-HRL] 2.2). */
export const EPOCH_2000_MS: Millis = 946_684_800_000;
/** Step of the churn that is taken from logs. [chosen] */
const STEP_MS: Millis = MINUTE_MS;
/** A log that lasts longer than that has a wrong time. [chosen] */
const MOST_STEPS = 600_000;

/** What a disk's own logs tell of how it is written to. */
export interface LogFacts {
  readonly meanWriteBytes: Bytes;
  readonly overwrite?: OverwriteModel;
}

export interface ReplicationLogs {
  readonly files: readonly ChurnFile[];
  /** By the disk's index in the inventory. */
  readonly factsOf: ReadonlyMap<number, LogFacts>;
}

interface ReadLog {
  readonly input: Input;
  readonly problems: ProblemList;
  readonly disk: number | undefined;
  readonly reading: HrlReading;
  readonly createdMs: Millis;
}

/**
 * Reads replication logs (HRL) beside the disks: what was written when, in which sizes, and how much of it on the same places. A log belongs to the
 * disk whose Data Write GUID it names, else to that whose file name it bears.
 *
 * @param pathOfGuid paths of the VHDX files that were given, by their Data Write GUID
 */
export async function readLogs(
  inputs: readonly Input[],
  inventory: Inventory,
  pathOfGuid: ReadonlyMap<string, string>,
  store: ChurnStore,
  firstFileIndex: number,
  onProgress: (file: string, readBytes: Bytes) => void,
): Promise<ReplicationLogs> {
  const finder = new InstanceFinder(inventory);
  const logs: ReadLog[] = [];
  for (const input of inputs) logs.push(await headerOf(input, finder, pathOfGuid));
  const histories = new Map<number, { readonly history: WriteHistory; readonly startMs: Millis }>();
  const files = new Map<ReadLog, ChurnFile>();
  // A disk's logs one after the other, as they were written.
  const inOrder = logs.toSorted((a, b) => a.createdMs - b.createdMs);
  for (const log of inOrder) {
    const known = log.disk === undefined ? undefined : histories.get(log.disk);
    const of = known ?? { history: new WriteHistory(), startMs: log.createdMs };
    if (log.disk !== undefined) histories.set(log.disk, of);
    files.set(log, await readOne(log, of, store, firstFileIndex + logs.indexOf(log), onProgress));
  }
  const unused = new ProblemList(logs[0]?.input.name ?? '');
  reportNames(finder, unused);
  for (const problem of unused.all()) logs[0]!.problems.add(problem);
  const factsOf = new Map<number, LogFacts>();
  for (const [disk, { history }] of histories) {
    const { writeCount, meanWriteBytes, pairs } = history.summary();
    if (writeCount === 0) continue;
    const { model } = fitOverwrite(pairs);
    factsOf.set(disk, {
      meanWriteBytes: Math.round(meanWriteBytes),
      ...(model === undefined ? {} : { overwrite: model }),
    });
  }
  return { files: logs.map((log) => files.get(log)!), factsOf };
}

/** The header alone: whose log it is, and when it began. */
async function headerOf(
  input: Input,
  finder: InstanceFinder,
  pathOfGuid: ReadonlyMap<string, string>,
): Promise<ReadLog> {
  const problems = new ProblemList(input.name);
  const nothing = { header: undefined, isClosed: false, entryCount: 0, loggedBytes: 0, metadataBlockCount: 0 };
  let reading: HrlReading = {
    ...nothing,
    isRecovered: false,
    endBytes: 0,
    lostBytes: 0,
    problems: [],
    furtherProblemCount: 0,
  };
  if (input.withBytes === undefined) {
    problems.error('hrl-pipe', {}, 'A log cannot be read from a pipe.', 'Give the file itself.');
  } else {
    // Blocks are not kept: this is for the header.
    reading = await input.withBytes((file) =>
      readHrl({ ...file, sizeBytes: Math.min(file.sizeBytes, HEADER_BYTES) }, { entry() {} }),
    );
  }
  const guid = reading.header?.vhd2DataWriteGuid;
  const path = guid === undefined ? undefined : pathOfGuid.get(guid);
  return {
    ...{ input, problems, reading, disk: finder.virtualDisk(path ?? input.name) },
    createdMs: EPOCH_2000_MS + (reading.header?.createdSec2000 ?? 0) * SECOND_MS,
  };
}

const HEADER_BYTES: Bytes = 4096;

async function readOne(
  { input, problems, disk, createdMs }: ReadLog,
  { history, startMs }: { readonly history: WriteHistory; readonly startMs: Millis },
  store: ChurnStore,
  fileIndex: number,
  onProgress: (file: string, readBytes: Bytes) => void,
): Promise<ChurnFile> {
  const steps: number[] = [];
  let lateCount = 0;
  const take = ({ byteOffset, dataLength, timestampSec2000 }: HrlEntry): void => {
    const atMs = EPOCH_2000_MS + timestampSec2000 * SECOND_MS;
    const step = Math.max(0, Math.floor((atMs - createdMs) / STEP_MS));
    if (step >= MOST_STEPS) {
      lateCount++;
      return;
    }
    while (steps.length <= step) steps.push(0);
    steps[step]! += dataLength;
    if (disk !== undefined) history.add(Math.max(0, atMs - startMs), byteOffset, dataLength);
  };
  const reading =
    input.withBytes === undefined
      ? undefined
      : await input.withBytes((file) =>
          readHrl(file, { entry: take, progress: (bytes) => onProgress(input.name, bytes) }),
        );
  if (reading === undefined) return fileOf(problems, 0, 0, [], disk, input.name);
  reportDamage(reading, problems, input.isFound === true);
  if (lateCount > 0) {
    const message = `${countOf(lateCount, 'entry').replace('entrys', 'entries')} more than a year later than the log's begin.`;
    problems.warning('hrl-wrong-time', {}, message, 'They are left out of the churn.');
  }
  const lastMs =
    reading.header === undefined ? createdMs : EPOCH_2000_MS + reading.header.lastModifiedSec2000 * SECOND_MS;
  // The log covers the time to its last change, also where nothing was written at its end.
  const stepCount = Math.max(steps.length, Math.min(MOST_STEPS, Math.ceil((lastMs - createdMs) / STEP_MS)));
  if (disk !== undefined && stepCount > 0) {
    for (let step = 0; step < stepCount; step++) {
      store.add(disk, fileIndex, 0, createdMs + step * STEP_MS, false, steps[step] ?? 0);
    }
    // What comes after it is another log's to tell.
    store.add(disk, fileIndex, 0, createdMs + stepCount * STEP_MS, false, Number.NaN);
  }
  return fileOf(
    problems,
    reading.entryCount,
    disk === undefined ? 0 : reading.entryCount,
    notesOf(reading, createdMs, lastMs),
    disk,
    input.name,
  );
}

function fileOf(
  problems: ProblemList,
  rowCount: number,
  usedCount: number,
  read: readonly string[],
  disk: number | undefined,
  name: string,
): ChurnFile {
  const offsets = new Offsets();
  offsets.add(0);
  return {
    ...{ format: 'Hyper-V Replica Log (HRL)', offsets, timeHeader: 'timestamp', writeHeader: 'data length' },
    ...{ problems, rowCount, usedCount, read, dropped: new Map(), notFound: disk === undefined ? [name] : [] },
  };
}

function notesOf(reading: HrlReading, createdMs: Millis, lastMs: Millis): string[] {
  const { isClosed, isRecovered, loggedBytes, entryCount, lostBytes } = reading;
  return [
    `${formatBytes(loggedBytes)} written by ${countOf(entryCount, 'write')} in ${formatDurationMs(Math.max(0, lastMs - createdMs))}`,
    isClosed ? 'closed properly' : 'not closed properly: what is whole of it was read',
    ...(isRecovered ? [`its metadata were looked for; ${formatBytes(lostBytes)} could not be told`] : []),
  ];
}

/** Damage that left something to read is a warning. */
function reportDamage(reading: HrlReading, problems: ProblemList, isFound: boolean): void {
  const isUseless =
    reading.header === undefined || (reading.entryCount === 0 && reading.problems.length > 0 && !reading.isClosed);
  for (const { code, atBytes, message } of reading.problems) {
    const text = `${message} (at byte ${atBytes})`;
    const remedy = 'Copy the log again, after replication has gone on to the next; what is whole of this one is used.';
    if (isUseless && !isFound) problems.error(code, {}, text, remedy);
    else problems.warning(code, {}, text, remedy);
  }
  if (reading.furtherProblemCount > 0) {
    problems.warning(
      'hrl-more',
      {},
      `${reading.furtherProblemCount} more problems in this log.`,
      'Copy the log again.',
    );
  }
}
