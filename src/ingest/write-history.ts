import type { TouchRecord } from '../model/touch-record.ts';
import type { ChurnSeries } from '../model/workload.ts';
import { type Bytes, DAY_MS, KIB, MIB, MINUTE_MS, type Millis, SECOND_MS, TIB } from '../units.ts';
import { repeatedSpan } from './churn-series.ts';
import { TouchRecorder } from './fit-touch-record.ts';
import { DistinctByWindow, type OverwritePair, WINDOWS, type WindowTotals } from './fit-windows.ts';

/** Grain in which distinct bytes are counted: a guest's page, and the cluster of most file systems. [chosen] */
export const BLOCK_BYTES: Bytes = 4 * KIB;
/** Chunks of a resynchronization to compare: how much a dirty block costs depends on them (semantics 25). */
export const CHUNK_SIZES: readonly Bytes[] = [64 * KIB, 256 * KIB, MIB, 2 * MIB];
const CHUNK_WINDOW_MS: Millis = 15 * MINUTE_MS;

/** The largest VHDX. */
export const MAX_DISK_BYTES: Bytes = 64 * TIB;
/** A longer single write is damage: guests split theirs at a few MiB, protocols of block devices at 64 MiB. [chosen] */
export const MAX_WRITE_BYTES: Bytes = 64 * MIB;
/** Ten years: no recording, but a time in another unit. [chosen] */
export const MAX_AT_MS: Millis = 3660 * DAY_MS;

/** 4 Mi pages of 16 blocks, some 350 MB: a disk of 256 GiB that is written all over is still counted block by block. [chosen] */
const PAGES_MOST = 4 * 1024 ** 2;
/** The same for each size of chunks, some 50 MB; of 64 KiB these are half a TiB. [chosen] */
const CHUNK_PAGES_MOST = 512 * 1024;
const FIRST_STEP_MS: Millis = 30 * SECOND_MS;
/** A week of the first steps. [chosen] */
const STEPS_MOST = 20_160;

/** What else a disk is asked besides writes. Discarded and zeroed bytes are no written ones: no log carries their data. */
export type OtherRequest = 'read' | 'trim' | 'zero' | 'flush';

/** Why a write was not taken. */
export type WriteRefusal = 'wrong-time' | 'wrong-offset' | 'wrong-length' | 'empty';

export interface WriteSummary {
  readonly writeCount: number;
  readonly writtenBytes: Bytes;
  /** The writes rounded out to whole blocks: at least the distinct bytes of any window. */
  readonly roundedBytes: Bytes;
  /** 0 without any write. */
  readonly meanWriteBytes: Bytes;
  /** Counts of writes by length: from `fromBytes`, a power of two, to below the next. Ascending, without empty ones. */
  readonly lengths: readonly { readonly fromBytes: Bytes; readonly count: number }[];
  readonly otherCounts: Readonly<Record<OtherRequest, number>>;
  readonly otherBytes: Readonly<Record<OtherRequest, Bytes>>;
  readonly refused: Readonly<Record<WriteRefusal, number>>;
  /** Requests whose time lay before that of an earlier one, taken as made at that one's. */
  readonly outOfOrderCount: number;
  /** Written bytes by step on the recording's clock; `undefined` without any write. */
  readonly churn: ChurnSeries | undefined;
  /** Which blocks were touched in its steps; `undefined` where they are scattered too widely to be kept, and without any write. */
  readonly touched: TouchRecord | undefined;
  /** Distinct bytes by the length of windows, in blocks of {@link BLOCK_BYTES}. */
  readonly windows: readonly WindowTotals[];
  /** 1 = they are exact; else more blocks were written than can be kept, and they are estimates from one page in so many. */
  readonly sampledOneIn: number;
  readonly chunks: readonly ChunkTotals[];
  /** For the overwrite model. */
  readonly pairs: readonly OverwritePair[];
}

/** How much of a disk is dirty in chunks, once a single block of them is. */
export interface ChunkTotals {
  readonly chunkBytes: Bytes;
  /** As for the blocks. */
  readonly sampledOneIn: number;
  /** Of the whole recording. */
  readonly dirtyBytes: Bytes;
  /** Of each 15 minutes, summed. */
  readonly quarterHourBytes: Bytes;
}

