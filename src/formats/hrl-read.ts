import type { Bytes } from '../units.ts';
import { walkBack } from './hrl-chain.ts';
import {
  decodeHeader,
  HRL_AT,
  HRL_COOKIE,
  HRL_HEADER_BYTES,
  HRL_VERSION_1,
  HRL_VERSION_2,
  type HrlEntry,
  type HrlHeader,
  headerChecksum,
  isBlockSize,
  isHrl,
} from './hrl-layout.ts';
import { type HrlProblem, HrlProblemList } from './hrl-problems.ts';
import { BlockFinder } from './hrl-scan.ts';
import { BlockTaker } from './hrl-take.ts';
import { type RandomAccess, readBytes } from './random-access.ts';

export { type HrlEntry, type HrlHeader, hrlSizeBytes, isHrl } from './hrl-layout.ts';
export type { FatalHrlProblem, HrlProblem, HrlProblemCode } from './hrl-problems.ts';

/** What a reader of a log does with it. */
export interface HrlSink {
  /** Each write, in the log's order. The object is the sink's to keep. */
  entry(entry: HrlEntry): void;
  /** Now and then: so much of the file is done with. */
  progress?(readBytes: Bytes): void;
}

export interface HrlReadOptions {
  /** Checks what was written against DataChecksum where that is set, which takes reading it. Default: no. */
  readonly verifyData?: boolean;
  /** Places of so many metadata blocks are kept at most (default 2^22, 32 MiB): a log of more is read in part by looking for blocks. */
  readonly mostBlocks?: number;
}

/** What was read of a log. */
export interface HrlReading {
  /** `undefined` where the file is no log, or not even its header is there. */
  readonly header: HrlHeader | undefined;
  /** EOLLocation is set: the log was closed. Whether it leads anywhere is another matter. */
  readonly isClosed: boolean;
  /** Writes that the sink got, and the bytes they wrote. */
  readonly entryCount: number;
  readonly loggedBytes: Bytes;
  /** Metadata blocks that could be read, the empty first one included. */
  readonly metadataBlockCount: number;
  /** Blocks were looked for from the start of the file, because the log is not closed or the way back is broken. */
  readonly isRecovered: boolean;
  /** Where the last block that could be read ends; 0 where there is no header. */
  readonly endBytes: Bytes;
  /** Bytes within the log that no whole entry describes: damage, or a torn end. */
  readonly lostBytes: Bytes;
  /** In the order they were found, a few of each code. */
  readonly problems: readonly HrlProblem[];
  /** Problems beyond those. */
  readonly furtherProblemCount: number;
}

const MOST_BLOCKS: number = 2 ** 22;

/**
 * Reads a Hyper-V Replica Log ([MS-HRL] 2.5): from its end back along its metadata blocks, then forwards. Where that way is
 * broken, or the log was never closed, blocks are looked for from the start up to the damage, and everything that is whole
 * is given out. What the file has wrong is among the problems, and nothing in it makes this throw; the reads of `file` and
 * the sink may. Memory is bounded, and so is reading: what is read is no more than three times the file.
 */
export async function readHrl(file: RandomAccess, sink: HrlSink, options: HrlReadOptions = {}): Promise<HrlReading> {
  const problems = new HrlProblemList();
  const header = await readHeader(file, problems);
  const isReadable = header !== undefined && !problems.isFatal;
  const log = isReadable ? new LogReader(file, header, sink, options, problems) : undefined;
  await log?.read();
  const taker = log?.taker;
  return {
    header,
    isClosed: header !== undefined && header.eolLocationBytes !== 0,
    entryCount: taker?.entryCount ?? 0,
    loggedBytes: taker?.loggedBytes ?? 0,
    metadataBlockCount: taker?.blockCount ?? 0,
    isRecovered: log?.isRecovered ?? false,
    endBytes: taker?.readableEndBytes ?? (header === undefined ? 0 : HRL_HEADER_BYTES),
    lostBytes: taker?.lostBytes ?? 0,
    problems: problems.found,
    furtherProblemCount: problems.furtherCount,
  };
}

