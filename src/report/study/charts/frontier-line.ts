import type { Frontier, FrontierPoint, Study, StudyDimension } from '../../../study/study.ts';
import type { Chart, Row } from '../../charts/chart.ts';
import { BROKEN, fitted, INK, THEME_PARAMS } from '../../charts/spec-parts.ts';
import { dimensionOf, falls, reachText, studyValueText } from '../study-values.ts';
import { axisTitle, type DisplayScale, scaleOf } from './display-scale.ts';
import { mapOf } from './frontier-map.ts';

/** The first frontier that is no map of hours. */
function lineOf(study: Study): Frontier | undefined {
  const map = mapOf(study);
  return study.frontiers.find((frontier) => frontier !== map);
}

interface Axes {
  readonly along: StudyDimension;
  readonly severity: StudyDimension;
  readonly x: DisplayScale;
  readonly y: DisplayScale;
}

function axesOf(study: Study, frontier: Frontier): Axes {
  const [along, severity] = [dimensionOf(study, frontier.along), dimensionOf(study, frontier.severity)];
  return { along, severity, x: scaleOfDimension(along), y: scaleOfDimension(severity) };
}

function scaleOfDimension({ unit, relation, first, last }: StudyDimension): DisplayScale {
  return scaleOf(unit, Math.max(Math.abs(first), Math.abs(last)), relation);
}

/**
 * How an area goes from one level to the next. Between two levels of a severity nothing was run: there only that is safe which is safe at the worse
 * of them, and only that breaks which breaks at the milder. No level of a shape is worse than another: its areas change half-way.
 */
function stepsOf(along: StudyDimension): { readonly safeStep: string; readonly brokenStep: string } {
  if (along.role === 'shape') return { safeStep: 'step', brokenStep: 'step' };
  const [worse, milder] = falls(along) ? ['step-after', 'step-before'] : ['step-before', 'step-after'];
  return { safeStep: worse!, brokenStep: milder! };
}

function title(study: Study): string {
  const frontier = lineOf(study);
  if (frontier === undefined) return 'Nothing else varies';
  const { along, severity } = axesOf(study, frontier);
  const [first, last] = [frontier.points[0]!, frontier.points.at(-1)!];
  const reach = ({ largestSafe }: FrontierPoint): string =>
    largestSafe === null ? 'nothing' : reachText(severity, largestSafe, study.clock);
  // The name is not said again, but where the first has nothing.
  const part = (point: FrontierPoint, isNamed: boolean): string =>
    point.largestSafe === null ? 'nothing holds' : `${isNamed ? `${severity.name} may go ` : ''}${reach(point)}`;
  const at = (point: FrontierPoint): string => studyValueText(along, point.at, study.clock);
  if (frontier.points.every(({ largestSafe }) => largestSafe === null))
    return `No ${severity.name} was seen to hold at any ${along.name}`;
  if (frontier.points.every((point) => reach(point) === reach(first))) {
    return `${part(first, true)} at every ${along.name}`;
  }
  return `${part(first, true)} where ${along.name} is ${at(first)}, and ${part(last, first.largestSafe === null)} where it is ${at(last)}`;
}

function summary(study: Study): string {
  const frontier = lineOf(study);
  if (frontier === undefined) return 'There is nothing to draw.';
  const { severity } = axesOf(study, frontier);
  const without = frontier.points.filter(({ largestSafe }) => largestSafe === null).length;
  const always = frontier.points.filter(({ smallestBreaking }) => smallestBreaking === null).length;
  const ends = [
    ...(without === 0 ? [] : [`at ${without} no ${severity.name} was seen to hold`]),
    ...(always === 0 ? [] : [`at ${always} the worst one holds`]),
  ];
  const safe = falls(severity) ? 'Above' : 'Below';
  return `${safe} the line every promise holds (blue); where it is orange one is broken; what is neither lies between scenarios that were run. Of ${frontier.points.length} levels of ${frontier.along} that were looked at${ends.length === 0 ? ' each has a safe and a breaking one' : `: ${ends.join(', ')}`}.`;
}

