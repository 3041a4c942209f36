/** What the readers of VHD and VHDX share: their result, the list of problems, and bytes read without trust. */

import type { Bytes } from '../units.ts';
import { type RandomAccess, readBytes } from './random-access.ts';

/** What a file has wrong, or what could not be told of it. Those of {@link FatalDiskProblem} leave no disk to speak of. */
export type DiskProblemCode =
  | FatalDiskProblem
  | 'vhdx-header-damaged'
  | 'vhdx-header-order'
  | 'vhdx-log'
  | 'vhdx-region-table-damaged'
  | 'vhdx-region-unknown'
  | 'vhdx-block-table'
  | 'vhdx-metadata-damaged'
  | 'vhdx-metadata-unknown'
  | 'vhdx-sector-size'
  | 'vhdx-disk-id'
  | 'vhdx-parent'
  | 'vhdx-block-state'
  | 'vhdx-block-outside'
  | 'vhdx-blocks-overlap'
  | 'vhdx-bitmap'
  | 'vhdx-bitmaps-uncounted'
  | 'vhd-footer-damaged'
  | 'vhd-footer-copy'
  | 'vhd-version'
  | 'vhd-geometry'
  | 'vhd-size-outside'
  | 'vhd-header-damaged'
  | 'vhd-header-lost'
  | 'vhd-block-table'
  | 'vhd-parent'
  | 'vhd-block-outside'
  | 'vhd-blocks-overlap'
  | 'vhd-bitmaps-uncounted';

export type FatalDiskProblem =
  | 'disk-unknown'
  | 'vhdx-no-header'
  | 'vhdx-version'
  | 'vhdx-no-region-table'
  | 'vhdx-no-metadata'
  | 'vhdx-block-size'
  | 'vhdx-virtual-size'
  | 'vhd-no-footer'
  | 'vhd-disk-type'
  | 'vhd-virtual-size';

export interface DiskProblem {
  readonly code: DiskProblemCode;
  /** Where in the file it stands. */
  readonly atBytes: Bytes;
  /** A sentence or two, without the file's name. */
  readonly message: string;
}

/** What a differencing disk says of its parent. */
export interface DiskParent {
  /**
   * VHDX: `parent_linkage`, the parent's {@link VirtualDisk.dataWriteGuid} when it was last looked at ([MS-VHDX]
   * 2.6.2.6.3). VHD: the parent's {@link VirtualDisk.id}. `{…}` in lower case; `undefined` where the file holds none.
   */
  readonly id: string | undefined;
  /** VHDX: `parent_linkage2`, another value that the parent's DataWriteGuid may have. */
  readonly linkage2?: string;
  /** Where the parent may lie, as written, the more trustworthy first: relative to this file, then absolute. */
  readonly paths: readonly string[];
}

/** What the headers and block tables of a VHD or VHDX say. */
export interface VirtualDisk {
  readonly format: 'vhd' | 'vhdx';
  readonly type: 'fixed' | 'dynamic' | 'differencing';
  /** The size that the guest sees. */
  readonly virtualSizeBytes: Bytes;
  /**
   * Bytes of the guest's data that the file holds. Fixed: the whole size. Dynamic: the blocks that are present, the last
   * one up to the end of the disk; blocks that are zero, unmapped or trimmed are not. Differencing: of a block that is
   * there in part its sectors, by their bitmap; all of it, with a problem `…-bitmaps-uncounted`, where that takes too much
   * reading. Never more than the virtual size nor than the file's; `undefined` where the block table cannot be read. Of a
   * disk with a log to replay it may be somewhat too little.
   */
  readonly allocatedBytes: Bytes | undefined;
  /** `undefined` of a fixed VHD, which has no blocks, and where a VHD's dynamic header is lost. */
  readonly blockBytes: Bytes | undefined;
  readonly logicalSectorBytes: number;
  /** `undefined` where the file does not say: in any VHD. */
  readonly physicalSectorBytes: number | undefined;
  /**
   * VHDX: the VirtualDiskId ([MS-VHDX] 2.6.2.3), the same along a chain. VHD: the footer's UniqueId, each file's own. In
   * Windows' byte order, `{…}` in lower case. The nil GUID where a VHDX has lost it (problem `vhdx-disk-id`).
   */
  readonly id: string;
  /** VHDX: changes whenever the guest's data does ([MS-VHDX] 2.2.2). Children name their parent by it. */
  readonly dataWriteGuid?: string;
  /** Of a differencing disk whose file says it. */
  readonly parent?: DiskParent;
  /** VHDX: the log has entries, because the file is open now or was not closed properly. */
  readonly hasLogToReplay: boolean;
  /** The program that made the file, as it names itself, whatever characters that has; `''` where it does not. */
  readonly createdBy: string;
  /** In the order they were found. */
  readonly problems: readonly DiskProblem[];
}

