import { hasErrors, type Problem } from '../../model/problem.ts';
import { renderCheckTerminal } from '../../report/study/check-terminal.ts';
import type { AnalyzeFlags } from '../../request/flags.ts';
import { wholeText } from '../../request/opened-file.ts';
import type { Question } from '../../study/answer-scenario.ts';
import { type Checked, type CheckResult, checkObjective } from '../../study/check.ts';
import type { Requirement } from '../../study/promises/promise.ts';
import type { StudyRequest } from '../../study/run-study.ts';
import { askOnly } from '../../study/search/ask.ts';
import { checkSpace } from '../../study/space/check-space.ts';
import { parseUnder, parseVary } from '../../study/space/parse-vary.ts';
import type { Ending } from '../analyze.ts';
import { documentTargets } from '../documents.ts';
import { DISK_FILES } from '../open-input.ts';
import { terminalOf } from '../terminal.ts';
import { checkTargets } from '../write-documents.ts';
import { type BaseCase, readBaseCase } from './base-case.ts';
import { type Objective, readObjectives } from './objectives-file.ts';
import { answered, inputsOf, readPromises, readVaried, StudySession } from './session.ts';
import { CHECK_DOCUMENTS } from './study-documents.ts';
import { readSearchFlags, type SearchFlags } from './study-flags.ts';

export interface CheckFlags extends AnalyzeFlags, SearchFlags {
  readonly junit?: string;
}

/** All promises of all objectives, so that one pool answers for each of them. */
interface Checks extends Question {
  readonly version: string;
  readonly objectives: readonly {
    readonly name: string;
    /** Which of the requirements are its own. */
    readonly own: readonly number[];
    readonly request: StudyRequest;
  }[];
}

/** `asr-plan check objectives.yaml vms.csv …`: promises in CI. */
export async function check(path: string, files: readonly string[], flags: CheckFlags): Promise<Ending> {
  const session = new StudySession(flags);
  const targets = await documentTargets(CHECK_DOCUMENTS, flags);
  const problems: Problem[] = checkTargets(targets, [path, ...inputsOf(files, flags)]);
  const search = readSearchFlags(flags, problems);
  const objectives = await openObjectives(path, problems);
  const base = await readBaseCase(files, flags, problems, session.onProgress);
  const checks =
    base === undefined ? undefined : await readChecks(path, objectives, base, search.scenariosMost, problems);
  return await session.run(checks, problems, search, targets, async ({ objectives: all, version }, ask, countdown) => {
    const checked: Checked[] = [];
    for (const { name, own, request } of all) {
      countdown.phase(name);
      checked.push(await checkObjective(name, request, askOnly(ask, own)));
    }
    const holds = checked.every((objective) => objective.holds);
    const result: CheckResult = { schema: 'asr-plan/check@1', version, holds, objectives: checked };
    return answered(result, holds, () => renderCheckTerminal(result, terminalOf(process.stdout)));
  });
}

async function openObjectives(path: string, problems: Problem[]): Promise<readonly Objective[]> {
  const opened = await DISK_FILES.open(path);
  const text = opened.value === undefined ? undefined : await wholeText(opened.value);
  problems.push(...opened.problems, ...(text?.problems ?? []));
  if (text?.value === undefined) return [];
  const read = readObjectives(path, text.value);
  problems.push(...read.problems);
  return read.objectives;
}

async function readChecks(
  path: string,
  objectives: readonly Objective[],
  base: BaseCase,
  scenariosMost: number,
  problems: Problem[],
): Promise<Checks | undefined> {
  const { run, given, version } = base;
  const requirements: Requirement[] = [];
  const all: Checks['objectives'][number][] = [];
  for (const { name, require, under, vary, path: place } of objectives) {
    const found: Problem[] = [];
    const own = await readPromises(require, base, path, found);
    const fixedPart = readVaried(parseUnder, under, base, path, found);
    const variedPart = readVaried(parseVary, vary, base, path, found);
    const dimensions = [...fixedPart.dimensions, ...variedPart.dimensions];
    const fixed = [...given, ...fixedPart.settings, ...variedPart.settings];
    found.push(...checkSpace(dimensions, fixed, [], path, run));
    problems.push(...found.map((problem) => ({ ...problem, column: problem.column ?? place })));
    all.push({
      name,
      own: own.map((_, index) => requirements.length + index),
      request: {
        ...{ run, given, requirements: own, scenariosMost, replay: base.replay, version },
        space: { dimensions, fixed, correlations: [] },
        seed: run.options.seed,
        assumptions: base.request.assumptions,
      },
    });
    requirements.push(...own);
  }
  return hasErrors(problems) ? undefined : { run, requirements, version, objectives: all };
}
