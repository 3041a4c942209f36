import { type Bytes, KIB, MIB, TIB } from '../units.ts';
import { guidAt, NIL_GUID, parseGuid } from './guid.ts';
import type { RandomAccess } from './random-access.ts';
import {
  type DiskParent,
  type DiskProblemCode,
  type DiskProblemList,
  hasText,
  isPowerOfTwo,
  readWhole,
  uint64,
  utf16,
  type VhdxRegion,
  type VirtualDisk,
  viewOf,
} from './vhd-common.ts';

/** What the metadata region says of the disk. */
export interface VhdxMetadata {
  readonly type: VirtualDisk['type'];
  readonly virtualSizeBytes: Bytes;
  readonly blockBytes: Bytes;
  readonly logicalSectorBytes: number;
  readonly physicalSectorBytes: number | undefined;
  readonly id: string;
  readonly parent: DiskParent | undefined;
}

/** Largest VHDX ([MS-VHDX] 2.6.2.2). */
const MOST_VIRTUAL_BYTES = 64 * TIB;

const TABLE_BYTES = 64 * KIB;
const ENTRY_BYTES = 32;
const MOST_ENTRIES = 2047;
const MOST_ITEM_BYTES = MIB;

const FILE_PARAMETERS = '{caa16737-fa36-4d43-b3b6-33f0aa44e76b}';
const VIRTUAL_DISK_SIZE = '{2fa54224-cd1b-4876-b211-5dbed83bf4b8}';
const VIRTUAL_DISK_ID = '{beca12ab-b2e6-4523-93ef-c309e000c746}';
const LOGICAL_SECTOR_SIZE = '{8141bf1d-a96f-4709-ba47-f233a8faab5f}';
const PHYSICAL_SECTOR_SIZE = '{cda348c7-445d-4471-9cc9-e9885251c556}';
const PARENT_LOCATOR = '{a8d35f2d-b30b-454d-abf7-d3d84834ab0c}';
/** The items of [MS-VHDX] 2.6.2, and how many bytes each has at least. */
const LEAST_BYTES: ReadonlyMap<string, Bytes> = new Map([
  [FILE_PARAMETERS, 8],
  [VIRTUAL_DISK_SIZE, 8],
  [VIRTUAL_DISK_ID, 16],
  [LOGICAL_SECTOR_SIZE, 4],
  [PHYSICAL_SECTOR_SIZE, 4],
  [PARENT_LOCATOR, 20],
]);

const VHDX_LOCATOR = '{b04aefb7-d19e-4a81-b789-25b8e9445913}';
/** In the order in which a parent is looked for ([MS-VHDX] 2.6.2.6.3). */
const PATH_KEYS = ['relative_path', 'volume_path', 'absolute_win32_path'];
const LOCATOR_KEYS: readonly string[] = ['parent_linkage', 'parent_linkage2', ...PATH_KEYS];
const LONGEST_KEY_BYTES = 2 * Math.max(...LOCATOR_KEYS.map((key) => key.length));

/** An item's bytes, and where in the file they stand. */
interface Item {
  readonly atBytes: Bytes;
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/**
 * Reads the metadata table and the items of [MS-VHDX] 2.6.2.
 *
 * @returns `undefined` where the size, the block size or the sector size cannot be told
 */
export async function readVhdxMetadata(
  file: RandomAccess,
  region: VhdxRegion | undefined,
  problems: DiskProblemList,
): Promise<VhdxMetadata | undefined> {
  if (region === undefined) {
    problems.add('vhdx-no-metadata', 0, 'The region table names no metadata.');
    return undefined;
  }
  const items = await readItems(file, region, problems);
  if (items === undefined) return undefined;
  const reader = new ItemReader(items, region.offsetBytes, problems);
  const blockBytes = reader.blockBytes();
  const logicalSectorBytes = reader.sectorBytes(LOGICAL_SECTOR_SIZE, 'logical');
  const virtualSizeBytes = reader.virtualSizeBytes(logicalSectorBytes);
  if (blockBytes === undefined || logicalSectorBytes === undefined || virtualSizeBytes === undefined) return undefined;
  const type = reader.type();
  return {
    type,
    virtualSizeBytes,
    blockBytes,
    logicalSectorBytes,
    physicalSectorBytes: reader.sectorBytes(PHYSICAL_SECTOR_SIZE, 'physical'),
    id: reader.diskId(),
    parent: type === 'differencing' ? readParent(items.get(PARENT_LOCATOR), region.offsetBytes, problems) : undefined,
  };
}

/** Takes the values out of the items; what is missing or cannot be is a problem. */
class ItemReader {
  private readonly items: ReadonlyMap<string, Item>;
  private readonly regionAt: Bytes;
  private readonly problems: DiskProblemList;

