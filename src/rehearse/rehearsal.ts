import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Span } from '../model/clock.ts';
import type { SiteEvent } from '../model/event.ts';
import type { RehearsalFigures } from '../model/rehearsal-figures.ts';
import type { Run } from '../model/run.ts';
import { Input } from '../replication/lifecycle.ts';
import type { Millis } from '../units.ts';
import type { BlockDevice } from './block-device.ts';
import type { Clock } from './clock.ts';
import type { GuestContent } from './guest/guest-content.ts';
import { type ReplayOutcome, replay, type TracedWrite } from './guest/replay.ts';
import { interrupted } from './interrupted-replica.ts';
import { Measurements } from './measurements.ts';
import { Pacer } from './pacer.ts';
import { Primary } from './primary/primary.ts';
import { ReplicaStore } from './replica/replica-store.ts';
import { seedReplica } from './replica/seed-replica.ts';
import { readCredentials } from './transport/credentials.ts';
import { HttpsReplica } from './transport/https-replica.ts';
import { makeCertificates } from './transport/make-certificates.ts';
import { serveReplica } from './transport/serve-replica.ts';

/** What an administrator can do in a rehearsal. */
const INPUT_OF: Partial<Record<string, Input>> = {
  pause: Input.paused,
  resume: Input.resumed,
  resynchronize: Input.resyncRequested,
  testFailover: Input.testFailoverStarted,
  cleanUpTestFailover: Input.testFailoverCleanedUp,
};

/** What of a run a rehearsal cannot do, a sentence each; empty where it can do all. */
export function notRehearsable({ workload, site, events }: Run): string[] {
  const found: string[] = [];
  if (workload.vms.length !== 1) found.push(`A rehearsal is of one VM, not of ${workload.vms.length}.`);
  if (site.link.capacityBitsPerSec <= 0) found.push('A rehearsal needs a bandwidth.');
  for (const event of events) {
    if (event.kind === 'action' && INPUT_OF[event.action] !== undefined) continue;
    found.push(`${titleOf(event)} cannot be rehearsed.`);
  }
  return [...new Set(found)];
}

function titleOf(event: SiteEvent): string {
  return event.kind === 'action' ? `The action "${event.action}"` : `A fault of the kind "${event.kind}"`;
}

export interface RehearsalOptions {
  /** Of one VM; see {@link notRehearsable}. */
  readonly run: Run;
  /** Phase of the VM's cuts, and when resynchronizations may start. */
  readonly cutPhaseMs: Millis;
  readonly resyncSpans: readonly Span[];
  /** The VM's disks, which are written to, and what the guest writes to each. */
  readonly disks: readonly { readonly device: BlockDevice; readonly writes: Iterable<TracedWrite> }[];
  readonly content: GuestContent;
  /** Empty: logs, the replica and the certificates of this one rehearsal go there. */
  readonly folder: string;
  readonly compresses: boolean;
  /** Called when all is ready: its time begins now. */
  readonly startClock: () => Clock;
  readonly onProgress?: (atMs: Millis) => void;
}

export interface RehearsalResult {
  readonly figures: RehearsalFigures;
  /** Of each disk. */
  readonly replays: readonly ReplayOutcome[];
  /** What was refused to the replica's end, and what broke transfers or logs: none of it should be. */
  readonly incidents: readonly string[];
  readonly relationshipId: string;
}

/** How often somebody who waits is told how far it is. */
const PROGRESS_MS: Millis = 60_000;

/**
 * Runs a primary and its replica on this machine, over HTTPS on its loopback, while a guest's writes are replayed.
 *
 * @throws Error where the run is not rehearsable; what files and sockets throw; AggregateError for a defect of ours
 */
