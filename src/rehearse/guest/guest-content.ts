import type { Bytes } from '../../units.ts';

/** Of which everything is cut that a made-up guest writes. */
const POOL_BYTES: Bytes = 16 * 1024 ** 2;
/** In each block of the pool the first part is random and the rest one byte. */
const BLOCK_BYTES: Bytes = 4096;

/**
 * What a guest writes where nobody knows it: a trace tells places and lengths, not contents. Pseudo-random bytes that a compressor makes
 * about `compressibleTo` times as large, the same for the same seed. What is handed out is shared and must not be changed.
 */
export class GuestContent {
  readonly #pool: Uint8Array;

  /** @param compressibleTo 1 = random bytes, 0.25 = a quarter of each block is random */
  constructor(compressibleTo: number, seed = 1) {
    this.#pool = new Uint8Array(POOL_BYTES);
    const words = new Uint32Array(this.#pool.buffer);
    const randomWords = Math.round((BLOCK_BYTES / 4) * compressibleTo);
    let state = seed >>> 0;
    for (let word = 0; word < words.length; word++) {
      if (word % (BLOCK_BYTES / 4) >= randomWords) {
        words[word] = 0x2020_2020;
        continue;
      }
      state = (state + 0x6d2b_79f5) >>> 0;
      words[word] = mixed(state);
    }
  }

  /** So many bytes for the guest's n-th write: other ones for almost every n. */
  at(index: number, lengthBytes: Bytes): Uint8Array {
    if (lengthBytes >= POOL_BYTES) return repeated(this.#pool, lengthBytes);
    const from = mixed(index + 1) % (POOL_BYTES - lengthBytes);
    return this.#pool.subarray(from, from + lengthBytes);
  }
}

function repeated(pool: Uint8Array, lengthBytes: Bytes): Uint8Array {
  const bytes = new Uint8Array(lengthBytes);
  for (let at = 0; at < lengthBytes; at += pool.length) {
    bytes.set(pool.subarray(0, Math.min(pool.length, lengthBytes - at)), at);
  }
  return bytes;
}

/** The finalizer of MurmurHash3. */
function mixed(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
