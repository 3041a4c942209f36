import { Phase } from '../../../src/replication/lifecycle.ts';
import type { Millis } from '../../../src/units.ts';
import { broken, disksOf, type Law, type Watched } from './law.ts';
import { WriteBook } from './write-book.ts';

const NAME = 'guests write their churn’s integral, and nothing while they are off';

/** Books of all disks that know when guests are off: brought forward to an instant before it is asked for. */
export class FleetWrites {
  readonly books: readonly WriteBook[];
  readonly #watched: Watched;
  /** Instants at which a host goes down or comes back, ascending. */
  readonly #turns: readonly Millis[];
  readonly #atTarget: boolean[];
  readonly #shutDown: boolean[];
  #next = 0;

  constructor(watched: Watched) {
    this.#watched = watched;
    const { run, disks, vms } = watched;
    this.books = disks.map((disk) => new WriteBook(disk.churn, run.options.growthRatio));
    const down = run.events.filter((event) => event.kind === 'hostDown');
    this.#turns = [...new Set(down.flatMap(({ atMs, untilMs }) => [atMs, untilMs]))].sort((a, b) => a - b);
    this.#atTarget = vms.map(() => false);
    this.#shutDown = vms.map(() => false);
  }

  /** Hosts that went down or came back up to an instant. */
  bringTo(nowMs: Millis): void {
    for (; this.#next < this.#turns.length && this.#turns[this.#next]! <= nowMs; this.#next++) {
      for (let vm = 0; vm < this.#watched.vms.length; vm++) this.#update(vm, this.#turns[this.#next]!);
    }
  }

  /** What the step does to the guest: a planned failover shuts it down, a failover moves it. */
  take(vm: number, before: Phase, after: Phase, nowMs: Millis): void {
    this.#shutDown[vm] = after === Phase.sendingLast;
    if (after === Phase.failedOver && before !== after) this.#atTarget[vm] = !this.#atTarget[vm];
    if (before === Phase.failedOver && after !== before && after !== Phase.committed)
      this.#atTarget[vm] = !this.#atTarget[vm];
    if (after === Phase.unprotected) this.#atTarget[vm] = false;
    this.#update(vm, nowMs);
  }

  #update(vm: number, nowMs: Millis): void {
    const off = this.#shutDown[vm] === true || (!this.#atTarget[vm] && this.#isHostDown(vm, nowMs));
    for (const disk of disksOf(this.#watched, vm)) this.books[disk]!.setOff(off, nowMs);
  }

  #isHostDown(vm: number, nowMs: Millis): boolean {
    const { run, vms } = this.#watched;
    return run.events.some(
      (event) =>
        event.kind === 'hostDown' && event.host === vms[vm]!.host && event.atMs <= nowMs && nowMs < event.untilMs,
    );
  }
}

export function writesIntegral(watched: Watched): Law {
  const writes = new FleetWrites(watched);
  return {
    name: NAME,
    stepped({ vm, before, after, nowMs }) {
      writes.bringTo(nowMs);
      for (const disk of disksOf(watched, vm)) {
        const book = writes.books[disk]!;
        const own = book.writtenBytes(nowMs);
        const found = watched.core.writes.writtenBytes(disk, nowMs);
        // Each stop is a rounded byte, and so is the answer.
        if (Math.abs(own - found) <= 1 + book.stopCount + own * 1e-12) continue;
        broken(watched, NAME, vm, nowMs, `disk ${disk}: ${found} bytes are written, not ${own}`);
      }
      writes.take(vm, before, after, nowMs);
    },
  };
}
