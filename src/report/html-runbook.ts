import type { OpenPlace, Plan, RunbookCommand, RunbookFact, RunbookStep, RunbookTask } from '../plan/plan.ts';
import { type Hole, html, type Markup } from './html-template.ts';
import { NOT_RUN } from './runbook-words.ts';
import { shownName } from './shown-name.ts';

/** Of a fact's values so many are listed; the commands name all. */
const VALUES_MOST = 24;

/** The tasks to tick off, on paper too, and the commands, which the page's script gives a button to copy them. */
export function runbookSection({ runbook }: Plan): Markup {
  const { openPlaces, preamble, tasks } = runbook;
  return html`<section id="runbook" aria-labelledby="runbook-title"><h2 id="runbook-title">Runbook</h2>
<p class="note">${NOT_RUN} <code>--runbook runbook.md</code> writes it as a document, <code>--runbook runbook.ps1</code> its commands as a script.</p>
<h3>Before anything else</h3>
<p class="note">What the plan does not know stands in angle brackets. The commands ask for it once, here; PowerShell stops at each that is left.</p>
${openPart(openPlaces)}
${scriptPart('values and helpers', 'Values and helpers that all commands need', preamble)}
${tasks.map(taskPart)}</section>`;
}

function openPart(places: readonly OpenPlace[]): Markup {
  const items = places.map(({ name, variable, asks }) =>
    tickItem(html`<code>${variable}</code> <code>${`<${name}>`}</code>: ${asks}`),
  );
  return html`<ul class="ticks">${items}</ul>`;
}

function taskPart({ number, title, steps, source }: RunbookTask): Markup {
  return html`<h3>Task ${number}. ${title}</h3><p class="source">${source}</p><ol class="steps">${steps.map((step, index) => stepPart(step, `${number}.${index + 1}`))}</ol>`;
}

function stepPart(step: RunbookStep, number: string): Markup {
  const title = shownName(step.title);
  return html`<li class="step" id="runbook-${step.id}"><h4>${number} <bdi>${title}</bdi></h4><p class="where">Where: ${step.where}</p>
<ul class="ticks">${step.doing.map((text) => tickItem(shownName(text)))}</ul>
${step.facts.length > 0 && html`<dl class="facts-of-step">${step.facts.map(factPart)}</dl>`}
${step.commands.map(commandPart)}
${step.checks.length > 0 && html`<ul class="ticks checks">${step.checks.map((text) => tickItem(`Check: ${shownName(text)}`))}</ul>`}
<p class="source">${step.source}</p></li>`;
}

function tickItem(content: Hole): Markup {
  return html`<li><label><input type="checkbox"><span>${content}</span></label></li>`;
}

function factPart({ label, values }: RunbookFact): Markup {
  const shown = values.slice(0, VALUES_MOST).map((value) => html`<li><bdi>${shownName(value)}</bdi></li>`);
  const rest = values.length - VALUES_MOST;
  return html`<div><dt>${shownName(label)}</dt><dd><ul>${shown}${rest > 0 && html`<li>and ${rest} more</li>`}</ul></dd></div>`;
}

function commandPart({ id, where, script, notVerified }: RunbookCommand): Markup {
  const doubts =
    notVerified.length > 0 &&
    html`<ul class="doubts">${notVerified.map((doubt) => html`<li>Not verified: ${shownName(doubt)}</li>`)}</ul>`;
  return html`${scriptPart(id, `${id}: not run here. ${where}`, script)}${doubts}`;
}

function scriptPart(label: string, title: string, script: string): Markup {
  return html`<figure class="script"><figcaption>${title}</figcaption><pre tabindex="0" role="region" aria-label="${label}" data-copy>${script}</pre></figure>`;
}
