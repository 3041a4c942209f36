/**
 * Charts without a page: bundled for Node (scripts/build-report.ts), since Vega is there at build time only. There is no canvas to measure
 * text on, so that whoever draws says how wide a text is.
 */
import { resetSVGDefIds, textMetrics } from 'vega-scenegraph';
import type { DrawPlot } from '../images/plot.ts';
import { type CompiledChart, chartDataflow } from './chart-drawing.ts';
import { LIGHT } from './chart-theme.ts';
import { expressionInterpreter, View } from './vega.ts';

export const drawPlot: DrawPlot = async (plan, chart, compiled, { widthPixels, textWidth }) => {
  textMetrics.width = (item, text) => {
    const sizePixels = item.fontSize ?? DEFAULT_FONT_PIXELS;
    const pixels = textWidth(String(text ?? ''), sizePixels, isBold(item.fontWeight));
    // What is longer than its limit is cut to it.
    return item.limit !== undefined && item.limit > 0 ? Math.min(pixels, item.limit) : pixels;
  };
  // They are counted on otherwise, and the same chart would be other bytes the second time.
  resetSVGDefIds();
  const dataflow = chartDataflow(plan, chart, compiled as unknown as CompiledChart, { theme: LIGHT, widthPixels });
  const view = new View(dataflow, { expr: expressionInterpreter, renderer: 'none' });
  // The columns of a legend follow the plot's width, which is known after the first time only.
  await view.runAsync();
  const svg = await view.resize().toSVG();
  view.finalize();
  return ownTags(svg, chart.id);
};

/**
 * Without roles, for the image has its words. Clips and gradients are named after the chart, so
 * that several may stand in one page. Vega escapes every `>`, so that these are the tags.
 */
function ownTags(svg: string, id: string): string {
  return svg.replace(/<[^>]*>/g, (tag) =>
    tag.replace(/ (?:role|aria-[a-z]+)="[^"]*"/g, '').replace(/( id="|url\(#)/g, `$1${id}-`),
  );
}

/** Vega's own, where a text has none. */
const DEFAULT_FONT_PIXELS = 11;

function isBold(weight: string | number | undefined): boolean {
  return weight === 'bold' || Number(weight) >= 600;
}
