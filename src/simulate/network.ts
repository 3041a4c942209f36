import type { Bytes, Millis } from '../units.ts';
import { IndexedHeap, noPositions } from './indexed-heap.ts';

/** What is done with the bytes that flow between two events. */
export interface TrafficSink {
  /** `bytes` of a cause flowed evenly over [fromMs, toMs). */
  flowed(cause: number, fromMs: Millis, toMs: Millis, bytes: Bytes): void;
  /** The link carried something over [fromMs, toMs); `full` where somebody waited for it. */
  carried(fromMs: Millis, toMs: Millis, full: boolean): void;
}

export interface NetworkOptions {
  /** Flows are numbered 0 … flowCount − 1; a number carries at most one flow at a time. */
  readonly flowCount: number;
  /** The way out of each host; Infinity where only the link limits it. */
  readonly uplinkBytesPerMs: readonly number[];
  readonly capacityBytesPerMs: number;
  readonly sink?: TrafficSink;
}

/** Causes are small integers; the sink says what they mean. */
const CAUSE_COUNT = 4;

/**
 * Flows that share a host's way out and a cap get the same rate at every moment: they share one service clock, and each is
 * done when the clock has come to its mark. A change touches classes, not flows.
 */
interface FlowClass {
  readonly host: number;
  readonly capBytesPerMs: number;
  readonly flows: IndexedHeap;
  readonly countByCause: Uint32Array;
  /** Bytes that each flow of the class would have received since the class was last empty. */
  servedBytes: Bytes;
  bytesPerMs: number;
  /** Cap after the host's way out has been shared; scratch of {@link Network.share}. */
  limitBytesPerMs: number;
}

/**
 * A fluid network: flows share a tree of flow cap → host's way out → link, max-min fair; rates are constant between two
 * changes (semantics 17). Bytes are wire bytes, rates bytes per millisecond. Time must not go back.
 */
export class Network {
  readonly #options: NetworkOptions;
  readonly #positions: Int32Array;
  readonly #marks: Float64Array;
  readonly #ranks: Uint8Array;
  readonly #flowBytes: Float64Array;
  readonly #flowCause: Uint8Array;
  readonly #classOf: (FlowClass | undefined)[];
  readonly #classes: FlowClass[] = [];
  readonly #open: FlowClass;
  readonly #anyLimitedHost: boolean;
  #capacityBytesPerMs: number;
  #atMs: Millis = 0;
  #full = false;
  #stale = false;
  #nextAtMs: Millis = Number.POSITIVE_INFINITY;
  #nextFlow = -1;

  constructor(options: NetworkOptions) {
    this.#options = options;
    this.#capacityBytesPerMs = options.capacityBytesPerMs;
    this.#anyLimitedHost = options.uplinkBytesPerMs.some((rate) => rate < Number.POSITIVE_INFINITY);
    this.#positions = noPositions(options.flowCount);
    this.#marks = new Float64Array(options.flowCount);
    this.#ranks = new Uint8Array(options.flowCount);
    this.#flowBytes = new Float64Array(options.flowCount);
    this.#flowCause = new Uint8Array(options.flowCount);
    this.#classOf = new Array(options.flowCount);
    this.#open = this.#newClass(-1, Number.POSITIVE_INFINITY);
  }

  /** Starts a flow at its fair share, never above its cap (Infinity = none). */
  start(flow: number, host: number, bytes: Bytes, capBytesPerMs: number, cause: number, nowMs: Millis): void {
    this.#advance(nowMs);
    const flowClass = this.#classFor(host, capBytesPerMs);
    if (flowClass.flows.size === 0) {
      flowClass.servedBytes = 0;
      this.#classes.push(flowClass);
    }
    this.#classOf[flow] = flowClass;
    this.#flowBytes[flow] = bytes;
    this.#flowCause[flow] = cause;
    this.#marks[flow] = flowClass.servedBytes + bytes;
    flowClass.flows.place(flow);
    flowClass.countByCause[cause]!++;
    this.#stale = true;
  }

  /** Ends a flow before it is done. @returns the bytes that it had sent */
  remove(flow: number, nowMs: Millis): Bytes {
    this.#advance(nowMs);
    const sentBytes = this.sentBytes(flow, nowMs);
    this.#leave(flow);
    return sentBytes;
  }

