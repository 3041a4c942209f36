import type { Point } from '../space/space.ts';
import type { Ask } from './ask.ts';
import { ROUND } from './asker.ts';

export interface MonteCarloOptions {
  readonly draws: number;
  /** Half the width of the interval with which it is content, for every alternative. */
  readonly halfWidth: number;
}

export interface Drawn {
  readonly draws: number;
  /** For each alternative how many draws held. */
  readonly held: readonly number[];
  /** First promise’s value in each draw of the first alternative, ascending; `null` (no value) last. */
  readonly values: readonly (number | null)[];
  readonly settled: boolean;
}

/**
 * Draws scenarios until the share that holds is known well enough. Every alternative is asked about the same draws (common random numbers), so
 * that what differs between them is the alternative and not chance.
 */
export async function monteCarlo(
  ask: Ask,
  draw: () => Point,
  alternatives: readonly ((drawn: Point) => Point)[],
  { draws: most, halfWidth }: MonteCarloOptions,
): Promise<Drawn> {
  const held = alternatives.map(() => 0);
  const values: (number | null)[] = [];
  let draws = 0;
  let settled = false;
  while (draws < most && !settled) {
    const round = Array.from({ length: Math.min(ROUND, most - draws) }, draw);
    const answers = await ask(
      alternatives.flatMap((alternative) => round.map(alternative)),
      'values',
    );
    answers.forEach(({ holds, judgements }, index) => {
      const alternative = Math.floor(index / round.length);
      if (holds) held[alternative]!++;
      if (alternative === 0) values.push(judgements![0]!.value);
    });
    draws += round.length;
    settled = held.every((count) => {
      const { from, to } = wilson(count, draws);
      return (to - from) / 2 <= halfWidth;
    });
  }
  values.sort((a, b) => (a === b ? 0 : a === null ? 1 : b === null ? -1 : a - b));
  return { draws, held, values, settled };
}

/** 97.5 % quantile of the normal distribution. */
const Z = 1.959963984540054;

/** Wilson’s score interval at 95 % for a share (E. B. Wilson, J. Am. Stat. Assoc. 22, 1927). */
export function wilson(held: number, draws: number): { readonly from: number; readonly to: number } {
  if (draws === 0) return { from: 0, to: 1 };
  const share = held / draws;
  const centre = share + (Z * Z) / (2 * draws);
  const spread = Z * Math.sqrt((share * (1 - share)) / draws + (Z * Z) / (4 * draws * draws));
  const scale = 1 + (Z * Z) / draws;
  return { from: Math.max(0, (centre - spread) / scale), to: Math.min(1, (centre + spread) / scale) };
}
