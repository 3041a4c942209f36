import type { Millis } from '../units.ts';

/**
 * The time of a rehearsal, in milliseconds since its start. What lasts is run by {@link run}, so that a clock which does not follow the
 * machine's knows when nothing is under way but waiting.
 */
export interface Clock {
  /** Who waits may be woken so late. */
  readonly latenessMs: Millis;
  nowMs(): Millis;
  /**
   * Resolves at an instant, or as soon as it can after it; also when the signal is aborted before. Of those who wait for one instant a
   * `last` one comes after all others, and after what they set off.
   */
  until(atMs: Millis, signal?: AbortSignal, last?: boolean): Promise<void>;
  /** Something is under way until the promise is settled, but for the time that it waits in {@link until}. */
  run<Result>(activity: () => Promise<Result>): Promise<Result>;
}

/** Longer timers overflow in Node: they are set in pieces. */
const TIMER_MOST_MS = 2 ** 30;

/** Timers of Node come some milliseconds late, more where the processor is busy. [chosen] */
const TIMER_LATENESS_MS = 25;

/** The machine's time, `speed` times as fast. */
export class RealClock implements Clock {
  readonly latenessMs: Millis;
  readonly #speed: number;
  readonly #startedAtMs: Millis = performance.now();

  constructor(speed = 1) {
    this.#speed = speed;
    this.latenessMs = TIMER_LATENESS_MS * speed;
  }

  nowMs(): Millis {
    return (performance.now() - this.#startedAtMs) * this.#speed;
  }

  async until(atMs: Millis, signal?: AbortSignal): Promise<void> {
    for (let leftMs = atMs - this.nowMs(); leftMs > 0 && signal?.aborted !== true; leftMs = atMs - this.nowMs()) {
      await sleep(Math.min(TIMER_MOST_MS, Math.ceil(leftMs / this.#speed)), signal);
    }
  }

  run<Result>(activity: () => Promise<Result>): Promise<Result> {
    return activity();
  }
}

function sleep(durationMs: Millis, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, durationMs);
    signal?.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
  });
}

interface Waiter {
  readonly atMs: Millis;
  readonly isLast: boolean;
  readonly sequence: number;
  readonly wake: () => void;
}

/**
 * Time that stands still while something is under way and then leaps to the next instant that somebody waits for: work takes no time, only
 * waiting does. The same activities give the same instants on every machine.
 */
export class SteppedClock implements Clock {
  readonly latenessMs: Millis = 0;
  #nowMs: Millis = 0;
  #running = 0;
  #sequence = 0;
  #isLeapPlanned = false;
  readonly #waiters: Waiter[] = [];

  nowMs(): Millis {
    return this.#nowMs;
  }

  /** To be called within {@link run} only: who waits outside of it is not known to be at work again. */
  until(atMs: Millis, signal?: AbortSignal, isLast = false): Promise<void> {
    // Who comes last waits for this instant, too.
    if (atMs < this.#nowMs || (atMs === this.#nowMs && !isLast) || signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const waiter: Waiter = { atMs, isLast, sequence: this.#sequence++, wake };
      const waiters = this.#waiters;
      waiters.push(waiter);
      signal?.addEventListener('abort', wake, { once: true });
      this.#running--;
      this.#planLeap();
      const becomeRunning = (): void => {
        this.#running++;
      };
      function wake(): void {
        const at = waiters.indexOf(waiter);
        if (at < 0) return;
        waiters.splice(at, 1);
        signal?.removeEventListener('abort', wake);
        becomeRunning();
        resolve();
      }
    });
  }

  async run<Result>(activity: () => Promise<Result>): Promise<Result> {
    this.#running++;
    try {
      return await activity();
    } finally {
      this.#running--;
      this.#planLeap();
    }
  }

  /** After whatever else is to be done at once: what a finished activity sets off belongs to this instant. */
  #planLeap(): void {
    if (this.#running > 0 || this.#isLeapPlanned) return;
    this.#isLeapPlanned = true;
    setImmediate(() => {
      this.#isLeapPlanned = false;
      if (this.#running === 0) this.#leap();
    });
  }

  /** To the earliest instant; who waited first wakes first. One at a time: it may set off what comes before the next. */
  #leap(): void {
    const [first] = this.#waiters.toSorted(
      (a, b) => a.atMs - b.atMs || Number(a.isLast) - Number(b.isLast) || a.sequence - b.sequence,
    );
    if (first === undefined) return;
    this.#nowMs = first.atMs;
    first.wake();
  }
}
