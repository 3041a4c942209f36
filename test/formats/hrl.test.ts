import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteSum } from '../../src/formats/hrl-checksum.ts';
import { entriesPerBlock, isHrl } from '../../src/formats/hrl-layout.ts';
import { hrlSizeBytes } from '../../src/formats/hrl-read.ts';
import { HrlWriter } from '../../src/formats/hrl-write.ts';
import { anyPlan, CREATED_SEC, isReadingBounded, layoutOf, logOf, read, toldOf } from './hrl-samples.ts';

const PUBLISHED = resolve(import.meta.dirname, '../../../shared/data/ms-hrl-example.csv');
/** [MS-HRL] 3: the log's identities. */
const IDENTITIES = {
  createdSec2000: 539_842_380,
  uniqueId: '{572fc7ff-1f03-49ab-b3c5-30a665b8e20c}',
  previousUniqueId: '{a8ae4b46-f7ad-4402-87aa-5b33e9f89c77}',
  vhd2DataWriteGuid: '{b9be5c57-f8be-5503-98bb-6c44faf9ac87}',
};
/** [MS-HRL] 3: some of its 58 entries, as DataLength, ByteOffset, TimeStamp, Checksum. */
const SOME_ENTRIES = [
  [4096, 3_626_348_544, 539_842_381, 4_294_966_608],
  [4096, 8_026_886_144, 539_842_381, 4_294_966_558],
  [2048, 139_466_752, 539_842_381, 4_294_966_933],
  [12_288, 3_699_957_760, 539_842_381, 4_294_966_425],
  [512, 138_656_768, 539_842_381, 4_294_966_788],
  [1024, 135_266_304, 539_842_382, 4_294_967_024],
  [31_232, 3_673_733_120, 539_842_382, 4_294_966_280],
  [4096, 10_188_185_600, 539_842_382, 4_294_966_776],
  [4096, 3_626_340_352, 539_842_382, 4_294_966_639],
] as const;

type Row = readonly [dataLength: number, byteOffset: number, timestampSec2000: number, checksum: number];

function stepsOf(rows: readonly Row[]) {
  return rows.map(([dataLength, byteOffset, timestampSec2000]) => {
    return { byteOffset, data: new Uint8Array(dataLength), timestampSec2000, isFlushed: false };
  });
}

const uint32At = (bytes: Uint8Array, at: number): number => new DataView(bytes.buffer).getUint32(at, true);

/** As slow and as plain as can be. */
function plainChecksum(bytes: readonly number[]): number {
  return Number(2n ** 32n - 1n - (bytes.reduce((sum, byte) => sum + BigInt(byte), 0n) % 2n ** 32n));
}

