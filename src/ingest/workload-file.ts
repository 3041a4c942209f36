import type { Assumption } from '../model/assumption.ts';
import type { RunClock } from '../model/clock.ts';
import type { Receipt } from '../model/receipt.ts';
import type { Churn, Disk, Vm, Workload } from '../model/workload.ts';
import { isObject } from './json-object.ts';
import { ProblemList } from './problem-list.ts';
import { MAX_BYTES_PER_SEC, MAX_DISK_BYTES, MAX_DISKS, MIN_DISK_BYTES, MIN_WRITE_BYTES } from './vms.ts';
import { checkTouched } from './workload-touched.ts';
import { checkDiskTraits, checkVmTraits } from './workload-traits.ts';

/**
 * What `asr-plan import` writes and `analyze` reads back: the workload with what its reading has assumed and a receipt of each file it came from
 * (`schemas/workload.schema.json`).
 */
export interface WorkloadFile {
  readonly workload: Workload;
  readonly assumptions: readonly Assumption[];
  readonly receipts: readonly Receipt[];
}

export const WORKLOAD_SCHEMA = 'asr-plan/workload@1';
const MAX_SERIES_LENGTH = 10_000_000;

/** The file's text in pieces; a VM a line, so that two files can be compared. */
export function* renderWorkload({ workload, assumptions, receipts }: WorkloadFile): Generator<string> {
  yield `{"schema":${JSON.stringify(workload.schema)},\n"clock":${JSON.stringify(workload.clock)},\n`;
  yield* listOf('vms', workload.vms);
  yield* listOf('assumptions', assumptions);
  yield* listOf('receipts', receipts);
  yield '"madeBy":"asr-plan import"}\n';
}

function* listOf(key: string, values: readonly unknown[]): Generator<string> {
  yield `"${key}":[`;
  for (const [at, value] of values.entries()) yield `${at === 0 ? '' : ','}\n  ${JSON.stringify(value)}`;
  yield '\n],\n';
}

/** Reads it back. Whatever somebody has changed in it is checked: problems name the path inside the file. */
export function parseWorkload(file: string, text: string): { value?: WorkloadFile; problems: ProblemList } {
  const problems = new ProblemList(file);
  const value = jsonOf(text, problems);
  if (value === undefined) return { problems };
  const checker = new Checker(problems);
  checker.is(value.schema === WORKLOAD_SCHEMA, 'schema', value.schema, `This is not "${WORKLOAD_SCHEMA}".`);
  checkClock(checker, value.clock);
  const vms = checker.list(value.vms, 'vms');
  checker.is(vms.length > 0, 'vms', value.vms, 'There is no VM.');
  checker.unique(vms, 'vms');
  let diskCount = 0;
  vms.forEach((vm, at) => {
    diskCount += checkVm(checker, vm, `vms[${at}]`);
  });
  checker.is(diskCount <= MAX_DISKS, 'vms', diskCount, `More than ${MAX_DISKS} disks.`);
  if (problems.errorCount > 0) return { problems };
  const workload: Workload = { schema: WORKLOAD_SCHEMA, clock: value.clock as RunClock, vms: value.vms as Vm[] };
  return {
    value: {
      workload,
      assumptions: wholeEntries<Assumption>(value.assumptions, isAssumption),
      receipts: wholeEntries<Receipt>(value.receipts, isReceipt),
    },
    problems,
  };
}

type Fields = Readonly<Record<string, unknown>>;

function jsonOf(text: string, problems: ProblemList): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (isObject(value)) return value as Fields;
    problems.error('workload-wrong', {}, 'The file holds no object.', REMEDY);
  } catch (error) {
    // JSON.parse tells of wrong text in no other way.
    if (!(error instanceof SyntaxError)) throw error;
    problems.error('workload-not-json', {}, `This is no whole JSON: ${error.message.slice(0, 200)}.`, REMEDY);
  }
  return undefined;
}

const REMEDY = 'Make the file again with asr-plan import, or correct it to schemas/workload.schema.json.';

class Checker {
  readonly #problems: ProblemList;

  constructor(problems: ProblemList) {
    this.#problems = problems;
  }

  is(holds: boolean, path: string, value: unknown, message: string): boolean {
    if (!holds) {
      const shown = typeof value === 'object' ? (value === null ? 'null' : '{…}') : String(value);
      this.#problems.error('workload-wrong', { column: path, value: shown }, message, REMEDY);
    }
    return holds;
  }

  number(value: unknown, least: number, most: number, path: string): value is number {
    const holds = typeof value === 'number' && value >= least && value <= most;
    return this.is(holds, path, value, `A number from ${least} to ${most} is expected.`);
  }

