import { mkdir } from 'node:fs/promises';
import { hasErrors, type Problem, problemOf } from '../../model/problem.ts';
import { ReplicaStore } from '../../rehearse/replica/replica-store.ts';
import { testFailover } from '../../rehearse/replica/test-failover.ts';
import { ReplicaError } from '../../rehearse/replica-service.ts';
import { REPLICA_PORT } from '../../rehearse/transport/routes.ts';
import { serveReplica } from '../../rehearse/transport/serve-replica.ts';
import { FlagReader, wholeWithin } from '../../request/flag-reader.ts';
import type { Ending } from '../analyze.ts';
import { printProblems } from '../print-problems.ts';
import { type EndFlags, interruption, LOUD_WARNING, readEndCredentials } from './end-flags.ts';

export interface ReplicaFlags extends EndFlags {
  readonly folder: string;
  readonly port?: string;
  readonly address?: string;
}

/** `asr-plan replica --folder F …`: the replica's end of a rehearsal, until it is interrupted. */
export async function replica(flags: ReplicaFlags): Promise<Ending> {
  const problems: Problem[] = [];
  const reader = new FlagReader();
  const port = reader.read(
    '--port',
    flags.port,
    wholeWithin(0, 65_535),
    'a port from 0 to 65535',
    '8084',
    REPLICA_PORT,
  );
  const credentials = await readEndCredentials(flags, problems);
  problems.push(...reader.problems);
  if (credentials === undefined || hasErrors(problems)) return refuse(problems);
  process.stderr.write(LOUD_WARNING);
  const store = new ReplicaStore(flags.folder);
  try {
    const server = await serveReplica(store, {
      port,
      ...(flags.address === undefined ? {} : { address: flags.address }),
      credentials,
      refused: ({ remoteAddress, reason }) => say(`refused ${remoteAddress}: ${reason}`),
      failed: (error) => say(`failed: ${error}`),
    });
    process.stdout.write(`The replica listens on port ${server.port}. End it with Ctrl-C.\n`);
    await interruption();
    await server.close();
    await store.close();
    return 'met';
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined && !message.startsWith('Plain HTTP')) throw error;
    return refuse([
      problemOf(
        'error',
        'listen',
        '--port',
        `The replica cannot listen: ${message}`,
        'Give another --port or --address.',
      ),
    ]);
  }
}

export interface TestFailoverFlags {
  readonly folder: string;
  readonly out: string;
  readonly at?: string;
}

/** `asr-plan test-failover ID --folder F --out DIR`: images of a replica's disks as of a recovery point. Not while the replica runs. */
export async function failOver(relationshipId: string, { folder, out, at }: TestFailoverFlags): Promise<Ending> {
  const atMs = at === undefined ? Number.POSITIVE_INFINITY : Date.parse(at);
  if (Number.isNaN(atMs)) {
    return refuse([
      problemOf('error', 'flag-value', '--at', `"${at}" is no time.`, 'Write for example --at 2026-01-05T10:00Z.'),
    ]);
  }
  const store = new ReplicaStore(folder);
  try {
    await mkdir(out, { recursive: true });
    const { atMs: foundMs, paths } = await store.with(relationshipId, (one) => testFailover(one, out, atMs));
    process.stdout.write(
      `Recovery point of ${new Date(foundMs).toISOString()}:\n${paths.map((path) => `  ${path}\n`).join('')}`,
    );
    return 'met';
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!(error instanceof ReplicaError) && code === undefined) throw error;
    return refuse([
      problemOf(
        'error',
        'test-failover',
        folder,
        message,
        'Name a relationship of this folder, and a time since its first recovery point.',
      ),
    ]);
  } finally {
    await store.close();
  }
}

function say(line: string): void {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`);
}

function refuse(problems: readonly Problem[]): Ending {
  process.stderr.write(printProblems(problems));
  return 'badInput';
}
