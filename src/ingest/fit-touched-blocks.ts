import type { Bytes } from '../units.ts';

/** Blocks of one page. Writes come near each other, so that a hash of pages is asked seldom. */
const PAGE_BLOCKS = 16;
const SLAB_PAGES = 512;
const FIRST_CAPACITY = 1024;
/** A hash of millions that is half full needs some 80 at worst; offsets that were chosen to collide would need all. */
const PROBES_MOST = 256;

/**
 * Which blocks of a disk were touched, and when last, in memory that follows what was touched, not the disk: a hash of pages of 16 blocks
 * with 4 bytes a block. It counts the distinct bytes of nested windows at once: a block is new in a window if its last
 * touch was before the window's start.
 *
 * When it is full it goes on with one page in two, then in four, picked by a hash of their place, and counts each for as many: the
 * open windows are counted anew from what is kept. Such counts are estimates without a bias, whose error is about 1/sqrt(pages
 * of the window that are kept).
 */
export class TouchedBlocks {
  /** One page in so many is kept, a power of two; 1 = all, and every count is exact. */
  sampledOneIn = 1;
  /** Distinct bytes in the open window of each length. */
  readonly distinctBytes: Float64Array;
  readonly #grainBytes: Bytes;
  readonly #pagesMost: number;
  /** First step of each open window. */
  readonly #startSteps: Float64Array;
  #index: PageIndex;
  /** Of each block the step of its last touch + 1, 0 = never. */
  #slabs: Uint32Array[] = [];
  #lastKey = 0;
  #lastPage = 0;

  /**
   * @param windowCount lengths of windows, the shortest first; each window lies inside one of the next length
   * @param pagesMost so many pages of 16 blocks (80 to 96 bytes each) are kept at most, at least 2
   */
  constructor(grainBytes: Bytes, windowCount: number, pagesMost: number) {
    this.distinctBytes = new Float64Array(windowCount);
    this.#grainBytes = grainBytes;
    this.#pagesMost = pagesMost;
    this.#startSteps = new Float64Array(windowCount);
    this.#index = new PageIndex(pagesMost);
  }

  /** A new window of that length begins with this step. */
  open(window: number, startStep: number): void {
    this.distinctBytes[window] = 0;
    this.#startSteps[window] = startStep;
  }

