/**
 * A binary heap of small integers, ordered by (key, rank, id), at most one entry an id. Keys and ranks live in the caller's
 * columns; `positions` may be shared by heaps between which an id moves, since an id stands in one of them at a time.
 */
export class IndexedHeap {
  readonly #keys: Float64Array;
  readonly #ranks: Uint8Array | Uint32Array;
  readonly #positions: Int32Array;
  #ids = new Int32Array(16);
  /** Keys in the heap's own order: most comparisons need not look at the caller's columns. */
  #ordered = new Float64Array(16);
  #size = 0;

  constructor(keys: Float64Array, ranks: Uint8Array | Uint32Array, positions: Int32Array) {
    this.#keys = keys;
    this.#ranks = ranks;
    this.#positions = positions;
  }

  get size(): number {
    return this.#size;
  }

  /** The first id; −1 where the heap is empty. */
  get first(): number {
    return this.#size === 0 ? -1 : this.#ids[0]!;
  }

  /** Puts an id in, or moves it to where its changed key belongs. */
  place(id: number): void {
    let position = this.#positions[id]!;
    if (position < 0) {
      if (this.#size === this.#ids.length) this.#grow();
      position = this.#size++;
    }
    this.#settle(id, position);
  }

  /** Takes an id out; nothing happens where it is not in. */
  remove(id: number): void {
    const position = this.#positions[id]!;
    if (position < 0) return;
    this.#positions[id] = -1;
    const last = this.#ids[--this.#size]!;
    if (last !== id) this.#settle(last, position);
  }

  #grow(): void {
    const ids = new Int32Array(2 * this.#size);
    const ordered = new Float64Array(2 * this.#size);
    ids.set(this.#ids);
    ordered.set(this.#ordered);
    this.#ids = ids;
    this.#ordered = ordered;
  }

  #settle(id: number, from: number): void {
    const ids = this.#ids;
    const ordered = this.#ordered;
    const positions = this.#positions;
    const size = this.#size;
    const key = this.#keys[id]!;
    let position = from;
    while (position > 0) {
      const parent = (position - 1) >> 1;
      const parentKey = ordered[parent]!;
      if (key > parentKey || (key === parentKey && !this.#beforeAtSameKey(id, ids[parent]!))) break;
      ids[position] = ids[parent]!;
      ordered[position] = parentKey;
      positions[ids[position]!] = position;
      position = parent;
    }
    for (;;) {
      let child = 2 * position + 1;
      if (child >= size) break;
      const right = child + 1;
      if (right < size) {
        const difference = ordered[right]! - ordered[child]!;
        // Infinity − Infinity is no number: equal keys then, too.
        if (difference < 0 || (!(difference > 0) && this.#beforeAtSameKey(ids[right]!, ids[child]!))) child = right;
      }
      const childKey = ordered[child]!;
      if (key < childKey || (key === childKey && this.#beforeAtSameKey(id, ids[child]!))) break;
      ids[position] = ids[child]!;
      ordered[position] = childKey;
      positions[ids[position]!] = position;
      position = child;
    }
    ids[position] = id;
    ordered[position] = key;
    positions[id] = position;
  }

  #beforeAtSameKey(a: number, b: number): boolean {
    const rankA = this.#ranks[a]!;
    const rankB = this.#ranks[b]!;
    return rankA === rankB ? a < b : rankA < rankB;
  }
}

/** Positions for ids that are in no heap yet. */
export function noPositions(count: number): Int32Array {
  return new Int32Array(count).fill(-1);
}
