import { randomStream } from '../simulate/random.ts';
import type { Judgement } from './promises/promise.ts';
import type { StudyRequest } from './run-study.ts';
import { type AskScenarios, askIn } from './search/ask.ts';
import { Asker } from './search/asker.ts';
import { Grid } from './search/grid.ts';
import { search } from './search/search.ts';
import { replayText, settingsOfPoint } from './space/point-text.ts';
import type { StudyPromise } from './study.ts';
import { cellText, methodText, safeText } from './study-text.ts';

/** Whether one objective holds, as it is written with `--json`. */
export interface Checked {
  readonly name: string;
  readonly promises: readonly StudyPromise[];
  readonly holds: boolean;
  /** Every scenario was run. */
  readonly exact: boolean;
  readonly scenariosRun: number;
  /** The smallest scenario that breaks it; `null` where none was found. In the base case its text is empty. */
  readonly counterexample: {
    readonly text: string;
    readonly planValue: readonly Judgement[];
    readonly replay: string;
  } | null;
  readonly safe: string | null;
  readonly methodText: string;
}

/** All objectives of a file. */
export interface CheckResult {
  readonly schema: 'asr-plan/check@1';
  readonly version: string;
  readonly holds: boolean;
  readonly objectives: readonly Checked[];
}

/** An objective without dimensions is the base case: a space of one scenario. */
export async function checkObjective(name: string, request: StudyRequest, ask: AskScenarios): Promise<Checked> {
  const { space, run, seed, requirements } = request;
  const { clock } = run.workload;
  const grid = new Grid(space.dimensions);
  const asker = new Asker(grid, askIn(space, ask), request.scenariosMost);
  const found = await search(asker, { seed, random: randomStream(seed, 'study') });
  const { smallest, safeCorner } = found;
  return {
    name,
    promises: requirements.map(({ text, unit }) => ({ text, unit })),
    holds: smallest === undefined,
    exact: found.method === 'whole',
    scenariosRun: asker.count,
    counterexample:
      smallest === undefined
        ? null
        : {
            text: cellText(grid, smallest, clock),
            planValue: await asker.judgements(smallest),
            replay: request.replay([...space.fixed, ...settingsOfPoint(space, grid.point(smallest))].map(replayText)),
          },
    safe: safeCorner === undefined || space.dimensions.length === 0 ? null : safeText(grid, safeCorner, found, clock),
    methodText: methodText(grid, found),
  };
}
