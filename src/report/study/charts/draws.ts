import type { Study } from '../../../study/study.ts';
import type { Chart } from '../../charts/chart.ts';
import { fitted, INK, THEME_PARAMS } from '../../charts/spec-parts.ts';
import { axisLabels } from '../../shown-name.ts';

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** How likely every promise holds, for each alternative, with its interval. */
export const drawsChart: Chart<Study> = {
  id: 'study-draws',
  section: 'study',
  title: ({ monteCarlo }) => {
    if (monteCarlo === null) return 'No scenarios were drawn';
    const best = monteCarlo.alternatives.reduce((most, own) => (own.share > most.share ? own : most));
    const which = monteCarlo.alternatives.length === 1 ? '' : ` with ${best.name}`;
    return `Every promise holds in ${percent(best.share)} of the drawn scenarios${which}`;
  },
  summary: ({ monteCarlo }) =>
    monteCarlo === null
      ? 'There is nothing to draw: no distribution was asked for.'
      : `${monteCarlo.draws} scenarios were drawn by the distributions of what varies, the same for each alternative; ${monteCarlo.settled ? 'the intervals are as narrow as was asked for' : 'the intervals are wider than was asked for'}.`,
  note: ({ monteCarlo }) =>
    `Share of the draws in which every promise holds, in per cent, with Wilson’s interval at 95 %; seed ${monteCarlo!.seed}.`,
  drawable: ({ monteCarlo }) => monteCarlo !== null,
  rows: ({ monteCarlo }) =>
    monteCarlo!.alternatives.map(({ name, held, share, from, to }) => ({ name, held, share, from, to })),
  columns: [
    { field: 'name', title: 'Alternative', kind: 'text' },
    { field: 'held', title: 'Draws that hold', kind: 'number' },
    { field: 'share', title: 'Share', kind: 'share' },
    { field: 'from', title: 'From', kind: 'share' },
    { field: 'to', title: 'To', kind: 'share' },
  ],
  sources: ({ monteCarlo }) => {
    const labels = axisLabels(monteCarlo!.alternatives.map(({ name }) => name));
    return {
      shares: monteCarlo!.alternatives.map(({ share, from, to }, rank) => ({
        ...{ name: labels[rank]!, rank, share: share * 100, from: from * 100, to: to * 100 },
        text: `${percent(share)} (${percent(from)} to ${percent(to)})`,
      })),
    };
  },
  height: ({ monteCarlo }) => Math.max(2, monteCarlo!.alternatives.length) * 30,
  spec: {
    ...fitted(120),
    params: THEME_PARAMS,
    data: { name: 'shares' },
    encoding: {
      y: {
        field: 'name',
        type: 'nominal',
        sort: { field: 'rank', op: 'min' },
        axis: { title: null, labelLimit: { expr: 'labelRoom' }, ticks: false, domain: false },
      },
      tooltip: [
        { field: 'name', type: 'nominal', title: 'alternative' },
        { field: 'text', type: 'nominal', title: 'holds in' },
      ],
    },
    layer: [
      {
        mark: { type: 'rule', color: INK, strokeWidth: 2 },
        encoding: {
          x: { field: 'from', type: 'quantitative', scale: { domain: [0, 100] }, axis: { title: null, tickCount: 5 } },
          x2: { field: 'to' },
        },
      },
      {
        mark: { type: 'point', filled: true, size: 80, opacity: 1, color: '#2f6da8' },
        encoding: { x: { field: 'share', type: 'quantitative' } },
      },
    ],
  },
};
