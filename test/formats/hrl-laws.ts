import { expect } from 'vitest';
import {
  CREATED_SEC,
  isReadingBounded,
  type LogPlan,
  layoutOf,
  read,
  type Seen,
  type Step,
  type Told,
} from './hrl-samples.ts';

const FATAL = ['hrl-not-hrl', 'hrl-truncated-header', 'hrl-version', 'hrl-metadata-size'];

/** What holds of any bytes at all. The file itself refuses to be read outside. */
export async function readAnything(bytes: Uint8Array, verifyData = false): Promise<Seen> {
  const seen = await read(bytes, { verifyData });
  expect(isReadingBounded(bytes, seen), `${seen.readBytes} of ${bytes.length} in ${seen.reads}`).toBe(true);
  expect(seen.problems.length).toBeLessThanOrEqual(100);
  for (const { code, atBytes, message } of seen.problems) {
    expect(code).toMatch(/^hrl-/);
    expect(message).toMatch(/^[A-Z].*\.$/);
    expect(Number.isSafeInteger(atBytes) && atBytes >= 0 && atBytes <= bytes.length).toBe(true);
  }
  if (seen.codes.some((code) => FATAL.includes(code))) expect(seen.entryCount).toBe(0);
  expect(seen.entryCount).toBe(seen.entries.length);
  expect(seen.loggedBytes).toBe(seen.entries.reduce((sum, { dataLength }) => sum + dataLength, 0));
  expect(seen.lostBytes).toBeGreaterThanOrEqual(0);
  expect(seen.loggedBytes + seen.lostBytes).toBeLessThanOrEqual(bytes.length);
  expect(seen.endBytes).toBeLessThanOrEqual(bytes.length);
  let free = 0;
  for (const { dataAtBytes, dataLength } of seen.entries) {
    if (dataAtBytes === undefined) continue;
    expect(dataAtBytes).toBeGreaterThanOrEqual(free);
    free = dataAtBytes + dataLength;
  }
  expect(free).toBeLessThanOrEqual(bytes.length);
  return seen;
}

/** Whether every write that was given out was written, in that order, and stands where it says, if it does. */
export function isPartOf(told: readonly Told[], whole: readonly Told[]): boolean {
  let next = 0;
  for (const entry of told) {
    while (next < whole.length && !isSame(entry, whole[next]!)) next++;
    if (next++ === whole.length) return false;
  }
  return true;
}

function isSame(seen: Told, written: Told): boolean {
  const isPlaced = seen.dataAtBytes === undefined || seen.dataAtBytes === written.dataAtBytes;
  return isPlaced && key(seen) === key(written);
}

const key = ({ byteOffset, dataLength, timestampSec2000 }: Told): string =>
  `${byteOffset} ${dataLength} ${timestampSec2000}`;

export function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Makes a structure's checksum right again, so that only what it says is wrong. */
export function seal(bytes: Uint8Array, from: number, length: number, checksumAt: number): void {
  view(bytes).setUint32(from + checksumAt, 0, true);
  const sum = bytes.subarray(from, from + length).reduce((total, byte) => total + byte, 0);
  view(bytes).setUint32(from + checksumAt, 2 ** 32 - 1 - sum, true);
}

export const sealHeader = (bytes: Uint8Array): void => seal(bytes, 0, 4096, 40);
export const sealHead = (bytes: Uint8Array, blockAt: number): void => seal(bytes, blockAt, 32, 12);
export const sealEntry = (bytes: Uint8Array, entryAt: number): void => seal(bytes, entryAt, 32, 8);

/** Six flushes of three writes of one, two and three sectors, all different. */
export const SIX: LogPlan = {
  steps: Array.from({ length: 18 }, (_, n): Step => {
    const data = new Uint8Array(512 * (1 + (n % 3))).fill(n + 1);
    return { byteOffset: n * 8192, data, timestampSec2000: CREATED_SEC + n, isFlushed: n % 3 === 2 };
  }),
  isClosed: true,
  options: { createdSec2000: CREATED_SEC, hasDataChecksums: true },
};
export const SIX_BLOCKS = layoutOf(SIX).blocks;
export const SIX_OPEN: LogPlan = { ...SIX, isClosed: false };

/** Numbers (from 0) of SIX's writes that were given out. */
export function numbersOf({ told }: Seen): number[] {
  return told.map(({ timestampSec2000 }) => timestampSec2000 - CREATED_SEC);
}

export const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n);
export const without = (...numbers: readonly number[]): number[] => range(0, 18).filter((n) => !numbers.includes(n));
/** Places in SIX: its metadata blocks by number (0 = the empty one), and their entries. */
export const block = (number: number): number => SIX_BLOCKS[number]!.at;
export const entry = (number: number, index: number): number => block(number) + 32 + index * 32;
