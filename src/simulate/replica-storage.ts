import type { Run } from '../model/run.ts';
import { SCENARIOS } from '../model/scenario.ts';
import { type ReplicationCore, TransferKind } from '../replication/columns.ts';
import type { Bytes, Millis } from '../units.ts';
import { Network, type Path } from './network.ts';

/**
 * The storage of the replicas between sites: a set that has arrived is applied before the replica is brought forward, and all that
 * are being applied share what it can write (semantics 14; decision 0006, 7).
 */
export class ReplicaStorage {
  readonly #network: Network;
  readonly #path: Path;
  /** Bytes written for each byte of a log, of each VM. */
  readonly #writeRatio: Float64Array;

  private constructor(writeBytesPerMs: number, writeRatio: Float64Array) {
    this.#network = new Network({
      flowCount: writeRatio.length,
      capacityBytesPerMs: [writeBytesPerMs],
      kindOfLine: [1],
    });
    this.#path = this.#network.path([{ line: 0, factor: 1 }]);
    this.#writeRatio = writeRatio;
  }

  /** Undefined where the site says nothing of it, and to Azure. */
  static of({ site, policy }: Run, core: ReplicationCore): ReplicaStorage | undefined {
    const writeBytesPerSec = site.replicaStorage?.writeBytesPerSec;
    if (writeBytesPerSec === undefined || SCENARIOS[policy.scenario].target === 'azure') return undefined;
    const { replicaWriteRatio, replicaWriteRatioWithPoints } = policy.rules;
    const ratios = core.pointKeepMs.map((keepMs) => (keepMs > 0 ? replicaWriteRatioWithPoints : replicaWriteRatio));
    return new ReplicaStorage(writeBytesPerSec / 1000, ratios);
  }

  isWriting(vm: number): boolean {
    return this.#network.isFlowing(vm);
  }

  /** Begins to apply what has arrived. @returns whether there is anything to wait for: a first copy is written as it comes */
  begin(vm: number, kind: TransferKind, arrivedBytes: Bytes, nowMs: Millis): boolean {
    if (kind === TransferKind.initial) return false;
    const ratio = kind === TransferKind.delta ? this.#writeRatio[vm]! : 1;
    this.#network.start(vm, this.#path, arrivedBytes * ratio, 1, Number.POSITIVE_INFINITY, nowMs);
    return true;
  }

  nextCompletionAtMs(): Millis {
    return this.#network.nextCompletionAtMs();
  }

  /** @returns the VM whose set is applied */
  finish(nowMs: Millis): number {
    const vm = this.#network.nextCompletionFlow();
    this.#network.finish(vm, nowMs);
    return vm;
  }

  /** What is being applied is given up, where anything is. */
  remove(vm: number, nowMs: Millis): void {
    if (this.#network.isFlowing(vm)) this.#network.remove(vm, nowMs);
  }
}
