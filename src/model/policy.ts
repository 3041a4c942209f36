import { type Bytes, type BytesPerSec, MIB, MINUTE_MS, type Millis } from '../units.ts';
import type { DailyWindow } from './clock.ts';
import type { ScenarioId } from './scenario.ts';

/** How the fleet is replicated: the scenario's options and every rule's parameter. Plain data. */
export interface Policy {
  readonly scenario: ScenarioId;
  /** Interval between two cuts, T (semantics 12). */
  readonly copyFrequencyMs: Millis;
  /** Wire bytes per log byte before the link's efficiency; 1 = none (semantics 5). */
  readonly compressionRatio: number;
  /** `null` = no limit (semantics 15). */
  readonly maxActiveTransfers: number | null;
  /** All cuts at multiples of T instead of spread over it (semantics 12). */
  readonly alignedCuts: boolean;
  /** Local time in which an automatic resynchronization may start (semantics 24). */
  readonly resyncWindow: DailyWindow;
  readonly rules: RuleParameters;
}

/** The parameters of the rules, each with its default in {@link DEFAULT_RULES} and its source in `defaults.ts`. */
export interface RuleParameters {
  /** Gaps between an attempt's failure and the next attempt; the last one repeats (semantics 20). */
  readonly retryLadderMs: readonly Millis[];
  /** Share of the disk's virtual size at which its logs make the VM be marked (semantics 23). */
  readonly resyncLogRatio: number;
  /** HRL size law: bytes of a log without entries (semantics 4). */
  readonly logEmptyBytes: Bytes;
  /** HRL size law: bytes of one metadata block. */
  readonly logBlockBytes: Bytes;
  /** HRL size law: entries that one metadata block holds. */
  readonly logBlockEntries: number;
  /** A snapshot's differencing disk grows by whole blocks (semantics 8). */
  readonly snapshotBlockBytes: Bytes;
  readonly mergeBytesPerSec: BytesPerSec;
  /** Chunk of a resynchronization, and the grain in which broken-off transfers resume (semantics 10, 25). */
  readonly chunkBytes: Bytes;
  readonly checksumBytes: Bytes;
  /** Reading and comparing, per disk (semantics 25). */
  readonly compareBytesPerSec: BytesPerSec;
  readonly enableMs: Millis;
  readonly finalizeMs: Millis;
}

export const DEFAULT_RULES: RuleParameters = {
  retryLadderMs: [1, 2, 4, 8, 10, 30].map((minutes) => minutes * MINUTE_MS),
  resyncLogRatio: 0.5,
  logEmptyBytes: 8192,
  logBlockBytes: 4096,
  logBlockEntries: 127,
  snapshotBlockBytes: 2 * MIB,
  mergeBytesPerSec: 100e6,
  chunkBytes: MIB,
  checksumBytes: 32,
  compareBytesPerSec: 1.33e9 / 60,
  enableMs: 0,
  finalizeMs: 0,
};

/** Outside work hours: 18:30 to 06:00 local (facts 4: AutoResynchronizeIntervalStart/End). */
export const DEFAULT_RESYNC_WINDOW: DailyWindow = { startMinute: 18 * 60 + 30, endMinute: 6 * 60 };

/** Mean size of a write where nobody measured it (semantics 4). */
export const DEFAULT_MEAN_WRITE_BYTES: Bytes = 8192;
/** Share of the link that carries payload (semantics 5). */
export const DEFAULT_LINK_EFFICIENCY_RATIO = 0.95;
