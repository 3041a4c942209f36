import { formatLocal } from '../../model/clock.ts';
import { SCENARIOS } from '../../model/scenario.ts';
import type { Plan } from '../../plan/plan.ts';
import type { DiskName, WhatIf } from '../../plan/what-if.ts';
import { formatBitsPerSec, formatDurationMs, HOUR_MS, MINUTE_MS } from '../../units.ts';
import { shownName } from '../shown-name.ts';
import { element } from './elements.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A sixteenth to sixteen times, in steps of 2 %: steps of the slider either side of the middle. */
const BANDWIDTH_STEPS = 140;
const BANDWIDTH_MOST_RATIO = 16;
const OUTAGE_STEP_MS = 15 * MINUTE_MS;
const OUTAGE_MOST_MS = 48 * HOUR_MS;
const CHOICES_MOST = 2000;

/** The controls of what a reader may change. They say what they are set to, and tell of each change. */
export class WhatIfForm {
  readonly form: HTMLFormElement;
  readonly #plan: Plan;
  readonly #onChange: (whatIf: WhatIf) => void;
  #whatIf: Mutable<WhatIf>;
  /** Sets every control by `#whatIf`. */
  readonly #setters: (() => void)[] = [];

  constructor(plan: Plan, whatIf: WhatIf, onChange: (whatIf: WhatIf) => void) {
    this.#plan = plan;
    this.#whatIf = { ...whatIf };
    this.#onChange = onChange;
    this.form = element(
      'form',
      { class: 'what-if-form', 'aria-label': 'What if' },
      this.#bandwidth(),
      this.#copyFrequency(),
      this.#growth(),
      this.#compression(),
      this.#throttle(),
      this.#outage(),
      this.#exclusions(),
    );
    this.form.addEventListener('submit', (event) => event.preventDefault());
    this.#setAll();
  }

  /** Puts the controls to another state, without telling of it. */
  set(whatIf: WhatIf): void {
    this.#whatIf = { ...whatIf };
    this.#setAll();
  }

  #setAll(): void {
    for (const set of this.#setters) set();
  }

