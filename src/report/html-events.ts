import { formatLocal } from '../model/clock.ts';
import { describeEvent } from '../model/event-text.ts';
import type { Plan, PlanEvent } from '../plan/plan.ts';
import type { Millis } from '../units.ts';
import { scrollTable } from './html-table.ts';
import { html, type Markup } from './html-template.ts';
import { shownName } from './shown-name.ts';
import { OUTAGES_MOST } from './site-lines.ts';

const REFUSALS_MOST = 3;

interface EventLine {
  readonly atMs: Millis;
  readonly kind: 'Fault' | 'Action';
  readonly text: string;
  readonly applied: string;
  readonly refusedCount: number;
  readonly refused: PlanEvent['refused'];
}

/** Whether anything struck the run or was done in it. */
export function hasEvents({ events, link }: Plan): boolean {
  return events.length > 0 || link.outages.length > 0;
}

/** Faults, actions and the link's outages, each with what became of it. Nothing where there were none. */
export function eventSection(plan: Plan): Markup | null {
  if (!hasEvents(plan)) return null;
  const headings = [
    { title: 'Time', numeric: true },
    { title: 'Kind' },
    { title: 'What' },
    { title: 'Took effect on' },
    { title: 'Refused' },
  ];
  const rows = linesOf(plan).map(
    (line) =>
      html`<tr><td class="number">${formatLocal(plan.clock, line.atMs)}</td><td>${line.kind}</td><th scope="row"><bdi>${shownName(line.text)}</bdi></th><td>${line.applied}</td><td>${refusals(line)}</td></tr>`,
  );
  return html`<section id="events" aria-labelledby="events-title"><h2 id="events-title">Faults &amp; actions</h2>
<p class="note">What struck the site and what administrators did in this run, in the words of <code>--fault</code> and <code>--action</code>. Times within the words count from the start of the run; an action that a VM’s state does not allow is refused, and the run goes on.${moreOutages(plan)}</p>
${scrollTable('Faults and actions', headings, rows, { class: 'events' })}</section>`;
}

/** Drawn outages can be many. */
function moreOutages({ link }: Plan): string | null {
  const rest = link.outages.length - OUTAGES_MOST;
  return rest > 0 ? ` Of the link’s outages the first ${OUTAGES_MOST} stand here; ${rest} more came.` : null;
}

function linesOf(plan: Plan): EventLine[] {
  const outages = plan.link.outages.slice(0, OUTAGES_MOST).map(
    ({ startMs, endMs }): EventLine => ({
      atMs: startMs,
      kind: 'Fault',
      text: describeEvent({ kind: 'linkDown', atMs: startMs, untilMs: endMs }),
      applied: startMs < plan.horizonMs ? 'the link' : AFTER_THE_RUN,
      refusedCount: 0,
      refused: [],
    }),
  );
  const events = plan.events.map(
    (event): EventLine => ({
      atMs: event.event.atMs,
      kind: event.event.kind === 'action' ? 'Action' : 'Fault',
      text: event.text,
      applied: appliedText(plan, event),
      refusedCount: event.refusedCount,
      refused: event.refused,
    }),
  );
  return [...outages, ...events].sort((left, right) => left.atMs - right.atMs);
}

const AFTER_THE_RUN = 'nothing: after the run';

function appliedText(plan: Plan, { event, appliedCount }: PlanEvent): string {
  if (event.atMs >= plan.horizonMs) return AFTER_THE_RUN;
  if (event.kind === 'linkSlow') return 'the link';
  const noun = event.kind === 'volumeTaken' ? 'volume' : 'VM';
  return appliedCount === 0 ? `no ${noun}` : `${appliedCount} ${noun}${appliedCount === 1 ? '' : 's'}`;
}

function refusals({ refusedCount, refused }: EventLine): Markup | string {
  if (refusedCount === 0) return '–';
  const shown = refused.slice(0, REFUSALS_MOST);
  const rest = refusedCount - shown.length;
  const items = shown.map(({ vm, reason }) => html`<li><bdi>${shownName(vm)}</bdi>: ${shownName(reason)}</li>`);
  return html`<span class="badge warning"><span aria-hidden="true">!</span> ${refusedCount} refused</span><ul class="reasons">${items}${rest > 0 && html`<li>and ${rest} more</li>`}</ul>`;
}
