/**
 * `node bench/hrl.ts`: how fast a Hyper-V Replica Log of 1 GiB is read, which it makes in the system's folder for temporary files: writes of
 * 8 KiB at random places, with checksums of their data. Each line is the median of five runs in MB of log per second, with the slowest
 * and the fastest beside it, and the bytes that were read of the file. The last line is this machine's limit: the same file in pieces of
 * 1 MiB, in the same breath.
 */
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { HRL_AT } from '../src/formats/hrl-layout.ts';
import { type HrlReadOptions, readHrl } from '../src/formats/hrl-read.ts';
import { HrlWriter } from '../src/formats/hrl-write.ts';
import type { RandomAccess } from '../src/formats/random-access.ts';
import { GIB, KIB, MIB } from '../src/units.ts';
import { peakBytes } from './peak.ts';

const REPEATS = 5;
const WRITE_BYTES = 8 * KIB;
const DISK_BYTES = 128 * GIB;

/** Numerical Recipes' generator, the same in every run. */
function* numbers(): Generator<number, never> {
  for (let state = 1; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state;
  }
}

async function makeLog(handle: FileHandle): Promise<number> {
  const random = numbers();
  const pool = Uint8Array.from({ length: MIB }, () => random.next().value >>> 24);
  const writer = new HrlWriter({ createdSec2000: 0, hasDataChecksums: true });
  let sizeBytes = 0;
  const put = async (pieces: readonly Uint8Array[]): Promise<void> => {
    for (const piece of pieces) {
      await handle.write(piece, 0, piece.length, sizeBytes);
      sizeBytes += piece.length;
    }
  };
  await put(writer.start());
  for (let second = 0; sizeBytes < GIB; second++) {
    const byteOffset = (random.next().value % (DISK_BYTES / WRITE_BYTES)) * WRITE_BYTES;
    const from = random.next().value % (MIB - WRITE_BYTES);
    await put(
      writer.write({ byteOffset, data: pool.subarray(from, from + WRITE_BYTES), timestampSec2000: second >> 8 }),
    );
  }
  const { end, header } = writer.close(1);
  await put(end);
  await handle.write(header, 0, header.length, 0);
  return sizeBytes;
}

function counted(handle: FileHandle, sizeBytes: number): RandomAccess & { readBytes: number } {
  return {
    sizeBytes,
    readBytes: 0,
    async read(into, offset) {
      const { bytesRead } = await handle.read(into, 0, into.length, offset);
      this.readBytes += bytesRead;
      return bytesRead;
    },
  };
}

async function readLog(handle: FileHandle, sizeBytes: number, options: HrlReadOptions): Promise<number> {
  const file = counted(handle, sizeBytes);
  let dataBytes = 0;
  const { problems, loggedBytes, isRecovered } = await readHrl(
    file,
    {
      entry: ({ dataLength }) => {
        dataBytes += dataLength;
      },
    },
    options,
  );
  const found = problems.map(({ code }) => code).join();
  if (found !== (isRecovered ? 'hrl-not-closed' : '') || loggedBytes !== dataBytes || dataBytes < 0.9 * GIB) {
    throw new Error(`the log was not read whole: ${found}`);
  }
  return file.readBytes;
}

async function readPlainly(handle: FileHandle, sizeBytes: number): Promise<number> {
  const piece = new Uint8Array(MIB);
  let at = 0;
  while (at < sizeBytes) at += (await handle.read(piece, 0, piece.length, at)).bytesRead;
  return at;
}

async function line(what: string, sizeBytes: number, work: () => Promise<number>): Promise<void> {
  const rates: number[] = [];
  let readBytes = 0;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const startMs = performance.now();
    readBytes = await work();
    rates.push(sizeBytes / 1e3 / (performance.now() - startMs));
  }
  const [slowest, , median, , fastest] = rates.sort((a, b) => a - b).map((rate) => rate.toFixed(0));
  process.stdout.write(`| ${what} | ${median} MB/s | ${slowest}–${fastest} | ${(readBytes / MIB).toFixed(0)} MiB |\n`);
}

process.stdout.write(`Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model}\n\n`);
process.stdout.write('| what | median | slowest–fastest | read |\n|---|---|---|---|\n');
const folder = await mkdtemp(join(tmpdir(), 'asr-plan-bench-'));
try {
  const handle = await open(join(folder, 'log.hrl'), 'w+');
  try {
    const sizeBytes = await makeLog(handle);
    await line('closed: header, blocks, entries', sizeBytes, () => readLog(handle, sizeBytes, {}));
    await line('closed: and the data', sizeBytes, () => readLog(handle, sizeBytes, { verifyData: true }));
    await openAgain(handle);
    await line('not closed: blocks looked for', sizeBytes, () => readLog(handle, sizeBytes, {}));
    await line('not closed: and the data', sizeBytes, () => readLog(handle, sizeBytes, { verifyData: true }));
    await line('a plain read', sizeBytes, () => readPlainly(handle, sizeBytes));
    process.stdout.write(`\npeak memory ${(peakBytes() / 2 ** 20).toFixed(0)} MiB\n`);
  } finally {
    await handle.close();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** EOLLocation becomes 0. The sum of the header loses those bytes, and its checksum gains them. */
async function openAgain(handle: FileHandle): Promise<void> {
  const header = new Uint8Array(4 * KIB);
  await handle.read(header, 0, header.length, 0);
  const view = new DataView(header.buffer);
  const lost = header.subarray(HRL_AT.eol, HRL_AT.eol + 8).reduce((sum, byte) => sum + byte, 0);
  header.fill(0, HRL_AT.eol, HRL_AT.eol + 8);
  view.setUint32(HRL_AT.checksum, view.getUint32(HRL_AT.checksum, true) + lost, true);
  await handle.write(header, 0, header.length, 0);
}
