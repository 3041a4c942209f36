/**
 * The checksum of Hyper-V Replica Logs ([MS-HRL] 2.6): the complement of the sum of the bytes, in 32 bits. It is weak, two
 * bytes that have changed places pass it: it finds what is torn or blank, not what is forged.
 */

/** The sum of the bytes from `from` up to `to`, exact up to 2^45 of them. */
export function byteSum(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
  let sum = 0;
  let at = from;
  const firstWordAt = Math.min(to, from + (-(bytes.byteOffset + from) & 3));
  while (at < firstWordAt) sum += bytes[at++]!;
  const words = (to - at) >> 2;
  if (words >= 16) {
    sum += wordSum(new Int32Array(bytes.buffer, bytes.byteOffset + at, words));
    at += words * 4;
  }
  while (at < to) sum += bytes[at++]!;
  return sum;
}

/** Four bytes at once: two lanes of 16 bits, which hold two bytes of each of 128 words (128 · 510 < 2^16). */
function wordSum(words: Int32Array): number {
  let sum = 0;
  for (let at = 0; at < words.length; ) {
    const stop = Math.min(at + 128, words.length);
    let lanes = 0;
    for (; at < stop; at++) {
      const word = words[at]!;
      lanes = (lanes + (word & 0xff00ff) + ((word >>> 8) & 0xff00ff)) | 0;
    }
    sum += (lanes & 0xffff) + (lanes >>> 16);
  }
  return sum;
}

/** The checksum of bytes with this sum: the complement of its lower 32 bits ([MS-HRL] 2.6). */
export function checksumOfSum(sum: number): number {
  return ~sum >>> 0;
}

/** The checksum of a structure whose own field of four bytes at `fieldAt` counts as zero ([MS-HRL] 2.6). */
export function checksumWithout(bytes: Uint8Array, from: number, length: number, fieldAt: number): number {
  const field = from + fieldAt;
  let sum = 0;
  for (let at = from; at < field; at++) sum += bytes[at]!;
  for (let at = field + 4; at < from + length; at++) sum += bytes[at]!;
  return checksumOfSum(sum);
}

/** Four bytes as an unsigned integer. */
export function uint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}
