import { localMs, modulo } from '../../model/clock.ts';
import type { Plan } from '../../plan/plan.ts';
import { type Bytes, formatBytes, formatDurationMs, GIB, HOUR_MS, MIB, type Millis } from '../../units.ts';
import type { Chart, Row } from './chart.ts';
import { fitted } from './spec-parts.ts';
import { DAYS, ON_WEEK, WEEK, WEEK_GROUND } from './week-grid.ts';

/** 1970-01-01 was a Thursday: from the Monday before. */
const THURSDAY_HOURS = 72;
const WEEK_HOURS = 168;

/**
 * Bytes written in each hour of the local week, mean over the weeks that have it; `null` where none has. A bucket that reaches
 * over an hour's end is split in proportion to the time.
 */
function weekHours(plan: Plan): (Bytes | null)[] {
  const bytes = new Float64Array(WEEK_HOURS);
  const coveredMs = new Float64Array(WEEK_HOURS);
  const { writtenBytes, stateBucketMs } = plan.series;
  for (const [index, written] of writtenBytes.entries()) {
    const startMs = index * stateBucketMs;
    const endMs = Math.min(plan.horizonMs, startMs + stateBucketMs);
    for (let atMs: Millis = startMs; atMs < endMs; ) {
      const local = localMs(plan.clock, atMs);
      const nextMs = Math.min(endMs, atMs + HOUR_MS - modulo(local, HOUR_MS));
      const hour = modulo(Math.floor(local / HOUR_MS) + THURSDAY_HOURS, WEEK_HOURS);
      bytes[hour]! += (written * (nextMs - atMs)) / (endMs - startMs);
      coveredMs[hour]! += nextMs - atMs;
      atMs = nextMs;
    }
  }
  return Array.from(bytes, (sum, hour) => (coveredMs[hour] === 0 ? null : (sum * HOUR_MS) / coveredMs[hour]!));
}

function unitOf(hours: readonly (Bytes | null)[]): { name: string; bytes: number } {
  const most = hours.reduce<number>((peak, value) => Math.max(peak, value ?? 0), 0);
  return most >= GIB ? { name: 'GiB', bytes: GIB } : { name: 'MiB', bytes: MIB };
}

function busiest(hours: readonly (Bytes | null)[]): { hour: number; bytes: Bytes } | undefined {
  let best: { hour: number; bytes: Bytes } | undefined;
  for (const [hour, value] of hours.entries()) {
    if (value !== null && value > (best?.bytes ?? 0)) best = { hour, bytes: value };
  }
  return best;
}

function hourName(hour: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${DAYS[Math.floor(hour / 24)]} ${two(hour % 24)}:00–${two((hour % 24) + 1)}:00`;
}

function title(plan: Plan): string {
  const hours = weekHours(plan);
  const peak = busiest(hours);
  if (peak === undefined) return 'Nothing is written within the horizon';
  const known = hours.filter((value) => value !== null);
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const times = peak.bytes / mean;
  return times < 1.15
    ? `Churn is even over the week, about ${formatBytes(mean)} per hour`
    : `Churn peaks ${hourName(peak.hour)} at ${formatBytes(peak.bytes)} per hour, ${times.toFixed(1)} × the mean`;
}

function summary(plan: Plan): string {
  const hours = weekHours(plan);
  const top = hours
    .flatMap((bytes, hour) => (bytes === null || bytes === 0 ? [] : [{ hour, bytes }]))
    .sort((left, right) => right.bytes - left.bytes)
    .slice(0, 3);
  if (top.length === 0) return 'There is nothing to draw: the input has no churn within the horizon.';
  const missing = hours.filter((value) => value === null).length;
  const gaps = missing === 0 ? '' : ` The run does not cover ${missing} of the week’s 168 hours; they are grey.`;
  return `The fleet writes ${formatBytes(plan.fleet.churnBytesPerDay)} a day. Busiest hours: ${top.map(({ hour, bytes }) => `${hourName(hour)} (${formatBytes(bytes)})`).join(', ')}.${gaps}`;
}

/** Bytes that the fleet writes by hour of the local week. */
export const churnHeat: Chart = {
  id: 'churn-heat',
  section: 'churn',
  title,
  summary,
  note: (plan) => {
    const { stateBucketMs } = plan.series;
    const wide =
      stateBucketMs > HOUR_MS
        ? ` The series has one value per ${formatDurationMs(stateBucketMs)}, spread evenly over its hours.`
        : '';
    return `${unitOf(weekHours(plan)).name} written by all VMs per hour, mean of the weeks in the run; local time (${plan.clock.timeZone}).${wide}`;
  },
  drawable: (plan) => busiest(weekHours(plan)) !== undefined,
  rows: (plan) => weekHours(plan).map((bytes, hour) => ({ day: DAYS[Math.floor(hour / 24)]!, hour: hour % 24, bytes })),
  columns: [
    { field: 'day', title: 'Day', kind: 'text' },
    { field: 'hour', title: 'Hour', kind: 'number' },
    { field: 'bytes', title: 'Written per hour (B)', kind: 'bytes' },
  ],
  sources: (plan) => {
    const hours = weekHours(plan);
    const unit = unitOf(hours);
    const cell = (hour: number): Row => ({ day: DAYS[Math.floor(hour / 24)]!, hour: hour % 24 });
    return {
      cells: hours.flatMap((bytes, hour) => (bytes === null ? [] : [{ ...cell(hour), amount: bytes / unit.bytes }])),
      week: WEEK,
    };
  },
  spec: {
    ...fitted(196),
    layer: [
      WEEK_GROUND,
      {
        data: { name: 'cells' },
        mark: { type: 'rect' },
        encoding: {
          ...ON_WEEK,
          color: {
            field: 'amount',
            type: 'quantitative',
            scale: { scheme: 'viridis', zero: true },
            legend: {
              orient: 'top',
              title: null,
              gradientLength: { expr: 'min(240, width)' },
              format: ',.2~f',
            },
          },
          tooltip: [
            { field: 'day', type: 'ordinal' },
            { field: 'hour', type: 'ordinal' },
            { field: 'amount', type: 'quantitative', format: ',.2f', title: 'per hour' },
          ],
        },
      },
    ],
  },
};