  /** Bytes that a running flow has sent. */
  sentBytes(flow: number, nowMs: Millis): Bytes {
    this.#advance(nowMs);
    const leftBytes = this.#marks[flow]! - this.#classOf[flow]!.servedBytes;
    return Math.min(this.#flowBytes[flow]!, Math.max(0, this.#flowBytes[flow]! - leftBytes));
  }

  /** Ends the flow whose completion {@link nextCompletionAtMs} announced. @returns all its bytes */
  finish(flow: number, nowMs: Millis): Bytes {
    this.#advance(nowMs);
    // Exactly its mark: what rounding left over must not pile up in the class's clock.
    this.#classOf[flow]!.servedBytes = this.#marks[flow]!;
    this.#leave(flow);
    return this.#flowBytes[flow]!;
  }

  setCapacity(bytesPerMs: number, nowMs: Millis): void {
    this.#advance(nowMs);
    this.#capacityBytesPerMs = bytesPerMs;
    this.#stale = true;
  }

  /** When the next flow is done if nothing changes; Infinity where none will be. */
  nextCompletionAtMs(): Millis {
    if (this.#stale) this.#share();
    return this.#nextAtMs;
  }

  /** The flow that is done then. */
  nextCompletionFlow(): number {
    if (this.#stale) this.#share();
    return this.#nextFlow;
  }

  isFlowing(flow: number): boolean {
    return this.#classOf[flow] !== undefined;
  }

  /** Accounts for what has flowed up to an instant; for the end of a run. */
  advanceTo(nowMs: Millis): void {
    this.#advance(nowMs);
  }

  #newClass(host: number, capBytesPerMs: number): FlowClass {
    return {
      host,
      capBytesPerMs,
      flows: new IndexedHeap(this.#marks, this.#ranks, this.#positions),
      countByCause: new Uint32Array(CAUSE_COUNT),
      servedBytes: 0,
      bytesPerMs: 0,
      limitBytesPerMs: 0,
    };
  }

  #classFor(host: number, capBytesPerMs: number): FlowClass {
    const limitedHost = this.#options.uplinkBytesPerMs[host]! === Number.POSITIVE_INFINITY ? -1 : host;
    if (limitedHost === -1 && capBytesPerMs === Number.POSITIVE_INFINITY) return this.#open;
    const known = this.#classes.find((c) => c.host === limitedHost && c.capBytesPerMs === capBytesPerMs);
    return known ?? this.#newClass(limitedHost, capBytesPerMs);
  }

  #leave(flow: number): void {
    const flowClass = this.#classOf[flow]!;
    flowClass.flows.remove(flow);
    flowClass.countByCause[this.#flowCause[flow]!]!--;
    this.#classOf[flow] = undefined;
    if (flowClass.flows.size === 0) this.#classes.splice(this.#classes.indexOf(flowClass), 1);
    this.#stale = true;
  }

  #advance(nowMs: Millis): void {
    if (nowMs <= this.#atMs) return;
    if (this.#stale) this.#share();
    const fromMs = this.#atMs;
    const passedMs = nowMs - fromMs;
    this.#atMs = nowMs;
    if (this.#classes.length === 0) return;
    const sink = this.#options.sink;
    for (const flowClass of this.#classes) {
      const bytesEach = flowClass.bytesPerMs * passedMs;
      flowClass.servedBytes += bytesEach;
      if (sink === undefined || bytesEach === 0) continue;
      for (let cause = 0; cause < CAUSE_COUNT; cause++) {
        const count = flowClass.countByCause[cause]!;
        if (count > 0) sink.flowed(cause, fromMs, nowMs, count * bytesEach);
      }
    }
    sink?.carried(fromMs, nowMs, this.#full);
  }

  /** Shares the capacities anew and finds the next completion. */
  #share(): void {
    this.#stale = false;
    for (const flowClass of this.#classes) flowClass.limitBytesPerMs = flowClass.capBytesPerMs;
    if (this.#anyLimitedHost) this.#shareUplinks();
    const levelBytesPerMs = fill(this.#classes, this.#capacityBytesPerMs);
    this.#full = levelBytesPerMs < Number.POSITIVE_INFINITY;
    this.#nextAtMs = Number.POSITIVE_INFINITY;
    this.#nextFlow = -1;
    for (const flowClass of this.#classes) {
      flowClass.bytesPerMs = Math.min(flowClass.limitBytesPerMs, levelBytesPerMs);
      const first = flowClass.flows.first;
      const leftBytes = Math.max(0, this.#marks[first]! - flowClass.servedBytes);
      const atMs = leftBytes === 0 ? this.#atMs : this.#atMs + leftBytes / flowClass.bytesPerMs;
      if (atMs < this.#nextAtMs || (atMs === this.#nextAtMs && first < this.#nextFlow)) {
        this.#nextAtMs = atMs;
        this.#nextFlow = first;
      }
    }
  }

  /** A host whose way out is full limits its own flows. */
  #shareUplinks(): void {
    const hosts = new Set(this.#classes.map((flowClass) => flowClass.host));
    hosts.delete(-1);
    for (const host of hosts) {
      const members = this.#classes.filter((flowClass) => flowClass.host === host);
      const levelBytesPerMs = fill(members, this.#options.uplinkBytesPerMs[host]!);
      for (const member of members) member.limitBytesPerMs = Math.min(member.limitBytesPerMs, levelBytesPerMs);
    }
  }
}

/**
 * Water filling: the level to which every flow can be served from `capacityBytesPerMs` when none takes more than its class's
 * limit; Infinity where all limits fit in, so that the capacity is not used up.
 */
function fill(classes: readonly FlowClass[], capacityBytesPerMs: number): number {
  if (classes.length === 1) {
    const only = classes[0]!;
    const share = capacityBytesPerMs / only.flows.size;
    return share <= only.limitBytesPerMs ? share : Number.POSITIVE_INFINITY;
  }
  const ascending = [...classes].sort((a, b) => a.limitBytesPerMs - b.limitBytesPerMs);
  let leftBytesPerMs = capacityBytesPerMs;
  let leftFlows = ascending.reduce((sum, flowClass) => sum + flowClass.flows.size, 0);
  for (const flowClass of ascending) {
    const share = leftBytesPerMs / leftFlows;
    if (share <= flowClass.limitBytesPerMs) return share;
    leftBytesPerMs -= flowClass.limitBytesPerMs * flowClass.flows.size;
    leftFlows -= flowClass.flows.size;
  }
  return Number.POSITIVE_INFINITY;
}
