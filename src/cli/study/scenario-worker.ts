/** A worker's thread: the question comes once, then scenario after scenario. */
import { workerData } from 'node:worker_threads';
import { answerScenario, type Question } from '../../study/answer-scenario.ts';
import type { Answer } from '../../study/search/ask.ts';
import type { ScenarioTask } from './scenario-pool.ts';

const question = workerData as Question;

// biome-ignore lint/style/noDefaultExport: the pool calls the module's default export
export default function answer({ settings, wanted }: ScenarioTask): Answer {
  return answerScenario(question, settings, wanted);
}
