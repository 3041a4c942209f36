/** Written bytes of a disk by looping over the steps of its churn (semantics 2, 4): slow and obvious. */
import type { Churn } from '../../src/model/workload.ts';
import type { TrackedWrites } from '../../src/replication/tracked-writes.ts';

/** A floor forgives what the last bits of a double lose. */
const FORGIVEN_BYTES = 1e-6;

/** Bytes, with a fraction, written from the run's start to an instant. */
export function naiveIntegral(churn: Churn, atMs: number): number {
  if (atMs <= 0) return 0;
  if (churn.kind === 'constant') return (churn.bytesPerSec * atMs) / 1000;
  let sum = measured(churn, 0, Math.min(atMs, churn.endMs));
  if (churn.repeatMs <= 0 || atMs <= churn.endMs) return sum;
  let leftMs = atMs - Math.max(0, churn.endMs);
  const fromMs = churn.endMs - churn.repeatMs;
  const whole = Math.floor(leftMs / churn.repeatMs);
  sum += whole * measured(churn, fromMs, churn.endMs);
  leftMs -= whole * churn.repeatMs;
  return sum + measured(churn, fromMs, fromMs + leftMs);
}

function measured(churn: Churn & { kind: 'series' }, fromMs: number, toMs: number): number {
  let sum = 0;
  for (const [index, startMs] of churn.startMs.entries()) {
    const endMs = churn.startMs[index + 1] ?? churn.endMs;
    const overlapMs = Math.min(endMs, toMs) - Math.max(startMs, fromMs);
    if (overlapMs > 0) sum += (churn.writtenBytes[index]! * overlapMs) / (endMs - startMs);
  }
  return sum;
}

export function naiveWritten(churn: Churn, atMs: number): number {
  return Math.floor(naiveIntegral(churn, atMs) + FORGIVEN_BYTES);
}

function highestBytesPerMs(churn: Churn): number {
  if (churn.kind === 'constant') return churn.bytesPerSec / 1000;
  return Math.max(
    0,
    ...churn.startMs.map((startMs, index) => {
      const endMs = churn.startMs[index + 1] ?? churn.endMs;
      return churn.writtenBytes[index]! / (endMs - startMs);
    }),
  );
}

/** What the core must know of the guests' writes; disks numbered in the order given. */
export function naiveWrites(churns: readonly Churn[]): TrackedWrites {
  return {
    writtenBytes: (disk, atMs) => naiveWritten(churns[disk]!, atMs),
    reachedAtMs(disk, bytes) {
      if (bytes <= 0) return 0;
      let lateMs = 1;
      while (naiveWritten(churns[disk]!, lateMs) < bytes) {
        lateMs *= 2;
        if (lateMs > 2e10) return Number.POSITIVE_INFINITY;
      }
      let earlyMs = 0;
      for (;;) {
        const middleMs = (earlyMs + lateMs) / 2;
        if (middleMs <= earlyMs || middleMs >= lateMs) return lateMs;
        if (naiveWritten(churns[disk]!, middleMs) >= bytes) lateMs = middleMs;
        else earlyMs = middleMs;
      }
    },
    notReachedBeforeMs(disk, bytes, nowMs, writtenNowBytes) {
      const highest = highestBytesPerMs(churns[disk]!);
      const missing = bytes - writtenNowBytes - 1 - FORGIVEN_BYTES;
      if (missing <= 0) return nowMs;
      return highest === 0 ? Number.POSITIVE_INFINITY : nowMs + missing / highest;
    },
  };
}
