import { SECOND_MS } from '../units.ts';
import { type ChurnFile, Offsets } from './churn-file.ts';
import type { ChurnStore } from './churn-store.ts';
import { InstanceFinder } from './instance-finder.ts';
import type { Inventory } from './inventory.ts';
import { countOf, fewNames, ProblemList } from './problem-list.ts';
import { RateIntervals } from './rate-intervals.ts';
import type { TextSource } from './text-source.ts';

/** A range query's answer is held in memory whole. [chosen] */
const MAX_CHARACTERS = 512e6;
/** 2200-01-01 in seconds: a later time is in another unit. */
const MAX_EPOCH_SEC = 7_258_118_400;
/** Labels that hold the path of a virtual disk, in windows_exporter's versions (formats F7). */
const DEVICE_LABELS = ['device', 'vm_device', 'disk', 'path'];
/** Counters in place of their rate: they only ever rise. */
const COUNTER_NAMES = /bytes_written(_total)?$|write_bytes_total$|^windows_(logical|physical)_disk_write_bytes_total$/;

interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, string])[];
}

/** Reads the JSON of `/api/v1/query_range` of windows_exporter's metrics: rates in bytes per second, or the counters themselves (formats F7). */
export async function readPrometheus(
  source: TextSource,
  inventory: Inventory,
  store: ChurnStore,
  fileIndex: number,
): Promise<ChurnFile> {
  const problems = new ProblemList(source.name);
  const finder = new InstanceFinder(inventory);
  const intervals = new RateIntervals(store, fileIndex);
  const offsets = new Offsets();
  offsets.add(0);
  const { series, rowCount, isCounter } = await readSeries(source, problems);
  const unlabelled: Series[] = [];
  const seriesOf = new Map<number, Series[]>();
  for (const one of series) {
    const device = DEVICE_LABELS.map((label) => one.labels[label]).find((label) => label !== undefined);
    const volume = one.labels.volume;
    const machine = one.labels.vm ?? one.labels.hostname ?? one.labels.instance?.replace(/:\d+$/, '');
    if (device === undefined && (volume === undefined || machine === undefined)) {
      unlabelled.push(one);
      continue;
    }
    const disk = device === undefined ? finder.guestDisk(machine!, volume!) : finder.virtualDisk(device, machine);
    if (disk !== undefined) seriesOf.set(disk, [...(seriesOf.get(disk) ?? []), one]);
  }
  for (const [disk, members] of seriesOf) {
    for (const [sec, rate] of ratesOf(members, isCounter)) {
      intervals.add(disk, 0, Math.round(sec * SECOND_MS), false, rate);
    }
  }
  intervals.finish();
  if (unlabelled.length > 0) reportUnlabelled(unlabelled, problems);
  reportNames(finder, problems);
  return {
    ...{ format: 'Prometheus range query', offsets, timeHeader: 'values', writeHeader: 'values', problems },
    ...{ rowCount, usedCount: intervals.usedCount, dropped: intervals.dropped },
    read: [
      'times are instants, in UTC',
      series.some(isCounter) ? 'counters, differenced; a fall is a restart' : 'rates in bytes per second',
    ],
    notFound: [...finder.notFound(), ...finder.ambiguous()],
  };
}

/** One warning for names that no disk has, one for those that several have. */
export function reportNames(finder: InstanceFinder, problems: ProblemList): void {
  const notFound = finder.notFound();
  if (notFound.length > 0) {
    const message = `Not used, since no disk of the inventory fits: ${countOf(notFound.length, 'name')}, ${fewNames(notFound)}.`;
    const remedy =
      'Give an inventory with the disks’ paths (Get-VMHardDiskDrive), or one that names VMs and files alike.';
    problems.warning('join-not-found', {}, message, remedy);
  }
  const ambiguous = finder.ambiguous();
  if (ambiguous.length === 0) return;
  const message = `Not used, since more than one disk of the inventory may be meant: ${countOf(ambiguous.length, 'name')}, ${fewNames(ambiguous)}.`;
  problems.warning(
    'join-ambiguous',
    {},
    message,
    'Give an inventory with the disks’ whole paths (Get-VMHardDiskDrive).',
  );
}

/** A disk's rates by their time: a disk and its checkpoint's file are one, and so are both hosts' series of a VM that has moved. */
function ratesOf(members: readonly Series[], isCounter: (series: Series) => boolean): [sec: number, rate: number][] {
  const sums = new Map<number, number>();
  for (const series of members) {
    for (const [sec, rate] of rates(series, isCounter(series))) {
      const sum = sums.get(sec);
      sums.set(sec, sum === undefined || Number.isNaN(sum) ? rate : Number.isNaN(rate) ? sum : sum + rate);
    }
  }
  return [...sums].toSorted(([a], [b]) => a - b);
}

