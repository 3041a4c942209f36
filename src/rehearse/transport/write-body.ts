import { once } from 'node:events';
import type { ClientRequest } from 'node:http';
import type { Bytes } from '../../units.ts';
import type { Pacer } from '../pacer.ts';

/** Goes to the socket at once where bandwidth is limited. */
const PIECE_BYTES: Bytes = 64 * 1024;

/**
 * Writes a request's body as fast as the limit lets it, and ends the request; stops where the replica has answered already.
 *
 * @param answered settled when nothing more need be sent
 */
export async function writeBody(
  request: ClientRequest,
  body: Uint8Array | undefined,
  pacer: Pacer,
  signal: AbortSignal,
  answered: Promise<unknown>,
): Promise<void> {
  if (body === undefined || !pacer.isLimited) {
    request.end(body);
    return;
  }
  let isAnswered = false;
  const settled = (): void => {
    isAnswered = true;
  };
  const seen = answered.then(settled, settled);
  for (let at = 0; at < body.length && !isAnswered && !signal.aborted; at += PIECE_BYTES) {
    const piece = body.subarray(at, at + PIECE_BYTES);
    await pacer.take(piece.length, signal);
    if (!request.write(piece)) await Promise.race([once(request, 'drain').catch(() => undefined), seen]);
  }
  request.end();
}
