import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Network } from '../../src/simulate/network.ts';
import { bruteForceFluid, type FluidEvent, naiveRates } from '../twin/brute-force-fluid.ts';

const FLOWS = 8;
const UNTIL_MS = 400;
const STEP_MS = 0.25;
const INFINITE = Number.POSITIVE_INFINITY;

interface Case {
  readonly uplinkBytesPerMs: readonly number[];
  readonly capacityBytesPerMs: number;
  readonly events: readonly FluidEvent[];
}

const anyCase: fc.Arbitrary<Case> = fc
  .record({
    uplinkBytesPerMs: fc.array(fc.oneof(fc.constant(INFINITE), fc.integer({ min: 1, max: 60 })), {
      minLength: 1,
      maxLength: 3,
    }),
    capacityBytesPerMs: fc.integer({ min: 1, max: 100 }),
    flows: fc.array(
      fc.record({
        startMs: fc.integer({ min: 0, max: 150 }),
        host: fc.nat({ max: 2 }),
        bytes: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 3000 })),
        cap: fc.oneof(fc.constant(INFINITE), fc.constantFrom(3, 7), fc.double({ min: 0.1, max: 40, noNaN: true })),
        removedAfterMs: fc.option(fc.integer({ min: 0, max: 120 }), { nil: null, freq: 3 }),
      }),
      { minLength: 1, maxLength: FLOWS },
    ),
    changes: fc.array(
      fc.record({
        atMs: fc.integer({ min: 0, max: 200 }),
        capacity: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 100 })),
      }),
      { maxLength: 4 },
    ),
  })
  .map(({ uplinkBytesPerMs, capacityBytesPerMs, flows, changes }) => {
    const event = (atMs: number, type: FluidEvent['type'], more: Partial<FluidEvent>): FluidEvent => ({
      atMs,
      type,
      flow: -1,
      host: 0,
      bytes: 0,
      capBytesPerMs: INFINITE,
      capacityBytesPerMs: 0,
      ...more,
    });
    const events = flows.flatMap(({ startMs, host, bytes, cap, removedAfterMs }, flow) => {
      const start = event(startMs, 'start', { flow, host: host % uplinkBytesPerMs.length, bytes, capBytesPerMs: cap });
      return removedAfterMs === null ? [start] : [start, event(startMs + removedAfterMs, 'remove', { flow })];
    });
    for (const { atMs, capacity } of changes) events.push(event(atMs, 'capacity', { capacityBytesPerMs: capacity }));
    events.sort((a, b) => a.atMs - b.atMs);
    return { uplinkBytesPerMs, capacityBytesPerMs, events };
  });

interface Watched {
  readonly doneAtMs: Map<number, number>;
  readonly sentBytes: Map<number, number>;
  /** Bytes that the sink saw. */
  flowedBytes: number;
}

