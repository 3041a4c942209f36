import type { Bytes, BytesPerSec, Millis } from '../../units.ts';
import type { TracedWrite } from './replay.ts';

export interface MadeUpLoad {
  readonly bytesPerSec: BytesPerSec;
  readonly writeBytes: Bytes;
  /** Places are drawn evenly from so many bytes at the disk's start; the hot set. */
  readonly hotBytes: Bytes;
  readonly untilMs: Millis;
  readonly seed: number;
}

/** A steady load where there is no trace: writes of one size at an even pace, at places drawn from a hot set. */
export function* madeUpWrites({ bytesPerSec, writeBytes, hotBytes, untilMs, seed }: MadeUpLoad): Iterable<TracedWrite> {
  const gapMs = (writeBytes * 1000) / bytesPerSec;
  const places = Math.max(1, Math.floor(hotBytes / writeBytes));
  let state = seed >>> 0;
  for (let index = 1; index * gapMs <= untilMs; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield { atMs: index * gapMs, offset: Math.floor((state / 2 ** 32) * places) * writeBytes, lengthBytes: writeBytes };
  }
}