  #change(change: { [K in keyof WhatIf]?: WhatIf[K] | undefined }): void {
    Object.assign(this.#whatIf, change);
    for (const key of Object.keys(change) as (keyof WhatIf)[]) {
      if (this.#whatIf[key] === undefined) delete this.#whatIf[key];
    }
    this.#setAll();
    this.#onChange({ ...this.#whatIf });
  }

  #bandwidth(): HTMLElement {
    const planned = this.#plan.link.capacityBitsPerSec;
    const slider = range(-BANDWIDTH_STEPS, BANDWIDTH_STEPS, 1);
    const exact = element('input', { type: 'number', min: '0.001', step: 'any', 'aria-label': 'Bandwidth in Mbit/s' });
    const said = element('output');
    slider.addEventListener('input', () => {
      const ratio = BANDWIDTH_MOST_RATIO ** (slider.valueAsNumber / BANDWIDTH_STEPS);
      const bits = threeDigits(planned * ratio);
      this.#change({ bandwidthBitsPerSec: slider.valueAsNumber === 0 ? undefined : bits });
    });
    exact.addEventListener('change', () => {
      const bits = Math.round(exact.valueAsNumber * 1e6);
      if (Number.isFinite(bits) && bits >= 1000)
        this.#change({ bandwidthBitsPerSec: bits === planned ? undefined : bits });
    });
    this.#setters.push(() => {
      const bits = this.#whatIf.bandwidthBitsPerSec ?? planned;
      const steps = (Math.log(bits / planned) / Math.log(BANDWIDTH_MOST_RATIO)) * BANDWIDTH_STEPS;
      slider.value = String(Math.round(steps));
      slider.setAttribute('aria-valuetext', formatBitsPerSec(bits));
      exact.value = String(Math.round(bits / 1e3) / 1e3);
      said.textContent = this.#words(formatBitsPerSec(bits), this.#whatIf.bandwidthBitsPerSec);
    });
    return control('Link', slider, said, element('span', { class: 'exact' }, exact, ' Mbit/s'));
  }

  #copyFrequency(): HTMLElement {
    const { id, copyFrequencyMs } = this.#plan.scenario;
    const values = SCENARIOS[id].copyFrequencyMs.values;
    const select = choice([
      ['', `as planned (${formatDurationMs(copyFrequencyMs)})`],
      ...values.map((value): [string, string] => [String(value), formatDurationMs(value)]),
    ]);
    select.addEventListener('change', () => this.#change({ copyFrequencyMs: numberOf(select) }));
    this.#setters.push(() => {
      select.value = String(this.#whatIf.copyFrequencyMs ?? '');
    });
    return control('Copy frequency', select);
  }

  #growth(): HTMLElement {
    const planned = Number(this.#plan.assumptions.find(({ name }) => name === 'growthRatio')?.value ?? 0);
    const slider = range(0, 300, 5);
    const said = element('output');
    slider.addEventListener('input', () => {
      const growthRatio = slider.valueAsNumber / 100;
      this.#change({ growthRatio: growthRatio === planned ? undefined : growthRatio });
    });
    this.#setters.push(() => {
      const ratio = this.#whatIf.growthRatio ?? planned;
      slider.value = String(Math.round(ratio * 100));
      slider.setAttribute('aria-valuetext', `${Math.round(ratio * 100)} %`);
      said.textContent = this.#words(`${Math.round(ratio * 100)} %`, this.#whatIf.growthRatio);
    });
    return control('Growth of the churn', slider, said);
  }

  #compression(): HTMLElement {
    const select = choice([
      ['', 'as planned'],
      ...[1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2].map((ratio): [string, string] => [
        String(ratio),
        ratio === 1 ? 'none' : `to ${Math.round(ratio * 100)} %`,
      ]),
    ]);
    select.addEventListener('change', () => this.#change({ compressionRatio: numberOf(select) }));
    this.#setters.push(() => {
      select.value = String(this.#whatIf.compressionRatio ?? '');
    });
    return control('Compression of the deltas', select);
  }

  #throttle(): HTMLElement {
    const capacity = this.#plan.link.capacityBitsPerSec;
    const shares = [0.1, 0.25, 0.5, 0.75].map((share): [string, string] => {
      const bits = threeDigits(capacity * share);
      return [String(bits), `each host ${formatBitsPerSec(bits)} on workdays, 8:00 to 18:00`];
    });
    const select = choice([['', 'as planned'], ['lifted', 'no throttle'], ...shares]);
    select.addEventListener('change', () => {
      const bitsPerSec = Number(select.value);
      const throttle =
        select.value === ''
          ? undefined
          : select.value === 'lifted'
            ? ({ kind: 'lifted' } as const)
            : ({ kind: 'workHours', bitsPerSec } as const);
      this.#change({ throttle });
    });
    this.#setters.push(() => {
      const { throttle } = this.#whatIf;
      const value = throttle === undefined ? '' : throttle.kind === 'lifted' ? 'lifted' : String(throttle.bitsPerSec);
      // A link of another may name a rate that is none of the shares.
      if (![...select.options].some((option) => option.value === value)) {
        select.append(new Option(`each host ${formatBitsPerSec(Number(value))} on workdays, 8:00 to 18:00`, value));
      }
      select.value = value;
    });
    return control('Throttle', select);
  }

  #outage(): HTMLElement {
    const { clock, horizonMs } = this.#plan;
    const start = range(0, Math.max(0, Math.ceil(horizonMs / HOUR_MS) - 1), 1);
    const length = range(0, OUTAGE_MOST_MS / OUTAGE_STEP_MS, 1);
    start.setAttribute('aria-label', 'Start of the outage');
    const said = element('output');
    const from = element('output');
    const changed = (): void => {
      const startMs = start.valueAsNumber * HOUR_MS;
      const lengthMs = length.valueAsNumber * OUTAGE_STEP_MS;
      this.#change({ outage: lengthMs === 0 ? undefined : { startMs, endMs: startMs + lengthMs } });
      if (lengthMs === 0) start.valueAsNumber = startMs / HOUR_MS;
    };
    start.addEventListener('input', changed);
    length.addEventListener('input', changed);
    this.#setters.push(() => {
      const { outage } = this.#whatIf;
      const lengthMs = outage === undefined ? 0 : outage.endMs - outage.startMs;
      length.value = String(Math.round(lengthMs / OUTAGE_STEP_MS));
      if (outage !== undefined) start.value = String(Math.round(outage.startMs / HOUR_MS));
      length.setAttribute('aria-valuetext', lengthMs === 0 ? 'none' : formatDurationMs(lengthMs));
      const startWords = formatLocal(clock, start.valueAsNumber * HOUR_MS);
      start.setAttribute('aria-valuetext', startWords);
      said.textContent = lengthMs === 0 ? 'none' : `for ${formatDurationMs(lengthMs)}`;
      from.textContent = `from ${startWords}`;
    });
    return control('Outage of the link', length, said, start, from);
  }

  #exclusions(): HTMLElement {
    const names = disksOf(this.#plan);
    const select = choice([
      ['', names.length === 0 ? 'no disk is known' : 'leave a disk out …'],
      ...names.map(({ vm, disk }, index): [string, string] => [String(index), `${shownName(vm)}: ${shownName(disk)}`]),
    ]);
    const list = element('ul', { class: 'left-out' });
    select.addEventListener('change', () => {
      const chosen = names[Number(select.value)];
      select.value = '';
      if (chosen === undefined) return;
      const others = (this.#whatIf.excluded ?? []).filter((one) => !isSame(one, chosen));
      this.#change({ excluded: [...others, chosen] });
    });
    this.#setters.push(() => {
      const excluded = this.#whatIf.excluded ?? [];
      list.replaceChildren(
        ...excluded.map((one) => {
          const words = `${shownName(one.vm)}: ${shownName(one.disk)}`;
          const back = element('button', { type: 'button', 'aria-label': `Take ${words} back in` }, '✕');
          back.addEventListener('click', () => {
            const rest = excluded.filter((other) => !isSame(other, one));
            this.#change({ excluded: rest.length === 0 ? undefined : rest });
          });
          return element('li', {}, element('bdi', {}, words), ' ', back);
        }),
      );
    });
    return control('Without', select, list);
  }

  #words(value: string, changed: unknown): string {
    return changed === undefined ? `${value}, as planned` : value;
  }
}

