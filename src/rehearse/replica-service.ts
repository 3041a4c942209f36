import type { Bytes, Millis } from '../units.ts';

/** One VM's replication relationship, as the primary names it to the replica. */
export interface Relationship {
  /** A GUID, lower case, without braces. The only name of which the replica makes a path. */
  readonly id: string;
  /** A stranger's text: shown, never made into a path. */
  readonly vmName: string;
  readonly disks: readonly { readonly name: string; readonly sizeBytes: Bytes }[];
  /** Bytes of a fixed chunk, in which full copies and resynchronizations are sent. */
  readonly chunkBytes: Bytes;
}

/** What a replica knows of a relationship. */
export interface ReplicaStatus {
  /** Number of the last set of logs that was applied; 0 before the first. */
  readonly appliedSet: number;
  /** To which the replica is consistent; `null` before the first copy is whole, and while a resynchronization runs over it. */
  readonly recoveryPointAtMs: Millis | null;
  /** The copy that is under way. */
  readonly copy: CopySession | null;
}

/** Chunks that are sent: initial replication, or a resynchronization. */
export interface CopySession {
  /** A GUID, lower case: a chunk that names another session is refused. */
  readonly id: string;
  readonly kind: 'initial' | 'resync';
}

/** The logs of one cut, one for each disk in their order. */
export interface LogSet {
  /** Counted from 1 without a gap. */
  readonly number: number;
  readonly cutAtMs: Millis;
  readonly logs: readonly { readonly sizeBytes: Bytes; readonly sha256: string }[];
  /** Recovery points before this may go; `null` where none is kept but the latest. */
  readonly keepFromMs: Millis | null;
}

/** `unknown` no such relationship, disk or session · `conflict` not what comes next · `corrupt` the bytes are not those that were meant ·
 * `invalid` malformed · `full` the replica's disk · `refused` not allowed. */
export type ReplicaErrorCode = 'unknown' | 'conflict' | 'corrupt' | 'invalid' | 'full' | 'refused';

/** What a replica answers where it does not do what it was asked for; nothing of it was done then. */
export class ReplicaError extends Error {
  readonly code: ReplicaErrorCode;

  constructor(code: ReplicaErrorCode, message: string) {
    super(message);
    this.name = 'ReplicaError';
    this.code = code;
  }
}

/** The way to the replica broke, or nobody answers there: to be tried again. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
}

/** One of the two ends did not accept the other's certificate: trying again does not help. */
export class AuthenticationError extends Error {
  override readonly name = 'AuthenticationError';
}

/** Bytes of the digest of a chunk: SHA-256, which two ends that do not trust the way between them can trust. */
export const DIGEST_BYTES: Bytes = 32;

/**
 * The replica's end, whether it stands in this process (`replica/`) or behind HTTPS (`transport/`). Every call may be made again
 * after an answer that was lost: what was done is not done twice.
 *
 * Each throws a {@link ReplicaError} for what is wrong, and whatever else its storage or its network throws.
 */
export interface ReplicaService {
  /** Finds the relationship, or makes it with disks of zeros. `conflict` where its disks are others. */
  open(relationship: Relationship): Promise<ReplicaStatus>;
  /** Begins a copy, or finds that it is under way. Another one that was under way ends. Logs that were not applied are dropped. */
  beginCopy(relationshipId: string, session: CopySession): Promise<void>;
  /** Digests of so many chunks of a disk, {@link DIGEST_BYTES} each, one behind the other. */
  digests(relationshipId: string, disk: number, firstChunk: number, chunkCount: number): Promise<Uint8Array>;
  /** Writes a chunk; only the disk's last one is shorter than the others. */
  putChunk(relationshipId: string, sessionId: string, disk: number, chunk: number, data: Uint8Array): Promise<void>;
  /** All chunks have arrived: the replica is consistent to an instant, and has no older points. */
  endCopy(relationshipId: string, sessionId: string, recoveryPointAtMs: Millis): Promise<void>;
  /** A piece of a log of the next set. Pieces come in order; offset 0 starts the log anew. */
  putLog(relationshipId: string, setNumber: number, disk: number, offset: Bytes, data: Uint8Array): Promise<void>;
  /** The set is whole: checks it, applies it and resolves when it has. A set that was applied already is answered at once. */
  commitSet(relationshipId: string, set: LogSet): Promise<void>;
}
