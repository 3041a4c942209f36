import { type Bytes, GIB } from '../units.ts';
import { guidAt } from './guid.ts';
import type { RandomAccess } from './random-access.ts';
import { readVhdBlocks } from './vhd-blocks.ts';
import {
  type DiskProblemList,
  fits,
  hasText,
  isChecksumRight,
  readWhole,
  uint64,
  type VirtualDisk,
  viewOf,
} from './vhd-common.ts';

/** The first bytes of a VHD's footer (VHD 1.0, "Hard Disk Footer Format"). */
export const VHD_COOKIE = 'conectix';

/** From Virtual PC 2004 on; before, the footer had a byte less. */
const FOOTER_BYTES = 512;
const OLD_FOOTER_BYTES = 511;
const SECTOR_BYTES = 512;
/** Largest VHD: 2,040 GiB. */
const MOST_VIRTUAL_BYTES = 2040 * GIB;
/** 65,535 cylinders, 16 heads, 255 sectors: what larger disks say, and what tools write that have no use for geometry. */
const MOST_GEOMETRY_BYTES: Bytes = 65_535 * 16 * 255 * SECTOR_BYTES;

/** How a VHD's bytes end: with a footer of 512 or, of old files, 511 bytes; `undefined` where with none. */
export function vhdFooterBytes(tail: Uint8Array): Bytes | undefined {
  return [FOOTER_BYTES, OLD_FOOTER_BYTES].find(
    (length) => tail.length >= length && hasText(tail, tail.length - length, VHD_COOKIE),
  );
}

interface Footer {
  readonly atBytes: Bytes;
  readonly lengthBytes: Bytes;
  readonly bytes: Uint8Array;
  readonly isSound: boolean;
}

/**
 * Reads a VHD ("Virtual Hard Disk Image Format Specification" 1.0): the footer or its copy, and of a dynamic or differencing
 * disk the header and the block table. A wrong checksum is a problem, and what is there is believed for want of better.
 *
 * @returns `undefined` where no disk can be told; why is among the problems
 */
export async function readVhd(file: RandomAccess, problems: DiskProblemList): Promise<VirtualDisk | undefined> {
  const footer = await readFooter(file, problems);
  if (footer === undefined) {
    problems.add('vhd-no-footer', Math.max(0, file.sizeBytes - FOOTER_BYTES), 'The file has no footer of a VHD.');
    return undefined;
  }
  const view = viewOf(footer.bytes);
  const type = diskType(view.getUint32(60));
  if (type === undefined) {
    const message = `The footer says disk type ${view.getUint32(60)}; fixed, dynamic and differencing are 2, 3 and 4.`;
    problems.add('vhd-disk-type', footer.atBytes + 60, message);
    return undefined;
  }
  const virtualSizeBytes = uint64(view, 48, false);
  if (virtualSizeBytes === undefined || virtualSizeBytes > MOST_VIRTUAL_BYTES) {
    problems.add('vhd-virtual-size', footer.atBytes + 48, 'The footer says a size above 2,040 GiB, which no VHD has.');
    return undefined;
  }
  checkVersion(view, footer.atBytes, problems);
  checkGeometry(view, virtualSizeBytes, footer.atBytes, problems);
  const common = {
    format: 'vhd',
    type,
    virtualSizeBytes,
    logicalSectorBytes: SECTOR_BYTES,
    physicalSectorBytes: undefined,
    id: guidAt(footer.bytes, 68),
    hasLogToReplay: false,
    createdBy: creator(footer.bytes),
    problems: problems.found,
  } as const;
  if (type === 'fixed') {
    return { ...common, allocatedBytes: fixedBytes(file, footer, virtualSizeBytes, problems), blockBytes: undefined };
  }
  const headerAt = uint64(view, 16, false);
  return { ...common, ...(await readVhdBlocks(file, headerAt, virtualSizeBytes, type === 'differencing', problems)) };
}

/** The footer at the end, or its copy at the start where the one at the end is missing or only the copy is sound. */
async function readFooter(file: RandomAccess, problems: DiskProblemList): Promise<Footer | undefined> {
  const end = await readEndFooter(file);
  if (end === undefined) {
    const copy = await readCopy(file);
    if (copy === undefined) return undefined;
    problems.add('vhd-footer-damaged', file.sizeBytes, 'The footer at the end is missing: the file may have been cut.');
    checkCopy(copy, undefined, problems);
    return copy;
  }
  if (!end.isSound) {
    problems.add('vhd-footer-damaged', end.atBytes + 64, 'The footer at the end fails its checksum.');
  }
  if (end.isSound && isFixed(end)) return end;
  const copy = await readCopy(file);
  if (copy !== undefined || !isFixed(end)) checkCopy(copy, end, problems);
  return !end.isSound && copy?.isSound === true ? copy : end;
}