  constructor(items: ReadonlyMap<string, Item>, regionAt: Bytes, problems: DiskProblemList) {
    this.items = items;
    this.regionAt = regionAt;
    this.problems = problems;
  }

  private lose(id: string, code: DiskProblemCode, message: string): undefined {
    this.problems.add(code, this.items.get(id)?.atBytes ?? this.regionAt, message);
  }

  blockBytes(): Bytes | undefined {
    const blockBytes = this.items.get(FILE_PARAMETERS)?.view.getUint32(0, true) ?? 0;
    if (isPowerOfTwo(blockBytes, MIB, 256 * MIB)) return blockBytes;
    const message = 'The block size is missing, or not a power of two from 1 MiB to 256 MiB.';
    return this.lose(FILE_PARAMETERS, 'vhdx-block-size', message);
  }

  /** By HasParent and, where that is not set, LeaveBlockAllocated ([MS-VHDX] 2.6.2.1). */
  type(): VirtualDisk['type'] {
    const flags = this.items.get(FILE_PARAMETERS)?.view.getUint32(4, true) ?? 0;
    if ((flags & 2) !== 0) return 'differencing';
    return (flags & 1) !== 0 ? 'fixed' : 'dynamic';
  }

  sectorBytes(id: string, name: string): number | undefined {
    const bytes = this.items.get(id)?.view.getUint32(0, true);
    if (bytes === 512 || bytes === 4096) return bytes;
    return this.lose(id, 'vhdx-sector-size', `The ${name} sector size is missing, or neither 512 nor 4096 bytes.`);
  }

  /** Without a sector size the block table cannot be laid out, nor the size checked. */
  virtualSizeBytes(sectorBytes: number | undefined): Bytes | undefined {
    const item = this.items.get(VIRTUAL_DISK_SIZE);
    const sizeBytes = item === undefined ? undefined : uint64(item.view, 0, true);
    if (sizeBytes === undefined || sizeBytes > MOST_VIRTUAL_BYTES || sectorBytes === undefined) {
      const message = 'The size of the virtual disk is missing, above 64 TiB or without a sector size.';
      return this.lose(VIRTUAL_DISK_SIZE, 'vhdx-virtual-size', message);
    }
    if (sizeBytes % sectorBytes !== 0) {
      const message = 'The size of the virtual disk is no whole number of sectors.';
      this.lose(VIRTUAL_DISK_SIZE, 'vhdx-sector-size', message);
    }
    return sizeBytes;
  }

