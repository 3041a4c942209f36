import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bytes, Millis } from '../../units.ts';
import type { BlockDevice } from '../block-device.ts';
import { ByteFile } from '../byte-file.ts';
import { ReplicaError } from '../replica-service.ts';
import { isZeros } from '../zeros.ts';
import { applyLog, readWholeLog } from './apply-log.ts';
import { RawDisk } from './raw-disk.ts';
import type { RelationshipStore } from './relationship-store.ts';

const PIECE_BYTES: Bytes = 1024 ** 2;

/** An image of each disk as of a recovery point, and the point's instant. */
export interface TestFailover {
  readonly atMs: Millis;
  readonly paths: readonly string[];
}

/**
 * Makes raw images of a replica's disks as they are at its latest recovery point, or at the newest kept one that is not after `atMs`: a test
 * failover's machine starts from them, and what it writes leaves the replica alone.
 *
 * @throws ReplicaError `refused` where there is no such point; whatever the file system throws. No image is left half-written.
 */
export async function testFailover(
  store: RelationshipStore,
  folder: string,
  atMs: Millis = Number.POSITIVE_INFINITY,
): Promise<TestFailover> {
  const { recoveryPointAtMs, appliedSet, points } = store.state;
  if (recoveryPointAtMs === null) throw new ReplicaError('refused', 'there is no recovery point yet');
  const all = [...points, { atMs: recoveryPointAtMs, set: appliedSet }];
  const point = all.findLast((candidate) => candidate.atMs <= atMs);
  if (point === undefined) throw new ReplicaError('refused', `the oldest recovery point is at ${all[0]!.atMs} ms`);
  const undo = await store.undoPaths(point);
  const paths: string[] = [];
  for (const [disk, device] of store.disks.entries()) {
    const path = join(folder, `disk-${disk}.raw`);
    const draft = `${path}.part`;
    await rm(draft, { force: true });
    const image = await RawDisk.open(draft, device.sizeBytes);
    try {
      await copyDisk(device, image);
      for (const set of undo) await undoOne(set[disk]!, image);
      await image.flush();
    } finally {
      await image.close();
    }
    await rename(draft, path);
    paths.push(path);
  }
  return { atMs: point.atMs, paths };
}

/** Copies what is not zeros onto a disk of zeros. */
export async function copyDisk(from: BlockDevice, to: BlockDevice): Promise<void> {
  const buffer = new Uint8Array(PIECE_BYTES);
  for (let at = 0; at < from.sizeBytes; at += PIECE_BYTES) {
    const piece = buffer.subarray(0, from.sizeBytes - at);
    await from.read(piece, at);
    if (!isZeros(piece)) await to.write(piece, at);
  }
}

async function undoOne(path: string, image: BlockDevice): Promise<void> {
  const log = await ByteFile.open(path, 'r');
  try {
    const file = await log.randomAccess();
    await applyLog(file, await readWholeLog(file, image.sizeBytes), image);
  } finally {
    await log.close();
  }
}