export interface WriteHistoryLimits {
  /** Pages of 16 blocks, and of 16 chunks of each size, at least 2. */
  readonly pagesMost: number;
  readonly chunkPagesMost: number;
  /** Steps of the churn series, and intervals of the touch record; at one more they are doubled. */
  readonly stepsMost: number;
}

export type WriteListener = (atMs: Millis, offsetBytes: Bytes, lengthBytes: Bytes) => void;

/**
 * Takes the writes of one virtual disk in the order of time, and tells how much was written when, in what lengths, and on how many distinct
 * bytes. Its memory follows what is written on, up to a bound, not the number of writes.
 */
export class WriteHistory {
  readonly #limits: WriteHistoryLimits;
  readonly #onWrite: WriteListener | undefined;
  readonly #blocks: DistinctByWindow;
  readonly #chunks: readonly DistinctByWindow[];
  readonly #touches: TouchRecorder;
  readonly #otherCounts = { read: 0, trim: 0, zero: 0, flush: 0 };
  readonly #otherBytes = { read: 0, trim: 0, zero: 0, flush: 0 };
  readonly #refused = { 'wrong-time': 0, 'wrong-offset': 0, 'wrong-length': 0, empty: 0 };
  readonly #lengthCounts: number[] = [];
  #stepMs: Millis = FIRST_STEP_MS;
  #stepBytes: Bytes[] = [];
  #atMs: Millis = 0;
  #writeCount = 0;
  #writtenBytes: Bytes = 0;
  #roundedBytes: Bytes = 0;
  #outOfOrderCount = 0;

  /** @param onWrite sees each write that is taken, at the time at which it counts as made */
  constructor(limits: Partial<WriteHistoryLimits> = {}, onWrite?: WriteListener) {
    this.#onWrite = onWrite;
    this.#limits = { pagesMost: PAGES_MOST, chunkPagesMost: CHUNK_PAGES_MOST, stepsMost: STEPS_MOST, ...limits };
    this.#blocks = new DistinctByWindow(BLOCK_BYTES, WINDOWS, this.#limits.pagesMost);
    this.#chunks = CHUNK_SIZES.map(
      (bytes) => new DistinctByWindow(bytes, [CHUNK_WINDOW_MS, 'whole'], this.#limits.chunkPagesMost),
    );
    this.#touches = new TouchRecorder(FIRST_STEP_MS, { intervalsMost: this.#limits.stepsMost });
  }

