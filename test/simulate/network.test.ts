import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOLD_KINDS, Network, type Path } from '../../src/simulate/network.ts';
import { bruteForceFluid, type FluidEvent, type FluidFlow, factorOn, naiveRates } from '../twin/brute-force-fluid.ts';

const FLOWS = 8;
const UNTIL_MS = 400;
const STEP_MS = 0.25;
const INFINITE = Number.POSITIVE_INFINITY;

interface Case {
  readonly capacityBytesPerMs: readonly number[];
  /** The ways that flows of this case take. */
  readonly ways: readonly FluidFlow['uses'][];
  readonly events: readonly FluidEvent[];
}

/** Hosts before a link before another, meshes, a line of which a byte takes more than one: every way over up to four lines. */
const anyCase: fc.Arbitrary<Case> = fc
  .record({
    capacityBytesPerMs: fc.array(
      fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 1, max: 80 }) }, fc.constant(INFINITE)),
      {
        minLength: 1,
        maxLength: 4,
      },
    ),
    ways: fc.array(
      fc.array(fc.record({ line: fc.nat({ max: 3 }), factor: fc.constantFrom(1, 1, 1, 0.5, 3) }), { maxLength: 3 }),
      {
        minLength: 1,
        maxLength: 4,
      },
    ),
    flows: fc.array(
      fc.record({
        startMs: fc.integer({ min: 0, max: 150 }),
        way: fc.nat({ max: 3 }),
        bytes: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 3000 })),
        weight: fc.constantFrom(1, 1, 1, 2, 5, 0.25),
        cap: fc.oneof(fc.constant(INFINITE), fc.constantFrom(3, 7), fc.double({ min: 0.1, max: 40, noNaN: true })),
        removedAfterMs: fc.option(fc.integer({ min: 0, max: 120 }), { nil: null, freq: 3 }),
      }),
      { minLength: 1, maxLength: FLOWS },
    ),
    changes: fc.array(
      fc.record({
        atMs: fc.integer({ min: 0, max: 200 }),
        line: fc.nat({ max: 3 }),
        bytesPerMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 100 })),
      }),
      { maxLength: 5 },
    ),
  })
  .map(({ capacityBytesPerMs, ways, flows, changes }) => {
    const lineCount = capacityBytesPerMs.length;
    // Line 0 is on every way and has a limit: no flow is without one.
    const capacities = capacityBytesPerMs.map((capacity, line) =>
      line === 0 && capacity === INFINITE ? 50 : capacity,
    );
    const distinct = ways.map((way) => {
      const uses = new Map([
        [0, 1],
        ...way.filter(({ line }) => line < lineCount).map(({ line, factor }) => [line, factor] as const),
      ]);
      return [...uses].map(([line, factor]) => ({ line, factor }));
    });
    const events = flows.flatMap(({ startMs, way, bytes, weight, cap, removedAfterMs }, flow): FluidEvent[] => {
      const uses = distinct[way % distinct.length]!;
      const start: FluidEvent = { type: 'start', atMs: startMs, flow, uses, bytes, weight, capBytesPerMs: cap };
      return removedAfterMs === null ? [start] : [start, { type: 'remove', atMs: startMs + removedAfterMs, flow }];
    });
    for (const { atMs, line, bytesPerMs } of changes) {
      if (line < lineCount) events.push({ type: 'capacity', atMs, line, bytesPerMs });
    }
    events.sort((a, b) => a.atMs - b.atMs);
    return { capacityBytesPerMs: capacities, ways: distinct, events };
  });

type Started = Extract<FluidEvent, { type: 'start' }>;

interface Watched {
  readonly network: Network;
  readonly doneAtMs: Map<number, number>;
  readonly sentBytes: Map<number, number>;
  readonly heldMs: Map<number, number[]>;
  readonly flowedMs: Map<number, number>;
}

type Between = (
  rates: ReadonlyMap<number, number>,
  running: ReadonlyMap<number, Started>,
  capacity: readonly number[],
  fromMs: number,
  toMs: number,
) => void;

