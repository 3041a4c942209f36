import type { ReplicationCore } from '../replication/columns.ts';
import { Input } from '../replication/lifecycle.ts';
import type { Millis } from '../units.ts';
import { IndexedHeap, noPositions } from './indexed-heap.ts';
import { snapped } from './instants.ts';
import { ORDER_OF_WAKE, Order } from './order.ts';

/**
 * The deadlines of all VMs in their order. Cuts come round by round: in the order of the VMs' phases, again and again every
 * interval, so that they need no queue; everything else stands in a heap, where a VM in delta replication hardly ever moves.
 */
export class Wakes {
  /** The next instant at which something may be due, and its place in the order of that instant; set by {@link look}. */
  atMs: Millis = Number.POSITIVE_INFINITY;
  order: number = Order.cut;
  readonly #core: ReplicationCore;
  readonly #alarms: IndexedHeap;
  readonly #alarmAtMs: Float64Array;
  readonly #alarmOrder: Uint8Array;
  readonly #rounds: readonly CutRound[];
  readonly #roundOf: Uint16Array;
  /** The round whose turn it is at `atMs`; undefined where an alarm is first. */
  #turn: CutRound | undefined;

  constructor(core: ReplicationCore) {
    const { vmCount } = core;
    this.#core = core;
    this.#alarmAtMs = new Float64Array(vmCount).fill(Number.POSITIVE_INFINITY);
    this.#alarmOrder = new Uint8Array(vmCount);
    this.#alarms = new IndexedHeap(this.#alarmAtMs, this.#alarmOrder, noPositions(vmCount));
    const intervals = [...new Set(core.intervalMs)];
    const placeOf = new Uint32Array(vmCount);
    this.#rounds = intervals.map((intervalMs) => new CutRound(core, intervalMs, placeOf));
    this.#roundOf = Uint16Array.from(core.intervalMs, (intervalMs) => intervals.indexOf(intervalMs));
  }

  /** Takes over the VM's deadlines: to be called after each of its steps. */
  arm(vm: number): void {
    const core = this.#core;
    let atMs = core.alarmAtMs[vm]!;
    let order = ORDER_OF_WAKE[core.alarmInput[vm] as Input];
    if (core.wakeInput[vm] === Input.intervalElapsed) {
      const cutAtMs = core.wakeAtMs[vm]!;
      const round = this.#rounds[this.#roundOf[vm]!]!;
      // Its round has been there already in this very instant.
      if (cutAtMs <= round.atMs && cutAtMs < round.nextVisitMs(vm)) {
        atMs = cutAtMs;
        order = Order.cut;
      }
    }
    if (atMs === this.#alarmAtMs[vm] && order === this.#alarmOrder[vm]) return;
    this.#alarmAtMs[vm] = atMs;
    this.#alarmOrder[vm] = order;
    if (atMs === Number.POSITIVE_INFINITY) this.#alarms.remove(vm);
    else this.#alarms.place(vm);
  }

  /** Finds what is next. */
  look(nowMs: Millis): void {
    let atMs = Number.POSITIVE_INFINITY;
    let order = Order.cut as number;
    let turn: CutRound | undefined;
    const rounds = this.#rounds;
    for (let i = 0; i < rounds.length; i++) {
      const round = rounds[i]!;
      if (round.atMs < atMs || (round.atMs === atMs && round.vm < turn!.vm)) {
        atMs = round.atMs;
        turn = round;
      }
    }
    const alarm = this.#alarms.first;
    if (alarm >= 0) {
      const alarmOrder = this.#alarmOrder[alarm]!;
      const dueAtMs = this.#alarmAtMs[alarm]!;
      // The end of a merge is a completion like a transfer's; the half-disk bound may lie in the past.
      const alarmAtMs = Math.max(nowMs, alarmOrder === Order.completion ? snapped(dueAtMs) : dueAtMs);
      if (alarmAtMs < atMs || (alarmAtMs === atMs && alarmOrder <= order)) {
        atMs = alarmAtMs;
        order = alarmOrder;
        turn = undefined;
      }
    }
    this.atMs = atMs;
    this.order = order;
    this.#turn = turn;
  }

  /** The VM that is to be woken now; −1 where a round has come to a VM that does not cut. */
  take(): number {
    if (this.#turn === undefined) return this.#alarms.first;
    const { vm, atMs } = this.#turn;
    this.#turn.goOn();
    return this.#core.wakeInput[vm] === Input.intervalElapsed && this.#core.wakeAtMs[vm] === atMs ? vm : -1;
  }
}

/** The boundaries of all VMs with one copy interval, in their order. */
class CutRound {
  /** The next boundary, and whose it is. */
  atMs: Millis;
  vm: number;
  readonly #intervalMs: Millis;
  readonly #phaseMs: Float64Array;
  /** VMs in the order of their phases. */
  readonly #vms: Uint32Array;
  readonly #placeOf: Uint32Array;
  #place = 0;
  /** Number of the boundary, counted from 1 on (semantics 12). */
  #boundary = 1;

  /** @param placeOf place of each VM in its round; filled here */
  constructor(core: ReplicationCore, intervalMs: Millis, placeOf: Uint32Array) {
    this.#intervalMs = intervalMs;
    this.#phaseMs = core.cutPhaseMs;
    const members = Array.from({ length: core.vmCount }, (_, vm) => vm).filter(
      (vm) => core.intervalMs[vm] === intervalMs,
    );
    this.#vms = Uint32Array.from(members.sort((a, b) => this.#phaseMs[a]! - this.#phaseMs[b]! || a - b));
    this.#placeOf = placeOf;
    this.#vms.forEach((vm, place) => {
      placeOf[vm] = place;
    });
    this.vm = this.#vms[0]!;
    this.atMs = this.#phaseMs[this.vm]! + intervalMs;
  }

  goOn(): void {
    if (++this.#place === this.#vms.length) {
      this.#place = 0;
      this.#boundary++;
    }
    this.vm = this.#vms[this.#place]!;
    // As the core computes it, to the last bit.
    this.atMs = this.#phaseMs[this.vm]! + this.#boundary * this.#intervalMs;
  }

  /** The next boundary of a VM at which this round comes by. */
  nextVisitMs(vm: number): Millis {
    const boundary = this.#placeOf[vm]! >= this.#place ? this.#boundary : this.#boundary + 1;
    return this.#phaseMs[vm]! + boundary * this.#intervalMs;
  }
}
