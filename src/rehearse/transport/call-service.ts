import type { IncomingMessage } from 'node:http';
import { DIGEST_BYTES, type ReplicaService } from '../replica-service.ts';
import { readLogSet, readRecoveryPoint, readRelationship } from './json-bodies.ts';
import { BodyRefusal, checkNoBody, readBody } from './read-body.ts';
import { DATA_BYTES_MOST, JSON_BYTES_MOST, type RouteKey } from './routes.ts';

/**
 * Calls a route's method with what the path names, as `routeOf` found it, and with the request's body.
 *
 * @throws BodyRefusal before anything is called; what the service throws
 */
export async function callService(
  service: ReplicaService,
  key: RouteKey,
  names: readonly string[],
  request: IncomingMessage,
): Promise<unknown> {
  const [id, first, second, third] = names as [string, string, string, string];
  switch (key) {
    case 'open':
      return await service.open(readRelationship(await readBody(request, JSON_BYTES_MOST), id));
    case 'beginCopy':
      checkNoBody(request);
      return await service.beginCopy(id, { id: second, kind: first as 'initial' | 'resync' });
    case 'digests':
      checkNoBody(request);
      if (Number(third) * DIGEST_BYTES > DATA_BYTES_MOST) throw new BodyRefusal(400, 'invalid', 'too many digests');
      return await service.digests(id, Number(first), Number(second), Number(third));
    case 'putChunk': {
      const data = await readBody(request, DATA_BYTES_MOST);
      return await service.putChunk(id, first, Number(second), Number(third), data);
    }
    case 'endCopy':
      return await service.endCopy(id, first, readRecoveryPoint(await readBody(request, JSON_BYTES_MOST)));
    case 'putLog': {
      const data = await readBody(request, DATA_BYTES_MOST);
      return await service.putLog(id, Number(first), Number(second), Number(third), data);
    }
    case 'commitSet':
      return await service.commitSet(id, readLogSet(await readBody(request, JSON_BYTES_MOST), Number(first)));
    default:
      return key satisfies never;
  }
}
