import type { Asker } from './asker.ts';
import type { Cell, Grid } from './grid.ts';

/** What the answers say of the expectation that a worse scenario breaks what a milder one does. */
export interface MonotoneCheck {
  /** Pairs of a scenario that breaks and another of the same shape, milder or worse in every severity. */
  readonly pairsCompared: number;
  readonly violationCount: number;
  /** At most {@link VIOLATIONS_LISTED}: the milder one breaks, the worse one holds. */
  readonly violations: readonly { readonly milder: Cell; readonly worse: Cell }[];
}

export const VIOLATIONS_LISTED = 10;

/** Pairs of one shape beyond which it is looked at no further; bounds the time of a scan of thousands of severities. */
const PAIRS_OF_SHAPE_MOST = 200_000;

/** Compares all that is known. */
export function checkMonotone(asker: Asker): MonotoneCheck {
  const { grid } = asker;
  const byShape = new Map<string, { broken: Cell[]; held: Cell[] }>();
  for (const { cell, answer } of asker.all()) {
    const shape = grid.shapes.map((d) => cell[d]).join();
    const own = byShape.get(shape) ?? { broken: [], held: [] };
    byShape.set(shape, own);
    (answer.holds ? own.held : own.broken).push(cell);
  }
  let pairsCompared = 0;
  let violationCount = 0;
  const violations: { milder: Cell; worse: Cell }[] = [];
  for (const { broken, held } of byShape.values()) {
    for (const cell of broken.slice(0, Math.ceil(PAIRS_OF_SHAPE_MOST / Math.max(1, held.length)))) {
      for (const other of held) {
        if (grid.isMilder(other, cell)) pairsCompared++;
        else if (grid.isMilder(cell, other)) {
          pairsCompared++;
          violationCount++;
          if (violations.length < VIOLATIONS_LISTED) violations.push({ milder: cell, worse: other });
        }
      }
    }
  }
  return { pairsCompared, violationCount, violations };
}

/**
 * Scenarios that should hold because a worse one did, and should break because a milder one did: drawn between the answers that are known,
 * to be asked on purpose. What bisection passes over is looked at here.
 */
export function probesOf(asker: Asker, random: () => number, count: number): Cell[] {
  const { grid } = asker;
  const answers = [...asker.all()];
  if (answers.length === 0) return [];
  const probes = new Map<string, Cell>();
  for (let tries = 0; tries < 4 * count && probes.size < count; tries++) {
    const { cell, answer } = answers[Math.floor(random() * answers.length)]!;
    const probe = drawBeside(grid, cell, answer.holds, random);
    if (asker.known(probe) === undefined) probes.set(probe.join(), probe);
  }
  return [...probes.values()];
}

/** Each severity anywhere from the mildest level to the cell's own, or from it to the worst. */
function drawBeside(grid: Grid, cell: Cell, towardsMild: boolean, random: () => number): Cell {
  return cell.map((level, d) => {
    if (grid.dimensions[d]!.role === 'shape') return level;
    return towardsMild
      ? Math.floor(random() * (level + 1))
      : level + Math.floor(random() * (grid.lastLevel(d) - level + 1));
  });
}
