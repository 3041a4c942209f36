import { crc32c } from '../../src/formats/crc32c.ts';
import { KIB, MIB } from '../../src/units.ts';
import { ascii, block, guidBytes, type Piece, SparseFile, u32, u64, utf16Bytes } from './vhd-sparse-file.ts';

/** State of a payload block: [MS-VHDX] 2.5.1.1. Of one that is there in part (7) also how many of its sectors are. */
export interface BlockSpec {
  readonly block: number;
  readonly state: 1 | 2 | 3 | 6 | 7;
  readonly sectors: number;
}

/** A VHDX in words. What it says is not checked: it may be nonsense. */
export interface VhdxSpec {
  readonly type: 'fixed' | 'dynamic' | 'differencing';
  readonly virtualSizeBytes: number;
  readonly blockBytes: number;
  readonly logicalSectorBytes: number;
  readonly physicalSectorBytes: number;
  readonly id: string;
  readonly dataWriteGuid: string;
  readonly logGuid: string;
  readonly createdBy: string;
  /** The parent locator's keys and values. */
  readonly locator: readonly (readonly [string, string])[];
  readonly blocks: readonly BlockSpec[];
}

export const NO_GUID = '{00000000-0000-0000-0000-000000000000}';
export const METADATA_AT = 2 * MIB;
export const TABLE_AT = 3 * MIB;
const LOG_AT = MIB;

export const ITEM_IDS = {
  parameters: '{caa16737-fa36-4d43-b3b6-33f0aa44e76b}',
  size: '{2fa54224-cd1b-4876-b211-5dbed83bf4b8}',
  id: '{beca12ab-b2e6-4523-93ef-c309e000c746}',
  logicalSector: '{8141bf1d-a96f-4709-ba47-f233a8faab5f}',
  physicalSector: '{cda348c7-445d-4471-9cc9-e9885251c556}',
  locator: '{a8d35f2d-b30b-454d-abf7-d3d84834ab0c}',
};

/** A file as [MS-VHDX] has it: log at 1 MiB, metadata at 2 MiB, block table at 3 MiB, then sector bitmaps and blocks. */
export function buildVhdx(spec: VhdxSpec): SparseFile {
  const { table, bitmaps, endBytes } = layBlocks(spec);
  const regionBytes = Math.ceil(Math.max(1, table.length) / MIB) * MIB;
  return new SparseFile(endBytes, [
    { at: 0, bytes: ascii('vhdxfile') },
    { at: 8, bytes: utf16Bytes(spec.createdBy, true) },
    { at: 64 * KIB, bytes: headerBytes(spec, 7n, NO_GUID) },
    { at: 128 * KIB, bytes: headerBytes(spec, 8n, spec.dataWriteGuid) },
    { at: 192 * KIB, bytes: regionTable(regionBytes) },
    { at: 256 * KIB, bytes: regionTable(regionBytes) },
    { at: METADATA_AT, bytes: metadataBytes(itemsOf(spec)) },
    { at: TABLE_AT, bytes: table },
    ...bitmaps,
  ]);
}

export function headerBytes(spec: VhdxSpec, sequence: bigint, dataWriteGuid: string): Uint8Array {
  return sealed(
    block(
      4 * KIB,
      { at: 0, bytes: ascii('head') },
      { at: 8, bytes: u64(sequence, true) },
      { at: 32, bytes: guidBytes(dataWriteGuid) },
      { at: 48, bytes: guidBytes(spec.logGuid) },
      { at: 66, bytes: Uint8Array.of(1, 0) },
      { at: 68, bytes: u32(MIB, true) },
      { at: 72, bytes: u64(LOG_AT, true) },
    ),
  );
}

function regionTable(tableRegionBytes: number, metadataAt = METADATA_AT): Uint8Array {
  const region = (at: number, id: string, offset: number, length: number): Piece[] => [
    { at, bytes: guidBytes(id) },
    { at: at + 16, bytes: u64(offset, true) },
    { at: at + 24, bytes: u32(length, true) },
    { at: at + 28, bytes: u32(1, true) },
  ];
  return sealed(
    block(
      64 * KIB,
      { at: 0, bytes: ascii('regi') },
      { at: 8, bytes: u32(2, true) },
      ...region(16, '{2dc27766-f623-4200-9d64-115e9bfd4a08}', TABLE_AT, tableRegionBytes),
      ...region(48, '{8b7ca206-4790-4b9a-b8fe-575f050f886e}', metadataAt, MIB),
    ),
  );
}

/** Puts the CRC-32C of a structure in its place. */
export function sealed(bytes: Uint8Array): Uint8Array {
  bytes.fill(0, 4, 8);
  bytes.set(u32(crc32c(bytes), true), 4);
  return bytes;
}

/** The same file with headers and region tables sealed again, after something in them was changed. */
export async function sealAgain(file: SparseFile): Promise<SparseFile> {
  const pieces: Piece[] = [];
  for (const [at, length] of [
    [64 * KIB, 4 * KIB],
    [128 * KIB, 4 * KIB],
    [192 * KIB, 64 * KIB],
    [256 * KIB, 64 * KIB],
  ] as const) {
    if (at + length <= file.sizeBytes) pieces.push({ at, bytes: sealed(await file.bytesAt(at, length)) });
  }
  return file.with(...pieces);
}