export async function rehearse(options: RehearsalOptions): Promise<RehearsalResult> {
  const { run, folder, disks } = options;
  const [reason] = notRehearsable(run);
  if (reason !== undefined) throw new Error(reason);
  const incidents: string[] = [];
  const relationshipId = randomUUID();
  const certificates = await makeCertificates(join(folder, 'certificates'), {
    primaryName: 'localhost',
    replicaName: 'localhost',
    validDays: 30,
  });
  const store = new ReplicaStore(join(folder, 'replica'));
  const server = await serveReplica(store, {
    port: 0,
    address: '127.0.0.1',
    credentials: await readCredentials(certificates.replica),
    refused: ({ reason: why }) => incidents.push(`the replica refused: ${why}`),
    failed: (error) => incidents.push(`the replica failed: ${error}`),
    // A clock may be faster than the machine's, so that hours pass in seconds, or slower.
    idleMs: 0,
  });
  const epochMs = run.workload.clock.startEpochMs;
  if (run.options.skipInitialReplication) {
    await seedReplica(
      store,
      relationshipOf(run, relationshipId, disks),
      disks.map(({ device }) => device),
      epochMs,
    );
  }
  const logFolder = join(folder, 'primary');
  await mkdir(logFolder, { mode: 0o700 });
  const credentials = await readCredentials(certificates.primary);
  const clock = options.startClock();
  const way = new HttpsReplica({
    host: '127.0.0.1',
    port: server.port,
    replicaName: 'localhost',
    credentials,
    pacer: new Pacer(clock, run.site.link.capacityBitsPerSec),
    compresses: options.compresses,
  });
  const measurements = new Measurements(() => way.counters);
  const primary = new Primary({
    workload: run.workload,
    policy: run.policy,
    cutPhaseMs: options.cutPhaseMs,
    resyncSpans: options.resyncSpans,
    devices: disks.map(({ device }) => device),
    folder: logFolder,
    relationshipId,
    replica: interrupted(way, run.site.link.outages, clock),
    breakOff: () => way.breakOff(),
    clock,
    epochMs,
    observer: {
      stepped: (core, step) => measurements.stepped(core, step),
      transfer: (kind, flows) => measurements.transfer(kind, flows),
      failed: (error) => incidents.push(`broken off: ${error}`),
    },
  });
  measurements.watch(primary);
  try {
    const replays = await play(options, primary, way, clock);
    return { figures: measurements.figures(run.options.horizonMs), replays, incidents, relationshipId };
  } finally {
    await primary.close();
    way.close();
    await server.close();
    await store.close();
  }
}

/** Everything that happens, side by side, up to the horizon. */
async function play(
  { run, disks, content, onProgress }: RehearsalOptions,
  primary: Primary,
  way: HttpsReplica,
  clock: Clock,
): Promise<ReplayOutcome[]> {
  const { horizonMs, skipInitialReplication } = run.options;
  const over = new AbortController();
  const guests = disks.map(({ writes }, disk) =>
    clock.run(() => replay(within(writes, horizonMs), primary.disks[disk]!, content, clock, over.signal)),
  );
  const happenings = [
    clock.run(async () => {
      primary.strike(skipInitialReplication ? Input.adopted : Input.enabled);
    }),
    ...run.events.map((event) =>
      clock.run(async () => {
        await clock.until(event.atMs, over.signal);
        if (!over.signal.aborted && event.kind === 'action') primary.strike(INPUT_OF[event.action]!);
      }),
    ),
    ...run.site.link.outages.map(({ startMs }) =>
      clock.run(async () => {
        await clock.until(startMs, over.signal);
        if (!over.signal.aborted) way.breakOff();
      }),
    ),
  ];
  await clock.run(async () => {
    for (let atMs = 0; atMs < horizonMs; ) {
      atMs = Math.min(horizonMs, atMs + PROGRESS_MS);
      await clock.until(atMs);
      onProgress?.(atMs);
    }
  });
  over.abort();
  await Promise.all(happenings);
  return await Promise.all(guests);
}

function* within(writes: Iterable<TracedWrite>, horizonMs: Millis): Iterable<TracedWrite> {
  for (const write of writes) {
    if (write.atMs >= horizonMs) return;
    yield write;
  }
}

function relationshipOf(
  { workload, policy }: Run,
  id: string,
  disks: RehearsalOptions['disks'],
): Parameters<typeof seedReplica>[1] {
  const [vm] = workload.vms;
  return {
    id,
    vmName: vm!.name,
    disks: vm!.disks.map(({ name }, disk) => ({ name, sizeBytes: disks[disk]!.device.sizeBytes })),
    chunkBytes: policy.rules.chunkBytes,
  };
}
