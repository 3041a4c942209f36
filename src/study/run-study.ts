import type { Assumption } from '../model/assumption.ts';
import type { Run } from '../model/run.ts';
import { runHash } from '../plan/run-hash.ts';
import { randomStream } from '../simulate/random.ts';
import { simulate } from '../simulate/simulate.ts';
import { judge, simulationFor } from './promises/judge.ts';
import type { Requirement } from './promises/promise.ts';
import { firstBreakingStep } from './search/along-path.ts';
import { type AskScenarios, askIn } from './search/ask.ts';
import { Asker } from './search/asker.ts';
import { frontierLine } from './search/frontier.ts';
import { type Cell, Grid } from './search/grid.ts';
import { monteCarlo, wilson } from './search/monte-carlo.ts';
import { type Found, search } from './search/search.ts';
import { applySettings } from './space/apply-point.ts';
import { cutOffText } from './space/check-space.ts';
import { drawPoint } from './space/draw.ts';
import { replayText, settingsOfPoint, settingsText, variableName } from './space/point-text.ts';
import { type Dimension, pointCount, type Setting, type Space, type Value } from './space/space.ts';
import type { Alone, Frontier, MonteCarlo, Study, StudyCounterexample, StudyDimension, TornadoBar } from './study.ts';
import { cellText, levelText, methodText, resolutionText, safeText } from './study-text.ts';
import { timelineOf } from './timeline.ts';

/** What a study is about. */
export interface StudyRequest {
  /** The base case: today's plan, its bandwidth settled. */
  readonly run: Run;
  /** What is otherwise in every scenario and in the base case (`--with`): the first of the space's fixed settings. */
  readonly given: readonly Setting[];
  readonly requirements: readonly Requirement[];
  readonly space: Space;
  readonly scenariosMost: number;
  /** Of what is drawn. */
  readonly seed: number;
  /** Draws scenarios by their distributions; absent = none are drawn. */
  readonly monteCarlo?: MonteCarloRequest;
  /** The command that makes the plan of a scenario, given its settings as texts. */
  readonly replay: (settings: readonly string[]) => string;
  readonly assumptions: readonly Assumption[];
  readonly version: string;
}

export interface MonteCarloRequest {
  readonly draws: number;
  /** Half the interval's width that is narrow enough, as a share. */
  readonly halfWidth: number;
  /** Its levels are compared on the same draws; absent = nothing is compared. */
  readonly compare?: Dimension;
}

/** Told what is being done. */
export interface StudyHooks {
  readonly onPhase?: (words: string) => void;
}

const FRONTIER_LINES_MOST = 168;
const FRONTIER_LINES_OF_SEVERITY = 25;
const QUANTILE_SHARES = [0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99];

/** Does every promise hold over the whole space; what is the smallest that breaks one; what is safe; where does it begin; what matters most. */
export async function runStudy(
  request: StudyRequest,
  askScenarios: AskScenarios,
  hooks: StudyHooks = {},
): Promise<Study> {
  const { run, requirements, space, seed } = request;
  const { clock } = run.workload;
  const grid = new Grid(space.dimensions);
  const asker = new Asker(grid, askIn(space, askScenarios), request.scenariosMost);

  hooks.onPhase?.('Base case');
  const baseRun = applySettings(run, request.given);
  const base = simulate(baseRun, { ...simulationFor(requirements), objectivesOnly: false });
  const baseJudgements = requirements.map((requirement) => judge(requirement, baseRun, base));

  hooks.onPhase?.('Searching');
  const found = await search(asker, { seed, random: randomStream(seed, 'study') });
  const alone = await aloneOf(asker, found);

  hooks.onPhase?.('Frontier');
  const frontiers = await frontiersOf(asker, found, request);
  const tornado = await tornadoOf(asker, found, baseJudgements);

  hooks.onPhase?.('Drawing scenarios');
  const drawn = request.monteCarlo === undefined ? null : await drawnOf(request, request.monteCarlo, askScenarios);

  hooks.onPhase?.('Counterexample');
  const counterexample = found.smallest === undefined ? null : await counterexampleOf(asker, found.smallest, request);
  const broken =
    found.smallest === undefined ? undefined : simulate(applySettings(run, settingsAt(grid, space, found.smallest)));
  const scenarioCount = pointCount(space.dimensions);
  return {
    schema: 'asr-plan/study@1',
    version: request.version,
    runHash: runHash(base),
    clock,
    horizonMs: run.options.horizonMs,
    vmCount: run.workload.vms.length,
    linkBitsPerSec: run.site.link.capacityBitsPerSec,
    promises: requirements.map(({ text, unit }) => ({ text, unit })),
    dimensions: space.dimensions.map(studyDimension),
    fixed: space.fixed.map((setting) => settingsText([setting], clock)),
    scenarioCount: Number.isFinite(scenarioCount) ? scenarioCount : null,
    scenariosRun: asker.count,
    scenariosMost: request.scenariosMost,
    holds: found.smallest === undefined,
    exact: found.method === 'whole',
    method: found.method,
    methodText: [methodText(grid, found), cutOffText(space.dimensions, space.fixed, run)].filter(Boolean).join(' '),
    base: { judgements: baseJudgements, holds: baseJudgements.every(({ holds }) => holds) },
    counterexample,
    safe: safeOf(grid, found, request),
    resolution: Object.fromEntries(space.dimensions.map((own) => [variableName(own.variable), resolutionText(own)])),
    monotonicity: {
      pairsCompared: found.monotone.pairsCompared,
      violationCount: found.monotone.violationCount,
      violations: found.monotone.violations.map(({ milder, worse }) => ({
        milder: cellText(grid, milder, clock),
        worse: cellText(grid, worse, clock),
      })),
    },
    alone,
    frontiers,
    tornado,
    monteCarlo: drawn,
    timeline: broken === undefined ? null : timelineOf(base, broken),
    assumptions: request.assumptions,
  };
}

