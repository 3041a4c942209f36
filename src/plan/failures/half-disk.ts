import type { RuleParameters } from '../../model/policy.ts';
import { leastDataBytes, logFileBytes } from '../../replication/log-size.ts';
import type { ChurnIntegral } from '../../simulate/churn-integral.ts';
import type { Bytes, Millis } from '../../units.ts';

export interface DiskLogs {
  readonly writes: ChurnIntegral;
  readonly disk: number;
  /** At so many log bytes the rule bites: half of the disk's virtual size by default. */
  readonly halfBytes: Bytes;
  /** Data that one metadata block describes. */
  readonly entryRunBytes: Bytes;
  readonly rules: RuleParameters;
  /** The last cut that has arrived. */
  readonly pointAtMs: Millis;
  /** The cut of the set that is under way when the outage begins, or that fails first in it. */
  readonly cutAtMs: Millis;
  readonly startMs: Millis;
}

/** Instants of a disk, from what is written to it: Infinity where it never comes to that. */
export interface HalfDiskTimes {
  /** Its logs reach half its size, if nothing gets through. */
  readonly reachedMs: Millis;
  /** Its open log alone does, if the set under way gets through, and no cut follows. */
  readonly openReachedMs: Millis;
}

/**
 * When the logs of a disk reach half its size if nothing gets through from `startMs` on (semantics 4, 23). The set under way holds what was
 * written from the last recovery point to its cut, the open log all that came after it; both are files with metadata of their own:
 *
 *     L(W(cut) − W(point)) + L(W(t) − W(cut)) ≥ size × 50 %,   W = bytes written until then, L = the size of a log of so many bytes
 */
export function halfDiskTimes(logs: DiskLogs): HalfDiskTimes {
  const { writes, disk, halfBytes, entryRunBytes, rules, pointAtMs, cutAtMs, startMs } = logs;
  const pointBytes = writes.writtenBytes(disk, pointAtMs);
  const cutBytes = writes.writtenBytes(disk, cutAtMs);
  const openReachedMs = Math.max(
    startMs,
    writes.reachedAtMs(disk, cutBytes + leastDataBytes(halfBytes, entryRunBytes, rules)),
  );
  if (cutAtMs > startMs) {
    // Until the cut there is one log.
    const beforeCutMs = writes.reachedAtMs(disk, pointBytes + leastDataBytes(halfBytes, entryRunBytes, rules));
    if (beforeCutMs < cutAtMs) return { reachedMs: Math.max(startMs, beforeCutMs), openReachedMs };
  }
  const setFileBytes = logFileBytes(cutBytes - pointBytes, entryRunBytes, rules);
  const openBytes = leastDataBytes(halfBytes - setFileBytes, entryRunBytes, rules);
  return { reachedMs: Math.max(startMs, cutAtMs, writes.reachedAtMs(disk, cutBytes + openBytes)), openReachedMs };
}
