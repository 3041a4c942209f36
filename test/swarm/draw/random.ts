/** A small seeded generator: the same seed and purpose give the same numbers everywhere. */

/** One stream of numbers. Each purpose has its own, so that drawing more for one thing changes nothing else. */
export class Random {
  #state: number;

  constructor(seed: number, purpose: string) {
    let state = (seed ^ 0x9e3779b9) >>> 0;
    for (let i = 0; i < purpose.length; i++) state = scrambled(state ^ purpose.charCodeAt(i));
    this.#state = scrambled(state + seed);
  }

  /** In [0, 1). */
  unit(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    return scrambled(this.#state) / 2 ** 32;
  }

  /** A whole number from `least` to `most`, both included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.unit() * (most - least + 1));
  }

  chance(share: number): boolean {
    return this.unit() < share;
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.unit() * list.length)]!;
  }

  /** As often between 1 and 10 as between 10 and 100. */
  logUniform(least: number, most: number): number {
    return least * (most / least) ** this.unit();
  }

  /** The list in another order. */
  shuffled<T>(list: readonly T[]): T[] {
    const copy = [...list];
    for (let i = copy.length - 1; i > 0; i--) {
      const j = this.integer(0, i);
      [copy[i], copy[j]] = [copy[j]!, copy[i]!];
    }
    return copy;
  }
}

/** The finalizer of MurmurHash3. */
function scrambled(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