describe('the published log', () => {
  it('entries have the checksums that were printed', async () => {
    const seen = await read(logOf({ steps: stepsOf(SOME_ENTRIES), isClosed: true, options: IDENTITIES }));
    expect(seen.problems).toEqual([]);
    expect(
      seen.entries.map((entry) => [entry.dataLength, entry.byteOffset, entry.timestampSec2000, entry.checksum]),
    ).toEqual(SOME_ENTRIES);
  });

  it('the first metadata block stands behind the header, is empty and has the checksum of all ones', () => {
    const bytes = logOf({ steps: [], isClosed: true, options: IDENTITIES });
    expect(bytes.length).toBe(8192);
    expect([uint32At(bytes, 4096), uint32At(bytes, 4104), uint32At(bytes, 4108)]).toEqual([0, 0, 4_294_967_295]);
  });

  it('the header has each field where it must be', async () => {
    const bytes = logOf({ steps: stepsOf(SOME_ENTRIES), isClosed: true, options: IDENTITIES });
    expect(Buffer.from(bytes.subarray(0, 8)).toString()).toBe('msctlog ');
    expect(Buffer.from(bytes.subarray(16, 20)).toString()).toBe('ct  ');
    expect(uint32At(bytes, 8)).toBe(0x0002_0000);
    expect(uint32At(bytes, 12)).toBe(539_842_380);
    expect([uint32At(bytes, 32), uint32At(bytes, 44), uint32At(bytes, 56)]).toEqual([bytes.length, bytes.length, 4096]);
    expect([uint32At(bytes, 92), uint32At(bytes, 96)]).toEqual([539_842_384, 9]);
    expect(Buffer.from(bytes.subarray(60, 76)).toString('hex')).toBe('ffc72f57031fab49b3c530a665b8e20c');
    expect(Buffer.from(bytes.subarray(110, 126)).toString('hex')).toBe('575cbeb9bef8035598bb6c44faf9ac87');
    const others = [...bytes.subarray(0, 40), ...bytes.subarray(44, 4096)];
    expect(uint32At(bytes, 40)).toBe(plainChecksum(others));
    const { header, isClosed } = await read(bytes);
    expect(isClosed).toBe(true);
    expect(header).toEqual({
      ...IDENTITIES,
      logFormatVersion: 0x0002_0000,
      creatorApplication: 'ct',
      creatorVersion: 0x000a_0000,
      originalSizeBytes: 0,
      currentSizeBytes: bytes.length,
      checksum: uint32At(bytes, 40),
      eolLocationBytes: bytes.length,
      errorCode: 0,
      metadataBlockBytes: 4096,
      lastModifiedSec2000: CREATED_SEC + 4,
      totalMetadataEntries: 9,
      fileType: 0,
      flags: 0,
    });
  });

  const isHere = existsSync(PUBLISHED);
  it.skipIf(!isHere)(`is rebuilt with all its checksums${isHere ? '' : ' (skipped: no sample here)'}`, async () => {
    const rows = readFileSync(PUBLISHED, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').map(Number).slice(1) as unknown as Row);
    const bytes = logOf({ steps: stepsOf(rows), isClosed: true, options: IDENTITIES });
    expect(bytes.length).toBe(332_288);
    expect(bytes.length).toBe(hrlSizeBytes(320_000, 1));
    expect(uint32At(bytes, 4096 + 12)).toBe(4_294_967_295);
    expect([uint32At(bytes, 328_192), uint32At(bytes, 328_200)]).toEqual([324_096, 58]);
    expect(uint32At(bytes, 328_192 + 12)).toBe(4_294_966_991);
    const seen = await read(bytes);
    expect(seen.entries.map(({ checksum }) => checksum)).toEqual(rows.map((row) => row[3]));
    expect(seen.problems).toEqual([]);
    expect(seen).toMatchObject({ entryCount: 58, loggedBytes: 320_000, metadataBlockCount: 2, endBytes: 332_288 });
  });
});

describe('laws of whole logs', () => {
  it('what is written is read, closed or not', async () => {
    await fc.assert(
      fc.asyncProperty(anyPlan(), fc.boolean(), async (plan, verifyData) => {
        const bytes = logOf(plan);
        const { blocks, sizeBytes } = layoutOf(plan);
        const seen = await read(bytes, { verifyData });
        const flushed = blocks.reduce((sum, { count }) => sum + count, 0);
        expect(bytes.length).toBe(sizeBytes);
        expect(seen.told).toEqual(toldOf(plan).slice(0, flushed));
        expect(seen).toMatchObject({ isClosed: plan.isClosed, isRecovered: !plan.isClosed, entryCount: flushed });
        expect(seen.header).toMatchObject({ ...seen.header, ...withoutSwitches(plan.options) });
        const end = blocks.at(-1)!.at + layoutOf(plan).blockBytes;
        expect(seen).toMatchObject({ metadataBlockCount: blocks.length, endBytes: end, furtherProblemCount: 0 });
        expect(seen.lostBytes).toBe(bytes.length - end);
        const torn = end < bytes.length ? ['hrl-torn-end'] : [];
        expect(seen.codes).toEqual(plan.isClosed ? [] : ['hrl-not-closed', ...torn]);
        expect(isReadingBounded(bytes, seen)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('a closed log has the size that follows from its data and its flushes', async () => {
    await fc.assert(
      fc.asyncProperty(anyPlan(60, fc.constant(true)), async (plan) => {
        const blockBytes = plan.options.metadataBlockBytes ?? 4096;
        const { loggedBytes, metadataBlockCount, entryCount, header } = await read(logOf(plan));
        const sizeBytes = hrlSizeBytes(loggedBytes, metadataBlockCount - 1, blockBytes);
        expect([logOf(plan).length, header?.currentSizeBytes]).toEqual([sizeBytes, sizeBytes]);
        expect(metadataBlockCount - 1).toBeGreaterThanOrEqual(Math.ceil(entryCount / entriesPerBlock(blockBytes)));
        expect(header?.totalMetadataEntries).toBe(entryCount);
      }),
    );
  });

  it('only what is needed of a closed log is read', async () => {
    const steps = Array.from({ length: 500 }, (_, n) => {
      return { byteOffset: n * 65_536, data: new Uint8Array(65_536).fill(n), timestampSec2000: n, isFlushed: false };
    });
    const bytes = logOf({ steps, isClosed: true, options: { createdSec2000: 0, hasDataChecksums: true } });
    const lean = await read(bytes);
    const verified = await read(bytes, { verifyData: true });
    expect([lean.problems, verified.problems]).toEqual([[], []]);
    expect(lean.readBytes).toBeLessThan(200_000);
    expect(verified.readBytes).toBeGreaterThan(500 * 65_536);
    expect(verified.readBytes).toBeLessThan(bytes.length * 1.01);
    expect(verified.told).toEqual(lean.told);
  });

  it('where little is written between flushes, each pass reads a byte once', async () => {
    const steps = Array.from({ length: 300 }, (_, n) => {
      return { byteOffset: n * 512, data: new Uint8Array(512), timestampSec2000: n, isFlushed: true };
    });
    const bytes = logOf({ steps, isClosed: true, options: { createdSec2000: 0, metadataBlockBytes: 9 * 1024 } });
    const seen = await read(bytes);
    expect(seen.entryCount).toBe(300);
    expect(seen.readBytes).toBeLessThan(2.01 * bytes.length + 32 * 1024);
    expect(seen.reads).toBeLessThan(2 * 300);
  });

  it('a log of version 1 has no Data Write GUID, and is said to be one', async () => {
    const options = { ...IDENTITIES, logFormatVersion: 0x0001_0000 };
    const seen = await read(logOf({ steps: stepsOf(SOME_ENTRIES), isClosed: true, options }));
    expect(seen.codes).toEqual(['hrl-version-1']);
    expect(seen.entryCount).toBe(9);
    expect(seen.header).not.toHaveProperty('vhd2DataWriteGuid');
  });

  it('is told by its first bytes', () => {
    const bytes = logOf({ steps: [], isClosed: false, options: IDENTITIES });
    expect(isHrl(bytes.subarray(0, 8))).toBe(true);
    expect(isHrl(bytes.subarray(0, 6))).toBe(false);
    expect(isHrl(new TextEncoder().encode('vhdxfile'))).toBe(false);
  });

  it('the writer refuses what the format has no room for', () => {
    const writer = new HrlWriter(IDENTITIES);
    const data = new Uint8Array(1);
    for (const byteOffset of [-1, 0.5, Number.NaN, 2 ** 53, Number.MAX_SAFE_INTEGER]) {
      expect(() => writer.write({ byteOffset, data, timestampSec2000: 0 })).toThrow(RangeError);
    }
    for (const metadataBlockBytes of [0, 64, 4000, 513, 2 ** 20 + 512, -512, 0.5]) {
      expect(() => new HrlWriter({ ...IDENTITIES, metadataBlockBytes })).toThrow(RangeError);
    }
  });
});

it('a sum of bytes is the sum of the bytes, wherever they lie', () => {
  const anyBytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.integer({ min: 0, max: 3000 }).map((length) => new Uint8Array(length).fill(255)),
    fc.integer({ min: 0, max: 3000 }).map((length) => Uint8Array.from({ length }, (_, at) => (at * 193) & 255)),
  );
  fc.assert(
    fc.property(anyBytes, fc.nat(7), fc.nat(40), fc.nat(40), (bytes, shift, head, tail) => {
      const shifted = new Uint8Array(new ArrayBuffer(bytes.length + shift), shift);
      shifted.set(bytes);
      const from = Math.min(head, bytes.length);
      const to = Math.max(from, bytes.length - tail);
      expect(byteSum(shifted, from, to)).toBe(bytes.slice(from, to).reduce((sum, byte) => sum + byte, 0));
    }),
    { numRuns: 500 },
  );
});

function withoutSwitches<T extends { hasDataChecksums?: boolean }>(options: T): Omit<T, 'hasDataChecksums'> {
  const { hasDataChecksums: _, ...rest } = options;
  return rest;
}
