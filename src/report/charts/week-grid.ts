import type { ChartSpec, Row } from './chart.ts';
import { BROKEN, fitted, SHADE, SURFACE, THEME_PARAMS } from './spec-parts.ts';

export const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

/** Every hour of the local week, for the ground of a chart of it: hours without data stay grey. */
export const WEEK: readonly Row[] = DAYS.flatMap((day) =>
  Array.from({ length: 24 }, (_, hour): Row => ({ day, hour })),
);

/** Where a cell of the week stands. */
export const ON_WEEK: { readonly x: ChartSpec; readonly y: ChartSpec } = {
  x: { field: 'hour', type: 'ordinal' },
  y: { field: 'day', type: 'ordinal', sort: DAYS },
};

/** The ground: the data source `week`, with the axes. */
export const WEEK_GROUND: ChartSpec = {
  data: { name: 'week' },
  mark: { type: 'rect', color: SHADE, opacity: 0.3 },
  encoding: {
    x: {
      ...ON_WEEK.x,
      scale: { paddingInner: 0.06 },
      axis: {
        title: null,
        labelAngle: 0,
        labelExpr:
          "datum.value % (width < 480 ? 6 : 3) == 0 ? (datum.value < 10 ? '0' : '') + datum.value + ':00' : ''",
        ticks: false,
        domain: false,
        labelAlign: 'left',
        // From the cell's left edge on: an hour's label stands where it begins.
        labelOffset: { expr: '-width / 48' },
        labelOverlap: false,
      },
    },
    y: { ...ON_WEEK.y, scale: { paddingInner: 0.08 }, axis: { title: null, ticks: false, domain: false } },
  },
};

/**
 * What may last how long by the hour at which it begins: sources `starts` (day, hour, value, safe, breaking), `broken` (day, hour: nothing
 * holds there) and `week`; the parameter `most` is the end of the scale.
 */
export const SAFE_MAP_SPEC: ChartSpec = {
  ...fitted(196),
  params: [...THEME_PARAMS, { name: 'most', value: 60 }],
  layer: [
    WEEK_GROUND,
    {
      data: { name: 'starts' },
      mark: { type: 'rect' },
      encoding: {
        ...ON_WEEK,
        color: {
          field: 'value',
          type: 'quantitative',
          scale: { scheme: 'viridis', domainMin: 0, domainMax: { expr: 'most' } },
          legend: { orient: 'top', title: null, gradientLength: { expr: 'min(240, width)' }, format: ',.2~f' },
        },
        tooltip: [
          { field: 'day', type: 'ordinal' },
          { field: 'hour', type: 'ordinal', title: 'begins at' },
          { field: 'safe', type: 'nominal', title: 'safe to' },
          { field: 'breaking', type: 'nominal', title: 'breaks at' },
        ],
      },
    },
    { data: { name: 'broken' }, mark: { type: 'rect', color: BROKEN }, encoding: { ...ON_WEEK } },
    { data: { name: 'broken' }, mark: { type: 'text', text: '✕', color: SURFACE }, encoding: { ...ON_WEEK } },
  ],
};
