import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomStream } from '../../src/simulate/random.ts';
import type { Ask } from '../../src/study/search/ask.ts';
import { Asker, ROUND } from '../../src/study/search/asker.ts';
import { frontierLine } from '../../src/study/search/frontier.ts';
import { type Cell, Grid } from '../../src/study/search/grid.ts';
import { monteCarlo, wilson } from '../../src/study/search/monte-carlo.ts';
import { search } from '../../src/study/search/search.ts';
import { solve } from '../../src/study/search/solve.ts';
import { askOf, type Model, naiveSmallest, searchModel, severity, shape, steps } from './models.ts';

const SEEDS = 100;
const HOURS = 168;

/** Models whose smallest counterexample is known by calculation; each of the hundred has other numbers. */
const MODELS: Record<
  string,
  { readonly make: (random: () => number) => Model; readonly most: number; readonly found: number }
> = {
  'an outage that hurts most at one hour, less around it': {
    most: 1000,
    found: 100,
    make(random) {
      const worstHour = Math.floor(random() * HOURS);
      const least = 60 + Math.floor(random() * 300);
      const apart = (hour: number): number => Math.min(Math.abs(hour - worstHour), HOURS - Math.abs(hour - worstHour));
      return {
        dimensions: [shape('start', HOURS), severity('minutes', steps(0, 480, 1))],
        breaks: ([hour, minutes]) => minutes! >= least + Math.round(40 * apart(hour!) ** 0.7),
        smallestSize: least / 480,
      };
    },
  },
  'an outage that hurts at one hour alone': {
    most: 1000,
    found: 100,
    make(random) {
      const worstHour = Math.floor(random() * HOURS);
      const least = 60 + Math.floor(random() * 300);
      return {
        dimensions: [shape('start', HOURS), severity('minutes', steps(0, 480, 1))],
        breaks: ([hour, minutes]) => minutes! >= (hour === worstHour ? least : least + 7),
        smallestSize: least / 480,
      };
    },
  },
  'a link that is too small: the less, the worse': {
    most: 100,
    found: 100,
    make(random) {
      // A set of so many bytes goes out within five minutes or it does not.
      const setBytes = 1e6 * (400 + Math.floor(random() * 2000));
      const levels = steps(0, 990, 1).map((step) => 1000 - step);
      const neededMbps = (setBytes * 8) / 300 / 1e6;
      const firstBelow = levels.find((mbps) => mbps < neededMbps)!;
      return {
        dimensions: [severity('mbps', levels)],
        breaks: ([mbps]) => (setBytes * 8) / (mbps! * 1e6) > 300,
        smallestSize: (1000 - firstBelow) / 990,
      };
    },
  },
  'a backlog of churn times outage': {
    most: 1000,
    found: 100,
    make: (random) => backlog(150 + Math.floor(random() * 300), 1, 0, () => 1),
  },
  'a backlog that depends on the hour': {
    most: 2000,
    found: 99,
    make(random) {
      const worstHour = Math.floor(random() * HOURS);
      const weight = (hour: number): number =>
        hour === worstHour ? 1.5 : 1 + 0.3 * Math.cos(((hour - worstHour) / HOURS) * 2 * Math.PI);
      return backlog(150 + Math.floor(random() * 300), HOURS, worstHour, weight);
    },
  },
  'three severities that add up': {
    most: 2000,
    found: 98,
    make(random) {
      const weights = [0.3 + random(), 0.3 + random(), 0.3 + random()];
      return {
        dimensions: ['x', 'y', 'z'].map((key) => severity(key, steps(0, 100, 1))),
        breaks: (values) => values.reduce((sum, value, index) => sum + value * weights[index]!, 0) >= 50,
        // The plane is nearest along the axis of the greatest weight.
        smallestSize: Math.min(...weights.map((weight) => Math.ceil(50 / weight))) / 100,
      };
    },
  },
  'more shapes than can be run': {
    most: 1000,
    found: 95,
    make(random) {
      const [worstHour, worstHost] = [Math.floor(random() * HOURS), Math.floor(random() * 20)];
      const least = 100 + Math.floor(random() * 100);
      return {
        dimensions: [
          shape('start', HOURS),
          shape('host', 20),
          shape('cause', 7),
          severity('minutes', steps(0, 480, 1)),
        ],
        breaks: ([hour, host, cause, minutes]) =>
          minutes! >= least + Math.abs(hour! - worstHour) + (host === worstHost ? 0 : 30) + 5 * cause!,
        smallestSize: least / 480,
      };
    },
  },
  'a long outage that does no harm where a short one does': {
    most: 1000,
    found: 85,
    make(random) {
      const worstHour = Math.floor(random() * HOURS);
      const least = 60 + Math.floor(random() * 60);
      return {
        dimensions: [shape('start', HOURS), severity('minutes', steps(0, 480, 1))],
        // From 200 minutes to 300 the replication is begun anew, and nothing breaks.
        breaks: ([hour, minutes]) =>
          minutes! >= 300 || (minutes! >= least + Math.abs(hour! - worstHour) && minutes! < 200),
        smallestSize: least / 480,
      };
    },
  },
};