async function readEndFooter(file: RandomAccess): Promise<Footer | undefined> {
  const tailBytes = Math.min(FOOTER_BYTES, file.sizeBytes);
  const tail = await readWhole(file, file.sizeBytes - tailBytes, tailBytes);
  const length = tail === undefined ? undefined : vhdFooterBytes(tail);
  return length === undefined ? undefined : footerOf(tail!.subarray(-length), file.sizeBytes - length);
}

/** The copy at the start. Where that says it is of a fixed disk, which has none, it is the guest's data. */
async function readCopy(file: RandomAccess): Promise<Footer | undefined> {
  const head = await readWhole(file, 0, FOOTER_BYTES);
  const copy = head !== undefined && hasText(head, 0, VHD_COOKIE) ? footerOf(head, 0) : undefined;
  return copy === undefined || isFixed(copy) ? undefined : copy;
}

function isFixed(footer: Footer): boolean {
  return diskType(viewOf(footer.bytes).getUint32(60)) === 'fixed';
}

/** The checksum is the one's complement of the sum of the other bytes; the byte that old footers lack would be zero. */
function footerOf(bytes: Uint8Array, atBytes: Bytes): Footer {
  return { atBytes, lengthBytes: bytes.length, bytes, isSound: isChecksumRight(bytes, 64) };
}

function checkCopy(copy: Footer | undefined, end: Footer | undefined, problems: DiskProblemList): void {
  if (copy === undefined) {
    problems.add('vhd-footer-copy', 0, "The footer's copy at the start is missing.");
  } else if (!copy.isSound) {
    problems.add('vhd-footer-copy', 64, "The footer's copy at the start fails its checksum.");
  } else if (end?.isSound === true && !copy.bytes.subarray(0, 84).every((byte, at) => byte === end.bytes[at])) {
    problems.add('vhd-footer-copy', 0, "The footer's copy at the start differs from the footer.");
  }
}

function diskType(code: number): VirtualDisk['type'] | undefined {
  return ({ 2: 'fixed', 3: 'dynamic', 4: 'differencing' } as const)[code];
}

function checkVersion(footer: DataView, atBytes: Bytes, problems: DiskProblemList): void {
  const major = footer.getUint16(12);
  if (major === 1) return;
  problems.add('vhd-version', atBytes + 12, `The footer is of version ${major}; only version 1 is known.`);
}

/**
 * Cylinders × heads × sectors lose less than a cylinder of the size (VHD 1.0, "CHS Calculation"). Windows goes by the size;
 * a program that goes by the geometry sees another disk.
 */
function checkGeometry(footer: DataView, virtualSizeBytes: Bytes, atBytes: Bytes, problems: DiskProblemList): void {
  const cylinderBytes = footer.getUint8(58) * footer.getUint8(59) * SECTOR_BYTES;
  const geometryBytes = footer.getUint16(56) * cylinderBytes;
  if (geometryBytes === MOST_GEOMETRY_BYTES) return;
  if (geometryBytes <= virtualSizeBytes && geometryBytes > virtualSizeBytes - Math.max(cylinderBytes, 1)) return;
  const message = `The geometry gives ${geometryBytes} bytes, but the disk has ${virtualSizeBytes}.`;
  problems.add('vhd-geometry', atBytes + 56, message);
}

function fixedBytes(file: RandomAccess, footer: Footer, virtualSizeBytes: Bytes, problems: DiskProblemList): Bytes {
  if (fits(file, footer.lengthBytes, virtualSizeBytes)) return virtualSizeBytes;
  problems.add('vhd-size-outside', footer.atBytes + 48, 'The file is shorter than the fixed disk it says it holds.');
  return file.sizeBytes - footer.lengthBytes;
}

/** Such as `win 6.3 (Wi2k)`: the creator application, its version and its operating system. */
function creator(footer: Uint8Array): string {
  const view = viewOf(footer);
  const program = printable(footer.subarray(28, 32));
  const system = printable(footer.subarray(36, 40));
  const version = `${view.getUint16(32)}.${view.getUint16(34)}`;
  return program === '' ? '' : `${program} ${version}${system === '' ? '' : ` (${system})`}`;
}

function printable(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.filter((byte) => byte >= 0x20 && byte < 0x7f)).trim();
}
