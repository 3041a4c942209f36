/**
 * Where the fields of a Hyper-V Replica Log stand, and its checksum: [MS-HRL] v20240423, section 2. All integers are
 * little-endian; times are seconds since 2000-01-01 00:00:00 UTC.
 */

import type { Bytes } from '../units.ts';
import { guidAt, NIL_GUID, parseGuid } from './guid.ts';
import { checksumWithout, uint32 } from './hrl-checksum.ts';
import { hasText, uint64, viewOf } from './vhd-common.ts';

/** The first seven of the eight bytes of the cookie; the eighth is a blank in the published example ([MS-HRL] 2.2, 3). */
export const HRL_COOKIE = 'msctlog';
/** The header's size, and with it the place of the first metadata block ([MS-HRL] 2.2). */
export const HRL_HEADER_BYTES = 4096;
/** MetadataSize is a multiple of it ([MS-HRL] 2.2). */
export const HRL_SECTOR_BYTES = 512;
/** MetadataSize where nobody says otherwise ([MS-HRL] 2.2). */
export const HRL_DEFAULT_BLOCK_BYTES = 4096;
/** Larger metadata blocks are refused, 32,767 entries in each. [chosen] */
const HRL_MOST_BLOCK_BYTES: number = 1024 ** 2;
/** Sizes of the head of a metadata block and of one entry ([MS-HRL] 2.3, 2.4). */
export const HRL_BLOCK_HEAD_BYTES = 32;
export const HRL_ENTRY_BYTES = 32;

/** LogFormatVersion: 1 of Windows Server 2012 and 2012 R2, 2 of all later ones ([MS-HRL] 2.2). */
export const HRL_VERSION_1 = 0x0001_0000;
export const HRL_VERSION_2 = 0x0002_0000;

/** Where fields stand that the writer changes and the reader points at. */
export const HRL_AT = {
  version: 8,
  originalSize: 24,
  currentSize: 32,
  checksum: 40,
  eol: 44,
  errorCode: 52,
  blockBytes: 56,
  entries: 96,
  fileType: 104,
} as const;

const BLOCK_CHECKSUM_AT = 12;
const ENTRY_CHECKSUM_AT = 8;
/** MetaOperation of a write, the only one there is ([MS-HRL] 2.4). */
export const HRL_WRITE = 1;

/** The header of a log ([MS-HRL] 2.2). Sizes and counts above 2^53 are `undefined`: no file has them. */
export interface HrlHeader {
  /** {@link HRL_VERSION_2}, or {@link HRL_VERSION_1} of Windows Server 2012 and 2012 R2. */
  readonly logFormatVersion: number;
  readonly createdSec2000: number;
  /** `ct` in the published example; characters that cannot be printed are `?`. */
  readonly creatorApplication: string;
  readonly creatorVersion: number;
  readonly originalSizeBytes: Bytes | undefined;
  readonly currentSizeBytes: Bytes | undefined;
  readonly checksum: number;
  /** Where the log ends; 0 while it is open, and for good where it was not closed properly. */
  readonly eolLocationBytes: Bytes | undefined;
  /** Signed; 0 = none. */
  readonly errorCode: number;
  readonly metadataBlockBytes: Bytes;
  /** `{…}` in lower case, as all GUIDs here. */
  readonly uniqueId: string;
  /** Of the disk's log before this one. */
  readonly previousUniqueId: string;
  readonly lastModifiedSec2000: number;
  readonly totalMetadataEntries: number | undefined;
  /** 0 for a log of writes. */
  readonly fileType: number;
  readonly flags: number;
  /** Version 2: the VHDX's Data Write GUID, by which a change that nobody tracked is found. */
  readonly vhd2DataWriteGuid?: string;
}

/** A write of the guest to the virtual disk ([MS-HRL] 2.4). */
export interface HrlEntry {
  /** Where on the virtual disk. */
  readonly byteOffset: Bytes;
  readonly dataLength: Bytes;
  readonly timestampSec2000: number;
  /** Where in the file what was written stands; `undefined` where damage beside the entry leaves it open. */
  readonly dataAtBytes: Bytes | undefined;
  /** Of the entry itself. */
  readonly checksum: number;
  /** Of what was written; 0 = not set, as in the published example ([MS-HRL] 3). */
  readonly dataChecksum: number;
}

/** Whether a file that begins with these bytes is a Hyper-V Replica Log; eight are enough. */
export function isHrl(head: Uint8Array): boolean {
  return hasText(head, 0, HRL_COOKIE);
}