function backlog(most: number, hourCount: number, worstHour: number, weight: (hour: number) => number): Model {
  const minutes = steps(0, 480, 1);
  const factors = steps(0, 100, 1).map((step) => 1 + step / 50);
  const breaks = ([m, f, h]: readonly number[]): boolean => m! * f! * weight(h!) >= most;
  let smallestSize = Number.POSITIVE_INFINITY;
  for (const [step, factor] of factors.entries()) {
    const least = minutes.find((m) => breaks([m, factor, worstHour]));
    if (least !== undefined) smallestSize = Math.min(smallestSize, least / 480 + step / 100);
  }
  return {
    dimensions: [severity('minutes', minutes), severity('churn', factors), shape('start', hourCount)],
    breaks,
    smallestSize,
  };
}

describe('the smallest scenario that breaks', () => {
  test.each(Object.entries(MODELS))('%s: found in so many of a hundred', async (name, { make, most, found: least }) => {
    let foundCount = 0;
    let askedMost = 0;
    for (let seed = 0; seed < SEEDS; seed++) {
      const model = make(randomStream(seed, name));
      const { found, asker, grid } = await searchModel(model, most, seed);
      const size = found.smallest === undefined ? Number.POSITIVE_INFINITY : grid.sizeOf(found.smallest);
      expect(size).toBeGreaterThan(model.smallestSize - 1e-9);
      if (size < model.smallestSize + 1e-9) foundCount++;
      askedMost = Math.max(askedMost, asker.count);
    }
    process.stdout.write(`${name}: ${foundCount} of ${SEEDS}, at most ${askedMost} scenarios\n`);
    expect(foundCount).toBeGreaterThanOrEqual(least);
    expect(askedMost).toBeLessThanOrEqual(1.1 * most);
  });
});

/** Any small space, and any formula that breaks at random scenarios, or at all that are worse than some. */
const anyModel = (
  isMonotone: boolean,
): fc.Arbitrary<Pick<Model, 'dimensions' | 'breaks'> & { readonly seed: number }> =>
  fc
    .record({
      sizes: fc.array(fc.record({ isShape: fc.boolean(), count: fc.integer({ min: 1, max: 7 }) }), {
        minLength: 1,
        maxLength: 4,
      }),
      bases: fc.array(fc.nat({ max: 6 }), { minLength: 4, maxLength: 4 }),
      brokenCells: fc.array(fc.array(fc.nat({ max: 6 }), { minLength: 4, maxLength: 4 }), { maxLength: 4 }),
      seed: fc.nat(),
    })
    .map(({ sizes, bases, brokenCells, seed }) => {
      const dimensions = sizes.map(({ isShape, count }, d) =>
        isShape ? shape(`d${d}`, count) : severity(`d${d}`, steps(0, count - 1, 1), Math.min(bases[d]!, count - 1)),
      );
      const breaks = (values: readonly number[]): boolean =>
        brokenCells.some((cell) =>
          values.every((value, d) => (isMonotone && !sizes[d]!.isShape ? value >= cell[d]! : value === cell[d])),
        );
      return { dimensions, breaks, seed };
    });

