import { join } from 'node:path';
import type { Bytes, Millis } from '../../units.ts';
import { readIfThere, replaceFile } from '../durable.ts';
import type { CopySession, Relationship } from '../replica-service.ts';

/** What a replica must know of a relationship after whatever was killed: one small file, replaced whole. */
export interface ReplicaState {
  readonly relationship: Relationship;
  readonly appliedSet: number;
  readonly recoveryPointAtMs: Millis | null;
  readonly copy: CopySession | null;
  /** All chunks of the copy have arrived; they are being put into the disks, and this will be the recovery point. */
  readonly mergingToMs: Millis | null;
  /** Earlier recovery points, the oldest first: each is the replica without the sets after it. */
  readonly points: readonly RecoveryPoint[];
}

export interface RecoveryPoint {
  readonly atMs: Millis;
  /** The set with whose application the point came; what the next one overwrote is in that one's undo logs. */
  readonly set: number;
}

const STATE_FILE = 'state.json';
const SCHEMA = 'asr-plan/replica-state@1';

/** @returns `undefined` where the folder holds no relationship */
export async function readState(folder: string): Promise<ReplicaState | undefined> {
  const text = await readIfThere(join(folder, STATE_FILE));
  if (text === undefined) return undefined;
  const { schema, ...state } = JSON.parse(text) as ReplicaState & { readonly schema: string };
  if (schema !== SCHEMA) throw new Error(`${join(folder, STATE_FILE)} is not of ${SCHEMA}`);
  return state;
}

export async function writeState(folder: string, state: ReplicaState): Promise<void> {
  await replaceFile(join(folder, STATE_FILE), `${JSON.stringify({ schema: SCHEMA, ...state }, null, 2)}\n`);
}

export function isSameRelationship(a: Relationship, b: Relationship): boolean {
  return (
    a.chunkBytes === b.chunkBytes &&
    a.disks.length === b.disks.length &&
    a.disks.every(({ sizeBytes }, disk) => sizeBytes === b.disks[disk]!.sizeBytes)
  );
}

/** Bytes of a chunk: the last one of a disk may be shorter. */
export function chunkLength({ chunkBytes, disks }: Relationship, disk: number, chunk: number): Bytes {
  return Math.min(chunkBytes, disks[disk]!.sizeBytes - chunk * chunkBytes);
}
