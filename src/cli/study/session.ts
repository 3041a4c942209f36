import { hasErrors, type Problem } from '../../model/problem.ts';
import type { AnalyzeFlags } from '../../request/flags.ts';
import type { Question } from '../../study/answer-scenario.ts';
import { parsePromise } from '../../study/promises/parse-promise.ts';
import type { Requirement } from '../../study/promises/promise.ts';
import type { AskScenarios } from '../../study/search/ask.ts';
import type { parseVary } from '../../study/space/parse-vary.ts';
import type { Dimension, Setting } from '../../study/space/space.ts';
import type { Ending } from '../analyze.ts';
import type { Target } from '../documents.ts';
import { printProblems } from '../print-problems.ts';
import { Progress } from '../progress.ts';
import { renderDocuments, writeDocuments, writtenLines } from '../write-documents.ts';
import { AnswersFile } from './answers-file.ts';
import type { BaseCase } from './base-case.ts';
import { Countdown } from './countdown.ts';
import { ScenarioPool } from './scenario-pool.ts';
import type { SearchSettings } from './study-flags.ts';

/** As shells say of SIGINT. */
const INTERRUPTED = 130;

/** What was found out, whether it is what was promised, and how a terminal shows it. */
interface Answered<Made> {
  readonly made: Made;
  readonly holds: boolean;
  readonly terminal: () => string;
}

export function answered<Made>(made: Made, holds: boolean, terminal: () => string): Answered<Made> {
  return { made, holds, terminal };
}

/** What `study`, `solve` and `check` do alike: workers, answers that are kept, progress, documents, the end. */
export class StudySession {
  readonly #progress: Progress;
  readonly #isQuiet: boolean;
  readonly onProgress: (words: string) => void;

  constructor({ quiet }: Pick<AnalyzeFlags, 'quiet'>) {
    this.#isQuiet = quiet === true;
    this.#progress = new Progress(process.stderr, !this.#isQuiet);
    this.onProgress = (words) => this.#progress.show(words);
  }

  /** @param question `undefined` where something is wrong, as `problems` say */
  async run<Asked extends Question, Made>(
    question: Asked | undefined,
    problems: Problem[],
    search: SearchSettings,
    targets: readonly Target<Made>[],
    find: (question: Asked, ask: AskScenarios, countdown: Countdown) => Promise<Answered<Made>>,
  ): Promise<Ending> {
    const isFine = question !== undefined && !hasErrors(problems);
    const opened = isFine ? AnswersFile.open(search.answersPath, question, search.resume) : undefined;
    if (opened?.problem !== undefined) problems.push(opened.problem);
    if (question === undefined || opened?.answers === undefined) return this.#refuse(problems);
    const { answers } = opened;
    const countdown = new Countdown(this.#progress, search.scenariosMost, answers.known.size);
    const interrupted = (): void => this.#interrupted(answers.path);
    process.once('SIGINT', interrupted);
    const pool = new ScenarioPool(question, { ...search, answers, onAnswer: (count) => countdown.count(count) });
    try {
      const { made, holds, terminal } = await find(question, pool.ask, countdown);
      const documents = await renderDocuments(targets, made);
      const notWritten = writeDocuments(documents);
      this.#progress.clear();
      process.stderr.write(printProblems([...(this.#isQuiet ? [] : problems), ...notWritten]));
      if (notWritten.length > 0) return 'badInput';
      answers.remove();
      if (!this.#isQuiet && targets.every(({ isStandardOutput }) => !isStandardOutput)) {
        const written = writtenLines(documents);
        process.stdout.write(`${terminal()}${written === '' ? '' : `\n${written}`}`);
      }
      return holds ? 'met' : 'broken';
    } finally {
      process.off('SIGINT', interrupted);
      answers.close();
      await pool.close();
    }
  }

  /** Every answer is in its file already. */
  #interrupted(path: string): void {
    this.#progress.clear();
    process.stderr.write(`Interrupted. The answers so far are in ${path}: the same command goes on with --resume.\n`);
    process.exit(INTERRUPTED);
  }

  #refuse(problems: readonly Problem[]): Ending {
    this.#progress.clear();
    process.stderr.write(printProblems(problems));
    return 'badInput';
  }
}

/** Files that a study reads. */
export function inputsOf(files: readonly string[], flags: AnalyzeFlags): string[] {
  const single = [flags.churn, flags.site, flags.background, flags.outages, flags.batches];
  return [...files, ...single.filter((path) => path !== undefined), ...(flags.rules ?? []), ...(flags.prices ?? [])];
}

/** Promises of whatever text; what is wrong with them is put into `problems`. */
export async function readPromises(
  texts: readonly string[],
  { known }: Pick<BaseCase, 'known'>,
  file: string,
  problems: Problem[],
): Promise<Requirement[]> {
  const requirements: Requirement[] = [];
  for (const text of texts) {
    const read = await parsePromise(text, known, file);
    problems.push(...read.problems);
    if (read.requirement !== undefined) requirements.push(read.requirement);
  }
  return requirements;
}

/** What varies and what is set, of several texts; `parse` is `parseVary`, or `parseUnder` where a named case is meant as it stands. */
export function readVaried(
  parse: typeof parseVary,
  texts: readonly string[],
  { run }: Pick<BaseCase, 'run'>,
  file: string,
  problems: Problem[],
): { dimensions: Dimension[]; settings: Setting[] } {
  const read = texts.map((text) => parse(text, { run, file }));
  problems.push(...read.flatMap((one) => one.problems));
  return {
    dimensions: read.flatMap(({ dimensions }) => dimensions),
    settings: read.flatMap(({ settings }) => settings),
  };
}
