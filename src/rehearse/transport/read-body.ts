import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import type { Bytes } from '../../units.ts';
import { CHECKSUM_HEADER, checksumOf, NO_BODY } from './checksum.ts';
import { ENCODING } from './routes.ts';

/** Why a body is refused: an HTTP status, the code of the answer, and words for the log. */
export class BodyRefusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const decompress = promisify(zstdDecompress);

/**
 * The body of a request, of at most `bytesMost` before and after decompression, and with the checksum that its header promises.
 *
 * @throws BodyRefusal; what is too large is not read
 */
export async function readBody(request: IncomingMessage, bytesMost: Bytes): Promise<Uint8Array> {
  const { 'content-length': lengthText, 'content-encoding': encoding } = request.headers;
  if (lengthText === undefined) throw new BodyRefusal(411, 'malformed', 'a body of unknown length');
  const lengthBytes = Number(lengthText);
  if (lengthBytes > bytesMost) throw new BodyRefusal(413, 'malformed', `a body of ${lengthBytes} bytes`);
  if (encoding !== undefined && encoding !== ENCODING) throw new BodyRefusal(415, 'malformed', 'an unknown encoding');
  const sent = await received(request, lengthBytes);
  const body = encoding === undefined ? sent : await inflated(sent, bytesMost);
  check(request, body);
  return body;
}

/** @throws BodyRefusal where a request brings a body that nobody would read, or is not the one of its checksum */
export function checkNoBody(request: IncomingMessage): void {
  const { headers } = request;
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0) {
    throw new BodyRefusal(413, 'malformed', 'a body where none belongs');
  }
  check(request, NO_BODY);
}

function check({ method = '', url = '', headers }: IncomingMessage, body: Uint8Array): void {
  const checksum = headers[CHECKSUM_HEADER];
  if (typeof checksum !== 'string') throw new BodyRefusal(400, 'malformed', 'a request without a checksum');
  if (checksumOf(method, url, body) === checksum) return;
  throw new BodyRefusal(422, 'corrupt', 'a request that is not the one of its checksum');
}

async function received(request: IncomingMessage, lengthBytes: Bytes): Promise<Uint8Array> {
  const body = Buffer.allocUnsafe(lengthBytes);
  let at = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    // The parser of HTTP gives no more than the length that it was told.
    piece.copy(body, at);
    at += piece.length;
  }
  if (at !== lengthBytes) throw new BodyRefusal(400, 'malformed', 'a body that ended early');
  return body;
}

async function inflated(body: Uint8Array, bytesMost: Bytes): Promise<Uint8Array> {
  try {
    return await decompress(body, { maxOutputLength: bytesMost });
  } catch {
    throw new BodyRefusal(422, 'corrupt', 'a body that cannot be decompressed within its bounds');
  }
}
