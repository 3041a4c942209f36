import type { Assumption } from '../model/assumption.ts';
import type { RunClock } from '../model/clock.ts';
import type { ChurnSeries } from '../model/workload.ts';
import { DAY_MS, MINUTE_MS, type Millis, SECOND_MS, WEEK_MS } from '../units.ts';
import type { ChurnFile, ChurnRows } from './churn-rows.ts';
import { countOf } from './problem-list.ts';
import { MAX_BYTES_PER_SEC } from './vms.ts';

/** Length of a disk's only interval, which has no other to take it from: the default copy frequency. [chosen] */
const LONE_INTERVAL_MS: Millis = 5 * MINUTE_MS;

/** The measured churn of each disk that has rows, by its index in the inventory, on the run's clock. */
export interface MeasuredChurn {
  readonly seriesOf: ReadonlyMap<number, ChurnSeries>;
  readonly assumptions: Assumption[];
}

/**
 * Orders each disk's rows by time. A row's bytes were written from its time to the disk's next row; the last lasts as
 * long as the one before it.
 */
export function buildSeries(file: ChurnFile, epochMs: Float64Array, clock: RunClock): MeasuredChurn {
  const { rows } = file;
  const seriesOf = new Map<number, ChurnSeries>();
  let loneCount = 0;
  for (const order of rowsByDisk(rows)) {
    sortByTime(order, epochMs);
    if (order.length === 1) loneCount++;
    const endEpochMs = epochMs[order.at(-1)!]! + lastIntervalMs(order, epochMs);
    checkIntervals(order, file, epochMs, endEpochMs);
    const startMs: Millis[] = [];
    const writtenBytes: number[] = [];
    for (const index of order) {
      startMs.push(epochMs[index]! - clock.startEpochMs);
      writtenBytes.push(rows.writtenBytes[index]!);
    }
    const endMs = endEpochMs - clock.startEpochMs;
    const repeatMs = repeatedSpan(endMs - startMs[0]!);
    seriesOf.set(rows.diskIndex[order[0]!]!, { kind: 'series', startMs, writtenBytes, endMs, repeatMs });
  }
  return { seriesOf, assumptions: assumptionsOf(seriesOf.size, loneCount) };
}

/** The indexes of each disk's rows, in file order: a counting sort. */
function* rowsByDisk(rows: ChurnRows): Generator<Uint32Array> {
  let diskCount = 0;
  for (let index = 0; index < rows.length; index++) diskCount = Math.max(diskCount, rows.diskIndex[index]! + 1);
  const ends = new Uint32Array(diskCount + 1);
  for (let index = 0; index < rows.length; index++) ends[rows.diskIndex[index]! + 1]!++;
  for (let disk = 1; disk <= diskCount; disk++) ends[disk]! += ends[disk - 1]!;
  const starts = ends.slice();
  const order = new Uint32Array(rows.length);
  for (let index = 0; index < rows.length; index++) order[starts[rows.diskIndex[index]!]!++] = index;
  for (let disk = 0; disk < diskCount; disk++) {
    if (ends[disk + 1]! > ends[disk]!) yield order.subarray(ends[disk]!, ends[disk + 1]!);
  }
}

function sortByTime(order: Uint32Array, epochMs: Float64Array): void {
  for (let at = 1; at < order.length; at++) {
    if (epochMs[order[at]!]! >= epochMs[order[at - 1]!]!) continue;
    order.sort((a, b) => epochMs[a]! - epochMs[b]!);
    return;
  }
}

function lastIntervalMs(order: Uint32Array, epochMs: Float64Array): Millis {
  if (order.length === 1) return LONE_INTERVAL_MS;
  return epochMs[order.at(-1)!]! - epochMs[order.at(-2)!]!;
}

/** Two rows at one time, and more bytes than a disk takes in the time, are errors. */
function checkIntervals(order: Uint32Array, file: ChurnFile, epochMs: Float64Array, endEpochMs: Millis): void {
  const { rows, problems } = file;
  for (let at = 0; at < order.length; at++) {
    const index = order[at]!;
    const nextMs = at + 1 < order.length ? epochMs[order[at + 1]!]! : endEpochMs;
    const lengthMs = nextMs - epochMs[index]!;
    const writtenBytes = rows.writtenBytes[index]!;
    if (lengthMs > 0 && writtenBytes * SECOND_MS <= MAX_BYTES_PER_SEC * lengthMs) continue;
    if (lengthMs > 0) {
      const place = { row: rows.row[index]!, column: file.writeHeader, value: `${writtenBytes} bytes` };
      const message = `More than 10 GB/s: the disk's next row is ${lengthMs} ms later.`;
      problems.error('churn-too-high', place, message, 'Check the unit of the bytes, and that no rows are missing.');
    } else if (at + 1 < order.length) {
      const message = `The disk has a row at the same time already, row ${rows.row[index]!}.`;
      const remedy =
        'Delete one of the two. In the hour that comes twice when summer time ends, write the times with Z or an offset.';
      problems.error(
        'churn-duplicate-time',
        { row: rows.row[order[at + 1]!]!, column: file.timeHeader },
        message,
        remedy,
      );
    }
  }
}

/** The largest whole number of weeks in the span, else of days, else all of it, so that the hours of the day stay. */
export function repeatedSpan(spanMs: Millis): Millis {
  const wholeMs = spanMs >= WEEK_MS ? WEEK_MS : DAY_MS;
  return spanMs >= DAY_MS ? Math.floor(spanMs / wholeMs) * wholeMs : spanMs;
}

function assumptionsOf(diskCount: number, loneCount: number): Assumption[] {
  if (diskCount === 0) return [];
  const repeated: Assumption = {
    name: 'churnRepeats',
    value: 'whole weeks',
    reason: `${countOf(diskCount, 'disk')}: a horizon beyond the measured churn repeats the last whole weeks of it, else whole days, else all of it`,
    source: 'chosen',
    origin: 'default',
  };
  if (loneCount === 0) return [repeated];
  const reason = `${countOf(loneCount, 'disk')} with one row only: its bytes are taken to be of five minutes`;
  return [repeated, { name: 'loneIntervalMs', value: LONE_INTERVAL_MS, reason, source: 'chosen', origin: 'default' }];
}
