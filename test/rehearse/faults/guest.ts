/** The guest of the fault runs: its n-th write is the same in every process that knows the seed. */
export interface GuestWrite {
  readonly offset: number;
  readonly data: Buffer;
}

const WRITE_BYTES_MOST = 16_384;

export function guestWrite(seed: number, index: number, diskBytes: number): GuestWrite {
  const random = randomFrom(Math.imul(seed + 1, 0x9e37_79b1) ^ Math.imul(index + 1, 0x85eb_ca6b));
  const length = 1 + Math.floor(random() * WRITE_BYTES_MOST);
  // Half of the writes fall on a tenth of the disk.
  const room = (random() < 0.5 ? diskBytes / 10 : diskBytes) - length;
  const offset = Math.floor(random() * room);
  const words = Uint32Array.from({ length: Math.ceil(length / 4) }, () => Math.floor(random() * 2 ** 32));
  return { offset, data: Buffer.from(words.buffer, 0, length) };
}

/** Pseudo-random numbers in [0, 1) from a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let hash = Math.imul(state ^ (state >>> 15), state | 1);
    hash ^= hash + Math.imul(hash ^ (hash >>> 7), hash | 61);
    return ((hash ^ (hash >>> 14)) >>> 0) / 2 ** 32;
  };
}
