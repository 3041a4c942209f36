import type { Bytes, Millis } from '../units.ts';
import { IndexedHeap, noPositions } from './indexed-heap.ts';

/** A flow at rate r takes factor · r of the line. */
export interface LineUse {
  readonly line: number;
  readonly factor: number;
}

/** The lines on the way of a flow. Flows on one path share what is known of it. */
export interface Path {
  readonly lines: readonly number[];
  readonly factors: readonly number[];
  /** Of the flows on it that run. */
  readonly classes: FlowClass[];
  /** Where in `lines` its only line with a limit stands; −1 where it has none or several. Found anew after limits came or went. */
  onlyLimit: number;
  limitsSeen: number;
}

export interface NetworkOptions {
  /** Flows are numbered 0 … flowCount − 1; a number carries at most one flow at a time. */
  readonly flowCount: number;
  /** Capacity of each line; Infinity = it never limits, 0 = nothing gets through. */
  readonly capacityBytesPerMs: readonly number[];
  /** What a line's hold counts as, 1 … {@link HOLD_KINDS} − 1; same length. */
  readonly kindOfLine: readonly number[];
  /** Keep by what each flow is held, for {@link Network.takeHeldMs}. */
  readonly watchHolds?: boolean;
}

/**
 * Flows of one path and one cap for each part of weight rise and fall together: they share one service clock, in bytes for each
 * part of weight, and each is done when the clock has come to its mark. A change touches classes, not flows.
 */
interface FlowClass {
  readonly path: Path;
  readonly capLevel: number;
  readonly flows: IndexedHeap;
  /** Sum of its flows' weights. */
  weight: number;
  /** Bytes for each part of weight since the class was last empty. */
  served: Bytes;
  /** Bytes per millisecond for each part of weight. */
  level: number;
  /** The line that holds the level down; {@link OWN_CAP} where its own cap does. */
  heldBy: number;
  isFrozen: boolean;
  /** Place among the classes with flows. */
  index: number;
  /** Time under each kind of hold, where holds are watched. */
  readonly heldMs: Float64Array;
}

const OWN_CAP = -1;
/** Mark of a full line while the lines are gone through. */
const STILL_FULL = 2;

/** Kinds of holds: 0 is a flow's own cap, what the others mean is said by whom the network serves. */
export const HOLD_KINDS = 5;

/**
 * A fluid network: flows share lines, weighted max-min fair; rates are constant between two changes (semantics 17). Think of a level that rises
 * for all flows at once, a flow's rate being its weight times the level, until its cap or a full line on its path holds it. Bytes are
 * wire bytes, rates bytes per millisecond. Time must not go back.
 */
export class Network {
  readonly #positions: Int32Array;
  /** Where the class's clock stands when the flow is done. */
  readonly #marks: Float64Array;
  readonly #ranks: Uint8Array;
  readonly #flowBytes: Float64Array;
  readonly #weights: Float64Array;
  readonly #classOf: (FlowClass | null)[];
  /** The class of a flow, also after its end: what held it is asked for then. */
  readonly #lastClassOf: (FlowClass | null)[];
  readonly #classes: FlowClass[] = [];
  readonly #capacity: Float64Array;
  readonly #kindOfLine: Uint8Array;
  readonly #watchHolds: boolean;
  /** Flow × kind: the class's time under that kind when it was last taken. */
  readonly #heldBefore: Float64Array;

  /** Of each line while it is shared: what is left of it, the weight that still rises, how many classes do, its level. */
  readonly #left: Float64Array;
  readonly #load: Float64Array;
  readonly #rising: Uint32Array;
  readonly #lineLevel: Float64Array;
  readonly #isBlocked: Uint8Array;
  /** Lines for which somebody waits, in two lists that take turns. */
  #fullLines: Uint32Array;
  #fullLinesNext: Uint32Array;
  #fullLineCount = 0;
  readonly #isFull: Uint8Array;
  readonly #fullSinceMs: Float64Array;
  readonly #fullMs: Float64Array;
  /** Classes with flows on each line. */
  readonly #classesOn: Uint32Array;
  readonly #busySinceMs: Float64Array;
  readonly #busyMs: Float64Array;