/** What the adviser names first, then the disks of the other VMs. */
function disksOf(plan: Plan): DiskName[] {
  const advised = plan.exclusions.map(({ vm, disk }) => ({ vm, disk }));
  const taken = new Set(advised.map(({ vm, disk }) => JSON.stringify([vm, disk])));
  const others = plan.vms
    .flatMap((vm) => vm.initialReplication.disks.map(({ name }) => ({ vm: vm.name, disk: name })))
    .filter(({ vm, disk }) => !taken.has(JSON.stringify([vm, disk])));
  return [...advised, ...others].slice(0, CHOICES_MOST);
}

function isSame(left: DiskName, right: DiskName): boolean {
  return left.vm === right.vm && left.disk === right.disk;
}

function numberOf(select: HTMLSelectElement): number | undefined {
  return select.value === '' ? undefined : Number(select.value);
}

function control(title: string, input: HTMLElement, ...further: readonly HTMLElement[]): HTMLElement {
  const label = element('label', {}, element('span', { class: 'name' }, title), input);
  return element('div', { class: 'control' }, label, ...further);
}

function range(min: number, max: number, step: number): HTMLInputElement {
  return element('input', { type: 'range', min: String(min), max: String(max), step: String(step) });
}

function choice(entries: readonly (readonly [value: string, words: string])[]): HTMLSelectElement {
  return element('select', {}, ...entries.map(([value, words]) => element('option', { value }, words)));
}

function threeDigits(value: number): number {
  return Math.round(Number(value.toPrecision(3)));
}
