import { bandwidthTradeoff } from './bandwidth-tradeoff.ts';
import { batchGantt } from './batch-gantt.ts';
import type { Chart } from './chart.ts';
import { churnHeat } from './churn-heat.ts';
import { constraints } from './constraints.ts';
import { costParts } from './cost-parts.ts';
import { irTimeline } from './ir-timeline.ts';
import { lineTraffic } from './line-traffic.ts';
import { logFill } from './log-fill.ts';
import { outageMap } from './outage-map.ts';
import { percentileSteps } from './percentile-steps.ts';
import { rpoHeat } from './rpo-heat.ts';
import { rpoSurvival } from './rpo-survival.ts';
import { traffic } from './traffic.ts';
import { volumes } from './volumes.ts';

/** All charts, in reading order. A new one needs its file and its line here. */
export const CHARTS: readonly Chart[] = [
  rpoSurvival,
  rpoHeat,
  constraints,
  bandwidthTradeoff,
  percentileSteps,
  traffic,
  irTimeline,
  batchGantt,
  volumes,
  logFill,
  churnHeat,
  outageMap,
  lineTraffic,
  costParts,
];