/** Drives the network; `between` is called with the running flows' rates in every stretch in which nothing changes. */
function drive(
  made: Case,
  between: (rates: ReadonlyMap<number, number>, running: ReadonlyMap<number, FluidEvent>, capacity: number) => void,
): Watched {
  const watched: Watched = { doneAtMs: new Map(), sentBytes: new Map(), flowedBytes: 0 };
  const network = new Network({
    flowCount: FLOWS,
    uplinkBytesPerMs: made.uplinkBytesPerMs,
    capacityBytesPerMs: made.capacityBytesPerMs,
    sink: {
      flowed: (_cause, _fromMs, _toMs, bytes) => {
        watched.flowedBytes += bytes;
      },
      carried: () => {},
    },
  });
  const running = new Map<number, FluidEvent>();
  let capacity = made.capacityBytesPerMs;
  let nowMs = 0;
  const passTo = (toMs: number): void => {
    if (toMs - nowMs > 1e-3 && running.size > 0) {
      const [firstMs, secondMs] = [nowMs + (toMs - nowMs) / 4, nowMs + (toMs - nowMs) / 2];
      const before = [...running.keys()].map((flow) => network.sentBytes(flow, firstMs));
      const rates = [...running.keys()].map((flow, i) => {
        const rate = (network.sentBytes(flow, secondMs) - before[i]!) / (secondMs - firstMs);
        return [flow, rate] as const;
      });
      between(new Map(rates), running, capacity);
    }
    nowMs = toMs;
  };
  const until = (limitMs: number): void => {
    while (network.nextCompletionAtMs() <= limitMs) {
      const atMs = network.nextCompletionAtMs();
      const flow = network.nextCompletionFlow();
      passTo(atMs);
      expect(network.sentBytes(flow, atMs)).toBeCloseTo(running.get(flow)!.bytes, 6);
      watched.sentBytes.set(flow, network.finish(flow, atMs));
      watched.doneAtMs.set(flow, atMs);
      running.delete(flow);
    }
    passTo(limitMs);
  };
  for (const event of made.events) {
    until(event.atMs);
    if (event.type === 'start') {
      network.start(event.flow, event.host, event.bytes, event.capBytesPerMs, 1, event.atMs);
      running.set(event.flow, event);
    } else if (event.type === 'capacity') {
      capacity = event.capacityBytesPerMs;
      network.setCapacity(capacity, event.atMs);
    } else if (running.delete(event.flow)) {
      watched.sentBytes.set(event.flow, network.remove(event.flow, event.atMs));
    }
  }
  until(UNTIL_MS);
  for (const flow of running.keys()) watched.sentBytes.set(flow, network.sentBytes(flow, UNTIL_MS));
  network.advanceTo(UNTIL_MS);
  return watched;
}