  text(value: unknown, path: string): value is string {
    const holds = typeof value === 'string' && value !== '' && value.length <= 256 && !/\p{Cc}/u.test(value);
    return this.is(holds, path, value, 'A text of 1 to 256 characters is expected.');
  }

  list(value: unknown, path: string): readonly Fields[] {
    if (!this.is(Array.isArray(value), path, value, 'A list is expected.')) return [];
    const list = value as readonly unknown[];
    list.forEach((item, at) => {
      this.is(isObject(item), `${path}[${at}]`, item, 'An object is expected.');
    });
    return list.filter(isObject) as Fields[];
  }

  unique(items: readonly Fields[], path: string): void {
    const seen = new Set<unknown>();
    items.forEach(({ name }, at) => {
      this.is(!seen.has(name), `${path}[${at}].name`, name, 'The name is there already.');
      seen.add(name);
    });
  }
}

/** Offsets of zones are at most 18 hours; instants are of the years 1970 to 2199. */
const MOST_OFFSET_MS = 18 * 3_600_000;
const MOST_EPOCH_MS = 7_258_118_400_000;

function checkClock(checker: Checker, value: unknown): void {
  if (!checker.is(isObject(value), 'clock', value, 'An object is expected.')) return;
  const clock = value as Fields;
  checker.number(clock.startEpochMs, 0, MOST_EPOCH_MS, 'clock.startEpochMs');
  checker.text(clock.timeZone, 'clock.timeZone');
  const offsets = checker.list(clock.offsets, 'clock.offsets');
  checker.is(offsets.length > 0, 'clock.offsets', clock.offsets, 'There is no offset.');
  offsets.forEach(({ fromMs, offsetMs }, at) => {
    const path = `clock.offsets[${at}]`;
    checker.number(fromMs, -MOST_EPOCH_MS, MOST_EPOCH_MS, `${path}.fromMs`);
    checker.number(offsetMs, -MOST_OFFSET_MS, MOST_OFFSET_MS, `${path}.offsetMs`);
    const before = offsets[at - 1]?.fromMs ?? Number.NEGATIVE_INFINITY;
    checker.is(
      (fromMs as number) > (before as number),
      `${path}.fromMs`,
      fromMs,
      'Offsets are in the order of their times.',
    );
  });
}

/** @returns how many disks it has */
function checkVm(checker: Checker, vm: Fields, path: string): number {
  checker.text(vm.name, `${path}.name`);
  checker.text(vm.host, `${path}.host`);
  checkVmTraits(checker, vm.traits, `${path}.traits`);
  const disks = checker.list(vm.disks, `${path}.disks`);
  checker.is(disks.length > 0, `${path}.disks`, vm.disks, 'The VM has no disk.');
  checker.unique(disks, `${path}.disks`);
  disks.forEach((disk, at) => {
    checkDisk(checker, disk, `${path}.disks[${at}]`);
  });
  return disks.length;
}

function checkDisk(checker: Checker, disk: Fields, path: string): void {
  checker.text(disk.name, `${path}.name`);
  checker.text(disk.volume, `${path}.volume`);
  const isSized = checker.number(disk.sizeBytes, MIN_DISK_BYTES, MAX_DISK_BYTES, `${path}.sizeBytes`);
  checker.number(disk.usedBytes, 0, isSized ? (disk.sizeBytes as number) : MAX_DISK_BYTES, `${path}.usedBytes`);
  checker.number(disk.meanWriteBytes, MIN_WRITE_BYTES, MAX_DISK_BYTES, `${path}.meanWriteBytes`);
  checkDiskTraits(checker, disk.traits, `${path}.traits`);
  if (
    disk.overwrite !== undefined &&
    checker.is(isObject(disk.overwrite), `${path}.overwrite`, disk.overwrite, 'An object is expected.')
  ) {
    const { hotBytes, hotShare } = disk.overwrite as Fields;
    checker.number(hotBytes, 0, MAX_DISK_BYTES, `${path}.overwrite.hotBytes`);
    checker.number(hotShare, 0, 1, `${path}.overwrite.hotShare`);
  }
  const isFlag = disk.isChurnAssumed === undefined || typeof disk.isChurnAssumed === 'boolean';
  checker.is(isFlag, `${path}.isChurnAssumed`, disk.isChurnAssumed, 'true or false is expected.');
  if (
    disk.readFrom !== undefined &&
    checker.is(isObject(disk.readFrom), `${path}.readFrom`, disk.readFrom, 'An object is expected.')
  ) {
    const { file, row } = disk.readFrom as Fields;
    checker.text(file, `${path}.readFrom.file`);
    checker.number(row, 1, Number.MAX_SAFE_INTEGER, `${path}.readFrom.row`);
  }
  if (
    disk.coverage !== undefined &&
    checker.is(isObject(disk.coverage), `${path}.coverage`, disk.coverage, 'An object is expected.')
  ) {
    const { hoursOfWeek, measuredRatio } = disk.coverage as Fields;
    checker.number(hoursOfWeek, 0, 168, `${path}.coverage.hoursOfWeek`);
    checker.number(measuredRatio, 0, 1, `${path}.coverage.measuredRatio`);
  }
  if (checker.is(isObject(disk.churn), `${path}.churn`, disk.churn, 'An object is expected.')) {
    checkChurn(checker, disk.churn as Fields, disk as unknown as Disk, `${path}.churn`);
  }
}

