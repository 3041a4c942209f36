import type { Bytes } from '../units.ts';

/** Bytes of the whole chunks in `bytes`. A chunk that the last bit of a double denies counts as whole. */
export function wholeChunks(bytes: Bytes, chunkBytes: Bytes): Bytes {
  return Math.floor(bytes / chunkBytes + 1e-9) * chunkBytes;
}
