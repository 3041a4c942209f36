import { localMinuteOfDay, localWeekday } from '../../../model/clock.ts';
import { weekdayTime } from '../../../plan/failures/sentence.ts';
import type { Frontier, FrontierPoint, Study } from '../../../study/study.ts';
import { HOUR_MS, WEEK_MS } from '../../../units.ts';
import type { Chart } from '../../charts/chart.ts';
import { DAYS, SAFE_MAP_SPEC, WEEK } from '../../charts/week-grid.ts';
import { dimensionOf, falls, reachText, studyValueText } from '../study-values.ts';
import { scaleOf } from './display-scale.ts';

/** The frontier along instants that are full hours of one week: a map of them; `undefined` where there is none. */
export function mapOf({ frontiers, dimensions }: Study): Frontier | undefined {
  return frontiers.find(({ along, points }) => {
    const isInstant = dimensions.some(({ name, unit }) => name === along && unit === 'instant');
    const [first, last] = [points[0]!.at, points.at(-1)!.at];
    return isInstant && last - first < WEEK_MS && points.every(({ at }) => (at - first) % HOUR_MS === 0);
  });
}

function severityText(study: Study, frontier: Frontier, value: number | null, none: string): string {
  return value === null ? none : studyValueText(dimensionOf(study, frontier.severity), value, study.clock);
}

function title(study: Study): string {
  const frontier = mapOf(study);
  if (frontier === undefined) return 'Nothing varies by the hour';
  const severity = dimensionOf(study, frontier.severity);
  const bearing = frontier.points.filter(({ largestSafe }) => largestSafe !== null);
  if (bearing.length === 0) return `No ${severity.name} was seen to hold at any hour that was looked at`;
  const bearsMore = (one: number, other: number): boolean => (falls(severity) ? one < other : one > other);
  const least = bearing.reduce((least, point) => (bearsMore(least.largestSafe!, point.largestSafe!) ? point : least));
  const most = bearing.reduce((most, point) => (bearsMore(point.largestSafe!, most.largestSafe!) ? point : most));
  const reach = ({ largestSafe }: FrontierPoint): string => reachText(severity, largestSafe!, study.clock);
  const when = ({ at }: FrontierPoint): string => weekdayTime(study.clock, at);
  if (least.largestSafe === most.largestSafe) {
    const all = bearing.length === frontier.points.length ? '' : ' at which any was seen to hold';
    return `${severity.name} may go ${reach(least)} at every hour${all}`;
  }
  return `${severity.name} may go ${reach(least)} where ${frontier.along} is ${when(least)}, and ${reach(most)} where it is ${when(most)}`;
}

/** The largest safe severity by weekday and hour. */
export const frontierMap: Chart<Study> = {
  id: 'study-frontier-map',
  section: 'study',
  title,
  summary: (study) => {
    const frontier = mapOf(study);
    if (frontier === undefined) return 'There is nothing to draw: no instant varies.';
    const without = frontier.points.filter(({ largestSafe }) => largestSafe === null).length;
    const always = frontier.points.filter(({ smallestBreaking }) => smallestBreaking === null).length;
    const worst = severityText(study, frontier, dimensionOf(study, frontier.severity).last, '');
    const { length } = frontier.points;
    if (always === length) return `At all ${length} hours that were looked at the worst in its range, ${worst}, holds.`;
    const bearing = without === 0 ? 'each bears some' : without === length ? 'none bears any' : `${without} bear none`;
    return `Of ${length} hours that were looked at ${bearing}; at ${always === 0 ? 'none' : always} of them the worst in its range, ${worst}, holds.`;
  },
  note: (study) => {
    const frontier = mapOf(study)!;
    const severity = dimensionOf(study, frontier.severity);
    const { unit } = scaleOf(severity.unit, mostOf(frontier), severity.relation);
    const broken = frontier.points.some(({ largestSafe }) => largestSafe === null)
      ? ' Orange with a cross: none was seen to hold.'
      : '';
    const elsewhere = frontier.elsewhere === '' ? '' : `, with ${frontier.elsewhere}`;
    return `Worst ${frontier.severity}${unit === '' ? '' : ` (${unit})`} that was seen to hold, by the hour of ${frontier.along}${elsewhere}; local time (${study.clock.timeZone}). Grey: not looked at.${broken}`;
  },
  drawable: (study) => mapOf(study) !== undefined,
  rows: (study) => {
    const frontier = mapOf(study)!;
    return frontier.points.map(({ at, largestSafe, smallestBreaking }) => ({
      ...{ at, day: DAYS[localWeekday(study.clock, at)]! },
      safe: severityText(study, frontier, largestSafe, 'none'),
      breaking: severityText(study, frontier, smallestBreaking, 'none'),
    }));
  },
  columns: [
    { field: 'at', title: 'Begins', kind: 'instant' },
    { field: 'day', title: 'Day', kind: 'text' },
    { field: 'safe', title: 'Safe to', kind: 'text' },
    { field: 'breaking', title: 'Breaks at', kind: 'text' },
  ],
  sources: (study) => {
    const frontier = mapOf(study)!;
    const { unit, relation } = dimensionOf(study, frontier.severity);
    const { factor } = scaleOf(unit, mostOf(frontier), relation);
    const cells = frontier.points.map(({ at, largestSafe, smallestBreaking }) => ({
      day: DAYS[localWeekday(study.clock, at)]!,
      hour: Math.floor(localMinuteOfDay(study.clock, at) / 60),
      value: largestSafe === null ? null : largestSafe / factor,
      safe: severityText(study, frontier, largestSafe, 'none'),
      breaking: severityText(study, frontier, smallestBreaking, 'none found'),
    }));
    return {
      starts: cells.filter(({ value }) => value !== null),
      broken: cells.filter(({ value }) => value === null),
      week: WEEK,
    };
  },
  // Without one, the legend of a map on which nothing holds would have no numbers.
  params: (study) => {
    const frontier = mapOf(study)!;
    const severity = dimensionOf(study, frontier.severity);
    const { factor } = scaleOf(severity.unit, mostOf(frontier), severity.relation);
    return { most: (mostOf(frontier) || Math.max(Math.abs(severity.first), Math.abs(severity.last)) || 1) / factor };
  },
  spec: SAFE_MAP_SPEC,
};

function mostOf({ points }: Frontier): number {
  return points.reduce((most, { largestSafe }) => Math.max(most, Math.abs(largestSafe ?? 0)), 0);
}
