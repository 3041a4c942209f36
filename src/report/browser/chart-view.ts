import type { View as VegaView } from 'vega';
import type { Chart, Timed } from '../charts/chart.ts';
import { type CompiledChart, chartDataflow } from './chart-drawing.ts';
import { type ChartTheme, LIGHT } from './chart-theme.ts';
import { element } from './elements.ts';
import { expressionInterpreter, View } from './vega.ts';

export type { CompiledChart } from './chart-drawing.ts';

/** A chart in its place on the page. */
export class ChartView<About extends Timed> {
  readonly chart: Chart<About>;
  readonly #about: About;
  readonly #compiled: CompiledChart;
  readonly #place: HTMLElement;
  #view: VegaView | undefined;

  constructor(about: About, chart: Chart<About>, compiled: CompiledChart, place: HTMLElement) {
    this.#about = about;
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
    // The columns of a legend follow the plot's width, which is known after the first time only.
    await view.runAsync();
    const text = await view.resize().toSVG();
    view.finalize();
    return text;
  }

  /** The Vega-Lite specification with its data. */
  spec(): object {
    const schema = 'https://vega.github.io/schema/vega-lite/v6.json';
    return { $schema: schema, ...this.chart.spec, datasets: this.chart.sources(this.#about) };
  }

  #makeView(theme: ChartTheme, widthPixels: number, container: HTMLElement | undefined): VegaView {
    const background = container === undefined ? theme.params.surface : undefined;
    const dataflow = chartDataflow(this.#about, this.chart, this.#compiled, { theme, widthPixels, background });
    return new View(dataflow, {
      expr: expressionInterpreter,
      renderer: container === undefined ? 'none' : 'svg',
      ...(container === undefined ? {} : { container, hover: true }),
    });
  }
}
