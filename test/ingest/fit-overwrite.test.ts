import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitOverwrite, modelledBytes, type NoFit, type OverwriteFit } from '../../src/ingest/fit-overwrite.ts';
import { type OverwritePair, WINDOWS, type WindowLength } from '../../src/ingest/fit-windows.ts';
import { WriteHistory } from '../../src/ingest/write-history.ts';
import { distinctBytes, type OverwriteModel } from '../../src/model/workload.ts';
import { HOUR_MS, KIB, MIB, TIB } from '../../src/units.ts';
import { buildDisk } from '../laws/build-run.ts';

function fitted(result: OverwriteFit | NoFit): OverwriteFit {
  if (result.model === undefined) throw new Error(result.reason);
  return result;
}

function pairsOf(model: OverwriteModel, written: readonly number[], window: WindowLength = HOUR_MS): OverwritePair[] {
  return written.map((writtenBytes) => ({ window, writtenBytes, distinctBytes: modelledBytes(model, writtenBytes) }));
}

/** What the fit is to make small, written out: each length's relative errors weighted by its written bytes. */
function naiveSquares(pairs: readonly OverwritePair[], { hotBytes, hotShare }: OverwriteModel): number {
  let squares = 0;
  for (const group of Map.groupBy(pairs, (pair) => pair.window).values()) {
    const total = group.reduce((sum, pair) => sum + pair.writtenBytes, 0);
    for (const { writtenBytes, distinctBytes: measured } of group) {
      const hot = hotBytes === 0 ? 0 : hotBytes * (1 - Math.exp((-hotShare * writtenBytes) / hotBytes));
      squares += (writtenBytes / total) * (((1 - hotShare) * writtenBytes + hot - measured) / measured) ** 2;
    }
  }
  return squares;
}

const window = fc.constantFrom(...WINDOWS);
const anyPairs = fc.array(
  fc
    .record({
      window,
      writtenBytes: fc.integer({ min: 1, max: 2 ** 40 }),
      share: fc.double({ min: 0.001, max: 1.5, noNaN: true }),
    })
    .map(({ window, writtenBytes, share }) => ({
      window,
      writtenBytes,
      distinctBytes: Math.ceil(writtenBytes * share),
    })),
  { minLength: 8, maxLength: 40 },
);
const model = fc.record({
  hotBytes: fc.double({ min: 20, max: 40, noNaN: true }).map((exponent) => 2 ** exponent),
  hotShare: fc.double({ min: 0.05, max: 1, noNaN: true }),
});