/** Entries that a metadata block has room for: 127 at 4,096 bytes. */
export function entriesPerBlock(metadataBlockBytes: Bytes): number {
  return Math.floor((metadataBlockBytes - HRL_BLOCK_HEAD_BYTES) / HRL_ENTRY_BYTES);
}

/** Whether a metadata block may have this size: a multiple of 512 ([MS-HRL] 2.2) up to 1 MiB. */
export function isBlockSize(metadataBlockBytes: Bytes): boolean {
  const isWithin = metadataBlockBytes >= HRL_SECTOR_BYTES && metadataBlockBytes <= HRL_MOST_BLOCK_BYTES;
  return isWithin && metadataBlockBytes % HRL_SECTOR_BYTES === 0;
}

/**
 * The size of a log: its header, the empty first metadata block, what was written, and a metadata block per flush, of
 * which there are at least ceil(writes / {@link entriesPerBlock}).
 */
export function hrlSizeBytes(
  dataBytes: Bytes,
  flushes: number,
  metadataBlockBytes: Bytes = HRL_DEFAULT_BLOCK_BYTES,
): Bytes {
  return HRL_HEADER_BYTES + metadataBlockBytes * (1 + flushes) + dataBytes;
}

/** What the header of 4,096 bytes must have as its checksum. */
export function headerChecksum(header: Uint8Array): number {
  return checksumWithout(header, 0, HRL_HEADER_BYTES, HRL_AT.checksum);
}

/** Whether the head of a metadata block has the checksum that it must have. Its entries have their own. */
export function isBlockHeadWhole(bytes: Uint8Array, at = 0): boolean {
  const expected = checksumWithout(bytes, at, HRL_BLOCK_HEAD_BYTES, BLOCK_CHECKSUM_AT);
  return uint32(bytes, at + BLOCK_CHECKSUM_AT) === expected;
}

/** Whether an entry has the checksum that it must have. */
export function isEntryWhole(bytes: Uint8Array, at: number): boolean {
  return uint32(bytes, at + ENTRY_CHECKSUM_AT) === checksumWithout(bytes, at, HRL_ENTRY_BYTES, ENTRY_CHECKSUM_AT);
}

/** The head of a metadata block: the distance back to the one before (`undefined` above 2^53), and its entries. */
export function blockHead(bytes: Uint8Array, at = 0): { distanceBytes: Bytes | undefined; entryCount: number } {
  return { distanceBytes: uint64(viewOf(bytes), at, true), entryCount: uint32(bytes, at + 8) };
}

/** DataLength of an entry. */
export function entryLength(bytes: Uint8Array, at: number): Bytes {
  return uint32(bytes, at + 12);
}

/** An entry, or why it is no write that this product knows. Its checksum is not looked at. */
export function decodeEntry(
  view: DataView,
  at: number,
  dataAtBytes: Bytes | undefined,
): HrlEntry | 'hrl-operation' | 'hrl-entry-offset' {
  if (view.getUint8(at + 20) !== HRL_WRITE) return 'hrl-operation';
  const byteOffset = uint64(view, at, true);
  const dataLength = view.getUint32(at + 12, true);
  if (byteOffset === undefined || !Number.isSafeInteger(byteOffset + dataLength)) return 'hrl-entry-offset';
  return {
    byteOffset,
    dataLength,
    timestampSec2000: view.getUint32(at + 16, true),
    dataAtBytes,
    checksum: view.getUint32(at + 8, true),
    dataChecksum: view.getUint32(at + 21, true),
  };
}

/** The fields of a whole header of 4,096 bytes; nothing is checked. */
export function decodeHeader(bytes: Uint8Array): HrlHeader {
  const view = viewOf(bytes);
  const logFormatVersion = view.getUint32(HRL_AT.version, true);
  return {
    logFormatVersion,
    createdSec2000: view.getUint32(12, true),
    creatorApplication: String.fromCharCode(...bytes.subarray(16, 20))
      .replace(/[^ -~]/g, '?')
      .trimEnd(),
    creatorVersion: view.getUint32(20, true),
    originalSizeBytes: uint64(view, HRL_AT.originalSize, true),
    currentSizeBytes: uint64(view, HRL_AT.currentSize, true),
    checksum: view.getUint32(HRL_AT.checksum, true),
    eolLocationBytes: uint64(view, HRL_AT.eol, true),
    errorCode: view.getInt32(HRL_AT.errorCode, true),
    metadataBlockBytes: view.getUint32(HRL_AT.blockBytes, true),
    uniqueId: guidAt(bytes, 60),
    previousUniqueId: guidAt(bytes, 76),
    lastModifiedSec2000: view.getUint32(92, true),
    totalMetadataEntries: uint64(view, HRL_AT.entries, true),
    fileType: view.getUint32(HRL_AT.fileType, true),
    flags: view.getUint16(108, true),
    ...(logFormatVersion === HRL_VERSION_1 ? {} : { vhd2DataWriteGuid: guidAt(bytes, 110) }),
  };
}

