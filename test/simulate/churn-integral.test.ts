import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Churn, ChurnSeries } from '../../src/model/workload.ts';
import { ChurnIntegral } from '../../src/simulate/churn-integral.ts';

const series: fc.Arbitrary<ChurnSeries> = fc
  .record({
    firstMs: fc.integer({ min: -5000, max: 5000 }),
    steps: fc.array(fc.record({ forMs: fc.integer({ min: 1, max: 4000 }), bytes: fc.integer({ min: 0, max: 1e6 }) }), {
      minLength: 1,
      maxLength: 12,
    }),
    repeat: fc.boolean(),
  })
  .map(({ firstMs, steps, repeat }) => {
    const startMs: number[] = [];
    let atMs = firstMs;
    for (const { forMs } of steps) {
      startMs.push(atMs);
      atMs += forMs;
    }
    const repeatMs = repeat ? atMs - firstMs : 0;
    return { kind: 'series', startMs, writtenBytes: steps.map(({ bytes }) => bytes), endMs: atMs, repeatMs };
  });

/** Rate at an instant, by looking. */
function rateAt(churn: ChurnSeries, atMs: number): number {
  let t = atMs;
  while (churn.repeatMs > 0 && t >= churn.endMs) t -= churn.repeatMs;
  const i = churn.startMs.findLastIndex((startMs) => startMs <= t);
  if (i < 0 || t >= churn.endMs) return 0;
  return churn.writtenBytes[i]! / ((churn.startMs[i + 1] ?? churn.endMs) - churn.startMs[i]!);
}

/** The integral, a millisecond at a time: breaks are whole milliseconds. */
function byMilliseconds(churn: ChurnSeries, untilMs: number): number {
  let bytes = 0;
  for (let atMs = 0; atMs < untilMs; atMs++) bytes += rateAt(churn, atMs);
  return bytes;
}

describe('ChurnIntegral', () => {
  test('is the sum of what was written in every millisecond, repetition included', () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 0, max: 30_000 }), (churn, untilMs) => {
        const written = new ChurnIntegral([churn], 0).writtenBytes(0, untilMs);
        const expected = byMilliseconds(churn, untilMs);
        expect(written).toBeLessThanOrEqual(expected + 1e-3);
        expect(written).toBeGreaterThan(expected - 1 - 1e-3);
      }),
      { numRuns: 60 },
    );
  });

  test('never decreases, whatever is asked in between', () => {
    fc.assert(
      fc.property(
        series,
        fc.array(fc.double({ min: 0, max: 60_000, noNaN: true }), { maxLength: 30 }),
        (churn, instants) => {
          const integral = new ChurnIntegral([churn], 0.3);
          for (const atMs of instants) integral.writtenBytes(0, atMs);
          const ascending = instants.toSorted((a, b) => a - b).map((atMs) => integral.writtenBytes(0, atMs));
          expect(ascending).toEqual(ascending.toSorted((a, b) => a - b));
        },
      ),
    );
  });

  test('finds the first instant at which so many bytes are written, and a bound before it', () => {
    const churns: fc.Arbitrary<Churn> = fc.oneof(
      series,
      fc.record({ kind: fc.constant('constant' as const), bytesPerSec: fc.double({ min: 0, max: 1e9, noNaN: true }) }),
    );
    fc.assert(
      fc.property(
        churns,
        fc.integer({ min: 1, max: 5e6 }),
        fc.double({ min: 0, max: 5000, noNaN: true }),
        (churn, bytes, nowMs) => {
          const integral = new ChurnIntegral([churn], 0);
          const atMs = integral.reachedAtMs(0, bytes);
          if (atMs === Number.POSITIVE_INFINITY) {
            expect(integral.writtenBytes(0, 1e7)).toBeLessThan(bytes);
            return;
          }
          if (atMs > 1e12) return;
          expect(integral.writtenBytes(0, atMs)).toBeGreaterThanOrEqual(bytes);
          if (atMs > 0.01) expect(integral.writtenBytes(0, atMs - Math.max(0.01, atMs * 1e-9))).toBeLessThan(bytes);
          // The last bits waver: where a later instant has less, what was asked for is still to come.
          for (let bits = 1; bits <= 8; bits++) {
            const laterMs = atMs * (1 + bits * Number.EPSILON);
            const isMissing = integral.writtenBytes(0, laterMs) < bytes;
            if (isMissing) expect(integral.reachedAtMs(0, bytes, laterMs)).toBeGreaterThan(laterMs);
          }
          if (nowMs <= atMs) {
            expect(integral.notReachedBeforeMs(0, bytes, nowMs, integral.writtenBytes(0, nowMs))).toBeLessThanOrEqual(
              atMs,
            );
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test('says the rate from an instant on, and until when it holds', () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 0, max: 30_000 }), (churn, atMs) => {
        const integral = new ChurnIntegral([churn], 0);
        const untilMs = integral.nextBreakMs(0, atMs);
        expect(untilMs).toBeGreaterThan(atMs);
        const toMs = Math.min(untilMs, atMs + 10_000);
        const grownBytes = integral.writtenBytes(0, toMs) - integral.writtenBytes(0, atMs);
        expect(Math.abs(grownBytes - integral.bytesPerMs(0, atMs) * (toMs - atMs))).toBeLessThanOrEqual(1.001);
      }),
      { numRuns: 500 },
    );
  });

  test('a rate whose product is a whole number gives that number, whatever the last bit says', () => {
    // 0.1 + 0.2 and its like: 4.35 MB/s over 300 s are 1,305,000,000 bytes.
    const integral = new ChurnIntegral([{ kind: 'constant', bytesPerSec: 4.35e6 }], 0);
    expect(integral.writtenBytes(0, 300_000)).toBe(1_305_000_000);
  });
});
