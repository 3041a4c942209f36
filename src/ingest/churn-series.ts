import type { Assumption } from '../model/assumption.ts';
import { localMs, modulo, type RunClock } from '../model/clock.ts';
import type { ChurnSeries, Coverage } from '../model/workload.ts';
import { type Bytes, DAY_MS, formatDurationMs, HOUR_MS, MINUTE_MS, type Millis, SECOND_MS, WEEK_MS } from '../units.ts';
import type { ChurnFile } from './churn-file.ts';
import type { ChurnStore } from './churn-store.ts';
import { countOf } from './problem-list.ts';
import { MAX_BYTES_PER_SEC } from './vms.ts';

/** Length of a disk's only interval, which has no other to take it from: the default copy frequency. [chosen] */
const LONE_INTERVAL_MS: Millis = 5 * MINUTE_MS;
/** 1970-01-01 was a Thursday: with it, weeks begin on Mondays. */
const MONDAY_MS: Millis = 3 * DAY_MS;

/** The measured churn of each disk that has rows, by its index in the inventory, on the run's clock. */
export interface MeasuredChurn {
  readonly seriesOf: ReadonlyMap<number, ChurnSeries>;
  /** Of each such disk: which hours of the week were measured, and how much of the time between the first and the last row. */
  readonly coverageOf: ReadonlyMap<number, Coverage>;
  /** Rows that another file had already, by the number of their file. */
  readonly repeatedOf: ReadonlyMap<number, number>;
  readonly assumptions: Assumption[];
}

/**
 * Orders each disk's rows by time. A row's bytes were written from its time to the disk's next row; the last lasts as
 * long as the one before it. What was not measured is filled with the disk's own mean of that hour of the day, else of all its hours.
 *
 * @param files by the number under which their rows are in the store
 */
export function buildSeries(
  store: ChurnStore,
  files: readonly ChurnFile[],
  epochMs: Float64Array,
  clock: RunClock,
): MeasuredChurn {
  const seriesOf = new Map<number, ChurnSeries>();
  const coverageOf = new Map<number, Coverage>();
  const repeatedOf = new Map<number, number>();
  const counts = { lone: 0, filledDisks: 0, filledMs: 0 };
  for (const all of store.byDisk()) {
    sortByTime(all, store, epochMs);
    const unrepeated = withoutRepeats(all, store, epochMs, repeatedOf);
    const { order, endEpochMs } = withEnd(unrepeated, store, epochMs);
    if (order.length === 0) continue;
    if (order.length === 1) counts.lone++;
    checkIntervals(order, store, files, epochMs, endEpochMs);
    const startMs: Millis[] = [];
    const writtenBytes: number[] = [];
    for (const index of order) {
      startMs.push(epochMs[index]! - clock.startEpochMs);
      writtenBytes.push(store.writtenBytes[index]!);
    }
    const endMs = endEpochMs - clock.startEpochMs;
    const disk = store.diskIndex[order[0]!]!;
    coverageOf.set(disk, coverageOfSeries(startMs, writtenBytes, endMs, clock));
    const filledMs = fillGaps(startMs, writtenBytes, endMs, clock);
    if (filledMs > 0) counts.filledDisks++;
    counts.filledMs += filledMs;
    const repeatMs = repeatedSpan(endMs - startMs[0]!);
    seriesOf.set(disk, { kind: 'series', startMs, writtenBytes, endMs, repeatMs });
  }
  return { seriesOf, coverageOf, repeatedOf, assumptions: assumptionsOf(seriesOf.size, counts) };
}

/** By time; where one file has measured and another has not, the measured row comes first. */
function sortByTime(order: Uint32Array, store: ChurnStore, epochMs: Float64Array): void {
  const isGap = (index: number): number => (Number.isNaN(store.writtenBytes[index]!) ? 1 : 0);
  const compare = (a: number, b: number): number => epochMs[a]! - epochMs[b]! || isGap(a) - isGap(b);
  for (let at = 1; at < order.length; at++) {
    if (compare(order[at - 1]!, order[at]!) <= 0) continue;
    order.sort(compare);
    return;
  }
}