describe('the model that is found', () => {
  it('is the one from which the pairs were made, within 1 %', () => {
    const spread = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(model, spread, window, (made, jitter, window) => {
        // From a twentieth of the hot set written to it, to fifty times.
        const written = jitter.map((by, at) => (made.hotBytes / made.hotShare) * 2 ** (-4 + at / 2 + by / 4));
        const { model: found, goodness } = fitted(fitOverwrite(pairsOf(made, written, window)));
        expect(found.hotBytes / made.hotBytes).toBeCloseTo(1, 2);
        expect(found.hotShare / made.hotShare).toBeCloseTo(1, 2);
        expect(goodness.worstRelativeError).toBeLessThan(1e-3);
        expect(goodness.r2).toBeGreaterThan(0.999);
      }),
      { numRuns: 200 },
    );
  });

  it('is that of random writes on a hot set and on new places', () => {
    let state = 12_345;
    const random = (): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    const history = new WriteHistory();
    let newBlock = 100_000;
    for (let at = 0; at < 200_000; at++) {
      // Busier and quieter by the minute, so that windows of one length differ.
      const atMs = at * (1 + (Math.floor(at / 3000) % 7)) * 10;
      const block = random() < 0.7 ? Math.floor(random() * 8192) : newBlock++;
      history.add(atMs, block * 4096, 4096);
    }
    const { model, goodness } = fitted(fitOverwrite(history.summary().pairs));
    expect(model.hotBytes / (8192 * 4096)).toBeCloseTo(1, 1);
    expect(model.hotShare).toBeCloseTo(0.7, 2);
    expect(goodness.worstRelativeError).toBeLessThan(0.05);
  });

  it('has no better one near it or anywhere', () => {
    const other = fc.record({
      hotBytes: fc.double({ min: 0, max: 42, noNaN: true }).map((exponent) => 2 ** exponent),
      hotShare: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const factor = fc.double({ min: 0.97, max: 1.03, noNaN: true });
    fc.assert(
      fc.property(
        anyPairs,
        fc.array(other, { minLength: 20, maxLength: 20 }),
        fc.array(fc.tuple(factor, factor)),
        (pairs, others, near) => {
          const fit = fitOverwrite(pairs);
          fc.pre(fit.model !== undefined);
          const squares = naiveSquares(pairs, fit.model);
          const neighbours = near.map(([size, share]) => ({
            hotBytes: fit.model.hotBytes * size,
            hotShare: Math.min(1, fit.model.hotShare * share),
          }));
          for (const candidate of [...others, ...neighbours])
            expect(naiveSquares(pairs, candidate)).toBeGreaterThanOrEqual(squares * (1 - 1e-6) - 1e-12);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('lies within its bounds, whatever the pairs', () => {
    const wild = fc.oneof(fc.double(), fc.constantFrom(1, 2 ** 53 - 1, Number.NaN, Number.POSITIVE_INFINITY, 0, -1));
    const hostile = fc.record({ window, writtenBytes: wild, distinctBytes: wild });
    const size = fc.constantFrom(4096, 2 ** 30, Number.POSITIVE_INFINITY);
    fc.assert(
      fc.property(
        anyPairs,
        fc.array(hostile),
        fc.integer({ min: 0, max: 2 ** 50 }),
        size,
        (pairs, wild, writtenBytes, sizeBytes) => {
          for (const given of [pairs, wild, [...pairs, ...wild]]) {
            const fit = fitOverwrite(given, sizeBytes);
            if (fit.model === undefined) continue;
            expect(fit.model.hotShare).toBeGreaterThan(0);
            expect(fit.model.hotShare).toBeLessThanOrEqual(1);
            expect(fit.model.hotBytes).toBeGreaterThanOrEqual(0);
            expect(fit.model.hotBytes).toBeLessThanOrEqual(sizeBytes * (1 + 1e-12));
            expect(modelledBytes(fit.model, writtenBytes)).toBeLessThanOrEqual(writtenBytes);
            expect(modelledBytes(fit.model, writtenBytes)).toBeGreaterThanOrEqual(0);
          }
        },
      ),
    );
  });

  it('scales with the bytes', () => {
    fc.assert(
      fc.property(anyPairs, fc.integer({ min: 1, max: 12 }), (pairs, exponent) => {
        const by = 2 ** exponent;
        const scaled = pairs.map((pair) => ({
          ...pair,
          ...{ writtenBytes: pair.writtenBytes * by, distinctBytes: pair.distinctBytes * by },
        }));
        const fit = fitOverwrite(pairs);
        const scaledFit = fitOverwrite(scaled);
        if (fit.model === undefined) expect(scaledFit).toEqual(fit);
        else expect(scaledFit.model).toEqual({ ...fit.model, hotBytes: fit.model.hotBytes * by });
      }),
    );
  });

  it('scales with the lengths and offsets of the writes', () => {
    const write = fc.tuple(
      fc.integer({ min: 0, max: 20_000 }),
      fc.integer({ min: 0, max: 60 }),
      fc.integer({ min: 1, max: 8 }),
    );
    fc.assert(
      fc.property(fc.array(write, { minLength: 20, maxLength: 120 }), (writes) => {
        const fitOf = (blockBytes: number): OverwriteFit | NoFit => {
          const history = new WriteHistory();
          let atMs = 0;
          for (const [afterMs, block, length] of writes) {
            atMs += afterMs;
            history.add(atMs, block * blockBytes, length * blockBytes);
          }
          return fitOverwrite(history.summary().pairs);
        };
        const fit = fitOf(4 * KIB);
        const doubled = fitOf(8 * KIB);
        if (fit.model === undefined) expect(doubled).toEqual(fit);
        else expect(doubled.model).toEqual({ ...fit.model, hotBytes: 2 * fit.model.hotBytes });
      }),
    );
  });

  it('has a hot set no larger than the disk', () => {
    const pairs = pairsOf(
      { hotBytes: 64 * MIB, hotShare: 0.8 },
      Array.from({ length: 30 }, (_, at) => 2 ** (22 + at / 4)),
    );
    expect(fitted(fitOverwrite(pairs, TIB)).model.hotBytes).toBeCloseTo(64 * MIB, -3);
    expect(fitted(fitOverwrite(pairs, 16 * MIB)).model.hotBytes).toBeLessThanOrEqual(16 * MIB);
  });

  it('gives the distinct bytes that the simulation counts', () => {
    fc.assert(
      fc.property(model, fc.integer({ min: 0, max: 2 ** 46 }), (overwrite, writtenBytes) => {
        const disk = buildDisk({ sizeBytes: 2 ** 50, overwrite });
        const counted = distinctBytes(disk, writtenBytes);
        expect(Math.abs(modelledBytes(overwrite, writtenBytes) - counted)).toBeLessThanOrEqual(1e-9 * counted);
      }),
    );
  });
});

describe('what it says of itself', () => {
  it('are the errors of its own pairs, by window and together', () => {
    fc.assert(
      fc.property(anyPairs, (pairs) => {
        const fit = fitOverwrite(pairs);
        fc.pre(fit.model !== undefined);
        const errors = (of: readonly OverwritePair[]): number[] =>
          of
            .map((pair) => Math.abs(modelledBytes(fit.model, pair.writtenBytes) / pair.distinctBytes - 1))
            .sort((a, b) => a - b);
        const near = (actual: number, expected: number): void =>
          expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)));
        const medianOf = (sorted: readonly number[]): number => {
          const half = sorted.length / 2;
          return Number.isInteger(half) ? (sorted[half - 1]! + sorted[half]!) / 2 : sorted[Math.floor(half)]!;
        };
        expect(fit.goodness.pairCount).toBe(pairs.length);
        expect(fit.goodness.writtenBytesMost).toBe(Math.max(...pairs.map((pair) => pair.writtenBytes)));
        near(fit.goodness.medianRelativeError, medianOf(errors(pairs)));
        near(fit.goodness.worstRelativeError, errors(pairs).at(-1)!);
        expect(fit.goodness.r2).toBeLessThanOrEqual(1);
        expect(fit.comparedByWindow.map(({ window }) => window)).toEqual(
          WINDOWS.filter((window) => pairs.some((pair) => pair.window === window)),
        );
        for (const compared of fit.comparedByWindow) {
          const own = pairs.filter((pair) => pair.window === compared.window);
          const total = (value: (pair: OverwritePair) => number): number =>
            own.reduce((sum, pair) => sum + value(pair), 0);
          expect(compared.pairCount).toBe(own.length);
          near(
            compared.writtenBytes,
            total((pair) => pair.writtenBytes),
          );
          near(
            compared.measuredBytes,
            total((pair) => pair.distinctBytes),
          );
          near(
            compared.modelledBytes,
            total((pair) => modelledBytes(fit.model, pair.writtenBytes)),
          );
          near(compared.factor, compared.modelledBytes / compared.measuredBytes);
          near(compared.medianRelativeError, medianOf(errors(own)));
          near(compared.worstRelativeError, errors(own).at(-1)!);
        }
      }),
    );
  });

  it('is nothing where nothing was written twice, or hardly anything', () => {
    const written = Array.from({ length: 20 }, (_, at) => (at + 1) * MIB);
    const none = written.map(
      (writtenBytes): OverwritePair => ({ window: HOUR_MS, writtenBytes, distinctBytes: writtenBytes }),
    );
    expect(fitOverwrite(none)).toEqual({ model: undefined, reason: 'no-overwrite' });
    const rounded = none.map((pair) => ({ ...pair, distinctBytes: pair.distinctBytes + 4096 }));
    expect(fitOverwrite(rounded)).toEqual({ model: undefined, reason: 'no-overwrite' });
    const hardly = none.map((pair) => ({ ...pair, distinctBytes: 0.995 * pair.distinctBytes }));
    expect(fitOverwrite(hardly)).toEqual({ model: undefined, reason: 'no-overwrite' });
    const some = none.map((pair) => ({ ...pair, distinctBytes: 0.98 * pair.distinctBytes }));
    expect(fitted(fitOverwrite(some)).model.hotShare).toBeCloseTo(0.02, 3);
  });

  it('is nothing of fewer than eight windows', () => {
    const pairs = pairsOf(
      { hotBytes: MIB, hotShare: 0.5 },
      [1, 2, 3, 4, 5, 6, 7, 8].map((count) => count * MIB),
    );
    expect(fitOverwrite(pairs.slice(1))).toEqual({ model: undefined, reason: 'few-windows' });
    expect(fitOverwrite([])).toEqual({ model: undefined, reason: 'few-windows' });
    expect(fitOverwrite(pairs).model).toBeDefined();
  });
});
