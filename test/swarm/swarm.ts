/** One seed of the swarm: drawn, simulated under all laws, and what became of it. */

import { everyVmHeals, type Healing } from './checkers/healing.ts';
import { LawBroken } from './checkers/law.ts';
import { drawRun } from './draw/draw-run.ts';
import { LAWS } from './laws.ts';
import type { Visits } from './visits.ts';
import { simulateWatched } from './watch.ts';

export interface SeedFailure {
  readonly seed: number;
  readonly law: string;
  readonly vm: string;
  /** `null` where it is not known. */
  readonly atMs: number | null;
  readonly how: string;
}

/** @returns the failure, `null` where every law was kept */
export function runSeed(seed: number, visits?: Visits): SeedFailure | null {
  const healing: Healing = { latestShare: 0 };
  try {
    const { run, healAtMs } = drawRun(seed);
    const laws = LAWS.map((make) =>
      make === everyVmHeals ? (watched: Parameters<typeof make>[0]) => everyVmHeals(watched, healing) : make,
    );
    const alsoStepped = visits === undefined ? {} : { alsoStepped: visits.take };
    const result = simulateWatched(run, laws, { healAtMs, ...alsoStepped });
    visits?.finish(result, healing.latestShare);
    return null;
  } catch (error) {
    return failureOf(seed, error);
  }
}

function failureOf(seed: number, error: unknown): SeedFailure {
  if (error instanceof LawBroken) return { seed, law: error.law, vm: error.vm, atMs: error.atMs, how: error.message };
  const how = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { seed, law: 'nothing crashes', vm: '(the fleet)', atMs: null, how };
}

/** What is printed of a failure; its last line replays it. */
export function failureText({ seed, law, vm, atMs, how }: SeedFailure): string {
  return [
    `seed ${seed}: ${law}`,
    `  ${vm}${atMs === null ? '' : ` at ${atMs} ms`}: ${how}`,
    `  npm run swarm -- --seed ${seed}`,
  ].join('\n');
}