async function readHeader(file: RandomAccess, problems: HrlProblemList): Promise<HrlHeader | undefined> {
  const bytes = await readBytes(file, 0, HRL_HEADER_BYTES);
  if (!isHrl(bytes)) {
    const message = `The file does not begin with "${HRL_COOKIE}": it is no Hyper-V Replica Log.`;
    problems.add('hrl-not-hrl', 0, message);
    return undefined;
  }
  if (bytes.length < HRL_HEADER_BYTES) {
    const message = `The file ends within its header of ${HRL_HEADER_BYTES} bytes: there is nothing in it.`;
    problems.add('hrl-truncated-header', bytes.length, message);
    return undefined;
  }
  const header = decodeHeader(bytes);
  if (headerChecksum(bytes) !== header.checksum) {
    const message = 'The checksum of the header is wrong: its times, sizes and identities may be.';
    problems.add('hrl-header-checksum', HRL_AT.checksum, message);
  }
  checkHeader(header, problems);
  return header;
}

function checkHeader(header: HrlHeader, problems: HrlProblemList): void {
  const { logFormatVersion, metadataBlockBytes, fileType, errorCode } = header;
  if (logFormatVersion === HRL_VERSION_1) {
    const message = 'The log is of version 1 (Windows Server 2012 and 2012 R2), which names no Data Write GUID.';
    problems.add('hrl-version-1', HRL_AT.version, message);
  } else if (logFormatVersion !== HRL_VERSION_2) {
    const version = `0x${logFormatVersion.toString(16).padStart(8, '0')}`;
    problems.add('hrl-version', HRL_AT.version, `The log is of version ${version}; only versions 1 and 2 are known.`);
  }
  if (!isBlockSize(metadataBlockBytes)) {
    const message = `Metadata blocks of ${metadataBlockBytes} bytes: a multiple of 512 up to 1 MiB is possible.`;
    problems.add('hrl-metadata-size', HRL_AT.blockBytes, message);
  }
  if (fileType !== 0) {
    const message = `The header says that the file is of type ${fileType}, and a log of writes is of type 0.`;
    problems.add('hrl-file-type', HRL_AT.fileType, message);
  }
  if (errorCode !== 0) {
    problems.add('hrl-error-code', HRL_AT.errorCode, `Hyper-V noted the error ${errorCode} in this log.`);
  }
  const fields = [
    ['OriginalSize', HRL_AT.originalSize, header.originalSizeBytes],
    ['CurrentSize', HRL_AT.currentSize, header.currentSizeBytes],
    ['EOLLocation', HRL_AT.eol, header.eolLocationBytes],
    ['TotalMetadataEntries', HRL_AT.entries, header.totalMetadataEntries],
  ] as const;
  for (const [name, atBytes, value] of fields) {
    if (value !== undefined) continue;
    problems.add('hrl-header-field', atBytes, `${name} is larger than any file can be: the header is damaged.`);
  }
}

class LogReader {
  isRecovered = false;
  readonly taker: BlockTaker;
  private readonly file: RandomAccess;
  private readonly header: HrlHeader;
  private readonly sink: HrlSink;
  private readonly mostBlocks: number;
  private readonly problems: HrlProblemList;

  constructor(file: RandomAccess, header: HrlHeader, sink: HrlSink, options: HrlReadOptions, problems: HrlProblemList) {
    this.file = file;
    this.header = header;
    this.sink = sink;
    this.mostBlocks = options.mostBlocks ?? MOST_BLOCKS;
    this.problems = problems;
    this.taker = new BlockTaker(file, header.metadataBlockBytes, sink, options.verifyData ?? false, problems);
  }

