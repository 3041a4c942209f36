import fc from 'fast-check';
import type { Cell, Grid } from './grid.ts';

/** Shapes to look at, and whether they are all of them. */
export interface Shapes {
  /** Severities as in the base case. No two equal. */
  readonly cells: readonly Cell[];
  readonly areAll: boolean;
}

const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/**
 * All shapes where there are at most `most`, else as many: half of them evenly spread over the space, half drawn by fast-check, which
 * favours ends of ranges and equal levels. Neighbours in the list lie far apart, so that its beginning tells of the whole.
 */
export function shapesOf(grid: Grid, most: number, seed: number): Shapes {
  const { shapeCount } = grid;
  if (shapeCount <= most) return { cells: spread(grid, shapeCount), areAll: true };
  const cells = new Map<string, Cell>();
  const add = (cell: Cell): void => void cells.set(cell.join(), cell);
  for (const cell of spread(grid, Math.ceil(most / 2))) add(cell);
  for (const cell of fc.sample(anyShape(grid), { numRuns: 2 * most, seed })) {
    if (cells.size >= most) break;
    add(cell);
  }
  return { cells: [...cells.values()], areAll: false };
}

/** Any shape, severities as in the base case; shrinks to the first levels. */
export function anyShape(grid: Grid): fc.Arbitrary<Cell> {
  const levels = grid.dimensions.map(({ role, baseLevel }, d) =>
    role === 'shape' ? fc.nat({ max: grid.lastLevel(d) }) : fc.constant(baseLevel),
  );
  return fc.tuple(...levels);
}

/** The first `count` of all shapes in steps of about the golden ratio, which come to each exactly once. */
function spread(grid: Grid, count: number): Cell[] {
  const total = grid.shapeCount;
  if (total > Number.MAX_SAFE_INTEGER) return spreadPerDimension(grid, count);
  let stride = Math.max(1, Math.round(total * GOLDEN_RATIO));
  while (commonDivisor(stride, total) !== 1) stride++;
  const cells: Cell[] = [];
  for (let index = 0, at = 0; index < count; index++, at = (at + stride) % total) cells.push(shapeAt(grid, at));
  return cells;
}

/** Where there are more shapes than can be counted: each dimension steps by a ratio of its own. */
function spreadPerDimension(grid: Grid, count: number): Cell[] {
  return Array.from({ length: count }, (_, index) =>
    grid.baseCell.map((level, d) => {
      const place = grid.shapes.indexOf(d);
      if (place < 0) return level;
      const share = (index * Math.sqrt(place + 2)) % 1;
      return Math.floor(share * (grid.lastLevel(d) + 1));
    }),
  );
}

function shapeAt(grid: Grid, index: number): Cell {
  const levels = new Map<number, number>();
  let rest = index;
  for (const d of grid.shapes.toReversed()) {
    const count = grid.lastLevel(d) + 1;
    levels.set(d, rest % count);
    rest = Math.floor(rest / count);
  }
  return grid.at(grid.baseCell, levels);
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
