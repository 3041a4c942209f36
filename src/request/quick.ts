import type { Input } from '../ingest/ingest.ts';
import { hasErrors, type Problem } from '../model/problem.ts';
import { parseBytes, parseBytesPerSec } from '../units.ts';
import { dailyShare, FlagReader, percentageWithin, wholeWithin } from './flag-reader.ts';

/** The fleet in five numbers, for who has no file yet. */
export interface QuickFlags {
  readonly vms?: string;
  readonly disksPerVm?: string;
  readonly disk?: string;
  readonly used?: string;
  readonly churn?: string;
}

const MOST_VMS = 20_000;
const MOST_DISKS_PER_VM = 64;

/**
 * Makes an inventory of the five numbers, as a user would have written it: everything after is the same as for a file. `churn` is a rate of
 * each disk, or its share of the used bytes per day.
 */
export function quickInput(flags: QuickFlags): { input?: Input; problems: Problem[] } {
  const reader = new FlagReader();
  const vmCount = needed(
    reader,
    '--vms',
    flags.vms,
    wholeWithin(1, MOST_VMS),
    `a whole number from 1 to ${MOST_VMS}`,
    '40',
  );
  const diskCount = reader.read(
    '--disks-per-vm',
    flags.disksPerVm,
    wholeWithin(1, MOST_DISKS_PER_VM),
    `a whole number from 1 to ${MOST_DISKS_PER_VM}`,
    '2',
    1,
  );
  const sizeBytes = needed(reader, '--disk', flags.disk, parseBytes, 'the size of a disk with its unit', '200GiB');
  const usedPercent = reader.read(
    '--used',
    flags.used,
    percentageWithin(0, 100),
    'a percentage from 0% to 100%',
    '60%',
    100,
  );
  const isShare = (flags.churn ?? '').includes('%');
  const churn = needed(
    reader,
    '--churn',
    flags.churn,
    isShare ? dailyShare : parseBytesPerSec,
    'the churn of a disk: a share per day, or a rate',
    '3%/day',
  );
  if (hasErrors(reader.problems)) return { problems: reader.problems };
  const usedBytes = Math.floor((sizeBytes! * usedPercent) / 100);
  const digits = String(vmCount).length;
  const churnCell = isShare ? `${churn! * 100} %/day` : `${churn} B/s`;
  const rows = Array.from({ length: vmCount! * diskCount }, (_, at) => {
    const vm = String(Math.floor(at / diskCount) + 1).padStart(digits, '0');
    return `vm${vm},disk${(at % diskCount) + 1},${sizeBytes} B,${usedBytes} B,${churnCell}`;
  });
  return { input: textInput(`vm,disk,size,used,churn\n${rows.join('\n')}\n`), problems: reader.problems };
}

function needed<T>(
  reader: FlagReader,
  flag: string,
  text: string | undefined,
  parse: (text: string) => T | undefined,
  expected: string,
  example: string,
): T | undefined {
  if (text === undefined)
    reader.refuse(flag, undefined, `${flag} is missing: ${expected}.`, `Write for example ${flag} ${example}.`);
  return reader.read(flag, text, parse, expected, example, undefined as T | undefined);
}

function textInput(text: string): Input {
  const name = 'quick (five numbers)';
  return {
    ...{ name, head: new TextEncoder().encode(text.slice(0, 1000)), headText: text, sniffed: { encoding: 'utf-8' } },
    text: () => ({ name, chunks: only(text) }),
    utf8: () => ({ name, chunks: only(new TextEncoder().encode(text)) }),
  };
}

async function* only<T>(value: T): AsyncGenerator<T> {
  yield value;
}
