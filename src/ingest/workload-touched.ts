import { TOUCH_BLOCK_BYTES, TOUCH_NUMBERS_MOST } from '../model/touch-record.ts';
import type { Bytes } from '../units.ts';
import { isObject } from './json-object.ts';

/** What judges one value of a workload file, and reports it where it does not hold. */
interface TouchChecker {
  is(holds: boolean, path: string, value: unknown, message: string): boolean;
}

/** A touch record must fit its series and its disk; its first fault is reported. */
export function checkTouched(
  checker: TouchChecker,
  touched: unknown,
  intervalCount: number,
  sizeBytes: Bytes,
  path: string,
): void {
  if (!checker.is(isObject(touched), path, touched, 'An object is expected.')) return;
  const { blockBytes, intervalsEach, runs } = touched as Readonly<Record<string, unknown>>;
  checker.is(blockBytes === TOUCH_BLOCK_BYTES, `${path}.blockBytes`, blockBytes, `${TOUCH_BLOCK_BYTES} is expected.`);
  const isCount = Number.isSafeInteger(intervalsEach) && (intervalsEach as number) > 0;
  const counted = 'A whole number above 0 is expected.';
  if (!checker.is(isCount, `${path}.intervalsEach`, intervalsEach, counted)) return;
  const entryCount = Math.ceil(intervalCount / (intervalsEach as number));
  const entries: readonly unknown[] = Array.isArray(runs) ? runs : [];
  const listed = `A list of ${entryCount} is expected: an entry for each ${intervalsEach} of the series.`;
  if (!checker.is(entries.length === entryCount, `${path}.runs`, entries.length, listed)) return;
  const blockCount = Math.ceil(sizeBytes / TOUCH_BLOCK_BYTES);
  let numberCount = 0;
  for (const [at, entry] of entries.entries()) {
    const message = 'Whole numbers in pairs are expected, blocks skipped and touched, not beyond the end of the disk.';
    if (!checker.is(isEntry(entry, blockCount), `${path}.runs[${at}]`, entry, message)) return;
    numberCount += (entry as readonly number[]).length;
  }
  const bounded = `At most ${TOUCH_NUMBERS_MOST} numbers are expected.`;
  checker.is(numberCount <= TOUCH_NUMBERS_MOST, `${path}.runs`, numberCount, bounded);
}

function isEntry(entry: unknown, blockCount: number): boolean {
  if (!Array.isArray(entry) || entry.length % 2 !== 0) return false;
  let block = 0;
  for (const [at, count] of entry.entries()) {
    // Runs that meet are one; only the first may begin with the disk.
    if (!Number.isInteger(count) || count < (at === 0 ? 0 : 1)) return false;
    block += count;
    if (block > blockCount) return false;
  }
  return true;
}
