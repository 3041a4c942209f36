import { expect, test } from 'vitest';
import { ScenarioPool } from '../../src/cli/study/scenario-pool.ts';
import { answerScenario } from '../../src/study/answer-scenario.ts';
import type { Setting } from '../../src/study/space/space.ts';
import { requestOf, STUDY_RUN } from '../study/sample-study.ts';

test('threads are started once, answer as this one does, and nothing is asked of them twice', async () => {
  const { requirements, space } = await requestOf(['rpo.max <= 3 h'], ['outage.length in 0 h .. 8 h step 1 h']);
  const [{ variable, levels }] = space.dimensions as [(typeof space.dimensions)[0]];
  const scenarios = levels.map((value): Setting[] => [{ variable, value }]);
  let threads = 0;
  const count = (): void => {
    threads++;
  };
  process.on('worker', count);
  const question = { run: STUDY_RUN, requirements };
  const answered: number[] = [];
  const pool = new ScenarioPool(question, { workers: 2, onAnswer: (number) => answered.push(number) });
  try {
    const answers = await pool.ask(scenarios, 'verdict');
    expect(answers).toEqual(scenarios.map((settings) => answerScenario(question, settings, 'verdict')));
    expect(answers.some(({ judgements }) => judgements === null)).toBe(true);
    const values = await pool.ask(scenarios, 'values');
    expect(values.every(({ judgements }) => judgements !== null)).toBe(true);
    expect(values.map(({ holds }) => holds)).toEqual(answers.map(({ holds }) => holds));
    expect(threads).toBe(2);
    expect(answered.at(-1)).toBe(2 * scenarios.length);
  } finally {
    process.off('worker', count);
    await pool.close();
  }
});
