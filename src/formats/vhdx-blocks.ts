import { type Bytes, MIB } from '../units.ts';
import type { RandomAccess } from './random-access.ts';
import {
  countBits,
  type DiskProblemCode,
  type DiskProblemList,
  fits,
  readWhole,
  Tally,
  tablePieces,
  type VhdxRegion,
} from './vhd-common.ts';
import type { VhdxMetadata } from './vhdx-metadata.ts';

const ENTRY_BYTES = 8;
/** Sectors that one sector bitmap block describes ([MS-VHDX] 2.4). */
const SECTORS_PER_BITMAP = 2 ** 23;
const BITMAP_BLOCK_BYTES = MIB;
/** So much of the sector bitmaps is read at most: that of 1 TiB of blocks that are all there in part. */
const MOST_BITMAP_BYTES = 256 * MIB;

/** States of [MS-VHDX] 2.5.1. */
const FULLY_PRESENT = 6;
const PARTIALLY_PRESENT = 7;
const UNMAPPED = 3;
const BITMAP_PRESENT = 6;

/** Where blocks and their entries stand in the table ([MS-VHDX] 2.5): each chunk's blocks, then its sector bitmap. */
interface Layout {
  readonly payloadBlocks: number;
  readonly blocksPerChunk: number;
  readonly entries: number;
}

function layoutOf(disk: VhdxMetadata): Layout {
  const payloadBlocks = Math.ceil(disk.virtualSizeBytes / disk.blockBytes);
  const blocksPerChunk = (SECTORS_PER_BITMAP * disk.logicalSectorBytes) / disk.blockBytes;
  const entries =
    disk.type === 'differencing'
      ? Math.ceil(payloadBlocks / blocksPerChunk) * (blocksPerChunk + 1)
      : payloadBlocks + Math.floor(Math.max(0, payloadBlocks - 1) / blocksPerChunk);
  return { payloadBlocks, blocksPerChunk, entries };
}

/**
 * Counts the bytes that the file holds of the disk, from the block allocation table ([MS-VHDX] 2.5). Reads the table in
 * pieces and keeps none of it: that of 64 TiB in blocks of 1 MiB has 512 MiB.
 *
 * @returns `undefined` where the table is not within the file
 */
export async function countVhdxBlocks(
  file: RandomAccess,
  region: VhdxRegion | undefined,
  disk: VhdxMetadata,
  problems: DiskProblemList,
): Promise<Bytes | undefined> {
  const layout = layoutOf(disk);
  const tableBytes = layout.entries * ENTRY_BYTES;
  const lose = (): undefined => {
    const message = `The block table is missing, cut, or too short for ${layout.entries} entries.`;
    problems.add('vhdx-block-table', region?.offsetBytes ?? 0, message);
  };
  if (region === undefined || region.lengthBytes < tableBytes || !fits(file, region.offsetBytes, tableBytes)) {
    return lose();
  }
  const counter = new BlockCounter(file, disk, layout, region.offsetBytes);
  for await (const piece of tablePieces(file, region.offsetBytes, tableBytes)) {
    counter.take(piece);
    await counter.countPartial();
  }
  return counter.entryAt < region.offsetBytes + tableBytes ? lose() : counter.finish(problems);
}

/** A chunk's blocks that are there in part, and the entry of its sector bitmap. */
interface PartialChunk {
  readonly firstOfChunk: number;
  /** Within the chunk. */
  readonly blocks: readonly number[];
  readonly entryAt: Bytes;
  readonly isPresent: boolean;
  readonly bitmapAt: Bytes;
}

class BlockCounter {
  private readonly file: RandomAccess;
  private readonly disk: VhdxMetadata;
  private readonly layout: Layout;
  /** Where the next entry stands. */
  entryAt: Bytes;
  private chunk = 0;
  /** Entries of the chunk that were taken. */
  private inChunk = 0;
  private presentBlocks = 0;
  private heldBytes: Bytes = 0;
  private bitmapBytesLeft = MOST_BITMAP_BYTES;
  /** Indices, within the chunk at hand, of blocks that are there in part. */
  private partial: number[] = [];
  private pending: PartialChunk[] = [];
  private readonly wrongState = new Tally();
  private readonly outside = new Tally();
  private readonly lostBitmap = new Tally();
  private readonly uncounted = new Tally();

  constructor(file: RandomAccess, disk: VhdxMetadata, layout: Layout, tableAt: Bytes) {
    this.file = file;
    this.disk = disk;
    this.layout = layout;
    this.entryAt = tableAt;
  }

