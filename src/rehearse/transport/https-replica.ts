import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent, request as tlsRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import type { Bytes, Millis } from '../../units.ts';
import type { WayCounters } from '../measurements.ts';
import type { Pacer } from '../pacer.ts';
import {
  AuthenticationError,
  type CopySession,
  LinkError,
  type LogSet,
  type Relationship,
  ReplicaError,
  type ReplicaErrorCode,
  type ReplicaService,
  type ReplicaStatus,
} from '../replica-service.ts';
import type { Credentials } from './credentials.ts';
import {
  CHECKSUM_HEADER,
  DATA_BYTES_MOST,
  ENCODING,
  isLoopback,
  REPLICA_PORT,
  relationshipPath,
  SEQUENCE_HEADER,
  SESSION_HEADER,
  SESSIONS_PATH,
} from './routes.ts';

export interface HttpsReplicaOptions {
  readonly host: string;
  readonly port?: number;
  /** `null` = plain HTTP, which is for the loopback alone. */
  readonly credentials: Credentials | null;
  /** The name in the replica's certificate; default: the host. */
  readonly replicaName?: string;
  /** Asked before anything goes out. */
  readonly pacer: Pacer;
  /** Compress bodies where that makes them smaller. */
  readonly compresses: boolean;
  /** Nothing comes for so long: the link is broken; default 10 min, as a set may take long to be applied. */
  readonly answerMs?: Millis;
  /** Changes a body after its checksum was taken: a fault on demand. */
  readonly tamper?: (body: Uint8Array) => Uint8Array;
}

/** Goes to the socket at once where bandwidth is limited. */
const PIECE_BYTES: Bytes = 64 * 1024;
const AUTHENTICATION = /CERT|SELF_SIGNED|UNKNOWN_CA|UNABLE_TO_VERIFY|UNABLE_TO_GET|ALTNAME|HANDSHAKE_FAILURE/;
const REPLICA_CODES: ReadonlySet<string> = new Set<ReplicaErrorCode>([
  'unknown',
  'conflict',
  'corrupt',
  'invalid',
  'full',
  'refused',
]);

const compress = promisify(zstdCompress);

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/** A replica behind HTTPS. One call at a time. */
export class HttpsReplica implements ReplicaService {
  readonly #options: HttpsReplicaOptions;
  readonly #agent: PlainAgent;
  readonly #sockets = new Set<Socket>();
  #closedWireBytes: Bytes = 0;
  #rawBytes: Bytes = 0;
  #compressedBytes: Bytes = 0;
  #session: string | undefined;
  #sequence = 0;
  #underWay: ClientRequest | undefined;
  #broken = new AbortController();

