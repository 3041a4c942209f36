/**
 * The core in virtual time over a modelled disk, and over real bytes with a clock that leaps: the same script leads to the same transitions
 * at the same instants, and the replica ends as its primary was.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { windowSpans } from '../../src/model/clock.ts';
import type { SiteEvent } from '../../src/model/event.ts';
import type { Run } from '../../src/model/run.ts';
import type { Churn } from '../../src/model/workload.ts';
import { SteppedClock } from '../../src/rehearse/clock.ts';
import { Primary } from '../../src/rehearse/primary/primary.ts';
import type { TrackedDisk } from '../../src/rehearse/primary/tracked-disk.ts';
import { ReplicaStore } from '../../src/rehearse/replica/replica-store.ts';
import { testFailover } from '../../src/rehearse/replica/test-failover.ts';
import { LinkError, type ReplicaService } from '../../src/rehearse/replica-service.ts';
import type { ReplicationCore } from '../../src/replication/columns.ts';
import { INPUT_KEYS, Input, PHASE_KEYS, type Phase } from '../../src/replication/lifecycle.ts';
import type { TrackedWrites } from '../../src/replication/tracked-writes.ts';
import { ChurnIntegral } from '../../src/simulate/churn-integral.ts';
import { snapped } from '../../src/simulate/instants.ts';
import { watchRun } from '../../src/simulate/simulate.ts';
import { MIB, MINUTE_MS } from '../../src/units.ts';
import { buildDisk, buildRun, buildVm } from '../laws/build-run.ts';
import { MemoryDisk } from './memory-disk.ts';

const HORIZON_MS = 2 * 60 * MINUTE_MS;
const RELATIONSHIP = '00000000-0000-4000-8000-000000000001';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'asr-plan-conformance-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Transition {
  readonly atMs: number;
  readonly what: string;
}

function transition(nowMs: number, input: Input, before: Phase, after: Phase, cause: number): Transition {
  return { atMs: nowMs, what: `${PHASE_KEYS[before]} ${INPUT_KEYS[input]} ${PHASE_KEYS[after]} ${cause}` };
}

function inVirtualTime(run: Run): Transition[] {
  const log: Transition[] = [];
  watchRun(run, {
    stepped: ({ nowMs, input, before, after, cause }) => log.push(transition(nowMs, input, before, after, cause)),
  });
  return log;
}

/** What the churn says was written is written, when the core asks: real writes at places of their own. */
class ScriptedWrites implements TrackedWrites {
  readonly #integral: ChurnIntegral;
  readonly #disks: readonly TrackedDisk[];
  readonly #done: number[];
  /** What stands on each disk once all that was written is in. */
  readonly shadows: readonly Buffer[];
  #seed = 1;

  constructor(churns: readonly Churn[], disks: readonly TrackedDisk[]) {
    this.shadows = disks.map(({ sizeBytes }) => Buffer.alloc(sizeBytes));
    this.#integral = new ChurnIntegral(churns, 0);
    this.#disks = disks;
    this.#done = disks.map(() => 0);
  }

  writtenBytes(disk: number, atMs: number): number {
    const bytes = this.#integral.writtenBytes(disk, atMs);
    this.#writeUpTo(disk, bytes);
    return bytes;
  }

  reachedAtMs(disk: number, bytes: number, nowMs: number): number {
    return this.#integral.reachedAtMs(disk, bytes, nowMs);
  }

  notReachedBeforeMs(disk: number, bytes: number, nowMs: number, writtenNowBytes: number): number {
    return this.#integral.notReachedBeforeMs(disk, bytes, nowMs, writtenNowBytes);
  }

