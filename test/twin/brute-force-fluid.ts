/**
 * A fluid network by brute force: small steps of time, in each of which the rates are found by raising all flows together, a
 * little water at a time, until something is full (a flow's cap, a line on its way). Slow and obvious.
 */
export interface FluidFlow {
  readonly flow: number;
  /** A flow at rate r takes factor · r of the line. */
  readonly uses: readonly { readonly line: number; readonly factor: number }[];
  /** Its part beside others: all rise together, each by its weight. */
  readonly weight: number;
  readonly capBytesPerMs: number;
}

export type FluidEvent =
  | ({ readonly type: 'start'; readonly atMs: number; readonly bytes: number } & FluidFlow)
  | { readonly type: 'remove'; readonly atMs: number; readonly flow: number }
  | { readonly type: 'capacity'; readonly atMs: number; readonly line: number; readonly bytesPerMs: number };

export interface FluidOutcome {
  /** Instant at which each flow that was started was done; absent where it was removed or never done. */
  readonly doneAtMs: Map<number, number>;
  readonly sentBytes: Map<number, number>;
}

const NEARLY = 1 - 1e-12;

/** Weighted max-min fair rates by progressive filling: everybody grows by its weight; who meets its cap or a full line stops. */
export function naiveRates(flows: readonly FluidFlow[], capacityBytesPerMs: readonly number[]): Map<number, number> {
  const rates = new Map(flows.map((flow) => [flow.flow, 0]));
  const used = (line: number): number =>
    flows.reduce((sum, flow) => sum + factorOn(flow, line) * rates.get(flow.flow)!, 0);
  const lines = capacityBytesPerMs.map((_, line) => line);
  let growing = [...flows];
  while (growing.length > 0) {
    let step = Number.POSITIVE_INFINITY;
    for (const flow of growing) step = Math.min(step, (flow.capBytesPerMs - rates.get(flow.flow)!) / flow.weight);
    for (const line of lines) {
      const growth = growing.reduce((sum, flow) => sum + factorOn(flow, line) * flow.weight, 0);
      if (growth > 0) step = Math.min(step, (capacityBytesPerMs[line]! - used(line)) / growth);
    }
    step = Math.max(0, step);
    for (const flow of growing) rates.set(flow.flow, rates.get(flow.flow)! + flow.weight * step);
    const full = new Set(lines.filter((line) => used(line) >= capacityBytesPerMs[line]! * NEARLY));
    growing = growing.filter(
      (flow) => rates.get(flow.flow)! < flow.capBytesPerMs * NEARLY && !flow.uses.some(({ line }) => full.has(line)),
    );
  }
  return rates;
}

/** What the flow takes of a line for each byte; 0 where it does not go over it. */
export function factorOn(flow: FluidFlow, line: number): number {
  return flow.uses.find((use) => use.line === line)?.factor ?? 0;
}

/** Events must stand in the order of time. */
export function bruteForceFluid(
  events: readonly FluidEvent[],
  firstCapacityBytesPerMs: readonly number[],
  stepMs: number,
  untilMs: number,
): FluidOutcome {
  const doneAtMs = new Map<number, number>();
  const sentBytes = new Map<number, number>();
  const left = new Map<number, number>();
  const capacityBytesPerMs = [...firstCapacityBytesPerMs];
  let flows: FluidFlow[] = [];
  let next = 0;
  for (let nowMs = 0; nowMs < untilMs; ) {
    for (; next < events.length && events[next]!.atMs <= nowMs; next++) {
      const event = events[next]!;
      if (event.type === 'capacity') capacityBytesPerMs[event.line] = event.bytesPerMs;
      else if (event.type === 'remove') flows = flows.filter((flow) => flow.flow !== event.flow);
      else {
        flows = [...flows, event];
        left.set(event.flow, event.bytes);
        sentBytes.set(event.flow, 0);
      }
    }
    const toMs = Math.min(nowMs + stepMs, events[next]?.atMs ?? Number.POSITIVE_INFINITY, untilMs);
    const rates = naiveRates(flows, capacityBytesPerMs);
    for (const { flow } of flows) {
      const wanted = left.get(flow)!;
      const sent = Math.min(wanted, rates.get(flow)! * (toMs - nowMs));
      left.set(flow, wanted - sent);
      sentBytes.set(flow, sentBytes.get(flow)! + sent);
      if (left.get(flow)! <= 0) {
        const rate = rates.get(flow)!;
        doneAtMs.set(flow, rate === 0 ? nowMs : nowMs + wanted / rate);
      }
    }
    flows = flows.filter(({ flow }) => left.get(flow)! > 0);
    nowMs = toMs;
  }
  return { doneAtMs, sentBytes };
}
