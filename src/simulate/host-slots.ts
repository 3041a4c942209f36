import type { Millis } from '../units.ts';
import { IndexedHeap, noPositions } from './indexed-heap.ts';

/** How many VMs' transfers may leave a host at a time; the others wait in the order of their cut (semantics 15). */
export class HostSlots {
  readonly #limits: readonly number[];
  readonly #taken: Uint32Array;
  readonly #holds: Uint8Array;
  readonly #queuedAtMs: Float64Array;
  readonly #waiting: readonly IndexedHeap[];

  /** @param limits slots of each host, Infinity = no limit */
  constructor(limits: readonly number[], vmCount: number) {
    this.#limits = limits;
    this.#taken = new Uint32Array(limits.length);
    this.#holds = new Uint8Array(vmCount);
    this.#queuedAtMs = new Float64Array(vmCount);
    const ranks = new Uint8Array(vmCount);
    const positions = noPositions(vmCount);
    this.#waiting = limits.map(() => new IndexedHeap(this.#queuedAtMs, ranks, positions));
  }

  /** Whether the VM holds a slot now; where it does not, it waits in line by (queuedAtMs, vm). */
  request(vm: number, host: number, queuedAtMs: Millis): boolean {
    if (this.#holds[vm] === 1) return true;
    if (this.#taken[host]! < this.#limits[host]!) {
      this.#taken[host]!++;
      this.#holds[vm] = 1;
      return true;
    }
    this.#queuedAtMs[vm] = queuedAtMs;
    this.#waiting[host]!.place(vm);
    return false;
  }

  holds(vm: number): boolean {
    return this.#holds[vm] === 1;
  }

  /** The VM gives its slot back, or leaves the line. */
  release(vm: number, host: number): void {
    this.#waiting[host]!.remove(vm);
    if (this.#holds[vm] === 0) return;
    this.#holds[vm] = 0;
    this.#taken[host]!--;
  }

  /** The next VM in line takes a free slot of the host; −1 where there is no slot or nobody waits. */
  admit(host: number): number {
    const vm = this.#waiting[host]!.first;
    if (vm < 0 || this.#taken[host]! >= this.#limits[host]!) return -1;
    this.#waiting[host]!.remove(vm);
    this.#taken[host]!++;
    this.#holds[vm] = 1;
    return vm;
  }
}
