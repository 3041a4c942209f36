import type { ReplicaService } from '../../../src/rehearse/replica-service.ts';

/** A replica that keeps what it was asked for, and answers as a test says. */
export class RecordedService implements ReplicaService {
  readonly calls: (readonly unknown[])[] = [];
  /** Thrown by the next call. */
  failure: unknown;

  async open(...args: readonly unknown[]): ReturnType<ReplicaService['open']> {
    this.#record('open', args);
    return { appliedSet: 7, recoveryPointAtMs: 1.5, copy: null };
  }

  async beginCopy(...args: readonly unknown[]): Promise<void> {
    this.#record('beginCopy', args);
  }

  async digests(...args: readonly unknown[]): Promise<Uint8Array> {
    this.#record('digests', args);
    return Uint8Array.of(1, 2, 3);
  }

  async putChunk(...args: readonly unknown[]): Promise<void> {
    this.#record('putChunk', args);
  }

  async endCopy(...args: readonly unknown[]): Promise<void> {
    this.#record('endCopy', args);
  }

  async putLog(...args: readonly unknown[]): Promise<void> {
    this.#record('putLog', args);
  }

  async commitSet(...args: readonly unknown[]): Promise<void> {
    this.#record('commitSet', args);
  }

  #record(name: string, args: readonly unknown[]): void {
    this.calls.push([name, ...args.map((arg) => (arg instanceof Uint8Array ? Uint8Array.from(arg) : arg))]);
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
  }
}
