import { vmDerivations } from '../../plan/derivations/derivations.ts';
import type { Plan, PlanVm } from '../../plan/plan.ts';
import { derivationList } from '../html-derivation.ts';
import { shownName } from '../shown-name.ts';
import { type FactGroup, vmFacts } from '../vm-facts.ts';
import { type ListCell, type ListColumn, type Strip, type VmList, vmLists } from '../vm-lists.ts';
import { element } from './elements.ts';

/** Everything about one VM, for the row under its own. */
export function vmPanel(plan: Plan, vm: PlanVm): HTMLElement {
  const name = shownName(vm.name);
  return element(
    'div',
    { class: 'vm-inside' },
    element('div', { class: 'vm-groups' }, ...vmFacts(plan, vm).map(factGroup)),
    element('div', { class: 'vm-lists' }, ...vmLists(plan, vm).map((list) => listPart(list, name))),
    derivationsPart(plan, vm),
  );
}

function derivationsPart(plan: Plan, vm: PlanVm): HTMLElement {
  const list = element('div', {});
  list.innerHTML = derivationList(plan, vmDerivations(plan, vm)).text;
  return element('details', {}, element('summary', {}, 'How these numbers come about'), list);
}

function factGroup({ title, facts }: FactGroup): HTMLElement {
  const entries = facts.map(({ label, values }) =>
    element('div', {}, element('dt', {}, label), ...values.map((value) => element('dd', {}, value))),
  );
  return element('div', {}, element('h3', {}, title), element('dl', { class: 'vm-facts' }, ...entries));
}

function listPart(list: VmList, name: string): HTMLElement {
  const part = element('div', { class: list.wide ? 'vm-list wide-list' : 'vm-list' }, element('h3', {}, list.title));
  if (list.note !== '') part.append(element('p', { class: 'note' }, list.note));
  if (list.strip !== undefined) part.append(stripPart(list.strip));
  if (list.rows.length === 0) {
    part.append(element('p', { class: 'empty' }, list.empty));
    return part;
  }
  // Several panels may be open: the VM's name tells their tables apart.
  const label = `${list.title} of ${name}`;
  part.append(
    element('div', { class: 'scroll tall', tabindex: '0', role: 'region', 'aria-label': label }, tableOf(list)),
  );
  return part;
}

function stripPart({ parts, ends, summary }: Strip): HTMLElement {
  const bar = element('div', { class: 'strip', role: 'img', 'aria-label': summary });
  for (const { color, from, to, title } of parts) {
    const part = element('span', { title });
    Object.assign(part.style, { background: color, left: `${from * 100}%`, width: `${(to - from) * 100}%` });
    bar.append(part);
  }
  return element('div', {}, bar, element('p', { class: 'strip-ends' }, ...ends.map((end) => element('span', {}, end))));
}

function tableOf({ columns, rows }: VmList): HTMLTableElement {
  const head = columns.map(({ title, numeric }) =>
    element('th', numeric === true ? { scope: 'col', class: 'number' } : { scope: 'col' }, title),
  );
  const body = rows.map((cells) =>
    element('tr', {}, ...cells.map((cell, index) => cellOf(cell, columns[index]!, index))),
  );
  return element('table', {}, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...body));
}

function cellOf(cell: ListCell, { numeric, code }: ListColumn, index: number): HTMLTableCellElement {
  const content = contentOf(cell, code === true);
  if (index === 0) return element('th', { scope: 'row' }, content);
  return element('td', numeric === true ? { class: 'number' } : {}, content);
}

function contentOf(cell: ListCell, code: boolean): Node | string {
  if (typeof cell === 'string') return code ? codeOf(cell) : cell;
  if ('color' in cell) {
    const swatch = element('span', { class: 'swatch', 'aria-hidden': 'true' });
    swatch.style.background = cell.color;
    return element('span', { class: 'swatched' }, swatch, cell.word);
  }
  const sign = element('span', { 'aria-hidden': 'true' }, cell.sign);
  return element('span', { class: `badge ${cell.look}`.trim() }, sign, ` ${cell.word}`);
}

/** A long name in one word, which may break where a word begins in it. */
function codeOf(name: string): HTMLElement {
  const parts = name.split(/(?<=[a-z])(?=[A-Z])/);
  return element('code', {}, ...parts.flatMap((part, index) => (index === 0 ? [part] : [element('wbr'), part])));
}
