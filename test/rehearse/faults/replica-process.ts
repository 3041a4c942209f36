/** A replica in a process that can be killed. */
import { join } from 'node:path';
import { ReplicaStore } from '../../../src/rehearse/replica/replica-store.ts';
import { readCredentials } from '../../../src/rehearse/transport/credentials.ts';
import { serveReplica } from '../../../src/rehearse/transport/serve-replica.ts';
import type { ReplicaSettings } from './settings.ts';

const { folder, port, certificates } = JSON.parse(process.argv[2]!) as ReplicaSettings;
const server = await serveReplica(new ReplicaStore(folder), {
  port,
  address: '127.0.0.1',
  credentials:
    certificates === undefined
      ? null
      : await readCredentials({
          certificatePath: join(certificates, 'replica.pem'),
          keyPath: join(certificates, 'replica.key'),
          authorityPath: join(certificates, 'authority.pem'),
        }),
  refused: () => undefined,
  failed: (error) => process.send!({ failed: String(error) }),
});
process.send!({ port: server.port });
