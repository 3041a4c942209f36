import type { Plan } from '../../plan/plan.ts';
import type { WhatIf } from '../../plan/what-if.ts';
import type { CompiledChart } from './chart-view.ts';
import { type Anchor, hashOf, type PageState, stateFrom } from './page-state.ts';
import { ReportPage } from './report-page.ts';
import { makeWhatIfPanel, type Packs } from './what-if-panel.ts';

/** What a page carries for its what-ifs; `undefined` where it was made without a run. */
export type Carried = Packs | 'left out' | undefined;

/**
 * Brings the report that stands in the page to life, with the panel of what-ifs where there is a run.
 *
 * @returns what shows another plan in its place
 */
export function showReport(
  plan: Plan,
  compiled: Readonly<Record<string, CompiledChart>>,
  carried: Carried,
): (plan: Plan, carried: Carried) => void {
  let state: PageState = stateFrom(location.hash);
  const keep = (change: Partial<PageState>, anchor: Anchor): void => {
    state = { ...state, ...change };
    history.replaceState(null, '', hashOf(state, anchor));
  };
  const page = new ReportPage(plan, compiled, state.table, (table) => keep({ table }, 'vms'));
  const makePanel = (planned: Plan, packs: Carried, whatIf: WhatIf): void => {
    document.documentElement.dataset.shown = 'planned';
    if (packs === undefined) return;
    makeWhatIfPanel(planned, packs, whatIf, {
      onPlan(shown, kind) {
        page.show(shown);
        document.documentElement.dataset.shown = kind;
      },
      onChange: (changed) => keep({ whatIf: changed }, 'what-if'),
    });
  };
  makePanel(plan, carried, state.whatIf);
  return (another, packs) => {
    page.show(another);
    keep({ whatIf: {} }, 'what-if');
    makePanel(another, packs, {});
  };
}
