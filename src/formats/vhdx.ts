import { type Bytes, KIB, MIB } from '../units.ts';
import { crc32c } from './crc32c.ts';
import { guidAt, NIL_GUID } from './guid.ts';
import type { RandomAccess } from './random-access.ts';
import {
  type DiskProblemList,
  fits,
  hasText,
  readWhole,
  uint64,
  utf16,
  type VhdxRegion,
  type VirtualDisk,
  viewOf,
} from './vhd-common.ts';
import { countVhdxBlocks } from './vhdx-blocks.ts';
import { readVhdxMetadata } from './vhdx-metadata.ts';

/** The first bytes of a VHDX ([MS-VHDX] 2.2.1). */
export const VHDX_SIGNATURE = 'vhdxfile';

const HEADER_OFFSETS: readonly Bytes[] = [64 * KIB, 128 * KIB];
const HEADER_BYTES = 4 * KIB;
const REGION_TABLE_OFFSETS: readonly Bytes[] = [192 * KIB, 256 * KIB];
const REGION_TABLE_BYTES = 64 * KIB;
const REGION_ENTRY_BYTES = 32;
const MOST_REGIONS = 2047;
const BLOCK_TABLE_REGION = '{2dc27766-f623-4200-9d64-115e9bfd4a08}';
const METADATA_REGION = '{8b7ca206-4790-4b9a-b8fe-575f050f886e}';

/**
 * Reads a VHDX ([MS-VHDX] 2): identifier, headers, region tables, metadata, and the block table for a count. The log is not
 * replayed. The file must begin with {@link VHDX_SIGNATURE}.
 *
 * @returns `undefined` where no disk can be told; why is among the problems
 */
export async function readVhdx(file: RandomAccess, problems: DiskProblemList): Promise<VirtualDisk | undefined> {
  const creator = await readWhole(file, 8, 512);
  const header = await readCurrentHeader(file, problems);
  if (header === undefined) return undefined;
  const regions = await readRegions(file, problems);
  if (regions === undefined) return undefined;
  const metadata = await readVhdxMetadata(file, regions.get(METADATA_REGION), problems);
  if (metadata === undefined) return undefined;
  const heldBytes = await countVhdxBlocks(file, regions.get(BLOCK_TABLE_REGION), metadata, problems);
  return {
    format: 'vhdx',
    type: metadata.type,
    virtualSizeBytes: metadata.virtualSizeBytes,
    allocatedBytes: metadata.type === 'fixed' ? Math.min(metadata.virtualSizeBytes, file.sizeBytes) : heldBytes,
    blockBytes: metadata.blockBytes,
    logicalSectorBytes: metadata.logicalSectorBytes,
    physicalSectorBytes: metadata.physicalSectorBytes,
    id: metadata.id,
    dataWriteGuid: header.dataWriteGuid,
    ...(metadata.parent === undefined ? {} : { parent: metadata.parent }),
    hasLogToReplay: header.logGuid !== NIL_GUID,
    createdBy: creator === undefined ? '' : utf16(creator, true),
    problems: problems.found,
  };
}

interface Header {
  readonly atBytes: Bytes;
  readonly sequenceNumber: bigint;
  readonly dataWriteGuid: string;
  readonly logGuid: string;
  readonly logVersion: number;
  readonly version: number;
  readonly logLengthBytes: Bytes;
  readonly logOffsetBytes: Bytes | undefined;
  readonly checksum: number;
}

/** The valid header with the greater sequence number ([MS-VHDX] 2.2.2). */
async function readCurrentHeader(file: RandomAccess, problems: DiskProblemList): Promise<Header | undefined> {
  const headers: Header[] = [];
  for (const atBytes of HEADER_OFFSETS) {
    const header = await readHeader(file, atBytes);
    if (header !== undefined) headers.push(header);
    else problems.add('vhdx-header-damaged', atBytes, `The header at ${atBytes / KIB} KiB is missing or damaged.`);
  }
  const [first, second] = headers;
  if (first === undefined) {
    problems.add('vhdx-no-header', HEADER_OFFSETS[0]!, 'Neither header is whole: the file is damaged.');
    return undefined;
  }
  // Disk2vhd writes the same header twice; two that differ but for their number are damage, and any choice is a guess.
  if (second !== undefined && first.sequenceNumber === second.sequenceNumber && first.checksum !== second.checksum) {
    const message = 'The two headers differ under one sequence number: nobody can tell which is current.';
    problems.add('vhdx-header-order', second.atBytes, message);
  }
  const current = second !== undefined && second.sequenceNumber > first.sequenceNumber ? second : first;
  return checkHeader(file, current, problems) ? current : undefined;
}

