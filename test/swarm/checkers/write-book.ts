/** The checkers' own integral of the churn, by the sum over its steps, less the time in which the guest was off. */
import type { Churn } from '../../../src/model/workload.ts';
import type { Bytes, Millis } from '../../../src/units.ts';

/** Bytes written from 0 to an instant, a guest never being off. */
export function churnBytes(churn: Churn, growthRatio: number, atMs: Millis): number {
  if (churn.kind === 'constant') return (churn.bytesPerSec * (1 + growthRatio) * atMs) / 1000;
  const { startMs, endMs, repeatMs, writtenBytes } = churn;
  const until = (ms: Millis): number => {
    let bytes = 0;
    for (let i = 0; i < startMs.length; i++) {
      const fromMs = startMs[i]!;
      const toMs = startMs[i + 1] ?? endMs;
      const share = Math.min(1, Math.max(0, (ms - fromMs) / (toMs - fromMs)));
      bytes += writtenBytes[i]! * share;
    }
    return bytes;
  };
  let bytes = until(atMs) - until(0);
  if (repeatMs > 0 && atMs > endMs) {
    const turns = Math.floor((atMs - endMs) / repeatMs);
    const turnFromMs = endMs - repeatMs;
    const perTurn = until(endMs) - until(turnFromMs);
    bytes += turns * perTurn + until(turnFromMs + (atMs - endMs - turns * repeatMs)) - until(turnFromMs);
  }
  return bytes * (1 + growthRatio);
}

/** One disk: when its guest was off. */
export class WriteBook {
  readonly #churn: Churn;
  readonly #growthRatio: number;
  #skippedBytes = 0;
  #offSinceMs = Number.POSITIVE_INFINITY;
  /** Times that the guest stopped: each costs a rounded byte. */
  stopCount = 0;

  constructor(churn: Churn, growthRatio: number) {
    this.#churn = churn;
    this.#growthRatio = growthRatio;
  }

  setOff(off: boolean, atMs: Millis): void {
    const isOff = this.#offSinceMs < Number.POSITIVE_INFINITY;
    if (off === isOff) return;
    if (off) {
      this.#offSinceMs = atMs;
      this.stopCount++;
      return;
    }
    this.#skippedBytes += this.#integral(atMs) - this.#integral(this.#offSinceMs);
    this.#offSinceMs = Number.POSITIVE_INFINITY;
  }

  /** At or after the last change of {@link setOff}. */
  writtenBytes(atMs: Millis): Bytes {
    return this.#integral(Math.min(atMs, this.#offSinceMs)) - this.#skippedBytes;
  }

  #integral(atMs: Millis): number {
    return churnBytes(this.#churn, this.#growthRatio, atMs);
  }
}
