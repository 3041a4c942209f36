import { describe, expect, it } from 'vitest';
import {
  block,
  entry,
  isPartOf,
  numbersOf,
  range,
  readAnything,
  SIX,
  SIX_OPEN,
  sealEntry,
  sealHead,
  sealHeader,
  view,
  without,
} from './hrl-laws.ts';
import { type LogPlan, layoutOf, logOf, toldOf } from './hrl-samples.ts';

type Edit = (bytes: Uint8Array) => unknown;

describe('damage by its name', () => {
  it.each<[string, LogPlan, Edit, readonly string[], readonly number[]]>([
    ['another cookie', SIX, (b) => b.set([0x4d], 0), ['hrl-not-hrl'], []],
    ['version 3', SIX, (b) => sealed(b, 8, 0x0003_0000), ['hrl-version'], []],
    ['blocks of 0 bytes', SIX, (b) => sealed(b, 56, 0), ['hrl-metadata-size'], []],
    ['blocks of 4,100 bytes', SIX, (b) => sealed(b, 56, 4100), ['hrl-metadata-size'], []],
    ['blocks of 4 GiB', SIX, (b) => sealed(b, 56, 2 ** 32 - 512), ['hrl-metadata-size'], []],
    ['another type of file', SIX, (b) => sealed(b, 104, 1), ['hrl-file-type'], range(0, 18)],
    ['an error that Hyper-V noted', SIX, (b) => sealed(b, 52, 0x8007_0070), ['hrl-error-code'], range(0, 18)],
    ['another checksum in the header', SIX, (b) => b.set([0], 40), ['hrl-header-checksum'], range(0, 18)],
    ['a size above 2^53', SIX, (b) => sealed(b, 28, 2 ** 31), ['hrl-header-field'], range(0, 18)],
    ['another number of writes', SIX, (b) => sealed(b, 96, 17), ['hrl-entries-total'], range(0, 18)],
    ['an end above 2^53', SIX, (b) => sealed(b, 48, 2 ** 31), ['hrl-header-field'], range(0, 18)],
    ['an end behind the file', SIX, (b) => sealed(b, 44, 2 ** 30), ['hrl-truncated'], range(0, 18)],
    ['an end in the header', SIX, (b) => sealed(b, 44, 100), ['hrl-chain-outside'], range(0, 18)],
    ['an end in the first block', SIX, (b) => sealed(b, 44, 9000), ['hrl-chain-outside'], range(0, 18)],
    ['an end amid the data', SIX, (b) => sealed(b, 44, block(3) - 512), ['hrl-chain-outside'], range(0, 18)],
    [
      'an end too early',
      SIX,
      (b) => sealed(b, 44, block(4) + 4096),
      ['hrl-after-end', 'hrl-entries-total'],
      range(0, 12),
    ],
    ['a head', SIX, (b) => b.set([1], block(3) + 20), ['hrl-block-checksum'], range(0, 18)],
    ['a distance', SIX, (b) => b.set([0x14], block(4) + 1), ['hrl-block-checksum'], range(0, 18)],
    ['the first head', SIX, (b) => b.set([1], 4096 + 20), ['hrl-block-checksum'], range(0, 18)],
    ['the last head', SIX, (b) => b.set([1], block(6) + 20), ['hrl-block-checksum'], range(0, 18)],
    [
      'a whole block',
      SIX,
      (b) => b.fill(0, block(3), block(3) + 4096),
      ['hrl-block-checksum', 'hrl-entries-total'],
      without(6, 7, 8),
    ],
    [
      'the last block',
      SIX,
      (b) => b.fill(0, block(6), block(6) + 4096),
      ['hrl-block-checksum', 'hrl-entries-total'],
      range(0, 15),
    ],
    [
      'two blocks, and so what is between them',
      SIX,
      (b) => [block(2), block(4)].map((at) => b.fill(0, at, at + 4096)),
      ['hrl-block-checksum', 'hrl-entries-total'],
      without(...range(3, 12)),
    ],
    ['a block that leads to itself', SIX, (b) => linked(b, 4, 0), ['hrl-chain-loops'], range(0, 18)],
    ['a block that leads into itself', SIX, (b) => linked(b, 4, 512), ['hrl-chain-loops'], range(0, 18)],
    ['a block that leads before the file', SIX, (b) => linked(b, 4, 2 ** 40), ['hrl-chain-outside'], range(0, 18)],
    [
      'a block that leads into the header',
      SIX,
      (b) => linked(b, 4, block(4) - 512),
      ['hrl-chain-outside'],
      range(0, 18),
    ],
    ['a first block that is not the first', SIX, (b) => linked(b, 0, 4096), ['hrl-chain-outside'], range(0, 18)],
    [
      'a block that passes over one',
      SIX,
      (b) => linked(b, 4, block(4) - block(2)),
      ['hrl-lengths', 'hrl-entries-total'],
      without(6, 7, 8),
    ],
    ['more entries than there is room for', SIX, (b) => counted(b, 4, 128), ['hrl-entry-count'], range(0, 18)],
    [
      'fewer entries than were written',
      SIX,
      (b) => counted(b, 4, 2),
      ['hrl-lengths', 'hrl-entries-total'],
      without(11),
    ],
    [
      'more entries than were written',
      SIX,
      (b) => counted(b, 4, 4),
      ['hrl-entry-checksum', 'hrl-entries-total'],
      range(0, 18),
    ],
    ['a checksum of an entry', SIX, (b) => b.set([9], entry(4, 1) + 8), ['hrl-entry-checksum'], without(10)],
    [
      'a write of more than there is',
      SIX,
      (b) => entered(b, 4, 1, 12, 2 ** 32 - 1),
      ['hrl-lengths'],
      without(9, 10, 11),
    ],
    ['a write of less than there is', SIX, (b) => entered(b, 4, 1, 12, 0), ['hrl-lengths'], range(0, 18)],
    ['an operation that is no write', SIX, (b) => entered(b, 4, 1, 20, 2, 1), ['hrl-operation'], without(10)],
    ['a place above 2^53', SIX, (b) => entered(b, 4, 1, 4, 2 ** 21), ['hrl-entry-offset'], without(10)],
    ['a write up to beyond 2^53', SIX, (b) => placed(b, 4, 1, 2n ** 53n - 512n), ['hrl-entry-offset'], without(10)],
    ['open, a head', SIX_OPEN, (b) => b.set([1], block(3) + 20), ['hrl-not-closed', 'hrl-torn-end'], range(0, 6)],
    [
      'open, the first head',
      SIX_OPEN,
      (b) => b.set([1], 4096 + 20),
      ['hrl-not-closed', 'hrl-block-checksum'],
      range(0, 18),
    ],
    [
      'open, an entry',
      SIX_OPEN,
      (b) => b.set([9], entry(4, 1) + 8),
      ['hrl-not-closed', 'hrl-entry-checksum'],
      without(10),
    ],
    [
      'open, a length that does not fit',
      SIX_OPEN,
      (b) => entered(b, 4, 1, 12, 512),
      ['hrl-not-closed', 'hrl-torn-end'],
      range(0, 9),
    ],
  ])('%s', async (_, plan, edit, codes, kept) => {
    const bytes = logOf(plan);
    edit(bytes);
    const seen = await readAnything(bytes);
    expect([seen.codes, numbersOf(seen)]).toEqual([codes, kept]);
    expect(isPartOf(seen.told, toldOf(plan)) || seen.codes.includes('hrl-lengths')).toBe(true);
  });

  function sealed(bytes: Uint8Array, at: number, value: number): void {
    view(bytes).setUint32(at, value, true);
    sealHeader(bytes);
  }
  function linked(bytes: Uint8Array, number: number, distance: number): void {
    view(bytes).setBigUint64(block(number), BigInt(distance), true);
    sealHead(bytes, block(number));
  }
  function counted(bytes: Uint8Array, number: number, count: number): void {
    view(bytes).setUint32(block(number) + 8, count, true);
    sealHead(bytes, block(number));
  }
  function entered(bytes: Uint8Array, number: number, index: number, at: number, value: number, size = 4): void {
    if (size === 1) bytes[entry(number, index) + at] = value;
    else view(bytes).setUint32(entry(number, index) + at, value, true);
    sealEntry(bytes, entry(number, index));
  }

  function placed(bytes: Uint8Array, number: number, index: number, byteOffset: bigint): void {
    view(bytes).setBigUint64(entry(number, index), byteOffset, true);
    sealEntry(bytes, entry(number, index));
  }

  it('where lengths do not fit, nobody can tell where the data stands', async () => {
    const bytes = logOf(SIX);
    linked(bytes, 4, block(4) - block(2));
    const { entries } = await readAnything(bytes);
    const { dataAt } = layoutOf(SIX);
    const places = entries.map(({ dataAtBytes }) => dataAtBytes);
    expect(places).toEqual([...dataAt.slice(0, 6), undefined, undefined, undefined, ...dataAt.slice(12)]);
  });

  it('around damaged entries, the others keep their places where these are certain', async () => {
    const bytes = logOf(SIX);
    const { dataAt } = layoutOf(SIX);
    for (const index of [0, 2]) bytes[entry(4, index) + 8]! ^= 1;
    const { entries, problems } = await readAnything(bytes);
    expect(problems.map(({ atBytes }) => atBytes)).toEqual([entry(4, 0), entry(4, 2)]);
    const places = entries.map(({ dataAtBytes }) => dataAtBytes);
    expect(places).toEqual([...dataAt.slice(0, 9), undefined, ...dataAt.slice(12)]);
  });

  it('data that does not agree with its checksum is named where it stands, and only if asked for', async () => {
    const bytes = logOf(SIX);
    const at = layoutOf(SIX).dataAt[7]!;
    bytes[at + 600]! ^= 0x80;
    expect((await readAnything(bytes)).problems).toEqual([]);
    const seen = await readAnything(bytes, true);
    expect(seen.problems).toMatchObject([{ code: 'hrl-data-checksum', atBytes: at }]);
    expect(numbersOf(seen)).toEqual(range(0, 18));
    const unset = logOf({ ...SIX, options: { ...SIX.options, hasDataChecksums: false } });
    unset[at + 600]! ^= 0x80;
    expect((await readAnything(unset, true)).problems).toEqual([]);
  });

  it('much damage is counted, and a few of a kind are kept', async () => {
    const bytes = logOf(SIX);
    for (const n of range(0, 18)) bytes[entry(1 + Math.floor(n / 3), n % 3) + 8]! ^= 1;
    const seen = await readAnything(bytes);
    expect(seen.codes).toEqual(Array(4).fill('hrl-entry-checksum'));
    expect([seen.furtherProblemCount, seen.entryCount, seen.lostBytes]).toEqual([14, 0, 18 * 1024]);
  });
});
