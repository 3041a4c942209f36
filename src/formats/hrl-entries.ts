import type { Bytes } from '../units.ts';
import { entryLength, HRL_BLOCK_HEAD_BYTES, HRL_ENTRY_BYTES, isEntryWhole } from './hrl-layout.ts';

/** Where in its block an entry stands. */
export function entryAt(index: number): Bytes {
  return HRL_BLOCK_HEAD_BYTES + index * HRL_ENTRY_BYTES;
}

/** What the entries of a block say together. */
export interface EntrySurvey {
  /** DataLength of all whole entries, and of those behind the last damaged one. */
  readonly wholeBytes: Bytes;
  readonly tailBytes: Bytes;
  /** Entries whose checksum is wrong. */
  readonly damagedCount: number;
  readonly lastDamaged: number;
}

/** Goes over a block's entries; `undefined` as soon as more than `mostDamaged` have a wrong checksum. */
export function surveyEntries(
  block: Uint8Array,
  entryCount: number,
  mostDamaged: number = Number.POSITIVE_INFINITY,
): EntrySurvey | undefined {
  let wholeBytes = 0;
  let tailBytes = 0;
  let damagedCount = 0;
  let lastDamaged = -1;
  for (let index = 0; index < entryCount; index++) {
    const at = entryAt(index);
    if (isEntryWhole(block, at)) {
      const length = entryLength(block, at);
      wholeBytes += length;
      tailBytes += length;
    } else {
      if (++damagedCount > mostDamaged) return undefined;
      lastDamaged = index;
      tailBytes = 0;
    }
  }
  return { wholeBytes, tailBytes, damagedCount, lastDamaged };
}

/**
 * How a block's entries agree with the room for their data before it: `exact`; `damaged` where they leave room for the
 * damaged ones; `less` and `more` where all are whole, or there is too little room, and they cannot be right.
 */
export function roomFor(survey: EntrySurvey, roomBytes: Bytes): 'exact' | 'damaged' | 'less' | 'more' {
  if (survey.wholeBytes > roomBytes) return 'more';
  if (survey.damagedCount > 0) return 'damaged';
  return survey.wholeBytes === roomBytes ? 'exact' : 'less';
}

/**
 * How many of the first entries are whole and fill the room exactly, which makes up for a block whose head cannot be
 * trusted; `undefined` where they do not.
 */
export function entriesThatFill(block: Uint8Array, mostEntries: number, roomBytes: Bytes): number | undefined {
  let filledBytes = 0;
  let count = 0;
  while (filledBytes < roomBytes && count < mostEntries && isEntryWhole(block, entryAt(count))) {
    filledBytes += entryLength(block, entryAt(count));
    count++;
  }
  return filledBytes === roomBytes ? count : undefined;
}
