import { FIRST_ORDER, VM_COLUMNS, type VmOrder } from '../vm-table.ts';

/** What a reader has set in the table of VMs; it stands in the page's address, so that a link shows the same. */
export interface TableState {
  readonly query: string;
  readonly onlyTroubled: boolean;
  readonly order: VmOrder;
  readonly page: number;
}

const PREFIX = '#vms?';

/** The state in an address' hash; what is missing or unknown there is as at first. */
export function stateFrom(hash: string): TableState {
  const params = new URLSearchParams(hash.startsWith(PREFIX) ? hash.slice(PREFIX.length) : '');
  const [column = '', direction = ''] = (params.get('sort') ?? '').split('.');
  const known = VM_COLUMNS.some(({ id }) => id === column);
  const page = Number(params.get('page') ?? '1') - 1;
  return {
    query: params.get('q') ?? '',
    onlyTroubled: params.get('only') === 'problems',
    order: known ? { column, descending: direction === 'desc' } : FIRST_ORDER,
    page: Number.isInteger(page) && page > 0 ? page : 0,
  };
}

export function hashOf(state: TableState): string {
  const params = new URLSearchParams();
  if (state.query !== '') params.set('q', state.query);
  if (state.onlyTroubled) params.set('only', 'problems');
  const { column, descending } = state.order;
  if (column !== FIRST_ORDER.column || descending !== FIRST_ORDER.descending) {
    params.set('sort', `${column}.${descending ? 'desc' : 'asc'}`);
  }
  if (state.page > 0) params.set('page', String(state.page + 1));
  return `${PREFIX}${params}`;
}
