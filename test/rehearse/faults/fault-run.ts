import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { RealClock } from '../../../src/rehearse/clock.ts';
import { ReplicaStore } from '../../../src/rehearse/replica/replica-store.ts';
import { testFailover } from '../../../src/rehearse/replica/test-failover.ts';
import { FaultProxy } from '../../../src/rehearse/transport/faults.ts';
import { guestWrite, randomFrom } from './guest.ts';
import { DISK_BYTES, type PrimaryMessage, type PrimarySettings, type ReplicaSettings } from './settings.ts';

export const FAULTS = [
  'killPrimary',
  'killReplica',
  'cut',
  'cutLater',
  'corrupt',
  'tornLogs',
  'tornArrivals',
  'full',
] as const;
export type Fault = (typeof FAULTS)[number];

export interface FaultRunOptions {
  readonly seed: number;
  /** Empty. Where it is a small file system of its own, it can be filled up. */
  readonly folder: string;
  readonly canBeFull: boolean;
  /** With TLS; else plain HTTP, which starts sooner. */
  readonly certificates?: string;
}

export interface FaultRunOutcome {
  readonly faults: readonly Fault[];
  readonly acknowledgedWrites: number;
  /** What the primary was told of: each is a break that it went on after. */
  readonly incidents: readonly string[];
}

/** Of those writes that nobody was told of, so many may be on the disk after a kill. */
const UNTOLD_MOST = 64;
const QUIET_MS = 20_000;

/**
 * A primary and a replica, each a process of its own, that are killed and disturbed at random; then they are left alone until the replica has
 * all that the guest wrote.
 *
 * @throws Error where an acknowledged write is not on the primary's disk, or the replica is not what the primary is
 */
export async function faultRun(options: FaultRunOptions): Promise<FaultRunOutcome> {
  const run = new FaultRun(options);
  try {
    return await run.go();
  } finally {
    await run.end();
  }
}

class FaultRun {
  readonly #options: FaultRunOptions;
  readonly #random: () => number;
  readonly #shadow: Buffer = Buffer.alloc(DISK_BYTES);
  readonly #faults: Fault[] = [];
  readonly #incidents: string[] = [];
  readonly #replicaFolder: string;
  readonly #primaryFolder: string;
  readonly #diskPath: string;
  #acknowledged = -1;
  #relationshipId: string | undefined;
  #replicaPort = 0;
  #primary: ChildProcess | undefined;
  #replica: ChildProcess | undefined;
  #proxy: FaultProxy | undefined;
  #defect: Error | undefined;

  constructor(options: FaultRunOptions) {
    this.#options = options;
    this.#random = randomFrom(options.seed);
    this.#replicaFolder = join(options.folder, 'replica');
    this.#primaryFolder = join(options.folder, 'primary');
    this.#diskPath = join(options.folder, 'disk.raw');
  }