/** The rows without a gap behind the last of them, and where that ends: the gap says it, else its length is that of the row before. */
function withEnd(
  order: Uint32Array,
  store: ChurnStore,
  epochMs: Float64Array,
): { readonly order: Uint32Array; readonly endEpochMs: Millis } {
  let length = order.length;
  while (length > 0 && Number.isNaN(store.writtenBytes[order[length - 1]!]!)) length--;
  const rows = order.subarray(0, length);
  if (length === 0) return { order: rows, endEpochMs: 0 };
  const endEpochMs =
    length < order.length ? epochMs[order[length]!]! : epochMs[rows.at(-1)!]! + lastIntervalMs(rows, epochMs);
  return { order: rows, endEpochMs };
}

/**
 * The rows without those that another file tells better, in the order of time: two logs of one disk overlap where they were cut, or where its VM has moved between
 * two hosts, each with a log of its own. Of two that measured the same time the file that was given first is believed, and a gap in one is none where
 * the other has measured.
 */
function withoutRepeats(
  order: Uint32Array,
  store: ChurnStore,
  epochMs: Float64Array,
  repeatedOf: Map<number, number>,
): Uint32Array {
  const first = store.fileIndex[order[0]!]!;
  if (order.every((index) => store.fileIndex[index] === first)) return order;
  const files = [...Map.groupBy(order, (index) => store.fileIndex[index]!)];
  return order.filter((index) => {
    const file = store.fileIndex[index]!;
    const isGap = Number.isNaN(store.writtenBytes[index]!);
    const isTold = files.some(
      ([other, rows]) =>
        other !== file && (isGap || other < file) && isMeasuredAt(epochMs[index]!, rows, store, epochMs),
    );
    if (isTold && !isGap) repeatedOf.set(file, (repeatedOf.get(file) ?? 0) + 1);
    return !isTold;
  });
}

/** Whether an instant lies in an interval of one file's rows that was measured. The last lasts as long as the one before it. */
function isMeasuredAt(atMs: Millis, rows: readonly number[], store: ChurnStore, epochMs: Float64Array): boolean {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (epochMs[rows[middle]!]! <= atMs) low = middle + 1;
    else high = middle;
  }
  const row = rows[low - 1];
  if (row === undefined || Number.isNaN(store.writtenBytes[row]!)) return false;
  if (low < rows.length) return true;
  const lastMs = low > 1 ? epochMs[row]! - epochMs[rows[low - 2]!]! : LONE_INTERVAL_MS;
  return atMs < epochMs[row]! + lastMs;
}

function lastIntervalMs(order: Uint32Array, epochMs: Float64Array): Millis {
  if (order.length === 1) return LONE_INTERVAL_MS;
  return epochMs[order.at(-1)!]! - epochMs[order.at(-2)!]!;
}

/** Two rows at one time, and more bytes than a disk takes in the time, are errors. */
function checkIntervals(
  order: Uint32Array,
  store: ChurnStore,
  files: readonly ChurnFile[],
  epochMs: Float64Array,
  endEpochMs: Millis,
): void {
  for (let at = 0; at < order.length; at++) {
    const index = order[at]!;
    const nextMs = at + 1 < order.length ? epochMs[order[at + 1]!]! : endEpochMs;
    const lengthMs = nextMs - epochMs[index]!;
    const writtenBytes = store.writtenBytes[index]!;
    if (lengthMs > 0 && !(writtenBytes * SECOND_MS > MAX_BYTES_PER_SEC * lengthMs)) continue;
    const { problems, writeHeader, timeHeader } = files[store.fileIndex[index]!]!;
    if (lengthMs > 0) {
      const place = { ...placeOf(store.row[index]!), column: writeHeader, value: `${writtenBytes} bytes` };
      const message = `More than 10 GB/s: the disk's next row is ${lengthMs} ms later.`;
      problems.error('churn-too-high', place, message, 'Check the unit of the bytes, and that no rows are missing.');
    } else if (at + 1 < order.length) {
      const message = `The disk has a row at the same time already, row ${store.row[index]!}.`;
      const remedy =
        'Delete one of the two. In the hour that comes twice when summer time ends, write the times with Z or an offset.';
      const place = { ...placeOf(store.row[order[at + 1]!]!), column: timeHeader };
      problems.error('churn-duplicate-time', place, message, remedy);
    }
  }
}

/** Not every kind of file has rows. */
function placeOf(row: number): { row?: number } {
  return row === 0 ? {} : { row };
}

