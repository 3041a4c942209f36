import fc from 'fast-check';
import { firstBreakingStep, type Path } from './along-path.ts';
import type { Asker } from './asker.ts';
import { searchBoxes } from './boxes.ts';
import type { Cell, Grid } from './grid.ts';
import { checkMonotone, type MonotoneCheck, probesOf } from './monotone.ts';
import { safeByBisection, safeOfWhole } from './safe-region.ts';
import { anyShape, type Shapes, shapesOf } from './shapes.ts';

/** What a search found. */
export interface Found {
  readonly method: 'whole' | 'bisection' | 'sampled';
  /** The smallest scenario that breaks a promise; `undefined` where none was found. */
  readonly smallest: Cell | undefined;
  /** Worst corner of the largest safe region; `undefined` where there is none. */
  readonly safeCorner: Cell | undefined;
  /** Shapes that were looked at, severities as in the base case; in a whole scan all. */
  readonly shapes: readonly Cell[];
  readonly shapeCount: number;
  readonly areAllShapes: boolean;
  readonly monotone: MonotoneCheck;
}

export interface SearchOptions {
  /** Of fast-check and of the probes. */
  readonly seed: number;
  /** 0 to 1. */
  readonly random: () => number;
}

/** Of the scenarios that may be run: for the paths and the safe region, which go through all shapes, … */
const ALL_SHAPES_SHARE = 0.6;
/** the same where they are too many, so that there is room to look around the best of them, … */
const SOME_SHAPES_SHARE = 0.2;
/** … and kept back for probes, the safe region and the frontier. */
const RESERVE_SHARE = 0.4;
const PROBES_SHARE = 0.05;
const PROBES_LEAST = 24;

/**
 * The smallest scenario that breaks a promise, and what is safe. A space of at most as many scenarios as may be run is run whole, and the answer
 * is exact. Otherwise every shape is looked at (or as many as may be), severity is found by bisection, first in each severity alone and in all
 * together, then in boxes; that worse is worse is checked on purpose by probes, and where it is not, that shape is run level by level.
 */
export async function search(asker: Asker, options: SearchOptions): Promise<Found> {
  const { grid } = asker;
  const total = grid.dimensions.reduce((product, { levels }) => product * levels.length, 1);
  if (total <= asker.most) {
    const all = grid.dimensions.map((_, d) => d);
    await asker.every([...grid.cells(grid.baseCell, all)]);
    return {
      method: 'whole',
      smallest: asker.smallestBroken,
      safeCorner: safeOfWhole(asker),
      shapes: [...grid.cells(grid.baseCell, grid.shapes)],
      shapeCount: grid.shapeCount,
      areAllShapes: true,
      monotone: checkMonotone(asker),
    };
  }
  const severityCount = grid.severities.length;
  // Each severity alone and all together, and for the safe region each once more.
  const walks = severityCount < 2 ? 1 : 2 * severityCount + 1;
  const areFew = grid.shapeCount * walks <= asker.most * ALL_SHAPES_SHARE;
  const shapesMost = areFew ? grid.shapeCount : Math.max(1, Math.floor((asker.most * SOME_SHAPES_SHARE) / walks));
  const shapes = shapesOf(grid, shapesMost, options.seed);
  const reserve = Math.floor(asker.most * RESERVE_SHARE);
  await searchAlongPaths(asker, shapes.cells);
  const isSettled = severityCount < 2 || (await searchTogether(asker, shapes.cells, reserve));
  if (!shapes.areAll) await improveShape(asker, options.seed, reserve);
  await probe(asker, shapes.cells, options.random);
  const safeCorner = await safeByBisection(asker, shapes.cells);
  return {
    method: shapes.areAll && isSettled ? 'bisection' : 'sampled',
    smallest: asker.smallestBroken,
    safeCorner,
    shapes: shapes.cells,
    shapeCount: shapes.cells.length,
    areAllShapes: shapes.areAll,
    monotone: checkMonotone(asker),
  };
}

