import { randomUUID } from 'node:crypto';
import type { Millis } from '../../units.ts';
import type { BlockDevice } from '../block-device.ts';
import type { Relationship, ReplicaService } from '../replica-service.ts';
import { isZeros } from '../zeros.ts';

/** Makes a replica the same as its disks, off the link: for who begins with a VM that is protected already (semantics 6). */
export async function seedReplica(
  replica: ReplicaService,
  relationship: Relationship,
  devices: readonly BlockDevice[],
  recoveryPointAtMs: Millis,
): Promise<void> {
  const { id, chunkBytes } = relationship;
  const session = { id: randomUUID(), kind: 'initial' } as const;
  await replica.open(relationship);
  await replica.beginCopy(id, session);
  const buffer = new Uint8Array(chunkBytes);
  for (const [disk, device] of devices.entries()) {
    for (let chunk = 0; chunk * chunkBytes < device.sizeBytes; chunk++) {
      const offset = chunk * chunkBytes;
      const content = buffer.subarray(0, device.sizeBytes - offset);
      await device.read(content, offset);
      if (!isZeros(content)) await replica.putChunk(id, session.id, disk, chunk, content);
    }
  }
  await replica.endCopy(id, session.id, recoveryPointAtMs);
}
