import { hasErrors, type Problem, problemOf } from '../../model/problem.ts';
import { renderStudyTerminal } from '../../report/study/study-terminal.ts';
import type { AnalyzeFlags } from '../../request/flags.ts';
import { type MonteCarloRequest, runStudy, type StudyRequest } from '../../study/run-study.ts';
import { checkSpace, parseCorrelation } from '../../study/space/check-space.ts';
import { parseVary } from '../../study/space/parse-vary.ts';
import type { Space } from '../../study/space/space.ts';
import type { Ending } from '../analyze.ts';
import { documentTargets } from '../documents.ts';
import { terminalOf } from '../terminal.ts';
import { checkTargets } from '../write-documents.ts';
import { type BaseCase, readBaseCase } from './base-case.ts';
import { answered, inputsOf, readPromises, readVaried, StudySession } from './session.ts';
import { STUDY_DOCUMENTS } from './study-documents.ts';
import { readSearchFlags, type SearchFlags } from './study-flags.ts';

export interface StudyFlags extends AnalyzeFlags, SearchFlags {
  readonly require: readonly string[];
  readonly vary: readonly string[];
  readonly correlate: readonly string[];
  readonly monteCarlo?: string | true;
  /** Half of the interval's width. */
  readonly within?: string;
  readonly compare?: string;
}

const DEFAULT_REPORT = 'study.html';

/** `asr-plan study vms.csv --require … --vary …`: does a promise hold over a space of scenarios, and what breaks it. */
export async function study(files: readonly string[], flags: StudyFlags): Promise<Ending> {
  const session = new StudySession(flags);
  const targets = await documentTargets(STUDY_DOCUMENTS, flags, DEFAULT_REPORT);
  const problems: Problem[] = checkTargets(targets, inputsOf(files, flags));
  const search = readSearchFlags(flags, problems);
  const base = await readBaseCase(files, flags, problems, session.onProgress);
  const request = base === undefined ? undefined : await readStudy(base, flags, search.scenariosMost, problems);
  return await session.run(request, problems, search, targets, async (asked, ask, countdown) => {
    const found = await runStudy(asked, ask, { onPhase: (words) => countdown.phase(words) });
    return answered(found, found.holds, () => renderStudyTerminal(found, terminalOf(process.stdout)));
  });
}

async function readStudy(
  base: BaseCase,
  flags: StudyFlags,
  scenariosMost: number,
  problems: Problem[],
): Promise<StudyRequest | undefined> {
  const requirements = await readPromises(flags.require, base, '--require', problems);
  if (flags.require.length === 0) {
    problems.push(
      problemOf(
        'error',
        'study-promise',
        '--require',
        'There is no promise to look at.',
        "Give one: --require 'rpo.p95 <= 15 min'.",
      ),
    );
  }
  const { dimensions, settings } = readVaried(parseVary, flags.vary, base, '--vary', problems);
  if (flags.vary.length === 0) {
    problems.push(
      problemOf(
        'error',
        'study-space',
        '--vary',
        'Nothing varies.',
        "Say what: --vary 'outage.length in 0 h .. 8 h' --vary 'outage.start in week'.",
      ),
    );
  }
  const correlations = flags.correlate.flatMap((text) => {
    const read = parseCorrelation(text, dimensions, '--correlate');
    problems.push(...read.problems);
    return read.correlation ?? [];
  });
  const space: Space = { dimensions, fixed: [...base.given, ...settings], correlations };
  problems.push(...checkSpace(dimensions, space.fixed, correlations, '--vary', base.run));
  const monteCarlo = readMonteCarlo(flags, base, problems);
  if (hasErrors(problems)) return undefined;
  return {
    ...{
      run: base.run,
      given: base.given,
      requirements,
      space,
      scenariosMost,
      replay: base.replay,
      version: base.version,
    },
    seed: base.run.options.seed,
    ...(monteCarlo === undefined ? {} : { monteCarlo }),
    assumptions: base.request.assumptions,
  };
}

const DRAWS = 2000;
const HALF_WIDTH = 0.02;

function readMonteCarlo(flags: StudyFlags, { run }: BaseCase, problems: Problem[]): MonteCarloRequest | undefined {
  if (flags.monteCarlo === undefined) {
    for (const name of ['within', 'compare'] as const) {
      if (flags[name] === undefined) continue;
      problems.push(
        problemOf(
          'error',
          'flag-value',
          `--${name}`,
          `--${name} is said of drawn scenarios, and none are drawn.`,
          'Add --monte-carlo.',
        ),
      );
    }
    return undefined;
  }
  const draws = flags.monteCarlo === true ? DRAWS : Number(flags.monteCarlo);
  if (!Number.isInteger(draws) || draws < 1 || draws > 1e6) {
    problems.push(
      problemOf(
        'error',
        'flag-value',
        '--monte-carlo',
        `'${flags.monteCarlo}' is no number of draws.`,
        'Write a whole number from 1 to 1000000.',
      ),
    );
  }
  const percent =
    flags.within === undefined ? HALF_WIDTH * 100 : Number(/^(\d+(?:\.\d+)?)\s*%$/.exec(flags.within)?.[1]);
  if (!(percent > 0 && percent < 50)) {
    problems.push(
      problemOf(
        'error',
        'flag-value',
        '--within',
        `'${flags.within}' is no half of an interval.`,
        'Write a percentage from 0.1% to 50%.',
      ),
    );
  }
  const { dimensions } = readVaried(
    parseVary,
    flags.compare === undefined ? [] : [flags.compare],
    { run },
    '--compare',
    problems,
  );
  const [compare] = dimensions;
  return { draws, halfWidth: percent / 100, ...(compare === undefined ? {} : { compare }) };
}
