import { type ClientRequest, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent, request as tlsRequest } from 'node:https';
import { connect, isIP, type Socket } from 'node:net';
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
  type ReplicaService,
  type ReplicaStatus,
} from '../replica-service.ts';
import { type Answer, answerTo, errorOf, readSession, readStatus, typedError } from './answers.ts';
import { CHECKSUM_HEADER, checksumOf, NO_BODY } from './checksum.ts';
import { type Credentials, whyNotAccepted } from './credentials.ts';
import {
  ENCODING,
  isLoopback,
  REPLICA_PORT,
  relationshipPath,
  SEQUENCE_HEADER,
  SESSION_HEADER,
  SESSIONS_PATH,
} from './routes.ts';
import { writeBody } from './write-body.ts';

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

const compress = promisify(zstdCompress);

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
      const name = options.replicaName ?? host;
      return connectTls({
        socket,
        host: name,
        // RFC 6066 3: an address is no server name. The certificate is checked for it all the same.
        servername: isIP(name) === 0 ? name : '',
        key: credentials.key,
        cert: credentials.certificate,
        ca: credentials.authority,
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
    return readStatus(await this.#askJson('PUT', relationshipPath(id), relationship));
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
    await this.#askJson('POST', relationshipPath(relationshipId, 'copies', sessionId, 'end'), { recoveryPointAtMs });
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
    await this.#askJson('POST', relationshipPath(relationshipId, 'sets', number, 'commit'), set);
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

  async #askJson(method: string, path: string, body: unknown): Promise<Buffer> {
    return await this.#ask(method, path, Buffer.from(JSON.stringify(body)), false);
  }

  /** A request with a body that may be compressed, in a session; a session that the replica does not know any more is begun anew. */
  async #ask(method: string, path: string, data?: Uint8Array, isData = true): Promise<Buffer> {
    const { signal } = this.#broken;
    for (let attempt = 0; ; attempt++) {
      this.#session ??= await this.#beginSession(signal);
      const answer = await this.#exchange(method, path, signal, data, isData);
      if (answer.status === 200) return answer.body;
      const error = errorOf(answer);
      if (error !== 'session') throw error;
      this.#session = undefined;
      if (attempt > 0) throw new LinkError('the replica does not know its own session');
    }
  }

  async #beginSession(signal: AbortSignal): Promise<string> {
    const session = readSession(await this.#exchange('POST', SESSIONS_PATH, signal));
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
    const headers: Record<string, string | number> = { [CHECKSUM_HEADER]: checksumOf(method, path, data ?? NO_BODY) };
    if (this.#session !== undefined) {
      headers[SESSION_HEADER] = this.#session;
      headers[SEQUENCE_HEADER] = ++this.#sequence;
    }
    let body = data;
    if (data !== undefined) {
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
      const answered = answerTo(request);
      answered.catch(() => undefined);
      await writeBody(request, body, pacer, signal, answered);
      const answer = await answered;
      // Whoever answers is no replica, or the answer was changed on its way.
      if (answer.checksum !== checksumOf(method, path, answer.body)) throw new LinkError('a damaged answer');
      // Headers and the layers below take their share of the limit.
      const takenBytes = body?.length ?? 0;
      await pacer.take(Math.max(0, this.counters.wireBytes - beforeBytes - takenBytes), signal);
      return answer;
    } catch (error) {
      const typed = typedError(error);
      // The replica says nothing before it hangs up on a certificate that it does not accept.
      const why = typed instanceof LinkError && credentials !== null ? whyNotAccepted(credentials) : undefined;
      throw why === undefined ? typed : new AuthenticationError(why, { cause: typed });
    } finally {
      this.#underWay = undefined;
    }
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
