import { isLike } from '../../model/name-pattern.ts';
import type { Run } from '../../model/run.ts';
import type { RunResult } from '../../simulate/result.ts';
import type { SimulateOptions } from '../../simulate/simulate.ts';
import type { FigureValue } from './figure.ts';
import { FIGURES } from './figures.ts';
import type { Comparator, Expression, Judgement, Requirement, Scope } from './promise.ts';

/** How a scenario must be simulated so that all of the promises can be judged: no more than that, since there are many. */
export function simulationFor(requirements: readonly Requirement[]): SimulateOptions {
  const withinMs = [...new Set(requirements.flatMap((requirement) => requirement.withinMs))].sort((a, b) => a - b);
  return {
    objectivesOnly: !requirements.some(({ needsDetail }) => needsDetail),
    ...(withinMs.length === 0 ? {} : { withinMs }),
  };
}

/**
 * Judges a promise by one scenario.
 *
 * What a scenario does not know (no VM was protected, a volume's free space is not given) is neither true nor false, and so is what rests on
 * it, unless the rest decides alone (`false and …`, `true or …`); a promise that comes to nothing is broken.
 */
export function judge(requirement: Requirement, run: Run, result: RunResult): Judgement {
  const scene: Scene = { run, result, places: new Map() };
  const found = conditionOf(requirement.expression, scene);
  const single = singleComparison(requirement.expression);
  const holds = found.truth === true;
  const margin = found.margin === null ? null : plain(found.margin);
  if (single === undefined) return { holds, value: null, limit: null, margin };
  const isOfPlan = speaksOfPlan(single.left) || !speaksOfPlan(single.right);
  const [value, limit] = isOfPlan ? [single.left, single.right] : [single.right, single.left];
  return { holds, value: plain(numberOf(value, scene)), limit: plain(numberOf(limit, scene)), margin };
}

interface Scene {
  readonly run: Run;
  readonly result: RunResult;
  /** Where the members of a scope stand in the result, by name; made when first asked for. */
  readonly places: Map<Scope, Map<string, number>>;
  /** The member of which is spoken inside `over`. */
  readonly each?: number;
}

interface Condition {
  readonly truth: boolean | null;
  readonly margin: number | null;
}

function plain(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}

/** The comparison that the whole promise is; `not` of one is one too. */
export function singleComparison(expression: Expression): Extract<Expression, { kind: 'comparison' }> | undefined {
  if (expression.kind === 'comparison') return expression;
  return expression.kind === 'logic' && expression.operator === 'not'
    ? singleComparison(expression.parts[0]!)
    : undefined;
}

/** Whether anything of the plan is in it; else it is a limit. */
export function speaksOfPlan(expression: Expression): boolean {
  switch (expression.kind) {
    case 'quantity':
      return false;
    case 'figure':
    case 'over':
      return true;
    case 'comparison':
      return speaksOfPlan(expression.left) || speaksOfPlan(expression.right);
    default:
      return expression.parts.some(speaksOfPlan);
  }
}

function conditionOf(expression: Expression, scene: Scene): Condition {
  switch (expression.kind) {
    case 'comparison': {
      const [left, right] = [numberOf(expression.left, scene), numberOf(expression.right, scene)];
      if (left === null || right === null) return { truth: null, margin: null };
      const limitIsRight = speaksOfPlan(expression.left) || !speaksOfPlan(expression.right);
      return {
        truth: compare(expression.operator, left, right),
        margin: marginOf(expression.operator, left, right, limitIsRight ? right : left),
      };
    }
    case 'logic': {
      const parts = expression.parts.map((part) => conditionOf(part, scene));
      if (expression.operator === 'and') return allOf(parts);
      return expression.operator === 'or' ? negated(allOf(parts.map(negated))) : negated(parts[0]!);
    }
    case 'over': {
      if (expression.by !== 'all' && expression.by !== 'any') return { truth: null, margin: null };
      const parts = membersOf(expression, scene).map((each) => conditionOf(expression.inner, { ...scene, each }));
      return expression.by === 'all' ? allOf(parts) : negated(allOf(parts.map(negated)));
    }
    case 'figure': {
      const value = figureValue(expression, scene);
      return { truth: typeof value === 'boolean' ? value : null, margin: null };
    }
    default:
      return { truth: null, margin: null };
  }
}

