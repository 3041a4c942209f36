import type { Judgement } from '../promises/promise.ts';
import type { Point } from '../space/space.ts';
import type { Answer, Ask, Wanted } from './ask.ts';
import type { Cell, Grid } from './grid.ts';

/** Scenarios that are asked at a time. The same for any number of workers, because what is asked next depends on what is known. */
export const ROUND = 64;

/** Asks no scenario twice, counts them, and keeps what was said. */
export class Asker {
  readonly grid: Grid;
  /** Most scenarios that may be run. */
  readonly most: number;
  readonly #asked: Ask;
  readonly #known = new Map<string, { readonly cell: Cell; readonly answer: Answer }>();
  #smallestBroken: Cell | undefined;

  constructor(grid: Grid, ask: Ask, most: number) {
    this.grid = grid;
    this.#asked = ask;
    this.most = most;
  }

  /** Scenarios that were run. */
  get count(): number {
    return this.#known.size;
  }

  get remaining(): number {
    return this.most - this.count;
  }

  /** The smallest scenario that was seen to break a promise. */
  get smallestBroken(): Cell | undefined {
    return this.#smallestBroken;
  }

  known(cell: Cell): Answer | undefined {
    return this.#known.get(keyOf(cell))?.answer;
  }

  *all(): Generator<{ readonly cell: Cell; readonly answer: Answer }> {
    yield* this.#known.values();
  }

  /** What each promise comes to in it. */
  async judgements(cell: Cell): Promise<readonly Judgement[]> {
    await this.#ask([cell], 'values');
    return this.known(cell)!.judgements!;
  }

  /** Answers of all, in their order; those that are not known yet are run, whatever remains. */
  async every(cells: readonly Cell[], wanted: Wanted = 'verdict'): Promise<Answer[]> {
    await this.#ask(cells, wanted);
    return cells.map((cell) => this.known(cell)!);
  }

  async #ask(cells: readonly Cell[], wanted: Wanted): Promise<void> {
    const isUnknown = (cell: Cell): boolean => {
      const known = this.known(cell);
      return known === undefined || (wanted === 'values' && known.judgements === null);
    };
    const toAsk = [...new Map(cells.filter(isUnknown).map((cell) => [keyOf(cell), cell])).values()];
    for (let from = 0; from < toAsk.length; from += ROUND) {
      const round = toAsk.slice(from, from + ROUND);
      const answers = await this.#asked(
        round.map((cell): Point => this.grid.point(cell)),
        wanted,
      );
      round.forEach((cell, index) => {
        this.#keep(cell, answers[index]!);
      });
    }
  }

  #keep(cell: Cell, answer: Answer): void {
    this.#known.set(keyOf(cell), { cell, answer });
    if (answer.holds) return;
    if (this.#smallestBroken === undefined || this.grid.compare(cell, this.#smallestBroken) < 0) {
      this.#smallestBroken = cell;
    }
  }
}

function keyOf(cell: Cell): string {
  return cell.join();
}