  diskId(): string {
    const item = this.items.get(VIRTUAL_DISK_ID);
    if (item !== undefined) return guidAt(item.bytes, 0);
    this.lose(VIRTUAL_DISK_ID, 'vhdx-disk-id', "The virtual disk's identifier is missing.");
    return NIL_GUID;
  }
}

/** The items that this reader knows and that are whole, by their GUID ([MS-VHDX] 2.6.1). */
async function readItems(
  file: RandomAccess,
  region: VhdxRegion,
  problems: DiskProblemList,
): Promise<ReadonlyMap<string, Item> | undefined> {
  const table = await readWhole(file, region.offsetBytes, TABLE_BYTES);
  const count = table === undefined ? 0 : viewOf(table).getUint16(10, true);
  if (
    table === undefined ||
    !hasText(table, 0, 'metadata') ||
    count > MOST_ENTRIES ||
    region.lengthBytes < TABLE_BYTES
  ) {
    problems.add('vhdx-no-metadata', region.offsetBytes, 'The metadata table is damaged or not within the file.');
    return undefined;
  }
  const items = new Map<string, Item>();
  for (let index = 0; index < count; index++) {
    const at = ENTRY_BYTES * (index + 1);
    const entryAt = region.offsetBytes + at;
    const complain = (code: DiskProblemCode, message: string): void => problems.add(code, entryAt, message);
    const id = guidAt(table, at);
    const view = viewOf(table);
    const flags = view.getUint32(at + 24, true);
    const isUser = (flags & 1) !== 0;
    const least = isUser ? undefined : LEAST_BYTES.get(id);
    if (least === undefined) {
      if ((flags & 4) !== 0) complain('vhdx-metadata-unknown', `The file requires metadata that are not known: ${id}.`);
      continue;
    }
    const offset = view.getUint32(at + 16, true);
    const length = view.getUint32(at + 20, true);
    // Twice the same is not read: 2,047 items of 1 MiB would be.
    const item = items.has(id) || length < least ? undefined : await readItem(file, region, offset, length);
    if (item !== undefined) items.set(id, item);
    else
      complain('vhdx-metadata-damaged', `The metadata item ${id} is too short, not within its region or there twice.`);
  }
  return items;
}

async function readItem(
  file: RandomAccess,
  region: VhdxRegion,
  offset: Bytes,
  length: Bytes,
): Promise<Item | undefined> {
  if (offset < TABLE_BYTES || length > MOST_ITEM_BYTES || offset + length > region.lengthBytes) return undefined;
  const atBytes = region.offsetBytes + offset;
  const bytes = await readWhole(file, atBytes, length);
  return bytes === undefined ? undefined : { atBytes, bytes, view: viewOf(bytes) };
}

/** The parent locator ([MS-VHDX] 2.6.2.6). */
function readParent(item: Item | undefined, atBytes: Bytes, problems: DiskProblemList): DiskParent | undefined {
  const complain = (message: string): void => problems.add('vhdx-parent', item?.atBytes ?? atBytes, message);
  if (item === undefined || guidAt(item.bytes, 0) !== VHDX_LOCATOR) {
    complain('The disk has a parent, but nothing that is known says which.');
    return undefined;
  }
  const values = locatorValues(item, complain);
  const id = linkage(values, 'parent_linkage', complain);
  const linkage2 = linkage(values, 'parent_linkage2', complain);
  const paths = PATH_KEYS.flatMap((key) => values.get(key) ?? []);
  if (id === undefined) complain('The disk does not say which parent it was made from.');
  if (paths.length === 0) complain('The disk does not say where its parent lies.');
  return { id, ...(linkage2 === undefined ? {} : { linkage2 }), paths };
}

function linkage(
  values: ReadonlyMap<string, string>,
  key: string,
  complain: (message: string) => void,
): string | undefined {
  const value = values.get(key);
  const guid = value === undefined ? undefined : parseGuid(value);
  if (value !== undefined && guid === undefined) complain(`The parent locator's ${key} is no GUID.`);
  return guid;
}

/** The values of the keys that are known. An entry of a longer key is not looked at: many may share a long one. */
function locatorValues(item: Item, complain: (message: string) => void): ReadonlyMap<string, string> {
  const { bytes, view } = item;
  const values = new Map<string, string>();
  const claimed = view.getUint16(18, true);
  const count = Math.min(claimed, Math.floor((bytes.length - 20) / 12));
  if (count < claimed) complain("The parent locator's entries run out of it.");
  for (let index = 0; index < count; index++) {
    const at = 20 + 12 * index;
    const keyLength = view.getUint16(at + 8, true);
    if (keyLength > LONGEST_KEY_BYTES) continue;
    const key = textWithin(bytes, view.getUint32(at, true), keyLength);
    if (key !== undefined && !LOCATOR_KEYS.includes(key)) continue;
    const isNew = key !== undefined && !values.has(key);
    const value = isNew ? textWithin(bytes, view.getUint32(at + 4, true), view.getUint16(at + 10, true)) : undefined;
    if (key === undefined || value === undefined)
      complain('An entry of the parent locator is not within it or there twice.');
    else values.set(key, value);
  }
  return values;
}

function textWithin(bytes: Uint8Array, offset: number, length: number): string | undefined {
  return offset + length <= bytes.length ? utf16(bytes.subarray(offset, offset + length), true) : undefined;
}