describe('laws', () => {
  test('a space that is run whole gives the smallest of all, whatever breaks', async () => {
    await fc.assert(
      fc.asyncProperty(anyModel(false), async (model) => {
        const { found } = await searchModel(model, 7 ** 4, model.seed);
        expect(found.method).toBe('whole');
        expect(found.smallest).toEqual(naiveSmallest(model));
      }),
    );
  });

  test('where worse is worse, nothing in the safe region breaks and no smaller scenario is missed by bisection', async () => {
    await fc.assert(
      fc.asyncProperty(anyModel(true), fc.integer({ min: 1, max: 400 }), async (model, most) => {
        const { found, grid } = await searchModel(model, most, model.seed);
        const naive = naiveSmallest(model);
        expect(found.monotone.violationCount).toBe(0);
        if (found.method !== 'sampled') {
          expect(found.smallest === undefined).toBe(naive === undefined);
          if (naive !== undefined) expect(grid.sizeOf(found.smallest!)).toBeCloseTo(grid.sizeOf(naive), 9);
        }
        if (!found.areAllShapes || found.safeCorner === undefined) return;
        for (const cell of allCells(grid)) {
          const isInside = grid.severities.every((d) => cell[d]! <= found.safeCorner![d]!);
          if (isInside) expect(model.breaks(grid.point(cell) as number[])).toBe(false);
        }
      }),
    );
  });

  test('a whole scan finds a safe region exactly where the mildest corner holds at every shape, and it cannot be made larger', async () => {
    await fc.assert(
      fc.asyncProperty(anyModel(false), async (model) => {
        const { found, grid } = await searchModel(model, 7 ** 4, model.seed);
        const holds = (corner: Cell): boolean =>
          [...allCells(grid)].every(
            (cell) => grid.severities.some((d) => cell[d]! > corner[d]!) || !model.breaks(grid.point(cell) as number[]),
          );
        const corner = found.safeCorner;
        if (corner === undefined) {
          expect(holds(grid.at(grid.baseCell, new Map(grid.severities.map((d) => [d, 0]))))).toBe(false);
          return;
        }
        expect(holds(corner)).toBe(true);
        // Where all up to the base case holds, the base case lies inside.
        if (holds(grid.baseCell)) {
          for (const d of grid.severities) expect(corner[d]).toBeGreaterThanOrEqual(grid.baseCell[d]!);
        }
        for (const d of grid.severities) {
          if (corner[d]! < grid.lastLevel(d))
            expect(holds(grid.at(corner, new Map([[d, corner[d]! + 1]])))).toBe(false);
        }
      }),
    );
  });

  test('what is found does not depend on how many are answered at a time', async () => {
    await fc.assert(
      fc.asyncProperty(anyModel(false), fc.integer({ min: 1, max: 300 }), async (model, most) => {
        const grid = new Grid(model.dimensions);
        const seen: number[] = [];
        const ask = askOf(model.breaks);
        const count: Ask = (points, wanted) => {
          seen.push(points.length);
          return ask(points, wanted);
        };
        const counting = new Asker(grid, count, most);
        await counting.every([...allCells(grid)]);
        expect(Math.max(...seen)).toBeLessThanOrEqual(ROUND);
        expect(seen.reduce((sum, count) => sum + count, 0)).toBe(counting.count);
      }),
    );
  });

  test('no scenario is asked twice', async () => {
    await fc.assert(
      fc.asyncProperty(anyModel(false), fc.integer({ min: 1, max: 300 }), async (model, most) => {
        const asked = new Set<string>();
        const ask = askOf(model.breaks);
        const grid = new Grid(model.dimensions);
        const asker = new Asker(
          grid,
          (points, wanted) => {
            for (const point of points) {
              const key = point.join();
              expect(asked.has(key)).toBe(false);
              asked.add(key);
            }
            return ask(points, wanted);
          },
          most,
        );
        await search(asker, { seed: 1, random: randomStream(1, 'x') });
        expect(asker.count).toBe(asked.size);
      }),
    );
  });
});

