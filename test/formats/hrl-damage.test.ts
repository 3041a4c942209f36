import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  entry,
  isPartOf,
  numbersOf,
  range,
  readAnything,
  SIX,
  SIX_BLOCKS,
  SIX_OPEN,
  sealEntry,
  sealHead,
  sealHeader,
  view,
} from './hrl-laws.ts';
import { anyPlan, join, type LogPlan, layoutOf, logOf, read, toldOf } from './hrl-samples.ts';

describe('a file that was cut', () => {
  it('gives out every write of every whole metadata block, and no other', async () => {
    await fc.assert(
      fc.asyncProperty(anyPlan(), fc.double({ min: 0, max: 1, noNaN: true }), async (plan, share) => {
        const bytes = logOf(plan);
        const cut = bytes.subarray(0, Math.floor(share * bytes.length));
        const seen = await readAnything(cut, true);
        const { blocks, blockBytes } = layoutOf(plan);
        const whole = blocks.filter(({ at }) => at + blockBytes <= cut.length);
        const count = whole.reduce((sum, each) => sum + each.count, 0);
        expect(seen.told).toEqual(toldOf(plan).slice(0, count));
        const isAll = plan.isClosed && cut.length === bytes.length;
        expect(seen.problems.length > 0).toBe(!isAll);
        if (cut.length < 4096) return;
        const endBytes = whole.length === 0 ? 4096 : whole.at(-1)!.at + blockBytes;
        expect(seen).toMatchObject({ isRecovered: !isAll, endBytes, lostBytes: cut.length - endBytes });
      }),
      { numRuns: 300 },
    );
  });

  it('at any byte, closed or not', async () => {
    for (const plan of [SIX, SIX_OPEN]) {
      const bytes = logOf(plan);
      for (let length = 0; length < bytes.length; length += length % 512 === 511 ? 1 : 37) {
        const seen = await readAnything(bytes.subarray(0, length));
        const whole = SIX_BLOCKS.filter(({ at }) => at + 4096 <= length).length;
        expect(numbersOf(seen)).toEqual(range(0, Math.max(0, whole - 1) * 3));
        expect(seen.problems).not.toEqual([]);
      }
    }
  });

  it.each([
    ['nothing', 0, ['hrl-not-hrl']],
    ['some of the cookie', 5, ['hrl-not-hrl']],
    ['the cookie', 8, ['hrl-truncated-header']],
    ['nearly the header', 4095, ['hrl-truncated-header']],
    ['the header', 4096, ['hrl-truncated', 'hrl-torn-end', 'hrl-entries-total']],
    ['some of the first metadata block', 5000, ['hrl-truncated', 'hrl-torn-end', 'hrl-entries-total']],
    ['the first metadata block', 8192, ['hrl-truncated', 'hrl-entries-total']],
  ] as const)('%s', async (_, length, codes) => {
    expect((await readAnything(logOf(SIX).subarray(0, length))).codes).toEqual(codes);
  });
});

describe('one byte that changed', () => {
  it('is found, or does no harm; in a metadata block it costs writes of that block only', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyPlan(30),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 1, max: 255 }),
        async (plan, share, change) => {
          const bytes = logOf(plan);
          const at = Math.floor(share * bytes.length);
          bytes[at]! ^= change;
          const seen = await readAnything(bytes, plan.options.hasDataChecksums === true);
          const { blocks, blockBytes, dataAt } = layoutOf(plan);
          const flushed = blocks.reduce((sum, { count }) => sum + count, 0);
          const written = toldOf(plan).slice(0, flushed);
          expect(isPartOf(seen.told, written)).toBe(true);
          const sound = await read(logOf(plan));
          if (seen.told.length < written.length) expect(seen.codes).not.toEqual(sound.codes);
          if (at < 4096) return;
          const hit = blocks.find((each) => at >= each.at && at < each.at + blockBytes);
          if (hit === undefined) {
            expect(seen.told).toEqual(written);
            const hasSum = plan.options.hasDataChecksums === true && at < (dataAt[flushed] ?? bytes.length);
            expect(seen.codes.includes('hrl-data-checksum')).toBe(hasSum);
            return;
          }
          expect(seen.told.slice(0, hit.first)).toEqual(written.slice(0, hit.first));
          const after = written.slice(hit.first + hit.count);
          if (plan.isClosed && after.length > 0) expect(seen.told.slice(-after.length)).toEqual(after);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('cannot be told from another that makes up for it: the checksum is a mere sum', async () => {
    const bytes = logOf(SIX);
    const at = entry(3, 1);
    [bytes[at], bytes[at + 1]] = [bytes[at + 1]!, bytes[at]!];
    const seen = await readAnything(bytes, true);
    expect(seen.problems).toEqual([]);
    expect(seen.told).not.toEqual(toldOf(SIX));
    const swapped = logOf(SIX);
    const data = layoutOf(SIX).dataAt[4]!;
    swapped.set([swapped[data]! + 1, swapped[data + 1]! - 1], data);
    expect((await readAnything(swapped, true)).problems).toEqual([]);
  });
});

