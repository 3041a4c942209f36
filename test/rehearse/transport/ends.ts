import { readFileSync } from 'node:fs';
import { RealClock } from '../../../src/rehearse/clock.ts';
import { Pacer } from '../../../src/rehearse/pacer.ts';
import { type Credentials, readCredentials } from '../../../src/rehearse/transport/credentials.ts';
import { HttpsReplica, type HttpsReplicaOptions } from '../../../src/rehearse/transport/https-replica.ts';
import type { MadeCertificates } from '../../../src/rehearse/transport/make-certificates.ts';
import { type ReplicaServer, type ServeOptions, serveReplica } from '../../../src/rehearse/transport/serve-replica.ts';
import { RecordedService } from './recorded-service.ts';

export const ID = '00000000-0000-4000-8000-00000000000a';
export const SESSION = '00000000-0000-4000-8000-00000000000b';
export const NAMES = { primaryName: 'primary.test', replicaName: 'replica.test', validDays: 2 };

/** A replica that listens, and primaries that talk to it; what it was asked for and what it refused. */
export class Ends {
  readonly service: RecordedService = new RecordedService();
  readonly refusals: string[] = [];
  readonly failures: unknown[] = [];
  readonly made: MadeCertificates;
  readonly #clients: HttpsReplica[] = [];
  #server!: ReplicaServer;

  private constructor(made: MadeCertificates) {
    this.made = made;
  }

  static async start(made: MadeCertificates, change: Partial<ServeOptions> = {}): Promise<Ends> {
    const ends = new Ends(made);
    ends.#server = await serveReplica(ends.service, {
      port: 0,
      address: '127.0.0.1',
      credentials: await readCredentials(made.replica),
      refused: ({ reason }) => ends.refusals.push(reason),
      failed: (error) => ends.failures.push(error),
      ...change,
    });
    return ends;
  }

  get port(): number {
    return this.#server.port;
  }

  client(change: Partial<HttpsReplicaOptions> = {}): HttpsReplica {
    const client = new HttpsReplica({
      host: '127.0.0.1',
      port: this.port,
      credentials: credentialsOf(this.made),
      replicaName: 'replica.test',
      pacer: new Pacer(new RealClock(), Number.POSITIVE_INFINITY),
      compresses: false,
      ...change,
    });
    this.#clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.#server.close();
  }
}

/** Past the checks of `readCredentials`, as who means no good would; with the authority of `believed`. */
export function credentialsOf({ primary }: MadeCertificates, believed?: MadeCertificates): Credentials {
  return {
    certificate: readFileSync(primary.certificatePath, 'utf8'),
    key: readFileSync(primary.keyPath, 'utf8'),
    authority: readFileSync((believed?.primary ?? primary).authorityPath, 'utf8'),
  };
}

export async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
