import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bytes, Millis } from '../../units.ts';
import {
  type CopySession,
  type LogSet,
  type Relationship,
  ReplicaError,
  type ReplicaService,
  type ReplicaStatus,
} from '../replica-service.ts';
import { RelationshipStore } from './relationship-store.ts';
import { isSameRelationship } from './replica-state.ts';

/** No more disks, and no larger ones, are taken from a stranger: Hyper-V has four SCSI controllers of 64, and 64 TiB a VHDX. */
const DISKS_MOST = 260;
const DISK_BYTES_MOST: Bytes = 64 * 1024 ** 4;
const CHUNK_BYTES_MOST: Bytes = 16 * 1024 ** 2;
const CHUNK_BYTES_LEAST: Bytes = 4096;
const DIGESTS_MOST = 4096;
const NAME_LENGTH_MOST = 256;

/** A relationship's id is the name of its folder: nothing but this makes one. */
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The replicas of a folder, each relationship in a folder named by its id. Only one process may serve a folder. */
export class ReplicaStore implements ReplicaService {
  readonly #folder: string;
  readonly #stores = new Map<string, RelationshipStore>();
  /** The last call of each relationship: the next one waits for it. */
  readonly #lastCalls = new Map<string, Promise<unknown>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async open(relationship: Relationship): Promise<ReplicaStatus> {
    checkRelationship(relationship);
    return await this.#inTurn(relationship.id, async () => {
      const store = await this.#find(relationship.id);
      if (store !== undefined && !isSameRelationship(store.state.relationship, relationship)) {
        throw new ReplicaError('conflict', 'the relationship has other disks here');
      }
      return (store ?? (await this.#create(relationship))).status;
    });
  }

  async beginCopy(relationshipId: string, session: CopySession): Promise<void> {
    if (!ID.test(session.id)) throw new ReplicaError('invalid', 'the session’s id is no GUID');
    await this.#with(relationshipId, (store) => store.beginCopy(session));
  }

  async digests(relationshipId: string, disk: number, firstChunk: number, chunkCount: number): Promise<Uint8Array> {
    checkCount('disk', disk, DISKS_MOST);
    checkCount('firstChunk', firstChunk, DISK_BYTES_MOST / CHUNK_BYTES_LEAST);
    checkCount('chunkCount', chunkCount, DIGESTS_MOST);
    if (chunkCount === 0) return new Uint8Array(0);
    return await this.#with(relationshipId, (store) => store.digests(disk, firstChunk, chunkCount));
  }

  async putChunk(
    relationshipId: string,
    sessionId: string,
    disk: number,
    chunk: number,
    data: Uint8Array,
  ): Promise<void> {
    checkCount('disk', disk, DISKS_MOST);
    checkCount('chunk', chunk, DISK_BYTES_MOST / CHUNK_BYTES_LEAST);
    await this.#with(relationshipId, (store) => store.putChunk(sessionId, disk, chunk, data));
  }

  async endCopy(relationshipId: string, sessionId: string, recoveryPointAtMs: Millis): Promise<void> {
    if (!Number.isFinite(recoveryPointAtMs)) throw new ReplicaError('invalid', 'the recovery point is no instant');
    await this.#with(relationshipId, (store) => store.endCopy(sessionId, recoveryPointAtMs));
  }

  async putLog(
    relationshipId: string,
    setNumber: number,
    disk: number,
    offset: Bytes,
    data: Uint8Array,
  ): Promise<void> {
    checkCount('set', setNumber, Number.MAX_SAFE_INTEGER);
    checkCount('disk', disk, DISKS_MOST);
    checkCount('offset', offset, DISK_BYTES_MOST);
    await this.#with(relationshipId, (store) => store.putLog(setNumber, disk, offset, data));
  }

  async commitSet(relationshipId: string, set: LogSet): Promise<void> {
    checkCount('set', set.number, Number.MAX_SAFE_INTEGER);
    await this.#with(relationshipId, (store) => {
      if (set.logs.length !== store.disks.length) {
        throw new ReplicaError('invalid', `a set of ${set.logs.length} logs for ${store.disks.length} disks`);
      }
      return store.commitSet(set);
    });
  }

  /** For one who looks at a relationship's files while no call changes them. `unknown` where there is none. */
  async with<Result>(relationshipId: string, use: (store: RelationshipStore) => Promise<Result>): Promise<Result> {
    return await this.#with(relationshipId, use);
  }

  async close(): Promise<void> {
    for (const [id, store] of this.#stores) await this.#inTurn(id, () => store.close());
    this.#stores.clear();
  }

  async #with<Result>(relationshipId: string, use: (store: RelationshipStore) => Promise<Result>): Promise<Result> {
    if (!ID.test(relationshipId)) throw new ReplicaError('unknown', 'there is no such relationship');
    return await this.#inTurn(relationshipId, async () => {
      const store = await this.#find(relationshipId);
      if (store === undefined) throw new ReplicaError('unknown', 'there is no such relationship');
      return await use(store);
    });
  }

  async #find(id: string): Promise<RelationshipStore | undefined> {
    const there = this.#stores.get(id);
    if (there !== undefined) return there;
    const store = await RelationshipStore.open(join(this.#folder, id));
    if (store !== undefined) this.#stores.set(id, store);
    return store;
  }

  async #create(relationship: Relationship): Promise<RelationshipStore> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const store = await RelationshipStore.create(join(this.#folder, relationship.id), relationship);
    this.#stores.set(relationship.id, store);
    return store;
  }

  async #inTurn<Result>(id: string, call: () => Promise<Result>): Promise<Result> {
    const before = this.#lastCalls.get(id) ?? Promise.resolve();
    const turn = before.then(call, call);
    const settled = turn.catch(() => undefined);
    this.#lastCalls.set(id, settled);
    try {
      return await turn;
    } catch (error) {
      throw hasNoSpace(error) ? new ReplicaError('full', 'the replica’s volume is full') : error;
    } finally {
      if (this.#lastCalls.get(id) === settled) this.#lastCalls.delete(id);
    }
  }
}

function hasNoSpace(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

function checkCount(name: string, value: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= 0 && value <= most) return;
  throw new ReplicaError('invalid', `${name} is no whole number from 0 to ${most}`);
}

function checkRelationship({ id, vmName, disks, chunkBytes }: Relationship): void {
  if (!ID.test(id)) throw new ReplicaError('invalid', 'the relationship’s id is no GUID');
  if (vmName.length > NAME_LENGTH_MOST) throw new ReplicaError('invalid', 'the VM’s name is too long');
  if (disks.length === 0 || disks.length > DISKS_MOST) throw new ReplicaError('invalid', `${disks.length} disks`);
  if (!Number.isSafeInteger(chunkBytes) || chunkBytes < CHUNK_BYTES_LEAST || chunkBytes > CHUNK_BYTES_MOST) {
    throw new ReplicaError('invalid', `chunks of ${chunkBytes} bytes`);
  }
  for (const { name, sizeBytes } of disks) {
    if (name.length > NAME_LENGTH_MOST) throw new ReplicaError('invalid', 'a disk’s name is too long');
    checkCount('sizeBytes', sizeBytes, DISK_BYTES_MOST);
    if (sizeBytes === 0) throw new ReplicaError('invalid', 'a disk of 0 bytes');
  }
}
