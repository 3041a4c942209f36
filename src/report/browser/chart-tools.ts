import type { Chart, Row, Timed } from '../charts/chart.ts';
import { shownName } from '../shown-name.ts';
import { csvOf, printed, tableTitle } from './chart-data.ts';
import type { ChartView } from './chart-view.ts';
import { button, download, element, pager } from './elements.ts';

const ROWS_PER_PAGE = 100;

/** Adds the buttons under a chart: its data as a table and as CSV, its drawing, its specification. */
export function addTools<About extends Timed>(subject: About, view: ChartView<About>, figure: HTMLElement): void {
  const { chart } = view;
  const name = `asr-plan-${chart.id}`;
  const tableId = `table-${chart.id}`;
  const place = element('div', { class: 'chart-table', id: tableId });
  place.hidden = true;
  const toggle = button(
    'Table',
    () => {
      place.hidden = !place.hidden;
      toggle.setAttribute('aria-expanded', String(!place.hidden));
      if (!place.hidden && place.childElementCount === 0) showRows(subject, chart, chart.rows(subject), place, 0);
    },
    { 'aria-expanded': 'false', 'aria-controls': tableId },
  );
  const about = `: ${shownName(chart.title(subject))}`;
  const tools = element(
    'div',
    { class: 'tools' },
    toggle,
    button('CSV', () => download(`${name}.csv`, 'text/csv', csvOf(subject, chart))),
    button('SVG', () => void view.svg().then((text) => download(`${name}.svg`, 'image/svg+xml', text))),
    button('Spec', () => download(`${name}.vl.json`, 'application/json', JSON.stringify(view.spec(), null, 2))),
  );
  for (const made of tools.children) made.append(element('span', { class: 'unseen' }, about));
  figure.append(tools, place);
}

function showRows<About extends Timed>(
  subject: About,
  chart: Chart<About>,
  rows: readonly Row[],
  place: HTMLElement,
  page: number,
): void {
  const pageCount = Math.max(1, Math.ceil(rows.length / ROWS_PER_PAGE));
  const head = chart.columns.map((column) =>
    element('th', column.kind === 'text' ? { scope: 'col' } : { scope: 'col', class: 'number' }, tableTitle(column)),
  );
  const body = rows.slice(page * ROWS_PER_PAGE, (page + 1) * ROWS_PER_PAGE).map((row) => {
    const cells = chart.columns.map((column) =>
      element('td', column.kind === 'text' ? {} : { class: 'number' }, printed(subject, column, row[column.field])),
    );
    return element('tr', {}, ...cells);
  });
  const table = element('table', {}, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...body));
  const region = {
    class: 'scroll tall',
    tabindex: '0',
    role: 'region',
    'aria-label': `Data: ${shownName(chart.title(subject))}`,
  };
  place.replaceChildren(
    element('div', region, table),
    pager(page, pageCount, (next) => showRows(subject, chart, rows, place, next)),
  );
}