/** Drives the network; `between` is called with the running flows' rates in every stretch in which nothing changes. */
function drive(made: Case, between: Between): Watched {
  const capacity = [...made.capacityBytesPerMs];
  const network = new Network({
    flowCount: FLOWS,
    capacityBytesPerMs: capacity,
    kindOfLine: capacity.map((_, line) => (line % (HOLD_KINDS - 1)) + 1),
    watchHolds: true,
  });
  const watched: Watched = {
    network,
    doneAtMs: new Map(),
    sentBytes: new Map(),
    heldMs: new Map(),
    flowedMs: new Map(),
  };
  const paths = new Map<FluidFlow['uses'], Path>(made.ways.map((way) => [way, network.path(way)]));
  const running = new Map<number, Started>();
  let nowMs = 0;
  const passTo = (toMs: number): void => {
    if (toMs - nowMs > 1e-3 && running.size > 0) {
      const [firstMs, secondMs] = [nowMs + (toMs - nowMs) / 4, nowMs + (toMs - nowMs) / 2];
      const before = [...running.keys()].map((flow) => network.sentBytes(flow, firstMs));
      const rates = [...running.keys()].map((flow, i) => {
        const rate = (network.sentBytes(flow, secondMs) - before[i]!) / (secondMs - firstMs);
        return [flow, rate] as const;
      });
      between(new Map(rates), running, capacity, nowMs, toMs);
    }
    nowMs = toMs;
  };
  const end = (flow: number, atMs: number): void => {
    const held = new Array<number>(HOLD_KINDS).fill(0);
    network.takeHeldMs(flow, atMs, (kind, ms) => {
      held[kind]! += ms;
    });
    watched.heldMs.set(flow, held);
    watched.flowedMs.set(flow, atMs - running.get(flow)!.atMs);
    running.delete(flow);
  };
  const until = (limitMs: number): void => {
    while (network.nextCompletionAtMs() <= limitMs) {
      const atMs = network.nextCompletionAtMs();
      const flow = network.nextCompletionFlow();
      passTo(atMs);
      expect(network.sentBytes(flow, atMs)).toBeCloseTo(running.get(flow)!.bytes, 6);
      watched.sentBytes.set(flow, network.finish(flow, atMs));
      watched.doneAtMs.set(flow, atMs);
      end(flow, atMs);
    }
    passTo(limitMs);
  };
  for (const event of made.events) {
    until(event.atMs);
    if (event.type === 'start') {
      network.start(event.flow, paths.get(event.uses)!, event.bytes, event.weight, event.capBytesPerMs, event.atMs);
      running.set(event.flow, event);
    } else if (event.type === 'capacity') {
      capacity[event.line] = event.bytesPerMs;
      network.setCapacity(event.line, event.bytesPerMs, (event.line % (HOLD_KINDS - 1)) + 1, event.atMs);
    } else if (running.has(event.flow)) {
      watched.sentBytes.set(event.flow, network.remove(event.flow, event.atMs));
      end(event.flow, event.atMs);
    }
  }
  until(UNTIL_MS);
  for (const flow of [...running.keys()]) {
    watched.sentBytes.set(flow, network.sentBytes(flow, UNTIL_MS));
    end(flow, UNTIL_MS);
  }
  return watched;
}

/** Of a line at these rates. */
function usedOf(running: ReadonlyMap<number, Started>, rates: ReadonlyMap<number, number>, line: number): number {
  return [...running.values()].reduce((sum, flow) => sum + factorOn(flow, line) * rates.get(flow.flow)!, 0);
}

const SLACK = 1e-4;

