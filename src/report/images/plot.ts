import type { Plan } from '../../plan/plan.ts';
import type { Chart } from '../charts/chart.ts';

/** How wide a text is, in pixels. */
export type TextWidth = (text: string, sizePixels: number, isBold: boolean) => number;

/**
 * The plot of a chart alone as an SVG element. The build bundles what draws it (src/report/browser/still-plot.ts), with Vega inside; `compiled`
 * is the chart's entry in `still-charts.json`.
 */
export type DrawPlot = (
  plan: Plan,
  chart: Chart,
  compiled: object,
  look: { readonly widthPixels: number; readonly textWidth: TextWidth },
) => Promise<string>;
