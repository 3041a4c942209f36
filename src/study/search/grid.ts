import type { Dimension, Point } from '../space/space.ts';

/** A scenario by the indexes of its levels, one for each dimension. */
export type Cell = readonly number[];

/** The combinations of the levels of some dimensions, and how grave each is. */
export class Grid {
  readonly dimensions: readonly Dimension[];
  /** Indexes of the dimensions of each role. */
  readonly severities: readonly number[];
  readonly shapes: readonly number[];
  /** Everything as in the base case; shapes at their first level. */
  readonly baseCell: Cell;

  constructor(dimensions: readonly Dimension[]) {
    this.dimensions = dimensions;
    const withRole = (role: Dimension['role']): number[] =>
      dimensions.flatMap((own, d) => (own.role === role ? [d] : []));
    this.severities = withRole('severity');
    this.shapes = withRole('shape');
    this.baseCell = dimensions.map(({ baseLevel }) => baseLevel);
  }

  point(cell: Cell): Point {
    return this.dimensions.map(({ levels }, d) => levels[cell[d]!]!);
  }

  lastLevel(dimension: number): number {
    return this.dimensions[dimension]!.levels.length - 1;
  }

  /** Combinations of the levels of the shapes. */
  get shapeCount(): number {
    return this.shapes.reduce((product, d) => product * this.dimensions[d]!.levels.length, 1);
  }

  /**
   * Sum over the severities of the share of the way from the base case to the worst level; 0 where nothing is worse than it is [chosen:
   * ranges say what the user takes for large, so a step of each counts by its range].
   */
  sizeOf(cell: Cell): number {
    let size = 0;
    for (const d of this.severities) size += this.shareOf(d, cell[d]!);
    return size;
  }

  /** The way from the base case to the worst level, 0 to 1, ascending with the level. */
  shareOf(dimension: number, level: number): number {
    const { levels, baseLevel } = this.dimensions[dimension]!;
    const last = levels.length - 1;
    if (level <= baseLevel || last === baseLevel) return 0;
    const from = levels[baseLevel]!;
    return (levels[level]! - from) / (levels[last]! - from);
  }

  /** `cell` with some severities at other levels. */
  at(cell: Cell, levels: ReadonlyMap<number, number>): Cell {
    return cell.map((level, d) => levels.get(d) ?? level);
  }

  /** The shape of one cell with the severities of another. */
  withShape(severities: Cell, shape: Cell): Cell {
    return severities.map((level, d) => (this.dimensions[d]!.role === 'shape' ? shape[d]! : level));
  }

  /** No severity of `milder` is worse than that of `worse`, in the same shape. */
  isMilder(milder: Cell, worse: Cell): boolean {
    return milder.every((level, d) =>
      this.dimensions[d]!.role === 'severity' ? level <= worse[d]! : level === worse[d],
    );
  }

  /** Of two cells the smaller first; the same size in the order of levels, so that there is one smallest. */
  compare(a: Cell, b: Cell): number {
    const bySize = this.sizeOf(a) - this.sizeOf(b);
    if (bySize !== 0) return bySize;
    for (let d = 0; d < a.length; d++) if (a[d] !== b[d]) return a[d]! - b[d]!;
    return 0;
  }

  /** Every cell of some dimensions, the others as in `cell`; the last dimension runs fastest. */
  *cells(cell: Cell, dimensions: readonly number[]): Generator<Cell> {
    const levels = dimensions.map(() => 0);
    for (;;) {
      yield this.at(cell, new Map(dimensions.map((d, index) => [d, levels[index]!])));
      let index = dimensions.length - 1;
      while (index >= 0 && levels[index] === this.lastLevel(dimensions[index]!)) levels[index--] = 0;
      if (index < 0) return;
      levels[index]!++;
    }
  }
}
