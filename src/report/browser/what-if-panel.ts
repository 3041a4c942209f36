import { formatLocal } from '../../model/clock.ts';
import type { SampleAnswer } from '../../plan/fleet-sample.ts';
import type { Plan } from '../../plan/plan.ts';
import { isUnchanged, type WhatIf, whatIfOptions, whatIfWords } from '../../plan/what-if.ts';
import { formatDurationMs, formatShare } from '../../units.ts';
import { keyFigures } from '../key-figures.ts';
import { button, element } from './elements.ts';
import { packedBlock, unpacked } from './packed-block.ts';
import { Planner } from './planner.ts';
import type { Answer } from './planner-messages.ts';
import { WhatIfForm } from './what-if-form.ts';

export interface PanelHooks {
  /** Another plan is to be shown; a `preview` rests on one simulation, and what needs more of them is the planned one's. */
  readonly onPlan: (plan: Plan, kind: 'planned' | 'preview' | 'whole') => void;
  readonly onChange: (whatIf: WhatIf) => void;
}

/**
 * Lets a reader change the run: the same core as the command line's runs in a worker of the page, and the report is drawn anew from
 * what it finds. In its place stands a word where the file carries no simulator.
 */
export function makeWhatIfPanel(plan: Plan, packs: Packs | 'left out', whatIf: WhatIf, hooks: PanelHooks): void {
  const place = document.querySelector('#what-if')!;
  if (packs === 'left out') {
    const words =
      'The what-ifs are not in this file: the fleet’s measured churn is too large to go with it. Run asr-plan analyze with other options instead.';
    place.replaceChildren(element('p', { class: 'note' }, words));
  } else {
    place.replaceChildren(new WhatIfPanel(plan, packs, whatIf, hooks).element);
  }
}

/** What a worker needs, packed as it stands in a page. */
export interface Packs {
  readonly run: string;
  readonly plan: string;
  readonly worker: string;
}

/** What the page carries of it; `undefined` where it was made without a run. */
export function packsOfPage(): Packs | 'left out' | undefined {
  const [run, plan, worker] = [packedBlock('run'), packedBlock('plan'), packedBlock('worker')];
  if (run !== undefined && plan !== undefined && worker !== undefined) return { run, plan, worker };
  return document.querySelector('script#run') === null ? undefined : 'left out';
}

class WhatIfPanel {
  readonly element: HTMLElement;
  readonly #planned: Plan;
  readonly #packs: Packs;
  readonly #hooks: PanelHooks;
  readonly #form: WhatIfForm;
  readonly #said = element('p', { class: 'what-if-said' });
  readonly #status = element('p', { class: 'what-if-status', role: 'status' });
  readonly #options = element('p', { class: 'what-if-options' });
  readonly #reset: HTMLButtonElement;
  readonly #whole: HTMLButtonElement;
  #whatIf: WhatIf;
  #planner: Promise<Planner> | undefined;
  /** Whether this page has been shown to compute what the command line did. */
  #agrees: boolean | undefined;

