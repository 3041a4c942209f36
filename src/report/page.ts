import type { Plan } from '../plan/plan.ts';
import type { Chart } from './charts/chart.ts';
import { bandwidthPart } from './html-bandwidth.ts';
import { batchesSection } from './html-batches.ts';
import { calibrationSection } from './html-calibration.ts';
import { compatibilitySection } from './html-compatibility.ts';
import { costSection } from './html-cost.ts';
import { eventSection, hasEvents } from './html-events.ts';
import { exclusionPart } from './html-exclusions.ts';
import { failuresSection } from './html-failures.ts';
import { methodSection } from './html-method.ts';
import { recoverySection } from './html-recovery.ts';
import { runbookSection } from './html-runbook.ts';
import { chartSection, headerOf, summaryOf, vmSection } from './html-sections.ts';
import { siteSection } from './html-site.ts';
import { html, type Markup } from './html-template.ts';

/** A part of the page, with a word in the navigation. */
export interface PageSection {
  readonly id: string;
  readonly title: string;
  readonly render: (plan: Plan) => Markup | null;
  /** Absent = always. */
  readonly isThere?: (plan: Plan) => boolean;
}

/** In reading order. Everything here runs in Node, which writes the page, and in the page, which writes itself anew. */
export const SECTIONS: readonly PageSection[] = [
  { id: 'summary', title: 'Summary', render: summaryOf },
  charts('rpo', 'RPO'),
  charts('bandwidth', 'Bandwidth', bandwidthPart),
  charts('initial-replication', 'Initial replication'),
  { id: 'batches', title: 'Batches', render: batchesSection, isThere: ({ batches }) => batches !== null },
  charts('storage', 'Storage & HRL'),
  charts('churn', 'Churn', exclusionPart),
  { id: 'recovery', title: 'Recovery', render: recoverySection },
  { id: 'failures', title: 'Failures', render: failuresSection },
  { id: 'events', title: 'Faults & actions', render: eventSection, isThere: hasEvents },
  { id: 'site', title: 'Site', render: siteSection },
  { id: 'compatibility', title: 'Compatibility', render: compatibilitySection },
  { id: 'cost', title: 'Cost', render: costSection },
  {
    id: 'calibration',
    title: 'Calibration',
    render: ({ calibration, clock }) => calibrationSection(calibration, clock),
    isThere: ({ calibration }) => calibration !== null,
  },
  { id: 'vms', title: 'VMs', render: vmSection },
  { id: 'runbook', title: 'Runbook', render: runbookSection },
  { id: 'method', title: 'Inputs & method', render: methodSection },
];

function charts(id: Chart['section'], title: string, further?: (plan: Plan) => Markup): PageSection {
  return { id, title, render: (plan) => chartSection(plan, id, title, further?.(plan)) };
}

/** The parts of the page that tell of the plan: each replaces the element of its id. */
export interface PageParts {
  readonly header: Markup;
  readonly navigation: Markup;
  readonly sections: Markup;
  readonly footer: Markup;
}

export function pageParts(plan: Plan): PageParts {
  const shown = SECTIONS.filter(({ isThere }) => isThere?.(plan) ?? true);
  return {
    header: headerOf(plan),
    navigation: html`${shown.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}`,
    sections: html`${shown.map(({ render }) => render(plan))}`,
    footer: html`<p>asr-plan ${plan.version} · seed ${plan.seed} · run ${plan.runHash} · ${plan.schema} · all times are local (${plan.clock.timeZone})</p>`,
  };
}

/** The page's title in a browser's tab. */
export function titleOf({ fleet, verdict }: Plan): string {
  return `Replication capacity plan: ${fleet.vmCount} VMs, ${verdict.met ? 'objectives met' : 'objectives broken'}`;
}
