import { CAUSE_KEYS, CAUSES } from '../model/cause.ts';
import type { Millis } from '../units.ts';
import type { Transfers } from './transfers.ts';
import type { VolumeWatch } from './volume-watch.ts';

/** Causes of recoverable errors have the codes from 1 on. */
const BLOCKING_CAUSES = CAUSE_KEYS.filter((key) => CAUSES[key].kind === 'recoverable').length;

/** What makes an attempt fail at once: a link, a fault that lasts, a volume without room (semantics 19, 20, 22). */
export class Hindrances {
  readonly #transfers: Transfers;
  /** vm × cause: how many faults of this cause hold the VM's transfers up. */
  readonly #blocks: Uint16Array;
  /** Absent where no volume can run low. */
  readonly #volumes: VolumeWatch | undefined;
  #blockCount = 0;

  constructor(transfers: Transfers, vmCount: number, volumes: VolumeWatch | undefined) {
    this.#transfers = transfers;
    this.#blocks = new Uint16Array(vmCount * BLOCKING_CAUSES);
    this.#volumes = volumes;
  }

  /** @param cause code of a recoverable error */
  block(vm: number, cause: number, on: boolean): void {
    const change = on ? 1 : -1;
    this.#blocks[vm * BLOCKING_CAUSES + cause - 1]! += change;
    this.#blockCount += change;
  }

  /** Code of the cause for which an attempt fails now; 0 = it goes through. */
  causeFor(vm: number, nowMs: Millis): number {
    if (this.#transfers.isCutOff(vm)) return CAUSES.networkError.code;
    if (this.#blockCount > 0) {
      for (let cause = 1; cause <= BLOCKING_CAUSES; cause++) {
        if (this.#blocks[vm * BLOCKING_CAUSES + cause - 1]! > 0) return cause;
      }
    }
    return this.#volumes?.isLow(vm, nowMs) === true ? CAUSES.lowDiskSpace.code : 0;
  }
}
