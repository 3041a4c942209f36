/** A fixed part of the swarm. More of it: `npm run swarm -- --seed 1000 --minutes 10 --stats`. */
import { describe, expect, it } from 'vitest';
import { drawRun } from './draw/draw-run.ts';
import { failureText, runSeed } from './swarm.ts';
import { Visits } from './visits.ts';

const FIRST_SEED = 1;
const SEEDS = 160;

describe('the swarm', () => {
  it(`keeps every law on ${SEEDS} seeds, and reaches every phase, input, cause and action`, () => {
    const visits = new Visits();
    const failures = Array.from({ length: SEEDS }, (_, run) => runSeed(FIRST_SEED + run, visits));
    const texts = failures.flatMap((failure) => (failure === null ? [] : [failureText(failure)]));
    expect(texts.join('\n')).toBe('');
    expect(visits.missed()).toEqual([]);
  });

  it('draws the same run from the same seed, and another from another', () => {
    expect(drawRun(7)).toEqual(drawRun(7));
    expect(drawRun(7).run).not.toEqual(drawRun(8).run);
  });

  it('prints of a failure the seed, the law, the VM, the instant and the line that replays it', () => {
    const text = failureText({ seed: 42, law: 'a law', vm: 'vm-03', atMs: 61_000, how: 'it does not hold' });
    expect(text.split('\n')).toEqual([
      'seed 42: a law',
      '  vm-03 at 61000 ms: it does not hold',
      '  npm run swarm -- --seed 42',
    ]);
  });
});