  constructor(plan: Plan, packs: Packs, whatIf: WhatIf, hooks: PanelHooks) {
    this.#planned = plan;
    this.#packs = packs;
    this.#hooks = hooks;
    this.#whatIf = whatIf;
    this.#form = new WhatIfForm(plan, whatIf, (changed) => this.#change(changed));
    this.#reset = button('As planned', () => {
      this.#form.set({});
      this.#change({});
    });
    this.#whole = button('Search anew', () => this.#askWhole());
    const details = element(
      'details',
      { class: 'what-if' },
      element(
        'summary',
        {},
        'What if …',
        element('span', { class: 'hint' }, ' another link, growth, throttle, an outage, fewer disks'),
      ),
      this.#form.form,
      element('div', { class: 'what-if-foot' }, this.#status, this.#whole, this.#reset),
      this.#options,
    );
    details.open = !isUnchanged(whatIf);
    details.addEventListener('toggle', () => {
      if (details.open && this.#agrees === undefined) this.#ask();
    });
    this.element = element('div', {}, this.#said, details);
    this.#show();
  }

  #change(whatIf: WhatIf): void {
    this.#whatIf = whatIf;
    this.#hooks.onChange(whatIf);
    this.#show();
    if (isUnchanged(whatIf)) {
      void this.#planner?.then((planner) => planner.stop());
      this.#status.textContent = this.#agreement();
      this.#hooks.onPlan(this.#planned, 'planned');
      if (this.#agrees === undefined) this.#ask();
    } else {
      this.#ask();
    }
  }

  #show(): void {
    const changed = !isUnchanged(this.#whatIf);
    const words = whatIfWords(this.#whatIf, (atMs) => formatLocal(this.#planned.clock, atMs));
    this.#said.textContent = changed ? `What if: ${words.join(', ')}.` : '';
    this.#reset.hidden = !changed;
    this.#whole.hidden = true;
    const options = whatIfOptions(this.#whatIf, this.#planned.link.capacityBitsPerSec);
    this.#options.replaceChildren(...(changed ? optionWords(options, this.#whatIf) : []));
  }

  #ask(): void {
    this.#status.textContent = 'Simulating …';
    const whatIf = this.#whatIf;
    void this.#plannerOf().then((planner) => planner.ask({ kind: 'preview', whatIf }));
  }

  #askWhole(): void {
    this.#status.textContent = 'Searching …';
    const whatIf = this.#whatIf;
    void this.#plannerOf().then((planner) => planner.ask({ kind: 'whole', whatIf }));
  }

  /** The worker is made when it is first needed: most readers only read. */
  #plannerOf(): Promise<Planner> {
    const { run, plan, worker } = this.#packs;
    this.#planner ??= unpacked(worker).then(
      (code) => new Planner(code, run, plan, (answer, whatIf) => this.#hear(answer, whatIf)),
    );
    return this.#planner;
  }

  #hear(answer: Answer, whatIf: WhatIf): void {
    if (answer.kind === 'progress') this.#status.textContent = answer.words;
    else if (answer.kind === 'failed') this.#status.textContent = `That could not be computed: ${answer.message}`;
    else if (answer.kind === 'sample') this.#status.textContent = sampleWords(this.#planned, answer.answer);
    else if (answer.kind !== 'plan') return;
    else if (isUnchanged(whatIf)) {
      this.#agrees = answer.plan.runHash === this.#planned.runHash;
      this.#status.textContent = this.#agreement();
    } else {
      const { plan, whole, tookMs } = answer;
      this.#whole.hidden = whole;
      const took = `run ${plan.runHash}, ${formatDurationMs(Math.max(1, Math.round(tookMs)))}`;
      this.#status.textContent = `${comparison(this.#planned, plan)} (${took})`;
      this.#hooks.onPlan(plan, whole ? 'whole' : 'preview');
    }
  }

  #agreement(): string {
    if (this.#agrees === undefined) return '';
    return this.#agrees
      ? `This page has simulated the plan and found what the command line found: run ${this.#planned.runHash}.`
      : `This page’s own run differs from the command line’s (run ${this.#planned.runHash}). Please report it: what-ifs here cannot be trusted.`;
  }
}

/** What changed among the figures that the run alone decides, in words. */
function comparison(before: Plan, after: Plan): string {
  const figuresBefore = keyFigures(before);
  const changed = keyFigures(after).flatMap((figure, index) => {
    const was = figuresBefore[index]!;
    if (figure.restsOn === 'bandwidth' || figure.value === was.value) return [];
    return [`${figure.label.replace(/^Traffic on .*/, 'Traffic')}: ${was.value} → ${figure.value}`];
  });
  const verdict = (plan: Plan): string => (plan.verdict.met ? 'objectives met' : 'objectives broken');
  const state =
    before.verdict.met === after.verdict.met ? `still ${verdict(after)}` : `${verdict(before)} → ${verdict(after)}`;
  return [state, ...changed].join('; ').replace(/^./, (first) => first.toUpperCase());
}

function sampleWords(plan: Plan, sample: SampleAnswer): string {
  const worst = sample.worstRpoMs === null ? 'unknown' : formatDurationMs(sample.worstRpoMs);
  const within =
    sample.withinTargetFraction === null ? '' : `, ${formatShare(sample.withinTargetFraction)} within the objective`;
  return `First estimate, from ${sample.vmCount} of ${plan.fleet.vmCount} VMs with ${formatShare(sample.churnShare)} of the churn: worst RPO ${worst}${within}. The whole fleet is being simulated …`;
}

function optionWords(options: ReturnType<typeof whatIfOptions>, whatIf: WhatIf): (Node | string)[] {
  const text = options
    .map(({ option, value }) => `${option} ${/^[\w.%-]+$/.test(value) ? value : `'${value}'`}`)
    .join(' ');
  const missing = [
    ...(whatIf.throttle === undefined ? [] : ['the throttle (--throttle, or the site file)']),
    ...(whatIf.excluded === undefined ? [] : ['the disks left out (delete their rows, or --exclude)']),
  ];
  const rest = missing.length === 0 ? '.' : `; besides, set ${missing.join(' and ')}.`;
  if (text === '') return [`On the command line set ${missing.join(' and ')}.`];
  return ['The same on the command line: your options with ', element('code', {}, text), rest];
}
