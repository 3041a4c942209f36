import type { Plan } from '../../plan/plan.ts';
import { formatBitsPerSec } from '../../units.ts';
import type { Chart, Row } from './chart.ts';
import { BROKEN, fitted, INK, MUTED } from './spec-parts.ts';

const KINDS = ['figure', 'more', 'less'] as const;

/** Bars from one figure to the next; whole bars for the first and the last. */
function bars(plan: Plan): Row[] {
  const { bitsPerSec, steps } = plan.percentileWay;
  const mbps = (bits: number): number => bits / 1e6;
  const whole = (rank: number, step: string, bits: number): Row => ({
    ...{ rank, step, from: 0, to: mbps(bits), kind: KINDS[0], label: formatBitsPerSec(bits) },
  });
  const made = [
    whole(0, 'By percentile and growth', bitsPerSec),
    ...steps.map((step, index): Row => {
      const to = mbps(step.bitsPerSec);
      const sign = step.changeBitsPerSec < 0 ? '−' : '+';
      return {
        ...{ rank: index + 1, step: step.title, from: to - mbps(step.changeBitsPerSec), to },
        kind: step.changeBitsPerSec < 0 ? KINDS[2] : KINDS[1],
        label: `${sign}${formatBitsPerSec(Math.abs(step.changeBitsPerSec))}`,
      };
    }),
    whole(steps.length + 1, 'By simulation', steps.at(-1)?.bitsPerSec ?? bitsPerSec),
  ];
  const most = made.reduce((largest, { from, to }) => Math.max(largest, Number(from), Number(to)), 0);
  // Labels stand behind the bars and need room there.
  return made.map((row) => ({ ...row, room: most * 1.25 }));
}

function found(plan: Plan): number {
  return plan.percentileWay.steps.at(-1)?.bitsPerSec ?? plan.percentileWay.bitsPerSec;
}

function title(plan: Plan): string {
  const { bitsPerSec, steps } = plan.percentileWay;
  if (steps.length === 0) return 'Nothing is written: there is nothing to compare';
  return `Percentile and growth come to ${formatBitsPerSec(bitsPerSec)}, the simulation to ${formatBitsPerSec(found(plan))}`;
}

/** From the deployment planner's percentile and growth to the bandwidth that the simulation found, step by step. */
export const percentileSteps: Chart = {
  id: 'percentile-steps',
  section: 'bandwidth',
  title,
  summary: (plan) => {
    const { steps } = plan.percentileWay;
    if (steps.length === 0) return 'No disk writes anything in the run.';
    const most = steps.toSorted((a, b) => Math.abs(b.changeBitsPerSec) - Math.abs(a.changeBitsPerSec))[0]!;
    const sign = most.changeBitsPerSec < 0 ? 'takes away' : 'adds';
    return `Of ${steps.length} steps between the two, “${most.title}” changes most: it ${sign} ${formatBitsPerSec(Math.abs(most.changeBitsPerSec))}.`;
  },
  note: () =>
    'Across: bandwidth, Mbit/s. The percentile and the growth are the deployment planner’s (2019-10-21); that the VMs are added up is our reading, since it publishes no formula.',
  drawable: (plan) => plan.percentileWay.steps.length > 0,
  rows: (plan) => {
    const { bitsPerSec, steps } = plan.percentileWay;
    const first: Row = { step: 'By percentile and growth', why: '', changeBitsPerSec: null, bitsPerSec };
    return [
      first,
      ...steps.map(
        ({ title: step, why, ...rest }): Row => ({
          step,
          why,
          changeBitsPerSec: rest.changeBitsPerSec,
          bitsPerSec: rest.bitsPerSec,
        }),
      ),
    ];
  },
  columns: [
    { field: 'step', title: 'Step', kind: 'text' },
    { field: 'changeBitsPerSec', title: 'Change (bit/s)', kind: 'number' },
    { field: 'bitsPerSec', title: 'Bandwidth (bit/s)', kind: 'mbps' },
    { field: 'why', title: 'Why', kind: 'text' },
  ],
  sources: (plan) => ({ steps: bars(plan) }),
  height: (plan) => 34 * (plan.percentileWay.steps.length + 2),
  spec: {
    ...fitted(240),
    data: { name: 'steps' },
    encoding: {
      y: {
        field: 'step',
        type: 'nominal',
        sort: { field: 'rank', op: 'min' },
        axis: { title: null, labelLimit: { expr: 'labelRoom' }, ticks: false, domain: false },
      },
    },
    layer: [
      {
        mark: { type: 'bar', height: { band: 0.6 } },
        encoding: {
          x: {
            field: 'from',
            type: 'quantitative',
            scale: { zero: true, nice: false },
            axis: { title: null, tickCount: { expr: 'max(3, floor(width / 90))' } },
          },
          x2: { field: 'to' },
          color: {
            field: 'kind',
            type: 'nominal',
            scale: { domain: KINDS, range: ['#2f6da8', BROKEN, '#7b8794'] },
            legend: null,
          },
        },
      },
      {
        transform: [{ calculate: 'max(datum.from, datum.to)', as: 'end' }],
        mark: { type: 'text', align: 'left', dx: 5, color: INK },
        encoding: { x: { field: 'end', type: 'quantitative' }, text: { field: 'label' } },
      },
      { mark: { type: 'point', opacity: 0 }, encoding: { x: { field: 'room', type: 'quantitative' } } },
      {
        transform: [{ filter: "datum.kind != 'figure'" }],
        mark: { type: 'tick', thickness: 2, color: MUTED },
        encoding: { x: { field: 'to', type: 'quantitative' } },
      },
    ],
  },
};