function pointRow(study: Study, { along, severity, x, y }: Axes, point: FrontierPoint): Row {
  const text = (value: number | null, none: string): string =>
    value === null ? none : studyValueText(severity, value, study.clock);
  return {
    x: point.at / x.factor,
    y: (point.largestSafe ?? severity.first) / y.factor,
    broken: (point.smallestBreaking ?? severity.last) / y.factor,
    from: severity.first / y.factor,
    to: severity.last / y.factor,
    at: studyValueText(along, point.at, study.clock),
    safe: text(point.largestSafe, 'none'),
    breaking: text(point.smallestBreaking, 'none found'),
  };
}

/** How far one severity can go along another. */
export const frontierLineChart: Chart<Study> = {
  id: 'study-frontier-line',
  section: 'study',
  title,
  summary,
  note: (study) => {
    const frontier = lineOf(study)!;
    const { along, severity } = axesOf(study, frontier);
    const between =
      along.role === 'severity'
        ? ` Between two levels of ${along.name} what is safe at the worse is safe, and what breaks at the milder breaks, as a severity is taken to be.`
        : '';
    return `Worst ${severity.name} that was seen to hold, for each level of ${along.name}${frontier.elsewhere === '' ? '' : `, with ${frontier.elsewhere}`}.${between}`;
  },
  drawable: (study) => lineOf(study) !== undefined,
  rows: (study) => {
    const frontier = lineOf(study)!;
    const axes = axesOf(study, frontier);
    return frontier.points.map((point) => {
      const { at, safe, breaking } = pointRow(study, axes, point);
      return { at: at!, safe: safe!, breaking: breaking! };
    });
  },
  columns: [
    { field: 'at', title: 'At', kind: 'text' },
    { field: 'safe', title: 'Safe to', kind: 'text' },
    { field: 'breaking', title: 'Breaks at', kind: 'text' },
  ],
  sources: (study) => {
    const frontier = lineOf(study)!;
    const axes = axesOf(study, frontier);
    return { points: frontier.points.map((point) => pointRow(study, axes, point)) };
  },
  params: (study) => {
    const { along, severity, x, y } = axesOf(study, lineOf(study)!);
    return { xTitle: axisTitle(along.name, x), yTitle: axisTitle(severity.name, y), ...stepsOf(along) };
  },
  spec: {
    ...fitted(260),
    params: [
      ...THEME_PARAMS,
      { name: 'xTitle', value: '' },
      { name: 'yTitle', value: '' },
      { name: 'safeStep', value: 'step' },
      { name: 'brokenStep', value: 'step' },
    ],
    data: { name: 'points' },
    encoding: {
      x: {
        field: 'x',
        type: 'quantitative',
        scale: { zero: false, nice: false },
        axis: { title: { expr: 'xTitle' }, tickCount: { expr: 'max(2, floor(width / 90))' } },
      },
    },
    layer: [
      {
        mark: { type: 'area', interpolate: { expr: 'safeStep' }, color: '#2f6da8', opacity: 0.35 },
        encoding: {
          y: { field: 'y', type: 'quantitative', scale: { zero: false }, axis: { title: { expr: 'yTitle' } } },
          y2: { field: 'from' },
        },
      },
      {
        mark: { type: 'area', interpolate: { expr: 'brokenStep' }, color: BROKEN, opacity: 0.3 },
        encoding: { y: { field: 'broken', type: 'quantitative' }, y2: { field: 'to' } },
      },
      {
        mark: {
          ...{ type: 'line', interpolate: { expr: 'safeStep' }, color: INK, strokeWidth: 1.5 },
          point: { color: INK, size: 20 },
        },
        encoding: {
          y: { field: 'y', type: 'quantitative' },
          tooltip: [
            { field: 'at', type: 'nominal', title: 'at' },
            { field: 'safe', type: 'nominal', title: 'safe to' },
            { field: 'breaking', type: 'nominal', title: 'breaks at' },
          ],
        },
      },
    ],
  },
};
