import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HrlWriter } from '../../src/formats/hrl-write.ts';
import { extentsOf } from '../../src/rehearse/replica/apply-log.ts';
import { ReplicaStore } from '../../src/rehearse/replica/replica-store.ts';
import { testFailover } from '../../src/rehearse/replica/test-failover.ts';
import { DIGEST_BYTES, type LogSet, type Relationship, ReplicaError } from '../../src/rehearse/replica-service.ts';

const ID = '00000000-0000-4000-8000-00000000000a';
const FIRST = '00000000-0000-4000-8000-00000000000b';
const SECOND = '00000000-0000-4000-8000-00000000000c';
const CHUNK = 4096;
const SIZE = 3 * CHUNK + 512;
const RELATIONSHIP: Relationship = {
  id: ID,
  vmName: '../SQL01',
  disks: [{ name: 'a', sizeBytes: SIZE }],
  chunkBytes: CHUNK,
};

interface Write {
  readonly offset: number;
  readonly data: Uint8Array;
}

let folder: string;
let store: ReplicaStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'asr-plan-store-'));
  store = new ReplicaStore(join(folder, 'replica'));
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** As a process that was killed would find it, but for what only memory held. */
function reopen(): void {
  store = new ReplicaStore(join(folder, 'replica'));
}

function logOf(writes: readonly Write[]): Buffer {
  const writer = new HrlWriter({ createdSec2000: 0 });
  const pieces = [...writer.start()];
  for (const { offset, data } of writes)
    pieces.push(...writer.write({ byteOffset: offset, data, timestampSec2000: 0 }));
  const { end, header } = writer.close(0);
  const file = Buffer.concat([...pieces, ...end]);
  file.set(header, 0);
  return file;
}

function setOf(number: number, log: Uint8Array, keepFromMs: number | null = null): LogSet {
  const sha256 = createHash('sha256').update(log).digest('hex');
  return { number, cutAtMs: number * 1000, logs: [{ sizeBytes: log.length, sha256 }], keepFromMs };
}

async function send(number: number, writes: readonly Write[], keepFromMs: number | null = null): Promise<void> {
  const log = logOf(writes);
  const half = Math.floor(log.length / 2);
  await store.putLog(ID, number, 0, 0, log.subarray(0, half));
  await store.putLog(ID, number, 0, half, log.subarray(half));
  await store.commitSet(ID, setOf(number, log, keepFromMs));
}

async function image(atMs?: number): Promise<Buffer> {
  const out = join(folder, 'out');
  mkdirSync(out, { recursive: true });
  const { paths } = await store.with(ID, (one) => testFailover(one, out, atMs));
  return readFileSync(paths[0]!);
}

function applied(writes: readonly Write[], onto: Buffer = Buffer.alloc(SIZE)): Buffer {
  const disk = Buffer.from(onto);
  for (const { offset, data } of writes) disk.set(data, offset);
  return disk;
}

async function protect(): Promise<void> {
  await store.open(RELATIONSHIP);
  await store.beginCopy(ID, { id: FIRST, kind: 'initial' });
  await store.endCopy(ID, FIRST, 500);
}

const anyWrite: fc.Arbitrary<Write> = fc
  .tuple(fc.integer({ min: 0, max: SIZE - 1 }), fc.uint8Array({ minLength: 1, maxLength: 3000 }))
  .map(([offset, data]) => ({ offset, data: data.subarray(0, SIZE - offset) }));

