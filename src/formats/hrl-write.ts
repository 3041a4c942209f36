import type { Bytes } from '../units.ts';
import { NIL_GUID } from './guid.ts';
import { byteSum, checksumOfSum } from './hrl-checksum.ts';
import { entryAt } from './hrl-entries.ts';
import {
  encodeHeader,
  entriesPerBlock,
  HRL_DEFAULT_BLOCK_BYTES,
  HRL_HEADER_BYTES,
  HRL_VERSION_2,
  type HrlHeader,
  isBlockSize,
  putBlockHead,
  putEntry,
} from './hrl-layout.ts';

/** A write of the guest to the virtual disk. */
export interface HrlWrite {
  readonly byteOffset: Bytes;
  readonly data: Uint8Array;
  readonly timestampSec2000: number;
}

/** What a new log says of itself; GUIDs as `{…}`, the nil GUID where there is none. */
export interface HrlWriterOptions {
  readonly createdSec2000: number;
  readonly uniqueId?: string;
  readonly previousUniqueId?: string;
  readonly vhd2DataWriteGuid?: string;
  /** A multiple of 512 up to 1 MiB; 4,096 by default. */
  readonly metadataBlockBytes?: Bytes;
  /** Default: version 2. */
  readonly logFormatVersion?: number;
  /** Sets DataChecksum, which the published log does not ([MS-HRL] 3). Default: no. */
  readonly hasDataChecksums?: boolean;
}

/**
 * Writes a Hyper-V Replica Log in pieces, which a caller puts one behind the other: {@link start}, then {@link write} for
 * each write, and at the end {@link close}, whose header replaces the first one. Without `close`, what there is is a log
 * that was not closed properly. Keeps no data.
 *
 * @throws RangeError for sizes and offsets that the format has no room for
 */
export class HrlWriter {
  private readonly options: HrlWriterOptions;
  private readonly metadataBlockBytes: Bytes;
  private sizeBytes: Bytes = 0;
  private lastBlockAt: Bytes = HRL_HEADER_BYTES;
  private block: Uint8Array;
  private pendingCount = 0;
  private totalCount = 0;

  constructor(options: HrlWriterOptions) {
    this.options = options;
    this.metadataBlockBytes = options.metadataBlockBytes ?? HRL_DEFAULT_BLOCK_BYTES;
    if (!isBlockSize(this.metadataBlockBytes)) throw new RangeError(`metadataBlockBytes ${this.metadataBlockBytes}`);
    this.block = new Uint8Array(this.metadataBlockBytes);
  }

  /** The header of an open log and the empty first metadata block. */
  start(): Uint8Array[] {
    const block = new Uint8Array(this.metadataBlockBytes);
    putBlockHead(block, 0, 0);
    this.sizeBytes = HRL_HEADER_BYTES + this.metadataBlockBytes;
    return [this.header({ eolLocationBytes: 0, lastModifiedSec2000: this.options.createdSec2000 }), block];
  }

  /** The data itself (not a copy), and the metadata block once it is full. */
  write(write: HrlWrite): Uint8Array[] {
    const { byteOffset, data, timestampSec2000 } = write;
    const isOffset =
      byteOffset >= 0 && Number.isSafeInteger(byteOffset) && Number.isSafeInteger(byteOffset + data.length);
    if (!isOffset || data.length > 0xffff_ffff)
      throw new RangeError(`a write of ${data.length} bytes at ${byteOffset}`);
    const dataChecksum = this.options.hasDataChecksums === true ? checksumOfSum(byteSum(data)) : 0;
    const entry = { byteOffset, dataLength: data.length, timestampSec2000, dataChecksum };
    putEntry(this.block, entryAt(this.pendingCount), entry);
    this.pendingCount++;
    this.sizeBytes += data.length;
    const isFull = this.pendingCount === entriesPerBlock(this.metadataBlockBytes);
    return isFull ? [data, ...this.flush()] : [data];
  }

  /** The metadata block of the writes since the last one; nothing where there are none. */
  flush(): Uint8Array[] {
    if (this.pendingCount === 0) return [];
    const { block } = this;
    putBlockHead(block, this.sizeBytes - this.lastBlockAt, this.pendingCount);
    this.lastBlockAt = this.sizeBytes;
    this.sizeBytes += this.metadataBlockBytes;
    this.totalCount += this.pendingCount;
    this.pendingCount = 0;
    this.block = new Uint8Array(this.metadataBlockBytes);
    return [block];
  }

  /** The end of the log, to be put behind it, and the header of the closed log, to be put over its first 4,096 bytes. */
  close(lastModifiedSec2000: number): { readonly end: readonly Uint8Array[]; readonly header: Uint8Array } {
    const end = this.flush();
    return { end, header: this.header({ eolLocationBytes: this.sizeBytes, lastModifiedSec2000 }) };
  }

  /** OriginalSize stays 0, as in the published log ([MS-HRL] 3). */
  private header(state: Pick<HrlHeader, 'eolLocationBytes' | 'lastModifiedSec2000'>): Uint8Array {
    const { options } = this;
    return encodeHeader({
      ...state,
      logFormatVersion: options.logFormatVersion ?? HRL_VERSION_2,
      createdSec2000: options.createdSec2000,
      creatorApplication: 'ct',
      creatorVersion: 0x000a_0000,
      originalSizeBytes: 0,
      currentSizeBytes: this.sizeBytes,
      errorCode: 0,
      metadataBlockBytes: this.metadataBlockBytes,
      uniqueId: options.uniqueId ?? NIL_GUID,
      previousUniqueId: options.previousUniqueId ?? NIL_GUID,
      totalMetadataEntries: this.totalCount,
      fileType: 0,
      flags: 0,
      vhd2DataWriteGuid: options.vhd2DataWriteGuid ?? NIL_GUID,
    });
  }
}
