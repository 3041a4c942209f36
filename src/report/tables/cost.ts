import type { CostLine, CostVm } from '../../plan/plan.ts';
import { shownName } from '../shown-name.ts';
import { type ColumnOf, defineTable, type TableMaker } from './table.ts';

/** The bill's money as a number of the currency's units. */
function amount(micros: number | null): number | null {
  return micros === null ? null : micros / 1e6;
}

const WHEN = { monthly: 'every month', once: 'once', disaster: 'each failover and back' } as const;

/** The lines of the bill. */
export const costLines: TableMaker = defineTable<CostLine>({
  id: 'cost-lines',
  title: 'Lines of the bill',
  sheet: 'Cost lines',
  note: 'A row per line: quantities always, amounts where --prices gave a price. A month is a twelfth of 365 days, a GB 2^30 bytes. What has no amount is in no sum.',
  columns: [
    { key: 'line', title: 'Line', kind: 'text', of: ({ title }) => title },
    { key: 'when', title: 'Paid', kind: 'text', of: ({ when }) => WHEN[when] },
    { key: 'part', title: 'Part', kind: 'text', of: ({ part }) => part },
    { key: 'quantity', title: 'Quantity', kind: 'number', of: ({ quantity }) => quantity },
    { key: 'quantityUnit', title: 'of', kind: 'text', of: ({ unit }) => unit },
    { key: 'meter', title: 'Meter', kind: 'text', of: ({ price }) => (price === null ? null : shownName(price.meter)) },
    { key: 'unitPrice', title: 'Price', kind: 'number', of: ({ price }) => price?.unitPrice ?? null },
    { key: 'perCount', title: 'for', kind: 'number', of: ({ price }) => price?.perCount ?? null },
    { key: 'amount', title: 'Amount', kind: 'number', of: ({ amountMicros }) => amount(amountMicros) },
    { key: 'currency', title: 'Currency', kind: 'text', of: (_, { cost }) => cost.currency },
    {
      key: 'missing',
      title: 'Why there is no amount',
      kind: 'text',
      of: ({ missing }) => missing && shownName(missing),
    },
    { key: 'formula', title: 'Formula', kind: 'text', of: ({ formula }) => formula },
    { key: 'filled', title: 'With the numbers', kind: 'text', of: ({ filled }) => filled },
    { key: 'source', title: 'Source', kind: 'text', of: ({ source }) => source },
  ],
  items: ({ cost }) => cost.lines,
});

const MONEY = (key: string, title: string, of: (vm: CostVm) => number | null): ColumnOf<CostVm> => ({
  ...{ key, title, kind: 'number' },
  of: (vm) => amount(of(vm)),
});

/** The deployment planner's sheet of that name (facts 2.3, 9), as far as a run can say it. */
export const costEstimation: TableMaker = defineTable<CostVm>({
  id: 'cost-estimation',
  title: 'Cost estimation',
  sheet: 'Cost estimation',
  note: 'A row per VM: its part of each line, by use. Amounts only where --prices gave prices; “Lines without an amount” says how many it has a part in.',
  columns: [
    { key: 'vm', title: 'VM name', kind: 'text', of: ({ name }) => shownName(name) },
    { key: 'size', title: 'IaaS size', kind: 'text', of: ({ size }) => size && shownName(size) },
    { key: 'disks', title: 'Managed disks', kind: 'text', of: ({ disks }) => disks },
    { key: 'usedBytes', title: 'Storage used', kind: 'bytes', of: ({ usedBytes }) => usedBytes },
    { key: 'wireBytesPerMonth', title: 'Deltas a month', kind: 'bytes', of: (vm) => vm.wireBytesPerMonth },
    { key: 'recoveryPointBytes', title: 'Recovery points', kind: 'bytes', of: (vm) => vm.recoveryPointBytes },
    { key: 'drillsPerYear', title: 'DR drills a year', kind: 'number', of: (_, { cost }) => cost.terms.drillsPerYear },
    {
      ...{ key: 'drillMs', title: 'Length of a drill', kind: 'duration', unit: 'd' },
      of: (_, { cost }) => cost.terms.drillMs,
    },
    MONEY('monthlyAmount', 'Every month', ({ monthlyMicros }) => monthlyMicros),
    MONEY('onceAmount', 'Once', ({ onceMicros }) => onceMicros),
    MONEY('disasterAmount', 'Each failover and back', ({ disasterMicros }) => disasterMicros),
    { key: 'currency', title: 'Currency', kind: 'text', of: (_, { cost }) => cost.currency },
    { key: 'missingCount', title: 'Lines without an amount', kind: 'number', of: ({ missingCount }) => missingCount },
  ],
  items: ({ cost }) => cost.vms,
});
