import type { Assumption } from '../model/assumption.ts';
import type { MeasuredReplication } from '../model/measured-replication.ts';
import { hasErrors, type Problem, problemOf } from '../model/problem.ts';
import type { Receipt } from '../model/receipt.ts';
import type { ChurnSeries, Workload } from '../model/workload.ts';
import type { Bytes, Millis } from '../units.ts';
import { type AssumedChurn, assumeChurn } from './assumed-churn.ts';
import { agreedZone, type ChurnFile } from './churn-file.ts';
import { buildSeries, type MeasuredChurn } from './churn-series.ts';
import { ChurnStore } from './churn-store.ts';
import { chooseZone, makeClock } from './clock.ts';
import { readDiskImages } from './disk-images.ts';
import { Excluder, type Exclusion } from './exclusions.ts';
import {
  assembleFleet,
  checkAny,
  checkChurn,
  checkCoverage,
  checkRewrites,
  checkShares,
  checkShort,
  checkSizes,
} from './fleet.ts';
import type { Input } from './input.ts';
import { type Inventory, takeInventory } from './inventory.ts';
import type { InventoryFile } from './inventory-file.ts';
import type { MappedColumn } from './mapped-table.ts';
import {
  INVENTORY_KINDS,
  isReplicaLog,
  type Recognition,
  readInventory,
  readMeasured,
  readReplication,
  tellsChurn,
} from './read-by-kind.ts';
import { type OnProgress, Reading } from './reading.ts';
import { churnReceipt, ignoredReceipt, inventoryReceipt, replicationReceipt } from './receipts.ts';
import { type Recognised, recognise } from './recognise.ts';
import { readLogs } from './replication-logs.ts';
import { findZone } from './time-zone.ts';
import { parseWorkload } from './workload-file.ts';

export type { Input } from './input.ts';
export type { TextSource } from './text-source.ts';

export interface IngestOptions {
  /** `--time-zone`: IANA name, `UTC` or a fixed offset. */
  readonly timeZone?: string;
  /** `--start`: ISO 8601, local in the zone where it names no offset. */
  readonly start?: string;
  readonly horizonMs: Millis;
  /** For disks whose file does not tell it; 8 KiB where absent (semantics 4). */
  readonly meanWriteBytes?: Bytes;
  readonly onProgress?: OnProgress;
  /** Disks to leave out, though they are in the files. */
  readonly exclusions?: readonly Exclusion[];
  /** Written in a day where no file tells it: a share of the used bytes. */
  readonly assumedChurnPerDay?: number;
  /** What the columns of tables that no tool is known for are called. */
  readonly columnMap?: readonly MappedColumn[];
}

export interface Ingested {
  /** Absent where `problems` holds an error. */
  readonly workload?: Workload;
  /** Of all files and of the options, each file's in the order of its lines. */
  readonly problems: Problem[];
  readonly assumptions: Assumption[];
  /** One of each file, in the order in which they were given. */
  readonly receipts: Receipt[];
  /** What replication that already runs was measured to do; absent = no file tells it. */
  readonly measured?: readonly MeasuredReplication[];
}

/**
 * Files to a workload: recognised → inventories, joined → measured churn → clock → series → VMs. What a user got wrong is data, never
 * thrown.
 */
