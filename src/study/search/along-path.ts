import type { Asker } from './asker.ts';
import type { Cell } from './grid.ts';

/** Severities by a step: never milder at a later one. Shapes are those of whoever is asked. */
export type Path = (step: number) => Cell;

/** Shapes that are asked before the others: what they say spares most of the questions to the rest. */
const FIRST_SHAPES = 8;

/**
 * The first step from `from` to `to` at which some shape breaks, taken that what breaks at a step breaks at all later ones; `undefined` where
 * none does. Every shape is asked at the step before the answer, or had broken there already: one question each, and a bisection for the
 * few that lower the answer.
 */
export async function firstBreakingStep(
  asker: Asker,
  shapes: readonly Cell[],
  path: Path,
  from: number,
  to: number,
): Promise<number | undefined> {
  const { grid } = asker;
  let best = to + 1;
  for (let index = 0; index < shapes.length && best > from; ) {
    const chunk = shapes.slice(index, index === 0 ? FIRST_SHAPES : shapes.length);
    index += chunk.length;
    best = await bisect(asker, chunk, (shape, step) => grid.withShape(path(step), shape), from, best);
  }
  return best > to ? undefined : best;
}

/** The first step below `best` at which one of the shapes breaks, or `best`. */
async function bisect(
  asker: Asker,
  shapes: readonly Cell[],
  cellAt: (shape: Cell, step: number) => Cell,
  from: number,
  best: number,
): Promise<number> {
  const broken = async (candidates: readonly Cell[], step: number): Promise<Cell[]> => {
    const answers = await asker.every(candidates.map((shape) => cellAt(shape, step)));
    return candidates.filter((_, index) => !answers[index]!.holds);
  };
  let worst = best - 1;
  let candidates = await broken(shapes, worst);
  if (candidates.length === 0) return best;
  let holdsAt = from - 1;
  while (worst - holdsAt > 1) {
    const middle = (worst + holdsAt) >> 1;
    const left = await broken(candidates, middle);
    if (left.length > 0) {
      candidates = left;
      worst = middle;
    } else holdsAt = middle;
  }
  return worst;
}
