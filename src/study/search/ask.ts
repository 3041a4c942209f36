import type { Judgement } from '../promises/promise.ts';
import { settingsOfPoint } from '../space/point-text.ts';
import type { Point, Setting, Space } from '../space/space.ts';

/** What a scenario said. */
export interface Answer {
  /** Every promise holds. */
  readonly holds: boolean;
  /** In the order of the promises; `null` where only the verdict was wanted, and it came before the end of the run. */
  readonly judgements: readonly Judgement[] | null;
}

/** Whether it holds, or also what each promise comes to: the first is had sooner. */
export type Wanted = 'verdict' | 'values';

/**
 * Answers scenarios, each given by its settings, in their order. The only way in which a study learns anything: behind it stand workers, kept
 * answers and the simulation. The same scenario always has the same answer.
 */
export type AskScenarios = (scenarios: readonly (readonly Setting[])[], wanted: Wanted) => Promise<readonly Answer[]>;

/** The same of points of a space; a formula in tests. */
export type Ask = (points: readonly Point[], wanted: Wanted) => Promise<readonly Answer[]>;

export function askIn(space: Space, ask: AskScenarios): Ask {
  return (points, wanted) =>
    ask(
      points.map((point) => [...space.fixed, ...settingsOfPoint(space, point)]),
      wanted,
    );
}

/** Of answers about many promises those about some, by their indexes. Whether all of the many hold says nothing of the few: values are asked for. */
export function askOnly(ask: AskScenarios, promises: readonly number[]): AskScenarios {
  return async (scenarios) =>
    (await ask(scenarios, 'values')).map((answer) => {
      const judgements = promises.map((index) => answer.judgements![index]!);
      return { holds: judgements.every(({ holds }) => holds), judgements };
    });
}
