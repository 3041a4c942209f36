/**
 * A fluid network by brute force: small steps of time, in each of which the rates are found by raising all flows together, a
 * little water at a time, until something is full (flow cap → host's way out → link). Slow and obvious.
 */
export interface FluidFlow {
  readonly flow: number;
  readonly host: number;
  readonly capBytesPerMs: number;
}

export interface FluidEvent {
  readonly atMs: number;
  readonly type: 'start' | 'remove' | 'capacity';
  readonly flow: number;
  readonly host: number;
  readonly bytes: number;
  readonly capBytesPerMs: number;
  readonly capacityBytesPerMs: number;
}

export interface FluidOutcome {
  /** Instant at which each flow that was started was done; absent where it was removed or never done. */
  readonly doneAtMs: Map<number, number>;
  readonly sentBytes: Map<number, number>;
}

/** Max-min fair rates by progressive filling: everybody grows alike; who meets a full cap, host or link stops. */
export function naiveRates(
  flows: readonly FluidFlow[],
  uplinkBytesPerMs: readonly number[],
  capacityBytesPerMs: number,
): Map<number, number> {
  const rates = new Map(flows.map((flow) => [flow.flow, 0]));
  let growing = [...flows];
  const used = (members: readonly FluidFlow[]): number => members.reduce((sum, flow) => sum + rates.get(flow.flow)!, 0);
  while (growing.length > 0) {
    let step = (capacityBytesPerMs - used(flows)) / growing.length;
    for (const flow of growing) {
      const mates = flows.filter((other) => other.host === flow.host);
      const growingMates = growing.filter((other) => other.host === flow.host);
      step = Math.min(step, flow.capBytesPerMs - rates.get(flow.flow)!);
      step = Math.min(step, (uplinkBytesPerMs[flow.host]! - used(mates)) / growingMates.length);
    }
    step = Math.max(0, step);
    for (const flow of growing) rates.set(flow.flow, rates.get(flow.flow)! + step);
    const linkFull = used(flows) >= capacityBytesPerMs * (1 - 1e-12);
    growing = growing.filter((flow) => {
      const hostFull =
        used(flows.filter((other) => other.host === flow.host)) >= uplinkBytesPerMs[flow.host]! * (1 - 1e-12);
      return !linkFull && !hostFull && rates.get(flow.flow)! < flow.capBytesPerMs * (1 - 1e-12);
    });
  }
  return rates;
}

/** Events must stand in the order of time. */
export function bruteForceFluid(
  events: readonly FluidEvent[],
  uplinkBytesPerMs: readonly number[],
  firstCapacityBytesPerMs: number,
  stepMs: number,
  untilMs: number,
): FluidOutcome {
  const doneAtMs = new Map<number, number>();
  const sentBytes = new Map<number, number>();
  const left = new Map<number, number>();
  let flows: FluidFlow[] = [];
  let capacityBytesPerMs = firstCapacityBytesPerMs;
  let next = 0;
  for (let nowMs = 0; nowMs < untilMs; ) {
    for (; next < events.length && events[next]!.atMs <= nowMs; next++) {
      const event = events[next]!;
      if (event.type === 'capacity') capacityBytesPerMs = event.capacityBytesPerMs;
      else if (event.type === 'remove') flows = flows.filter((flow) => flow.flow !== event.flow);
      else {
        flows = [...flows, { flow: event.flow, host: event.host, capBytesPerMs: event.capBytesPerMs }];
        left.set(event.flow, event.bytes);
        sentBytes.set(event.flow, 0);
      }
    }
    const toMs = Math.min(nowMs + stepMs, events[next]?.atMs ?? Number.POSITIVE_INFINITY, untilMs);
    const rates = naiveRates(flows, uplinkBytesPerMs, capacityBytesPerMs);
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
