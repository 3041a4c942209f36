import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Millis } from '../../units.ts';
import { ReplicaError, type ReplicaErrorCode, type ReplicaService } from '../replica-service.ts';
import { callService } from './call-service.ts';
import { CHECKSUM_HEADER, checksumOf } from './checksum.ts';
import type { Credentials } from './credentials.ts';
import { BodyRefusal, checkNoBody } from './read-body.ts';
import { isLoopback, REPLICA_PORT, routeOf, SEQUENCE_HEADER, SESSION_HEADER, SESSIONS_PATH } from './routes.ts';
import { Sessions } from './sessions.ts';

export interface ServeOptions {
  /** Default: 8084. 0 = any that is free. */
  readonly port?: number;
  /** Default: every address of this machine; without credentials the loopback only. */
  readonly address?: string;
  /** `null` = plain HTTP, which is for the loopback alone. */
  readonly credentials: Credentials | null;
  /** What was not let in, and why. */
  readonly refused: (refusal: Refusal) => void;
  /** What went wrong within the replica; its caller is told nothing of it. */
  readonly failed: (error: unknown) => void;
  /** A sender that is silent for so long is cut off; default 30 s. */
  readonly idleMs?: Millis;
  /** Headers must be here after so long, and whole requests; default 10 s and 10 min. */
  readonly headersMs?: Millis;
  readonly requestMs?: Millis;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** No body and no key is ever in it. */
export interface Refusal {
  readonly remoteAddress: string;
  readonly reason: string;
}

export interface ReplicaServer {
  readonly port: number;
  close(): Promise<void>;
}

const HEADER_BYTES_MOST = 16 * 1024;
const CONNECTIONS_MOST = 64;

const STATUS: Readonly<Record<ReplicaErrorCode, number>> = {
  unknown: 404,
  conflict: 409,
  corrupt: 422,
  invalid: 400,
  full: 507,
  refused: 403,
};

/**
 * Answers for a replica over HTTPS: only to who has a certificate of its own authority.
 *
 * @throws Error for plain HTTP at another address than the loopback; what `listen` throws
 */
export async function serveReplica(service: ReplicaService, options: ServeOptions): Promise<ReplicaServer> {
  const { credentials, port = REPLICA_PORT, address = credentials === null ? '127.0.0.1' : undefined } = options;
  if (credentials === null && !isLoopback(address!)) {
    throw new Error(`Plain HTTP is for the loopback only, and ${address} is none: give certificates.`);
  }
  const sessions = new Sessions();
  const lastExchanges = new WeakMap<Socket, Exchange>();
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    lastExchanges.set(request.socket, { request, response });
    void respond(service, sessions, options, request, response);
  };
  const { idleMs = 30_000, headersMs = 10_000, requestMs = 600_000 } = options;
  const limits = { maxHeaderSize: HEADER_BYTES_MOST, connectionsCheckingInterval: 1000 };
  const server: Server =
    credentials === null
      ? createPlainServer(limits, answer)
      : createServer(
          {
            ...limits,
            handshakeTimeout: headersMs,
            key: credentials.key,
            cert: credentials.certificate,
            ca: credentials.authority,
            requestCert: true,
            rejectUnauthorized: true,
            minVersion: 'TLSv1.2',
          },
          answer,
        );
  server.headersTimeout = headersMs;
  server.requestTimeout = requestMs;
  server.maxConnections = CONNECTIONS_MOST;
  server.setTimeout(idleMs, (socket: Socket) => {
    const exchange = lastExchanges.get(socket);
    // The primary has sent all and waits: a set takes its time to be applied.
    if (exchange?.request.complete === true && !exchange.response.writableEnded) return;
    // A primary between two cuts is silent, too: only who has begun something is slow.
    if (exchange?.request.complete !== true || !exchange.response.writableFinished) {
      options.refused({ remoteAddress: addressOf(socket), reason: 'silent for too long' });
    }
    socket.destroy();
  });
  const shookHands = new WeakSet<Socket>();
  server.on('secureConnection', (socket: Socket) => shookHands.add(socket));
  server.on('tlsClientError', (error, socket) => {
    // What was wrong with a certificate; none where it did not come so far.
    const why = socket.authorizationError ?? (error as NodeJS.ErrnoException).code ?? error.message;
    options.refused({ remoteAddress: addressOf(socket), reason: `no accepted certificate: ${why}` });
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // Of the handshake it is told above.
    if (credentials !== null && !shookHands.has(socket)) {
      socket.destroy();
      return;
    }
    options.refused({ remoteAddress: addressOf(socket), reason: `malformed or slow: ${error.code ?? error.message}` });
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
    else socket.destroy();
  });
  server.on('drop', (data) => {
    options.refused({ remoteAddress: data?.remoteAddress ?? 'unknown', reason: 'too many connections' });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function respond(
  service: ReplicaService,
  sessions: Sessions,
  { refused, failed }: ServeOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const remoteAddress = addressOf(request.socket);
  const { method = '', url = '' } = request;
  try {
    if (method === 'POST' && url === SESSIONS_PATH) {
      checkNoBody(request);
      send(response, 200, { session: sessions.begin(ownerOf(request)) });
      return;
    }
    const route = routeOf(method, url);
    if (route === undefined) throw new BodyRefusal(404, 'malformed', 'an unknown path');
    const { [SESSION_HEADER]: session, [SEQUENCE_HEADER]: sequence } = request.headers;
    const refusal = sessions.refusal(ownerOf(request), single(session), single(sequence));
    if (refusal === 'session') throw new BodyRefusal(409, 'session', 'an unknown session');
    if (refusal === 'replayed') throw new BodyRefusal(409, 'replayed', 'a request that was here before');
    const result = await callService(service, route.key, route.names, request);
    if (result instanceof Uint8Array) {
      response.writeHead(200, {
        'content-type': 'application/octet-stream',
        'content-length': result.length,
        [CHECKSUM_HEADER]: checksumOf(method, url, result),
      });
      response.end(result);
    } else send(response, 200, result ?? {});
  } catch (error) {
    if (error instanceof ReplicaError) send(response, STATUS[error.code], { code: error.code, message: error.message });
    else if (error instanceof BodyRefusal) {
      refused({ remoteAddress, reason: error.message });
      // What is left of the body is not read: the connection goes.
      send(response, error.status, { code: error.code, message: error.message }, !request.complete);
    } else if (!request.complete) {
      refused({ remoteAddress, reason: 'broken off' });
      response.destroy();
    } else {
      failed(error);
      send(response, 500, { code: 'failed', message: 'the replica has failed; its own log says why' }, true);
    }
  }
}

function send(response: ServerResponse, status: number, value: unknown, isLast = false): void {
  const body = Buffer.from(JSON.stringify(value));
  const { method = '', url = '' } = response.req;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': body.length,
    [CHECKSUM_HEADER]: checksumOf(method, url, body),
    ...(isLast ? { connection: 'close' } : {}),
  });
  response.end(body, () => {
    if (isLast) response.socket?.destroySoon();
  });
}

/** The fingerprint of the primary's certificate; plain HTTP has none, and one owner. */
function ownerOf(request: IncomingMessage): string {
  const { socket } = request;
  return 'getPeerCertificate' in socket ? (socket as TLSSocket).getPeerCertificate().fingerprint256 : '';
}

function addressOf(socket: { readonly remoteAddress?: string | undefined }): string {
  return socket.remoteAddress ?? 'unknown';
}

function single(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}
