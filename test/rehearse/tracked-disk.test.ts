import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type HrlEntry, readHrl } from '../../src/formats/hrl-read.ts';
import { ByteFile } from '../../src/rehearse/byte-file.ts';
import { OpenLog } from '../../src/rehearse/primary/open-log.ts';
import { TrackedDisk } from '../../src/rehearse/primary/tracked-disk.ts';
import { MemoryDisk } from './memory-disk.ts';

const SIZE = 64 * 1024;
let folder: string;
let broken: unknown[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'asr-plan-tracked-'));
  broken = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function tracked(device: MemoryDisk = new MemoryDisk(SIZE), into: string = folder): TrackedDisk {
  const events = { logBroken: (error: unknown) => broken.push(error), reached: () => broken.push('reached') };
  return new TrackedDisk(device, { folder: into, name: 'disk', nowSec2000: () => 7 }, events);
}

async function entriesOf(path: string): Promise<{ entries: HrlEntry[]; data: Buffer[] }> {
  const file = await ByteFile.open(path, 'r');
  const access = await file.randomAccess();
  const entries: HrlEntry[] = [];
  const reading = await readHrl(access, { entry: (entry) => entries.push(entry) });
  expect(reading.problems).toEqual([]);
  expect(reading.isClosed).toBe(true);
  const data: Buffer[] = [];
  for (const { dataAtBytes, dataLength } of entries) {
    const piece = Buffer.alloc(dataLength);
    await file.read(piece, dataAtBytes!);
    data.push(piece);
  }
  await file.close();
  return { entries, data };
}

const anyWrites = fc.array(
  fc.tuple(fc.integer({ min: 0, max: SIZE - 600 }), fc.uint8Array({ minLength: 1, maxLength: 600 })),
  { maxLength: 300 },
);

describe('the open log', () => {
  test('has every write between two cuts, in their order and with their data', async () => {
    await fc.assert(
      fc.asyncProperty(anyWrites, anyWrites, async (first, second) => {
        rmSync(folder, { recursive: true, force: true });
        folder = mkdtempSync(join(tmpdir(), 'asr-plan-tracked-'));
        const disk = tracked();
        await disk.write(Buffer.from('untracked'), 0);
        disk.cut();
        // None of them is waited for: they are in the log by the order of the calls.
        const writes = first.map(([offset, data]) => disk.write(data, offset));
        const close = disk.cut()!;
        const more = second.map(([offset, data]) => disk.write(data, offset));
        const closed = await close();
        const { entries, data } = await entriesOf(closed.path);
        expect(entries.map(({ byteOffset }) => byteOffset)).toEqual(first.map(([offset]) => offset));
        expect(Buffer.concat(data).equals(Buffer.concat(first.map(([, bytes]) => bytes)))).toBe(true);
        expect(closed.dataBytes).toBe(first.reduce((sum, [, { length }]) => sum + length, 0));
        await Promise.all([...writes, ...more]);
        expect(disk.writtenBytes).toBe(9 + closed.dataBytes + second.reduce((sum, [, { length }]) => sum + length, 0));
        await disk.close();
      }),
      { numRuns: 30 },
    );
  });

  test('is chained to the one before', async () => {
    const disk = tracked();
    disk.cut();
    const first = await disk.cut()!();
    const second = await disk.cut()!();
    const headers = await Promise.all(
      [first, second].map(async ({ path }) => {
        const file = await ByteFile.open(path, 'r');
        const { header } = await readHrl(await file.randomAccess(), { entry: () => undefined });
        await file.close();
        return header!;
      }),
    );
    expect(headers[1]!.previousUniqueId).toBe(headers[0]!.uniqueId);
    await disk.close();
  });

  test('that cannot be written breaks the log and not the guest', async () => {
    const disk = tracked(undefined, join(folder, 'absent'));
    disk.cut();
    await disk.write(Buffer.from('kept'), 5);
    expect(broken.map((error) => (error as NodeJS.ErrnoException).code)).toEqual(['ENOENT']);
    const read = Buffer.alloc(4);
    await disk.read(read, 5);
    expect(read.toString()).toBe('kept');
    await disk.close();
  });

  test('takes no more after a failure', async () => {
    const log = new OpenLog(join(folder, 'absent', 'x.hrl'), { uniqueId: '{a}', createdSec2000: 0 });
    await expect(log.append(0, Buffer.from('a'), 0)).rejects.toThrow('ENOENT');
    await expect(log.append(0, Buffer.from('b'), 0)).rejects.toThrow('ENOENT');
  });

  test('that is dropped leaves no file', async () => {
    const disk = tracked();
    disk.cut();
    void disk.write(Buffer.from('a'), 0);
    await disk.dropLog();
    expect(readdirSync(folder)).toEqual([]);
    expect(disk.openLogBytes).toBe(0);
    await disk.close();
  });
});

describe('the disk', () => {
  test('a write that it refuses breaks the log, and the guest is told', async () => {
    const device = new MemoryDisk(SIZE);
    device.write = () => Promise.reject(new Error('no such sector'));
    const disk = tracked(device);
    disk.cut();
    await expect(disk.write(Buffer.from('a'), 0)).rejects.toThrow('no such sector');
    expect(broken.map(String)).toEqual(['Error: no such sector']);
    await disk.close();
  });

  test('beyond its end: nothing is logged or written', async () => {
    const disk = tracked();
    disk.cut();
    expect(() => disk.write(Buffer.alloc(2), SIZE - 1)).toThrow(RangeError);
    expect(disk.writtenBytes).toBe(0);
    await disk.close();
  });

  test('tells the write that reaches what is watched for, once', async () => {
    const disk = tracked();
    disk.watch(10);
    await disk.write(Buffer.alloc(9), 0);
    expect(broken).toEqual([]);
    await disk.write(Buffer.alloc(1), 0);
    await disk.write(Buffer.alloc(9), 0);
    expect(broken).toEqual(['reached']);
    await disk.close();
  });
});

describe('a frozen view', () => {
  test('is what the disk was, whatever is written meanwhile, and grows by whole blocks', async () => {
    await fc.assert(
      fc.asyncProperty(anyWrites, anyWrites, async (before, after) => {
        rmSync(folder, { recursive: true, force: true });
        folder = mkdtempSync(join(tmpdir(), 'asr-plan-tracked-'));
        const disk = tracked();
        const expected = Buffer.alloc(SIZE);
        for (const [offset, data] of before) {
          void disk.write(data, offset);
          expected.set(data, offset);
        }
        disk.freeze(4096);
        const touched = new Set<number>();
        const writes = after.map(([offset, data]) => {
          for (let block = Math.floor(offset / 4096); block <= Math.floor((offset + data.length - 1) / 4096); block++) {
            touched.add(block);
          }
          return disk.write(data, offset);
        });
        const early = Buffer.alloc(SIZE);
        await disk.readView(early, 0);
        await Promise.all(writes);
        const late = Buffer.alloc(5000);
        await disk.readView(late, 3000);
        expect(early.equals(expected)).toBe(true);
        expect(late.equals(expected.subarray(3000, 8000))).toBe(true);
        expect(disk.viewBytes).toBe(touched.size * 4096);
        await disk.dropView();
        expect(disk.viewBytes).toBe(0);
        expect(readdirSync(folder)).toEqual([]);
        await disk.close();
      }),
      { numRuns: 30 },
    );
  });
});
