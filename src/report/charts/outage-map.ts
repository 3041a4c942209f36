import { localMinuteOfDay, localWeekday } from '../../model/clock.ts';
import { weekdayTime } from '../../plan/failures/sentence.ts';
import type { Plan, StartTolerance } from '../../plan/plan.ts';
import { formatDurationMs, MINUTE_MS } from '../../units.ts';
import type { Chart, Row } from './chart.ts';
import { DAYS, SAFE_MAP_SPEC, WEEK } from './week-grid.ts';

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
    return `An outage of up to ${formatDurationMs(least.safeMs!)} keeps the objective of ${target} at every hour${broken ? ' at which it is not broken without one' : ''}`;
  }
  return `An outage may last ${formatDurationMs(least.safeMs!)} if it begins ${weekdayTime(clock, least.startMs)}, and ${formatDurationMs(most.safeMs!)} if it begins ${weekdayTime(clock, most.startMs)}`;
}

function summary({ failures }: Plan): string {
  const { starts, sentence } = failures;
  if (starts.length === 0) return `There is nothing to draw. ${sentence}`;
  const broken = starts.filter((start) => start.safeMs === null).length;
  const bearing = starts.flatMap(({ safeMs }) => (safeMs === null ? [] : [safeMs])).sort((a, b) => a - b);
  const half = bearing[(bearing.length - 1) >> 1];
  const longest = bearing.at(-1);
  const without =
    broken === 0 ? '' : ` At ${broken} of ${starts.length} hours the objective is broken without any outage.`;
  const words =
    half === undefined || longest === undefined
      ? ''
      : `At the hour that bears least, ${formatDurationMs(bearing[0]!)}; at half of the hours ${formatDurationMs(half)} or less; at the best ${formatDurationMs(longest)}.`;
  return `${words}${without}`.trim();
}

/** The longest outage that keeps the objective, by weekday and hour of its start. */
export const outageMap: Chart = {
  id: 'outage-map',
  section: 'failures',
  title,
  summary,
  note: ({ failures, clock }) => {
    const broken = failures.starts.some(({ safeMs }) => safeMs === null)
      ? ' Orange with a cross: broken without any outage.'
      : '';
    return `Minutes of the longest outage up to which every one that was simulated keeps the objective and marks no VM, by the hour at which it begins, every ${formatDurationMs(failures.resolution.startStepMs)}; local time (${clock.timeZone}). Grey: not looked at.${broken}`;
  },
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
  sources: ({ failures, clock }) => {
    const cell = ({ startMs, breakingMs }: StartTolerance): Row => ({
      day: DAYS[localWeekday(clock, startMs)]!,
      hour: Math.floor(localMinuteOfDay(clock, startMs) / 60),
      breaking: breakingMs === null ? 'none found' : formatDurationMs(breakingMs),
    });
    return {
      starts: failures.starts.flatMap((start) =>
        start.safeMs === null
          ? []
          : [{ ...cell(start), value: start.safeMs / MINUTE_MS, safe: formatDurationMs(start.safeMs) }],
      ),
      broken: failures.starts.filter(({ safeMs }) => safeMs === null).map(cell),
      week: WEEK,
    };
  },
  params: ({ failures }) => ({
    most: failures.starts.reduce((most, { safeMs }) => Math.max(most, (safeMs ?? 0) / MINUTE_MS), 1),
  }),
  spec: SAFE_MAP_SPEC,
};
