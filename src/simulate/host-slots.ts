import type { Millis } from '../units.ts';
import { IndexedHeap, noPositions } from './indexed-heap.ts';

/** How many VMs' transfers may leave a host at a time; the others wait in the order of their cut (semantics 15). */
export class HostSlots {
  readonly #limits: readonly number[];
  readonly #taken: Uint32Array;
  readonly #holds: Uint8Array;
  readonly #queuedAtMs: Float64Array;
  readonly #positions: Int32Array;
  readonly #waiting: readonly IndexedHeap[];

  /**
   * @param limits slots of each host, Infinity = no limit
   * @param byName VMs in the order that counts where their instants are the same
   */
  constructor(limits: readonly number[], byName: readonly number[]) {
    const vmCount = byName.length;
    this.#limits = limits;
    this.#taken = new Uint32Array(limits.length);
    this.#holds = new Uint8Array(vmCount);
    this.#queuedAtMs = new Float64Array(vmCount);
    const ranks = new Uint32Array(vmCount);
    byName.forEach((vm, rank) => {
      ranks[vm] = rank;
    });
    this.#positions = noPositions(vmCount);
    this.#waiting = limits.map(() => new IndexedHeap(this.#queuedAtMs, ranks, this.#positions));
  }

  /** Whether the VM holds a slot now; where it does not, it waits in line by (queuedAtMs, name). */
  request(vm: number, host: number, queuedAtMs: Millis): boolean {
    this.#queuedAtMs[vm] = queuedAtMs;
    if (this.#holds[vm] === 1) return true;
    if (this.#taken[host]! < this.#limits[host]!) {
      this.#taken[host]!++;
      this.#holds[vm] = 1;
      return true;
    }
    this.#waiting[host]!.place(vm);
    return false;
  }

  holds(vm: number): boolean {
    return this.#holds[vm] === 1;
  }

  /** The instant by which the VM holds a slot or waits for one; undefined where it does neither. */
  queuedAtMs(vm: number): Millis | undefined {
    return this.#holds[vm] === 1 || this.#positions[vm]! >= 0 ? this.#queuedAtMs[vm]! : undefined;
  }

  /** The VM gives its slot back, or leaves the line. @returns whether others wait for a slot */
  release(vm: number, host: number): boolean {
    const waiting = this.#waiting[host]!;
    if (this.#holds[vm] === 1) {
      this.#holds[vm] = 0;
      this.#taken[host]!--;
    } else waiting.remove(vm);
    return waiting.size > 0;
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
