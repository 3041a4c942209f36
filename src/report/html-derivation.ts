import { formatLocal } from '../model/clock.ts';
import type { Derivation, DerivationInput, DerivationWindow } from '../plan/derivations/derivation.ts';
import type { Plan } from '../plan/plan.ts';
import { assumptionValue } from './assumption-marks.ts';
import { type Hole, html, type Markup } from './html-template.ts';
import { shownName } from './shown-name.ts';

/** How a number came about, as a fold beside it; nothing where nobody derived it. */
export function howPart(plan: Pick<Plan, 'clock'>, derivation: Derivation | undefined): Hole {
  if (derivation === undefined) return null;
  return html`<details class="how"><summary>How it comes about</summary>${derivationPart(plan, derivation)}</details>`;
}

/** Several, each under its title. */
export function derivationList(plan: Pick<Plan, 'clock'>, derivations: readonly Derivation[]): Markup {
  return html`${derivations.map((derivation) => html`<div class="derived"><h4>${shownName(derivation.title)}</h4>${derivationPart(plan, derivation)}</div>`)}`;
}

function derivationPart({ clock }: Pick<Plan, 'clock'>, derivation: Derivation): Markup {
  const { formula, filled, inputs, rule, source, window } = derivation;
  const parts: readonly (readonly [term: string, value: Hole])[] = [
    ['Formula', formula],
    ['Here', shownName(filled)],
    ['Decided', window === null ? 'by all of the run' : windowText(clock, window)],
    ['From', inputs.length === 0 ? null : inputs.map(inputPart)],
    ['Rule', html`${rule} <span class="source">${source}</span>`],
  ];
  return html`<dl class="derivation">${parts.filter(([, value]) => value !== null).map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function windowText(clock: Plan['clock'], { fromMs, untilMs, what }: DerivationWindow): string {
  const from = formatLocal(clock, fromMs);
  return `${from === formatLocal(clock, untilMs) ? `at ${from}` : `from ${from} to ${formatLocal(clock, untilMs)}`}: ${shownName(what)}`;
}

function inputPart({ name, value, from }: DerivationInput): Markup {
  const shown = assumptionValue({ name, value });
  return html`<p><code>${name}</code> ${shown} <span class="source">${shownName(from)}</span></p>`;
}
