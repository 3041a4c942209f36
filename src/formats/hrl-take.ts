import type { Bytes } from '../units.ts';
import { linkOf } from './hrl-chain.ts';
import { byteSum, checksumOfSum } from './hrl-checksum.ts';
import { type EntrySurvey, entriesThatFill, entryAt, roomFor, surveyEntries } from './hrl-entries.ts';
import {
  blockHead,
  decodeEntry,
  entriesPerBlock,
  entryLength,
  HRL_HEADER_BYTES,
  type HrlEntry,
  isBlockHeadWhole,
  isEntryWhole,
} from './hrl-layout.ts';
import type { HrlProblemCode, HrlProblemList } from './hrl-problems.ts';
import { FileWindow } from './hrl-window.ts';
import type { RandomAccess } from './random-access.ts';
import { viewOf } from './vhd-common.ts';

/** Read at once for a metadata block: where little is written between flushes, several of them. */
const BLOCK_PIECE_BYTES: number = 16 * 1024;
/** Read at once of what was written: what the processor's cache holds until it is summed up. */
const DATA_PIECE_BYTES: number = 512 * 1024;

interface TakingSink {
  entry(entry: HrlEntry): void;
  progress?(readBytes: Bytes): void;
}

/** The second pass ([MS-HRL] 2.5): takes metadata blocks in the file's order, checks them and gives out their entries. */
export class BlockTaker {
  entryCount = 0;
  loggedBytes: Bytes = 0;
  blockCount = 0;
  lostBytes: Bytes = 0;
  /** Entries that the blocks say they have, whatever came of them. */
  entrySlotCount = 0;
  /** The last block that was passed, whole or not, and where it ends. */
  lastAt: Bytes = 0;
  endBytes: Bytes = HRL_HEADER_BYTES;
  /** Where the last block that could be read ends. */
  readableEndBytes: Bytes = HRL_HEADER_BYTES;
  private readonly metadataBlockBytes: Bytes;
  private readonly sink: TakingSink;
  private readonly problems: HrlProblemList;
  private readonly blocks: FileWindow;
  private readonly data: FileWindow | undefined;

  constructor(
    file: RandomAccess,
    metadataBlockBytes: Bytes,
    sink: TakingSink,
    isDataVerified: boolean,
    problems: HrlProblemList,
  ) {
    this.metadataBlockBytes = metadataBlockBytes;
    this.sink = sink;
    this.problems = problems;
    this.blocks = new FileWindow(file, Math.max(metadataBlockBytes, BLOCK_PIECE_BYTES));
    const dataBytes = Math.min(DATA_PIECE_BYTES, file.sizeBytes);
    this.data = isDataVerified ? new FileWindow(file, dataBytes) : undefined;
  }

  /** Takes the block at a place that another block, or the header, leads to: there is one, even if it is damaged. */
  async takeAt(at: Bytes): Promise<void> {
    const block = await this.blocks.at(at, this.metadataBlockBytes);
    if (block === undefined) {
      this.problems.add('hrl-truncated', at, 'A metadata block cannot be read: the file is shorter than it was.');
      this.passLost(at);
      return;
    }
    const fault = this.faultOf(block, at);
    if (fault === undefined) {
      this.skipTo(at - (blockHead(block).distanceBytes ?? 0), at);
      await this.take(block, at);
      return;
    }
    const roomBytes = at - this.endBytes;
    const filling = entriesThatFill(block, entriesPerBlock(this.metadataBlockBytes), roomBytes);
    this.problems.add(fault, at, damagedBlock(filling, roomBytes));
    if (filling === undefined) this.passLost(at);
    else await this.giveOut(block, at, filling);
  }

  /** Takes a block that has been checked: its head is whole, and it leads back to the last one. */
  async take(block: Uint8Array, at: Bytes): Promise<void> {
    await this.giveOut(block, at, blockHead(block).entryCount);
  }

  private faultOf(block: Uint8Array, at: Bytes): HrlProblemCode | undefined {
    if (!isBlockHeadWhole(block)) return 'hrl-block-checksum';
    const { distanceBytes, entryCount } = blockHead(block);
    const link = linkOf(at, distanceBytes, this.metadataBlockBytes);
    if (link !== 'linked') return link;
    return entryCount > entriesPerBlock(this.metadataBlockBytes) ? 'hrl-entry-count' : undefined;
  }

