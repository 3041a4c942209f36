import type { Problem } from '../../model/problem.ts';
import type { Plan } from '../../plan/plan.ts';
import { formatDurationMs } from '../../units.ts';
import { renderJson } from '../json.ts';
import { reportFile } from '../page-file.ts';
import { shownName } from '../shown-name.ts';
import type { CompiledChart } from './chart-view.ts';
import { button, download, element } from './elements.ts';
import { packed, packedBlock, unpacked } from './packed-block.ts';
import { type Asked, PlannerForm } from './planner-form.ts';
import type { Answer, Order } from './planner-messages.ts';
import { fillPage } from './report-page.ts';
import { type Carried, showReport } from './show-report.ts';

/** Problems beyond this many are counted. */
const PROBLEMS_MOST = 200;

/** The planner as a page: takes files and options, makes the plan in a worker, and shows the report under the form. */
export function startPlanner(compiled: Readonly<Record<string, CompiledChart>>): void {
  const place = document.querySelector('#planner')!;
  const version = document.querySelector<HTMLMetaElement>('meta[name="generator"]')!.content.replace('asr-plan ', '');
  const status = element('p', { class: 'planner-status', role: 'status' });
  const found = element('div', {});
  const saves = element('p', { class: 'planner-saves' });
  let worker: Worker | undefined;
  let replace: ((plan: Plan, carried: Carried) => void) | undefined;

  const show = async ({ plan, run, problems, tookMs }: Extract<Answer, { kind: 'analyzed' }>): Promise<void> => {
    const packs = { run: await packed(run), plan: await packed(JSON.stringify(plan)), worker: packedBlock('worker')! };
    document.querySelector('nav.sections')!.removeAttribute('hidden');
    if (replace === undefined) {
      fillPage(plan);
      replace = showReport(plan, compiled, packs);
    } else replace(plan, packs);
    status.textContent = `Planned in ${formatDurationMs(Math.max(1, Math.round(tookMs)))}.`;
    found.replaceChildren(problemTable(problems));
    saves.replaceChildren(
      button('Save the report', () => download('report.html', 'text/html', fileOf(plan, packs, version))),
      button('Save plan.json', () => download('plan.json', 'application/json', renderJson(plan))),
    );
    document.querySelector('#what-if')!.scrollIntoView();
  };

  const hear = (answer: Answer): void => {
    if (answer.kind === 'progress') status.textContent = answer.words;
    else if (answer.kind === 'analyzed') void show(answer);
    else if (answer.kind === 'refused') {
      status.textContent =
        replace === undefined
          ? 'No plan: what is wrong stands below.'
          : 'No new plan: what is wrong stands below. The report is that of the last one.';
      found.replaceChildren(problemTable(answer.problems));
    } else if (answer.kind === 'failed') {
      status.textContent = `This is our own fault, not yours. Please report it with this text: ${answer.message}`;
    }
  };

  const ask = async ({ origin, flags, dropped }: Asked): Promise<void> => {
    status.textContent = 'Reading …';
    found.replaceChildren();
    // What ran before is given up: its answer would be to another question.
    worker?.terminate();
    const address = URL.createObjectURL(
      new Blob([await unpacked(packedBlock('worker')!)], { type: 'text/javascript' }),
    );
    worker = new Worker(address);
    worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => hear(data));
    worker.addEventListener('error', ({ message }) => hear({ kind: 'failed', message }));
    worker.postMessage({ kind: 'analyze', origin, flags, dropped, version } satisfies Order);
    URL.revokeObjectURL(address);
  };

  place.append(new PlannerForm((asked) => void ask(asked)).form, status, found, saves);
}

/** The report as a file of its own, put together from what this page is made of. */
function fileOf(
  plan: Plan,
  { run, plan: packedPlan, worker }: Exclude<Carried, string | undefined>,
  version: string,
): string {
  const text = (selector: string): string => document.querySelector(selector)!.textContent;
  const shell = {
    policy: document.querySelector<HTMLMetaElement>('meta[http-equiv="Content-Security-Policy"]')!.content,
    style: text('style'),
    starter: text('script:not([type])'),
    script: packedBlock('script')!,
    charts: packedBlock('charts')!,
    ...{ worker, version },
  };
  return reportFile(shell, plan, packedPlan, run);
}

function problemTable(problems: readonly Problem[]): Node {
  if (problems.length === 0) return document.createTextNode('');
  const cell = (value: string | number | undefined): HTMLElement =>
    element('td', {}, value === undefined ? '–' : shownName(String(value)));
  const rows = problems.slice(0, PROBLEMS_MOST).map(({ severity, file, row, column, value, message, remedy }) => {
    const look = severity === 'error' ? 'broken' : 'warning';
    const badge = element('td', {}, element('span', { class: `badge ${look}` }, severity));
    return element('tr', {}, badge, cell(file), cell(row), cell(column), cell(value), cell(message), cell(remedy));
  });
  const heads = ['Severity', 'Where', 'Row', 'Column', 'Found', 'What is wrong', 'What to do'];
  const head = element('tr', {}, ...heads.map((title) => element('th', { scope: 'col' }, title)));
  const more =
    problems.length > rows.length ? [element('p', { class: 'note' }, `and ${problems.length - rows.length} more`)] : [];
  const table = element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows));
  const region = { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Problems' };
  return element('div', {}, element('div', region, table), ...more);
}
