import { type LogSet, type Relationship, ReplicaError } from '../replica-service.ts';

/** What a stranger sends as JSON, checked for its shape; what it says is checked by the store. */
export function readRelationship(body: Uint8Array, id: string): Relationship {
  const { vmName, disks, chunkBytes } = objectOf(parsed(body));
  return {
    id,
    vmName: textOf(vmName),
    chunkBytes: numberOf(chunkBytes),
    disks: arrayOf(disks).map((disk) => {
      const { name, sizeBytes } = objectOf(disk);
      return { name: textOf(name), sizeBytes: numberOf(sizeBytes) };
    }),
  };
}

export function readLogSet(body: Uint8Array, number: number): LogSet {
  const { cutAtMs, logs, keepFromMs } = objectOf(parsed(body));
  return {
    number,
    cutAtMs: numberOf(cutAtMs),
    keepFromMs: keepFromMs === null ? null : numberOf(keepFromMs),
    logs: arrayOf(logs).map((log) => {
      const { sizeBytes, sha256 } = objectOf(log);
      return { sizeBytes: numberOf(sizeBytes), sha256: textOf(sha256) };
    }),
  };
}

export function readRecoveryPoint(body: Uint8Array): number {
  return numberOf(objectOf(parsed(body)).recoveryPointAtMs);
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw new ReplicaError('invalid', 'the body is no JSON');
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new ReplicaError('invalid', 'an object is missing in the body');
}

function arrayOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new ReplicaError('invalid', 'a list is missing in the body');
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new ReplicaError('invalid', 'a text is missing in the body');
}

function numberOf(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new ReplicaError('invalid', 'a number is missing in the body');
}
