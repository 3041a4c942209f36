import { COST_PARTS, money } from '../../plan/cost.ts';
import type { Plan } from '../../plan/plan.ts';
import { formatShare } from '../../units.ts';
import type { Chart, Row } from './chart.ts';
import { fitted, INK, THEME_PARAMS } from './spec-parts.ts';

/** What the scale has beyond the longest bar. */
const ROOM_FACTOR = 1.4;

interface Part extends Row {
  readonly part: string;
  readonly amount: number;
  readonly share: number;
  readonly lineCount: number;
}

/** What each part comes to in a month, the most first; parts without an amount are left out. */
function partsOf({ cost }: Plan): Part[] {
  const monthly = cost.lines.filter(({ when, amountMicros }) => when === 'monthly' && amountMicros !== null);
  const total = cost.totals.monthly.amountMicros ?? 0;
  return COST_PARTS.flatMap((part) => {
    const own = monthly.filter((line) => line.part === part);
    const micros = own.reduce((sum, line) => sum + line.amountMicros!, 0);
    return own.length === 0
      ? []
      : [{ part, amount: micros / 1e6, share: total > 0 ? micros / total : 0, lineCount: own.length }];
  }).sort((a, b) => b.amount - a.amount);
}

function title(plan: Plan): string {
  const [most] = partsOf(plan);
  if (most === undefined || most.amount <= 0) return 'No part of a month’s cost has an amount';
  return `${most.part === 'licence' ? 'The licence takes' : `Most is for ${most.part}:`} ${formatShare(most.share)} of what a month costs`;
}

function summary(plan: Plan): string {
  const { currency, totals } = plan.cost;
  const parts = partsOf(plan);
  if (currency === null || parts.length === 0)
    return 'Without prices nothing can be said of amounts; the tables have the quantities.';
  const words = parts.map(({ part, amount }) => `${part} ${money(Math.round(amount * 1e6))}`).join(', ');
  const lacks = totals.monthly.missing.length;
  const without =
    lacks === 0
      ? ''
      : ` ${lacks} ${lacks === 1 ? 'line has' : 'lines have'} no amount and ${lacks === 1 ? 'is' : 'are'} not in it.`;
  return `A month in ${currency}: ${words}.${without}`;
}

/** Where a month’s money goes. */
export const costParts: Chart = {
  id: 'cost-parts',
  section: 'cost',
  title,
  summary,
  note: ({ cost }) =>
    `${cost.currency ?? 'No currency'}, each month; drills as a twelfth of their year. Amounts by the prices that were given.`,
  drawable: (plan) => partsOf(plan).some(({ amount }) => amount > 0),
  rows: partsOf,
  columns: [
    { field: 'part', title: 'Part', kind: 'text' },
    { field: 'amount', title: 'Amount a month (currency’s unit)', kind: 'number' },
    { field: 'share', title: 'Share', kind: 'share' },
    { field: 'lineCount', title: 'Lines', kind: 'number' },
  ],
  sources: (plan) => ({
    parts: partsOf(plan).map(({ part, amount, share }, rank) => ({
      ...{ part, amount, rank },
      label: formatShare(share),
    })),
  }),
  // Room for the words at the end of the longest bar.
  params: (plan) => ({ most: ROOM_FACTOR * Math.max(...partsOf(plan).map(({ amount }) => amount), 0.01) }),
  height: (plan) => Math.max(2, partsOf(plan).length) * 30,
  spec: {
    ...fitted(180),
    params: [...THEME_PARAMS, { name: 'most', value: 1 }],
    data: { name: 'parts' },
    encoding: {
      y: {
        field: 'part',
        type: 'nominal',
        sort: { field: 'rank', op: 'min' },
        axis: { title: null, labelLimit: 120, ticks: false, domain: false, grid: false },
      },
    },
    layer: [
      {
        mark: { type: 'bar', height: { band: 0.62 }, color: '#2f6da8' },
        encoding: {
          x: {
            field: 'amount',
            type: 'quantitative',
            scale: { domainMin: 0, domainMax: { expr: 'most' } },
            axis: { title: null, orient: 'top', tickCount: { expr: 'max(2, floor(width / 110))' } },
          },
          tooltip: [
            { field: 'part', type: 'nominal' },
            { field: 'amount', type: 'quantitative', format: ',.2f' },
            { field: 'label', type: 'nominal' },
          ],
        },
      },
      {
        mark: { type: 'text', align: 'left', dx: 6, color: INK },
        encoding: {
          x: { field: 'amount', type: 'quantitative' },
          text: { field: 'label', type: 'nominal' },
        },
      },
    ],
  },
};