describe('frontier', () => {
  test('each line lies where the formula says, whether or not the search has been there', async () => {
    const breaks = ([hour, minutes]: readonly number[]): boolean => minutes! >= 100 + ((hour! * 37) % 300);
    const { asker } = await searchModel(
      { dimensions: [shape('start', HOURS), severity('minutes', steps(0, 480, 1))], breaks },
      3000,
      1,
    );
    const line = await frontierLine(asker, 0, 1, asker.grid.baseCell, HOURS);
    expect(line.points).toHaveLength(HOURS);
    for (const { level, holdsAt, breaksAt } of line.points) {
      expect(breaksAt).toBe(100 + ((level * 37) % 300));
      expect(holdsAt).toBe(breaksAt - 1);
    }
  });

  test('lines are left out where scenarios do not suffice, and a line without a break reaches beyond the last level', async () => {
    const grid = new Grid([shape('start', HOURS), severity('minutes', steps(0, 480, 1))]);
    const asker = new Asker(
      grid,
      askOf(() => false),
      90,
    );
    const line = await frontierLine(asker, 0, 1, grid.baseCell, HOURS);
    expect(line.points.map(({ level }) => level)).toEqual([0, 19, 37, 56, 74, 93, 111, 130, 148, 167]);
    expect(line.points.every(({ holdsAt, breaksAt }) => holdsAt === 480 && breaksAt === 481)).toBe(true);
    expect(asker.count).toBeLessThanOrEqual(90);
  });
});

describe('solve', () => {
  test('the least link for which an outage of any start does no harm', async () => {
    const levels = steps(0, 999, 1).map((step) => 1000 - step);
    const neededAt = (hour: number): number => 120 + ((hour * 53) % 168);
    const grid = new Grid([severity('mbps', levels), shape('start', HOURS)]);
    const asker = new Asker(
      grid,
      askOf(([mbps, hour]) => mbps! < neededAt(hour!)),
      2000,
    );
    const solved = await solve(asker, 0, 1, randomStream(1, 'solve'));
    expect(levels[solved.level!]).toBe(120 + 167);
    expect(grid.point(solved.witness!)[0]).toBe(120 + 166);
    expect(neededAt(grid.point(solved.witness!)[1] as number)).toBe(120 + 167);
    expect(solved.shapes.areAll).toBe(true);
  });

  test('nothing holds, or everything does', async () => {
    const grid = new Grid([severity('mbps', [3, 2, 1])]);
    const never = await solve(
      new Asker(
        grid,
        askOf(() => true),
        10,
      ),
      0,
      1,
      randomStream(1, 'solve'),
    );
    expect(never.level).toBeUndefined();
    expect(never.witness).toEqual([0]);
    const always = await solve(
      new Asker(
        grid,
        askOf(() => false),
        10,
      ),
      0,
      1,
      randomStream(1, 'solve'),
    );
    expect(always.level).toBe(2);
    expect(always.witness).toBeUndefined();
  });
});

describe('Monte Carlo', () => {
  test("Wilson's interval of 8 in 10 is the textbook's", () => {
    const { from, to } = wilson(8, 10);
    expect(from).toBeCloseTo(0.4902, 4);
    expect(to).toBeCloseTo(0.9433, 4);
    expect(wilson(0, 0)).toEqual({ from: 0, to: 1 });
    expect(wilson(10, 10).to).toBeCloseTo(1, 12);
    expect(wilson(0, 10).from).toBeCloseTo(0, 12);
  });

  test('the true share lies in the interval of nearly all seeds, and drawing stops when it is narrow enough', async () => {
    let inside = 0;
    for (let seed = 0; seed < SEEDS; seed++) {
      const random = randomStream(seed, 'draws');
      const ask = askOf(([value]) => value! >= 0.7);
      const drawn = await monteCarlo(ask, () => [random()], [(point) => point], { draws: 5000, halfWidth: 0.03 });
      const { from, to } = wilson(drawn.held[0]!, drawn.draws);
      if (from <= 0.7 && 0.7 <= to) inside++;
      expect(drawn.settled).toBe(true);
      expect(drawn.draws).toBeLessThan(1100);
    }
    expect(inside).toBeGreaterThanOrEqual(88);
  });

  test('alternatives are asked about the same draws', async () => {
    const random = randomStream(3, 'draws');
    const seen: number[][] = [[], []];
    const ask = askOf(([value, alternative]) => {
      seen[alternative!]!.push(value!);
      return value! > 0.5;
    });
    const drawn = await monteCarlo(ask, () => [random(), 0], [(point) => point, ([value]) => [value!, 1]], {
      draws: 200,
      halfWidth: 0,
    });
    expect(seen[0]).toEqual(seen[1]);
    expect(drawn.held[0]).toBe(drawn.held[1]);
    expect(drawn.draws).toBe(200);
    expect(drawn.settled).toBe(false);
  });
});

function allCells(grid: Grid): Generator<Cell> {
  return grid.cells(
    grid.baseCell,
    grid.dimensions.map((_, d) => d),
  );
}
