import type { Asker } from './asker.ts';
import type { Cell } from './grid.ts';

/** For levels of one dimension, between which levels of a severity it begins to break. */
export interface FrontierLine {
  readonly along: number;
  readonly severity: number;
  readonly points: readonly {
    readonly level: number;
    /** The worst level that was seen to hold; −1 where even the mildest breaks or none was seen to hold. */
    readonly holdsAt: number;
    /** The mildest level above `holdsAt` that was seen to break; one beyond the last where the worst holds. */
    readonly breaksAt: number;
  }[];
}

/**
 * Bisects the severity at levels of `along`, everything else as in `elsewhere`, all levels in step so that workers are busy. What is known
 * already is not run again. Levels are left out evenly where the scenarios that remain do not suffice for all.
 */
export async function frontierLine(
  asker: Asker,
  along: number,
  severity: number,
  elsewhere: Cell,
  levelsMost: number,
): Promise<FrontierLine> {
  const { grid } = asker;
  const beyond = grid.lastLevel(severity) + 1;
  const questions = Math.ceil(Math.log2(beyond + 1));
  const isRun = asker.count >= grid.dimensions.reduce((product, { levels }) => product * levels.length, 1);
  const most = isRun ? levelsMost : Math.min(levelsMost, Math.floor(asker.remaining / questions));
  const cellAt = (level: number, severityLevel: number): Cell =>
    grid.at(
      elsewhere,
      new Map([
        [along, level],
        [severity, severityLevel],
      ]),
    );
  const lanes = evenly(grid.lastLevel(along) + 1, most).map((level) => {
    let holdsAt = -1;
    let breaksAt = beyond;
    for (let at = 0; at < beyond && breaksAt === beyond; at++) {
      const known = asker.known(cellAt(level, at));
      if (known?.holds === true) holdsAt = at;
      if (known?.holds === false) breaksAt = at;
    }
    return { level, holdsAt, breaksAt };
  });
  for (;;) {
    const open = lanes.filter(({ holdsAt, breaksAt }) => breaksAt - holdsAt > 1);
    if (open.length === 0 || (!isRun && asker.remaining < open.length)) break;
    const middles = open.map(({ holdsAt, breaksAt }) => (holdsAt + breaksAt) >> 1);
    const answers = await asker.every(open.map(({ level }, index) => cellAt(level, middles[index]!)));
    open.forEach((lane, index) => {
      if (answers[index]!.holds) lane.holdsAt = middles[index]!;
      else lane.breaksAt = middles[index]!;
    });
  }
  return { along, severity, points: lanes };
}

/** At most `most` indexes below `count`, evenly apart; the first and the last are among them where there is room for two. */
function evenly(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, index) => index);
  if (most < 2) return [];
  return Array.from({ length: most }, (_, index) => Math.round((index * (count - 1)) / (most - 1)));
}
