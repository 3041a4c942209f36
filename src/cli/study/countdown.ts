import { formatDurationMs } from '../../units.ts';
import type { Progress } from '../progress.ts';

/** Says on the progress line what is being done, how many scenarios were run, and how long it will take at the most. */
export class Countdown {
  readonly #progress: Progress;
  readonly #most: number;
  /** Answers that were kept from before take no time. */
  readonly #kept: number;
  readonly #startedAtMs = performance.now();
  #phase = '';

  constructor(progress: Progress, most: number, kept = 0) {
    this.#progress = progress;
    this.#most = most;
    this.#kept = kept;
  }

  phase(words: string): void {
    this.#phase = words;
    this.#progress.show(words);
  }

  count(answered: number): void {
    const run = answered - this.#kept;
    const elapsedMs = performance.now() - this.#startedAtMs;
    const left =
      run < 5 ? '' : `, at most ${formatDurationMs((Math.max(0, this.#most - answered) * elapsedMs) / run)} more`;
    this.#progress.show(`${this.#phase}: ${answered} scenarios of at most ${this.#most}${left}`);
  }
}
