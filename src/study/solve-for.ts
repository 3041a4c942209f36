import { randomStream } from '../simulate/random.ts';
import type { Judgement } from './promises/promise.ts';
import type { StudyRequest } from './run-study.ts';
import { type AskScenarios, askIn } from './search/ask.ts';
import { Asker } from './search/asker.ts';
import { type Cell, Grid } from './search/grid.ts';
import { solve } from './search/solve.ts';
import { replayText, settingsOfPoint, settingsText, variableName } from './space/point-text.ts';
import type { Space, Value, ValueUnit } from './space/space.ts';
import { kindOf } from './space/variables.ts';
import type { StudyPromise } from './study.ts';
import { levelText, resolutionText } from './study-text.ts';

/** How far one thing can go so that every promise holds, as it is written with `--json`. */
export interface Solution {
  readonly schema: 'asr-plan/solution@1';
  readonly version: string;
  readonly variable: string;
  readonly unit: ValueUnit;
  /** `x` multiplies what the base case has. */
  readonly relation: 'in' | 'x';
  readonly promises: readonly StudyPromise[];
  /** Under what, a phrase each. */
  readonly under: readonly string[];
  /** The least bandwidth, the most churn: the value that is nearest to breaking and holds; `null` where none of the range does. */
  readonly value: Value | null;
  /** The next one, at which it breaks; `null` where the end of the range holds. */
  readonly breaksAt: Value | null;
  readonly resolution: string;
  /** A scenario that breaks at `breaksAt`. */
  readonly witness: { readonly text: string; readonly planValue: readonly Judgement[]; readonly replay: string } | null;
  readonly scenariosRun: number;
  /** Every shape of what it is under was run at the value. */
  readonly exact: boolean;
  readonly text: string;
  readonly methodText: string;
}

/** @param target index of the dimension that is solved for; it must have a worse end */
export async function solveFor(request: StudyRequest, target: number, ask: AskScenarios): Promise<Solution> {
  const { space, run, seed } = request;
  const { clock } = run.workload;
  const grid = new Grid(space.dimensions);
  const asker = new Asker(grid, askIn(space, ask), request.scenariosMost);
  const { level, witness, shapes, monotone } = await solve(asker, target, seed, randomStream(seed, 'solve'));
  const dimension = space.dimensions[target]!;
  const { variable, levels } = dimension;
  const name = variableName(variable);
  const word = kindOf(variable.key)?.worse === 'less' ? 'least' : 'most';
  const value = level === undefined ? null : levels[level]!;
  const breaksAt = witness === undefined ? null : levels[witness[target]!]!;
  const text =
    value === null
      ? `No ${name} of the range will do: it breaks even at ${levelText(dimension, levels[0]!, clock)}.`
      : breaksAt === null
        ? `The whole range of ${name} holds, to ${levelText(dimension, value, clock)}.`
        : `The ${word} ${name} that will do is ${levelText(dimension, value, clock)}; at ${levelText(dimension, breaksAt, clock)} it breaks.`;
  return {
    schema: 'asr-plan/solution@1',
    version: request.version,
    variable: name,
    unit: variable.unit,
    relation: variable.multiplies ? 'x' : 'in',
    promises: request.requirements.map((own) => ({ text: own.text, unit: own.unit })),
    under: underTexts(space, target, request),
    value,
    breaksAt,
    resolution: resolutionText(dimension),
    witness: witness === undefined ? null : await witnessOf(asker, witness, request),
    scenariosRun: asker.count,
    exact: shapes.areAll && monotone.violationCount === 0,
    text,
    methodText: methodOf(grid, value === null ? 0 : shapes.cells.length, shapes.areAll, monotone),
  };
}

function underTexts({ dimensions, fixed }: Space, target: number, { run }: StudyRequest): string[] {
  const { clock } = run.workload;
  const varied = dimensions.flatMap((dimension, d) => {
    if (d === target) return [];
    const { variable, levels, role } = dimension;
    const worst = levelText(dimension, levels.at(-1)!, clock);
    return role === 'severity'
      ? `${variableName(variable)} at its worst, ${worst}`
      : `any of ${levels.length} values of ${variableName(variable)}`;
  });
  return [...fixed.map((setting) => settingsText([setting], clock)), ...varied];
}

async function witnessOf(asker: Asker, cell: Cell, { space, run, replay }: StudyRequest): Promise<Solution['witness']> {
  const settings = settingsOfPoint(space, asker.grid.point(cell));
  const judgements = await asker.judgements(cell);
  return {
    text: settingsText(settings, run.workload.clock),
    planValue: judgements,
    replay: replay([...space.fixed, ...settings].map(replayText)),
  };
}

function methodOf(
  grid: Grid,
  /** At the value; 0 where there is none. */
  shapesRun: number,
  areAll: boolean,
  { pairsCompared, violationCount }: { readonly pairsCompared: number; readonly violationCount: number },
): string {
  const shapes =
    grid.shapes.length === 0 || shapesRun === 0
      ? ''
      : areAll
        ? `At the value every one of ${shapesRun} combinations was run. `
        : `At the value ${shapesRun} of ${grid.shapeCount} combinations were run, evenly spread and drawn. `;
  const checked =
    violationCount === 0
      ? `In all ${pairsCompared} pairs that can be compared the worse scenario broke, as bisection takes it to be.`
      : `In ${violationCount} of ${pairsCompared} pairs a worse scenario held where a milder one broke: the value holds, and others beyond it may too.`;
  return `${shapes}${checked}`;
}