export async function ingest(inputs: readonly Input[], options: IngestOptions): Promise<Ingested> {
  // 1. What each file is.
  const recognitions: Recognition[] = [];
  for (const input of inputs) recognitions.push({ input, as: await recognise(input) });
  const refusals = recognitions.flatMap(refusalOf);
  const reading = new Reading(options.onProgress);
  const ofKind = (kind: Recognised['kind']): Input[] =>
    recognitions.filter(({ as }) => as.kind === kind).map(({ input }) => input);
  const [imported] = ofKind('workload');
  if (imported !== undefined) return readWorkloadFile(imported, recognitions, refusals, reading);

  // 2. The inventory: the disks of all files, joined and told apart.
  const measuredInputs = recognitions.filter(tellsChurn);
  const logInputs = ofKind('log');
  const inventoryCount = recognitions.filter(({ as }) => INVENTORY_KINDS.includes(as.kind)).length;
  // Who gives more than one table need not have churn in each.
  const isElsewhere = measuredInputs.length + logInputs.length + refusals.length > 0 || inventoryCount > 1;
  const files: InventoryFile[] = [];
  for (const recognition of recognitions) {
    files.push(...(await readInventory(recognition, isElsewhere, options.columnMap, reading)));
  }
  const images = ofKind('disk').length > 0 ? await readDiskImages(ofKind('disk')) : undefined;
  if (images !== undefined) files.push({ ...images.file, isExport: true });
  if (files.length === 0) {
    return { problems: [...refusals, ...noInventory(inputs, refusals)], assumptions: [], receipts: [] };
  }
  const excluder = new Excluder(options.exclusions ?? []);
  const inventory = takeInventory(files, excluder);
  checkSizes(inventory);
  checkAny(inventory);
  checkShares(inventory);

  // 3. The measured churn: rows of known disks, their times as written.
  const store = new ChurnStore();
  const churnFiles: ChurnFile[] = [];
  const givenZone = options.timeZone === undefined ? undefined : findZone(options.timeZone);
  for (const recognition of measuredInputs) {
    churnFiles.push(await readMeasured(recognition, reading, inventory, store, churnFiles.length, givenZone));
  }
  const pathOfGuid = images?.pathOfGuid ?? new Map<string, string>();
  const logs = await readLogs(logInputs, inventory, pathOfGuid, store, churnFiles.length, (file, bytes) =>
    reading.note(file, bytes),
  );
  churnFiles.push(...logs.files);
  const replication = await readReplication(recognitions, reading);

  // 4. The clock: the zone first, since it says when the first row was.
  const measured = churnFiles.length === 0 ? undefined : { zone: agreedZone(churnFiles) };
  const { zone, problem: zoneProblem, assumption: zoneAssumption } = chooseZone(options.timeZone, measured);
  const epochMs = store.epochMsIn(zone);
  const start = makeClock(zone, options.start, options.horizonMs, firstOf(epochMs));
  const clockProblems = [zoneProblem ?? [], 'problem' in start ? start.problem : []].flat();
  const allProblems = (): Problem[] => [
    ...refusals,
    ...[...files, ...churnFiles, ...replication.files].flatMap(({ problems }) => problems.all()),
    ...excluder.problems(),
    ...clockProblems,
  ];
  if ('problem' in start) {
    checkDisksHaveChurn(inventory, churnFiles, store, assumeChurn(inventory, new Map(), 1));
    return { problems: allProblems(), assumptions: [], receipts: [] };
  }

  // 5. The series on that clock.
  const series: MeasuredChurn =
    churnFiles.length === 0
      ? { seriesOf: new Map<number, ChurnSeries>(), coverageOf: new Map(), repeatedOf: new Map(), assumptions: [] }
      : buildSeries(store, churnFiles, epochMs, start.clock);
  const assumed = assumeChurn(inventory, series.seriesOf, options.assumedChurnPerDay);
  checkDisksHaveChurn(inventory, churnFiles, store, assumed);
  checkRewrites(inventory, series.seriesOf);
  checkCoverage(inventory, series.seriesOf);

  // 6. The VMs, and what became of each file.
  const receipts = [
    ...ignoredReceipt(ofKind('ignored')),
    ...files.map((file) => inventoryReceipt(file, inventory)),
    ...replication.files.map(replicationReceipt),
    ...churnFiles.map((file, index) =>
      churnReceipt(file, index, store, epochMs, series.repeatedOf.get(index) ?? 0, series.coverageOf),
    ),
  ];
  if (hasErrors(allProblems())) return { problems: allProblems(), assumptions: [], receipts };
  checkShort(inventory, series);
  const fleet = assembleFleet(
    inventory,
    { ...series, factsOf: logs.factsOf, churnOf: assumed.churnOf },
    options.meanWriteBytes,
  );
  return {
    workload: { schema: 'asr-plan/workload@1', clock: start.clock, vms: fleet.vms },
    problems: allProblems(),
    assumptions: [
      ...[zoneAssumption, start.assumption],
      ...[...fleet.assumptions, ...assumed.assumptions, ...series.assumptions],
    ],
    receipts,
    ...(replication.measured.length === 0 ? {} : { measured: replication.measured }),
  };
}

