import { createHash, type Hash } from 'node:crypto';
import { access, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { HrlEntry } from '../../formats/hrl-read.ts';
import type { Bytes, Millis } from '../../units.ts';
import type { BlockDevice } from '../block-device.ts';
import { ByteFile } from '../byte-file.ts';
import { readIfThere, replaceFile, syncFolder } from '../durable.ts';
import { type CopySession, DIGEST_BYTES, type LogSet, ReplicaError, type ReplicaStatus } from '../replica-service.ts';
import { applyLog, readWholeLog, writeUndoLog } from './apply-log.ts';
import { ChunkOverlay } from './chunk-overlay.ts';
import { RawDisk } from './raw-disk.ts';
import { chunkLength, type RecoveryPoint, type ReplicaState, readState, writeState } from './replica-state.ts';

/** A log that arrives: how far it is, and the hash of what has arrived. */
interface Arrival {
  readonly file: ByteFile;
  readonly hash: Hash;
  sizeBytes: Bytes;
}

/**
 * The replica of one VM in a folder of its own. One call at a time. Every step stands in the files before the next one builds on it, so
 * that a process which is killed anywhere goes on with {@link open} where it was:
 *
 *     pieces ─▶ incoming/N/disk-i.hrl ─▶ set.json ─▶ undo/N ─▶ disks ─▶ state.json: N applied ─▶ incoming/N removed
 *     chunks ─▶ disks (first copy), or overlays (resynchronization) ─▶ state.json: merging ─▶ disks ─▶ state.json: a recovery point
 */
export class RelationshipStore {
  readonly folder: string;
  readonly disks: readonly BlockDevice[];
  #state: ReplicaState;
  readonly #arrivals = new Map<number, Arrival>();
  readonly #overlays = new Map<number, ChunkOverlay>();

  private constructor(folder: string, state: ReplicaState, disks: readonly BlockDevice[]) {
    this.folder = folder;
    this.#state = state;
    this.disks = disks;
  }

  /** Makes the replica with disks of zeros. */
  static async create(folder: string, relationship: ReplicaState['relationship']): Promise<RelationshipStore> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeState(folder, {
      relationship,
      appliedSet: 0,
      recoveryPointAtMs: null,
      copy: null,
      mergingToMs: null,
      points: [],
    });
    return (await RelationshipStore.open(folder))!;
  }

  /** Opens what is there and ends what was begun. @returns `undefined` where there is no relationship */
  static async open(folder: string): Promise<RelationshipStore | undefined> {
    const state = await readState(folder);
    if (state === undefined) return undefined;
    const disks = await Promise.all(
      state.relationship.disks.map(({ sizeBytes }, disk) => RawDisk.open(diskPath(folder, disk), sizeBytes)),
    );
    const store = new RelationshipStore(folder, state, disks);
    if (state.mergingToMs !== null) await store.#mergeCopy();
    await store.#finishPending();
    return store;
  }

  get state(): ReplicaState {
    return this.#state;
  }

  get status(): ReplicaStatus {
    const { appliedSet, recoveryPointAtMs, copy } = this.#state;
    return { appliedSet, recoveryPointAtMs, copy };
  }

  async beginCopy(session: CopySession): Promise<void> {
    const { copy } = this.#state;
    if (copy?.id === session.id) return;
    await this.#finishPending();
    await this.#dropIncoming();
    await this.#dropOverlays();
    await this.#update({ copy: session });
  }

  /** SHA-256 of each chunk as it would be after the copy under way. */
  async digests(disk: number, firstChunk: number, chunkCount: number): Promise<Uint8Array> {
    this.#checkChunk(disk, firstChunk + chunkCount - 1);
    const { relationship } = this.#state;
    const digests = new Uint8Array(chunkCount * DIGEST_BYTES);
    const overlay = await this.#overlayOf(disk);
    const buffer = new Uint8Array(relationship.chunkBytes);
    for (let index = 0; index < chunkCount; index++) {
      const chunk = firstChunk + index;
      const content = buffer.subarray(0, chunkLength(relationship, disk, chunk));
      if (overlay?.has(chunk) === true) await overlay.read(content, chunk);
      else await this.disks[disk]!.read(content, chunk * relationship.chunkBytes);
      digests.set(createHash('sha256').update(content).digest(), index * DIGEST_BYTES);
    }
    return digests;
  }

  async putChunk(sessionId: string, disk: number, chunk: number, data: Uint8Array): Promise<void> {
    this.#checkSession(sessionId);
    this.#checkChunk(disk, chunk);
    const { relationship } = this.#state;
    const expectedBytes = chunkLength(relationship, disk, chunk);
    if (data.length !== expectedBytes) {
      throw new ReplicaError('invalid', `chunk ${chunk} has ${data.length} bytes instead of ${expectedBytes}`);
    }
    const overlay = await this.#overlayOf(disk);
    if (overlay === undefined) await this.disks[disk]!.write(data, chunk * relationship.chunkBytes);
    else await overlay.write(data, chunk);
  }

  async endCopy(sessionId: string, recoveryPointAtMs: Millis): Promise<void> {
    // The answer was lost: it is done.
    if (this.#state.copy === null && this.#state.recoveryPointAtMs === recoveryPointAtMs) return;
    this.#checkSession(sessionId);
    for (let disk = 0; disk < this.disks.length; disk++) await (await this.#overlayOf(disk))?.sync();
    for (const disk of this.disks) await disk.flush();
    await this.#update({ mergingToMs: recoveryPointAtMs });
    await this.#mergeCopy();
  }

  async putLog(setNumber: number, disk: number, offset: Bytes, data: Uint8Array): Promise<void> {
    this.#checkSetNumber(setNumber);
    if (disk >= this.disks.length) throw new ReplicaError('unknown', `there is no disk ${disk}`);
    if ((await readIfThere(this.#setPath(setNumber))) !== undefined) {
      throw new ReplicaError('conflict', `set ${setNumber} is whole already`);
    }
    if (offset === 0) await this.#beginArrival(setNumber, disk);
    const arrival = this.#arrivals.get(disk);
    if (arrival?.sizeBytes !== offset) {
      throw new ReplicaError(
        'conflict',
        `the log of disk ${disk} goes on at ${arrival?.sizeBytes ?? 0}, not at ${offset}`,
      );
    }
    await arrival.file.write(data, offset);
    arrival.hash.update(data);
    arrival.sizeBytes += data.length;
  }

  async commitSet(set: LogSet): Promise<void> {
    if (set.number <= this.#state.appliedSet) return;
    this.#checkSetNumber(set.number);
    if ((await readIfThere(this.#setPath(set.number))) === undefined) await this.#takeIn(set);
    await this.#apply(set);
  }

  async close(): Promise<void> {
    await this.#endArrivals();
    for (const overlay of this.#overlays.values()) await overlay.close();
    this.#overlays.clear();
    for (const disk of this.disks) await disk.close();
  }

  /** The undo logs that take the disks back to a recovery point, the newest set first. */
  async undoPaths(point: RecoveryPoint): Promise<string[][]> {
    const { appliedSet } = this.#state;
    // A set that was begun to be applied may have changed the disks.
    const isBegun = await isThere(this.#undoFolder(appliedSet + 1));
    const paths: string[][] = [];
    for (let set = appliedSet + (isBegun ? 1 : 0); set > point.set; set--) {
      paths.push(this.disks.map((_, disk) => join(this.#undoFolder(set), logName(disk))));
    }
    return paths;
  }

  async #beginArrival(setNumber: number, disk: number): Promise<void> {
    await this.#arrivals.get(disk)?.file.close();
    this.#arrivals.delete(disk);
    const folder = this.#incomingFolder(setNumber);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, logName(disk));
    await rm(path, { force: true });
    this.#arrivals.set(disk, { file: await ByteFile.open(path, 'wx'), hash: createHash('sha256'), sizeBytes: 0 });
  }

  /** Checks what has arrived; from then on the set is sure to be applied. */
  async #takeIn(set: LogSet): Promise<void> {
    for (const [disk, { sizeBytes, sha256 }] of set.logs.entries()) {
      const arrival = this.#arrivals.get(disk);
      if (arrival?.sizeBytes !== sizeBytes) {
        throw new ReplicaError(
          'conflict',
          `of the log of disk ${disk} ${arrival?.sizeBytes ?? 0} of ${sizeBytes} bytes are here`,
        );
      }
      if (arrival.hash.copy().digest('hex') !== sha256) {
        throw new ReplicaError('corrupt', `the log of disk ${disk} is not the one that was sent`);
      }
      await arrival.file.sync();
    }
    await this.#endArrivals();
    for (let disk = 0; disk < this.disks.length; disk++) await this.#withLog(set.number, disk, async () => undefined);
    await syncFolder(this.#incomingFolder(set.number));
    await replaceFile(this.#setPath(set.number), JSON.stringify(set));
  }

  /** A set that is whole is applied, whatever came between: its first writes may be in the disks. */
  async #finishPending(): Promise<void> {
    const pending = await readIfThere(this.#setPath(this.#state.appliedSet + 1));
    if (pending !== undefined) await this.#apply(JSON.parse(pending) as LogSet);
  }

  async #apply(set: LogSet): Promise<void> {
    const { number, cutAtMs, keepFromMs } = set;
    await this.#makeUndo(number);
    for (const [disk, device] of this.disks.entries()) {
      await this.#withLog(number, disk, (entries, file) => applyLog(file, entries, device));
      await device.flush();
    }
    const { recoveryPointAtMs, appliedSet, points } = this.#state;
    const before = recoveryPointAtMs === null ? [] : [{ atMs: recoveryPointAtMs, set: appliedSet }];
    const kept = [...points, ...before].filter(({ atMs }) => keepFromMs !== null && atMs >= keepFromMs);
    await this.#update({ appliedSet: number, recoveryPointAtMs: cutAtMs, points: kept });
    await rm(this.#incomingFolder(number), { recursive: true, force: true });
    await this.#dropUndoUpTo(kept[0]?.set ?? number);
  }

  async #dropUndoUpTo(setNumber: number): Promise<void> {
    for (const name of await readdir(join(this.folder, 'undo'))) {
      if (Number.parseInt(name, 10) <= setNumber) await rm(join(this.folder, 'undo', name), { recursive: true });
    }
  }

  /** What the set is going to overwrite: made once, before the first byte of the set is written. */
  async #makeUndo(setNumber: number): Promise<void> {
    const folder = this.#undoFolder(setNumber);
    if (await isThere(folder)) return;
    const draft = `${folder}.new`;
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { recursive: true, mode: 0o700 });
    for (const [disk, device] of this.disks.entries()) {
      await this.#withLog(setNumber, disk, (entries) => writeUndoLog(join(draft, logName(disk)), entries, device));
    }
    await syncFolder(draft);
    await rename(draft, folder);
    await syncFolder(join(this.folder, 'undo'));
  }

  async #withLog(
    setNumber: number,
    disk: number,
    use: (entries: readonly HrlEntry[], file: Awaited<ReturnType<ByteFile['randomAccess']>>) => Promise<void>,
  ): Promise<void> {
    const log = await ByteFile.open(join(this.#incomingFolder(setNumber), logName(disk)), 'r');
    try {
      const file = await log.randomAccess();
      await use(await readWholeLog(file, this.disks[disk]!.sizeBytes), file);
    } finally {
      await log.close();
    }
  }

  /** Puts the chunks of a resynchronization into the disks; done again it does the same. */
  async #mergeCopy(): Promise<void> {
    const { relationship, mergingToMs } = this.#state;
    for (const [disk, device] of this.disks.entries()) {
      const overlay = await this.#overlayOf(disk);
      for (const chunk of overlay?.chunks ?? []) {
        const content = new Uint8Array(chunkLength(relationship, disk, chunk));
        await overlay!.read(content, chunk);
        await device.write(content, chunk * relationship.chunkBytes);
      }
      await device.flush();
    }
    await this.#update({ copy: null, mergingToMs: null, recoveryPointAtMs: mergingToMs, points: [] });
    await this.#dropOverlays();
    await rm(join(this.folder, 'undo'), { recursive: true, force: true });
  }

  /** Where a resynchronization puts the chunks of a disk; none in the first copy, before which there is no point to go back to. */
  async #overlayOf(disk: number): Promise<ChunkOverlay | undefined> {
    const { copy, recoveryPointAtMs, relationship } = this.#state;
    if (copy === null || recoveryPointAtMs === null) return undefined;
    const there = this.#overlays.get(disk);
    if (there !== undefined) return there;
    const overlay = await ChunkOverlay.open(overlayPath(this.folder, disk), relationship.chunkBytes);
    this.#overlays.set(disk, overlay);
    return overlay;
  }

  async #dropOverlays(): Promise<void> {
    for (const overlay of this.#overlays.values()) await overlay.close();
    this.#overlays.clear();
    for (let disk = 0; disk < this.disks.length; disk++) await ChunkOverlay.remove(overlayPath(this.folder, disk));
  }

  async #dropIncoming(): Promise<void> {
    await this.#endArrivals();
    await rm(join(this.folder, 'incoming'), { recursive: true, force: true });
  }

  async #endArrivals(): Promise<void> {
    for (const { file } of this.#arrivals.values()) await file.close();
    this.#arrivals.clear();
  }

  async #update(change: Partial<ReplicaState>): Promise<void> {
    const state = { ...this.#state, ...change };
    await writeState(this.folder, state);
    this.#state = state;
  }

  #checkSession(sessionId: string): void {
    if (this.#state.copy?.id !== sessionId) throw new ReplicaError('conflict', 'no such copy is under way');
  }

  #checkChunk(disk: number, chunk: number): void {
    const { relationship } = this.#state;
    const size = relationship.disks[disk]?.sizeBytes;
    if (size === undefined) throw new ReplicaError('unknown', `there is no disk ${disk}`);
    if (chunk * relationship.chunkBytes >= size)
      throw new ReplicaError('invalid', `disk ${disk} has no chunk ${chunk}`);
  }

  #checkSetNumber(setNumber: number): void {
    const { appliedSet, copy } = this.#state;
    if (copy !== null) throw new ReplicaError('conflict', 'a copy is under way');
    if (setNumber !== appliedSet + 1) {
      throw new ReplicaError('conflict', `the next set is ${appliedSet + 1}, not ${setNumber}`);
    }
  }

  #incomingFolder(setNumber: number): string {
    return join(this.folder, 'incoming', String(setNumber));
  }

  #setPath(setNumber: number): string {
    return join(this.#incomingFolder(setNumber), 'set.json');
  }

  #undoFolder(setNumber: number): string {
    return join(this.folder, 'undo', String(setNumber));
  }
}

/** Of a VM's disk at the replica, a raw image. */
export function diskPath(folder: string, disk: number): string {
  return join(folder, `disk-${disk}.raw`);
}

function overlayPath(folder: string, disk: number): string {
  return join(folder, `disk-${disk}.resync`);
}

function logName(disk: number): string {
  return `disk-${disk}.hrl`;
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