/** Changes that neither mean nor spare anything, and numbers that say too much. */
const anyChange = fc.record({
  kind: fc.constantFrom('set', 'blank', 'copy', 'swap', 'delete', 'insert', 'number', 'sealed'),
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  other: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  length: fc.oneof(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 5000 })),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 64 }),
  number: fc.oneof(
    fc.constantFrom(0n, 1n, 512n, 4096n, 8192n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n),
    fc.bigInt({ min: 0n, max: 40_000n }),
  ),
  field: fc.nat(30),
});
type Change = typeof anyChange extends fc.Arbitrary<infer T> ? T : never;

function changed(bytes: Uint8Array, change: Change, plan: LogPlan): Uint8Array {
  const at = Math.floor(change.at * bytes.length);
  const other = Math.floor(change.other * bytes.length);
  const copy = bytes.slice();
  const piece = bytes.slice(other, other + change.length);
  const room = bytes.length - at;
  if (change.kind === 'set') copy.set(change.bytes.subarray(0, room), at);
  if (change.kind === 'blank') copy.fill(0, at, at + change.length);
  if (change.kind === 'copy' || change.kind === 'swap') copy.set(piece.subarray(0, room), at);
  if (change.kind === 'swap') copy.set(bytes.subarray(at, at + piece.length).subarray(0, bytes.length - other), other);
  if (change.kind === 'delete') return join([bytes.subarray(0, at), bytes.subarray(at + change.length)]);
  if (change.kind === 'insert') return join([bytes.subarray(0, at), piece, bytes.subarray(at)]);
  if (change.kind === 'number' && room >= 8) view(copy).setBigUint64(at, change.number, true);
  if (change.kind === 'sealed') forge(copy, change, plan);
  return copy;
}

/** A field of a header, of a block's head or of an entry says something else, and its checksum says that this is right. */
function forge(bytes: Uint8Array, { field, number, at }: Change, plan: LogPlan): void {
  const { blocks } = layoutOf(plan);
  const { at: blockAt, count } = blocks[Math.floor(at * blocks.length)]!;
  const small = Number(number % 2n ** 32n);
  if (blockAt + 4096 > bytes.length) return;
  if (field < 10) {
    const fieldAt = [8, 24, 32, 44, 44, 44, 56, 56, 96, 104][field]!;
    if (fieldAt === 8 || fieldAt === 56) view(bytes).setUint32(fieldAt, small, true);
    else view(bytes).setBigUint64(fieldAt, number, true);
    sealHeader(bytes);
  } else if (field < 20 || count === 0) {
    if (field % 2 === 0) view(bytes).setBigUint64(blockAt, number, true);
    else view(bytes).setUint32(blockAt + 8, small, true);
    sealHead(bytes, blockAt);
  } else {
    const entryAt = blockAt + 32 + 32 * (field % count);
    if (field < 25) view(bytes).setUint32(entryAt + 12, small, true);
    else view(bytes).setBigUint64(entryAt, number, true);
    sealEntry(bytes, entryAt);
  }
}

describe('any damage', () => {
  it('is read as far as it goes, in bounds, or named', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyPlan(30),
        fc.array(anyChange, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (plan, changes, verifyData) => {
          let bytes = logOf(plan);
          for (const change of changes) bytes = changed(bytes, change, plan);
          await readAnything(bytes, verifyData);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('that blanks, removes or puts in a stretch makes up no write', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyPlan(30),
        fc.constantFrom('blank', 'remove', 'put in'),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.oneof(
          fc.integer({ min: 1, max: 100 }),
          fc.integer({ min: 1, max: 40 }).map((n) => n * 512),
        ),
        async (plan, kind, share, length) => {
          const bytes = logOf(plan);
          const at = Math.floor(share * bytes.length);
          const piece = kind === 'remove' ? [] : [new Uint8Array(length)];
          const rest = kind === 'put in' ? at : at + length;
          const { told } = await readAnything(join([bytes.subarray(0, at), ...piece, bytes.subarray(rest)]));
          const unplaced = told.map((each) => ({ ...each, dataAtBytes: undefined }));
          expect(isPartOf(unplaced, toldOf(plan))).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('in any file with a header, whatever follows', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 20_000 }), fc.boolean(), async (rest, isClosed) => {
        const bytes = join([logOf({ ...SIX, steps: [], isClosed }).subarray(0, 4096), rest]);
        expect((await readAnything(bytes)).problems).not.toEqual([]);
      }),
    );
  });
});
