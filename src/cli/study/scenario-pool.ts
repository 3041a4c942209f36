import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Piscina } from 'piscina';
import { answerScenario, type Question } from '../../study/answer-scenario.ts';
import type { Answer, AskScenarios, Wanted } from '../../study/search/ask.ts';
import { replayText } from '../../study/space/point-text.ts';
import type { Setting } from '../../study/space/space.ts';
import type { AnswersFile } from './answers-file.ts';

export interface PoolOptions {
  /** Threads; 1 = this one. Absent = as many as there are cores. */
  readonly workers?: number;
  readonly answers?: AnswersFile;
  /** After each scenario, with how many were answered so far, kept ones counted. */
  readonly onAnswer?: (answered: number) => void;
}

/** What a thread is given. */
export interface ScenarioTask {
  readonly settings: readonly Setting[];
  readonly wanted: Wanted;
}

/** Answers scenarios on all cores. What is kept is not run again; what is new is kept at once. */
export class ScenarioPool {
  readonly #question: Question;
  readonly #options: PoolOptions;
  readonly #known: Map<string, Answer>;
  /** Once for all that ask before it is there. */
  #threads: Promise<Piscina> | undefined;
  #answered = 0;

  constructor(question: Question, options: PoolOptions = {}) {
    // Nothing else of a request: it is sent to the threads.
    this.#question = { run: question.run, requirements: question.requirements };
    this.#options = options;
    this.#known = new Map(options.answers?.known);
  }

  readonly ask: AskScenarios = async (scenarios, wanted) =>
    await Promise.all(scenarios.map((settings) => this.#answer(settings, wanted)));

  async #answer(settings: readonly Setting[], wanted: Wanted): Promise<Answer> {
    const scenario = settings.map(replayText).join('; ');
    const kept = this.#known.get(scenario);
    const known = kept?.judgements === null && wanted === 'values' ? undefined : kept;
    const answer = known ?? (await this.#run({ settings, wanted }));
    if (known === undefined) {
      this.#known.set(scenario, answer);
      this.#options.answers?.keep(scenario, answer);
    }
    this.#answered++;
    this.#options.onAnswer?.(this.#answered);
    return answer;
  }

  async #run(task: ScenarioTask): Promise<Answer> {
    const workers = this.#options.workers ?? availableParallelism();
    if (workers === 1) {
      // Let a progress line, and Ctrl-C, have their turn.
      await new Promise((resolve) => setImmediate(resolve));
      return answerScenario(this.#question, task.settings, task.wanted);
    }
    this.#threads ??= threadsOf(this.#question, workers);
    return await (await this.#threads).run(task);
  }

  async close(): Promise<void> {
    await (await this.#threads)?.destroy();
  }
}

async function threadsOf(workerData: Question, workers: number): Promise<Piscina> {
  const { Piscina } = await import('piscina');
  // Beside this file, and of its kind: .ts from the source, .js where it was built.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const filename = fileURLToPath(new URL(`./scenario-worker.${extension}`, import.meta.url));
  return new Piscina({ filename, workerData, minThreads: workers, maxThreads: workers });
}
