import type { ReplicationCore } from '../replication/columns.ts';
import type { Millis } from '../units.ts';
import type { GuestWrites } from './guest-writes.ts';

/** Which guests are off: those that a planned failover has shut down, and those on a host that is down (decision 0005, 33, 41). */
export class Guests {
  readonly #core: ReplicationCore;
  /** Absent where the run has no events: no guest can stop. */
  readonly #writes: GuestWrites | undefined;
  readonly #shutDown: Uint8Array;
  readonly #hostDownCount: Uint16Array;

  constructor(core: ReplicationCore, writes: GuestWrites | undefined) {
    this.#core = core;
    this.#writes = writes;
    this.#shutDown = new Uint8Array(core.vmCount);
    this.#hostDownCount = new Uint16Array(core.vmCount);
  }

  shutDown(vm: number, off: boolean): void {
    this.#shutDown[vm] = off ? 1 : 0;
  }

  /** The host on which the VM's primary lies goes down, or comes back. */
  hostDown(vm: number, down: boolean): void {
    this.#hostDownCount[vm]! += down ? 1 : -1;
  }

  /** To be called where the VM's guest may have stopped, started, or changed sides. @returns whether it runs */
  update(vm: number, nowMs: Millis): boolean {
    const core = this.#core;
    const off = this.#shutDown[vm] === 1 || (this.#hostDownCount[vm]! > 0 && core.atTarget[vm] === 0);
    for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
      if (off) this.#writes?.stop(disk, nowMs);
      else this.#writes?.start(disk, nowMs);
    }
    return !off;
  }
}