describe('the network', () => {
  it('is done when a brute-force fluid is, within its steps', () => {
    fc.assert(
      fc.property(anyCase, (made) => {
        const fast = drive(made, () => {});
        const slow = bruteForceFluid(made.events, made.uplinkBytesPerMs, made.capacityBytesPerMs, STEP_MS, UNTIL_MS);
        // What a completion leaves unused until the end of its step comes late, times how much slower the last one may be.
        const highest = Math.max(made.capacityBytesPerMs, ...made.events.map((event) => event.capacityBytesPerMs));
        const lateBytes = made.events.length * STEP_MS * highest;
        for (const [flow, bytes] of slow.sentBytes) {
          expect(Math.abs(fast.sentBytes.get(flow)! - bytes)).toBeLessThanOrEqual(lateBytes);
        }
      }),
      { numRuns: 150, seed: 20_261_124 },
    );
  });

  it('finishes at the same instants where nothing is left unused: whole steps', () => {
    // One change of capacity a case, rates and sizes such that completions come at ends of steps.
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: FLOWS }),
        fc.integer({ min: 0, max: 3 }),
        (sizes, scale) => {
          const count = sizes.length;
          const events = sizes.map(
            (size, flow): FluidEvent => ({
              atMs: 0,
              type: 'start',
              flow,
              host: 0,
              bytes: size * 840,
              capBytesPerMs: INFINITE,
              capacityBytesPerMs: 0,
            }),
          );
          const capacity = 840 * 2 ** scale;
          const made = { uplinkBytesPerMs: [INFINITE], capacityBytesPerMs: capacity, events };
          const fast = drive(made, () => {});
          // By hand: the k-th smallest is done when everybody has had its size.
          const sorted = [...sizes].sort((a, b) => a - b);
          let atMs = 0;
          let level = 0;
          const expected = new Map<number, number>();
          sorted.forEach((size, k) => {
            atMs += ((size - level) * 840 * (count - k)) / capacity;
            level = size;
            expected.set(size, atMs);
          });
          for (const [flow, size] of sizes.entries()) {
            expect(fast.doneAtMs.get(flow)).toBeCloseTo(expected.get(size)!, 6);
          }
        },
      ),
      { numRuns: 100, seed: 3 },
    );
  });

  it('finishes in the order and at the instants of steps as fine as you like', () => {
    fc.assert(
      fc.property(anyCase, (made) => {
        const fast = drive(made, () => {});
        const coarse = bruteForceFluid(made.events, made.uplinkBytesPerMs, made.capacityBytesPerMs, 1, UNTIL_MS);
        const fine = bruteForceFluid(made.events, made.uplinkBytesPerMs, made.capacityBytesPerMs, 1 / 8, UNTIL_MS);
        for (const [flow, doneAtMs] of fine.doneAtMs) {
          const drift = Math.abs((coarse.doneAtMs.get(flow) ?? UNTIL_MS) - doneAtMs);
          expect(Math.abs((fast.doneAtMs.get(flow) ?? UNTIL_MS) - doneAtMs)).toBeLessThanOrEqual(drift + 4);
        }
      }),
      { numRuns: 40, seed: 5 },
    );
  });

  it('has at every moment the rates of naive water filling: max-min, nothing over, nothing idle', () => {
    fc.assert(
      fc.property(anyCase, (made) => {
        drive(made, (rates, running, capacity) => {
          const flows = [...running.values()];
          const naive = naiveRates(flows, made.uplinkBytesPerMs, capacity);
          for (const [flow, rate] of rates) expect(rate).toBeCloseTo(naive.get(flow)!, 4);
        });
      }),
      { numRuns: 300, seed: 11 },
    );
  });

  it('never exceeds the link, a host or a cap; who could gain, gains only from nobody smaller; nothing idles', () => {
    const slack = 1e-4;
    fc.assert(
      fc.property(anyCase, (made) => {
        drive(made, (rates, running, capacity) => {
          const total = [...rates.values()].reduce((sum, rate) => sum + rate, 0);
          expect(total).toBeLessThanOrEqual(capacity + slack);
          const hostTotal = (host: number): number =>
            [...running.values()].reduce((sum, f) => sum + (f.host === host ? rates.get(f.flow)! : 0), 0);
          for (const [host, uplink] of made.uplinkBytesPerMs.entries()) {
            expect(hostTotal(host)).toBeLessThanOrEqual(uplink + slack);
          }
          for (const { flow, host, capBytesPerMs } of running.values()) {
            const rate = rates.get(flow)!;
            expect(rate).toBeLessThanOrEqual(capBytesPerMs + slack);
            // Every flow has a bottleneck: its own cap, or a full host or link where nobody gets more than it does.
            const capped = rate >= capBytesPerMs - slack;
            const mates = [...running.values()].filter((other) => other.host === host);
            const hostBound =
              hostTotal(host) >= made.uplinkBytesPerMs[host]! - slack &&
              mates.every((other) => rates.get(other.flow)! <= rate + slack);
            const linkBound = total >= capacity - slack && [...rates.values()].every((other) => other <= rate + slack);
            expect(capped || hostBound || linkBound).toBe(true);
          }
        });
      }),
      { numRuns: 300, seed: 12 },
    );
  });

  it('loses no byte: what the sink saw is what the flows sent, and never more than they have', () => {
    fc.assert(
      fc.property(anyCase, (made) => {
        const watched = drive(made, () => {});
        const sent = [...watched.sentBytes.values()].reduce((sum, bytes) => sum + bytes, 0);
        expect(watched.flowedBytes).toBeCloseTo(sent, 4);
        for (const event of made.events) {
          if (event.type !== 'start') continue;
          const bytes = watched.sentBytes.get(event.flow)!;
          expect(bytes).toBeGreaterThanOrEqual(0);
          expect(bytes).toBeLessThanOrEqual(event.bytes);
          if (watched.doneAtMs.has(event.flow)) expect(bytes).toBe(event.bytes);
        }
      }),
      { numRuns: 300, seed: 13 },
    );
  });
});