function checkChurn(checker: Checker, churn: Fields, { sizeBytes }: Disk, path: string): void {
  const mostPerSec = Math.min(MAX_BYTES_PER_SEC, sizeBytes);
  if (churn.kind === 'constant') {
    checker.number(churn.bytesPerSec, 0, mostPerSec, `${path}.bytesPerSec`);
    return;
  }
  if (!checker.is(churn.kind === 'series', `${path}.kind`, churn.kind, '"constant" or "series" is expected.')) return;
  const { startMs, writtenBytes, endMs, repeatMs } = churn as unknown as Extract<Churn, { kind: 'series' }>;
  const areLists = Array.isArray(startMs) && Array.isArray(writtenBytes);
  const length = areLists && startMs.length === writtenBytes.length ? startMs.length : 0;
  if (
    !checker.is(
      length > 0 && length <= MAX_SERIES_LENGTH,
      `${path}.startMs`,
      length,
      'As many starts as written bytes are expected, and at least one.',
    )
  )
    return;
  checker.number(endMs, -MOST_EPOCH_MS, MOST_EPOCH_MS, `${path}.endMs`);
  const rateHolds = (at: number): boolean => {
    const lengthMs = (at + 1 < length ? startMs[at + 1]! : endMs) - startMs[at]!;
    const bytes = writtenBytes[at]!;
    return Number.isFinite(startMs[at]) && lengthMs > 0 && bytes >= 0 && bytes * 1000 <= mostPerSec * lengthMs;
  };
  for (let at = 0; at < length; at++) {
    if (rateHolds(at)) continue;
    const message =
      'Starts are strictly ascending, and what is written in an interval is from 0 to what the disk takes (10 GB/s, or its size in a second).';
    checker.is(false, `${path}.writtenBytes[${at}]`, writtenBytes[at], message);
    return;
  }
  checker.number(repeatMs, 0, endMs - startMs[0]!, `${path}.repeatMs`);
  if (churn.touched !== undefined) checkTouched(checker, churn.touched, length, sizeBytes, `${path}.touched`);
}

/** The entries of a list that are whole; what somebody has spoiled is only shown, and left out. */
function wholeEntries<T>(value: unknown, isWhole: (entry: Fields) => boolean): T[] {
  if (!Array.isArray(value)) return [];
  return value.filter((entry): entry is T => isObject(entry) && isWhole(entry as Fields));
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isCount = (value: unknown): boolean => Number.isFinite(value);
const isListOf = (value: unknown, isOne: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(isOne);

function isAssumption({ name, value, reason, source, origin }: Fields): boolean {
  const isPlain = value === null || ['number', 'string', 'boolean'].includes(typeof value) || isListOf(value, isCount);
  return [name, reason, source].every(isText) && isPlain && (origin === 'given' || origin === 'default');
}

function isReceipt({ file, format, read, rowCount, usedCount, dropped, joins, coversMs, sizeBytes }: Fields): boolean {
  const isDropped = (item: unknown): boolean =>
    isObject(item) && isText((item as Fields).reason) && isCount((item as Fields).count);
  const isJoin = (item: unknown): boolean =>
    isObject(item) &&
    isText((item as Fields).what) &&
    isCount((item as Fields).count) &&
    isListOf((item as Fields).examples, isText);
  const isSpan =
    coversMs === undefined ||
    (isObject(coversMs) && isCount((coversMs as Fields).fromEpochMs) && isCount((coversMs as Fields).untilEpochMs));
  return (
    [file, format].every(isText) &&
    [rowCount, usedCount, sizeBytes ?? 0].every(isCount) &&
    isListOf(read, isText) &&
    isListOf(dropped, isDropped) &&
    isListOf(joins, isJoin) &&
    isSpan
  );
}
