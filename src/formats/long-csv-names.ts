import { BLANK } from './byte-lines.ts';
import { decodeUtf8 } from './byte-text.ts';

/** Longer names are left to the careful reader. */
const MAX_NAME_BYTES: number = 4096;
/** More distinct names than any fleet has. What goes beyond is left to the careful reader, name by name. */
const MAX_NAMES: number = 2 ** 20;
const MAX_ARENA_BYTES = 64 * 1024 ** 2;
/** Names that were made to fall into the same places of the table must not make each row dear. */
const MAX_PROBES = 128;

/** The pair was not found, nor can it be kept. */
const NOT_KEPT = -1;

/** Numbers pairs of names (virtual machine, disk) by their bytes, from 0 in the order in which they are first seen. */
export class Names {
  /** The pair that came after the last one when that was last found, as most files repeat their order; -1 at the start. */
  expected = -1;
  private readonly onName: (id: number, vm: string, disk: string) => void;
  private last = -1;
  private count = 0;
  /** Both names of each pair, one behind the other. */
  private arena: Uint8Array = new Uint8Array(4096);
  private arenaView: DataView = new DataView(this.arena.buffer);
  private vmStarts: Int32Array = new Int32Array(256);
  private diskStarts: Int32Array = new Int32Array(257);
  private successors: Int32Array = new Int32Array(256);
  /** Open addressing; id + 1, 0 is free. */
  private table: Int32Array = new Int32Array(1024);

  constructor(onName: (id: number, vm: string, disk: string) => void) {
    this.onName = onName;
  }

  /**
   * Where the vm's name of the expected pair, or its disk's, ends if it stands at `at`; -1 if another name stands there.
   * There must be an expected pair, and a row's end behind `at`.
   */
  match(view: DataView, at: number, isDisk: boolean, ends: Uint8Array): number {
    const id = this.expected;
    const { arenaView } = this;
    let index = isDisk ? this.diskStarts[id]! : this.vmStarts[id]!;
    const to = isDisk ? this.vmStarts[id + 1]! : this.diskStarts[id]!;
    const ahead = at - index;
    // No name holds a line feed: nothing is read beyond the word that has the row's.
    for (; index + 4 <= to; index += 4) {
      if (view.getInt32(ahead + index, true) !== arenaView.getInt32(index, true)) return -1;
    }
    for (; index < to; index++) {
      if (view.getUint8(ahead + index) !== arenaView.getUint8(index)) return -1;
    }
    return ends[view.getUint8(ahead + to)] === 0 ? -1 : ahead + to;
  }

  /** Takes it that the row names the expected pair. */
  confirm(): number {
    const id = this.expected;
    this.last = id;
    this.expected = this.successors[id]!;
    return id;
  }

