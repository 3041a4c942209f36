/**
 * A binary heap of small integers, ordered by (key, rank, id), at most one entry an id. Keys and ranks live in the caller's
 * columns; `positions` may be shared by heaps between which an id moves, since an id stands in one of them at a time.
 */
export class IndexedHeap {
  readonly #keys: Float64Array;
  readonly #ranks: Uint8Array;
  readonly #positions: Int32Array;
  readonly #ids: number[] = [];

  constructor(keys: Float64Array, ranks: Uint8Array, positions: Int32Array) {
    this.#keys = keys;
    this.#ranks = ranks;
    this.#positions = positions;
  }

  get size(): number {
    return this.#ids.length;
  }

  /** The first id; −1 where the heap is empty. */
  get first(): number {
    return this.#ids.length === 0 ? -1 : this.#ids[0]!;
  }

  /** Puts an id in, or moves it to where its changed key belongs. */
  place(id: number): void {
    let position = this.#positions[id]!;
    if (position < 0) {
      position = this.#ids.length;
      this.#ids.push(id);
    }
    this.#settle(id, position);
  }

  /** Takes an id out; nothing happens where it is not in. */
  remove(id: number): void {
    const position = this.#positions[id]!;
    if (position < 0) return;
    this.#positions[id] = -1;
    const last = this.#ids.pop()!;
    if (last !== id) this.#settle(last, position);
  }

  #settle(id: number, from: number): void {
    const ids = this.#ids;
    const positions = this.#positions;
    let position = from;
    while (position > 0) {
      const parent = (position - 1) >> 1;
      const other = ids[parent]!;
      if (!this.#before(id, other)) break;
      ids[position] = other;
      positions[other] = position;
      position = parent;
    }
    for (;;) {
      let child = 2 * position + 1;
      if (child >= ids.length) break;
      if (child + 1 < ids.length && this.#before(ids[child + 1]!, ids[child]!)) child++;
      const other = ids[child]!;
      if (!this.#before(other, id)) break;
      ids[position] = other;
      positions[other] = position;
      position = child;
    }
    ids[position] = id;
    positions[id] = position;
  }

  #before(a: number, b: number): boolean {
    const keyA = this.#keys[a]!;
    const keyB = this.#keys[b]!;
    if (keyA !== keyB) return keyA < keyB;
    const rankA = this.#ranks[a]!;
    const rankB = this.#ranks[b]!;
    return rankA === rankB ? a < b : rankA < rankB;
  }
}

/** Positions for ids that are in no heap yet. */
export function noPositions(count: number): Int32Array {
  return new Int32Array(count).fill(-1);
}
