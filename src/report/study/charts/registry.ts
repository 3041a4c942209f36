import type { Study } from '../../../study/study.ts';
import type { Chart } from '../../charts/chart.ts';
import { drawsChart } from './draws.ts';
import { frontierLineChart } from './frontier-line.ts';
import { frontierMap } from './frontier-map.ts';
import { tornadoChart } from './tornado.ts';
import { agesOfRuns, logsOfRuns, trafficOfRuns } from './two-runs.ts';

/** All charts of a study’s page, in reading order. */
export const STUDY_CHARTS: readonly Chart<Study>[] = [
  agesOfRuns,
  logsOfRuns,
  trafficOfRuns,
  frontierMap,
  frontierLineChart,
  tornadoChart,
  drawsChart,
];
