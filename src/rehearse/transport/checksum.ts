import { createHash } from 'node:crypto';

/** In requests and in their answers. */
export const CHECKSUM_HEADER = 'x-checksum';

/**
 * SHA-256, hexadecimal, of what is asked for and of the body, as it is without compression: a chunk that comes to another place than its own is
 * as wrong as one that was changed. TLS watches over both; plain HTTP over neither.
 *
 * @param method of the request, also for its answer
 */
export function checksumOf(method: string, path: string, body: Uint8Array): string {
  return createHash('sha256').update(`${method} ${path}\n`).update(body).digest('hex');
}

export const NO_BODY: Uint8Array = new Uint8Array(0);