function studyDimension(dimension: Dimension): StudyDimension {
  const { variable, role, levels, baseLevel } = dimension;
  return {
    name: variableName(variable),
    role,
    unit: variable.unit,
    relation: variable.multiplies ? 'x' : 'in',
    levelCount: levels.length,
    first: levels[0]!,
    last: levels.at(-1)!,
    base: levels[baseLevel]!,
  };
}

function settingsAt(grid: Grid, space: Space, cell: Cell): Setting[] {
  return [...space.fixed, ...settingsOfPoint(space, grid.point(cell))];
}

function valuesAt(grid: Grid, cell: Cell): Record<string, Value> {
  return Object.fromEntries(
    grid.dimensions.map(({ variable, levels }, d) => [variableName(variable), levels[cell[d]!]!]),
  );
}

async function counterexampleOf(
  asker: Asker,
  cell: Cell,
  { space, run, replay }: StudyRequest,
): Promise<StudyCounterexample> {
  const { grid } = asker;
  const judgements = await asker.judgements(cell);
  return {
    values: valuesAt(grid, cell),
    text: cellText(grid, cell, run.workload.clock),
    planValue: judgements,
    size: grid.sizeOf(cell),
    replay: replay(settingsAt(grid, space, cell).map(replayText)),
  };
}

function safeOf(grid: Grid, found: Found, { run }: StudyRequest): Study['safe'] {
  const { safeCorner: corner, method, shapeCount } = found;
  if (corner === undefined) return null;
  const values = grid.severities.map((d) => {
    const { variable, levels } = grid.dimensions[d]!;
    return [variableName(variable), { from: levels[0]!, to: levels[corner[d]!]! }] as const;
  });
  return {
    values: Object.fromEntries(values),
    shapesRun: shapeCount,
    text: safeText(grid, corner, found, run.workload.clock),
    wholeRun: method === 'whole',
  };
}

/** Each severity by itself: the search has asked nearly all of it already. */
async function aloneOf(asker: Asker, { shapes }: Found): Promise<Alone[]> {
  const { grid } = asker;
  const all: Alone[] = [];
  for (const d of grid.severities) {
    const { variable, levels, baseLevel } = grid.dimensions[d]!;
    const path = (level: number): Cell => grid.at(grid.baseCell, new Map([[d, level]]));
    const breaksAt = await firstBreakingStep(asker, shapes, path, baseLevel, grid.lastLevel(d));
    all.push({
      dimension: variableName(variable),
      largestSafe: breaksAt === baseLevel ? null : levels[breaksAt === undefined ? grid.lastLevel(d) : breaksAt - 1]!,
      smallestBreaking: breaksAt === undefined ? null : levels[breaksAt]!,
    });
  }
  return all;
}

