import { isIPv4 } from 'node:net';
import type { Bytes } from '../../units.ts';

/** The port of certificate-based authentication between hosts that VMM manages (Microsoft, "Hyper-V replication with Azure Site Recovery"). */
export const REPLICA_PORT = 8084;

/** The session that the replica has given, and the request's number in it, each larger than the one before: nothing is taken twice. */
export const SESSION_HEADER = 'x-session';
export const SEQUENCE_HEADER = 'x-sequence';
/** Bodies that became smaller by it. */
export const ENCODING = 'zstd';

/** Of a body that is a chunk or a piece of a log, and of one that is JSON. */
export const DATA_BYTES_MOST: Bytes = 16 * 1024 ** 2;
export const JSON_BYTES_MOST: Bytes = 256 * 1024;

export const SESSIONS_PATH = '/v1/sessions';

export function relationshipPath(relationshipId: string, ...parts: readonly (string | number)[]): string {
  return ['/v1/relationships', relationshipId, ...parts].join('/');
}

export const GUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
/** Whole numbers that a double holds. */
const NUMBER = '(0|[1-9][0-9]{0,14})';

function pattern(rest: string): RegExp {
  return new RegExp(`^/v1/relationships/(${GUID})${rest}$`);
}

/** A path is one of these to the letter, or it is none: nothing in it is decoded, and it has no query. */
const ROUTES = {
  open: { method: 'PUT', path: pattern('') },
  beginCopy: { method: 'PUT', path: pattern(`/copies/(initial|resync)/(${GUID})`) },
  digests: { method: 'GET', path: pattern(`/disks/${NUMBER}/digests/${NUMBER}/${NUMBER}`) },
  putChunk: { method: 'PUT', path: pattern(`/copies/(${GUID})/disks/${NUMBER}/chunks/${NUMBER}`) },
  endCopy: { method: 'POST', path: pattern(`/copies/(${GUID})/end`) },
  putLog: { method: 'PUT', path: pattern(`/sets/${NUMBER}/disks/${NUMBER}/log/${NUMBER}`) },
  commitSet: { method: 'POST', path: pattern(`/sets/${NUMBER}/commit`) },
} satisfies Readonly<Record<RouteKey, { readonly method: string; readonly path: RegExp }>>;

export type RouteKey = 'open' | 'beginCopy' | 'digests' | 'putChunk' | 'endCopy' | 'putLog' | 'commitSet';

/** @returns the route and what its path names; `undefined` where there is none */
export function routeOf(
  method: string,
  path: string,
): { readonly key: RouteKey; readonly names: string[] } | undefined {
  for (const [key, route] of Object.entries(ROUTES)) {
    if (route.method !== method) continue;
    const match = route.path.exec(path);
    if (match !== null) return { key: key as RouteKey, names: match.slice(1) };
  }
  return undefined;
}

/** Whether an address is this machine's own, so that nothing leaves it. */
export function isLoopback(address: string): boolean {
  // A number that is no address would be looked up as a name.
  return address === 'localhost' || address === '::1' || (isIPv4(address) && address.startsWith('127.'));
}