/** Longer texts no engine holds in one piece. */
const MAX_WORKLOAD_CHARACTERS = 500e6;

function tooLong(file: string): Problem {
  const message = `The workload is longer than ${MAX_WORKLOAD_CHARACTERS / 1e6} million characters.`;
  return problemOf(
    'error',
    'workload-too-large',
    file,
    message,
    'Import fewer disks at a time, or measure in longer intervals.',
  );
}

/** A workload that was imported before: nothing is read with it but measurements of replication. */
async function readWorkloadFile(
  input: Input,
  recognitions: readonly Recognition[],
  refusals: readonly Problem[],
  reading: Reading,
): Promise<Ingested> {
  const pieces: string[] = [];
  const source = reading.of(input);
  let characters = 0;
  for await (const piece of source.chunks) {
    characters += piece.length;
    if (characters > MAX_WORKLOAD_CHARACTERS) return { problems: [tooLong(input.name)], assumptions: [], receipts: [] };
    pieces.push(piece);
  }
  const { value, problems } = parseWorkload(input.name, pieces.join(''));
  const broken = source.brokenOff?.();
  if (broken !== undefined) problems.add(broken);
  const isBeside = ({ input: other, as }: Recognition): boolean =>
    other === input || other.isFound === true || as.kind === 'statistics' || (as.kind === 'pdh' && isReplicaLog(other));
  const other = recognitions.find((recognition) => !isBeside(recognition));
  if (other !== undefined) {
    const message = `${other.input.name} was given beside a workload that was imported already; it is whole.`;
    problems.error('workload-not-alone', {}, message, 'Give the workload alone, or the files that it was made of.');
  }
  const replication = await readReplication(recognitions, reading);
  const all = [...refusals, ...problems.all(), ...replication.files.flatMap((file) => file.problems.all())];
  if (value === undefined || hasErrors(all)) return { problems: all, assumptions: [], receipts: [] };
  return {
    ...{ workload: value.workload, problems: all },
    assumptions: [...value.assumptions],
    receipts: [...value.receipts, ...replication.files.map(replicationReceipt)],
    ...(replication.measured.length === 0 ? {} : { measured: replication.measured }),
  };
}

const FIT_IT =
  'Put it into a workload: asr-plan import … -o workload.json, then asr-plan fit TRACE --into workload.json --disk VM/DISK -o fitted.json.';

function refusalOf({ input: { name }, as }: Recognition): Problem[] {
  if (as.kind === 'trace')
    return [problemOf('error', 'input-trace', name, 'This is a block trace of one disk.', FIT_IT)];
  if (as.kind !== 'refused') return [];
  return [
    {
      severity: 'error',
      code: 'input-not-readable',
      file: name,
      message: `This looks like ${as.what}.`,
      remedy: as.remedy,
    },
  ];
}

/** Files were given, but none says which disks there are. */
function noInventory(inputs: readonly Input[], refusals: readonly Problem[]): Problem[] {
  if (refusals.length > 0) return [];
  const [first] = inputs;
  const remedy =
    'Give an inventory too: a CSV with vm, disk, size and used, an export of RVTools or Azure Migrate, Get-VHD as CSV, or the folder of the disks.';
  const message = 'No file says which disks there are and how large they are.';
  return [{ severity: 'error', code: 'input-no-inventory', file: first?.name ?? '', message, remedy }];
}

/** With an error in a churn file, that a disk has no rows there says nothing. */
function checkDisksHaveChurn(
  inventory: Inventory,
  churnFiles: readonly ChurnFile[],
  store: ChurnStore,
  { churnOf }: AssumedChurn,
): void {
  if (churnFiles.some(({ problems }) => problems.errorCount > 0)) return;
  const measured = new Set(store.diskIndex.subarray(0, store.length));
  const names = churnFiles.map(({ problems }) => problems.file).join(', ');
  const isKnown = (diskIndex: number): boolean => measured.has(diskIndex) || churnOf.has(diskIndex);
  checkChurn(inventory, isKnown, names === '' ? undefined : names);
}

/** The earliest instant; `undefined` where there is none. Not by spreading: a file has millions of rows. */
function firstOf(epochMs: Float64Array): Millis | undefined {
  return epochMs.length === 0 ? undefined : epochMs.reduce((first, at) => Math.min(first, at));
}