/** As many of one code are kept: a file of nothing but damage must not fill the memory. */
const MOST_OF_A_CODE = 8;

/** Problems as they are found. */
export class DiskProblemList {
  readonly found: DiskProblem[] = [];

  add(code: DiskProblemCode, atBytes: Bytes, message: string): void {
    let same = 0;
    for (const problem of this.found) if (problem.code === code) same++;
    if (same < MOST_OF_A_CODE) this.found.push({ code, atBytes, message });
  }
}

/** A problem that many entries of a table have: the first is kept and the others are counted. */
export class Tally {
  count = 0;
  firstAtBytes: Bytes = 0;

  add(atBytes: Bytes): void {
    if (this.count === 0) this.firstAtBytes = atBytes;
    this.count++;
  }
}

/** `length` bytes from `offset` on in an array of their own, or `undefined` where the file does not hold them all. */
export async function readWhole(
  file: RandomAccess,
  offset: Bytes | undefined,
  length: Bytes,
): Promise<Uint8Array | undefined> {
  if (offset === undefined || !fits(file, offset, length)) return undefined;
  const bytes = await readBytes(file, offset, length);
  return bytes.length === length ? bytes : undefined;
}

/** Whether a stretch lies within the file. Its length may be any number; an offset of `undefined` does not fit. */
export function fits(file: RandomAccess, offset: Bytes | undefined, length: Bytes): boolean {
  return offset !== undefined && offset >= 0 && length >= 0 && offset + length <= file.sizeBytes;
}

/** A stretch of a VHDX that its region table names. */
export interface VhdxRegion {
  readonly offsetBytes: Bytes;
  readonly lengthBytes: Bytes;
}

const PIECE_BYTES = 1024 ** 2;

/**
 * A table of the file in pieces of up to 1 MiB, which share one buffer: a piece must be done with before the next is asked
 * for. Ends early where the file does.
 */
export async function* tablePieces(
  file: RandomAccess,
  offset: Bytes,
  length: Bytes,
): AsyncGenerator<DataView<ArrayBuffer>, void, undefined> {
  const buffer = new Uint8Array(Math.min(PIECE_BYTES, length));
  for (let done = 0; done < length; done += PIECE_BYTES) {
    const wanted = Math.min(PIECE_BYTES, length - done);
    const got = await file.read(buffer.subarray(0, wanted), offset + done);
    yield new DataView(buffer.buffer, 0, got);
    if (got < wanted) return;
  }
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** An unsigned 64-bit field; `undefined` where it is above 2^53 - 1, which no true size or offset is. */
export function uint64(view: DataView, at: number, isLittleEndian: boolean): number | undefined {
  const value = view.getBigUint64(at, isLittleEndian);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
}

/** UTF-16 up to the first NUL, its lone surrogates replaced; an odd last byte is left out. */
export function utf16(bytes: Uint8Array, isLittleEndian: boolean): string {
  const view = viewOf(bytes);
  let text = '';
  for (let at = 0; at + 2 <= bytes.length; at += 2) {
    const unit = view.getUint16(at, isLittleEndian);
    if (unit === 0) break;
    text += String.fromCharCode(unit);
  }
  return text.toWellFormed();
}

/** Whether the bytes at an offset are this ASCII text; not where they end before it does. */
export function hasText(bytes: Uint8Array, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) if (bytes[at + index] !== text.charCodeAt(index)) return false;
  return true;
}

/** Whether a VHD structure's checksum, a 32-bit field of it, is the one's complement of the sum of all its other bytes. */
export function isChecksumRight(bytes: Uint8Array, at: number): boolean {
  let sum = 0;
  for (const byte of bytes) sum += byte;
  for (const byte of bytes.subarray(at, at + 4)) sum -= byte;
  return viewOf(bytes).getUint32(at) === ~sum >>> 0;
}

const BITS: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

/** How many bits are 1. */
export function countBits(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) count += BITS[byte]!;
  return count;
}

/** A power of two within bounds, both included. */
export function isPowerOfTwo(value: number, least: number, most: number): boolean {
  return value >= least && value <= most && Number.isInteger(Math.log2(value));
}