function* rates({ values }: Series, isCounter: boolean): Generator<[sec: number, rate: number]> {
  let last: readonly [sec: number, count: number] | undefined;
  for (const [sec, text] of values) {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    const isPlain = Number.isFinite(value) && value >= 0;
    if (!isCounter) yield [sec, isPlain ? value : Number.NaN];
    else {
      // A counter that falls was started anew: what was counted before the fall is lost.
      const isRate = last !== undefined && isPlain && value >= last[1] && sec > last[0];
      yield [sec, isRate ? (value - last![1]) / (sec - last![0]) : Number.NaN];
    }
    if (isPlain) last = [sec, value];
  }
}

async function readSeries(
  source: TextSource,
  problems: ProblemList,
): Promise<{ series: Series[]; rowCount: number; isCounter: (series: Series) => boolean }> {
  const nothing = { series: [], rowCount: 0, isCounter: () => false };
  const pieces: string[] = [];
  let characters = 0;
  for await (const chunk of source.chunks) {
    characters += chunk.length;
    if (characters > MAX_CHARACTERS) {
      const message = `The answer is longer than ${MAX_CHARACTERS / 1e6} million characters.`;
      problems.error('prometheus-too-large', {}, message, 'Ask for a shorter time, or with a larger step.');
      return nothing;
    }
    pieces.push(chunk);
  }
  const broken = source.brokenOff?.();
  if (broken !== undefined) problems.add(broken);
  const result = resultOf(pieces.join(''), problems);
  const series = result.flatMap((entry, index) => seriesOf(entry, index, problems));
  const rowCount = series.reduce((sum, { values }) => sum + values.length, 0);
  // A function such as rate() takes the metric's name away.
  return { series, rowCount, isCounter: ({ labels }) => COUNTER_NAMES.test(labels.__name__ ?? '') };
}

function resultOf(text: string, problems: ProblemList): readonly unknown[] {
  try {
    const answer: unknown = JSON.parse(text);
    const data = property(answer, 'data');
    const result = property(data, 'result');
    if (property(answer, 'status') === 'error') {
      const message = `Prometheus answered with an error: ${String(property(answer, 'error')).slice(0, 200)}.`;
      problems.error('prometheus-error', {}, message, 'Correct the query and save its answer again.');
    } else if (property(data, 'resultType') !== 'matrix' || !Array.isArray(result)) {
      const message = 'The answer is no matrix of series over time.';
      problems.error(
        'prometheus-no-matrix',
        { column: 'data.resultType' },
        message,
        'Ask /api/v1/query_range, not /api/v1/query.',
      );
    } else return result;
  } catch (error) {
    // JSON.parse tells of wrong text in no other way.
    if (!(error instanceof SyntaxError)) throw error;
    problems.error(
      'prometheus-not-json',
      {},
      `This is no whole JSON: ${error.message.slice(0, 200)}.`,
      'Save the answer again.',
    );
  }
  return [];
}

function seriesOf(entry: unknown, index: number, problems: ProblemList): Series[] {
  const metric = property(entry, 'metric');
  const values = property(entry, 'values');
  const isPair = (value: unknown): value is [number, string] =>
    Array.isArray(value) &&
    value.length === 2 &&
    typeof value[0] === 'number' &&
    value[0] >= 0 &&
    value[0] < MAX_EPOCH_SEC &&
    typeof value[1] === 'string';
  if (typeof metric !== 'object' || metric === null || !Array.isArray(values) || !values.every(isPair)) {
    const place = { column: `data.result[${index}]` };
    const message = 'This is no series: metric, and values as pairs of seconds since 1970 and a text.';
    problems.error('prometheus-wrong-series', place, message, 'Give the answer as Prometheus wrote it.');
    return [];
  }
  const labels: Record<string, string> = Object.fromEntries(
    Object.entries(metric).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
  return [{ labels, values }];
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

function reportUnlabelled(series: readonly Series[], problems: ProblemList): void {
  const labels = [...new Set(series.flatMap((one) => Object.keys(one.labels)))];
  const message = `${countOf(series.length, 'series')} without a label that names a disk (${DEVICE_LABELS.join(', ')}, or volume with instance); there are: ${fewNames(labels)}.`;
  problems.warning('prometheus-no-device', {}, message, 'Sum by (device) in the query, and keep that label.');
}
