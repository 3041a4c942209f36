import { type Bytes, GIB, KIB, MIB } from '../units.ts';
import { guidAt, NIL_GUID } from './guid.ts';
import type { RandomAccess } from './random-access.ts';
import {
  countBits,
  type DiskParent,
  type DiskProblemList,
  fits,
  hasText,
  isChecksumRight,
  isPowerOfTwo,
  readWhole,
  Tally,
  tablePieces,
  uint64,
  utf16,
  viewOf,
} from './vhd-common.ts';

const SECTOR_BYTES = 512;
const HEADER_BYTES = 1024;
const HEADER_COOKIE = 'cxsparse';
const ENTRY_BYTES = 4;
const UNUSED = 0xffffffff;
/** 2,040 GiB in blocks of 16 KiB; the usual 2 MiB make 4 MiB of it. */
const MOST_TABLE_BYTES = 512 * MIB;
/** Bitmaps stand before their blocks, all over the file: 16,384 of them are read, of 2 MiB blocks 32 GiB. */
const MOST_BITMAP_BYTES = 64 * MIB;
/** Reading less costs as much. */
const LEAST_READ_BYTES = 4 * KIB;
/** The longest path that Windows knows, 32,767 characters. */
const MOST_LOCATOR_BYTES = 64 * KIB;
/** Where Windows looks for a parent, in UTF-16 little-endian; other platforms' locators are of no use here. */
const LOCATOR_CODES = ['W2ru', 'W2ku'];

/** What the dynamic header and the block table say (VHD 1.0, "Dynamic Disk Header Format"). */
export interface VhdBlocks {
  readonly blockBytes: Bytes | undefined;
  readonly allocatedBytes: Bytes | undefined;
  readonly parent?: DiskParent;
}

/** Reads the header of a dynamic or differencing VHD at `headerAt`, its parent and, for a count, its block table. */
export async function readVhdBlocks(
  file: RandomAccess,
  headerAt: Bytes | undefined,
  virtualSizeBytes: Bytes,
  isDifferencing: boolean,
  problems: DiskProblemList,
): Promise<VhdBlocks> {
  const bytes = await readWhole(file, headerAt, HEADER_BYTES);
  if (headerAt === undefined || bytes === undefined || !hasText(bytes, 0, HEADER_COOKIE)) {
    const message = 'The dynamic header is missing: blocks and parent are not known.';
    problems.add('vhd-header-lost', headerAt ?? 0, message);
    return { blockBytes: undefined, allocatedBytes: undefined };
  }
  if (!isChecksumRight(bytes, 36)) {
    problems.add('vhd-header-damaged', headerAt + 36, 'The dynamic header fails its checksum.');
  }
  const view = viewOf(bytes);
  if (view.getUint16(24) !== 1) {
    const message = `The dynamic header is of version ${view.getUint16(24)}; only version 1 is known.`;
    problems.add('vhd-version', headerAt + 24, message);
  }
  const parent = isDifferencing ? { parent: await readParent(file, bytes, headerAt, problems) } : {};
  const blockBytes = view.getUint32(32);
  if (!isPowerOfTwo(blockBytes, 4 * KIB, GIB)) {
    const message = 'The block size is not a power of two from 4 KiB to 1 GiB.';
    problems.add('vhd-header-lost', headerAt + 32, message);
    return { blockBytes: undefined, allocatedBytes: undefined, ...parent };
  }
  const tableAt = uint64(view, 16, false);
  const entries = Math.ceil(virtualSizeBytes / blockBytes);
  const tableBytes = entries * ENTRY_BYTES;
  const isThere = entries <= view.getUint32(28) && tableBytes <= MOST_TABLE_BYTES && fits(file, tableAt, tableBytes);
  const counter = new BlockCounter(file, virtualSizeBytes, blockBytes, isDifferencing);
  const allocatedBytes = isThere ? await counter.count(tableAt!, tableBytes, problems) : undefined;
  if (allocatedBytes === undefined) {
    const message = `The block table is cut, or too short or too long for ${entries} blocks.`;
    problems.add('vhd-block-table', headerAt + 16, message);
  }
  return { blockBytes, allocatedBytes, ...parent };
}

class BlockCounter {
  private readonly file: RandomAccess;
  private readonly virtualSizeBytes: Bytes;
  private readonly blockBytes: Bytes;
  private readonly isDifferencing: boolean;
  /** Before each block's data: a bit for each sector, padded to whole sectors. */
  private readonly bitmapBytes: Bytes;
  private bitmapBytesLeft = MOST_BITMAP_BYTES;
  private readonly outside = new Tally();
  private readonly uncounted = new Tally();

