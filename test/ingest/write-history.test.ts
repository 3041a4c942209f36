import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSampled } from '../../src/ingest/fit-touched-blocks.ts';
import { MAX_WRITE_BYTES, WriteHistory, type WriteSummary } from '../../src/ingest/write-history.ts';
import { DAY_MS, HOUR_MS, KIB, MIB, MINUTE_MS, SECOND_MS, TIB } from '../../src/units.ts';

interface Write {
  readonly atMs: number;
  readonly offset: number;
  readonly length: number;
}

const WINDOWS = [30 * SECOND_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 'whole'] as const;
const CHUNKS = [64 * KIB, 256 * KIB, MIB, 2 * MIB];

function historyOf(writes: readonly Write[], limits?: ConstructorParameters<typeof WriteHistory>[0]): WriteHistory {
  const history = new WriteHistory(limits);
  for (const { atMs, offset, length } of writes) expect(history.add(atMs, offset, length)).toBeUndefined();
  return history;
}

/** Written and distinct bytes of each window with a write, in order of time: a Set of block numbers per window. */
function naiveWindows(
  writes: readonly Write[],
  window: number | 'whole',
  grain = 4 * KIB,
  isCounted: (block: number) => boolean = () => true,
): { writtenBytes: number; distinctBytes: number }[] {
  const byWindow = new Map<number, { writtenBytes: number; blocks: Set<number> }>();
  for (const { atMs, offset, length } of writes) {
    const index = window === 'whole' ? 0 : Math.floor(atMs / window);
    const sums = byWindow.get(index) ?? { writtenBytes: 0, blocks: new Set() };
    byWindow.set(index, sums);
    sums.writtenBytes += length;
    for (let block = Math.floor(offset / grain); block * grain < offset + length; block++) {
      if (isCounted(block)) sums.blocks.add(block);
    }
  }
  return [...byWindow.values()].map(({ writtenBytes, blocks }) => ({
    writtenBytes,
    distinctBytes: blocks.size * grain,
  }));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

const writes = fc
  .array(
    fc.record({
      afterMs: fc.oneof(
        fc.constant(0),
        fc.double({ min: 0, max: 60_000, noNaN: true }),
        fc.integer({ min: 0, max: 40 }).map((count) => count * 30_000),
        fc.integer({ min: 0, max: 4 * HOUR_MS }),
      ),
      offset: fc.oneof(
        fc.integer({ min: 0, max: 64 }).map((block) => block * 4096),
        fc.integer({ min: 0, max: 8 * MIB }),
        fc.integer({ min: 0, max: 1000 }).map((count) => count * 64 * KIB),
        fc.integer({ min: 0, max: 64 * TIB - 4 * MIB }),
        fc.constant(64 * TIB - 4 * MIB),
      ),
      length: fc.oneof(
        fc.constantFrom(1, 512, 4096, 65_536, 4 * MIB),
        fc.integer({ min: 1, max: 200_000 }),
        fc.integer({ min: 1, max: 4 * MIB }),
      ),
    }),
    { minLength: 1, maxLength: 80 },
  )
  .map((steps) => {
    let atMs = 0;
    return steps.map(({ afterMs, offset, length }): Write => {
      atMs += afterMs;
      return { atMs, offset, length };
    });
  });

describe('against a Set of block numbers per window', () => {
  it('counts the distinct bytes of every window', () => {
    fc.assert(
      fc.property(writes, (given) => {
        const summary = historyOf(given).summary();
        expect(summary.sampledOneIn).toBe(1);
        expect(summary.windows).toEqual(
          WINDOWS.map((window) => {
            const naive = naiveWindows(given, window);
            return {
              window,
              windowCount: naive.length,
              distinctBytes: sum(naive.map(({ distinctBytes }) => distinctBytes)),
            };
          }),
        );
        expect(summary.pairs).toEqual(
          WINDOWS.flatMap((window) => naiveWindows(given, window).map((pair) => ({ window, ...pair }))),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('counts dirty chunks', () => {
    fc.assert(
      fc.property(writes, (given) => {
        const total = (window: number | 'whole', chunk: number): number =>
          sum(naiveWindows(given, window, chunk).map(({ distinctBytes }) => distinctBytes));
        expect(historyOf(given).summary().chunks).toEqual(
          CHUNKS.map((chunkBytes) => ({
            ...{ chunkBytes, sampledOneIn: 1 },
            ...{ dirtyBytes: total('whole', chunkBytes), quarterHourBytes: total(15 * MINUTE_MS, chunkBytes) },
          })),
        );
      }),
    );
  });

  it('counts writes, bytes and lengths', () => {
    fc.assert(
      fc.property(writes, (given) => {
        const summary = historyOf(given).summary();
        const writtenBytes = sum(given.map(({ length }) => length));
        expect(summary.writeCount).toBe(given.length);
        expect(summary.writtenBytes).toBe(writtenBytes);
        expect(summary.meanWriteBytes).toBe(writtenBytes / given.length);
        expect(summary.roundedBytes).toBe(sum(given.map((write) => naiveWindows([write], 'whole')[0]!.distinctBytes)));
        expect(sum(summary.lengths.map(({ count }) => count))).toBe(given.length);
        for (const { fromBytes, count } of summary.lengths) {
          const within = given.filter(({ length }) => length >= fromBytes && length < 2 * fromBytes);
          expect(within).toHaveLength(count);
        }
      }),
    );
  });
});

describe('the churn series', () => {
  it('holds what was written in each step, and is one that the model takes', () => {
    fc.assert(
      fc.property(
        writes,
        fc.integer({ min: 0, max: 5 * DAY_MS }),
        fc.integer({ min: 1, max: 40 }),
        (given, endMs, stepsMost) => {
          const churn = historyOf(given, { stepsMost }).summary(endMs).churn!;
          const lastMs = Math.max(endMs, given.at(-1)!.atMs);
          expect(churn.endMs).toBeGreaterThan(Math.max(lastMs, churn.startMs.at(-1)!));
          expect(churn.endMs).toBeLessThanOrEqual(Math.max(lastMs + 1, churn.startMs[1] ?? Number.POSITIVE_INFINITY));
          expect(churn.repeatMs).toBeGreaterThan(0);
          expect(churn.repeatMs).toBeLessThanOrEqual(churn.endMs);
          // A step of zeros may stand behind them for the rest of the recording.
          expect(churn.startMs.length).toBeLessThanOrEqual(stepsMost + 1);
          churn.startMs.forEach((startMs, at) => {
            const untilMs = churn.startMs[at + 1] ?? churn.endMs;
            expect(startMs).toBe(at * churn.startMs[1]! || 0);
            const inside = given.filter(({ atMs }) => atMs >= startMs && atMs < untilMs);
            expect(churn.writtenBytes[at]).toBe(sum(inside.map(({ length }) => length)));
          });
        },
      ),
    );
  });

  it('has steps of 30 s for a week, then of a minute', () => {
    const week = historyOf([
      { atMs: 0, offset: 0, length: 1 },
      { atMs: 7 * DAY_MS - 1, offset: 0, length: 2 },
    ]).summary().churn!;
    expect([week.startMs.length, week.startMs[1]]).toEqual([20_160, 30 * SECOND_MS]);
    const longer = historyOf([
      { atMs: 0, offset: 0, length: 1 },
      { atMs: 7 * DAY_MS, offset: 0, length: 2 },
    ]).summary().churn!;
    expect([longer.startMs.length, longer.startMs[1]]).toEqual([10_081, MINUTE_MS]);
  });

  it('is none without a write, and lasts a step at least', () => {
    expect(new WriteHistory().summary(HOUR_MS).churn).toBeUndefined();
    const churn = historyOf([{ atMs: 7, offset: 0, length: 512 }]).summary().churn;
    expect(churn).toEqual({
      ...{ kind: 'series', startMs: [0], writtenBytes: [512], endMs: 30 * SECOND_MS, repeatMs: 30 * SECOND_MS },
    });
  });
});

describe('what is no write', () => {
  const WRITE: Write = { atMs: 10, offset: 4096, length: 4096 };

  it.each([
    ['wrong-time', Number.NaN, 0, 512],
    ['wrong-time', Number.POSITIVE_INFINITY, 0, 512],
    ['wrong-time', 2 ** 60, 0, 512],
    ['wrong-time', -(2 ** 60), 0, 512],
    ['wrong-offset', 20, -1, 512],
    ['wrong-offset', 20, 2 ** 60, 512],
    ['wrong-offset', 20, Number.NaN, 512],
    ['wrong-offset', 20, 0.5, 512],
    ['wrong-offset', 20, 64 * TIB, 512],
    ['wrong-length', 20, 0, -512],
    ['wrong-length', 20, 0, 2 ** 60],
    ['wrong-length', 20, 0, Number.NaN],
    ['wrong-length', 20, 0, 1.5],
    ['wrong-length', 20, 0, MAX_WRITE_BYTES + 1],
    ['wrong-length', 20, 64 * TIB - 512, 513],
    ['empty', 20, 0, 0],
  ] as const)('is refused as %s: at %d, %d + %d', (refusal, atMs, offset, length) => {
    const history = historyOf([WRITE]);
    const before = history.summary();
    expect(history.add(atMs, offset, length)).toBe(refusal);
    expect(history.summary()).toEqual({ ...before, refused: { ...before.refused, [refusal]: 1 } });
  });

  it('takes the longest write at the end of the largest disk', () => {
    const history = historyOf([{ atMs: 0, offset: 64 * TIB - MAX_WRITE_BYTES, length: MAX_WRITE_BYTES }]);
    expect(history.summary().windows.at(-1)!.distinctBytes).toBe(MAX_WRITE_BYTES);
  });

  it('counts other requests, whose time passes, beside the writes', () => {
    const history = historyOf([WRITE]);
    const before = history.summary();
    history.addOther('read', 20, 8192);
    history.addOther('trim', 30, TIB);
    history.addOther('trim', 40, 1);
    history.addOther('zero', 40, 4096);
    history.addOther('flush', 45_000, 0);
    expect(history.addOther('trim', 50_000, Number.NaN)).toBe('wrong-length');
    expect(history.addOther('read', Number.NaN, 4096)).toBe('wrong-time');
    expect(history.summary()).toEqual({
      ...before,
      touched: { ...before.touched!, runs: [[0, 1], []] },
      otherCounts: { read: 1, trim: 2, zero: 1, flush: 1 },
      otherBytes: { read: 8192, trim: TIB + 1, zero: 4096, flush: 0 },
      refused: { ...before.refused, 'wrong-time': 1, 'wrong-length': 1 },
      churn: { ...before.churn, startMs: [0, 30_000], writtenBytes: [4096, 0], endMs: 45_001, repeatMs: 45_001 },
    });
  });
});

it('takes a request that comes too late as made with the one before it', () => {
  const time = fc.integer({ min: -HOUR_MS, max: HOUR_MS });
  const disordered = fc.array(fc.tuple(time, fc.integer({ min: 0, max: 50 })), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(disordered, (given) => {
      let latestMs = 0;
      let outOfOrderCount = 0;
      const clamped = given.map(([atMs, block]): Write => {
        if (atMs < latestMs) outOfOrderCount++;
        latestMs = Math.max(latestMs, atMs);
        return { atMs: latestMs, offset: block * 4096, length: 4096 };
      });
      const history = historyOf(given.map(([atMs, block]) => ({ atMs, offset: block * 4096, length: 4096 })));
      expect(history.summary()).toEqual({ ...historyOf(clamped).summary(), outOfOrderCount });
    }),
  );
});

describe('bounds', () => {
  it('counts one page in so many for all where too much is written on, anew in each open window', () => {
    fc.assert(
      fc.property(writes, fc.integer({ min: 2, max: 300 }), (given, pagesMost) => {
        const summary = historyOf(given, { pagesMost, chunkPagesMost: pagesMost }).summary();
        const sampled = (window: number | 'whole', grain: number, oneIn: number): number =>
          oneIn *
          naiveWindows(given, window, grain, (block) => isSampled(Math.floor(block / 16), oneIn)).at(-1)!.distinctBytes;
        for (const { window, distinctBytes } of summary.pairs.filter(
          (pair, at, all) => pair.window !== all[at + 1]?.window,
        )) {
          expect(distinctBytes).toBe(sampled(window, 4 * KIB, summary.sampledOneIn));
        }
        for (const { chunkBytes, sampledOneIn, dirtyBytes } of summary.chunks) {
          expect(dirtyBytes).toBe(sampled('whole', chunkBytes, sampledOneIn));
        }
        const fine = historyOf(given).summary();
        const exact = (part: WriteSummary): unknown => [part.writtenBytes, part.lengths, part.churn];
        expect(exact(summary)).toEqual(exact(fine));
      }),
    );
  });

  it('estimates within 5 % from ten thousand pages of many', () => {
    let state = 7;
    const random = (): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    const sampling = new WriteHistory({ pagesMost: 16_384, chunkPagesMost: 16_384 });
    const exact = new WriteHistory();
    for (let at = 0; at < 100_000; at++) {
      const offset = Math.floor(random() ** 2 * 2 ** 22) * 4096;
      for (const history of [sampling, exact]) history.add(at * 60, offset, 4096);
    }
    const estimates = sampling.summary();
    expect(estimates.sampledOneIn).toBeGreaterThan(2);
    estimates.windows.forEach(({ distinctBytes }, at) => {
      expect(distinctBytes / exact.summary().windows[at]!.distinctBytes).toBeCloseTo(1, 1);
    });
    estimates.chunks.forEach(({ dirtyBytes, quarterHourBytes }, at) => {
      expect(dirtyBytes / exact.summary().chunks[at]!.dirtyBytes).toBeCloseTo(1, 1);
      expect(quarterHourBytes / exact.summary().chunks[at]!.quarterHourBytes).toBeCloseTo(1, 1);
    });
  });

  it('keeps every pair of a few windows, and an even part of many', () => {
    const given = Array.from({ length: 5000 }, (_, at): Write => ({ atMs: at * 30_000, offset: 0, length: at + 1 }));
    const { pairs, windows } = historyOf(given).summary();
    expect(windows[0]!.windowCount).toBe(5000);
    expect(pairs.length).toBeLessThanOrEqual(4096);
    const short = pairs.filter(({ window }) => window === 30_000).map(({ writtenBytes }) => writtenBytes);
    // The open window comes besides.
    expect(short).toEqual([...Array.from({ length: 625 }, (_, at) => at * 8 + 1), 5000]);
    expect(pairs.filter(({ window }) => window === 5 * MINUTE_MS)).toHaveLength(500);
  });
});