  /** The number of the pair, a new one where it is new; -1 where only a careful reader can judge it. */
  find(bytes: Uint8Array, vmFrom: number, vmTo: number, diskFrom: number, diskTo: number): number {
    const length = vmTo - vmFrom + (diskTo - diskFrom);
    let place = hash(bytes, diskFrom, diskTo, hash(bytes, vmFrom, vmTo, length)) & (this.table.length - 1);
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const id = this.table[place]! - 1;
      if (id < 0) return this.add(bytes, vmFrom, vmTo, diskFrom, diskTo, place);
      if (this.holds(id, bytes, vmFrom, vmTo, diskFrom, diskTo)) return this.follow(id);
      place = (place + 1) & (this.table.length - 1);
    }
    return NOT_KEPT;
  }

  private follow(id: number): number {
    if (this.last >= 0) this.successors[this.last] = id;
    this.expected = id;
    return this.confirm();
  }

  private holds(
    id: number,
    bytes: Uint8Array,
    vmFrom: number,
    vmTo: number,
    diskFrom: number,
    diskTo: number,
  ): boolean {
    const start = this.vmStarts[id]!;
    const middle = this.diskStarts[id]!;
    if (middle - start !== vmTo - vmFrom || this.vmStarts[id + 1]! - middle !== diskTo - diskFrom) return false;
    return sameBytes(this.arena, start, bytes, vmFrom, vmTo) && sameBytes(this.arena, middle, bytes, diskFrom, diskTo);
  }

  private add(
    bytes: Uint8Array,
    vmFrom: number,
    vmTo: number,
    diskFrom: number,
    diskTo: number,
    place: number,
  ): number {
    const vm = plainName(bytes, vmFrom, vmTo);
    const disk = plainName(bytes, diskFrom, diskTo);
    const id = this.count;
    const start = this.vmStarts[id]!;
    const end = start + (vmTo - vmFrom) + (diskTo - diskFrom);
    if (vm === undefined || vm === '' || disk === undefined) return NOT_KEPT;
    if (id === MAX_NAMES || end > MAX_ARENA_BYTES) return NOT_KEPT;
    this.makeRoom(end);
    this.arena.set(bytes.subarray(vmFrom, vmTo), start);
    this.arena.set(bytes.subarray(diskFrom, diskTo), start + vmTo - vmFrom);
    this.diskStarts[id] = start + vmTo - vmFrom;
    this.vmStarts[id + 1] = end;
    // Until it has been followed by another, a pair is expected again: files sorted by disk.
    this.successors[id] = id;
    this.table[place] = id + 1;
    this.count++;
    if (2 * this.count > this.table.length) this.rehash();
    this.onName(id, vm, disk);
    return this.follow(id);
  }

  private makeRoom(arenaBytes: number): void {
    if (arenaBytes > this.arena.length) {
      const arena = new Uint8Array(Math.max(arenaBytes, 2 * this.arena.length));
      arena.set(this.arena);
      this.arena = arena;
      this.arenaView = new DataView(arena.buffer);
    }
    if (this.count + 1 < this.successors.length) return;
    this.vmStarts = doubled(this.vmStarts);
    this.diskStarts = doubled(this.diskStarts);
    this.successors = doubled(this.successors);
  }

  private rehash(): void {
    const table = new Int32Array(2 * this.table.length);
    for (let id = 0; id < this.count; id++) {
      const from = this.vmStarts[id]!;
      const middle = this.diskStarts[id]!;
      const to = this.vmStarts[id + 1]!;
      const { arena } = this;
      let place = hash(arena, middle, to, hash(arena, from, middle, to - from)) & (table.length - 1);
      while (table[place] !== 0) place = (place + 1) & (table.length - 1);
      table[place] = id + 1;
    }
    this.table = table;
  }
}

/** FNV-1a, mixed once more at the end of each name. */
function hash(bytes: Uint8Array, from: number, to: number, seed: number): number {
  let value = seed ^ 0x811c9dc5;
  for (let at = from; at < to; at++) value = Math.imul(value ^ bytes[at]!, 0x01000193);
  value ^= value >>> 15;
  value = Math.imul(value, 0x2c1b3c6d);
  return value ^ (value >>> 13);
}

function sameBytes(kept: Uint8Array, start: number, bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from, index = start; at < to; at++, index++) {
    if (bytes[at] !== kept[index]) return false;
  }
  return true;
}

/** The name's text; `undefined` where it is too long, no UTF-8, or a careful reader would trim it. */
function plainName(bytes: Uint8Array, from: number, to: number): string | undefined {
  if (to - from > MAX_NAME_BYTES) return undefined;
  if (from < to && (bytes[from]! <= BLANK || bytes[to - 1]! <= BLANK)) return undefined;
  const { text, replaced } = decodeUtf8(bytes, from, to);
  return replaced > 0 || text !== text.trim() ? undefined : text;
}

function doubled(from: Int32Array): Int32Array {
  const into = new Int32Array(2 * from.length);
  into.set(from);
  return into;
}
