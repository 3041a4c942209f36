import type { Plan } from '../../plan/plan.ts';
import { formatDurationMs, formatShare, MINUTE_MS } from '../../units.ts';
import type { Chart, Row } from './chart.ts';
import { AGE_AXIS, BROKEN, fitted, INK, LEGEND_ABOVE } from './spec-parts.ts';

const STEADY = 'from the first delta on';
const WHOLE = 'whole protected time';
/** A logarithmic axis has no zero; no age is read to less than a second. */
const SHORTEST_MINUTES = 1 / 60;

function rows(plan: Plan): Row[] {
  const { survival, steadySurvival } = plan.rpo;
  return [
    ...steadySurvival.map((point) => ({ series: STEADY, ...point })),
    ...survival.map((point) => ({ series: WHOLE, ...point })),
  ];
}

function title(plan: Plan): string {
  const { targetMs, steady } = plan.rpo;
  const target = formatDurationMs(targetMs);
  if (steady.maxMs === null || steady.withinTargetFraction === null) {
    return plan.rpo.maxMs === null
      ? 'No VM became protected, so there is no recovery point to judge'
      : `No VM sent a first delta, so the ${target} objective cannot be judged`;
  }
  const worst = formatDurationMs(steady.maxMs);
  return steady.withinTargetFraction >= 1
    ? `RPO stays within ${target} all the time; the oldest recovery point is ${worst}`
    : `RPO stays within ${target} ${formatShare(steady.withinTargetFraction)} of the time; the oldest recovery point is ${worst}`;
}

function summary(plan: Plan): string {
  const { steady, maxMs, p95Ms, targetMs } = plan.rpo;
  if (maxMs === null || p95Ms === null) return 'Nothing was protected within the horizon.';
  const whole = `Counting the catching up after initial replication too, the age is at most ${formatDurationMs(p95Ms)} for 95 % of the time and ${formatDurationMs(maxMs)} at worst.`;
  if (steady.p50Ms === null || steady.p95Ms === null || steady.maxMs === null) return whole;
  return `From each VM’s first delta on, the recovery point is at most ${formatDurationMs(steady.p50Ms)} old half of the time, ${formatDurationMs(steady.p95Ms)} for 95 % and ${formatDurationMs(steady.maxMs)} at worst, against a target of ${formatDurationMs(targetMs)}. ${whole}`;
}

/** Share of VM-time with a recovery point older than each age. */
export const rpoSurvival: Chart = {
  id: 'rpo-survival',
  section: 'rpo',
  title,
  summary,
  note: () =>
    'Across: age of the recovery point, logarithmic. Up: share of the protected VM-time with an older one; stretched near 0 so that 0.1 % shows. Lower and further left is better.',
  drawable: (plan) => rows(plan).length > 0,
  rows,
  columns: [
    { field: 'series', title: 'Time counted', kind: 'text' },
    { field: 'ageMs', title: 'Age (ms)', kind: 'duration' },
    { field: 'above', title: 'Share of time above', kind: 'share' },
  ],
  sources: (plan) => ({
    ages: rows(plan).map((row) => ({
      series: row.series!,
      ageMinutes: Math.max(SHORTEST_MINUTES, (row.ageMs as number) / MINUTE_MS),
      above: row.above!,
    })),
    target: [
      {
        ageMinutes: Math.max(SHORTEST_MINUTES, plan.rpo.targetMs / MINUTE_MS),
        label: `target ${formatDurationMs(plan.rpo.targetMs)}`,
      },
    ],
  }),
  spec: {
    ...fitted(260),
    layer: [
      {
        data: { name: 'target' },
        mark: { type: 'rect', color: BROKEN, opacity: 0.07 },
        encoding: { x: { field: 'ageMinutes', type: 'quantitative' }, x2: { value: 'width' } },
      },
      {
        data: { name: 'ages' },
        mark: { type: 'line', interpolate: 'step-after', strokeWidth: 2 },
        encoding: {
          x: {
            field: 'ageMinutes',
            type: 'quantitative',
            scale: { type: 'log', nice: false },
            axis: AGE_AXIS,
          },
          y: {
            field: 'above',
            type: 'quantitative',
            scale: { type: 'symlog', constant: 0.001, domain: [0, 1] },
            axis: {
              title: null,
              values: [0, 0.001, 0.01, 0.05, 0.2, 0.5, 1],
              labelExpr: "format(datum.value * 100, '~g') + ' %'",
            },
          },
          color: {
            field: 'series',
            type: 'nominal',
            scale: { domain: [STEADY, WHOLE], range: ['#2f6da8', '#b0569b'] },
            legend: { ...LEGEND_ABOVE, symbolType: 'stroke' },
          },
          strokeDash: {
            field: 'series',
            type: 'nominal',
            scale: {
              domain: [STEADY, WHOLE],
              range: [
                [1, 0],
                [5, 3],
              ],
            },
          },
        },
      },
      {
        data: { name: 'target' },
        mark: { type: 'rule', strokeDash: [4, 3], strokeWidth: 1.5, color: INK },
        encoding: { x: { field: 'ageMinutes', type: 'quantitative' } },
      },
      {
        data: { name: 'target' },
        mark: { type: 'text', align: 'left', dx: 5, y: 10, fontWeight: 600, color: INK },
        encoding: { x: { field: 'ageMinutes', type: 'quantitative' }, text: { field: 'label' } },
      },
    ],
  },
};
