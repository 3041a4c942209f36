import type { Bytes, Millis } from '../../units.ts';
import type { BlockDevice } from '../block-device.ts';
import type { Clock } from '../clock.ts';
import type { GuestContent } from './guest-content.ts';

/** A write of the guest, ascending in time. */
export interface TracedWrite {
  readonly atMs: Millis;
  readonly offset: Bytes;
  readonly lengthBytes: Bytes;
}

/** What became of a replay. */
export interface ReplayOutcome {
  readonly writeCount: number;
  readonly writtenBytes: Bytes;
  /** The most by which a write came later than the trace says: the disk was slower than the traced one. */
  readonly latestMs: Millis;
}

/** Writes and bytes that are under way at once. [chosen] */
const WRITES_MOST = 256;
const BYTES_MOST: Bytes = 64 * 1024 ** 2;

/**
 * Writes what a trace says when it says it, with made-up contents.
 *
 * @throws what the device throws at a write
 */
export async function replay(
  writes: Iterable<TracedWrite>,
  device: BlockDevice,
  content: GuestContent,
  clock: Clock,
  signal: AbortSignal,
): Promise<ReplayOutcome> {
  const underWay = new Set<Promise<void>>();
  let underWayBytes = 0;
  let failure: { readonly error: unknown } | undefined;
  let writeCount = 0;
  let writtenBytes = 0;
  let latestMs = 0;
  for (const { atMs, offset, lengthBytes } of writes) {
    if (atMs > clock.nowMs()) await clock.until(atMs, signal);
    while (underWay.size >= WRITES_MOST || underWayBytes >= BYTES_MOST) await Promise.race(underWay);
    if (signal.aborted || failure !== undefined) break;
    latestMs = Math.max(latestMs, clock.nowMs() - atMs);
    const written = device
      .write(content.at(writeCount, lengthBytes), offset)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .then(() => {
        underWay.delete(written);
        underWayBytes -= lengthBytes;
      });
    underWay.add(written);
    underWayBytes += lengthBytes;
    writeCount++;
    writtenBytes += lengthBytes;
  }
  await Promise.all(underWay);
  if (failure !== undefined) throw failure.error;
  return { writeCount, writtenBytes, latestMs };
}
