import { createHash, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { Bytes, BytesPerSec, Millis } from '../../units.ts';
import { ByteFile } from '../byte-file.ts';
import type { Clock } from '../clock.ts';
import { type CopySession, DIGEST_BYTES, type Relationship, type ReplicaService } from '../replica-service.ts';
import { isZeros } from '../zeros.ts';
import type { ClosedLog } from './open-log.ts';
import type { TrackedDisk } from './tracked-disk.ts';

/** Bytes of a log that are sent at once. */
const PIECE_BYTES: Bytes = 1024 ** 2;
/** Digests that are asked for at once. */
const DIGESTS_AT_ONCE = 256;

/** The logs of one cut on their way. */
interface InFlightSet {
  readonly number: number;
  readonly cutAtMs: Millis;
  readonly logs: Promise<readonly ClosedLog[]>;
  fileBytes: Bytes;
}

/** A copy under way. */
interface Copy {
  readonly session: CopySession;
  /** Of each disk, the chunk from which on nothing has been sent. */
  readonly nextChunk: number[];
  sentChunkBytes: Bytes;
  /** The replica's disks were zeros when it began: chunks of zeros need not be sent. Unknown before it has begun there. */
  isOntoZeros: boolean | undefined;
}

export interface SenderOptions {
  readonly replica: ReplicaService;
  readonly relationship: Relationship;
  readonly disks: readonly TrackedDisk[];
  readonly clock: Clock;
  /** The rehearsal's 0, in milliseconds since 1970: the replica counts from there. */
  readonly epochMs: Millis;
  /** At which the two sides are compared, per disk (semantics 25); Infinity = as fast as they are read. */
  readonly compareBytesPerSec: BytesPerSec;
}

/**
 * Carries out what the core asks to be sent: disks of the first copy, the logs of a cut, a resynchronization. What has arrived in whole
 * chunks is not sent again after a break; a set of logs is sent anew (semantics 10, 16, 26).
 */
export class Sender {
  readonly #options: SenderOptions;
  #appliedSet = 0;
  #copy: Copy | undefined;
  #set: InFlightSet | undefined;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Chunk bytes, uncompressed, that the copy under way has sent. */
  get sentChunkBytes(): Bytes {
    return this.#copy?.sentChunkBytes ?? 0;
  }

  /** File bytes of the logs in flight; 0 where none are. */
  get inFlightBytes(): Bytes {
    return this.#set?.fileBytes ?? 0;
  }

  /** A new copy begins: nothing of it has been sent. */
  beginCopy(kind: CopySession['kind']): void {
    const nextChunk = this.#options.disks.map(() => 0);
    this.#copy = { session: { id: randomUUID(), kind }, nextChunk, sentChunkBytes: 0, isOntoZeros: undefined };
  }

  /**
   * The logs of a cut, while they are still being closed.
   *
   * @param fileBytes what they take so far
   */
  takeSet(cutAtMs: Millis, closing: readonly Promise<ClosedLog>[], fileBytes: Bytes): void {
    const logs = Promise.all(closing);
    const set: InFlightSet = { number: this.#appliedSet + 1, cutAtMs, logs, fileBytes };
    this.#set = set;
    logs.then(
      (closed) => {
        set.fileBytes = closed.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
      },
      // Whoever sends the set meets the failure.
      () => undefined,
    );
  }

  /** The logs in flight are not needed any more. */
  async dropSet(): Promise<void> {
    const set = this.#set;
    this.#set = undefined;
    const logs = await set?.logs.catch(() => []);
    for (const { path } of logs ?? []) await rm(path, { force: true });
  }

  /** Sends what is missing of a disk of the first copy; with the last disk the replica is whole, as of `snapshotAtMs`. */
  async sendDisk(disk: number, snapshotAtMs: Millis, signal: AbortSignal): Promise<void> {
    const { replica, relationship, disks } = this.#options;
    const session = await this.#enterCopy();
    const device = disks[disk]!;
    const buffer = new Uint8Array(relationship.chunkBytes);
    for (const { chunk, offset, lengthBytes } of this.#missingChunks(disk)) {
      const content = buffer.subarray(0, lengthBytes);
      await device.readView(content, offset);
      signal.throwIfAborted();
      if (this.#copy!.isOntoZeros !== true || !isZeros(content)) await this.#put(session, disk, chunk, content);
      this.#copy!.nextChunk[disk] = chunk + 1;
      signal.throwIfAborted();
    }
    if (disk + 1 === disks.length) await replica.endCopy(relationship.id, session.id, this.#at(snapshotAtMs));
  }

  /** Compares the two sides chunk by chunk and sends what differs; the replica is then as of `startedAtMs`. */
  async resynchronize(startedAtMs: Millis, signal: AbortSignal): Promise<void> {
    const { replica, relationship, disks, clock, compareBytesPerSec } = this.#options;
    // The disks are compared side by side (decision 0002, 10), reading ahead of what is sent.
    const beganAtMs = clock.nowMs();
    const session = await this.#enterCopy();
    for (const [disk, device] of disks.entries()) {
      const { nextChunk } = this.#copy!;
      const firstChunk = nextChunk[disk]!;
      let digests: Uint8Array = new Uint8Array(0);
      const buffer = new Uint8Array(relationship.chunkBytes);
      for (const { chunk, offset, lengthBytes } of this.#missingChunks(disk)) {
        const index = (chunk - firstChunk) % DIGESTS_AT_ONCE;
        if (index === 0) {
          const count = Math.min(DIGESTS_AT_ONCE, Math.ceil(device.sizeBytes / relationship.chunkBytes) - chunk);
          digests = await replica.digests(relationship.id, disk, chunk, count);
          signal.throwIfAborted();
        }
        const content = buffer.subarray(0, lengthBytes);
        await device.readView(content, offset);
        const readBytes = offset + lengthBytes - firstChunk * relationship.chunkBytes;
        await clock.until(beganAtMs + (readBytes * 1000) / compareBytesPerSec, signal);
        signal.throwIfAborted();
        const theirs = digests.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);
        if (!createHash('sha256').update(content).digest().equals(theirs)) {
          await this.#put(session, disk, chunk, content);
        }
        nextChunk[disk] = chunk + 1;
        signal.throwIfAborted();
      }
    }
    await replica.endCopy(relationship.id, session.id, this.#at(startedAtMs));
  }

  /** Sends the logs in flight; resolves when the replica has applied them. */
  async sendSet(keepFromMs: Millis | null, signal: AbortSignal): Promise<void> {
    const { replica, relationship } = this.#options;
    const set = this.#set!;
    const logs = await set.logs;
    const status = await replica.open(relationship);
    // The answer to an earlier attempt may have been lost.
    if (status.appliedSet < set.number) {
      const sent: { sizeBytes: Bytes; sha256: string }[] = [];
      for (const [disk, log] of logs.entries()) {
        sent.push({ sizeBytes: log.sizeBytes, sha256: await this.#sendLog(set.number, disk, log, signal) });
      }
      const keepFrom = keepFromMs === null ? null : this.#at(keepFromMs);
      await replica.commitSet(relationship.id, {
        number: set.number,
        cutAtMs: this.#at(set.cutAtMs),
        logs: sent,
        keepFromMs: keepFrom,
      });
    }
    this.#appliedSet = set.number;
  }

  async #sendLog(setNumber: number, disk: number, log: ClosedLog, signal: AbortSignal): Promise<string> {
    const { replica, relationship } = this.#options;
    const hash = createHash('sha256');
    const file = await ByteFile.open(log.path, 'r');
    try {
      for (let offset = 0; offset < log.sizeBytes; offset += PIECE_BYTES) {
        const piece = new Uint8Array(Math.min(PIECE_BYTES, log.sizeBytes - offset));
        await file.read(piece, offset);
        signal.throwIfAborted();
        hash.update(piece);
        await replica.putLog(relationship.id, setNumber, disk, offset, piece);
        signal.throwIfAborted();
      }
    } finally {
      await file.close();
    }
    return hash.digest('hex');
  }

  async #enterCopy(): Promise<CopySession> {
    const { replica, relationship } = this.#options;
    const copy = this.#copy!;
    const { session } = copy;
    const { appliedSet, recoveryPointAtMs, copy: theirs } = await replica.open(relationship);
    this.#appliedSet = appliedSet;
    // The replica does not know what was sent to it any more.
    if (theirs?.id !== session.id) copy.nextChunk.fill(0);
    copy.isOntoZeros ??= appliedSet === 0 && recoveryPointAtMs === null && theirs === null;
    await replica.beginCopy(relationship.id, session);
    return session;
  }

  async #put(session: CopySession, disk: number, chunk: number, content: Uint8Array): Promise<void> {
    const { replica, relationship } = this.#options;
    await replica.putChunk(relationship.id, session.id, disk, chunk, content);
    this.#copy!.sentChunkBytes += content.length;
  }

  *#missingChunks(disk: number): Iterable<{ chunk: number; offset: Bytes; lengthBytes: Bytes }> {
    const { relationship, disks } = this.#options;
    const { sizeBytes } = disks[disk]!;
    const { chunkBytes } = relationship;
    for (let chunk = this.#copy!.nextChunk[disk]!; chunk * chunkBytes < sizeBytes; chunk++) {
      const offset = chunk * chunkBytes;
      yield { chunk, offset, lengthBytes: Math.min(chunkBytes, sizeBytes - offset) };
    }
  }

  #at(atMs: Millis): Millis {
    return this.#options.epochMs + atMs;
  }
}
