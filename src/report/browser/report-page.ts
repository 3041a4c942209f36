import type { Plan } from '../../plan/plan.ts';
import { CHARTS } from '../charts/registry.ts';
import { pageParts, titleOf } from '../page.ts';
import type { CompiledChart } from './chart-view.ts';
import { addCopyButtons } from './copy-buttons.ts';
import { LiveCharts } from './live-charts.ts';
import { followSections } from './navigation.ts';
import type { TableState } from './page-state.ts';
import { VmBrowser } from './vm-browser.ts';
import { enlivenVolumes } from './volume-browser.ts';

/** The page around one plan: it finds the plan's words in their places, draws the charts, and can show another plan instead. */
export class ReportPage {
  #plan: Plan;
  readonly #charts: LiveCharts<Plan>;
  readonly #onTable: (state: TableState) => void;
  #table: TableState;

  constructor(
    plan: Plan,
    compiled: Readonly<Record<string, CompiledChart>>,
    table: TableState,
    onTable: (state: TableState) => void,
  ) {
    this.#plan = plan;
    this.#charts = new LiveCharts(CHARTS, compiled);
    this.#table = table;
    this.#onTable = onTable;
    this.#enliven();
  }

  /** Shows another plan in the place of this one, and keeps what the reader has opened and where he reads. */
  show(plan: Plan): void {
    const opened = openedParts();
    const heights = this.#charts.heights();
    const mark = readingMark();
    this.#plan = plan;
    fillPage(plan);
    reopen(opened);
    this.#enliven(heights);
    mark();
  }

  #enliven(heights: ReadonlyMap<string, number> = new Map()): void {
    this.#charts.show(this.#plan, heights);
    const vms = new VmBrowser(this.#plan, this.#table, (state) => {
      this.#table = state;
      this.#onTable(state);
    });
    enlivenVolumes(this.#plan, (name) => vms.showGroup({ kind: 'volume', name }));
    addCopyButtons();
    followSections();
  }
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
