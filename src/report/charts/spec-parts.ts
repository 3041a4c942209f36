/** Parts that the specifications share: the size, the axes of time and age, and the colours that follow the theme. */

/** Colours of the causes of traffic and of the phases. Blues and a magenta: told apart with any colour vision, and by their lightness. */
export const CAUSE_COLORS = { initial: '#9dbfdc', delta: '#2f6da8', resync: '#c96bb1' } as const;

/** Parameters that every specification has; the page sets them to its theme. These are the light one's. */
export const THEME_PARAMS = [
  { name: 'ink', value: '#1c2733' },
  { name: 'muted', value: '#5a6675' },
  { name: 'surface', value: '#ffffff' },
  { name: 'shade', value: '#8b97a6' },
  { name: 'calm', value: '#d9dfe6' },
  { name: 'broken', value: '#c2410c' },
  { name: 'labelRoom', value: 150 },
] as const;

/** Colour by parameter, for marks that follow the theme. */
export const INK = { expr: 'ink' } as const;
export const MUTED = { expr: 'muted' } as const;
export const SURFACE = { expr: 'surface' } as const;
export const SHADE = { expr: 'shade' } as const;
export const CALM = { expr: 'calm' } as const;
export const BROKEN = { expr: 'broken' } as const;

/** A view that fills the width given to it, labels included. Where rows decide the height, the chart's `height` does. */
export function fitted(height: number): { readonly params: readonly object[] } {
  const size = { width: 640, height, autosize: { type: 'fit-x', contains: 'padding' } };
  return { ...size, params: THEME_PARAMS };
}

/** Site-local milliseconds on a UTC axis, so that the viewer's own time zone changes nothing. */
export const TIME_SCALE = { type: 'utc', nice: false } as const;

export const TIME_AXIS = {
  title: null,
  tickCount: { expr: 'max(2, floor(width / 110))' },
  labelExpr:
    "utchours(datum.value) == 0 && utcminutes(datum.value) == 0 ? utcFormat(datum.value, '%a %d %b') : utcFormat(datum.value, '%H:%M')",
} as const;

/** A row per VM, in the order of the data's rank: without one, rows are sorted as text. */
export const VM_ROWS = {
  field: 'vm',
  type: 'nominal',
  sort: { field: 'rank', op: 'min' },
  axis: {
    title: null,
    labelLimit: { expr: 'labelRoom' },
    ticks: false,
    domain: false,
    grid: false,
    labelOverlap: false,
  },
} as const;

export const TIME_FORMAT = '%a %d %b %H:%M';

/** Ages in minutes on a logarithmic axis. */
export const AGE_AXIS = {
  title: null,
  values: [0.1, 0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 960, 1440, 2880, 5760, 10_080, 20_160, 40_320],
  labelExpr:
    "datum.value >= 1440 ? format(datum.value / 1440, '~g') + ' d' : datum.value >= 60 ? format(datum.value / 60, '~g') + ' h' : datum.value >= 1 ? format(datum.value, '~g') + ' min' : format(datum.value * 60, '~g') + ' s'",
} as const;

export const LEGEND_ABOVE = { orient: 'top', title: null, columns: { expr: 'max(1, floor(width / 150))' } } as const;
