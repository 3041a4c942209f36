import { hasErrors, type Problem, problemOf, shownValue } from '../../model/problem.ts';
import { renderSolutionTerminal } from '../../report/study/solution-terminal.ts';
import type { AnalyzeFlags } from '../../request/flags.ts';
import type { StudyRequest } from '../../study/run-study.ts';
import { solveFor } from '../../study/solve-for.ts';
import { checkSpace } from '../../study/space/check-space.ts';
import { parseUnder, parseVary } from '../../study/space/parse-vary.ts';
import type { Dimension } from '../../study/space/space.ts';
import { kindOf } from '../../study/space/variables.ts';
import type { Ending } from '../analyze.ts';
import { documentTargets } from '../documents.ts';
import { terminalOf } from '../terminal.ts';
import { checkTargets } from '../write-documents.ts';
import { type BaseCase, readBaseCase } from './base-case.ts';
import { answered, inputsOf, readPromises, readVaried, StudySession } from './session.ts';
import { SOLUTION_DOCUMENTS } from './study-documents.ts';
import { readSearchFlags, type SearchFlags } from './study-flags.ts';

export interface SolveFlags extends AnalyzeFlags, SearchFlags {
  readonly for: readonly string[];
  readonly under: readonly string[];
}

/** `asr-plan solve bandwidth vms.csv --for … --under …`: how far one thing can go so that a promise holds. */
export async function solve(what: string, files: readonly string[], flags: SolveFlags): Promise<Ending> {
  const session = new StudySession(flags);
  const targets = await documentTargets(SOLUTION_DOCUMENTS, flags);
  const problems: Problem[] = checkTargets(targets, inputsOf(files, flags));
  const search = readSearchFlags(flags, problems);
  const base = await readBaseCase(files, flags, problems, session.onProgress);
  const request = base === undefined ? undefined : await readSolve(what, base, flags, search.scenariosMost, problems);
  return await session.run(request, problems, search, targets, async (asked, ask) => {
    const solution = await solveFor(asked, 0, ask);
    return answered(solution, solution.value !== null, () =>
      renderSolutionTerminal(solution, terminalOf(process.stdout)),
    );
  });
}

async function readSolve(
  what: string,
  base: BaseCase,
  flags: SolveFlags,
  scenariosMost: number,
  problems: Problem[],
): Promise<StudyRequest | undefined> {
  const requirements = await readPromises(flags.for, base, '--for', problems);
  if (flags.for.length === 0) {
    problems.push(
      problemOf(
        'error',
        'study-promise',
        '--for',
        'There is no promise to keep.',
        "Give one: --for 'rpo.p99 <= 15 min'.",
      ),
    );
  }
  const target = readTarget(what, base, problems);
  const { dimensions: under, settings } = readVaried(parseUnder, flags.under, base, '--under', problems);
  const dimensions = target === undefined ? under : [target, ...under];
  const fixed = [...base.given, ...settings];
  problems.push(...checkSpace(dimensions, fixed, [], '--under', base.run));
  if (target === undefined || hasErrors(problems)) return undefined;
  return {
    ...{ run: base.run, given: base.given, requirements, scenariosMost, replay: base.replay, version: base.version },
    space: { dimensions, fixed, correlations: [] },
    seed: base.run.options.seed,
    assumptions: base.request.assumptions,
  };
}

/** Ranges in which it is looked for where none is given. */
const USUAL_RANGES: Readonly<Record<string, string>> = {
  copy: 'in 1s .. 1d',
  compression: 'in 0.01 .. 1 step 0.01',
  growth: 'in 0 % .. 1000 % step 1 %',
  churn: 'x 0 .. 20 step 0.01',
  'burst.factor': 'x 1 .. 50 step 0.05',
  'outage.length': 'in 0 h .. 6 d step 1 min',
  'storm.length': 'in 0 h .. 6 d step 1 min',
  'down.length': 'in 0 h .. 6 d step 1 min',
  'slow.length': 'in 0 h .. 6 d step 1 min',
  'slow.to': 'in 1 % .. 100 % step 1 %',
  threads: 'in 1 .. 32',
  transfers: 'in 1 .. 100',
  added: 'in 0 .. 1000',
  rtt: 'in 1ms .. 1s',
  loss: 'in 0 % .. 10 % step 0.01 %',
};
const RATE_KEYS = ['bandwidth', 'throttle'];
const RATE_LEAST = 1e6;
const RATE_DECADES = 4;

/** `bandwidth`, `vms['SQL*'].churn`, or with a range: `bandwidth in 10 Mbps .. 1 Gbps`. */
function readTarget(what: string, { run }: BaseCase, problems: Problem[]): Dimension | undefined {
  const file = 'what to solve for';
  const text = what.trim();
  const key = /([A-Za-z][\w.-]*)$/.exec(text)?.[1] ?? '';
  const isBare = !/\s/.test(text.replace(/\[('[^']*'|"[^"]*")\]/, '')) && kindOf(key) !== undefined;
  const range = RATE_KEYS.includes(key) ? 'in 1 Mbps .. 2 Mbps' : USUAL_RANGES[key];
  if (isBare && range === undefined) {
    problems.push(
      problemOf(
        'error',
        'scenario',
        file,
        `'${shownValue(text)}' has no usual range.`,
        `Give one: '${shownValue(text)} in … .. …'.`,
      ),
    );
    return undefined;
  }
  const read = parseVary(isBare ? `${text} ${range}` : text, { run, file });
  problems.push(...read.problems);
  if (read.problems.length > 0) return undefined;
  const [dimension, ...more] = read.dimensions;
  if (dimension === undefined || more.length > 0 || dimension.role === 'shape') {
    problems.push(
      problemOf(
        'error',
        'scenario',
        file,
        `'${shownValue(text)}' is not one thing of which more or less is worse.`,
        "Name one, as 'bandwidth' or 'churn x 1 .. 5'.",
      ),
    );
    return undefined;
  }
  return isBare && RATE_KEYS.includes(key) ? { ...dimension, levels: roundRates(), baseLevel: 0 } : dimension;
}

/** Rates of three digits over four decades, the largest first: neighbours lie 1 % apart or less. */
function roundRates(): number[] {
  const rates: number[] = [];
  for (let decade = 0; decade < RATE_DECADES; decade++) {
    for (let digits = 100; digits < 1000; digits++) rates.push((digits * RATE_LEAST * 10 ** decade) / 100);
  }
  return [...rates, RATE_LEAST * 10 ** RATE_DECADES].reverse();
}
