import { localMinuteOfDay, localWeekday } from '../../model/clock.ts';
import { weekdayTime } from '../../plan/failures/sentence.ts';
import type { Plan, StartTolerance } from '../../plan/plan.ts';
import { formatDurationMs, HOUR_MS, MINUTE_MS, type Millis } from '../../units.ts';
import type { Chart } from './chart.ts';
import { fitted } from './spec-parts.ts';

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

const LEVELS = [
  'broken without any outage',
  'less than 15 min',
  'less than 1 h',
  'less than 4 h',
  '4 h and more',
] as const;
/** Oranges that darken for little, blues that darken for much: the order shows in shades of grey towards both ends. */
const LEVEL_COLORS = ['#8f2d04', '#dd6b1f', '#f5b66b', '#8fbbdd', '#2f6da8'] as const;

function levelOf(safeMs: Millis | null): (typeof LEVELS)[number] {
  if (safeMs === null) return 'broken without any outage';
  if (safeMs < 15 * MINUTE_MS) return 'less than 15 min';
  if (safeMs < HOUR_MS) return 'less than 1 h';
  return safeMs < 4 * HOUR_MS ? 'less than 4 h' : '4 h and more';
}

/** Those that bear least and most, the first of each. */
function extremes(starts: readonly StartTolerance[]): { least: StartTolerance; most: StartTolerance } | undefined {
  const bearing = starts.filter(({ safeMs }) => safeMs !== null);
  const [first] = bearing;
  if (first === undefined) return undefined;
  return bearing.reduce(
    ({ least, most }, start) => ({
      least: start.safeMs! < least.safeMs! ? start : least,
      most: start.safeMs! > most.safeMs! ? start : most,
    }),
    { least: first, most: first },
  );
}

function title({ failures, clock, rpo }: Plan): string {
  const { starts } = failures;
  if (starts.length === 0) return 'No outage was put into the run';
  const target = formatDurationMs(rpo.targetMs);
  const found = extremes(starts);
  if (found === undefined) return `The objective of ${target} is broken without any outage, at every hour`;
  const { least, most } = found;
  if (least.safeMs === most.safeMs) {
    const broken = starts.some(({ safeMs }) => safeMs === null);
    return `An outage of up to ${formatDurationMs(least.safeMs!)} keeps the objective of ${target}, whenever it begins${broken ? ', but for hours at which it is broken without one' : ''}`;
  }
  return `An outage may last ${formatDurationMs(least.safeMs!)} if it begins ${weekdayTime(clock, least.startMs)}, and ${formatDurationMs(most.safeMs!)} if it begins ${weekdayTime(clock, most.startMs)}`;
}

function summary({ failures }: Plan): string {
  const { starts, sentence } = failures;
  if (starts.length === 0) return `There is nothing to draw. ${sentence}`;
  const counts = LEVELS.flatMap((level) => {
    const count = starts.filter(({ safeMs }) => levelOf(safeMs) === level).length;
    return count === 0 ? [] : [`${level} at ${count} of ${starts.length} hours`];
  });
  return `How long an outage of the site’s link may last, by the hour at which it begins: ${counts.join(', ')}.`;
}

/** The longest outage that keeps the objective, by weekday and hour of its start. */
export const outageMap: Chart = {
  id: 'outage-map',
  section: 'failures',
  title,
  summary,
  note: ({ failures, clock }) =>
    `Longest outage up to which every one that was simulated keeps the objective and marks no VM, by the hour at which it begins, every ${formatDurationMs(failures.resolution.startStepMs)}; local time (${clock.timeZone}).`,
  drawable: ({ failures }) => failures.starts.length > 0,
  rows: ({ failures, clock }) =>
    failures.starts.map(({ startMs, safeMs, breakingMs, breaks }) => ({
      ...{ startMs, day: DAYS[localWeekday(clock, startMs)]!, safeMs, breakingMs, breaks },
    })),
  columns: [
    { field: 'startMs', title: 'Outage begins', kind: 'instant' },
    { field: 'day', title: 'Day', kind: 'text' },
    { field: 'safeMs', title: 'Safe up to (ms)', kind: 'duration' },
    { field: 'breakingMs', title: 'Breaks at (ms)', kind: 'duration' },
    { field: 'breaks', title: 'What breaks', kind: 'text' },
  ],
  sources: ({ failures, clock }) => ({
    starts: failures.starts.map(({ startMs, safeMs, breakingMs }) => ({
      day: DAYS[localWeekday(clock, startMs)]!,
      hour: Math.floor(localMinuteOfDay(clock, startMs) / 60),
      level: levelOf(safeMs),
      safe: safeMs === null ? 'none' : formatDurationMs(safeMs),
      breaking: breakingMs === null ? 'none found' : formatDurationMs(breakingMs),
    })),
  }),
  spec: {
    ...fitted(210),
    data: { name: 'starts' },
    mark: { type: 'rect' },
    encoding: {
      x: {
        field: 'hour',
        type: 'ordinal',
        scale: { paddingInner: 0.06 },
        axis: {
          title: null,
          labelAngle: 0,
          labelExpr: "(datum.value < 10 ? '0' : '') + datum.value + ':00'",
          ticks: false,
          domain: false,
          labelOverlap: 'greedy',
        },
      },
      y: {
        field: 'day',
        type: 'ordinal',
        sort: DAYS,
        scale: { paddingInner: 0.08 },
        axis: { title: null, ticks: false, domain: false },
      },
      color: {
        field: 'level',
        type: 'nominal',
        scale: { domain: LEVELS, range: LEVEL_COLORS },
        legend: { orient: 'top', title: null, symbolType: 'square', columns: { expr: 'max(1, floor(width / 150))' } },
      },
      tooltip: [
        { field: 'day', type: 'ordinal' },
        { field: 'hour', type: 'ordinal', title: 'begins at' },
        { field: 'safe', type: 'nominal', title: 'safe up to' },
        { field: 'breaking', type: 'nominal', title: 'breaks at' },
      ],
    },
  },
};