/** The 4,096 bytes of a header, with the checksum that follows from the others. Sizes are from 0 to 2^53 - 1. */
export function encodeHeader(header: Omit<HrlHeader, 'checksum'>): Uint8Array {
  const bytes = new Uint8Array(HRL_HEADER_BYTES);
  const view = viewOf(bytes);
  putText(bytes, 0, `${HRL_COOKIE} `);
  view.setUint32(HRL_AT.version, header.logFormatVersion, true);
  view.setUint32(12, header.createdSec2000, true);
  putText(bytes, 16, header.creatorApplication.slice(0, 4).padEnd(4));
  view.setUint32(20, header.creatorVersion, true);
  view.setBigUint64(HRL_AT.originalSize, BigInt(header.originalSizeBytes ?? 0), true);
  view.setBigUint64(HRL_AT.currentSize, BigInt(header.currentSizeBytes ?? 0), true);
  view.setBigUint64(HRL_AT.eol, BigInt(header.eolLocationBytes ?? 0), true);
  view.setInt32(HRL_AT.errorCode, header.errorCode, true);
  view.setUint32(HRL_AT.blockBytes, header.metadataBlockBytes, true);
  putGuid(bytes, 60, header.uniqueId);
  putGuid(bytes, 76, header.previousUniqueId);
  view.setUint32(92, header.lastModifiedSec2000, true);
  view.setBigUint64(HRL_AT.entries, BigInt(header.totalMetadataEntries ?? 0), true);
  view.setUint32(HRL_AT.fileType, header.fileType, true);
  view.setUint16(108, header.flags, true);
  if (header.logFormatVersion !== HRL_VERSION_1) putGuid(bytes, 110, header.vhd2DataWriteGuid ?? NIL_GUID);
  view.setUint32(HRL_AT.checksum, headerChecksum(bytes), true);
  return bytes;
}

/** Puts the head of a metadata block over its first 32 bytes, checksum and all. */
export function putBlockHead(block: Uint8Array, distanceBytes: Bytes, entryCount: number): void {
  const view = viewOf(block);
  block.fill(0, 0, HRL_BLOCK_HEAD_BYTES);
  view.setBigUint64(0, BigInt(distanceBytes), true);
  view.setUint32(8, entryCount, true);
  const checksum = checksumWithout(block, 0, HRL_BLOCK_HEAD_BYTES, BLOCK_CHECKSUM_AT);
  view.setUint32(BLOCK_CHECKSUM_AT, checksum, true);
}

/** Puts the entry of a write at `at`, with the checksum that follows from its fields. */
export function putEntry(bytes: Uint8Array, at: number, entry: Omit<HrlEntry, 'checksum' | 'dataAtBytes'>): void {
  const view = viewOf(bytes);
  bytes.fill(0, at, at + HRL_ENTRY_BYTES);
  view.setBigUint64(at, BigInt(entry.byteOffset), true);
  view.setUint32(at + 12, entry.dataLength, true);
  view.setUint32(at + 16, entry.timestampSec2000, true);
  view.setUint8(at + 20, HRL_WRITE);
  view.setUint32(at + 21, entry.dataChecksum, true);
  const checksum = checksumWithout(bytes, at, HRL_ENTRY_BYTES, ENTRY_CHECKSUM_AT);
  view.setUint32(at + ENTRY_CHECKSUM_AT, checksum, true);
}

function putText(bytes: Uint8Array, at: number, text: string): void {
  for (let index = 0; index < text.length; index++) bytes[at + index] = text.charCodeAt(index);
}

/** Windows' order, as {@link guidAt} reads it. Text that is no GUID counts as the nil GUID. */
function putGuid(bytes: Uint8Array, at: number, guid: string): void {
  const hex = (parseGuid(guid) ?? NIL_GUID).replace(/[{}-]/g, '');
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  order.forEach((place, index) => {
    bytes[at + place] = Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16);
  });
}