describe('the network', () => {
  it('is done when a brute-force fluid is, within its steps', () => {
    fc.assert(
      fc.property(anyCase, (made) => {
        const fast = drive(made, () => {});
        const slow = bruteForceFluid(made.events, made.capacityBytesPerMs, STEP_MS, UNTIL_MS);
        // What a completion leaves unused until the end of its step comes late, times how much slower the last one may be.
        const first = Math.max(...made.capacityBytesPerMs.filter((capacity) => capacity < INFINITE));
        const highest = Math.max(
          first,
          ...made.events.map((event) => (event.type === 'capacity' ? event.bytesPerMs : 0)),
        );
        const lateBytes = 2 * made.events.length * STEP_MS * highest;
        for (const [flow, bytes] of slow.sentBytes) {
          expect(Math.abs(fast.sentBytes.get(flow)! - bytes)).toBeLessThanOrEqual(lateBytes);
        }
      }),
      { numRuns: 200, seed: 20_261_124 },
    );
  });

  it('finishes at the instants of steps as fine as you like', () => {
    fc.assert(
      fc.property(anyCase, (made) => {
        const fast = drive(made, () => {});
        const coarse = bruteForceFluid(made.events, made.capacityBytesPerMs, 1, UNTIL_MS);
        const fine = bruteForceFluid(made.events, made.capacityBytesPerMs, 1 / 8, UNTIL_MS);
        for (const [flow, bytes] of fine.sentBytes) {
          const drift = Math.abs(coarse.sentBytes.get(flow)! - bytes);
          // The error of a step is of its length: a step of an eighth is nearer than one of 1 ms, but for ends of steps.
          expect(Math.abs(fast.sentBytes.get(flow)! - bytes)).toBeLessThanOrEqual(drift + 100);
        }
      }),
      { numRuns: 60, seed: 5 },
    );
  });

  it('serves equal flows on one line at the instants that follow by hand', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: FLOWS }),
        fc.integer({ min: 0, max: 3 }),
        (sizes, scale) => {
          const uses = [{ line: 0, factor: 1 }];
          const events = sizes.map(
            (size, flow): FluidEvent => ({
              type: 'start',
              atMs: 0,
              flow,
              uses,
              bytes: size * 840,
              weight: 1,
              capBytesPerMs: INFINITE,
            }),
          );
          const capacity = 840 * 2 ** scale;
          const fast = drive({ capacityBytesPerMs: [capacity], ways: [uses], events }, () => {});
          // The k-th smallest is done when everybody has had its size.
          let atMs = 0;
          let level = 0;
          const expected = new Map<number, number>();
          [...sizes]
            .sort((a, b) => a - b)
            .forEach((size, k) => {
              atMs += ((size - level) * 840 * (sizes.length - k)) / capacity;
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

  it('has at every moment the rates of naive water filling', () => {
    fc.assert(
      fc.property(anyCase, (made) => {
        drive(made, (rates, running, capacity) => {
          const naive = naiveRates([...running.values()], capacity);
          for (const [flow, rate] of rates) expect(rate).toBeCloseTo(naive.get(flow)!, 4);
        });
      }),
      { numRuns: 500, seed: 11 },
    );
  });

  it('puts no line over its capacity and no flow over its cap', () => {
    fc.assert(
      fc.property(anyCase, (made) => {
        drive(made, (rates, running, capacity) => {
          for (const [line, bytesPerMs] of capacity.entries()) {
            expect(usedOf(running, rates, line)).toBeLessThanOrEqual(bytesPerMs + SLACK);
          }
          for (const { flow, capBytesPerMs } of running.values()) {
            expect(rates.get(flow)!).toBeLessThanOrEqual(capBytesPerMs + SLACK);
          }
        });
      }),
      { numRuns: 300, seed: 12 },
    );
  });

  it('is max-min: who is below its cap shares a full line on which nobody has more for its weight; so nothing idles', () => {
    fc.assert(
      fc.property(anyCase, (made) => {
        drive(made, (rates, running, capacity) => {
          for (const flow of running.values()) {
            const level = rates.get(flow.flow)! / flow.weight;
            const atCap = rates.get(flow.flow)! >= flow.capBytesPerMs - SLACK;
            const bottleneck = flow.uses.some(
              ({ line }) =>
                usedOf(running, rates, line) >= capacity[line]! - SLACK &&
                [...running.values()].every(
                  (other) => factorOn(other, line) === 0 || rates.get(other.flow)! / other.weight <= level + SLACK,
                ),
            );
            expect(atCap || bottleneck).toBe(true);
          }
        });
      }),
      { numRuns: 300, seed: 13 },
    );
  });

  it('loses no byte: nobody sends more than it has, and who is done has sent it all', () => {
    fc.assert(
      fc.property(anyCase, (made) => {
        const watched = drive(made, () => {});
        for (const event of made.events) {
          if (event.type !== 'start') continue;
          const bytes = watched.sentBytes.get(event.flow)!;
          expect(bytes).toBeGreaterThanOrEqual(0);
          expect(bytes).toBeLessThanOrEqual(event.bytes);
          if (watched.doneAtMs.has(event.flow)) expect(bytes).toBe(event.bytes);
        }
      }),
      { numRuns: 300, seed: 14 },
    );
  });

  it('says of every moment of a flow what held it', () => {
    fc.assert(
      fc.property(anyCase, (made) => {
        const watched = drive(made, () => {});
        for (const [flow, held] of watched.heldMs) {
          expect(held.reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(watched.flowedMs.get(flow)!, 6);
        }
      }),
      { numRuns: 300, seed: 15 },
    );
  });

  it('counts a line as full while somebody waits for it, and as busy while something flows over it', () => {
    fc.assert(
      fc.property(anyCase, (made) => {
        const full = made.capacityBytesPerMs.map(() => ({ least: 0, most: 0 }));
        const busy = made.capacityBytesPerMs.map(() => 0);
        const { network } = drive(made, (rates, running, capacity, fromMs, toMs) => {
          for (const [line, bytesPerMs] of capacity.entries()) {
            const over = [...running.values()].filter((flow) => factorOn(flow, line) > 0);
            if (over.length > 0) busy[line]! += toMs - fromMs;
            const isFull = usedOf(running, rates, line) >= bytesPerMs - SLACK;
            // A line may be used up by flows that wait for others or stand at their caps: then nobody waits for it.
            const waits = over.some(
              ({ flow, uses, capBytesPerMs }) =>
                rates.get(flow)! < capBytesPerMs - SLACK &&
                uses.every(
                  (use) => use.line === line || usedOf(running, rates, use.line) < capacity[use.line]! - SLACK,
                ),
            );
            if (isFull && waits) full[line]!.least += toMs - fromMs;
            if (isFull && over.length > 0) full[line]!.most += toMs - fromMs;
          }
        });
        const slackMs = 0.02 * made.events.length + 0.05;
        for (const line of made.capacityBytesPerMs.keys()) {
          expect(network.fullMs(line, UNTIL_MS)).toBeGreaterThanOrEqual(full[line]!.least - slackMs);
          expect(network.fullMs(line, UNTIL_MS)).toBeLessThanOrEqual(full[line]!.most + slackMs);
          expect(Math.abs(network.busyMs(line, UNTIL_MS) - busy[line]!)).toBeLessThanOrEqual(slackMs);
        }
      }),
      { numRuns: 300, seed: 16 },
    );
  });

  it('lines of their own, behind one that has no limit, and then one', () => {
    const network = new Network({ flowCount: 2, capacityBytesPerMs: [INFINITE, 10, 20], kindOfLine: [2, 1, 1] });
    const over = (line: number): Path =>
      network.path([
        { line: 0, factor: 1 },
        { line, factor: 1 },
      ]);
    network.start(0, over(1), 1000, 1, INFINITE, 0);
    network.start(1, over(2), 1000, 1, INFINITE, 0);
    expect([network.sentBytes(0, 10), network.sentBytes(1, 10)]).toEqual([100, 200]);
    // 12 for both: the first would take 6 of it, and so does the second.
    network.setCapacity(0, 12, 2, 10);
    expect([network.sentBytes(0, 20), network.sentBytes(1, 20)]).toEqual([160, 260]);
    network.setCapacity(1, INFINITE, 1, 20);
    network.setCapacity(2, INFINITE, 1, 20);
    expect([network.sentBytes(0, 30), network.sentBytes(1, 30)]).toEqual([220, 320]);
    network.setCapacity(0, INFINITE, 2, 30);
    network.setCapacity(1, 1, 1, 30);
    network.setCapacity(2, 2, 1, 30);
    expect([network.sentBytes(0, 40), network.sentBytes(1, 40)]).toEqual([230, 340]);
    expect([network.fullMs(0, 40), network.fullMs(1, 40), network.fullMs(2, 40)]).toEqual([20, 20, 20]);
  });
});
