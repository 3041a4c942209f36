import type { Assumption } from '../model/assumption.ts';
import type { Problem } from '../model/problem.ts';
import type { Run } from '../model/run.ts';
import type { PlanRequest } from '../plan/make-plan.ts';
import { applySettings } from '../study/space/apply-point.ts';
import { parseSetting } from '../study/space/parse-vary.ts';
import { formatValue, variableName } from '../study/space/point-text.ts';
import type { Setting } from '../study/space/space.ts';

/** The settings of `--with`; what is wrong with them is put into `problems`. */
export function readSettings(texts: readonly string[], run: Run, problems: Problem[]): Setting[] {
  const read = texts.map((text) => parseSetting(text, { run, file: '--with' }));
  problems.push(...read.flatMap((one) => one.problems));
  return read.flatMap(({ settings }) => settings);
}

/** The request of the plan of a scenario; each setting is among its assumptions. */
export function inScenario(request: PlanRequest, settings: readonly Setting[]): PlanRequest {
  if (settings.length === 0) return request;
  const { clock } = request.run.workload;
  const assumptions = settings.map(
    ({ variable, value }): Assumption => ({
      name: variableName(variable),
      value: formatValue(variable.unit, variable.multiplies, value, clock),
      reason: 'a scenario was asked for',
      source: '--with',
      origin: 'given',
    }),
  );
  const namesBandwidth = settings.some(({ variable }) => variable.key === 'bandwidth' && !variable.multiplies);
  return {
    ...request,
    run: applySettings(request.run, settings),
    bandwidthGiven: request.bandwidthGiven || namesBandwidth,
    assumptions: [...request.assumptions, ...assumptions],
  };
}