describe('sets of logs', () => {
  test('every recovery point that is kept is the disk as it was then, after a restart too', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(anyWrite, { maxLength: 6 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 0, max: 6 }),
        async (sets, keepFromSet) => {
          await store.close();
          rmSync(folder, { recursive: true, force: true });
          mkdirSync(folder);
          reopen();
          await protect();
          const disks = [applied([])];
          for (const [index, writes] of sets.entries()) {
            await send(index + 1, writes, keepFromSet * 1000);
            disks.push(applied(writes, disks.at(-1)));
          }
          await store.close();
          reopen();
          for (let set = Math.max(1, keepFromSet); set <= sets.length; set++) {
            expect(Buffer.compare(await image(set * 1000), disks[set]!), `set ${set}`).toBe(0);
          }
          expect(Buffer.compare(await image(), disks.at(-1)!)).toBe(0);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('points that are not kept are gone, and so is their space', async () => {
    await protect();
    const writes = [{ offset: 0, data: Buffer.from('one') }];
    await send(1, writes, 0);
    await send(2, writes, 2000);
    await expect(image(1500)).rejects.toThrow('the oldest recovery point is at 2000 ms');
    await send(3, writes, null);
    expect(readdirSync(join(folder, 'replica', ID, 'undo'))).toEqual([]);
    expect(readdirSync(join(folder, 'replica', ID, 'incoming'))).toEqual([]);
  });

  test('are applied once: a second commit, and pieces of a set that was applied, change nothing', async () => {
    await protect();
    await send(1, [{ offset: 0, data: Buffer.from('one') }]);
    await send(2, [{ offset: 0, data: Buffer.from('two') }]);
    await store.commitSet(ID, setOf(1, logOf([{ offset: 0, data: Buffer.from('one') }])));
    await expect(store.putLog(ID, 1, 0, 0, Buffer.from('x'))).rejects.toMatchObject({ code: 'conflict' });
    await expect(store.putLog(ID, 4, 0, 0, Buffer.from('x'))).rejects.toMatchObject({ code: 'conflict' });
    expect((await image()).subarray(0, 3).toString()).toBe('two');
    expect((await store.open(RELATIONSHIP)).appliedSet).toBe(2);
  });

  test('what is not what was sent is not applied', async () => {
    await protect();
    const log = logOf([{ offset: 0, data: Buffer.from('one') }]);
    await store.putLog(ID, 1, 0, 0, log);
    const other = setOf(1, Buffer.from('another'));
    await expect(store.commitSet(ID, other)).rejects.toMatchObject({ code: 'conflict' });
    await expect(
      store.commitSet(ID, { ...setOf(1, log), logs: [{ sizeBytes: log.length, sha256: 'ab' }] }),
    ).rejects.toMatchObject({ code: 'corrupt' });
    await expect(store.putLog(ID, 1, 0, 7, log)).rejects.toMatchObject({ code: 'conflict' });
    // From its beginning it can be sent again.
    await send(1, [{ offset: 5, data: Buffer.from('two') }]);
    expect((await image()).subarray(0, 8).toString('latin1')).toBe('\0\0\0\0\0two');
  });

  test.each([
    ['torn', (log: Buffer) => log.subarray(0, log.length - 100)],
    ['not closed', (log: Buffer) => Buffer.concat([log.subarray(0, 44), Buffer.alloc(8), log.subarray(52)])],
    ['no log', () => Buffer.from('no log at all')],
    ['writing beyond the disk', () => logOf([{ offset: SIZE - 1, data: Buffer.from('xy') }])],
  ])('a log that is %s is corrupt', async (_, damage) => {
    await protect();
    const log = damage(logOf([{ offset: 0, data: Buffer.from('one') }]));
    await store.putLog(ID, 1, 0, 0, log);
    await expect(store.commitSet(ID, setOf(1, log))).rejects.toMatchObject({ code: 'corrupt' });
    expect(Buffer.compare(await image(), applied([]))).toBe(0);
  });
});

describe('copies', () => {
  test('a resynchronization leaves the old points alone until it ends', async () => {
    await protect();
    const old = [{ offset: 10, data: Buffer.from('old') }];
    await send(1, old);
    await store.beginCopy(ID, { id: SECOND, kind: 'resync' });
    const chunk = Buffer.alloc(CHUNK, 7);
    await store.putChunk(ID, SECOND, 0, 1, chunk);
    expect(Buffer.compare(await image(), applied(old))).toBe(0);
    await store.close();
    reopen();
    expect((await store.open(RELATIONSHIP)).copy).toEqual({ id: SECOND, kind: 'resync' });
    const digests = await store.digests(ID, 0, 1, 1);
    expect(Buffer.from(digests).equals(createHash('sha256').update(chunk).digest())).toBe(true);
    await store.putChunk(ID, SECOND, 0, 3, Buffer.alloc(512, 9));
    await store.endCopy(ID, SECOND, 9000);
    await store.endCopy(ID, SECOND, 9000);
    const expected = applied([
      ...old,
      { offset: CHUNK, data: chunk },
      { offset: 3 * CHUNK, data: Buffer.alloc(512, 9) },
    ]);
    expect(Buffer.compare(await image(), expected)).toBe(0);
    expect(await store.open(RELATIONSHIP)).toEqual({ appliedSet: 1, recoveryPointAtMs: 9000, copy: null });
    expect(existsSync(join(folder, 'replica', ID, 'disk-0.resync'))).toBe(false);
  });

  test('chunks of another session, of the wrong length, of no place: refused', async () => {
    await store.open(RELATIONSHIP);
    await store.beginCopy(ID, { id: FIRST, kind: 'initial' });
    const put = (session: string, disk: number, chunk: number, bytes: number): Promise<unknown> =>
      store.putChunk(ID, session, disk, chunk, new Uint8Array(bytes)).catch((error: ReplicaError) => error.code);
    expect(await put(SECOND, 0, 0, CHUNK)).toBe('conflict');
    expect(await put(FIRST, 1, 0, CHUNK)).toBe('unknown');
    expect(await put(FIRST, 0, 4, CHUNK)).toBe('invalid');
    expect(await put(FIRST, 0, 3, CHUNK)).toBe('invalid');
    expect(await put(FIRST, 0, -1, CHUNK)).toBe('invalid');
    expect(await put(FIRST, 0.5, 0, CHUNK)).toBe('invalid');
    expect(await put(FIRST, 0, 3, 512)).toBeUndefined();
    await expect(store.putLog(ID, 1, 0, 0, Buffer.from('x'))).rejects.toMatchObject({ code: 'conflict' });
  });

  test('digests are those of the chunks', async () => {
    await store.open(RELATIONSHIP);
    await store.beginCopy(ID, { id: FIRST, kind: 'initial' });
    await store.putChunk(ID, FIRST, 0, 2, Buffer.alloc(CHUNK, 5));
    const digests = await store.digests(ID, 0, 0, 4);
    expect(digests).toHaveLength(4 * DIGEST_BYTES);
    for (const [index, content] of [
      Buffer.alloc(CHUNK),
      Buffer.alloc(CHUNK),
      Buffer.alloc(CHUNK, 5),
      Buffer.alloc(512),
    ].entries()) {
      const digest = digests.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);
      expect(Buffer.compare(digest, createHash('sha256').update(content).digest()), `chunk ${index}`).toBe(0);
    }
  });
});

describe('relationships', () => {
  test('only a GUID names a folder', async () => {
    for (const id of ['..', '../x', '', ID.toUpperCase(), `${ID}/..`, 'con']) {
      await expect(store.open({ ...RELATIONSHIP, id })).rejects.toBeInstanceOf(ReplicaError);
      await expect(store.digests(id, 0, 0, 1)).rejects.toMatchObject({ code: 'unknown' });
    }
    expect(existsSync(join(folder, 'replica'))).toBe(false);
  });

  test('sizes of strangers are bounded', async () => {
    for (const change of [
      { disks: [] },
      { disks: [{ name: 'a', sizeBytes: 0 }] },
      { disks: [{ name: 'a', sizeBytes: 2 ** 60 }] },
      { disks: [{ name: 'a', sizeBytes: 1.5 }] },
      { disks: Array(300).fill({ name: 'a', sizeBytes: 512 }) },
      { chunkBytes: 1 },
      { chunkBytes: 2 ** 30 },
      { vmName: 'x'.repeat(300) },
    ]) {
      await expect(store.open({ ...RELATIONSHIP, ...change })).rejects.toMatchObject({ code: 'invalid' });
    }
    expect(existsSync(join(folder, 'replica'))).toBe(false);
  });

  test('another disk under the same id is a conflict', async () => {
    await store.open(RELATIONSHIP);
    const larger = { ...RELATIONSHIP, disks: [{ name: 'a', sizeBytes: SIZE + 512 }] };
    await expect(store.open(larger)).rejects.toMatchObject({ code: 'conflict' });
  });

  test('no recovery point, no test failover', async () => {
    await store.open(RELATIONSHIP);
    await expect(image()).rejects.toMatchObject({ code: 'refused' });
  });
});

test('extents are what the writes touch', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ byteOffset: fc.nat(60), dataLength: fc.nat(12) })), (writes) => {
      const touched = new Set(
        writes.flatMap(({ byteOffset, dataLength }) => Array.from({ length: dataLength }, (_, at) => byteOffset + at)),
      );
      const extents = extentsOf(writes);
      const covered = extents.flatMap(({ offset, endBytes }) =>
        Array.from({ length: endBytes - offset }, (_, at) => offset + at),
      );
      expect(covered).toEqual([...touched].sort((a, b) => a - b));
      for (const [index, extent] of extents.slice(1).entries())
        expect(extent.offset).toBeGreaterThan(extents[index]!.endBytes);
    }),
  );
});