export interface ItemSpec {
  readonly id: string;
  readonly flags: number;
  readonly bytes: Uint8Array;
}

export function itemsOf(spec: VhdxSpec): readonly ItemSpec[] {
  const flags = spec.type === 'fixed' ? 1 : spec.type === 'differencing' ? 2 : 0;
  const items = [
    { id: ITEM_IDS.parameters, flags: 4, bytes: Uint8Array.of(...u32(spec.blockBytes, true), ...u32(flags, true)) },
    { id: ITEM_IDS.size, flags: 6, bytes: u64(spec.virtualSizeBytes, true) },
    { id: ITEM_IDS.id, flags: 6, bytes: guidBytes(spec.id) },
    { id: ITEM_IDS.logicalSector, flags: 6, bytes: u32(spec.logicalSectorBytes, true) },
    { id: ITEM_IDS.physicalSector, flags: 6, bytes: u32(spec.physicalSectorBytes, true) },
  ];
  const locator = { id: ITEM_IDS.locator, flags: 4, bytes: locatorBytes(spec.locator) };
  return spec.type === 'differencing' ? [...items, locator] : items;
}

/** The metadata region's first 64 KiB, and the items behind them. */
export function metadataBytes(items: readonly ItemSpec[]): Uint8Array {
  const pieces: Piece[] = [
    { at: 0, bytes: ascii('metadata') },
    { at: 10, bytes: Uint8Array.of(items.length & 0xff, items.length >> 8) },
  ];
  let offset = 64 * KIB;
  items.forEach(({ id, flags, bytes }, index) => {
    const at = 32 * (index + 1);
    pieces.push({ at, bytes: guidBytes(id) });
    pieces.push({ at: at + 16, bytes: u32(offset, true) }, { at: at + 20, bytes: u32(bytes.length, true) });
    pieces.push({ at: at + 24, bytes: u32(flags, true) }, { at: offset, bytes });
    offset += bytes.length;
  });
  return block(offset, ...pieces);
}

export function locatorBytes(entries: readonly (readonly [string, string])[]): Uint8Array {
  const pieces: Piece[] = [
    { at: 0, bytes: guidBytes('{b04aefb7-d19e-4a81-b789-25b8e9445913}') },
    { at: 18, bytes: Uint8Array.of(entries.length & 0xff, entries.length >> 8) },
  ];
  let offset = 20 + 12 * entries.length;
  entries.forEach(([key, value], index) => {
    const texts = [utf16Bytes(key, true), utf16Bytes(value, true)] as const;
    const at = 20 + 12 * index;
    pieces.push({ at, bytes: u32(offset, true) }, { at: at + 4, bytes: u32(offset + texts[0].length, true) });
    pieces.push({ at: at + 8, bytes: u32(texts[0].length + 65_536 * texts[1].length, true) });
    pieces.push({ at: offset, bytes: texts[0] }, { at: offset + texts[0].length, bytes: texts[1] });
    offset += texts[0].length + texts[1].length;
  });
  return block(offset, ...pieces);
}

/** The block table, the bitmaps that it points to, and where the file ends. */
function layBlocks(spec: VhdxSpec): { table: Uint8Array; bitmaps: readonly Piece[]; endBytes: number } {
  const blocks = Math.ceil(spec.virtualSizeBytes / spec.blockBytes);
  const perChunk = (2 ** 23 * spec.logicalSectorBytes) / spec.blockBytes;
  const entries = new Map<number, bigint>();
  const bitmaps: Piece[] = [];
  const bitmapOf = new Map<number, Uint8Array>();
  let offset = TABLE_AT + MIB * Math.max(1, Math.ceil(((blocks + Math.ceil(blocks / perChunk)) * 8) / MIB));
  for (const { block: index, state, sectors } of spec.blocks) {
    const chunk = Math.floor(index / perChunk);
    if (state === 7 && !bitmapOf.has(chunk)) {
      bitmapOf.set(chunk, new Uint8Array(MIB));
      bitmaps.push({ at: offset, bytes: bitmapOf.get(chunk)! });
      entries.set(chunk * (perChunk + 1) + perChunk, BigInt(offset) + 6n);
      offset += MIB;
    }
    const sectorsPerBlock = spec.blockBytes / spec.logicalSectorBytes;
    const firstBit = (index % perChunk) * sectorsPerBlock;
    for (let bit = firstBit; state === 7 && bit < firstBit + sectors; bit++) {
      bitmapOf.get(chunk)![bit >> 3]! |= 1 << (bit & 7);
    }
    entries.set(index + chunk, (state >= 6 ? BigInt(offset) : 0n) + BigInt(state));
    if (state >= 6) offset += spec.blockBytes;
  }
  const chunks = Math.ceil(blocks / perChunk);
  const count = spec.type === 'differencing' ? chunks * (perChunk + 1) : blocks + Math.max(0, chunks - 1);
  const table = new Uint8Array(8 * count);
  for (const [index, entry] of entries) table.set(u64(entry, true), 8 * index);
  return { table, bitmaps, endBytes: offset };
}
