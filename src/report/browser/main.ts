/** The report's page: draws the charts and brings the tables to life. All that it shows is in the page's own data blocks. */
import type { Plan } from '../../plan/plan.ts';
import { CHARTS } from '../charts/registry.ts';
import { type ChartTheme, DARK, LIGHT, PAPER } from './chart-theme.ts';
import { addTools } from './chart-tools.ts';
import { ChartView, type CompiledChart } from './chart-view.ts';
import { addCopyButtons } from './copy-buttons.ts';
import { followSections } from './navigation.ts';
import { hashOf, stateFrom } from './page-state.ts';
import { VmBrowser } from './vm-browser.ts';

/** A figure's width on A4 paper, less its margins and padding, at the 96 pixels an inch of CSS. */
const PAPER_PIXELS = 640;
const RESIZE_PAUSE_MS = 150;

function readBlock<T>(id: string): T {
  return JSON.parse(document.querySelector(`script#${id}`)!.textContent) as T;
}

const plan = readBlock<Plan>('plan');
const compiled = readBlock<Record<string, CompiledChart>>('charts');
const dark = matchMedia('(prefers-color-scheme: dark)');
const paper = matchMedia('print');
const views: ChartView[] = [];

function themeNow(): ChartTheme {
  return dark.matches ? DARK : LIGHT;
}

function drawAll(theme: ChartTheme, widthPixels?: number): void {
  for (const view of views) view.draw(theme, widthPixels);
}

function makeCharts(): void {
  for (const chart of CHARTS) {
    const figure = document.querySelector<HTMLElement>(`figure[data-chart="${chart.id}"]`);
    const specs = compiled[chart.id];
    if (figure === null || specs === undefined) continue;
    const view = new ChartView(plan, chart, specs, figure.querySelector<HTMLElement>('.plot')!);
    views.push(view);
    addTools(plan, view, figure);
  }
}

/** A chart at a time, so that the page answers in between; says so when all are there. */
function drawOneByOne(index: number): void {
  const view = views[index];
  if (view === undefined) {
    document.documentElement.dataset.charts = 'drawn';
    return;
  }
  view.draw(themeNow());
  setTimeout(() => drawOneByOne(index + 1));
}

function redrawOnChange(): void {
  dark.addEventListener('change', () => drawAll(themeNow()));
  let widthPixels = document.documentElement.clientWidth;
  let waiting: number | undefined;
  addEventListener('resize', () => {
    if (document.documentElement.clientWidth === widthPixels || paper.matches) return;
    widthPixels = document.documentElement.clientWidth;
    clearTimeout(waiting);
    waiting = setTimeout(() => drawAll(themeNow()), RESIZE_PAUSE_MS);
  });
  addEventListener('beforeprint', () => drawAll(PAPER, PAPER_PIXELS));
  addEventListener('afterprint', () => drawAll(themeNow()));
}

function makeVmTable(): void {
  new VmBrowser(plan, stateFrom(location.hash), (state) => history.replaceState(null, '', hashOf(state)));
  if (location.hash.startsWith('#vms?')) document.querySelector('#vms')!.scrollIntoView();
}

makeCharts();
makeVmTable();
addCopyButtons();
followSections();
redrawOnChange();
drawOneByOne(0);