  /** How often a line got a limit or lost it. */
  #limitsChanged = 0;
  #atMs: Millis = 0;
  #stale = false;
  #nextAtMs: Millis = Number.POSITIVE_INFINITY;
  #nextFlow = -1;

  constructor({ flowCount, capacityBytesPerMs, kindOfLine, watchHolds = false }: NetworkOptions) {
    const lineCount = capacityBytesPerMs.length;
    this.#positions = noPositions(flowCount);
    this.#marks = new Float64Array(flowCount);
    this.#ranks = new Uint8Array(flowCount);
    this.#flowBytes = new Float64Array(flowCount);
    this.#weights = new Float64Array(flowCount);
    this.#classOf = new Array(flowCount).fill(null);
    this.#lastClassOf = new Array(watchHolds ? flowCount : 0).fill(null);
    this.#capacity = Float64Array.from(capacityBytesPerMs);
    this.#kindOfLine = Uint8Array.from(kindOfLine);
    this.#watchHolds = watchHolds;
    this.#heldBefore = new Float64Array(watchHolds ? flowCount * HOLD_KINDS : 0);
    this.#left = new Float64Array(lineCount);
    this.#load = new Float64Array(lineCount);
    this.#rising = new Uint32Array(lineCount);
    this.#lineLevel = new Float64Array(lineCount);
    this.#isBlocked = new Uint8Array(lineCount);
    this.#fullLines = new Uint32Array(lineCount);
    this.#fullLinesNext = new Uint32Array(lineCount);
    this.#isFull = new Uint8Array(lineCount);
    this.#fullSinceMs = new Float64Array(lineCount);
    this.#fullMs = new Float64Array(lineCount);
    this.#classesOn = new Uint32Array(lineCount);
    this.#busySinceMs = new Float64Array(lineCount);
    this.#busyMs = new Float64Array(lineCount);
  }

  /** A way over lines, each at most once. */
  path(uses: readonly LineUse[]): Path {
    const [lines, factors] = [uses.map(({ line }) => line), uses.map(({ factor }) => factor)];
    return { lines, factors, classes: [], onlyLimit: -1, limitsSeen: -1 };
  }

  /** Starts a flow with its weighted share, never above its cap (Infinity = none). */
  start(flow: number, path: Path, bytes: Bytes, weight: number, capBytesPerMs: number, nowMs: Millis): void {
    this.#advance(nowMs);
    const flowClass = this.#classFor(path, capBytesPerMs / weight);
    this.#classOf[flow] = flowClass;
    this.#flowBytes[flow] = bytes;
    this.#weights[flow] = weight;
    this.#marks[flow] = flowClass.served + bytes / weight;
    flowClass.flows.place(flow);
    flowClass.weight += weight;
    if (this.#watchHolds) {
      this.#lastClassOf[flow] = flowClass;
      this.#heldBefore.set(flowClass.heldMs, flow * HOLD_KINDS);
    }
    this.#stale = true;
  }

  /** Ends a flow before it is done. @returns the bytes that it had sent */
  remove(flow: number, nowMs: Millis): Bytes {
    this.#advance(nowMs);
    const sentBytes = this.sentBytes(flow, nowMs);
    this.#leave(flow);
    return sentBytes;
  }