/** Each severity alone, then all together. */
async function searchAlongPaths(asker: Asker, shapes: Shapes['cells']): Promise<void> {
  const { grid } = asker;
  const { severities, baseCell } = grid;
  for (const d of severities) {
    const path: Path = (level) => grid.at(baseCell, new Map([[d, level]]));
    await firstBreakingStep(asker, shapes, path, baseCell[d]!, grid.lastLevel(d));
  }
  if (severities.length === 1) return;
  const worst = grid.at(baseCell, new Map(severities.map((d) => [d, grid.lastLevel(d)])));
  const { path, steps } = line(baseCell, worst);
  await firstBreakingStep(asker, shapes, path, 0, steps);
}

/** First in the shape that broke soonest, since all others are then passed over the sooner. @returns whether nothing was left unsettled */
async function searchTogether(asker: Asker, shapes: Shapes['cells'], reserve: number): Promise<boolean> {
  const { grid } = asker;
  for (let best: Cell | undefined; asker.smallestBroken !== best; ) {
    best = asker.smallestBroken!;
    await searchBoxes(asker, [grid.withShape(grid.baseCell, best)], reserve);
  }
  return await searchBoxes(asker, shapes, reserve);
}

/** From one cell to another, all severities in equal parts. */
function line(from: Cell, to: Cell): { path: Path; steps: number } {
  const steps = Math.max(0, ...from.map((level, d) => to[d]! - level));
  const path = (step: number): Cell =>
    from.map((level, d) => (steps === 0 ? level : level + Math.round(((to[d]! - level) * step) / steps)));
  return { path, steps };
}

/** Shapes beside the one that breaks first, as long as one of them breaks sooner; then fast-check shrinks it. */
async function improveShape(asker: Asker, seed: number, reserve: number): Promise<void> {
  const { grid } = asker;
  for (;;) {
    const best = asker.smallestBroken;
    if (best === undefined || asker.remaining <= reserve) return;
    const { path, steps } = line(grid.withShape(grid.baseCell, best), best);
    await firstBreakingStep(asker, neighbours(grid, best), (step) => path(step), 0, steps);
    if (asker.smallestBroken === best) break;
  }
  const best = asker.smallestBroken!;
  const isFine = async (shape: Cell): Promise<boolean> =>
    asker.remaining <= reserve || (await asker.every([grid.withShape(best, shape)]))[0]!.holds;
  const property = fc.asyncProperty(anyShape(grid), isFine);
  await fc.check(property, { seed, numRuns: 1, examples: [[grid.withShape(grid.baseCell, best)]] });
}

/** One shape dimension at another level, near and far. */
function neighbours(grid: Grid, cell: Cell): Cell[] {
  return grid.shapes.flatMap((d) => {
    const cells: Cell[] = [];
    for (let distance = 1; distance <= grid.lastLevel(d); distance *= 2) {
      for (const level of [cell[d]! - distance, cell[d]! + distance]) {
        if (level >= 0 && level <= grid.lastLevel(d)) cells.push(grid.at(cell, new Map([[d, level]])));
      }
    }
    return cells;
  });
}

/**
 * Looks on purpose where bisection did not. Where something milder breaks after all, what is smaller still is looked for from there, and
 * shapes in which worse was not worse are run level by level as far as may be.
 */
async function probe(asker: Asker, shapes: Shapes['cells'], random: () => number): Promise<void> {
  const { grid } = asker;
  const before = asker.smallestBroken;
  const count = Math.max(PROBES_LEAST, Math.floor(asker.count * PROBES_SHARE));
  await asker.every(probesOf(asker, random, Math.min(count, Math.max(0, asker.remaining))));
  for (let best = before; asker.smallestBroken !== best && asker.remaining >= shapes.length; ) {
    best = asker.smallestBroken!;
    const { path, steps } = line(grid.withShape(grid.baseCell, best), best);
    await firstBreakingStep(asker, shapes, path, 0, steps);
  }
  const [d, ...others] = grid.severities;
  if (d === undefined || others.length > 0) return;
  const doubtful = checkMonotone(asker).violations.map(({ milder }) => grid.withShape(grid.baseCell, milder));
  for (const shape of new Map(doubtful.map((cell) => [cell.join(), cell])).values()) {
    const below = asker.smallestBroken?.[d] ?? grid.lastLevel(d);
    const levels = [...grid.cells(shape, [d])].filter((cell) => cell[d]! <= below);
    if (levels.length <= asker.remaining - shapes.length) await asker.every(levels);
  }
}
