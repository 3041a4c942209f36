import type { Runtime, Spec } from 'vega';
import type { Chart, Timed } from '../charts/chart.ts';
import type { ChartTheme } from './chart-theme.ts';
import { parse } from './vega.ts';

/** The build's compiled specifications of a chart (scripts/build-report.ts). */
export interface CompiledChart {
  readonly wide: Spec;
  readonly narrow?: Spec;
}

const NARROW_PIXELS = 560;
/** Room beside a plot whose view does not fit itself: labels of the y axis, padding. */
const CONCAT_LABELS_PIXELS = 64;
const FACET_LABELS_PIXELS = 74;
const FACET_GAP_PIXELS = 18;
/** Rows on paper stand this much closer. */
const DENSE = 0.7;

/** What Vega draws of a plan or a study. `background` as CSS, where the drawing is to have one of its own. */
export function chartDataflow<About extends Timed>(
  about: About,
  chart: Chart<About>,
  compiled: CompiledChart,
  look: { readonly theme: ChartTheme; readonly widthPixels: number; readonly background?: string | undefined },
): Runtime {
  const { theme, widthPixels, background } = look;
  const narrow = widthPixels < NARROW_PIXELS;
  const spec = structuredClone(narrow ? (compiled.narrow ?? compiled.wide) : compiled.wide);
  const sources = chart.sources(about);
  for (const source of spec.data ?? []) {
    const rows = sources[source.name];
    if (rows !== undefined) Object.assign(source, { values: rows });
  }
  const values: Record<string, unknown> = {
    ...theme.params,
    ...chart.params?.(about),
    labelRoom: narrow ? 84 : 160,
  };
  for (const signal of spec.signals ?? []) {
    if (Object.hasOwn(values, signal.name)) Object.assign(signal, { value: values[signal.name] });
  }
  setWidth(spec, widthPixels);
  const height = chart.height?.(about);
  if (height !== undefined) spec.height = theme.dense ? height * DENSE : height;
  if (background !== undefined) spec.background = background;
  return parse(spec, theme.config, { ast: true });
}

/** Gives the specification a width by which the drawing, labels included, is as wide as its place. */
function setWidth(spec: Spec, widthPixels: number): void {
  spec.padding = 2;
  const childWidth = spec.signals?.find((signal) => signal.name === 'child_width');
  if (childWidth !== undefined) {
    const columns = Number((spec.layout as { columns?: number } | undefined)?.columns ?? 1);
    const rest = widthPixels - FACET_LABELS_PIXELS - FACET_GAP_PIXELS * (columns - 1);
    Object.assign(childWidth, { value: Math.max(60, Math.floor(rest / columns)) });
  } else if (spec.layout !== undefined) {
    spec.width = Math.max(160, widthPixels - CONCAT_LABELS_PIXELS);
  } else {
    spec.width = Math.max(200, widthPixels);
  }
}
