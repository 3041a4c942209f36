import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Bytes } from '../../units.ts';
import {
  AuthenticationError,
  LinkError,
  ReplicaError,
  type ReplicaErrorCode,
  type ReplicaStatus,
} from '../replica-service.ts';
import { CHECKSUM_HEADER } from './checksum.ts';
import { DATA_BYTES_MOST, GUID } from './routes.ts';

/** What came back for a request, whole. */
export interface Answer {
  readonly status: number;
  readonly body: Buffer;
  readonly checksum: string | undefined;
}

const AUTHENTICATION = /CERT|SELF_SIGNED|UNKNOWN_CA|UNABLE_TO_VERIFY|UNABLE_TO_GET|ALTNAME|HANDSHAKE_FAILURE/;
const REPLICA_CODES: ReadonlySet<string> = new Set<ReplicaErrorCode>([
  'unknown',
  'conflict',
  'corrupt',
  'invalid',
  'full',
  'refused',
]);
const SESSION = new RegExp(`^${GUID}$`);

/** @returns what the other end answers, of at most {@link DATA_BYTES_MOST}; rejects with what broke the request, see {@link typedError} */
export function answerTo(request: ClientRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request.on('timeout', () => request.destroy(new LinkError('no answer')));
    request.on('error', reject);
    request.on('response', (response: IncomingMessage) => {
      const pieces: Buffer[] = [];
      let bytes: Bytes = 0;
      response.on('data', (piece: Buffer) => {
        bytes += piece.length;
        if (bytes > DATA_BYTES_MOST) response.destroy(new LinkError('the answer is too large'));
        else pieces.push(piece);
      });
      response.on('error', reject);
      response.on('end', () => {
        const checksum = response.headers[CHECKSUM_HEADER];
        resolve({
          status: response.statusCode ?? 0,
          body: Buffer.concat(pieces),
          checksum: typeof checksum === 'string' ? checksum : undefined,
        });
      });
      response.on('aborted', () => reject(new LinkError('the answer was broken off')));
    });
  });
}

/** What another answer than 200 means; `session`: the replica does not know the session. */
export function errorOf({ status, body }: Answer): ReplicaError | LinkError | 'session' {
  const { code, message } = objectOf(body) ?? {};
  if (code === 'session') return 'session';
  const words = typeof message === 'string' ? message : 'no reason';
  if (typeof code === 'string' && REPLICA_CODES.has(code)) return new ReplicaError(code as ReplicaErrorCode, words);
  return new LinkError(`the replica answered ${status}: ${words}`);
}

/** @throws LinkError for what no replica answers: whoever listens there is none */
export function readSession({ status, body }: Answer): string {
  const session = objectOf(body)?.session;
  if (status === 200 && typeof session === 'string' && SESSION.test(session)) return session;
  throw new LinkError(`no session of a replica was answered, but ${status}`);
}

/** @throws LinkError for what no replica answers */
export function readStatus(body: Buffer): ReplicaStatus {
  const { appliedSet, recoveryPointAtMs, copy } = objectOf(body) ?? {};
  if (Number.isSafeInteger(appliedSet) && (recoveryPointAtMs === null || Number.isFinite(recoveryPointAtMs))) {
    const known = { appliedSet: appliedSet as number, recoveryPointAtMs: recoveryPointAtMs as number | null };
    if (copy === null) return { ...known, copy };
    const { id, kind } = (copy ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof id === 'string' && SESSION.test(id) && (kind === 'initial' || kind === 'resync')) {
      return { ...known, copy: { id, kind } };
    }
  }
  throw new LinkError('no status of a replica was answered');
}

function objectOf(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** What broke a request, as what the caller can do about it; a defect of ours stays what it is. */
export function typedError(error: unknown): Error {
  if (error instanceof LinkError || error instanceof ReplicaError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (AUTHENTICATION.test(code)) return new AuthenticationError(`${code}: ${message}`);
  if (code !== '') return new LinkError(`${code}: ${message}`);
  return error as Error;
}