  /** @throws Error for plain HTTP to another address than the loopback */
  constructor(options: HttpsReplicaOptions) {
    const { credentials, host } = options;
    if (credentials === null && !isLoopback(host)) {
      throw new Error(`Plain HTTP is for the loopback only, and ${host} is none: give certificates.`);
    }
    this.#options = options;
    const alive = { keepAlive: true, maxSockets: 1 };
    this.#agent = credentials === null ? new PlainAgent(alive) : new Agent(alive);
    // The layer below TLS is what is counted.
    this.#agent.createConnection = () => {
      const socket = connect({ host, port: options.port ?? REPLICA_PORT, noDelay: true });
      this.#count(socket);
      if (credentials === null) return socket;
      return connectTls({
        socket,
        key: credentials.key,
        cert: credentials.certificate,
        ca: credentials.authority,
        servername: options.replicaName ?? host,
        minVersion: 'TLSv1.2',
      });
    };
  }

  get counters(): WayCounters {
    let wireBytes = this.#closedWireBytes;
    for (const socket of this.#sockets) wireBytes += wireBytesOf(socket);
    return { wireBytes, rawBytes: this.#rawBytes, compressedBytes: this.#compressedBytes };
  }

  async open({ id, ...relationship }: Relationship): Promise<ReplicaStatus> {
    return await this.#forJson<ReplicaStatus>('PUT', relationshipPath(id), relationship);
  }

  async beginCopy(relationshipId: string, { id, kind }: CopySession): Promise<void> {
    await this.#ask('PUT', relationshipPath(relationshipId, 'copies', kind, id));
  }

  async digests(relationshipId: string, disk: number, firstChunk: number, chunkCount: number): Promise<Uint8Array> {
    return await this.#ask('GET', relationshipPath(relationshipId, 'disks', disk, 'digests', firstChunk, chunkCount));
  }

  async putChunk(
    relationshipId: string,
    sessionId: string,
    disk: number,
    chunk: number,
    data: Uint8Array,
  ): Promise<void> {
    await this.#ask('PUT', relationshipPath(relationshipId, 'copies', sessionId, 'disks', disk, 'chunks', chunk), data);
  }

  async endCopy(relationshipId: string, sessionId: string, recoveryPointAtMs: Millis): Promise<void> {
    await this.#forJson('POST', relationshipPath(relationshipId, 'copies', sessionId, 'end'), { recoveryPointAtMs });
  }

  async putLog(
    relationshipId: string,
    setNumber: number,
    disk: number,
    offset: Bytes,
    data: Uint8Array,
  ): Promise<void> {
    await this.#ask('PUT', relationshipPath(relationshipId, 'sets', setNumber, 'disks', disk, 'log', offset), data);
  }

  async commitSet(relationshipId: string, { number, ...set }: LogSet): Promise<void> {
    await this.#forJson('POST', relationshipPath(relationshipId, 'sets', number, 'commit'), set);
  }

  /** Ends the call under way: it throws a LinkError. */
  breakOff(): void {
    this.#broken.abort();
    this.#broken = new AbortController();
    this.#underWay?.destroy(new LinkError('broken off'));
  }

  close(): void {
    this.breakOff();
    this.#agent.destroy();
  }

  async #forJson<Result>(method: string, path: string, body: unknown): Promise<Result> {
    const answer = await this.#ask(method, path, Buffer.from(JSON.stringify(body)), false);
    return JSON.parse(answer.toString('utf8')) as Result;
  }

  /** A request with a body that may be compressed, in a session; a session that the replica does not know any more is begun anew. */
  async #ask(method: string, path: string, data?: Uint8Array, isData = true): Promise<Buffer> {
    const { signal } = this.#broken;
    for (let attempt = 0; ; attempt++) {
      this.#session ??= await this.#beginSession(signal);
      const answer = await this.#exchange(method, path, signal, data, isData);
      if (answer.status === 200) return answer.body;
      const { code, message } = errorOf(answer.body);
      if (code === 'session' && attempt === 0) {
        this.#session = undefined;
        continue;
      }
      if (REPLICA_CODES.has(code)) throw new ReplicaError(code as ReplicaErrorCode, message);
      throw new LinkError(`the replica answered ${answer.status}: ${message}`);
    }
  }

  async #beginSession(signal: AbortSignal): Promise<string> {
    const { status, body } = await this.#exchange('POST', SESSIONS_PATH, signal);
    const { session } = JSON.parse(body.toString('utf8')) as { readonly session?: string };
    if (status !== 200 || session === undefined) throw new LinkError(`the replica answered ${status}`);
    this.#sequence = 0;
    return session;
  }

  async #exchange(
    method: string,
    path: string,
    signal: AbortSignal,
    data?: Uint8Array,
    isData = false,
  ): Promise<Answer> {
    const { host, port = REPLICA_PORT, credentials, pacer, tamper, answerMs = 600_000 } = this.#options;
    const beforeBytes = this.counters.wireBytes;
    const headers: Record<string, string | number> = {};
    if (this.#session !== undefined) {
      headers[SESSION_HEADER] = this.#session;
      headers[SEQUENCE_HEADER] = ++this.#sequence;
    }
    let body = data;
    if (data !== undefined) {
      headers[CHECKSUM_HEADER] = createHash('sha256').update(data).digest('hex');
      if (isData) {
        body = await this.#compressed(data);
        if (body !== data) headers['content-encoding'] = ENCODING;
      }
      if (tamper !== undefined) body = tamper(body!);
      headers['content-length'] = body!.length;
    } else if (method !== 'GET') headers['content-length'] = 0;
    if (signal.aborted) throw new LinkError('broken off');
    const start = credentials === null ? plainRequest : tlsRequest;
    const request = start({ host, port, method, path, headers, agent: this.#agent, timeout: answerMs });
    this.#underWay = request;
    try {
      const answered = this.#answerOf(request);
      answered.catch(() => undefined);
      await this.#write(request, body, signal, answered);
      const answer = await answered;
      // Headers and the layers below take their share of the limit.
      const takenBytes = body?.length ?? 0;
      await pacer.take(Math.max(0, this.counters.wireBytes - beforeBytes - takenBytes), signal);
      return answer;
    } catch (error) {
      throw linkErrorOf(error);
    } finally {
      this.#underWay = undefined;
    }
  }

  /** Writes the body as fast as the limit lets it; stops where the replica has answered already. */
  async #write(
    request: ClientRequest,
    body: Uint8Array | undefined,
    signal: AbortSignal,
    answered: Promise<unknown>,
  ): Promise<void> {
    const { pacer } = this.#options;
    if (body === undefined || !pacer.isLimited) {
      request.end(body);
      return;
    }
    let isAnswered = false;
    const seen = answered.then(
      () => {
        isAnswered = true;
      },
      () => {
        isAnswered = true;
      },
    );
    for (let at = 0; at < body.length && !isAnswered && !signal.aborted; at += PIECE_BYTES) {
      const piece = body.subarray(at, at + PIECE_BYTES);
      await pacer.take(piece.length, signal);
      if (!request.write(piece)) await Promise.race([once(request, 'drain').catch(() => undefined), seen]);
    }
    request.end();
  }

  #answerOf(request: ClientRequest): Promise<Answer> {
    return new Promise((resolve, reject) => {
      request.on('timeout', () => request.destroy(new LinkError('no answer')));
      request.on('error', reject);
      request.on('response', (response: IncomingMessage) => {
        const pieces: Buffer[] = [];
        let bytes = 0;
        response.on('data', (piece: Buffer) => {
          bytes += piece.length;
          if (bytes > DATA_BYTES_MOST) response.destroy(new LinkError('the answer is too large'));
          else pieces.push(piece);
        });
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(pieces) }));
        response.on('aborted', () => reject(new LinkError('the answer was broken off')));
      });
    });
  }

  #count(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#closedWireBytes += wireBytesOf(socket);
    });
  }

  async #compressed(data: Uint8Array): Promise<Uint8Array> {
    const body = this.#options.compresses
      ? await compress(data, { params: { [constants.ZSTD_c_compressionLevel]: 1 } })
      : data;
    const isSmaller = body.length < data.length;
    this.#rawBytes += data.length;
    this.#compressedBytes += isSmaller ? body.length : data.length;
    return isSmaller ? body : data;
  }
}

function wireBytesOf(socket: Socket): Bytes {
  return socket.bytesWritten + socket.bytesRead;
}

function errorOf(body: Buffer): { readonly code: string; readonly message: string } {
  try {
    const { code, message } = JSON.parse(body.toString('utf8')) as {
      readonly code?: unknown;
      readonly message?: unknown;
    };
    return { code: String(code), message: String(message) };
  } catch {
    return { code: '', message: 'no reason' };
  }
}

function linkErrorOf(error: unknown): Error {
  if (error instanceof LinkError || error instanceof ReplicaError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (AUTHENTICATION.test(code)) return new AuthenticationError(`${code}: ${message}`);
  if (code !== '') return new LinkError(`${code}: ${message}`);
  return error as Error;
}
