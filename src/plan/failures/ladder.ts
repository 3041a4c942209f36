import type { Millis } from '../../units.ts';

/**
 * The last attempt of a VM before a deadline, where every one before it has failed: the first at `firstMs`, the others after the
 * ladder's gaps, whose last repeats (semantics 20); an attempt at the deadline itself comes too late. `null` where even the first does.
 */
export function lastAttemptBefore(firstMs: Millis, deadlineMs: Millis, ladderMs: readonly Millis[]): Millis | null {
  if (firstMs >= deadlineMs) return null;
  let atMs = firstMs;
  for (const gapMs of ladderMs.slice(0, -1)) {
    if (atMs + gapMs >= deadlineMs) return atMs;
    atMs += gapMs;
  }
  const lastGapMs = ladderMs.at(-1) ?? 0;
  if (lastGapMs <= 0 || deadlineMs === Number.POSITIVE_INFINITY) return atMs;
  return atMs + lastGapMs * (Math.ceil((deadlineMs - atMs) / lastGapMs) - 1);
}

/** The longest that a VM may still wait for its next attempt once a link that was down for `lengthMs` is back. */
export function longestGapAfter(lengthMs: Millis, ladderMs: readonly Millis[]): Millis {
  let atMs = 0;
  for (const gapMs of ladderMs) {
    atMs += gapMs;
    if (atMs >= lengthMs) return gapMs;
  }
  return ladderMs.at(-1) ?? 0;
}