  async read(): Promise<void> {
    const { eolLocationBytes, totalMetadataEntries } = this.header;
    if (eolLocationBytes === 0) {
      const message = 'The log was not closed properly. Its blocks were looked for from the start of the file.';
      this.problems.add('hrl-not-closed', HRL_AT.eol, message);
    }
    if (!(await this.readFromEnd(eolLocationBytes ?? 0))) await this.readToEndOfFile();
    if (eolLocationBytes === 0 || totalMetadataEntries === undefined) return;
    const { entrySlotCount } = this.taker;
    if (entrySlotCount !== totalMetadataEntries) {
      const message = `The header says that there are ${totalMetadataEntries} writes in the log; its blocks have ${entrySlotCount}.`;
      this.problems.add('hrl-entries-total', HRL_AT.entries, message);
    }
  }

  /** `false` where the log's end, as the header has it, is not the end of any block. */
  private async readFromEnd(eolBytes: Bytes): Promise<boolean> {
    if (eolBytes === 0 || !this.isEndPossible(eolBytes)) return false;
    const { file, header, taker } = this;
    const lastAt = eolBytes - header.metadataBlockBytes;
    const { blocksAt, brokenAtBytes } = await walkBack(file, lastAt, header.metadataBlockBytes, this.mostBlocks);
    const isUnfounded = brokenAtBytes === lastAt && this.mostBlocks > 1;
    if (isUnfounded && eolBytes < file.sizeBytes) {
      const message = 'There is no metadata block where the header says that the log ends.';
      this.problems.add('hrl-chain-outside', HRL_AT.eol, message);
      return false;
    }
    if (brokenAtBytes !== undefined) {
      await this.scanUpTo(brokenAtBytes);
      await taker.takeAt(brokenAtBytes);
    }
    for (let index = blocksAt.length - 1; index >= 0; index--) await taker.takeAt(blocksAt[index]!);
    if (eolBytes < file.sizeBytes) {
      const message = `The file goes on for ${file.sizeBytes - eolBytes} bytes behind the end of the log.`;
      this.problems.add('hrl-after-end', eolBytes, message);
    }
    return true;
  }

  private isEndPossible(eolBytes: Bytes): boolean {
    const { metadataBlockBytes } = this.header;
    if (eolBytes > this.file.sizeBytes) {
      const message = `The file ends at ${this.file.sizeBytes} bytes and the log at ${eolBytes}: the rest is missing.`;
      this.problems.add('hrl-truncated', this.file.sizeBytes, message);
      return false;
    }
    const isOneBlock = eolBytes === HRL_HEADER_BYTES + metadataBlockBytes;
    if (isOneBlock || eolBytes >= HRL_HEADER_BYTES + 2 * metadataBlockBytes) return true;
    this.problems.add('hrl-chain-outside', HRL_AT.eol, 'The log cannot end where the header says that it does.');
    return false;
  }

  private async readToEndOfFile(): Promise<void> {
    const { taker, file } = this;
    await this.scanUpTo(file.sizeBytes);
    const tornBytes = file.sizeBytes - taker.endBytes;
    if (tornBytes === 0 && taker.blockCount > 0) return;
    const message = `No whole metadata block describes the last ${tornBytes} bytes: which writes they hold is not known.`;
    this.problems.add('hrl-torn-end', taker.endBytes, message);
    taker.lostBytes += tornBytes;
  }

  /** Takes what blocks there are between the header and a limit, from the first one on. */
  private async scanUpTo(limitBytes: Bytes): Promise<void> {
    const { taker, file, header } = this;
    this.isRecovered = true;
    if (HRL_HEADER_BYTES + header.metadataBlockBytes > limitBytes) return;
    await taker.takeAt(HRL_HEADER_BYTES);
    const report = (readBytes: Bytes): void => this.sink.progress?.(readBytes);
    const finder = new BlockFinder(file, header.metadataBlockBytes, limitBytes, report);
    for (let found = await finder.next(taker.lastAt); found !== undefined; found = await finder.next(taker.lastAt)) {
      await taker.take(found.block, found.atBytes);
    }
  }
}
