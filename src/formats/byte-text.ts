/** Text of bytes. This room has no TextDecoder. */

const REPLACEMENT = 0xfffd;
/** Code units that are joined at once: a call takes its arguments on the stack. */
const BLOCK_UNITS = 4096;
const units = new Uint16Array(BLOCK_UNITS);

export interface DecodedText {
  readonly text: string;
  /** How many stretches of bytes that are no UTF-8 became U+FFFD. */
  readonly replaced: number;
}

/**
 * `bytes[from]` to `bytes[to - 1]` as UTF-8, with U+FFFD for what is none, as the Encoding Standard has it (4.1, "UTF-8
 * decoder"): one for each maximal part of a sequence. A byte order mark is kept.
 */
export function decodeUtf8(bytes: Uint8Array, from: number, to: number): DecodedText {
  let text = '';
  let length = 0;
  let replaced = 0;
  for (let at = from; at < to; ) {
    if (length >= BLOCK_UNITS - 2) {
      text += String.fromCharCode(...units.subarray(0, length));
      length = 0;
    }
    const lead = bytes[at]!;
    const followers = lead < 0x80 ? 0 : followersOf(lead);
    const whole = followers < 0 ? 1 : sequenceLength(bytes, at, to, followers);
    if (followers < 0 || whole <= followers) {
      replaced++;
      units[length++] = REPLACEMENT;
    } else if (followers < 3) {
      units[length++] = codePoint(bytes, at, followers);
    } else {
      const point = codePoint(bytes, at, followers) - 0x10000;
      units[length++] = 0xd800 + (point >> 10);
      units[length++] = 0xdc00 + (point & 0x3ff);
    }
    at += whole;
  }
  return { text: text + String.fromCharCode(...units.subarray(0, length)), replaced };
}

/** How many bytes a sequence goes on for, by its first; -1 where none begins so. */
function followersOf(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) return 1;
  if (lead >= 0xe0 && lead <= 0xef) return 2;
  return lead >= 0xf0 && lead <= 0xf4 ? 3 : -1;
}

/** Bytes from `at` on that can belong together: `followers + 1` where the sequence is whole. */
function sequenceLength(bytes: Uint8Array, at: number, to: number, followers: number): number {
  const lead = bytes[at]!;
  // Overlong forms, surrogates and points above U+10FFFF show in the second byte.
  let lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  let highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  let length = 1;
  for (; length <= followers && at + length < to; length++) {
    const byte = bytes[at + length]!;
    if (byte < lowest || byte > highest) break;
    lowest = 0x80;
    highest = 0xbf;
  }
  return length;
}

function codePoint(bytes: Uint8Array, at: number, followers: number): number {
  if (followers === 0) return bytes[at]!;
  let point = bytes[at]! & (0x3f >> followers);
  for (let index = 1; index <= followers; index++) point = (point << 6) | (bytes[at + index]! & 0x3f);
  return point;
}