  async go(): Promise<FaultRunOutcome> {
    // The guest's disk has its space: what is full is where logs and the replica lie.
    writeFileSync(this.#diskPath, Buffer.alloc(DISK_BYTES));
    await this.#startReplica();
    this.#proxy = await FaultProxy.start({ targetPort: this.#replicaPort, clock: new RealClock() });
    await this.#startPrimary();
    const rounds = 1 + Math.floor(this.#random() * 4);
    for (let round = 0; round < rounds; round++) {
      await this.#pause(50 + this.#random() * 700);
      await this.#strike();
      this.#check();
    }
    await this.#pause(this.#random() * 300);
    await this.#quiesce();
    await this.#compare();
    return { faults: this.#faults, acknowledgedWrites: this.#acknowledged + 1, incidents: this.#incidents };
  }

  async end(): Promise<void> {
    await kill(this.#primary);
    await kill(this.#replica);
    await this.#proxy?.close();
  }

  async #strike(): Promise<void> {
    const kinds = FAULTS.filter((fault) => fault !== 'full' || this.#options.canBeFull);
    const fault = kinds[Math.floor(this.#random() * kinds.length)]!;
    this.#faults.push(fault);
    switch (fault) {
      case 'killPrimary':
      case 'tornLogs':
        await kill(this.#primary);
        this.#checkDisk();
        if (fault === 'tornLogs') this.#tear(join(this.#primaryFolder, 'logs'));
        await this.#startPrimary();
        break;
      case 'killReplica':
      case 'tornArrivals':
        await kill(this.#replica);
        if (fault === 'tornArrivals') this.#tearArrivals();
        await this.#pause(this.#random() * 200);
        await this.#startReplica();
        break;
      case 'cut':
        this.#proxy!.cutNow();
        break;
      case 'cutLater':
        this.#proxy!.cutAfter(Math.floor(this.#random() * 300_000));
        break;
      case 'corrupt':
        this.#proxy!.flipAfter(Math.floor(this.#random() * 300_000));
        break;
      case 'full':
        await this.#fillUp();
        break;
      default:
        fault satisfies never;
    }
  }

  async #startPrimary(): Promise<void> {
    const { seed, certificates } = this.#options;
    const settings: PrimarySettings = {
      folder: this.#primaryFolder,
      diskPath: this.#diskPath,
      port: this.#proxy!.port,
      seed,
      firstWrite: this.#acknowledged + 1,
      ...(certificates === undefined ? {} : { certificates }),
    };
    const primary = start('primary-process.ts', settings);
    this.#primary = primary;
    primary.on('message', (message: PrimaryMessage) => this.#told(message));
    primary.on('exit', (code) => {
      if (code !== null && code !== 0) this.#defect ??= new Error(`the primary ended with ${code}: ${textOf(primary)}`);
    });
    await Promise.race([once(primary, 'message'), once(primary, 'exit')]);
    this.#check();
  }

  #told(message: PrimaryMessage): void {
    if (message.kind === 'started') return;
    if (message.kind === 'incident') this.#incidents.push(message.words);
    else if (message.kind === 'quiet') this.#relationshipId = message.relationshipId;
    else {
      const { offset, data } = guestWrite(this.#options.seed, message.index, DISK_BYTES);
      this.#shadow.set(data, offset);
      this.#acknowledged = Math.max(this.#acknowledged, message.index);
    }
  }

  async #startReplica(): Promise<void> {
    const { certificates } = this.#options;
    const settings: ReplicaSettings = {
      folder: this.#replicaFolder,
      port: this.#replicaPort,
      ...(certificates === undefined ? {} : { certificates }),
    };
    const replica = start('replica-process.ts', settings);
    this.#replica = replica;
    replica.on('message', (message: { readonly port?: number; readonly failed?: string }) => {
      if (message.port !== undefined) this.#replicaPort = message.port;
      if (message.failed !== undefined) this.#defect ??= new Error(`the replica failed: ${message.failed}`);
    });
    replica.on('exit', (code) => {
      if (code !== null && code !== 0) this.#defect ??= new Error(`the replica ended with ${code}: ${textOf(replica)}`);
    });
    await once(replica, 'message');
  }

  /** Nothing that the guest was told is written may be missing; what it was not told of may be there, in part or whole. */
  #checkDisk(): void {
    const disk = readFileSync(this.#diskPath);
    const untold = Array.from({ length: UNTOLD_MOST }, (_, ahead) =>
      guestWrite(this.#options.seed, this.#acknowledged + 1 + ahead, DISK_BYTES),
    );
    for (let at = 0; at < DISK_BYTES; at++) {
      if (disk[at] === this.#shadow[at]) continue;
      const isUntold = untold.some(
        ({ offset, data }) => offset <= at && at < offset + data.length && disk[at] === data[at - offset],
      );
      if (!isUntold) throw new Error(`byte ${at} of the primary's disk is not what its guest wrote`);
    }
  }

  /** The end of each log is not what was written, as after a machine has lost its power. */
  #tear(folder: string): void {
    if (!existsSync(folder)) return;
    for (const name of readdirSync(folder)) this.#tearFile(join(folder, name));
  }

  /** Logs that have arrived in part, of sets that are not whole yet. */
  #tearArrivals(): void {
    if (!existsSync(this.#replicaFolder)) return;
    for (const id of readdirSync(this.#replicaFolder)) {
      const incoming = join(this.#replicaFolder, id, 'incoming');
      for (const set of existsSync(incoming) ? readdirSync(incoming) : []) {
        if (!existsSync(join(incoming, set, 'set.json'))) this.#tear(join(incoming, set));
      }
    }
  }

  #tearFile(path: string): void {
    const { size } = statSync(path);
    const keptBytes = Math.floor(size * this.#random());
    if (this.#random() < 0.5) truncateSync(path, keptBytes);
    else {
      const file = openSync(path, 'r+');
      writeSync(file, Buffer.alloc(size - keptBytes, 0xaa), 0, size - keptBytes, keptBytes);
      closeSync(file);
    }
  }

  async #fillUp(): Promise<void> {
    const path = join(this.#options.folder, 'filler');
    const file = openSync(path, 'w');
    try {
      for (let size = 1024 ** 2; size >= 4096; size /= 2) {
        try {
          for (;;) writeSync(file, Buffer.alloc(size));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        }
      }
      await this.#pause(100 + this.#random() * 500);
    } finally {
      closeSync(file);
      rmSync(path);
    }
  }

  async #quiesce(): Promise<void> {
    const untilMs = Date.now() + QUIET_MS;
    this.#primary!.send({ quiet: true });
    while (this.#relationshipId === undefined) {
      this.#check();
      if (Date.now() > untilMs) {
        throw new Error(`the replica is not up to date after ${QUIET_MS} ms: ${this.#incidents.slice(-3).join('; ')}`);
      }
      await this.#pause(20);
    }
  }

  async #compare(): Promise<void> {
    await kill(this.#primary);
    await kill(this.#replica);
    this.#check();
    const disk = readFileSync(this.#diskPath);
    if (Buffer.compare(disk, this.#shadow) !== 0) throw new Error('the primary is not what its guest wrote');
    const store = new ReplicaStore(this.#replicaFolder);
    const folder = join(this.#options.folder, 'failover');
    mkdirSync(folder);
    const { paths } = await store.with(this.#relationshipId!, (one) => testFailover(one, folder));
    await store.close();
    if (Buffer.compare(readFileSync(paths[0]!), disk) !== 0) throw new Error('the replica is not what the primary is');
  }

  #check(): void {
    if (this.#defect !== undefined) throw this.#defect;
  }

  #pause(durationMs: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, durationMs));
  }
}

const texts = new WeakMap<ChildProcess, string>();

function start(name: string, settings: unknown): ChildProcess {
  const child = fork(join(import.meta.dirname, name), [JSON.stringify(settings)], { silent: true });
  child.stderr!.on('data', (piece) => texts.set(child, `${texts.get(child) ?? ''}${piece}`.slice(-4000)));
  return child;
}

function textOf(child: ChildProcess): string {
  return texts.get(child) ?? '';
}

/** With no chance to tidy up. */
async function kill(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