  /** Bytes that a running flow has sent. As the other questions, it changes nothing: who asks often gets the same run. */
  sentBytes(flow: number, nowMs: Millis): Bytes {
    if (this.#stale) this.#share();
    const { served, level } = this.#classOf[flow]!;
    const servedNow = nowMs > this.#atMs ? served + level * (nowMs - this.#atMs) : served;
    const leftBytes = (this.#marks[flow]! - servedNow) * this.#weights[flow]!;
    return Math.min(this.#flowBytes[flow]!, Math.max(0, this.#flowBytes[flow]! - leftBytes));
  }

  /** Ends the flow whose completion {@link nextCompletionAtMs} announced. @returns all its bytes */
  finish(flow: number, nowMs: Millis): Bytes {
    this.#advance(nowMs);
    // Exactly its mark: what rounding left over must not pile up in the class's clock.
    this.#classOf[flow]!.served = this.#marks[flow]!;
    this.#leave(flow);
    return this.#flowBytes[flow]!;
  }

  /** @param kind of the hold that the line is from now on, 1 … {@link HOLD_KINDS} − 1 */
  setCapacity(line: number, bytesPerMs: number, kind: number, nowMs: Millis): void {
    this.#advance(nowMs);
    if (bytesPerMs < Number.POSITIVE_INFINITY !== this.#capacity[line]! < Number.POSITIVE_INFINITY) {
      this.#limitsChanged++;
    }
    this.#capacity[line] = bytesPerMs;
    this.#kindOfLine[line] = kind;
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
    return this.#classOf[flow] !== null;
  }

  /** Time up to `nowMs` in which something flowed over the line. */
  busyMs(line: number, nowMs: Millis): Millis {
    return this.#busyMs[line]! + (this.#classesOn[line]! > 0 ? nowMs - this.#busySinceMs[line]! : 0);
  }

  /** Time up to `nowMs` in which somebody waited for the line. */
  fullMs(line: number, nowMs: Millis): Millis {
    if (this.#stale) this.#share();
    return this.#fullMs[line]! + (this.#isFull[line] === 1 ? nowMs - this.#fullSinceMs[line]! : 0);
  }

  /**
   * For how long the flow was held by what, since it began or since this was asked last. It still answers at the instant of the
   * flow's end. Only where holds are watched.
   */
  takeHeldMs(flow: number, nowMs: Millis, into: (kind: number, ms: Millis) => void): void {
    if (this.#stale) this.#share();
    const flowClass = this.#lastClassOf[flow]!;
    const holdNow = flowClass.index < 0 ? -1 : this.#holdOf(flowClass);
    const before = this.#heldBefore;
    const first = flow * HOLD_KINDS;
    for (let kind = 0; kind < HOLD_KINDS; kind++) {
      const heldMs = flowClass.heldMs[kind]! + (kind === holdNow ? nowMs - this.#atMs : 0);
      if (heldMs <= before[first + kind]!) continue;
      into(kind, heldMs - before[first + kind]!);
      before[first + kind] = heldMs;
    }
  }

  #holdOf({ heldBy }: FlowClass): number {
    return heldBy === OWN_CAP ? 0 : this.#kindOfLine[heldBy]!;
  }

  #classFor(path: Path, capLevel: number): FlowClass {
    const { classes } = path;
    for (let i = 0; i < classes.length; i++) if (classes[i]!.capLevel === capLevel) return this.#entered(classes[i]!);
    const made: FlowClass = {
      path,
      capLevel,
      flows: new IndexedHeap(this.#marks, this.#ranks, this.#positions),
      weight: 0,
      served: 0,
      level: 0,
      heldBy: OWN_CAP,
      isFrozen: false,
      index: -1,
      heldMs: new Float64Array(HOLD_KINDS),
    };
    classes.push(made);
    return this.#entered(made);
  }

  /** A class with its first flow begins its clock anew. */
  #entered(flowClass: FlowClass): FlowClass {
    if (flowClass.index >= 0) return flowClass;
    flowClass.served = 0;
    flowClass.weight = 0;
    flowClass.index = this.#classes.length;
    this.#classes.push(flowClass);
    const { lines } = flowClass.path;
    for (let i = 0; i < lines.length; i++) {
      if (this.#classesOn[lines[i]!]!++ === 0) this.#busySinceMs[lines[i]!] = this.#atMs;
    }
    return flowClass;
  }

  #leave(flow: number): void {
    const flowClass = this.#classOf[flow]!;
    flowClass.flows.remove(flow);
    flowClass.weight -= this.#weights[flow]!;
    this.#classOf[flow] = null;
    this.#stale = true;
    if (flowClass.flows.size > 0) return;
    const last = this.#classes.pop()!;
    if (last !== flowClass) {
      this.#classes[flowClass.index] = last;
      last.index = flowClass.index;
    }
    flowClass.index = -1;
    const { lines } = flowClass.path;
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i]!;
      if (--this.#classesOn[line]! === 0) this.#busyMs[line]! += this.#atMs - this.#busySinceMs[line]!;
    }
    // A cap that one flow has had may never come again; the class without one always does.
    if (flowClass.capLevel < Number.POSITIVE_INFINITY) {
      const { classes } = flowClass.path;
      classes.splice(classes.indexOf(flowClass), 1);
    }
  }

  #advance(nowMs: Millis): void {
    if (nowMs <= this.#atMs) return;
    if (this.#stale) this.#share();
    const passedMs = nowMs - this.#atMs;
    this.#atMs = nowMs;
    const classes = this.#classes;
    for (let i = 0; i < classes.length; i++) {
      const flowClass = classes[i]!;
      flowClass.served += flowClass.level * passedMs;
      if (this.#watchHolds) flowClass.heldMs[this.#holdOf(flowClass)]! += passedMs;
    }
  }

  /** Shares the lines anew and finds the next completion. */
  #share(): void {
    this.#stale = false;
    const classes = this.#classes;
    if (classes.length === 1) this.#shareAmongOne(classes[0]!);
    else if (!this.#shareOneLine()) this.#fill();
    this.#noteFullLines();
    this.#nextAtMs = Number.POSITIVE_INFINITY;
    this.#nextFlow = -1;
    for (let i = 0; i < classes.length; i++) {
      const { flows, served, level } = classes[i]!;
      const first = flows.first;
      const left = this.#marks[first]! - served;
      const atMs = left <= 0 ? this.#atMs : this.#atMs + left / level;
      if (atMs < this.#nextAtMs || (atMs === this.#nextAtMs && first < this.#nextFlow)) {
        this.#nextAtMs = atMs;
        this.#nextFlow = first;
      }
    }
  }

  /** Mostly all flows take the same way, without a cap. */
  #shareAmongOne(flowClass: FlowClass): void {
    const { lines, factors } = flowClass.path;
    let level = flowClass.capLevel;
    let heldBy = OWN_CAP;
    for (let i = 0; i < lines.length; i++) {
      const lineLevel = this.#capacity[lines[i]!]! / (factors[i]! * flowClass.weight);
      if (lineLevel < level) {
        level = lineLevel;
        heldBy = lines[i]!;
      }
    }
    flowClass.level = level;
    flowClass.heldBy = heldBy;
  }

  /**
   * Where all ways have one and the same limit, which is the site's link as a rule, and no cap is lower: the first round of {@link #fill}, which ends
   * all of them. @returns whether it was so
   */
  #shareOneLine(): boolean {
    const classes = this.#classes;
    let line = -1;
    let load = 0;
    let lowestCap = Number.POSITIVE_INFINITY;
    for (let i = 0; i < classes.length; i++) {
      const { path, weight, capLevel } = classes[i]!;
      if (path.limitsSeen !== this.#limitsChanged) this.#findOnlyLimit(path);
      const { onlyLimit } = path;
      if (onlyLimit < 0) return false;
      const limit = path.lines[onlyLimit]!;
      if (line < 0) line = limit;
      else if (limit !== line) return false;
      load += path.factors[onlyLimit]! * weight;
      if (capLevel < lowestCap) lowestCap = capLevel;
    }
    if (line < 0) return false;
    const level = this.#capacity[line]! / load;
    if (!(level < lowestCap)) return false;
    for (let i = 0; i < classes.length; i++) {
      classes[i]!.level = level;
      classes[i]!.heldBy = line;
    }
    return true;
  }

  #findOnlyLimit(path: Path): void {
    path.limitsSeen = this.#limitsChanged;
    path.onlyLimit = -1;
    for (let i = 0; i < path.lines.length; i++) {
      if (this.#capacity[path.lines[i]!] === Number.POSITIVE_INFINITY) continue;
      if (path.onlyLimit >= 0) {
        path.onlyLimit = -1;
        return;
      }
      path.onlyLimit = i;
    }
  }

  /**
   * Progressive filling, in rounds. A line's level is what is left of it for each part of the weight that still rises over it. A class whose cap
   * lies below all its lines' levels stays at its cap; a line that is the lowest for each of its rising classes is full, and
   * they stay at its level: every other line's level can only rise by that. The lowest of all is one of these, so that each round ends some.
   */
  #fill(): void {
    const classes = this.#classes;
    const lines = this.#linesInUse();
    let rising = classes.length;
    while (rising > 0) {
      for (let i = 0; i < lines.length; i++) {
        const line = lines[i]!;
        this.#lineLevel[line] =
          this.#rising[line] === 0 ? Number.POSITIVE_INFINITY : this.#left[line]! / this.#load[line]!;
        this.#isBlocked[line] = 0;
      }
      for (let i = 0; i < classes.length; i++) if (!classes[i]!.isFrozen) this.#lowestOf(classes[i]!);
      for (let i = 0; i < classes.length; i++) if (!classes[i]!.isFrozen) this.#blockOtherLines(classes[i]!);
      for (let i = 0; i < classes.length; i++) {
        const flowClass = classes[i]!;
        if (flowClass.isFrozen || (flowClass.heldBy !== OWN_CAP && this.#isBlocked[flowClass.heldBy] === 1)) continue;
        flowClass.isFrozen = true;
        rising--;
        this.#takeFrom(flowClass);
      }
    }
  }

  /** Lines with a limit on the way of any flow, ready to be filled. */
  #linesInUse(): readonly number[] {
    const inUse: number[] = [];
    for (const flowClass of this.#classes) {
      flowClass.isFrozen = false;
      const { lines, factors } = flowClass.path;
      for (let i = 0; i < lines.length; i++) {
        const line = lines[i]!;
        if (this.#capacity[line] === Number.POSITIVE_INFINITY) continue;
        if (this.#rising[line] === 0) {
          inUse.push(line);
          this.#left[line] = this.#capacity[line]!;
          this.#load[line] = 0;
        }
        this.#rising[line]!++;
        this.#load[line]! += factors[i]! * flowClass.weight;
      }
    }
    return inUse;
  }

  #lowestOf(flowClass: FlowClass): void {
    const { lines } = flowClass.path;
    let level = flowClass.capLevel;
    let heldBy = OWN_CAP;
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i]!;
      if (this.#capacity[line] === Number.POSITIVE_INFINITY) continue;
      if (this.#lineLevel[line]! < level) {
        level = this.#lineLevel[line]!;
        heldBy = line;
      }
    }
    flowClass.level = level;
    flowClass.heldBy = heldBy;
  }

  /** A line on which a class stays below the line's level is not full yet. */
  #blockOtherLines(flowClass: FlowClass): void {
    const { lines } = flowClass.path;
    for (let i = 0; i < lines.length; i++) {
      if (this.#lineLevel[lines[i]!]! > flowClass.level) this.#isBlocked[lines[i]!] = 1;
    }
  }

  #takeFrom(flowClass: FlowClass): void {
    const { lines, factors } = flowClass.path;
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i]!;
      if (this.#capacity[line] === Number.POSITIVE_INFINITY) continue;
      const load = factors[i]! * flowClass.weight;
      this.#rising[line]!--;
      this.#load[line]! -= load;
      this.#left[line] = Math.max(0, this.#left[line]! - load * flowClass.level);
    }
  }

  /** Who waits for which line changes here alone: time is counted from one change to the next. */
  #noteFullLines(): void {
    const classes = this.#classes;
    const before = this.#fullLines;
    // Nearly always: the same one line as before.
    if (classes.length === 1 && this.#fullLineCount === 1 && classes[0]!.heldBy === before[0]) return;
    const now = this.#fullLinesNext;
    let count = 0;
    for (let i = 0; i < classes.length; i++) {
      const line = classes[i]!.heldBy;
      if (line === OWN_CAP || this.#isFull[line] === STILL_FULL) continue;
      if (this.#isFull[line] === 0) this.#fullSinceMs[line] = this.#atMs;
      this.#isFull[line] = STILL_FULL;
      now[count++] = line;
    }
    for (let i = 0; i < this.#fullLineCount; i++) {
      const line = before[i]!;
      if (this.#isFull[line] === STILL_FULL) continue;
      this.#isFull[line] = 0;
      this.#fullMs[line]! += this.#atMs - this.#fullSinceMs[line]!;
    }
    for (let i = 0; i < count; i++) this.#isFull[now[i]!] = 1;
    this.#fullLines = now;
    this.#fullLinesNext = before;
    this.#fullLineCount = count;
  }
}