/** The first severity along the first shape, as a map of start and length is; and along the next severity. */
async function frontiersOf(asker: Asker, found: Found, { run }: StudyRequest): Promise<Frontier[]> {
  const { grid } = asker;
  const [severity, second] = grid.severities;
  const shape = grid.shapes.find((d) => grid.lastLevel(d) > 0);
  if (severity === undefined) return [];
  const wanted = [
    ...(shape === undefined ? [] : [{ along: shape, most: FRONTIER_LINES_MOST }]),
    ...(second === undefined ? [] : [{ along: second, most: FRONTIER_LINES_OF_SEVERITY }]),
  ];
  const worstShape = grid.withShape(grid.baseCell, found.smallest ?? grid.baseCell);
  const frontiers: Frontier[] = [];
  for (const { along, most } of wanted) {
    const line = await frontierLine(asker, along, severity, worstShape, most);
    if (line.points.length === 0) continue;
    const { levels } = grid.dimensions[severity]!;
    const others = grid.dimensions.flatMap((dimension, d) =>
      d === along || d === severity || dimension.levels.length === 1
        ? []
        : [
            `${variableName(dimension.variable)} at ${levelText(dimension, dimension.levels[worstShape[d]!]!, run.workload.clock)}`,
          ],
    );
    frontiers.push({
      along: variableName(grid.dimensions[along]!.variable),
      severity: variableName(grid.dimensions[severity]!.variable),
      points: line.points.map(({ level, holdsAt, breaksAt }) => ({
        at: grid.dimensions[along]!.levels[level]!,
        largestSafe: holdsAt < 0 ? null : levels[holdsAt]!,
        smallestBreaking: levels[breaksAt] ?? null,
      })),
      elsewhere: others.join(', '),
    });
  }
  return frontiers;
}

/** Each severity at its mildest and at its worst level, everything else as in the base case, at the shape of the counterexample. */
async function tornadoOf(asker: Asker, found: Found, base: Study['base']['judgements']): Promise<TornadoBar[]> {
  const { grid } = asker;
  const elsewhere = grid.withShape(grid.baseCell, found.smallest ?? grid.baseCell);
  const bars: TornadoBar[] = [];
  for (const d of grid.severities) {
    const { variable, levels } = grid.dimensions[d]!;
    const ends = [0, grid.lastLevel(d)].map((level) => grid.at(elsewhere, new Map([[d, level]])));
    const [low, high] = await asker.every(ends, 'values');
    base.forEach(({ value, limit }, promise) => {
      const end = (answer: typeof low, at: Value): TornadoBar['low'] => {
        const own = answer!.judgements![promise]!;
        return { at, value: own.value, holds: own.holds };
      };
      bars.push({
        dimension: variableName(variable),
        promise,
        low: end(low, levels[0]!),
        high: end(high, levels.at(-1)!),
        baseValue: value,
        limit,
      });
    });
  }
  const swing = ({ low, high }: TornadoBar): number => Math.abs((high.value ?? Number.MAX_VALUE) - (low.value ?? 0));
  return bars.toSorted((a, b) => a.promise - b.promise || swing(b) - swing(a));
}

async function drawnOf(
  { space, seed, run }: StudyRequest,
  { compare, ...options }: MonteCarloRequest,
  ask: AskScenarios,
): Promise<MonteCarlo> {
  const random = randomStream(seed, 'monte carlo');
  const whole: Space = compare === undefined ? space : { ...space, dimensions: [...space.dimensions, compare] };
  const levels = compare?.levels ?? [undefined];
  const alternatives = levels.map(
    (level) => (point: readonly Value[]) => (level === undefined ? point : [...point, level]),
  );
  const { draws, held, values, settled } = await monteCarlo(
    askIn(whole, ask),
    () => drawPoint(space, random),
    alternatives,
    options,
  );
  return {
    draws,
    seed,
    alternatives: levels.map((level, index) => ({
      name:
        level === undefined
          ? 'all draws'
          : settingsText([{ variable: compare!.variable, value: level }], run.workload.clock),
      held: held[index]!,
      share: held[index]! / draws,
      ...wilson(held[index]!, draws),
    })),
    quantiles: QUANTILE_SHARES.map((share) => ({
      share,
      value: values[Math.min(values.length - 1, Math.ceil(share * values.length) - 1)] ?? null,
    })),
    settled,
  };
}
