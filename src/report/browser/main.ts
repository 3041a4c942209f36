/**
 * The report's page: draws the charts, brings the tables to life and answers what-ifs. All that it shows and runs is in the page's own
 * data blocks.
 */
import type { Plan } from '../../plan/plan.ts';
import type { CompiledChart } from './chart-view.ts';
import { unpackedJson } from './packed-block.ts';
import { type Anchor, hashOf, type PageState, stateFrom } from './page-state.ts';
import { ReportPage } from './report-page.ts';
import { makeWhatIfPanel } from './what-if-panel.ts';

async function start(): Promise<void> {
  const [plan, compiled] = await Promise.all([
    unpackedJson<Plan>('plan'),
    unpackedJson<Record<string, CompiledChart>>('charts'),
  ]);
  let state: PageState = stateFrom(location.hash);
  const keep = (change: Partial<PageState>, anchor: Anchor): void => {
    state = { ...state, ...change };
    history.replaceState(null, '', hashOf(state, anchor));
  };
  const page = new ReportPage(plan, compiled, state.table, (table) => keep({ table }, 'vms'));
  makeWhatIfPanel(plan, state.whatIf, {
    onPlan(shown, kind) {
      page.show(shown);
      document.documentElement.dataset.shown = kind;
    },
    onChange: (whatIf) => keep({ whatIf }, 'what-if'),
  });
  if (location.hash.startsWith('#vms?')) document.querySelector('#vms')!.scrollIntoView();
}

void start();