  #writeUpTo(disk: number, bytes: number): void {
    const device = this.#disks[disk]!;
    while (this.#done[disk]! < bytes) {
      const length = Math.min(bytes - this.#done[disk]!, 64 * 1024);
      this.#seed = (Math.imul(this.#seed, 48_271) >>> 0) % 2_147_483_647;
      const data = Buffer.alloc(length, (this.#seed % 255) + 1);
      const offset = this.#seed % (device.sizeBytes - length);
      void device.write(data, offset);
      this.shadows[disk]!.set(data, offset);
      this.#done[disk]! += length;
    }
  }
}

/** A way to the replica that takes as long as the model's link, is cut in outages, and carries everything at once at the end. */
class ModelledWay {
  readonly #clock: SteppedClock;
  readonly #run: Run;
  #uploadBytes = 0;
  #transferMs = 0;
  #beganAtMs = Number.POSITIVE_INFINITY;
  #breakOff = new AbortController();

  constructor(run: Run, clock: SteppedClock) {
    this.#run = run;
    this.#clock = clock;
  }

  note({ effects }: ReplicationCore): void {
    if (effects.upload === 0) return;
    const { capacityBitsPerSec, efficiencyRatio } = this.#run.site.link;
    const bytesPerMs = Math.min(capacityBitsPerSec / 8000, effects.uploadBytesPerMs / efficiencyRatio);
    this.#uploadBytes = effects.uploadBytes;
    this.#transferMs = effects.uploadBytes / efficiencyRatio / bytesPerMs;
  }

  goneOutBytes(): number {
    const share = Math.min(1, Math.max(0, this.#clock.nowMs() - this.#beganAtMs) / this.#transferMs);
    return this.#transferMs === 0 ? 0 : this.#uploadBytes * share;
  }

  breakOff(): void {
    this.#beganAtMs = Number.POSITIVE_INFINITY;
    this.#breakOff.abort();
    this.#breakOff = new AbortController();
  }

  isDown(): boolean {
    const nowMs = this.#clock.nowMs();
    return this.#run.site.link.outages.some(({ startMs, endMs }) => startMs <= nowMs && nowMs < endMs);
  }

  over(replica: ReplicaService): ReplicaService {
    return {
      open: async (relationship) => {
        if (this.isDown()) throw new LinkError('the link is down');
        this.#beganAtMs = this.#clock.nowMs();
        const { signal } = this.#breakOff;
        const dueAtMs = snapped(this.#clock.nowMs() + this.#transferMs);
        const cutAtMs = Math.min(
          ...this.#run.site.link.outages
            .map(({ startMs }) => startMs)
            .filter((startMs) => startMs > this.#clock.nowMs()),
          Number.POSITIVE_INFINITY,
        );
        await this.#clock.until(Math.min(dueAtMs, cutAtMs), signal);
        if (cutAtMs < dueAtMs) throw new LinkError('the link went down');
        return await replica.open(relationship);
      },
      beginCopy: (id, session) => replica.beginCopy(id, session),
      digests: (id, disk, first, count) => replica.digests(id, disk, first, count),
      putChunk: (id, session, disk, chunk, data) => replica.putChunk(id, session, disk, chunk, data),
      endCopy: (id, session, atMs) => replica.endCopy(id, session, atMs),
      putLog: (id, set, disk, offset, data) => replica.putLog(id, set, disk, offset, data),
      commitSet: (id, set) => replica.commitSet(id, set),
    };
  }
}

const INPUT_OF: Readonly<Record<string, Input>> = {
  pause: Input.paused,
  resume: Input.resumed,
  resynchronize: Input.resyncRequested,
};

interface Rehearsed {
  readonly log: Transition[];
  /** The latest recovery point, and what the disks and the replica's test failover were then. */
  readonly recoveryPointAtMs: number;
  readonly disksThen: readonly Buffer[];
  readonly images: readonly Buffer[];
}

async function overRealBytes(run: Run): Promise<Rehearsed> {
  const clock = new SteppedClock();
  const way = new ModelledWay(run, clock);
  const store = new ReplicaStore(join(folder, 'replica'));
  const log: Transition[] = [];
  const { disks } = run.workload.vms[0]!;
  const disksAt = new Map<number, readonly Buffer[]>();
  let shadows: readonly Buffer[] = [];
  const primary = new Primary({
    workload: run.workload,
    policy: run.policy,
    cutPhaseMs: 0,
    resyncSpans: windowSpans(run.workload.clock, run.policy.resyncWindow, run.options.horizonMs),
    devices: disks.map(({ sizeBytes }) => new MemoryDisk(sizeBytes)),
    folder,
    relationshipId: RELATIONSHIP,
    replica: way.over(store),
    breakOff: () => way.breakOff(),
    goneOutBytes: () => way.goneOutBytes(),
    clock,
    epochMs: 0,
    writes(tracked) {
      const script = new ScriptedWrites(
        disks.map(({ churn }) => churn),
        tracked,
      );
      shadows = script.shadows;
      return script;
    },
    observer: {
      stepped(core, { nowMs, input, before, after, cause }) {
        way.note(core);
        // Cuts, snapshots and starts of resynchronizations: what may become a recovery point.
        disksAt.set(
          nowMs,
          shadows.map((shadow) => Buffer.from(shadow)),
        );
        for (const atMs of disksAt.keys()) if (atMs < core.recoveryPointAtMs[0]!) disksAt.delete(atMs);
        log.push(transition(nowMs, input, before, after, cause));
      },
    },
  });
  await clock.run(async () => {
    primary.strike(run.options.skipInitialReplication ? Input.adopted : Input.enabled);
    for (const event of run.events) {
      if (event.kind !== 'action') throw new Error(event.kind);
      await clock.until(event.atMs);
      primary.strike(INPUT_OF[event.action]!);
    }
    await clock.until(run.options.horizonMs);
  });
  const recoveryPointAtMs = primary.core.recoveryPointAtMs[0]!;
  await primary.close();
  const found =
    recoveryPointAtMs > 0
      ? await store.with(RELATIONSHIP, (one) => testFailover(one, folder))
      : { atMs: recoveryPointAtMs, paths: [] };
  expect(found.atMs).toBe(recoveryPointAtMs);
  const images = found.paths.map((path) => readFileSync(path));
  await store.close();
  return { log, recoveryPointAtMs, disksThen: images.length > 0 ? disksAt.get(recoveryPointAtMs)! : [], images };
}

const anyEvents = fc
  .uniqueArray(fc.integer({ min: 1, max: HORIZON_MS / 1000 - 1 }), { maxLength: 3 })
  .chain((seconds) =>
    fc.tuple(
      ...seconds
        .toSorted((a, b) => a - b)
        .map((second) =>
          fc.constantFrom('pause', 'resume', 'resynchronize').map(
            (action): SiteEvent => ({
              kind: 'action',
              action: action as 'pause',
              target: { scope: 'all' },
              // Beside boundaries and rungs of the ladder, which lie on whole seconds.
              atMs: second * 1000 + 137,
            }),
          ),
        ),
    ),
  );

interface Script {
  readonly sizesMib: readonly number[];
  readonly bytesPerSec: number;
  readonly kilobitsPerSec: number;
  /** Start and length in minutes. */
  readonly outage: readonly [number, number] | null;
  readonly events: readonly SiteEvent[];
  readonly skip: boolean;
  readonly compressionRatio: number;
}

const anyScript: fc.Arbitrary<Script> = fc.record({
  sizesMib: fc.array(fc.integer({ min: 4, max: 8 }), { minLength: 1, maxLength: 2 }),
  bytesPerSec: fc.integer({ min: 0, max: 4000 }),
  kilobitsPerSec: fc.integer({ min: 20, max: 2000 }),
  outage: fc.option(fc.tuple(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 40 }))),
  events: anyEvents,
  skip: fc.boolean(),
  compressionRatio: fc.constantFrom(1, 0.5),
});

function runOf(script: Script): Run {
  const { sizesMib, bytesPerSec, kilobitsPerSec, outage, events, skip, compressionRatio } = script;
  const disks = sizesMib.map((mib, disk) =>
    buildDisk({
      name: `disk${disk}`,
      sizeBytes: mib * MIB,
      usedBytes: mib * MIB,
      churn: { kind: 'constant', bytesPerSec: bytesPerSec / (disk + 1) },
    }),
  );
  const startMs = (outage?.[0] ?? 0) * MINUTE_MS + 1;
  return buildRun({
    vms: [buildVm({ disks })],
    policy: { compressionRatio },
    link: { capacityBitsPerSec: kilobitsPerSec * 1000 },
    outages: outage === null ? [] : [{ startMs, endMs: startMs + outage[1] * MINUTE_MS }],
    events,
    options: { horizonMs: HORIZON_MS, skipInitialReplication: skip },
  });
}

function action(minute: number, key: 'pause' | 'resume' | 'resynchronize'): SiteEvent {
  return { kind: 'action', action: key, target: { scope: 'all' }, atMs: minute * MINUTE_MS + 137 };
}

const PLAIN: Script = {
  sizesMib: [4],
  bytesPerSec: 1000,
  kilobitsPerSec: 200,
  outage: null,
  events: [],
  skip: false,
  compressionRatio: 1,
};

/** What the random scripts may miss. */
const EXAMPLES: readonly Script[] = [
  { ...PLAIN, sizesMib: [4, 6], outage: [2, 20] },
  { ...PLAIN, skip: true, outage: [14, 33] },
  { ...PLAIN, bytesPerSec: 4000, outage: [30, 40] },
  {
    ...PLAIN,
    kilobitsPerSec: 60,
    skip: true,
    events: [action(21, 'resynchronize'), action(23, 'pause'), action(40, 'resume')],
  },
  { ...PLAIN, events: [action(1, 'pause'), action(30, 'resume'), action(70, 'resynchronize')] },
];

test('the same script, the same transitions at the same instants, and a replica that is what its primary was', async () => {
  let compared = 0;
  let failovers = 0;
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(anyScript, async (script) => {
      const run = runOf(script);
      rmSync(folder, { recursive: true, force: true });
      folder = mkdtempSync(join(tmpdir(), 'asr-plan-conformance-'));
      const expected = inVirtualTime(run);
      const { log: whole, recoveryPointAtMs, disksThen, images } = await overRealBytes(run);
      const log = whole.filter(({ atMs }) => atMs < run.options.horizonMs);
      expect(log.map(({ what }) => what)).toEqual(expected.map(({ what }) => what));
      for (const [index, { atMs }] of log.entries()) expect(atMs).toBeCloseTo(expected[index]!.atMs, 3);
      expect(images).toHaveLength(disksThen.length);
      for (const [disk, image] of images.entries()) {
        expect(Buffer.compare(image, disksThen[disk]!), `disk ${disk} at ${recoveryPointAtMs}`).toBe(0);
      }
      if (images.length > 0) failovers++;
      compared += log.length;
      for (const { what } of log) seen.add(what.split(' ')[2]!);
    }),
    { numRuns: 15, examples: EXAMPLES.map((script) => [script]) },
  );
  expect(compared).toBeGreaterThan(200);
  expect(failovers).toBeGreaterThan(4);
  // It would say little if it had never left delta replication.
  expect([...seen]).toEqual(
    expect.arrayContaining(['seeding', 'merging', 'sending', 'sendingBackoff', 'resyncing', 'paused', 'resyncMarked']),
  );
});