  constructor(file: RandomAccess, virtualSizeBytes: Bytes, blockBytes: Bytes, isDifferencing: boolean) {
    this.file = file;
    this.virtualSizeBytes = virtualSizeBytes;
    this.blockBytes = blockBytes;
    this.isDifferencing = isDifferencing;
    this.bitmapBytes = Math.ceil(blockBytes / SECTOR_BYTES / 8 / SECTOR_BYTES) * SECTOR_BYTES;
  }

  /** Bytes that the file holds, from a table that lies within it; `undefined` where reading it ends early. */
  async count(tableAt: Bytes, tableBytes: Bytes, problems: DiskProblemList): Promise<Bytes | undefined> {
    let blocks = 0;
    let heldBytes = 0;
    let entryAt = tableAt;
    for await (const piece of tablePieces(this.file, tableAt, tableBytes)) {
      for (let at = 0; at + ENTRY_BYTES <= piece.byteLength; at += ENTRY_BYTES, entryAt += ENTRY_BYTES) {
        const sector = piece.getUint32(at);
        if (sector === UNUSED) continue;
        const blockAt = sector * SECTOR_BYTES;
        if (sector === 0 || !fits(this.file, blockAt, this.bitmapBytes + this.blockBytes)) {
          this.outside.add(entryAt);
          continue;
        }
        blocks++;
        const startBytes = ((entryAt - tableAt) / ENTRY_BYTES) * this.blockBytes;
        // The last block's data end with the disk.
        const most = Math.min(this.blockBytes, this.virtualSizeBytes - startBytes);
        heldBytes += this.isDifferencing ? Math.min(most, await this.sectorsHeld(blockAt, entryAt)) : most;
      }
    }
    if (entryAt < tableAt + tableBytes) return undefined;
    this.report(blocks, problems);
    return Math.min(heldBytes, this.file.sizeBytes);
  }

  private async sectorsHeld(blockAt: Bytes, entryAt: Bytes): Promise<Bytes> {
    const length = this.blockBytes / SECTOR_BYTES / 8;
    const costBytes = Math.max(length, LEAST_READ_BYTES);
    const bitmap = costBytes <= this.bitmapBytesLeft ? await readWhole(this.file, blockAt, length) : undefined;
    if (bitmap === undefined) {
      this.uncounted.add(entryAt);
      return this.blockBytes;
    }
    this.bitmapBytesLeft -= costBytes;
    return countBits(bitmap) * SECTOR_BYTES;
  }

  private report(blocks: number, problems: DiskProblemList): void {
    const { outside, uncounted } = this;
    if (outside.count > 0) {
      const message = `Blocks that are lost, because the block table points outside the file: ${outside.count}.`;
      problems.add('vhd-block-outside', outside.firstAtBytes, message);
    }
    if (uncounted.count > 0) {
      const message = `Blocks that count whole, because their sector bitmaps are too many to read: ${uncounted.count}.`;
      problems.add('vhd-bitmaps-uncounted', uncounted.firstAtBytes, message);
    }
    if (blocks * (this.bitmapBytes + this.blockBytes) > this.file.sizeBytes) {
      problems.add('vhd-blocks-overlap', 0, 'The block table names more blocks than the file has room for.');
    }
  }
}

async function readParent(
  file: RandomAccess,
  header: Uint8Array,
  headerAt: Bytes,
  problems: DiskProblemList,
): Promise<DiskParent> {
  const guid = guidAt(header, 40);
  const id = guid === NIL_GUID ? undefined : guid;
  if (id === undefined) {
    problems.add('vhd-parent', headerAt + 40, 'The disk does not say which parent it was made from.');
  }
  const paths: string[] = [];
  for (const code of LOCATOR_CODES) {
    for (let at = 576; at < 768; at += 24) {
      if (!hasText(header, at, code)) continue;
      const path = await readLocator(file, header, at);
      if (path !== undefined) paths.push(path);
      else problems.add('vhd-parent', headerAt + at, 'A parent locator does not lie within the file, or is too long.');
    }
  }
  paths.push(utf16(header.subarray(64, 576), false));
  const unique = [...new Set(paths)].filter((path) => path !== '');
  if (unique.length === 0) {
    problems.add('vhd-parent', headerAt + 64, 'The disk does not say where its parent lies.');
  }
  return { id, paths: unique };
}

async function readLocator(file: RandomAccess, header: Uint8Array, at: number): Promise<string | undefined> {
  const view = viewOf(header);
  const length = view.getUint32(at + 8);
  const bytes = length > MOST_LOCATOR_BYTES ? undefined : await readWhole(file, uint64(view, at + 16, false), length);
  return bytes === undefined ? undefined : utf16(bytes, true);
}
