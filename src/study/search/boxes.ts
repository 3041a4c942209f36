import { type Asker, ROUND } from './asker.ts';
import type { Cell } from './grid.ts';

/** Severities from `mild` to `worst` of one shape, both included. */
interface Box {
  readonly mild: Cell;
  readonly worst: Cell;
}

/**
 * Looks for something smaller than what is known to break, of several severities at once: a box whose worst corner holds is passed over, one
 * whose mildest corner is no smaller than what is known too, every other is halved. The boxes with the smallest corners come first.
 *
 * @param reserve scenarios that must remain
 * @returns whether all of them were settled: then, if worse scenarios break whatever milder ones do, nothing smaller breaks in these shapes
 */
export async function searchBoxes(asker: Asker, shapes: readonly Cell[], reserve: number): Promise<boolean> {
  const { grid } = asker;
  const worst = grid.at(grid.baseCell, new Map(grid.severities.map((d) => [d, grid.lastLevel(d)])));
  let boxes: Box[] = shapes.map((shape) => ({
    mild: grid.withShape(grid.baseCell, shape),
    worst: grid.withShape(worst, shape),
  }));
  while (boxes.length > 0) {
    const room = Math.min(ROUND, asker.remaining - reserve);
    if (room <= 0) return false;
    boxes = boxes
      .flatMap((box) => cutOff(asker, box))
      .map((box) => ({ box, size: grid.sizeOf(box.mild) }))
      .toSorted((a, b) => a.size - b.size)
      .map(({ box }) => box);
    const round = boxes.slice(0, room);
    const answers = await asker.every(round.map((box) => box.worst));
    const halves = round.flatMap((box, index) => (answers[index]!.holds ? [] : halved(asker, box)));
    boxes = [...halves, ...boxes.slice(room)];
  }
  return true;
}

/** The part of the box in which each severity alone is smaller than what is known to break; none where no part is. */
function cutOff({ grid, smallestBroken }: Asker, { mild, worst }: Box): Box[] {
  if (smallestBroken === undefined) return [{ mild, worst }];
  const known = grid.sizeOf(smallestBroken);
  if (grid.sizeOf(mild) >= known) return [];
  const spare = known - grid.sizeOf(mild);
  const cut = worst.map((level, d) => {
    if (grid.dimensions[d]!.role === 'shape') return level;
    const from = grid.shareOf(d, mild[d]!);
    let least = mild[d]!;
    let most = level;
    while (least < most) {
      const middle = (least + most + 1) >> 1;
      if (grid.shareOf(d, middle) - from < spare) least = middle;
      else most = middle - 1;
    }
    return least;
  });
  return [{ mild, worst: cut }];
}

/** Two halves along the severity in which the box is longest; none where it is one scenario. */
function halved({ grid }: Asker, { mild, worst }: Box): Box[] {
  const extent = (d: number): number => grid.shareOf(d, worst[d]!) - grid.shareOf(d, mild[d]!);
  const long = grid.severities.filter((d) => worst[d]! > mild[d]!).toSorted((a, b) => extent(b) - extent(a))[0];
  if (long === undefined) return [];
  const middle = (mild[long]! + worst[long]!) >> 1;
  return [
    { mild, worst: grid.at(worst, new Map([[long, middle]])) },
    { mild: grid.at(mild, new Map([[long, middle + 1]])), worst },
  ];
}