  /** A whole block may lead back to one that was not found, because more than one block is damaged. */
  private skipTo(previousAt: Bytes, at: Bytes): void {
    if (at === HRL_HEADER_BYTES || previousAt === this.lastAt) return;
    const fromBytes = Math.max(this.endBytes, Math.min(at, previousAt + this.metadataBlockBytes));
    const message = `No whole metadata block describes ${fromBytes - this.endBytes} bytes from here on.`;
    this.problems.add('hrl-lost', this.endBytes, message);
    this.lostBytes += fromBytes - this.endBytes;
    this.endBytes = fromBytes;
  }

  private async giveOut(block: Uint8Array, at: Bytes, entryCount: number): Promise<void> {
    const roomBytes = at - this.endBytes;
    const survey = surveyEntries(block, entryCount)!;
    const room = roomFor(survey, roomBytes);
    if (room === 'less' || room === 'more') {
      const message = `The writes of this metadata block have ${survey.wholeBytes} bytes, and ${roomBytes} stand before it.`;
      this.problems.add('hrl-lengths', at, message);
    }
    this.entrySlotCount += entryCount;
    if (room === 'more') {
      this.passLost(at);
      return;
    }
    this.blockCount++;
    this.lostBytes += roomBytes - survey.wholeBytes;
    await this.giveEntries(block, at, entryCount, survey, room === 'less' ? undefined : this.endBytes);
    this.pass(at);
    this.readableEndBytes = this.endBytes;
  }

  private async giveEntries(
    block: Uint8Array,
    blockAt: Bytes,
    entryCount: number,
    survey: EntrySurvey,
    firstDataAt: Bytes | undefined,
  ): Promise<void> {
    const view = viewOf(block);
    let dataAt = firstDataAt;
    for (let index = 0; index < entryCount; index++) {
      const from = entryAt(index);
      if (survey.damagedCount > 0 && !isEntryWhole(block, from)) {
        const message = 'The checksum of a write’s entry is wrong: it is left out.';
        this.problems.add('hrl-entry-checksum', blockAt + from, message);
        // Its length is not known either. Behind the last damaged entry, the data ends where the block begins.
        dataAt = index === survey.lastDamaged ? blockAt - survey.tailBytes : undefined;
        continue;
      }
      const entry = decodeEntry(view, from, dataAt);
      if (typeof entry === 'string') this.refuse(entry, blockAt + from);
      else {
        if (this.data !== undefined && entry.dataChecksum !== 0) await this.checkData(this.data, entry);
        this.give(entry);
      }
      if (dataAt !== undefined) dataAt += entryLength(block, from);
    }
  }

  private give(entry: HrlEntry): void {
    this.entryCount++;
    this.loggedBytes += entry.dataLength;
    this.sink.entry(entry);
  }

  private refuse(code: 'hrl-operation' | 'hrl-entry-offset', atBytes: Bytes): void {
    const reason = code === 'hrl-operation' ? 'is no write' : 'writes where no disk has a place';
    this.problems.add(code, atBytes, `An entry ${reason}: it is left out.`);
  }

  private async checkData(data: FileWindow, entry: HrlEntry): Promise<void> {
    if (entry.dataAtBytes === undefined) return;
    const endBytes = entry.dataAtBytes + entry.dataLength;
    let sum = 0;
    for (let at = entry.dataAtBytes; at < endBytes; ) {
      if (!data.holds(at, 1)) await data.moveTo(at);
      const until = Math.min(data.endBytes, endBytes);
      if (until <= at) break;
      sum += byteSum(data.bytes, at - data.startBytes, until - data.startBytes);
      at = until;
    }
    if (checksumOfSum(sum) === entry.dataChecksum) return;
    const message = 'The checksum of what was written is wrong: the data is damaged, the entry is not.';
    this.problems.add('hrl-data-checksum', entry.dataAtBytes, message);
  }

  private passLost(at: Bytes): void {
    this.lostBytes += at - this.endBytes;
    this.pass(at);
  }

  private pass(at: Bytes): void {
    this.lastAt = at;
    this.endBytes = at + this.metadataBlockBytes;
    this.sink.progress?.(this.endBytes);
  }
}

function damagedBlock(filling: number | undefined, roomBytes: Bytes): string {
  if (roomBytes === 0) return 'The metadata block here is damaged; it described nothing.';
  if (filling !== undefined)
    return `The head of the metadata block here is damaged; its ${filling} writes could be read all the same.`;
  return `The metadata block here is damaged: the writes in the ${roomBytes} bytes before it are lost.`;
}