  /**
   * A write.
   *
   * @param atMs since the recording began, where windows begin too; before that, or before the last request, it counts as made at the last
   * request's time
   * @returns why it was not taken, if it was not: nothing of it is kept then but a count
   */
  add(atMs: Millis, offsetBytes: Bytes, lengthBytes: Bytes): WriteRefusal | undefined {
    const refusal = refusalOf(atMs, offsetBytes, lengthBytes);
    if (refusal !== undefined) {
      this.#refused[refusal]++;
      return refusal;
    }
    this.#pass(atMs);
    this.#writeCount++;
    this.#writtenBytes += lengthBytes;
    this.#roundedBytes += roundedOut(offsetBytes, lengthBytes);
    const exponent = Math.floor(Math.log2(lengthBytes));
    this.#lengthCounts[exponent] = (this.#lengthCounts[exponent] ?? 0) + 1;
    this.#addToStep(lengthBytes);
    this.#blocks.add(this.#atMs, offsetBytes, lengthBytes);
    for (const chunks of this.#chunks) chunks.add(this.#atMs, offsetBytes, lengthBytes);
    this.#touches.add(this.#atMs, offsetBytes, lengthBytes);
    this.#onWrite?.(this.#atMs, offsetBytes, lengthBytes);
    return undefined;
  }

  /** A request that is none of writing; it tells that the recording lasts until then. @returns as {@link add} */
  addOther(request: OtherRequest, atMs: Millis, lengthBytes: Bytes): WriteRefusal | undefined {
    if (!isTime(atMs)) {
      this.#refused['wrong-time']++;
      return 'wrong-time';
    }
    if (!Number.isSafeInteger(lengthBytes) || lengthBytes < 0 || lengthBytes > MAX_DISK_BYTES) {
      this.#refused['wrong-length']++;
      return 'wrong-length';
    }
    this.#pass(atMs);
    this.#otherCounts[request]++;
    this.#otherBytes[request] += lengthBytes;
    return undefined;
  }

  /**
   * All that is known so far. The windows that are open count as they are.
   *
   * @param endMs until when was recorded, where that is known to be later than the last request
   */
  summary(endMs: Millis = 0): WriteSummary {
    const churn = this.#churn(endMs);
    return {
      ...{ writeCount: this.#writeCount, writtenBytes: this.#writtenBytes, roundedBytes: this.#roundedBytes },
      meanWriteBytes: this.#writeCount === 0 ? 0 : this.#writtenBytes / this.#writeCount,
      lengths: this.#lengthCounts.flatMap((count, exponent) => (count > 0 ? { fromBytes: 2 ** exponent, count } : [])),
      ...{ otherCounts: { ...this.#otherCounts }, otherBytes: { ...this.#otherBytes } },
      refused: { ...this.#refused },
      outOfOrderCount: this.#outOfOrderCount,
      churn,
      touched: churn === undefined ? undefined : this.#touches.record(this.#stepMs, churn.startMs.length),
      windows: this.#blocks.totals(),
      sampledOneIn: this.#blocks.sampledOneIn,
      chunks: this.#chunks.map((chunks, at) => {
        const [quarterHours, whole] = chunks.totals();
        return {
          ...{ chunkBytes: CHUNK_SIZES[at]!, sampledOneIn: chunks.sampledOneIn },
          ...{ dirtyBytes: whole!.distinctBytes, quarterHourBytes: quarterHours!.distinctBytes },
        };
      }),
      pairs: this.#blocks.pairs(),
    };
  }

  #pass(atMs: Millis): void {
    if (atMs < this.#atMs) this.#outOfOrderCount++;
    else this.#atMs = atMs;
  }

  #addToStep(lengthBytes: Bytes): void {
    let step = Math.floor(this.#atMs / this.#stepMs);
    while (step >= this.#limits.stepsMost) {
      this.#doubleSteps();
      step = Math.floor(this.#atMs / this.#stepMs);
    }
    while (this.#stepBytes.length <= step) this.#stepBytes.push(0);
    this.#stepBytes[step]! += lengthBytes;
  }

  #doubleSteps(): void {
    this.#stepMs *= 2;
    const halves = this.#stepBytes;
    this.#stepBytes = halves.flatMap((bytes, at) => (at % 2 === 0 ? bytes + (halves[at + 1] ?? 0) : []));
  }

  #churn(endMs: Millis): ChurnSeries | undefined {
    if (this.#writeCount === 0) return undefined;
    const stepMs = this.#stepMs;
    const lastMs = Math.min(MAX_AT_MS, Math.max(this.#atMs, endMs));
    // The millisecond of the last request is part of the recording, and one shorter than a step says nothing of a rate.
    const churnEndMs = Math.max(stepMs, Math.floor(lastMs) + 1);
    const writtenBytes = [...this.#stepBytes];
    // One step of zeros says the same as many.
    if (writtenBytes.length * stepMs < churnEndMs) writtenBytes.push(0);
    return {
      kind: 'series',
      startMs: writtenBytes.map((_, step) => step * stepMs),
      writtenBytes,
      endMs: churnEndMs,
      repeatMs: repeatedSpan(churnEndMs),
    };
  }
}

function refusalOf(atMs: Millis, offsetBytes: Bytes, lengthBytes: Bytes): WriteRefusal | undefined {
  if (!isTime(atMs)) return 'wrong-time';
  if (!Number.isSafeInteger(offsetBytes) || offsetBytes < 0 || offsetBytes >= MAX_DISK_BYTES) return 'wrong-offset';
  if (lengthBytes === 0) return 'empty';
  if (!Number.isSafeInteger(lengthBytes) || lengthBytes < 0 || lengthBytes > MAX_WRITE_BYTES) return 'wrong-length';
  return offsetBytes + lengthBytes > MAX_DISK_BYTES ? 'wrong-length' : undefined;
}

function isTime(atMs: Millis): boolean {
  return Math.abs(atMs) <= MAX_AT_MS;
}

function roundedOut(offsetBytes: Bytes, lengthBytes: Bytes): Bytes {
  const blocks = Math.ceil((offsetBytes + lengthBytes) / BLOCK_BYTES) - Math.floor(offsetBytes / BLOCK_BYTES);
  return blocks * BLOCK_BYTES;
}
