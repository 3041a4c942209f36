import { firstBreakingStep } from './along-path.ts';
import type { Asker } from './asker.ts';
import type { Cell } from './grid.ts';
import { checkMonotone, type MonotoneCheck, probesOf } from './monotone.ts';
import { type Shapes, shapesOf } from './shapes.ts';

/** How far one severity can go while everything else is at its worst. */
export interface Solved {
  /** The worst level at which every shape holds; `undefined` where even the mildest breaks. */
  readonly level: number | undefined;
  /** A scenario that breaks one level further; `undefined` where the worst level holds. */
  readonly witness: Cell | undefined;
  readonly shapes: Shapes;
  readonly monotone: MonotoneCheck;
}

const PROBES = 24;

/** Looks for the worst level of `target` that holds at every shape, the other severities at their worst levels; probes that milder ones hold too. */
export async function solve(asker: Asker, target: number, seed: number, random: () => number): Promise<Solved> {
  const { grid } = asker;
  const others = grid.severities.filter((d) => d !== target);
  const worst = grid.at(grid.baseCell, new Map(others.map((d) => [d, grid.lastLevel(d)])));
  const shapes = shapesOf(grid, Math.max(1, Math.floor(asker.most / 2)), seed);
  const path = (level: number): Cell => grid.at(worst, new Map([[target, level]]));
  let breaksAt = await firstBreakingStep(asker, shapes.cells, path, 0, grid.lastLevel(target));
  await asker.every(probesOf(asker, random, Math.min(PROBES, Math.max(0, asker.remaining))));
  for (;;) {
    // A probe may have found that something milder breaks.
    const milder = lowestBroken(asker, target);
    if (milder === undefined || milder[target]! >= (breaksAt ?? grid.lastLevel(target) + 1)) break;
    breaksAt = milder[target]!;
    breaksAt = (await firstBreakingStep(asker, shapes.cells, path, 0, breaksAt)) ?? breaksAt;
  }
  const level = breaksAt === undefined ? grid.lastLevel(target) : breaksAt - 1;
  return {
    level: level < 0 ? undefined : level,
    witness: breaksAt === undefined ? undefined : lowestBroken(asker, target),
    shapes,
    monotone: checkMonotone(asker),
  };
}

/** Of what is known to break the one with the mildest level of a dimension. */
function lowestBroken(asker: Asker, dimension: number): Cell | undefined {
  let lowest: Cell | undefined;
  for (const { cell, answer } of asker.all()) {
    if (!answer.holds && (lowest === undefined || cell[dimension]! < lowest[dimension]!)) lowest = cell;
  }
  return lowest;
}
