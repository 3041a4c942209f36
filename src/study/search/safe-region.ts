import { firstBreakingStep } from './along-path.ts';
import type { Asker } from './asker.ts';
import type { Cell, Grid } from './grid.ts';

/**
 * The worst corner of the largest region that holds: every severity from its mildest level to the corner’s, at every shape. The largest is
 * the one with the most scenarios [chosen]; where the base case holds it lies inside.
 *
 * @returns `undefined` where even the mildest corner breaks
 */
export function safeOfWhole(asker: Asker): Cell | undefined {
  const { grid } = asker;
  const { severities } = grid;
  const isSafe = new Map<string, boolean>();
  const keyOf = (cell: Cell): string => severities.map((d) => cell[d]).join();
  let best: { readonly corner: Cell; readonly volume: number } | undefined;
  let bestWithBase: typeof best;
  const mildest = mildestOf(grid);
  for (const corner of grid.cells(mildest, severities)) {
    const before = severities.filter((d) => corner[d]! > 0).map((d) => grid.at(corner, new Map([[d, corner[d]! - 1]])));
    let holds = before.every((cell) => isSafe.get(keyOf(cell)) === true);
    if (holds) holds = [...grid.cells(corner, grid.shapes)].every((cell) => asker.known(cell)!.holds);
    isSafe.set(keyOf(corner), holds);
    if (!holds) continue;
    const volume = severities.reduce((product, d) => product * (corner[d]! + 1), 1);
    if (best === undefined || volume > best.volume) best = { corner, volume };
    const reachesBase = severities.every((d) => corner[d]! >= grid.baseCell[d]!);
    if (reachesBase && (bestWithBase === undefined || volume > bestWithBase.volume)) bestWithBase = { corner, volume };
  }
  return (bestWithBase ?? best)?.corner;
}

/**
 * The same where severities were bisected: from the base case towards the worst in all severities at once as far as every shape holds, then
 * in each alone. Where the base case breaks, from the mildest levels towards it.
 */
export async function safeByBisection(asker: Asker, shapes: readonly Cell[]): Promise<Cell | undefined> {
  const { grid } = asker;
  const { severities, baseCell } = grid;
  const mildest = mildestOf(grid);
  const worst = grid.at(baseCell, new Map(severities.map((d) => [d, grid.lastLevel(d)])));
  const baseHolds = (await firstBreakingStep(asker, shapes, () => baseCell, 0, 0)) === undefined;
  const [from, to] = baseHolds ? [baseCell, worst] : [mildest, baseCell];
  const reached = await lastSafe(asker, shapes, from, to);
  if (reached === undefined) return undefined;
  let corner = reached;
  for (const d of severities) {
    if (severities.length === 1 || asker.remaining < shapes.length) break;
    const far = grid.at(corner, new Map([[d, to[d]!]]));
    corner = (await lastSafe(asker, shapes, corner, far)) ?? corner;
  }
  return withoutBroken(asker, corner);
}

/** The last step from one cell to another, all severities in equal parts, at which every shape holds. */
async function lastSafe(asker: Asker, shapes: readonly Cell[], from: Cell, to: Cell): Promise<Cell | undefined> {
  const steps = Math.max(0, ...from.map((level, d) => to[d]! - level));
  const path = (step: number): Cell =>
    from.map((level, d) => (steps === 0 ? level : level + Math.floor(((to[d]! - level) * step) / steps)));
  const breaksAt = await firstBreakingStep(asker, shapes, path, 0, steps);
  if (breaksAt === 0) return undefined;
  return path(breaksAt === undefined ? steps : breaksAt - 1);
}

/** A corner that leaves out whatever is known to break, also where it should not. */
function withoutBroken(asker: Asker, corner: Cell): Cell | undefined {
  const { grid } = asker;
  let safe: Cell = corner;
  for (const { cell, answer } of asker.all()) {
    if (answer.holds || !grid.severities.every((d) => cell[d]! <= safe[d]!)) continue;
    const cuts = grid.severities.filter((d) => cell[d]! > 0).map((d) => grid.at(safe, new Map([[d, cell[d]! - 1]])));
    const volume = (of: Cell): number => grid.severities.reduce((product, d) => product * (of[d]! + 1), 1);
    const largest = cuts.toSorted((a, b) => volume(b) - volume(a))[0];
    if (largest === undefined) return undefined;
    safe = largest;
  }
  return safe;
}

function mildestOf(grid: Grid): Cell {
  return grid.at(grid.baseCell, new Map(grid.severities.map((d) => [d, 0])));
}
