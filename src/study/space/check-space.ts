import { type Problem, shownValue } from '../../model/problem.ts';
import type { Run } from '../../model/run.ts';
import { DAY_MS, formatDurationMs } from '../../units.ts';
import { choleskyOf } from './draw.ts';
import { parseFactor } from './parse-value.ts';
import { variableName } from './point-text.ts';
import type { Correlation, Dimension, Setting, Variable } from './space.ts';
import { TEXT_LENGTH_MOST } from './wrong.ts';

/** `churn, growth: 0.6`. */
export function parseCorrelation(
  text: string,
  dimensions: readonly Dimension[],
  file: string,
): { readonly correlation?: Correlation; readonly problems: readonly Problem[] } {
  const problem = (message: string, remedy: string): { problems: Problem[] } => ({
    problems: [{ severity: 'error', code: 'correlation', file, value: shownValue(text), message, remedy }],
  });
  const match = text.length > TEXT_LENGTH_MOST ? null : /^([^,]+),([^:]+):\s*(\S+)\s*$/.exec(text);
  const coefficient = match === null ? undefined : parseFactor(match[3]!);
  if (match === null || coefficient === undefined || Math.abs(coefficient) >= 1) {
    return problem('This is no correlation.', "Write 'churn, growth: 0.6', with a coefficient between -1 and 1.");
  }
  const names = dimensions.map(({ variable }) => variableName(variable));
  const between = [match[1]!, match[2]!].map((name) => names.indexOf(name.trim())) as [number, number];
  if (between.includes(-1) || between[0] === between[1]) {
    return problem('It does not name two things that vary.', `Those that vary are ${names.join(', ')}.`);
  }
  return { correlation: { between, coefficient }, problems: [] };
}

/** What is wrong with dimensions and settings together. */
export function checkSpace(
  dimensions: readonly Dimension[],
  fixed: readonly Setting[],
  correlations: readonly Correlation[],
  file: string,
  run?: Run,
): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const { variable } of dimensions) {
    const name = variableName(variable);
    if (seen.has(name))
      problems.push({
        severity: 'error',
        code: 'scenario',
        file,
        value: shownValue(name),
        message: `${name} varies twice.`,
        remedy: 'Leave one out.',
      });
    seen.add(name);
  }
  const said = new Set([...dimensions, ...fixed].map(({ variable }) => variableName(variable)));
  for (const name of said) {
    const start = /^(.*)(outage|storm|down|drain)\.start$/.exec(name);
    if (start === null || said.has(`${start[1]}${start[2]}.length`)) continue;
    problems.push({
      severity: 'error',
      code: 'scenario',
      file,
      value: shownValue(name),
      message: `${name} without ${start[1]}${start[2]}.length is nothing that happens.`,
      remedy: `Add '${start[1]}${start[2]}.length in 0 h .. 8 h', or '= 2 h'.`,
    });
  }
  if (correlations.length > 0 && choleskyOf(dimensions.length, correlations) === undefined) {
    problems.push({
      severity: 'error',
      code: 'correlation',
      file,
      message: 'These correlations contradict each other (their matrix is not positive definite).',
      remedy: 'Lower the coefficients.',
    });
  }
  const cutOff = run === undefined ? undefined : cutOffText(dimensions, fixed, run);
  if (cutOff !== undefined) {
    const days = Math.ceil(run!.options.horizonMs / DAY_MS) + 1;
    problems.push({
      ...{ severity: 'warning', code: 'scenario-cut-off', file, message: cutOff },
      remedy: `Look further ahead: --horizon ${days}d.`,
    });
  }
  return problems;
}

/**
 * What lasts beyond the end of the run is cut off there, and looks milder than it is: a sentence where that can be, for whoever reads the
 * answer; `undefined` where everything ends within.
 */
export function cutOffText(dimensions: readonly Dimension[], fixed: readonly Setting[], run: Run): string | undefined {
  const { horizonMs } = run.options;
  const most = new Map<string, number>();
  const note = (key: string, variable: Variable, value: number): void => {
    if (variable.key.endsWith(key)) most.set(eventName(variable), Math.max(most.get(eventName(variable)) ?? 0, value));
  };
  for (const { variable, levels } of dimensions) for (const level of levels) note('.length', variable, level);
  for (const { variable, value } of fixed) note('.length', variable, value);
  const late = [
    ...dimensions.map(({ variable, levels }) => ({ variable, startMs: levels.at(-1)! })),
    ...fixed.map(({ variable, value }) => ({ variable, startMs: value })),
  ]
    .filter(({ variable }) => variable.key.endsWith('.start'))
    .map(({ variable, startMs }) => ({ variable, endMs: startMs + (most.get(eventName(variable)) ?? 0) }))
    .filter(({ endMs }) => endMs > horizonMs)
    .toSorted((a, b) => b.endMs - a.endMs);
  const [latest] = late;
  if (latest === undefined) return undefined;
  const beyondMs = latest.endMs - horizonMs;
  return `The latest ${eventName(latest.variable)} would end ${formatDurationMs(beyondMs)} after the end of the run: what starts late is cut off there and looks milder than it is.`;
}

function eventName(variable: Variable): string {
  return variableName(variable).replace(/\.(start|length)$/, '');
}
