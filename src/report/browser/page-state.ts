import type { DiskName, WhatIf } from '../../plan/what-if.ts';
import { DAY_MS, HOUR_MS } from '../../units.ts';
import { GROUP_KINDS, type VmGroup } from '../vm-groups.ts';
import { FIRST_ORDER, VM_COLUMNS, type VmOrder } from '../vm-table.ts';

/** What a reader has set in the table of VMs. */
export interface TableState {
  readonly query: string;
  readonly onlyTroubled: boolean;
  /** VMs of one host, volume, recovery plan or cloud; `null` = all. */
  readonly group: VmGroup | null;
  readonly order: VmOrder;
  readonly page: number;
}

/** All that a reader has set; it stands in the page's address, so that a link shows the same. */
export interface PageState {
  readonly table: TableState;
  readonly whatIf: WhatIf;
}

/** Where in the page the address leads besides. */
export type Anchor = 'vms' | 'what-if';

/** An address is a stranger's: what is missing, unknown or beyond these bounds is as at first. */
const BANDWIDTH_MOST = 1e14;
const GROWTH_MOST = 10;
const TIME_MOST_MS = 400 * DAY_MS;
const COPY_MOST_MS = HOUR_MS;
const EXCLUDED_MOST = 1000;

/** The state in an address' hash, `#vms?q=sql&bandwidth=50000000`. */
export function stateFrom(hash: string): PageState {
  const [, query = ''] = /^#(?:vms|what-if)\?(.*)$/s.exec(hash) ?? [];
  const params = new URLSearchParams(query);
  return { table: tableFrom(params), whatIf: whatIfFrom(params) };
}

export function hashOf({ table, whatIf }: PageState, anchor: Anchor): string {
  const params = new URLSearchParams();
  putTable(params, table);
  putWhatIf(params, whatIf);
  return `#${anchor}?${params}`;
}

function tableFrom(params: URLSearchParams): TableState {
  const [column = '', direction = ''] = (params.get('sort') ?? '').split('.');
  const known = VM_COLUMNS.some(({ id }) => id === column);
  const page = Number(params.get('page') ?? '1') - 1;
  return {
    query: params.get('q') ?? '',
    onlyTroubled: params.get('only') === 'problems',
    group: groupFrom(params.get('of') ?? ''),
    order: known ? { column, descending: direction === 'desc' } : FIRST_ORDER,
    page: Number.isInteger(page) && page > 0 ? page : 0,
  };
}

/** `host:HV01`. */
export function groupText({ kind, name }: VmGroup): string {
  return `${kind}:${name}`;
}

export function groupFrom(text: string): VmGroup | null {
  const [, word, name] = /^(\w+):(.+)$/s.exec(text) ?? [];
  const known = GROUP_KINDS.find(({ kind }) => kind === word);
  return known === undefined || name === undefined ? null : { kind: known.kind, name };
}

function putTable(params: URLSearchParams, state: TableState): void {
  if (state.query !== '') params.set('q', state.query);
  if (state.onlyTroubled) params.set('only', 'problems');
  if (state.group !== null) params.set('of', groupText(state.group));
  const { column, descending } = state.order;
  if (column !== FIRST_ORDER.column || descending !== FIRST_ORDER.descending) {
    params.set('sort', `${column}.${descending ? 'desc' : 'asc'}`);
  }
  if (state.page > 0) params.set('page', String(state.page + 1));
}

function whatIfFrom(params: URLSearchParams): WhatIf {
  const number = (name: string, least: number, most: number): number | undefined => {
    const text = params.get(name);
    const value = Number(text);
    return text === null || text === '' || !(value >= least && value <= most) ? undefined : value;
  };
  const bandwidthBitsPerSec = number('bandwidth', 1000, BANDWIDTH_MOST);
  const copyFrequencyMs = number('copy', 1, COPY_MOST_MS);
  const compressionRatio = number('compression', 0.01, 1);
  const growthRatio = number('growth', 0, GROWTH_MOST);
  const workHoursBitsPerSec = number('throttle', 1000, BANDWIDTH_MOST);
  const startMs = number('outage', 0, TIME_MOST_MS);
  const lengthMs = number('for', 1, TIME_MOST_MS);
  const excluded = params.getAll('without').slice(0, EXCLUDED_MOST).flatMap(diskFrom);
  return {
    ...(bandwidthBitsPerSec === undefined ? {} : { bandwidthBitsPerSec: Math.round(bandwidthBitsPerSec) }),
    ...(copyFrequencyMs === undefined ? {} : { copyFrequencyMs }),
    ...(compressionRatio === undefined ? {} : { compressionRatio }),
    ...(growthRatio === undefined ? {} : { growthRatio }),
    ...(params.get('throttle') === 'lifted' ? { throttle: { kind: 'lifted' } } : {}),
    ...(workHoursBitsPerSec === undefined ? {} : { throttle: { kind: 'workHours', bitsPerSec: workHoursBitsPerSec } }),
    ...(startMs === undefined || lengthMs === undefined ? {} : { outage: { startMs, endMs: startMs + lengthMs } }),
    ...(excluded.length === 0 ? {} : { excluded }),
  };
}

function putWhatIf(params: URLSearchParams, whatIf: WhatIf): void {
  const put = (name: string, value: number | undefined): void => {
    if (value !== undefined) params.set(name, String(value));
  };
  put('bandwidth', whatIf.bandwidthBitsPerSec);
  put('copy', whatIf.copyFrequencyMs);
  put('compression', whatIf.compressionRatio);
  put('growth', whatIf.growthRatio);
  const { throttle, outage } = whatIf;
  if (throttle !== undefined)
    params.set('throttle', throttle.kind === 'lifted' ? 'lifted' : String(throttle.bitsPerSec));
  if (outage !== undefined) {
    put('outage', outage.startMs);
    put('for', outage.endMs - outage.startMs);
  }
  for (const { vm, disk } of whatIf.excluded ?? []) params.append('without', JSON.stringify([vm, disk]));
}

function diskFrom(text: string): DiskName[] {
  try {
    const value: unknown = JSON.parse(text);
    if (!Array.isArray(value) || value.length !== 2) return [];
    const [vm, disk] = value as readonly unknown[];
    return typeof vm === 'string' && typeof disk === 'string' ? [{ vm, disk }] : [];
  } catch {
    return [];
  }
}
