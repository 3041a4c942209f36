import type { Bytes } from '../units.ts';
import { roomFor, surveyEntries } from './hrl-entries.ts';
import { blockHead, entriesPerBlock, HRL_SECTOR_BYTES, isBlockHeadWhole } from './hrl-layout.ts';
import { FileWindow } from './hrl-window.ts';
import type { RandomAccess } from './random-access.ts';

/** Read at once while looking for blocks. */
const SCAN_BYTES: number = 2 * 1024 ** 2;
/**
 * A block may have so many damaged entries, a sector of them, and still be taken for one: its head, whose distance leads to
 * the block before, is right already. A bound keeps the scan linear in files of nothing but heads. [chosen]
 */
const MOST_DAMAGED_ENTRIES = 16;

/**
 * Looks forward for metadata blocks where no block behind them says where they are. The next block is the first whose head
 * is whole, leads back exactly to the last block, and whose entries' lengths fill the room between the two exactly (or
 * leave some, where entries are damaged). A copy of a log among what the guest wrote does not pass: its distances lead
 * elsewhere.
 *
 * Writes are whole sectors, so places at multiples of 512 are tried first. Where none is left, every byte is tried from the
 * last block on, and from then on always: each byte is read twice at most.
 */
export class BlockFinder {
  private stepBytes = HRL_SECTOR_BYTES;
  private readonly window: FileWindow;
  private readonly metadataBlockBytes: Bytes;
  /** Blocks lie before it. */
  private readonly limitBytes: Bytes;
  private readonly progress: ((readBytes: Bytes) => void) | undefined;

  constructor(file: RandomAccess, metadataBlockBytes: Bytes, limitBytes: Bytes, progress?: (readBytes: Bytes) => void) {
    this.window = new FileWindow(file, Math.max(metadataBlockBytes, Math.min(SCAN_BYTES, file.sizeBytes)));
    this.metadataBlockBytes = metadataBlockBytes;
    this.limitBytes = limitBytes;
    this.progress = progress;
  }

  /** The block after the one at `lastAt`, valid until the next call. */
  async next(lastAt: Bytes): Promise<{ readonly atBytes: Bytes; readonly block: Uint8Array } | undefined> {
    let atBytes = await this.search(lastAt);
    if (atBytes === undefined && this.stepBytes > 1) {
      this.stepBytes = 1;
      atBytes = await this.search(lastAt);
    }
    if (atBytes === undefined) return undefined;
    const from = atBytes - this.window.startBytes;
    return { atBytes, block: this.window.bytes.subarray(from, from + this.metadataBlockBytes) };
  }

  private async search(lastAt: Bytes): Promise<Bytes | undefined> {
    const { window, metadataBlockBytes, stepBytes } = this;
    let at = Math.ceil((lastAt + metadataBlockBytes) / stepBytes) * stepBytes;
    while (at + metadataBlockBytes <= this.limitBytes) {
      if (!window.holds(at, metadataBlockBytes)) {
        await window.moveTo(at, this.limitBytes);
        if (!window.holds(at, metadataBlockBytes)) return undefined;
        this.progress?.(at);
      }
      const untilBytes = Math.min(window.endBytes, this.limitBytes) - metadataBlockBytes;
      for (; at <= untilBytes; at += stepBytes) if (this.isNext(at, lastAt)) return at;
    }
    return undefined;
  }

  private isNext(at: Bytes, lastAt: Bytes): boolean {
    const { window, metadataBlockBytes } = this;
    const from = at - window.startBytes;
    // The sum of a head's 28 other bytes has 13 bits, so that the upper half of its checksum is all ones.
    if (window.bytes[from + 15] !== 0xff || window.bytes[from + 14] !== 0xff) return false;
    const { distanceBytes, entryCount } = blockHead(window.bytes, from);
    const isLinked = distanceBytes === at - lastAt && entryCount <= entriesPerBlock(metadataBlockBytes);
    if (!isLinked || !isBlockHeadWhole(window.bytes, from)) return false;
    const block = window.bytes.subarray(from, from + metadataBlockBytes);
    const survey = surveyEntries(block, entryCount, MOST_DAMAGED_ENTRIES);
    if (survey === undefined) return false;
    const room = roomFor(survey, distanceBytes - metadataBlockBytes);
    return room === 'exact' || room === 'damaged';
  }
}
