import type { ChartSpec } from './chart.ts';
import { THEME_PARAMS, TIME_SCALE } from './spec-parts.ts';

/** Each of up to twelve small plots: more points than these are not seen. */
export const SMALL_POINTS_MOST = 168;

/** What differs between charts of small plots. The data have `panel`, `rank` and `t`. */
export interface SmallPlots {
  /** The name of the data. */
  readonly source: string;
  /** The encoding of y that the area and the layers over it share. */
  readonly y: object;
  readonly color: string;
  /** Layers over the area. */
  readonly over: readonly object[];
}

const TIME = {
  field: 't',
  type: 'temporal',
  scale: TIME_SCALE,
  axis: {
    title: null,
    tickCount: { expr: 'max(2, floor(child_width / 45))' },
    labelOverlap: 'greedy',
    labelSeparation: 6,
    labelExpr:
      "utchours(datum.value) == 0 && utcminutes(datum.value) == 0 ? utcFormat(datum.value, '%a') : utcFormat(datum.value, '%H:%M')",
  },
} as const;

/** Small plots over the same time and on one scale, in the order of their rank; to be had in any number of columns. */
export function smallMultiples({ source, y, color, over }: SmallPlots, columns: number): ChartSpec {
  return {
    params: THEME_PARAMS,
    data: { name: source },
    facet: {
      field: 'panel',
      type: 'nominal',
      title: null,
      sort: { field: 'rank', op: 'min' },
      header: { labelFontSize: 11, labelLimit: { expr: 'child_width + 12' }, labelAnchor: 'start', labelPadding: 4 },
    },
    columns,
    spacing: { row: 18, column: 18 },
    spec: {
      width: 140,
      height: 64,
      layer: [
        {
          mark: { type: 'area', interpolate: 'step-after', color, opacity: 0.75 },
          encoding: { x: TIME, y },
        },
        ...over,
      ],
    },
  };
}