async function readHeader(file: RandomAccess, atBytes: Bytes): Promise<Header | undefined> {
  const bytes = await readWhole(file, atBytes, HEADER_BYTES);
  const checksum = bytes === undefined ? undefined : checkedSum(bytes, 'head');
  if (bytes === undefined || checksum === undefined) return undefined;
  const view = viewOf(bytes);
  return {
    atBytes,
    sequenceNumber: view.getBigUint64(8, true),
    dataWriteGuid: guidAt(bytes, 32),
    logGuid: guidAt(bytes, 48),
    logVersion: view.getUint16(64, true),
    version: view.getUint16(66, true),
    logLengthBytes: view.getUint32(68, true),
    logOffsetBytes: uint64(view, 72, true),
    checksum,
  };
}

function checkHeader(file: RandomAccess, header: Header, problems: DiskProblemList): boolean {
  const { atBytes, version, logVersion } = header;
  if (version !== 1) {
    problems.add('vhdx-version', atBytes + 66, `The file is of version ${version}; only version 1 is known.`);
    return false;
  }
  if (header.logGuid === NIL_GUID) return true;
  if (logVersion !== 0) {
    problems.add('vhdx-log', atBytes + 64, `The log to replay is of version ${logVersion}; only version 0 is known.`);
  } else if (!fits(file, header.logOffsetBytes, header.logLengthBytes)) {
    problems.add('vhdx-log', atBytes + 68, 'The log to replay does not lie within the file.');
  }
  return true;
}

/** A structure's CRC-32C where its signature and that sum (4 bytes at 4, taken as zero) are right. Zeroes it in `bytes`. */
function checkedSum(bytes: Uint8Array, signature: string): number | undefined {
  const stored = viewOf(bytes).getUint32(4, true);
  if (!hasText(bytes, 0, signature)) return undefined;
  bytes.fill(0, 4, 8);
  return crc32c(bytes) === stored ? stored : undefined;
}

/** The regions by their GUID, from the first table that is whole ([MS-VHDX] 2.2.3). */
async function readRegions(
  file: RandomAccess,
  problems: DiskProblemList,
): Promise<ReadonlyMap<string, VhdxRegion> | undefined> {
  let regions: ReadonlyMap<string, VhdxRegion> | undefined;
  for (const atBytes of REGION_TABLE_OFFSETS) {
    const table = await readRegionTable(file, atBytes);
    if (table === undefined) {
      const message = `The region table at ${atBytes / KIB} KiB is missing or damaged.`;
      problems.add('vhdx-region-table-damaged', atBytes, message);
    } else {
      regions ??= regionsOf(table, atBytes, problems);
    }
  }
  if (regions === undefined) {
    const message = 'Neither region table is whole: the file is damaged.';
    problems.add('vhdx-no-region-table', REGION_TABLE_OFFSETS[0]!, message);
  }
  return regions;
}

async function readRegionTable(file: RandomAccess, atBytes: Bytes): Promise<DataView | undefined> {
  const bytes = await readWhole(file, atBytes, REGION_TABLE_BYTES);
  if (bytes === undefined || checkedSum(bytes, 'regi') === undefined) return undefined;
  const view = viewOf(bytes);
  return view.getUint32(8, true) <= MOST_REGIONS ? view : undefined;
}

function regionsOf(table: DataView, tableAt: Bytes, problems: DiskProblemList): ReadonlyMap<string, VhdxRegion> {
  const regions = new Map<string, VhdxRegion>();
  const bytes = new Uint8Array(table.buffer, table.byteOffset, table.byteLength);
  const count = table.getUint32(8, true);
  for (let index = 0; index < count; index++) {
    const at = 16 + index * REGION_ENTRY_BYTES;
    const guid = guidAt(bytes, at);
    if (guid !== BLOCK_TABLE_REGION && guid !== METADATA_REGION) {
      if ((table.getUint32(at + 28, true) & 1) === 0) continue;
      problems.add('vhdx-region-unknown', tableAt + at, `The file requires a region that is not known: ${guid}.`);
      continue;
    }
    const offsetBytes = uint64(table, at + 16, true);
    const lengthBytes = table.getUint32(at + 24, true);
    // "MUST be unique within the table", "a multiple of 1 MB and at least 1 MB" ([MS-VHDX] 2.2.3.2).
    if (regions.has(guid) || offsetBytes === undefined || offsetBytes < MIB || offsetBytes % MIB !== 0) {
      const message = 'A region is named twice or at an offset that no region may have.';
      problems.add('vhdx-region-table-damaged', tableAt + at, message);
    } else {
      regions.set(guid, { offsetBytes, lengthBytes });
    }
  }
  return regions;
}
