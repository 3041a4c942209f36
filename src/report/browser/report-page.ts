import type { Plan } from '../../plan/plan.ts';
import { CHARTS } from '../charts/registry.ts';
import { pageParts, titleOf } from '../page.ts';
import { type ChartTheme, DARK, LIGHT, PAPER } from './chart-theme.ts';
import { addTools } from './chart-tools.ts';
import { ChartView, type CompiledChart } from './chart-view.ts';
import { addCopyButtons } from './copy-buttons.ts';
import { followSections } from './navigation.ts';
import type { TableState } from './page-state.ts';
import { VmBrowser } from './vm-browser.ts';
import { enlivenVolumes } from './volume-browser.ts';

/** A figure's width on A4 paper, less its margins and padding, at the 96 pixels an inch of CSS. */
const PAPER_PIXELS = 640;
const RESIZE_PAUSE_MS = 150;

const dark = matchMedia('(prefers-color-scheme: dark)');
const paper = matchMedia('print');

/** The page around one plan: it finds the plan's words in their places, draws the charts, and can show another plan instead. */
export class ReportPage {
  #plan: Plan;
  readonly #compiled: Readonly<Record<string, CompiledChart>>;
  readonly #onTable: (state: TableState) => void;
  #table: TableState;
  #views: ChartView[] = [];
  #drawing: number | undefined;

  constructor(
    plan: Plan,
    compiled: Readonly<Record<string, CompiledChart>>,
    table: TableState,
    onTable: (state: TableState) => void,
  ) {
    this.#plan = plan;
    this.#compiled = compiled;
    this.#table = table;
    this.#onTable = onTable;
    this.#enliven();
    this.#redrawOnChange();
  }

  /** Shows another plan in the place of this one, and keeps what the reader has opened and where he reads. */
  show(plan: Plan): void {
    const opened = openedParts();
    const heights = new Map(this.#views.map((view) => [view.chart.id, view.heightPixels]));
    const mark = readingMark();
    this.#plan = plan;
    fillPage(plan);
    for (const view of this.#views) view.close();
    reopen(opened);
    this.#enliven(heights);
    mark();
  }

  #enliven(heights: ReadonlyMap<string, number> = new Map()): void {
    this.#views = [];
    for (const chart of CHARTS) {
      const figure = document.querySelector<HTMLElement>(`figure[data-chart="${chart.id}"]`);
      const specs = this.#compiled[chart.id];
      if (figure === null || specs === undefined) continue;
      const place = figure.querySelector<HTMLElement>('.plot')!;
      place.style.minHeight = `${heights.get(chart.id) ?? 0}px`;
      const view = new ChartView(this.#plan, chart, specs, place);
      this.#views.push(view);
      addTools(this.#plan, view, figure);
    }
    const vms = new VmBrowser(this.#plan, this.#table, (state) => {
      this.#table = state;
      this.#onTable(state);
    });
    enlivenVolumes(this.#plan, (name) => vms.showGroup({ kind: 'volume', name }));
    addCopyButtons();
    followSections();
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

/** Puts a plan's words and tables in their places. */
export function fillPage(plan: Plan): void {
  const parts = pageParts(plan);
  document.title = titleOf(plan);
  fill('header', parts.header.text);
  fill('navigation', parts.navigation.text);
  fill('footer', parts.footer.text);
  fill('main', parts.sections.text);
}

/** The markup comes from the `html` template, which escapes whatever stands in its holes. */
function fill(id: string, markup: string): void {
  document.querySelector(`#${id}`)!.innerHTML = markup;
}

/** Where each `details` of a section stands among those of its section: the same in the next plan's page. */
function detailsOf(section: Element): HTMLDetailsElement[] {
  return [...section.querySelectorAll('details')];
}

function openedParts(): Map<string, readonly boolean[]> {
  const sections = [...document.querySelectorAll('main > section')];
  return new Map(sections.map((section) => [section.id, detailsOf(section).map(({ open }) => open)]));
}

function reopen(opened: ReadonlyMap<string, readonly boolean[]>): void {
  for (const section of document.querySelectorAll('main > section')) {
    const before = opened.get(section.id);
    const details = detailsOf(section);
    if (before?.length !== details.length) continue;
    details.forEach((part, index) => {
      part.open = before[index]!;
    });
  }
}

/** Remembers which section begins nearest above what is seen; called, brings it back to the same height. */
function readingMark(): () => void {
  const sections = [...document.querySelectorAll<HTMLElement>('main > section')];
  const read = sections.findLast((section) => section.getBoundingClientRect().top <= innerHeight / 2);
  const top = read?.getBoundingClientRect().top;
  return () => {
    const same = read === undefined ? null : document.getElementById(read.id);
    if (same === null || top === undefined) return;
    scrollBy({ top: same.getBoundingClientRect().top - top, behavior: 'instant' });
  };
}
