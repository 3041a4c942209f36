import { randomStream } from '../../src/simulate/random.ts';
import type { Answer, Ask } from '../../src/study/search/ask.ts';
import { Asker } from '../../src/study/search/asker.ts';
import { type Cell, Grid } from '../../src/study/search/grid.ts';
import { type Found, search } from '../../src/study/search/search.ts';
import type { Dimension } from '../../src/study/space/space.ts';

/** A space and a formula in place of the simulation, of which the smallest scenario that breaks is known. */
export interface Model {
  readonly dimensions: readonly Dimension[];
  readonly breaks: (values: readonly number[]) => boolean;
  /** Size of the smallest that breaks, by calculation; Infinity where nothing does. */
  readonly smallestSize: number;
}

export function severity(key: string, levels: readonly number[], baseLevel = 0): Dimension {
  return { variable: { key, multiplies: false, unit: 'count' }, role: 'severity', levels, baseLevel };
}

export function shape(key: string, count: number): Dimension {
  const levels = Array.from({ length: count }, (_, level) => level);
  return { variable: { key, multiplies: false, unit: 'count' }, role: 'shape', levels, baseLevel: 0 };
}

/** `from`, `from + step`, … `to`. */
export function steps(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.round((to - from) / step) + 1 }, (_, index) => from + index * step);
}

export function askOf(breaks: Model['breaks']): Ask {
  return async (points) =>
    points.map((point): Answer => {
      const holds = !breaks(point as number[]);
      return { holds, judgements: [{ holds, value: null, limit: null, margin: null }] };
    });
}

export async function searchModel(
  { dimensions, breaks }: Pick<Model, 'dimensions' | 'breaks'>,
  most: number,
  seed: number,
): Promise<{ found: Found; asker: Asker; grid: Grid }> {
  const grid = new Grid(dimensions);
  const asker = new Asker(grid, askOf(breaks), most);
  const found = await search(asker, { seed, random: randomStream(seed, 'study') });
  return { found, asker, grid };
}

/** By asking for everything. */
export function naiveSmallest({ dimensions, breaks }: Pick<Model, 'dimensions' | 'breaks'>): Cell | undefined {
  const grid = new Grid(dimensions);
  let smallest: Cell | undefined;
  for (const cell of grid.cells(
    grid.baseCell,
    dimensions.map((_, d) => d),
  )) {
    if (!breaks(grid.point(cell) as number[])) continue;
    if (smallest === undefined || grid.compare(cell, smallest) < 0) smallest = cell;
  }
  return smallest;
}
