import type { Chart, Timed } from '../charts/chart.ts';
import { type ChartTheme, DARK, LIGHT, PAPER } from './chart-theme.ts';
import { addTools } from './chart-tools.ts';
import { ChartView, type CompiledChart } from './chart-view.ts';

/** A figure's width on A4 paper, less its margins and padding, at the 96 pixels an inch of CSS. */
const PAPER_PIXELS = 640;
const RESIZE_PAUSE_MS = 150;

const dark = matchMedia('(prefers-color-scheme: dark)');
const paper = matchMedia('print');

/** The charts of a page: drawn into the figures that are there for them, and again when theme, width or medium change. */
export class LiveCharts<About extends Timed> {
  readonly #charts: readonly Chart<About>[];
  readonly #compiled: Readonly<Record<string, CompiledChart>>;
  #views: ChartView<About>[] = [];
  #drawing: number | undefined;

  constructor(charts: readonly Chart<About>[], compiled: Readonly<Record<string, CompiledChart>>) {
    this.#charts = charts;
    this.#compiled = compiled;
    this.#redrawOnChange();
  }

  /** Heights of the plots by their charts' ids. */
  heights(): ReadonlyMap<string, number> {
    return new Map(this.#views.map((view) => [view.chart.id, view.heightPixels]));
  }

  /** Draws what the figures of the page are there for; those of before are given up. `heights` are kept until the new ones are known. */
  show(about: About, heights: ReadonlyMap<string, number> = new Map()): void {
    for (const view of this.#views) view.close();
    this.#views = [];
    for (const chart of this.#charts) {
      const figure = document.querySelector<HTMLElement>(`figure[data-chart="${chart.id}"]`);
      const specs = this.#compiled[chart.id];
      if (figure === null || specs === undefined) continue;
      const place = figure.querySelector<HTMLElement>('.plot')!;
      place.style.minHeight = `${heights.get(chart.id) ?? 0}px`;
      const view = new ChartView(about, chart, specs, place);
      this.#views.push(view);
      addTools(about, view, figure);
    }
    this.#drawOneByOne();
  }

  /** A chart at a time, those that are seen first, so that the page answers in between; says so when all are there. */
  #drawOneByOne(): void {
    clearTimeout(this.#drawing);
    delete document.documentElement.dataset.charts;
    const waiting = this.#views.toSorted((left, right) => left.distancePixels - right.distancePixels);
    const next = (): void => {
      const view = waiting.shift();
      if (view === undefined) {
        document.documentElement.dataset.charts = 'drawn';
        return;
      }
      view.draw(themeNow());
      this.#drawing = setTimeout(next);
    };
    // The words are to be seen before the first chart is drawn.
    this.#drawing = setTimeout(next);
  }

  #drawAll(theme: ChartTheme, widthPixels?: number): void {
    for (const view of this.#views) view.draw(theme, widthPixels);
  }

  #redrawOnChange(): void {
    dark.addEventListener('change', () => this.#drawAll(themeNow()));
    let widthPixels = document.documentElement.clientWidth;
    let waiting: number | undefined;
    addEventListener('resize', () => {
      if (document.documentElement.clientWidth === widthPixels || paper.matches) return;
      widthPixels = document.documentElement.clientWidth;
      clearTimeout(waiting);
      waiting = setTimeout(() => this.#drawAll(themeNow()), RESIZE_PAUSE_MS);
    });
    addEventListener('beforeprint', () => this.#drawAll(PAPER, PAPER_PIXELS));
    addEventListener('afterprint', () => this.#drawAll(themeNow()));
  }
}

function themeNow(): ChartTheme {
  return dark.matches ? DARK : LIGHT;
}
