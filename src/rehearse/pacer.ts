import type { BitsPerSec, Bytes, Millis } from '../units.ts';
import type { Clock } from './clock.ts';

/** The software's limit of bandwidth: who sends asks before, and waits until what was sent before has had its time. */
export class Pacer {
  readonly #clock: Clock;
  readonly #bytesPerMs: number;
  #freeAtMs: Millis = 0;

  /** @param bitsPerSec Infinity = no limit */
  constructor(clock: Clock, bitsPerSec: BitsPerSec) {
    this.#clock = clock;
    this.#bytesPerMs = bitsPerSec / 8000;
  }

  get isLimited(): boolean {
    return this.#bytesPerMs < Number.POSITIVE_INFINITY;
  }

  /** Resolves when the bytes have had their time, or at once when the signal is aborted. */
  async take(bytes: Bytes, signal?: AbortSignal): Promise<void> {
    if (!this.isLimited) return;
    const nowMs = this.#clock.nowMs();
    // Who was woken late, and goes on sending, makes up for it.
    if (nowMs - this.#freeAtMs > this.#clock.latenessMs) this.#freeAtMs = nowMs;
    this.#freeAtMs += bytes / this.#bytesPerMs;
    await this.#clock.until(this.#freeAtMs, signal);
  }
}