/** False beats unknown, unknown beats true. The margin is the least of the parts that decide. */
function allOf(parts: readonly Condition[]): Condition {
  const broken = parts.filter(({ truth }) => truth === false);
  const unknown = parts.some(({ truth }) => truth === null);
  const deciding = broken.length > 0 ? broken : unknown ? [] : parts;
  let margin: number | null = null;
  for (const part of deciding) if (part.margin !== null) margin = Math.min(margin ?? part.margin, part.margin);
  return { truth: broken.length > 0 ? false : unknown ? null : true, margin };
}

function negated({ truth, margin }: Condition): Condition {
  return { truth: truth === null ? null : !truth, margin: margin === null ? null : 0 - margin };
}

function compare(operator: Comparator, left: number, right: number): boolean {
  switch (operator) {
    case '<=':
      return left <= right;
    case '<':
      return left < right;
    case '>=':
      return left >= right;
    case '>':
      return left > right;
    case '==':
      return left === right;
    default:
      return left !== right;
  }
}

/** Share of the limit by which it holds, below 0 by which it does not. Against a limit of 0, of the other side. */
function marginOf(operator: Comparator, left: number, right: number, limit: number): number | null {
  if (operator === '==' || operator === '!=') return null;
  const slack = operator === '<=' || operator === '<' ? right - left : left - right;
  const scale = Math.abs(limit) || Math.abs(slack) || 1;
  const margin = slack / scale;
  return Number.isFinite(margin) ? margin : null;
}

/** A number; `null` where the scenario has none. Infinity: it did not come about. */
function numberOf(expression: Expression, scene: Scene): number | null {
  switch (expression.kind) {
    case 'quantity':
      return expression.value;
    case 'figure': {
      const value = figureValue(expression, scene);
      return typeof value === 'number' ? value : null;
    }
    case 'over':
      return aggregate(expression, scene);
    case 'arithmetic': {
      const values = expression.parts.map((part) => numberOf(part, scene));
      let total: number | null = values[0]!;
      for (const value of values.slice(1)) {
        if (total === null || value === null) return null;
        total = calculated(expression.operator, total, value);
      }
      return total;
    }
    default:
      return null;
  }
}

function calculated(operator: '+' | '-' | '*' | '/', a: number, b: number): number | null {
  if (operator === '/' && b === 0) return null;
  const value = operator === '+' ? a + b : operator === '-' ? a - b : operator === '*' ? a * b : a / b;
  return Number.isNaN(value) ? null : value;
}

type Over = Extract<Expression, { kind: 'over' }>;

function aggregate(over: Over, scene: Scene): number | null {
  const members = membersOf(over, scene);
  if (over.by === 'count') {
    let count = 0;
    for (const each of members) {
      const { truth } = conditionOf(over.inner, { ...scene, each });
      if (truth === null) return null;
      if (truth) count++;
    }
    return count;
  }
  let total: number | null = over.by === 'sum' ? 0 : null;
  for (const each of members) {
    const value = numberOf(over.inner, { ...scene, each });
    if (value === null) return null;
    if (total === null) total = value;
    else if (over.by === 'max') total = Math.max(total, value);
    else if (over.by === 'min') total = Math.min(total, value);
    else total += value;
  }
  if (total === null || Number.isNaN(total)) return null;
  return over.by === 'mean' ? total / members.length : total;
}

function membersOf({ scope, like }: Over, { result }: Scene): number[] {
  const names = FIGURES[scope].names(result);
  return [...names.keys()].filter((member) => like === undefined || isLike(names[member]!, like));
}

function figureValue(figure: Extract<Expression, { kind: 'figure' }>, scene: Scene): FigureValue {
  const { run, result } = scene;
  const scope = figure.of?.scope ?? figure.each ?? 'fleet';
  let member = 0;
  if (figure.of !== undefined) member = placeOf(figure.of.scope, figure.of.name, scene);
  else if (figure.each !== undefined) member = scene.each ?? -1;
  const value = member < 0 ? null : FIGURES[scope].value(figure.name, result, member, run, figure.argument ?? 0);
  return typeof value === 'number' && Number.isNaN(value) ? null : value;
}

function placeOf(scope: Scope, name: string, { places, result }: Scene): number {
  let byName = places.get(scope);
  if (byName === undefined) {
    byName = new Map(FIGURES[scope].names(result).map((of, place) => [of, place]));
    places.set(scope, byName);
  }
  return byName.get(name) ?? -1;
}