function coverageOfSeries(
  startMs: readonly Millis[],
  writtenBytes: readonly Bytes[],
  endMs: Millis,
  clock: RunClock,
): Coverage {
  const hours = new Uint8Array(WEEK_MS / HOUR_MS);
  let measuredMs = 0;
  for (let at = 0; at < startMs.length; at++) {
    if (Number.isNaN(writtenBytes[at]!)) continue;
    const untilMs = startMs[at + 1] ?? endMs;
    measuredMs += untilMs - startMs[at]!;
    const firstHour = Math.floor(weekMs(clock, startMs[at]!) / HOUR_MS);
    const lastHour = Math.min(firstHour + hours.length, Math.ceil(weekMs(clock, untilMs) / HOUR_MS));
    for (let hour = firstHour; hour < lastHour; hour++) hours[modulo(hour, hours.length)] = 1;
  }
  return { hoursOfWeek: hours.reduce((sum, hour) => sum + hour, 0), measuredRatio: measuredMs / (endMs - startMs[0]!) };
}

/** Fills intervals that were not measured, in place. @returns how long they are together */
function fillGaps(startMs: readonly Millis[], writtenBytes: Bytes[], endMs: Millis, clock: RunClock): Millis {
  if (!writtenBytes.some(Number.isNaN)) return 0;
  const hourOf = (atMs: Millis): number => modulo(Math.floor(localMs(clock, atMs) / HOUR_MS), 24);
  const lengthMs = (at: number): Millis => (startMs[at + 1] ?? endMs) - startMs[at]!;
  const bytesOf = new Float64Array(25);
  const msOf = new Float64Array(25);
  writtenBytes.forEach((bytes, at) => {
    if (Number.isNaN(bytes)) return;
    for (const hour of [hourOf(startMs[at]!), 24]) {
      bytesOf[hour]! += bytes;
      msOf[hour]! += lengthMs(at);
    }
  });
  let filledMs = 0;
  writtenBytes.forEach((bytes, at) => {
    if (!Number.isNaN(bytes)) return;
    filledMs += lengthMs(at);
    writtenBytes[at] = Math.round(
      bytesIn(startMs[at]!, lengthMs(at), (atMs) => {
        const hour = hourOf(atMs);
        const from = msOf[hour]! > 0 ? hour : 24;
        return msOf[from]! > 0 ? bytesOf[from]! / msOf[from]! : 0;
      }),
    );
  });
  return filledMs;
}

/** Bytes over an interval at rates by the hour; a very long one at the rate of its first day. */
function bytesIn(fromMs: Millis, lengthMs: Millis, bytesPerMsAt: (atMs: Millis) => number): Bytes {
  const firstMs = Math.min(lengthMs, DAY_MS);
  let bytes = 0;
  for (let passedMs = 0; passedMs < firstMs; passedMs += HOUR_MS) {
    bytes += bytesPerMsAt(fromMs + passedMs) * Math.min(HOUR_MS, firstMs - passedMs);
  }
  return (bytes * lengthMs) / firstMs;
}

/** Since the beginning of a week, a Monday. */
function weekMs(clock: RunClock, atMs: Millis): Millis {
  return localMs(clock, atMs) + MONDAY_MS;
}

/** The largest whole number of weeks in the span, else of days, else all of it, so that the hours of the day stay. */
export function repeatedSpan(spanMs: Millis): Millis {
  const wholeMs = spanMs >= WEEK_MS ? WEEK_MS : DAY_MS;
  return spanMs >= DAY_MS ? Math.floor(spanMs / wholeMs) * wholeMs : spanMs;
}

function assumptionsOf(
  diskCount: number,
  { lone, filledDisks, filledMs }: { readonly lone: number; readonly filledDisks: number; readonly filledMs: Millis },
): Assumption[] {
  if (diskCount === 0) return [];
  const row = (name: string, value: Assumption['value'], count: number, reason: string): Assumption => ({
    ...{ name, value, source: 'chosen', origin: 'default' },
    reason: `${countOf(count, 'disk')}${reason}`,
  });
  return [
    row(
      'churnRepeats',
      'whole weeks',
      diskCount,
      ': a horizon beyond the measured churn repeats the last whole weeks of it, else whole days, else all of it',
    ),
    ...(lone === 0
      ? []
      : [
          row(
            'loneIntervalMs',
            LONE_INTERVAL_MS,
            lone,
            ' with one row only: its bytes are taken to be of five minutes',
          ),
        ]),
    ...(filledDisks === 0
      ? []
      : [
          row(
            'churnFilled',
            'mean of the hour of day',
            filledDisks,
            ` with gaps, ${formatDurationMs(filledMs)} together: what was not measured is taken as the disk's own mean of that hour of the day`,
          ),
        ]),
  ];
}