  /** The next entries, whole ones. */
  take(entries: DataView): void {
    for (let at = 0; at + ENTRY_BYTES <= entries.byteLength; at += ENTRY_BYTES) {
      const low = entries.getUint32(at, true);
      const state = low & 7;
      if (this.inChunk === this.layout.blocksPerChunk) {
        this.takeBitmap(state, offsetOf(low, entries.getUint32(at + 4, true)));
        this.inChunk = 0;
        this.chunk++;
      } else {
        // Most blocks of most disks are absent: no more is done for them.
        if (state > UNMAPPED) this.takePayload(state, offsetOf(low, entries.getUint32(at + 4, true)));
        this.inChunk++;
      }
      this.entryAt += ENTRY_BYTES;
    }
  }

  private takePayload(state: number, offset: Bytes): void {
    // The last chunk of a differencing disk has entries for blocks beyond its end.
    const block = this.chunk * this.layout.blocksPerChunk + this.inChunk;
    if (block >= this.layout.payloadBlocks) return;
    const isPartial = state === PARTIALLY_PRESENT;
    if (!isPartial && state !== FULLY_PRESENT) {
      this.wrongState.add(this.entryAt);
    } else if (offset < MIB || !fits(this.file, offset, this.disk.blockBytes)) {
      this.outside.add(this.entryAt);
    } else {
      this.presentBlocks++;
      if (isPartial && this.disk.type === 'differencing') this.partial.push(this.inChunk);
      else this.heldBytes += this.bytesOf(block);
      if (isPartial && this.disk.type !== 'differencing') this.wrongState.add(this.entryAt);
    }
  }

  /** A block's bytes: the last block's end with the disk. */
  private bytesOf(block: number): Bytes {
    const { blockBytes, virtualSizeBytes } = this.disk;
    return Math.min(blockBytes, virtualSizeBytes - block * blockBytes);
  }

  private takeBitmap(state: number, bitmapAt: Bytes): void {
    const isPresent = state === BITMAP_PRESENT;
    const mayBe = state === 0 || (isPresent && this.disk.type === 'differencing');
    if (!mayBe) this.wrongState.add(this.entryAt);
    if (this.partial.length === 0) return;
    const firstOfChunk = this.chunk * this.layout.blocksPerChunk;
    this.pending.push({ firstOfChunk, blocks: this.partial, entryAt: this.entryAt, isPresent, bitmapAt });
    this.partial = [];
  }

  /** Counts the sectors of the blocks there in part whose sector bitmaps' entries have been taken. */
  async countPartial(): Promise<void> {
    for (const chunk of this.pending) await this.countChunk(chunk);
    this.pending = [];
  }

  private async countChunk(chunk: PartialChunk): Promise<void> {
    const { firstOfChunk, blocks } = chunk;
    const first = blocks[0]!;
    const { blockBytes, logicalSectorBytes } = this.disk;
    const stride = blockBytes / logicalSectorBytes / 8;
    const bitmap = await this.readBitmap(chunk, first * stride, (blocks.at(-1)! - first + 1) * stride);
    for (const block of blocks) {
      const at = (block - first) * stride;
      const most = this.bytesOf(firstOfChunk + block);
      const held = bitmap === undefined ? Infinity : countBits(bitmap.subarray(at, at + stride)) * logicalSectorBytes;
      this.heldBytes += Math.min(most, held);
    }
  }

  private async readBitmap(chunk: PartialChunk, offset: Bytes, length: Bytes): Promise<Uint8Array | undefined> {
    const { bitmapAt, entryAt, isPresent } = chunk;
    if (!isPresent || bitmapAt < MIB || !fits(this.file, bitmapAt, BITMAP_BLOCK_BYTES)) {
      this.lostBitmap.add(entryAt);
      return undefined;
    }
    const bitmap = length <= this.bitmapBytesLeft ? await readWhole(this.file, bitmapAt + offset, length) : undefined;
    if (bitmap === undefined) this.uncounted.add(entryAt);
    else this.bitmapBytesLeft -= length;
    return bitmap;
  }

  finish(problems: DiskProblemList): Bytes {
    const say = (code: DiskProblemCode, { count, firstAtBytes }: Tally, what: string): void => {
      if (count > 0) problems.add(code, firstAtBytes, `${what}: ${count}.`);
    };
    say('vhdx-block-state', this.wrongState, 'Entries of the block table with a state that such a disk does not know');
    say('vhdx-block-outside', this.outside, 'Blocks that are lost, because the block table points outside the file');
    say('vhdx-bitmap', this.lostBitmap, 'Sector bitmaps that are missing, so that their blocks count whole');
    say('vhdx-bitmaps-uncounted', this.uncounted, 'Sector bitmaps too many to read, so that their blocks count whole');
    if (this.presentBlocks * this.disk.blockBytes > this.file.sizeBytes) {
      problems.add('vhdx-blocks-overlap', 0, 'The block table names more blocks than the file has room for.');
    }
    return Math.min(this.heldBytes, this.file.sizeBytes);
  }
}

/** The FileOffsetMB field, bits 20 to 63, in bytes. Rounded above 2^53, where no file reaches. */
function offsetOf(low: number, high: number): Bytes {
  return ((low >>> 20) + high * 4096) * MIB;
}
