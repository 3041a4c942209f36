import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AgeDistributions } from '../../src/simulate/age-distribution.ts';

/** Stretches over which an age grew: from, and for how long. */
const stretches = fc.array(
  fc.record({ fromMs: fc.integer({ min: 0, max: 20_000_000 }), forMs: fc.integer({ min: 1, max: 40_000_000 }) }),
  { minLength: 1, maxLength: 30 },
);

/** Time with an age of at most `ageMs`: the definition. */
function timeWithin(parts: readonly { fromMs: number; forMs: number }[], ageMs: number): number {
  return parts.reduce((sum, { fromMs, forMs }) => sum + Math.min(forMs, Math.max(0, ageMs - fromMs)), 0);
}

describe('AgeDistributions', () => {
  test('minimum, maximum and the share within the target are exact; quantiles are within a bin of the definition', () => {
    fc.assert(
      fc.property(
        stretches,
        fc.integer({ min: 1, max: 50_000_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (parts, targetMs, share) => {
          const ages = new AgeDistributions(1, targetMs);
          for (const { fromMs, forMs } of parts) ages.add(0, fromMs, fromMs + forMs);
          const pooled = ages.of(0);
          const observedMs = parts.reduce((sum, part) => sum + part.forMs, 0);
          expect(pooled.minMs).toBe(Math.min(...parts.map((part) => part.fromMs)));
          expect(pooled.maxMs).toBe(Math.max(...parts.map((part) => part.fromMs + part.forMs)));
          expect(pooled.observedMs).toBe(observedMs);
          expect(pooled.withinMs).toBe(timeWithin(parts, targetMs));
          const ageMs = pooled.quantile(share)!;
          // A bin is 1 s wide, or 0.5 %; the mass at its edges is exact.
          const slackMs = Math.max(1000, 0.005 * ageMs) + 1;
          expect(timeWithin(parts, ageMs + slackMs)).toBeGreaterThanOrEqual(share * observedMs - 1e-3);
          expect(timeWithin(parts, ageMs - slackMs)).toBeLessThanOrEqual(share * observedMs + 1e-3);
        },
      ),
    );
  });

  test('rows pooled together, and distributions added, are one row that saw it all', () => {
    fc.assert(
      fc.property(stretches, stretches, (first, second) => {
        const apart = new AgeDistributions(2, 1000);
        const together = new AgeDistributions(1, 1000);
        for (const [row, parts] of [first, second].entries()) {
          for (const { fromMs, forMs } of parts) {
            apart.add(row, fromMs, fromMs + forMs);
            together.add(0, fromMs, fromMs + forMs);
          }
        }
        const whole = together.of(0);
        for (const pooled of [apart.pool(2), apart.of(0).plus(apart.of(1))]) {
          expect(pooled.quantile(0.5)).toBeCloseTo(whole.quantile(0.5)!, 3);
          expect(pooled.quantile(0.95)).toBeCloseTo(whole.quantile(0.95)!, 3);
          expect([pooled.minMs, pooled.maxMs, pooled.observedMs, pooled.withinMs]).toEqual([
            whole.minMs,
            whole.maxMs,
            whole.observedMs,
            whole.withinMs,
          ]);
        }
      }),
    );
  });

  test('a curve of the time above falls from 1 to 0', () => {
    fc.assert(
      fc.property(stretches, (parts) => {
        const ages = new AgeDistributions(1, 1000);
        for (const { fromMs, forMs } of parts) ages.add(0, fromMs, fromMs + forMs);
        const curve = ages.of(0).survival(50);
        expect(curve[0]!.above).toBe(1);
        expect(curve.at(-1)!.above).toBe(0);
        for (let i = 1; i < curve.length; i++) {
          expect(curve[i]!.above).toBeLessThanOrEqual(curve[i - 1]!.above + 1e-9);
          expect(curve[i]!.ageMs).toBeGreaterThanOrEqual(curve[i - 1]!.ageMs);
        }
      }),
    );
  });

  test('nothing observed has no quantile and no curve', () => {
    const pooled = new AgeDistributions(1, 1000).pool(1);
    expect(pooled.quantile(0.5)).toBeNull();
    expect(pooled.survival(10)).toEqual([]);
  });
});
