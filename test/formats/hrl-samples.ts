import fc from 'fast-check';
import { type HrlEntry, type HrlReading, type HrlReadOptions, readHrl } from '../../src/formats/hrl-read.ts';
import { type HrlWrite, HrlWriter, type HrlWriterOptions } from '../../src/formats/hrl-write.ts';
import { inMemory, type RandomAccess } from '../../src/formats/random-access.ts';

/** A write, and whether a metadata block follows it at once. */
export interface Step extends HrlWrite {
  readonly isFlushed: boolean;
}

export interface LogPlan {
  readonly steps: readonly Step[];
  readonly isClosed: boolean;
  readonly options: HrlWriterOptions;
}

export const CREATED_SEC = 539_842_380;

export function join(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** The file of a plan. An open log has a metadata block behind its last flush only. */
export function logOf({ steps, isClosed, options }: LogPlan): Uint8Array {
  const writer = new HrlWriter(options);
  const pieces = writer.start();
  for (const step of steps) {
    pieces.push(...writer.write(step));
    if (step.isFlushed) pieces.push(...writer.flush());
  }
  if (!isClosed) return join(pieces);
  const { end, header } = writer.close(CREATED_SEC + 4);
  const bytes = join([...pieces, ...end]);
  bytes.set(header, 0);
  return bytes;
}

/** What the law of a log's layout says of a plan: each write's place, and the metadata blocks as [place, first write, writes]. */
export function layoutOf({ steps, isClosed, options }: LogPlan) {
  const blockBytes = options.metadataBlockBytes ?? 4096;
  const mostEntries = blockBytes / 32 - 1;
  const dataAt: number[] = [];
  const blocks = [{ at: 4096, first: 0, count: 0 }];
  let at = 4096 + blockBytes;
  let first = 0;
  steps.forEach((step, index) => {
    dataAt.push(at);
    at += step.data.length;
    const isLast = isClosed && index === steps.length - 1;
    if (!step.isFlushed && index + 1 - first < mostEntries && !isLast) return;
    blocks.push({ at, first, count: index + 1 - first });
    at += blockBytes;
    first = index + 1;
  });
  return { dataAt, blocks, sizeBytes: at, blockBytes };
}

/** What a sound reading gives out for a write. */
export type Told = Pick<HrlEntry, 'byteOffset' | 'dataLength' | 'timestampSec2000' | 'dataAtBytes'>;

export function toldOf(plan: LogPlan): Told[] {
  const { dataAt } = layoutOf(plan);
  return plan.steps.map(({ byteOffset, data, timestampSec2000 }, index) => {
    return { byteOffset, dataLength: data.length, timestampSec2000, dataAtBytes: dataAt[index] };
  });
}

export interface Seen extends HrlReading {
  readonly entries: readonly HrlEntry[];
  readonly told: readonly Told[];
  readonly codes: readonly string[];
  readonly reads: number;
  readonly readBytes: number;
}

/** Reads bytes, and counts what was read of them. */
export async function read(bytes: Uint8Array, options?: HrlReadOptions): Promise<Seen> {
  const entries: HrlEntry[] = [];
  const counted = { reads: 0, readBytes: 0 };
  const inner = inMemory(bytes);
  const file: RandomAccess = {
    sizeBytes: bytes.length,
    async read(into, offset) {
      if (offset < 0 || offset + into.length > bytes.length) throw new Error(`read outside the file: ${offset}`);
      counted.reads++;
      counted.readBytes += into.length;
      return inner.read(into, offset);
    },
  };
  let passedBytes = 0;
  const sink = {
    entry: (entry: HrlEntry) => entries.push(entry),
    progress(readBytes: number) {
      if (readBytes > bytes.length + 2 ** 20) throw new Error(`progress beyond the file: ${readBytes}`);
      passedBytes = readBytes;
    },
  };
  const reading = await readHrl(file, sink, options);
  if (passedBytes < 0) throw new Error('progress below zero');
  const told = entries.map(({ byteOffset, dataLength, timestampSec2000, dataAtBytes }) => {
    return { byteOffset, dataLength, timestampSec2000, dataAtBytes };
  });
  return { ...reading, entries, told, codes: reading.problems.map(({ code }) => code), ...counted };
}

/** No more than three times the file, and no more reads than blocks and pieces allow. */
export function isReadingBounded(bytes: Uint8Array, { reads, readBytes }: Seen): boolean {
  return readBytes <= 3 * bytes.length + 64 * 1024 && reads <= 4 * (bytes.length / 512) + 32;
}

export const anyGuid: fc.Arbitrary<string> = fc.uuid().map((uuid) => `{${uuid}}`);

const anyOptions: fc.Arbitrary<HrlWriterOptions> = fc.record({
  createdSec2000: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  metadataBlockBytes: fc.constantFrom(512, 1024, 4096, 5120, 16_384),
  uniqueId: anyGuid,
  previousUniqueId: anyGuid,
  vhd2DataWriteGuid: anyGuid,
  hasDataChecksums: fc.boolean(),
});

/** Lengths in sectors, or any; the data of a write is what its generator draws: zeros, ones, or anything. */
function anyStep(isInSectors: boolean): fc.Arbitrary<Step> {
  const length = isInSectors ? fc.integer({ min: 0, max: 4 }).map((n) => n * 512) : fc.integer({ min: 0, max: 1500 });
  const data = fc.tuple(length, fc.integer({ min: 0, max: 255 }), fc.boolean()).map(([bytes, seed, isPlain]) => {
    return Uint8Array.from({ length: bytes }, (_, at) =>
      isPlain ? (seed & 1) * 255 : (at * 131 + seed * 7) ^ (at >> 3),
    );
  });
  return fc.record({
    byteOffset: fc.oneof(
      fc.integer({ min: 0, max: 2 ** 31 - 1 }),
      fc.integer({ min: 0, max: 2 ** 30 }).map((n) => n * 2 ** 21),
      fc.constant(Number.MAX_SAFE_INTEGER - 4096),
    ),
    data,
    timestampSec2000: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    isFlushed: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
  });
}

export function anyPlan(maxSteps = 40, isClosed: fc.Arbitrary<boolean> = fc.boolean()): fc.Arbitrary<LogPlan> {
  return fc
    .tuple(fc.boolean(), isClosed, anyOptions)
    .chain(([isInSectors, closed, options]) =>
      fc
        .array(anyStep(isInSectors), { maxLength: maxSteps })
        .map((steps): LogPlan => ({ steps, isClosed: closed, options })),
    );
}
