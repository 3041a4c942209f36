import type { Bytes, Millis } from '../units.ts';

/** What a rehearsal measures and the planner predicts, of one VM; totals over the run. */
export interface RehearsalFigures {
  /** Bytes on the wire by cause. */
  readonly wireBytes: { readonly initial: Bytes; readonly delta: Bytes; readonly resync: Bytes };
  /** File bytes of the logs that arrived. */
  readonly logBytes: Bytes;
  /** The most that open and in-flight logs took together. */
  readonly logPeakBytes: Bytes;
  readonly snapshotPeakBytes: Bytes;
  /** Largest age of the recovery point while protected; from the first delta's arrival on. `null` where there was none. */
  readonly rpoMaxMs: Millis | null;
  readonly steadyRpoMaxMs: Millis | null;
  readonly cycles: { readonly completed: number; readonly missed: number; readonly failed: number };
  readonly resyncs: readonly { readonly startMs: Millis; readonly endMs: Millis | null }[];
  /** Wire bytes per byte before compression, the link's own overhead left out; `null` where nothing was compressed. */
  readonly compressionRatio: number | null;
  /** Of the bytes on the wire, those that carry logs and chunks; `null` where nothing was sent. */
  readonly linkEfficiencyRatio: number | null;
}
