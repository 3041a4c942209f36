/**
 * A small seeded generator (mulberry32), one stream for each (seed, purpose): what one purpose draws does not disturb another's, so that
 * two scenarios are compared on common random numbers.
 *
 * @returns numbers in [0, 1)
 */
export function randomStream(seed: number, purpose: string): () => number {
  let state = hash(purpose, seed);
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** FNV-1a over the UTF-16 code units, then the finalizer of MurmurHash3, since FNV alone leaves the high bits of short names alike. */
export function hash(text: string, seed: number): number {
  let h = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