  /**
   * Touches every block that the bytes overlap.
   *
   * @param untilBytes above `fromBytes`, at most 2^46 at a grain of 4 KiB
   * @param step below 2^32 - 1, never below that of the touch before
   */
  touch(fromBytes: Bytes, untilBytes: Bytes, step: number): void {
    // What was touched before there was no room is not counted again: it has the stamp of this step.
    while (!this.#touch(fromBytes, untilBytes, step + 1)) this.#thin();
  }

  #touch(fromBytes: Bytes, untilBytes: Bytes, stamp: number): boolean {
    const first = Math.floor(fromBytes / this.#grainBytes);
    const last = Math.floor((untilBytes - 1) / this.#grainBytes);
    const lastPage = Math.floor(last / PAGE_BLOCKS);
    for (let page = Math.floor(first / PAGE_BLOCKS); page <= lastPage; page++) {
      if (!isSampled(page, this.sampledOneIn)) continue;
      const at = this.#pageOf(page);
      if (at < 0) return false;
      const [slab, base] = placeOf(this.#slabs, at);
      const until = base + Math.min(PAGE_BLOCKS - 1, last - page * PAGE_BLOCKS);
      for (let slot = base + Math.max(0, first - page * PAGE_BLOCKS); slot <= until; slot++) {
        const before = slab[slot]!;
        if (before === stamp) continue;
        slab[slot] = stamp;
        this.#count(before);
      }
    }
    return true;
  }

  /** A block whose last touch had this stamp is new in the windows that began after it. */
  #count(stamp: number): void {
    const starts = this.#startSteps;
    const bytes = this.#grainBytes * this.sampledOneIn;
    // The next longer window began no later: what is not new in one is not new in it.
    for (let window = 0; window < starts.length && stamp <= starts[window]!; window++) {
      this.distinctBytes[window]! += bytes;
    }
  }

  /** Where the page lies in the slabs; -1 where there is no room for it. */
  #pageOf(page: number): number {
    const key = page + 1;
    if (key === this.#lastKey) return this.#lastPage;
    const at = this.#index.pageOf(key);
    if (at < 0) return at;
    if (at === this.#slabs.length * SLAB_PAGES) this.#slabs.push(new Uint32Array(SLAB_PAGES * PAGE_BLOCKS));
    this.#lastKey = key;
    this.#lastPage = at;
    return at;
  }

  /** Keeps one page in two of those that are kept, until half of the room is free. */
  #thin(): void {
    const index = this.#index;
    const slabs = this.#slabs;
    do this.sampledOneIn *= 2;
    while (!this.#keepSampled(index, slabs));
    this.distinctBytes.fill(0);
    for (let at = 0; at < this.#index.count; at++) {
      const [slab, base] = placeOf(this.#slabs, at);
      for (let slot = base; slot < base + PAGE_BLOCKS; slot++) this.#recount(slab[slot]!);
    }
  }

  #keepSampled(index: PageIndex, slabs: readonly Uint32Array[]): boolean {
    this.#index = new PageIndex(this.#pagesMost);
    this.#slabs = [];
    this.#lastKey = 0;
    return index.every((key, from) => {
      if (!isSampled(key - 1, this.sampledOneIn)) return true;
      const to = this.#pageOf(key - 1);
      if (to < 0 || 2 * this.#index.count > this.#pagesMost) return false;
      const [slab, base] = placeOf(slabs, from);
      const [into, place] = placeOf(this.#slabs, to);
      into.set(slab.subarray(base, base + PAGE_BLOCKS), place);
      return true;
    });
  }

  /** A block that was last touched so: it is in the windows that had begun then. */
  #recount(stamp: number): void {
    for (let window = 0; window < this.#startSteps.length; window++) {
      if (stamp > this.#startSteps[window]!) this.distinctBytes[window]! += this.#grainBytes * this.sampledOneIn;
    }
  }
}

/** Whether a page of 16 blocks is among the one in `oneIn`, a power of two, that are kept; it is then among more of them, too. */
export function isSampled(page: number, oneIn: number): boolean {
  // By the high bits: the low ones are the page's place in the hash.
  return mixed(page + 1) < 2 ** 32 / oneIn;
}

function placeOf(slabs: readonly Uint32Array[], at: number): [slab: Uint32Array, base: number] {
  return [slabs[Math.floor(at / SLAB_PAGES)]!, (at % SLAB_PAGES) * PAGE_BLOCKS];
}

/** Numbers pages in the order in which they come: an open-addressing hash whose probes are bounded, whoever chose the keys. */
class PageIndex {
  count = 0;
  readonly #countMost: number;
  /** 0 = free. */
  #keys: Uint32Array = new Uint32Array(FIRST_CAPACITY);
  #pages: Uint32Array = new Uint32Array(FIRST_CAPACITY);

  constructor(countMost: number) {
    this.#countMost = countMost;
  }

  /** The page's number, a new one where the key (1 to 2^32 - 1) is; -1 where there is no room for it. */
  pageOf(key: number): number {
    let slot = this.#slotOf(key);
    if (slot >= 0 && this.#keys[slot] === key) return this.#pages[slot]!;
    if (this.count >= this.#countMost) return -1;
    while (slot < 0 || 2 * this.count >= this.#keys.length) {
      if (!this.#grow()) return -1;
      slot = this.#slotOf(key);
    }
    this.#keys[slot] = key;
    this.#pages[slot] = this.count;
    return this.count++;
  }

  /** Whether `visit` holds for all pages; asked until it does not. */
  every(visit: (key: number, page: number) => boolean): boolean {
    return this.#keys.every((key, slot) => key === 0 || visit(key, this.#pages[slot]!));
  }

  /** The place of the key, or the free one where it belongs; -1 where that would be too far from its own. */
  #slotOf(key: number): number {
    const mask = this.#keys.length - 1;
    let slot = mixed(key) & mask;
    for (let probe = 0; probe < PROBES_MOST; probe++, slot = (slot + 1) & mask) {
      if (this.#keys[slot] === key || this.#keys[slot] === 0) return slot;
    }
    return -1;
  }

  /** @returns false where it is as large as it may be; nothing has changed then */
  #grow(): boolean {
    const keys = this.#keys;
    const pages = this.#pages;
    const capacityMost = 4 * Math.max(FIRST_CAPACITY, this.#countMost);
    for (let capacity = 2 * keys.length; capacity <= capacityMost; capacity *= 2) {
      this.#keys = new Uint32Array(capacity);
      this.#pages = new Uint32Array(capacity);
      const isPlaced = keys.every((key, from) => {
        if (key === 0) return true;
        const slot = this.#slotOf(key);
        if (slot < 0) return false;
        this.#keys[slot] = key;
        this.#pages[slot] = pages[from]!;
        return true;
      });
      if (isPlaced) return true;
    }
    this.#keys = keys;
    this.#pages = pages;
    return false;
  }
}

/** The finalizer of MurmurHash3: every bit of the key moves every bit of the result. */
function mixed(key: number): number {
  let hash = Math.imul(key ^ (key >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
