import type { Run } from '../model/run.ts';
import { simulate } from '../simulate/simulate.ts';
import { brokenAboveAgeMs } from './promises/early-end.ts';
import { judge, simulationFor } from './promises/judge.ts';
import type { Requirement } from './promises/promise.ts';
import type { Answer, Wanted } from './search/ask.ts';
import { applySettings } from './space/apply-point.ts';
import type { Setting } from './space/space.ts';

/** All that a worker needs to answer. Plain data. */
export interface Question {
  readonly run: Run;
  readonly requirements: readonly Requirement[];
}

/**
 * One scenario: the run with its settings, simulated as leanly as the promises allow, and judged. Where only the verdict is wanted, the
 * simulation stops as soon as a recovery point is older than was promised.
 */
export function answerScenario({ run, requirements }: Question, settings: readonly Setting[], wanted: Wanted): Answer {
  const changed = applySettings(run, settings);
  const stopAboveAgeMs = wanted === 'verdict' ? brokenAboveAgeMs(requirements) : Number.POSITIVE_INFINITY;
  const result = simulate(changed, { ...simulationFor(requirements), stopAboveAgeMs });
  const worstMs = result.rpo.steady.maxMs;
  if (worstMs !== null && worstMs > stopAboveAgeMs) return { holds: false, judgements: null };
  const judgements = requirements.map((requirement) => judge(requirement, changed, result));
  return { holds: judgements.every(({ holds }) => holds), judgements };
}
