import type { Spec, View as VegaView } from 'vega';
import type { Plan } from '../../plan/plan.ts';
import type { Chart } from '../charts/chart.ts';
import { type ChartTheme, LIGHT } from './chart-theme.ts';
import { element } from './elements.ts';
import { expressionInterpreter, parse, View } from './vega.ts';

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

/** A chart in its place on the page. */
export class ChartView {
  readonly chart: Chart;
  readonly #plan: Plan;
  readonly #compiled: CompiledChart;
  readonly #place: HTMLElement;
  #view: VegaView | undefined;

  constructor(plan: Plan, chart: Chart, compiled: CompiledChart, place: HTMLElement) {
    this.#plan = plan;
    this.chart = chart;
    this.#compiled = compiled;
    this.#place = place;
  }

  /** Draws anew, at once: printing does not wait. */
  draw(theme: ChartTheme, widthPixels: number = this.#place.clientWidth): void {
    this.#view?.finalize();
    // The place is the image and has the words. Vega names its own container otherwise, and what is inside would be read
    // mark by mark.
    const canvas = element('div', { 'aria-hidden': 'true' });
    this.#place.replaceChildren(canvas);
    this.#view = this.#makeView(theme, widthPixels, canvas);
    this.#view.run();
    this.#place.style.minHeight = '';
  }

  /** How far the place is from what is seen; 0 where it is seen. */
  get distancePixels(): number {
    const { top, bottom } = this.#place.getBoundingClientRect();
    return Math.max(0, top - innerHeight, -bottom);
  }

  get heightPixels(): number {
    return this.#place.clientHeight;
  }

  /** For a place that is no longer in the page. */
  close(): void {
    this.#view?.finalize();
    this.#view = undefined;
  }

  /** The chart as a file of its own, on light paper. */
  async svg(): Promise<string> {
    const view = this.#makeView(LIGHT, 960, undefined);
    const text = await view.toSVG();
    view.finalize();
    return text;
  }

  /** The Vega-Lite specification with its data. */
  spec(): object {
    const schema = 'https://vega.github.io/schema/vega-lite/v6.json';
    return { $schema: schema, ...this.chart.spec, datasets: this.chart.sources(this.#plan) };
  }

  #makeView(theme: ChartTheme, widthPixels: number, container: HTMLElement | undefined): VegaView {
    const narrow = widthPixels < NARROW_PIXELS;
    const spec = structuredClone(narrow ? (this.#compiled.narrow ?? this.#compiled.wide) : this.#compiled.wide);
    const sources = this.chart.sources(this.#plan);
    for (const source of spec.data ?? []) {
      const rows = sources[source.name];
      if (rows !== undefined) Object.assign(source, { values: rows });
    }
    const values: Record<string, unknown> = {
      ...theme.params,
      ...this.chart.params?.(this.#plan),
      labelRoom: narrow ? 84 : 160,
    };
    for (const signal of spec.signals ?? []) {
      if (Object.hasOwn(values, signal.name)) Object.assign(signal, { value: values[signal.name] });
    }
    setWidth(spec, widthPixels);
    const height = this.chart.height?.(this.#plan);
    if (height !== undefined) spec.height = theme.dense ? height * DENSE : height;
    if (container === undefined) spec.background = theme.params.surface!;
    const runtime = parse(spec, theme.config, { ast: true });
    return new View(runtime, {
      expr: expressionInterpreter,
      renderer: container === undefined ? 'none' : 'svg',
      ...(container === undefined ? {} : { container, hover: true }),
    });
  }
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
