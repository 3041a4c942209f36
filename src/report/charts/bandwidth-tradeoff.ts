import type { Plan, TradeoffPoint } from '../../plan/plan.ts';
import { formatBitsPerSec, formatDurationMs, formatShare, MINUTE_MS } from '../../units.ts';
import type { Chart, Row } from './chart.ts';
import { AGE_AXIS, BROKEN, fitted, INK, LEGEND_ABOVE } from './spec-parts.ts';

const STATISTICS = ['oldest', '95 % of the time', 'half of the time'] as const;
const OUTCOMES = ['target always met', 'target missed'] as const;
const SHORTEST_MINUTES = 1 / 60;

function always(point: TradeoffPoint): boolean {
  return point.withinTargetFraction !== null && point.withinTargetFraction >= 1;
}

function rows(plan: Plan): Row[] {
  return plan.recommendation.tradeoff.map((point) => ({ ...point, always: always(point) ? 'met' : 'broken' }));
}

function ages(plan: Plan): Row[] {
  return plan.recommendation.tradeoff.flatMap((point) => {
    const values = [point.rpoMaxMs, point.rpoP95Ms, point.rpoP50Ms];
    return values.flatMap((ageMs, statistic) =>
      ageMs === null
        ? []
        : [
            {
              mbps: point.bitsPerSec / 1e6,
              statistic: STATISTICS[statistic]!,
              ageMinutes: Math.max(SHORTEST_MINUTES, ageMs / MINUTE_MS),
              outcome: OUTCOMES[always(point) ? 0 : 1],
            },
          ],
    );
  });
}

function title(plan: Plan): string {
  const { bitsPerSecForRpoAlways, bitsPerSecForRpo95 } = plan.recommendation;
  const target = formatDurationMs(plan.rpo.targetMs);
  if (plan.recommendation.tradeoff.length === 0) return 'No other bandwidth was tried';
  if (bitsPerSecForRpoAlways === null) {
    return bitsPerSecForRpo95 === null
      ? `No bandwidth that was tried keeps the RPO within ${target}`
      : `No bandwidth that was tried keeps the RPO within ${target} always; ${formatBitsPerSec(bitsPerSecForRpo95)} do for 95 % of the time`;
  }
  const needed = `${formatBitsPerSec(bitsPerSecForRpoAlways)} keep the RPO within ${target} always`;
  const capacity = plan.link.capacityBitsPerSec;
  if (capacity < bitsPerSecForRpoAlways) return `${needed}; the run has ${formatBitsPerSec(capacity)}`;
  return bitsPerSecForRpo95 === null || bitsPerSecForRpo95 >= bitsPerSecForRpoAlways
    ? needed
    : `${needed}, ${formatBitsPerSec(bitsPerSecForRpo95)} for 95 % of the time`;
}

function summary(plan: Plan): string {
  const { tradeoff, deltaOnlyBitsPerSecForRpoAlways } = plan.recommendation;
  const first = tradeoff[0];
  const last = tradeoff.at(-1);
  if (first === undefined || last === undefined) return 'The run’s own bandwidth is the only one that was simulated.';
  const words = (point: TradeoffPoint): string =>
    point.rpoMaxMs === null || point.withinTargetFraction === null
      ? `at ${formatBitsPerSec(point.bitsPerSec)} no VM gets to its first delta`
      : `at ${formatBitsPerSec(point.bitsPerSec)} the oldest recovery point is ${formatDurationMs(point.rpoMaxMs)} and ${formatShare(point.withinTargetFraction)} of the time is within the target`;
  const deltaOnly =
    deltaOnlyBitsPerSecForRpoAlways === null
      ? ''
      : ` Once initial replication is done, ${formatBitsPerSec(deltaOnlyBitsPerSecForRpoAlways)} are enough for the deltas alone.`;
  return `${tradeoff.length} bandwidths were simulated: ${words(first)}; ${words(last)}.${deltaOnly}`;
}

