import type { Churn, ChurnSeries } from '../model/workload.ts';
import type { TrackedWrites } from '../replication/tracked-writes.ts';
import type { Bytes, Millis } from '../units.ts';

/** Written bytes, and the rates at which they may come. */
export interface RatedWrites extends TrackedWrites {
  /** The highest rate from an instant on, which holds until {@link nextBreakMs}. */
  bytesPerMs(disk: number, atMs: Millis): number;
  /** The first instant after `atMs` at which the disk's rate may change; Infinity where it never does. */
  nextBreakMs(disk: number, atMs: Millis): Millis;
}

/**
 * What the guests write in a simulation: the integral of each disk's churn from 0 on, asked for at the instants of decisions
 * (semantics 2, 4). Whole bytes: the floor of the integral.
 */
export class ChurnIntegral implements RatedWrites {
  readonly #curves: readonly WrittenCurve[];
  /** The one rate of a disk that has one; −1 where its rate changes. */
  readonly #steadyBytesPerMs: Float64Array;

  /** @param growthRatio 0.3 = every churn times 1.30 */
  constructor(churns: readonly Churn[], growthRatio: number) {
    this.#curves = churns.map((churn) =>
      churn.kind === 'constant'
        ? constantCurve(churn.bytesPerSec * (1 + growthRatio))
        : seriesCurve(churn, 1 + growthRatio),
    );
    this.#steadyBytesPerMs = Float64Array.from(this.#curves, (curve) =>
      curve.breakMs.length === 0 ? curve.highestBytesPerMs : -1,
    );
  }

  writtenBytes(disk: number, atMs: Millis): Bytes {
    const steady = this.#steadyBytesPerMs[disk]!;
    return wholeBytes(steady >= 0 ? steady * atMs : writtenAt(this.#curves[disk]!, atMs));
  }

  /** @param nowMs where less is written at this instant, the answer lies after it */
  reachedAtMs(disk: number, bytes: Bytes, nowMs: Millis = Number.NEGATIVE_INFINITY): Millis {
    const curve = this.#curves[disk]!;
    let atMs = reachedAt(curve, bytes);
    // The integral wavers by its last bits. A deadline that has come, and at which nothing is due yet, must not come again.
    if (atMs <= nowMs && this.writtenBytes(disk, nowMs) < bytes) atMs = nowMs;
    // The instant is the quotient of two doubles: a last bit may be missing to the byte that it was asked for.
    for (let nudge = 1; atMs < Number.POSITIVE_INFINITY && wholeBytes(writtenAt(curve, atMs)) < bytes; nudge *= 2) {
      atMs += Math.max(atMs, 1) * Number.EPSILON * nudge;
    }
    return atMs;
  }

  /** The rate from an instant on, which holds until {@link nextBreakMs}. */
  bytesPerMs(disk: number, atMs: Millis): number {
    const curve = this.#curves[disk]!;
    const last = curve.breakMs.length - 1;
    if (last < 0) return curve.highestBytesPerMs;
    const measuredMs = intoMeasured(curve, atMs);
    if (measuredMs < curve.breakMs[0]! || measuredMs >= curve.breakMs[last]!) return 0;
    const i = segmentFrom(curve, measuredMs);
    return (curve.bytes[i + 1]! - curve.bytes[i]!) / (curve.breakMs[i + 1]! - curve.breakMs[i]!);
  }

  /** The first instant after `atMs` at which the disk's rate may change; Infinity where it never does. */
  nextBreakMs(disk: number, atMs: Millis): Millis {
    const curve = this.#curves[disk]!;
    const last = curve.breakMs.length - 1;
    if (last < 0) return Number.POSITIVE_INFINITY;
    const measuredMs = intoMeasured(curve, atMs);
    if (measuredMs < curve.breakMs[0]!) return curve.breakMs[0]!;
    if (measuredMs >= curve.breakMs[last]!) return Number.POSITIVE_INFINITY;
    return atMs + (curve.breakMs[segmentFrom(curve, measuredMs) + 1]! - measuredMs);
  }

  notReachedBeforeMs(disk: number, bytes: Bytes, nowMs: Millis, writtenNowBytes: Bytes): Millis {
    if (bytes <= writtenNowBytes) return nowMs;
    const { highestBytesPerMs } = this.#curves[disk]!;
    // Two bytes of slack: `writtenNowBytes` is a floor, and floors forgive the last bit.
    return highestBytesPerMs === 0
      ? Number.POSITIVE_INFINITY
      : Math.max(nowMs, nowMs + (bytes - writtenNowBytes - 2) / highestBytesPerMs);
  }
}

/** Written bytes over time: straight between breaks, then repeating, 0 at 0. */
interface WrittenCurve {
  /** Breaks on the run's clock; the last is the end of what was measured. Empty where one rate holds for ever. */
  readonly breakMs: Float64Array;
  /** Bytes written from the first break to each break. */
  readonly bytes: Float64Array;
  readonly repeatMs: Millis;
  readonly repeatBytes: Bytes;
  /** Bytes from the first break to 0, subtracted from all. */
  offsetBytes: Bytes;
  readonly highestBytesPerMs: number;
  /** The segment that was asked for last: most questions are for the same or the next one. */
  cursor: number;
}

function constantCurve(bytesPerSec: number): WrittenCurve {
  return {
    breakMs: new Float64Array(0),
    bytes: new Float64Array(0),
    repeatMs: 0,
    repeatBytes: 0,
    offsetBytes: 0,
    highestBytesPerMs: bytesPerSec / 1000,
    cursor: 0,
  };
}

function seriesCurve(churn: ChurnSeries, factor: number): WrittenCurve {
  const count = churn.startMs.length;
  const breakMs = new Float64Array(count + 1);
  const bytes = new Float64Array(count + 1);
  let highestBytesPerMs = 0;
  for (let i = 0; i < count; i++) {
    breakMs[i] = churn.startMs[i]!;
    const endMs = i + 1 < count ? churn.startMs[i + 1]! : churn.endMs;
    const written = churn.writtenBytes[i]! * factor;
    bytes[i + 1] = bytes[i]! + written;
    if (written > 0) highestBytesPerMs = Math.max(highestBytesPerMs, written / (endMs - churn.startMs[i]!));
  }
  breakMs[count] = churn.endMs;
  const curve: WrittenCurve = {
    breakMs,
    bytes,
    repeatMs: churn.repeatMs,
    repeatBytes: 0,
    offsetBytes: 0,
    highestBytesPerMs,
    cursor: 0,
  };
  const repeatBytes = churn.repeatMs > 0 ? bytes[count]! - measuredAt(curve, churn.endMs - churn.repeatMs) : 0;
  const repeating = { ...curve, repeatBytes };
  repeating.offsetBytes = writtenAt(repeating, 0);
  return repeating;
}

function writtenAt(curve: WrittenCurve, atMs: Millis): number {
  const last = curve.breakMs.length - 1;
  if (last < 0) return curve.highestBytesPerMs * atMs;
  const endMs = curve.breakMs[last]!;
  if (atMs <= endMs) return measuredAt(curve, atMs) - curve.offsetBytes;
  const total = curve.bytes[last]! - curve.offsetBytes;
  if (curve.repeatMs === 0) return total;
  const turns = Math.floor((atMs - endMs) / curve.repeatMs);
  const intoTurnMs = atMs - endMs - turns * curve.repeatMs;
  const fromMs = endMs - curve.repeatMs;
  return total + turns * curve.repeatBytes + measuredAt(curve, fromMs + intoTurnMs) - measuredAt(curve, fromMs);
}

/** The instant of what was measured that an instant of the run stands for: itself, or its like in the repeated part. */
function intoMeasured(curve: WrittenCurve, atMs: Millis): Millis {
  const endMs = curve.breakMs.at(-1)!;
  if (atMs < endMs || curve.repeatMs === 0) return atMs;
  return endMs - curve.repeatMs + ((atMs - endMs) % curve.repeatMs);
}

/** The segment i with breakMs[i] ≤ atMs < breakMs[i + 1]. */
function segmentFrom(curve: WrittenCurve, atMs: Millis): number {
  const i = firstAtLeast(curve.breakMs, atMs);
  return curve.breakMs[i] === atMs ? i : i - 1;
}

/** Bytes from the first break to an instant not after the last. */
function measuredAt(curve: WrittenCurve, atMs: Millis): number {
  const { breakMs, bytes } = curve;
  if (atMs <= breakMs[0]!) return 0;
  const i = segmentAt(curve, atMs);
  const share = (atMs - breakMs[i]!) / (breakMs[i + 1]! - breakMs[i]!);
  return bytes[i]! + (bytes[i + 1]! - bytes[i]!) * share;
}

/** The segment i with breakMs[i] < atMs ≤ breakMs[i + 1]. */
function segmentAt(curve: WrittenCurve, atMs: Millis): number {
  const { breakMs, cursor } = curve;
  if (breakMs[cursor]! < atMs) {
    if (atMs <= breakMs[cursor + 1]!) return cursor;
    if (cursor + 2 < breakMs.length && atMs <= breakMs[cursor + 2]!) {
      curve.cursor = cursor + 1;
      return cursor + 1;
    }
  }
  const i = firstAtLeast(breakMs, atMs) - 1;
  curve.cursor = i;
  return i;
}

function reachedAt(curve: WrittenCurve, bytes: Bytes): Millis {
  if (curve.highestBytesPerMs === 0) return bytes <= 0 ? 0 : Number.POSITIVE_INFINITY;
  const last = curve.breakMs.length - 1;
  if (last < 0) return bytes / curve.highestBytesPerMs;
  const wanted = bytes + curve.offsetBytes;
  const beyond = wanted - curve.bytes[last]!;
  if (beyond <= 0) return measuredReach(curve, wanted);
  if (curve.repeatBytes <= 0) return Number.POSITIVE_INFINITY;
  const turns = Math.ceil(beyond / curve.repeatBytes) - 1;
  const fromMs = curve.breakMs[last]! - curve.repeatMs;
  const withinTurn = measuredAt(curve, fromMs) + beyond - turns * curve.repeatBytes;
  return measuredReach(curve, Math.min(withinTurn, curve.bytes[last]!)) + (turns + 1) * curve.repeatMs;
}

/** The first instant of what was measured at which `wanted` bytes from the first break on are written. */
function measuredReach(curve: WrittenCurve, wanted: Bytes): Millis {
  const { breakMs, bytes } = curve;
  if (wanted <= 0) return breakMs[0]!;
  const i = firstAtLeast(bytes, wanted) - 1;
  return breakMs[i]! + ((breakMs[i + 1]! - breakMs[i]!) * (wanted - bytes[i]!)) / (bytes[i + 1]! - bytes[i]!);
}

/** Index of the first element of an ascending column that is at least `value`. */
function firstAtLeast(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The floor, but a value that misses the next whole byte by the last bits of a double is that byte. */
function wholeBytes(bytes: number): Bytes {
  return Math.floor(bytes + Math.abs(bytes) * 2 ** -50);
}
