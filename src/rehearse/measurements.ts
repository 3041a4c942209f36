import type { RehearsalFigures } from '../model/rehearsal-figures.ts';
import { type ReplicationCore, TransferKind } from '../replication/columns.ts';
import { Phase } from '../replication/lifecycle.ts';
import type { Bytes, Millis } from '../units.ts';
import type { Primary, PrimaryObserver, TakenStep } from './primary/primary.ts';

/** Counters of the way to the replica since its start. */
export interface WayCounters {
  /** On the wire, both ways. */
  readonly wireBytes: Bytes;
  /** Bodies before and after compression. */
  readonly rawBytes: Bytes;
  readonly compressedBytes: Bytes;
}

const KIND_KEYS = {
  [TransferKind.initial]: 'initial',
  [TransferKind.delta]: 'delta',
  [TransferKind.resync]: 'resync',
} as const;

/** Watches a primary and its way to the replica. */
export class Measurements implements PrimaryObserver {
  readonly #counters: () => WayCounters;
  readonly #wireBytes = { initial: 0, delta: 0, resync: 0 };
  readonly #resyncs: { startMs: Millis; endMs: Millis | null }[] = [];
  #primary: Primary | undefined;
  #core: ReplicationCore | undefined;
  #atBeginBytes: Bytes = 0;
  #logBytes: Bytes = 0;
  #logPeakBytes: Bytes = 0;
  #snapshotPeakBytes: Bytes = 0;
  #recoveryPointAtMs: Millis = -1;
  #firstDeltaAtMs: Millis | undefined;
  #rpoMaxMs: Millis | null = null;
  #steadyRpoMaxMs: Millis | null = null;

  constructor(counters: () => WayCounters) {
    this.#counters = counters;
  }

  /** The one that is watched: it takes its observer before it is there. */
  watch(primary: Primary): void {
    this.#primary = primary;
  }

  stepped(core: ReplicationCore, { before, after, nowMs }: TakenStep): void {
    this.#core = core;
    this.sample();
    this.#noteAge(nowMs, core);
    if (after === Phase.resyncing && before !== Phase.resyncing) this.#noteResyncStart(core);
    if (before === Phase.resyncing && (after === Phase.tracking || after === Phase.finalizing)) {
      this.#resyncs.at(-1)!.endMs = nowMs;
    }
    if (before === Phase.sending && after === Phase.tracking) this.#logBytes += this.#primary!.inFlightLogBytes;
  }

  transfer(kind: TransferKind, flows: boolean): void {
    const { wireBytes } = this.#counters();
    if (flows) this.#atBeginBytes = wireBytes;
    else if (kind !== TransferKind.none) this.#wireBytes[KIND_KEYS[kind]] += wireBytes - this.#atBeginBytes;
  }

  /** To be called now and then between steps: logs and snapshots grow with every write. */
  sample(): void {
    const primary = this.#primary!;
    this.#logPeakBytes = Math.max(this.#logPeakBytes, primary.openLogBytes + primary.inFlightLogBytes);
    this.#snapshotPeakBytes = Math.max(this.#snapshotPeakBytes, primary.snapshotBytes);
  }

  figures(nowMs: Millis): RehearsalFigures {
    const core = this.#core!;
    this.sample();
    this.#noteAge(nowMs, core);
    const { rawBytes, compressedBytes, wireBytes } = this.#counters();
    return {
      wireBytes: { ...this.#wireBytes },
      logBytes: this.#logBytes,
      logPeakBytes: this.#logPeakBytes,
      snapshotPeakBytes: this.#snapshotPeakBytes,
      rpoMaxMs: this.#rpoMaxMs,
      steadyRpoMaxMs: this.#steadyRpoMaxMs,
      cycles: {
        completed: core.completedCycles[0]!,
        missed: core.missedCycles[0]!,
        failed: core.failedCycles[0]!,
      },
      resyncs: this.#resyncs.map((resync) => ({ ...resync })),
      compressionRatio: rawBytes === 0 ? null : compressedBytes / rawBytes,
      linkEfficiencyRatio: wireBytes === 0 ? null : compressedBytes / wireBytes,
    };
  }

  /** The age grows until a newer recovery point comes: it is largest just before. */
  #noteAge(nowMs: Millis, core: ReplicationCore): void {
    if (this.#recoveryPointAtMs >= 0 && core.protectedAtMs[0]! >= 0) {
      const ageMs = nowMs - this.#recoveryPointAtMs;
      this.#rpoMaxMs = Math.max(this.#rpoMaxMs ?? 0, ageMs);
      if (this.#firstDeltaAtMs !== undefined) this.#steadyRpoMaxMs = Math.max(this.#steadyRpoMaxMs ?? 0, ageMs);
    }
    this.#recoveryPointAtMs = core.recoveryPointAtMs[0]!;
    if (core.completedCycles[0]! > 0) this.#firstDeltaAtMs ??= nowMs;
  }

  #noteResyncStart(core: ReplicationCore): void {
    const startMs = core.resyncStartedAtMs[0]!;
    // A resynchronization that was broken off goes on: it is the same one.
    if (this.#resyncs.at(-1)?.startMs !== startMs) this.#resyncs.push({ startMs, endMs: null });
  }
}