/** Ages of recovery points against the link's bandwidth, each point a run of the simulation. */
export const bandwidthTradeoff: Chart = {
  id: 'bandwidth-tradeoff',
  section: 'bandwidth',
  title,
  summary,
  note: () =>
    'Across: bandwidth of the link, Mbit/s, logarithmic. Up: age of the recovery point from each VM’s first delta on, logarithmic. Every mark is one run of the simulation, not a formula.',
  drawable: (plan) => ages(plan).length > 0,
  rows,
  columns: [
    { field: 'bitsPerSec', title: 'Bandwidth (bit/s)', kind: 'mbps' },
    { field: 'rpoP50Ms', title: 'RPO half of the time (ms)', kind: 'duration' },
    { field: 'rpoP95Ms', title: 'RPO 95 % of the time (ms)', kind: 'duration' },
    { field: 'rpoMaxMs', title: 'Worst RPO (ms)', kind: 'duration' },
    { field: 'withinTargetFraction', title: 'Within the target', kind: 'share' },
    { field: 'initialReplicationEndMs', title: 'Initial replication takes (ms)', kind: 'duration' },
    { field: 'always', title: 'RPO always', kind: 'text' },
  ],
  sources: (plan) => ({
    ages: ages(plan),
    target: [
      {
        ageMinutes: Math.max(SHORTEST_MINUTES, plan.rpo.targetMs / MINUTE_MS),
        label: `target ${formatDurationMs(plan.rpo.targetMs)}`,
      },
    ],
    run: [
      {
        mbps: plan.link.capacityBitsPerSec / 1e6,
        label: `this run: ${formatBitsPerSec(plan.link.capacityBitsPerSec)}`,
      },
    ],
  }),
  spec: {
    ...fitted(280),
    layer: [
      {
        data: { name: 'ages' },
        mark: { type: 'line', strokeWidth: 2 },
        encoding: {
          x: {
            field: 'mbps',
            type: 'quantitative',
            scale: { type: 'log', nice: false, padding: 12 },
            axis: {
              title: null,
              // Over more than a few times, 1, 2, 3 and 5 are enough: with all digits a power of ten may find no room.
              labelExpr:
                "domain('x')[1] > 4 * domain('x')[0] && indexof([1, 2, 3, 5], toNumber(slice(format(datum.value, '.0e'), 0, 1))) < 0 ? '' : format(datum.value, datum.value < 1000 ? '~g' : ',')",
              tickCount: { expr: 'max(3, floor(width / 80))' },
              labelSeparation: 6,
            },
          },
          y: { field: 'ageMinutes', type: 'quantitative', scale: { type: 'log', padding: 12 }, axis: AGE_AXIS },
          color: {
            field: 'statistic',
            type: 'nominal',
            scale: { domain: STATISTICS, range: ['#2f6da8', '#b0569b', '#7b8794'] },
            legend: { ...LEGEND_ABOVE, columns: { expr: 'max(1, floor(width / 190))' }, symbolType: 'stroke' },
          },
          strokeDash: {
            field: 'statistic',
            type: 'nominal',
            scale: {
              domain: STATISTICS,
              range: [
                [1, 0],
                [6, 3],
                [2, 2],
              ],
            },
          },
        },
      },
      {
        data: { name: 'ages' },
        transform: [{ filter: `datum.statistic == '${STATISTICS[0]}'` }],
        mark: { type: 'point', filled: true, size: 60, opacity: 1 },
        encoding: {
          x: { field: 'mbps', type: 'quantitative' },
          y: { field: 'ageMinutes', type: 'quantitative' },
          shape: {
            field: 'outcome',
            type: 'nominal',
            scale: {
              domain: OUTCOMES,
              range: ['circle', 'triangle-up'],
            },
            legend: { ...LEGEND_ABOVE, columns: { expr: 'max(1, floor(width / 190))' } },
          },
          fill: {
            field: 'outcome',
            type: 'nominal',
            scale: { domain: OUTCOMES, range: ['#2f6da8', BROKEN] },
          },
          tooltip: [
            { field: 'mbps', type: 'quantitative', title: 'Mbit/s' },
            { field: 'ageMinutes', type: 'quantitative', title: 'oldest, min', format: '.1f' },
            { field: 'outcome', type: 'nominal', title: 'RPO' },
          ],
        },
      },
      {
        data: { name: 'target' },
        mark: { type: 'rule', strokeDash: [4, 3], strokeWidth: 1.5, color: INK },
        encoding: { y: { field: 'ageMinutes', type: 'quantitative' } },
      },
      {
        data: { name: 'target' },
        mark: { type: 'text', align: 'right', x: 'width', dx: -4, dy: -8, fontWeight: 600, color: INK },
        encoding: { y: { field: 'ageMinutes', type: 'quantitative' }, text: { field: 'label' } },
      },
      {
        data: { name: 'run' },
        mark: { type: 'rule', strokeWidth: 1.5, color: INK },
        encoding: { x: { field: 'mbps', type: 'quantitative' } },
      },
      {
        data: { name: 'run' },
        mark: { type: 'text', align: 'left', baseline: 'top', y: 4, dx: 5, fontWeight: 600, color: INK },
        encoding: { x: { field: 'mbps', type: 'quantitative' }, text: { field: 'label' } },
      },
    ],
  },
};
