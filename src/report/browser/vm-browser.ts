import type { Plan, PlanVm } from '../../plan/plan.ts';
import { shownName } from '../shown-name.ts';
import { groupsOf, isInGroup, type VmGroup } from '../vm-groups.ts';
import { cellClass, hasTrouble, sortedVms, standingOf, VM_COLUMNS, VMS_PER_PAGE } from '../vm-table.ts';
import { button, element, pager, panelButton } from './elements.ts';
import { groupFrom, groupText, type TableState } from './page-state.ts';
import { vmPanel } from './vm-panel.ts';

/** Makes the table of VMs searchable and sortable, a page at a time, with a panel for each VM. */
export class VmBrowser {
  readonly #plan: Plan;
  readonly #onChange: (state: TableState) => void;
  readonly #head: readonly HTMLElement[];
  readonly #body: HTMLElement;
  readonly #count: HTMLElement;
  readonly #pages: HTMLElement;
  readonly #search: HTMLInputElement;
  readonly #only: HTMLInputElement;
  readonly #groups: HTMLSelectElement;
  #state: TableState;

  constructor(plan: Plan, state: TableState, onChange: (state: TableState) => void) {
    this.#plan = plan;
    this.#state = state;
    this.#onChange = onChange;
    const table = document.querySelector<HTMLTableElement>('#vm-table')!;
    this.#head = [...table.querySelectorAll<HTMLElement>('thead th')];
    this.#body = table.tBodies[0]!;
    this.#count = document.querySelector<HTMLElement>('#vm-count')!;
    this.#pages = document.querySelector<HTMLElement>('#vm-pages')!;
    this.#search = element('input', {
      type: 'search',
      id: 'vm-search',
      placeholder: 'Name or host',
      autocomplete: 'off',
    });
    this.#search.value = state.query;
    this.#search.addEventListener('input', () => this.#set({ query: this.#search.value, page: 0 }));
    this.#only = element('input', { type: 'checkbox', id: 'vm-only' });
    this.#only.checked = state.onlyTroubled;
    this.#only.addEventListener('change', () => this.#set({ onlyTroubled: this.#only.checked, page: 0 }));
    this.#groups = groupSelect(plan);
    this.#groups.value = state.group === null ? '' : groupText(state.group);
    // An address may name what this plan does not have.
    if (this.#groups.value === '' && state.group !== null) {
      this.#groups.value = '';
      this.#state = { ...state, group: null };
    }
    this.#groups.addEventListener('change', () => this.#set({ group: groupFrom(this.#groups.value), page: 0 }));
    document
      .querySelector('#vm-tools')!
      .append(
        element('label', { for: 'vm-search' }, 'Search'),
        this.#search,
        ...(this.#groups.options.length > 1 ? [element('label', { for: 'vm-group' }, 'of'), this.#groups] : []),
        element('label', { class: 'check' }, this.#only, 'only those with a problem'),
      );
    for (const header of this.#head) this.#makeSortable(header);
    this.#show();
  }

  /** Shows the VMs of one group, whatever was searched before, and goes there. */
  showGroup(group: VmGroup): void {
    this.#search.value = '';
    this.#only.checked = false;
    this.#groups.value = groupText(group);
    this.#set({ query: '', onlyTroubled: false, group, page: 0 });
    document.querySelector('#vms')!.scrollIntoView();
    this.#groups.focus({ preventScroll: true });
  }

  #makeSortable(header: HTMLElement): void {
    const column = header.dataset.column!;
    const sort = button(header.textContent, () => {
      const { order } = this.#state;
      const descending = order.column === column ? !order.descending : header.classList.contains('number');
      this.#set({ order: { column, descending }, page: 0 });
    });
    header.replaceChildren(sort);
  }

  #set(change: Partial<TableState>): void {
    this.#state = { ...this.#state, ...change };
    this.#show();
    this.#onChange(this.#state);
  }

  #found(): PlanVm[] {
    const { group } = this.#state;
    const query = this.#state.query.trim().toLocaleLowerCase();
    const found = this.#plan.vms.filter(
      (vm) =>
        (!this.#state.onlyTroubled || hasTrouble(vm)) &&
        (group === null || isInGroup(vm, group)) &&
        (query === '' || [vm.name, vm.host].some((name) => matches(name, query))),
    );
    return sortedVms(found, this.#state.order);
  }

  #show(): void {
    const found = this.#found();
    const { order } = this.#state;
    const pageCount = Math.max(1, Math.ceil(found.length / VMS_PER_PAGE));
    const page = Math.min(this.#state.page, pageCount - 1);
    for (const header of this.#head) {
      const sorted = header.dataset.column === order.column;
      header.setAttribute('aria-sort', sorted ? (order.descending ? 'descending' : 'ascending') : 'none');
    }
    const from = page * VMS_PER_PAGE;
    const shown = found.slice(from, from + VMS_PER_PAGE);
    this.#body.replaceChildren(...shown.map((vm, index) => this.#row(vm, from + index)));
    if (shown.length === 0) {
      const message = element('td', { colspan: String(this.#head.length), class: 'empty' }, 'No VM matches.');
      this.#body.append(element('tr', {}, message));
    }
    const range =
      shown.length < found.length
        ? `${from + 1}–${from + shown.length} of ${counted(found.length)}`
        : counted(found.length);
    this.#count.textContent =
      found.length === this.#plan.vms.length ? range : `${range} found, ${this.#plan.vms.length} in all`;
    this.#pages.replaceChildren(pager(page, pageCount, (next) => this.#set({ page: next })));
  }

  #row(vm: PlanVm, place: number): HTMLTableRowElement {
    const row = element('tr');
    const open = panelButton(shownName(vm.name), row, `vm-panel-${place}`, () => vmPanel(this.#plan, vm));
    const cells = VM_COLUMNS.map((column, index) => {
      if (index === 0) return element('th', { scope: 'row' }, open);
      const cell = element('td', { class: cellClass(column) }, column.text(this.#plan, vm));
      if (column.id === 'health' && standingOf(vm) !== 'Normal') cell.classList.add('attention');
      if (column.id === 'within' && (vm.steadyRpo.withinTargetFraction ?? 0) < 1) cell.classList.add('attention');
      return cell;
    });
    row.append(...cells);
    return row;
  }
}

/** Every host, volume, recovery plan and cloud that has VMs. */
function groupSelect({ vms }: Plan): HTMLSelectElement {
  const parts = groupsOf(vms).map(({ title, groups }) =>
    element(
      'optgroup',
      { label: title },
      ...groups.map((group) => element('option', { value: groupText(group) }, shownName(group.name))),
    ),
  );
  const all = element('option', { value: '' }, 'all hosts, volumes, plans and clouds');
  return element('select', { id: 'vm-group' }, all, ...parts);
}

function counted(count: number): string {
  return `${count} ${count === 1 ? 'VM' : 'VMs'}`;
}

function matches(name: string, query: string): boolean {
  return name.toLocaleLowerCase().includes(query) || shownName(name).toLocaleLowerCase().includes(query);
}
