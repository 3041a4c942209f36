import { ascii, block, guidBytes, type Piece, SparseFile, u32, u64, utf16Bytes } from './vhd-sparse-file.ts';

/** A VHD in words. What it says is not checked: it may be nonsense. */
export interface VhdSpec {
  readonly type: 'fixed' | 'dynamic' | 'differencing';
  readonly virtualSizeBytes: number;
  readonly blockBytes: number;
  readonly id: string;
  /** 512, or 511 as Virtual PC had it before 2004. */
  readonly footerBytes: number;
  readonly parentId: string;
  readonly parentName: string;
  readonly relativePath: string;
  readonly absolutePath: string;
  /** Blocks that are there, in the order of the file, and how many of their sectors a differencing disk's bitmap has. */
  readonly blocks: readonly { readonly block: number; readonly sectors: number }[];
}

const HEADER_AT = 512;
const RELATIVE_AT = 2048;
const ABSOLUTE_AT = 4096;
const TABLE_AT = 8192;

export function buildVhd(spec: VhdSpec): SparseFile {
  const footer = footerOf(spec);
  if (spec.type === 'fixed') {
    const end = { at: spec.virtualSizeBytes, bytes: footer.subarray(0, spec.footerBytes) };
    return new SparseFile(spec.virtualSizeBytes + spec.footerBytes, [end]);
  }
  const entries = Math.ceil(spec.virtualSizeBytes / spec.blockBytes);
  const table = new Uint8Array(4 * entries).fill(0xff);
  const bitmaps: Piece[] = [];
  let offset = TABLE_AT + Math.ceil((4 * entries) / 512) * 512;
  const bitmapBytes = Math.ceil(spec.blockBytes / 4096 / 512) * 512;
  for (const { block: index, sectors } of spec.blocks) {
    const bits = block(bitmapBytes);
    for (let bit = 0; bit < sectors; bit++) bits[bit >> 3]! |= 0x80 >> (bit & 7);
    table.set(u32(offset / 512, false), 4 * index);
    bitmaps.push({ at: offset, bytes: bits });
    offset += bitmapBytes + spec.blockBytes;
  }
  return new SparseFile(offset + spec.footerBytes, [
    { at: 0, bytes: footer },
    { at: HEADER_AT, bytes: dynamicHeader(spec, entries) },
    { at: RELATIVE_AT, bytes: utf16Bytes(spec.relativePath, true) },
    { at: ABSOLUTE_AT, bytes: utf16Bytes(spec.absolutePath, true) },
    { at: TABLE_AT, bytes: table },
    ...bitmaps,
    { at: offset, bytes: footer.subarray(0, spec.footerBytes) },
  ]);
}

export function footerOf(spec: VhdSpec, geometry = 0xffff10ff): Uint8Array {
  const type = { fixed: 2, dynamic: 3, differencing: 4 }[spec.type];
  return sealed(
    block(
      512,
      { at: 0, bytes: ascii('conectix') },
      { at: 8, bytes: u32(2, false) },
      { at: 12, bytes: u32(0x10000, false) },
      { at: 16, bytes: u64(spec.type === 'fixed' ? 2n ** 64n - 1n : HEADER_AT, false) },
      { at: 28, bytes: ascii('win ') },
      { at: 32, bytes: u32(0x60003, false) },
      { at: 36, bytes: ascii('Wi2k') },
      { at: 48, bytes: u64(spec.virtualSizeBytes, false) },
      { at: 56, bytes: u32(geometry, false) },
      { at: 60, bytes: u32(type, false) },
      { at: 68, bytes: guidBytes(spec.id) },
    ),
    64,
  );
}

function dynamicHeader(spec: VhdSpec, entries: number): Uint8Array {
  const locator = (at: number, code: string, path: string, offset: number): Piece[] => [
    { at, bytes: ascii(code) },
    // In bytes, as Windows writes it; the specification says sectors.
    { at: at + 4, bytes: u32(2048, false) },
    { at: at + 8, bytes: u32(2 * path.length, false) },
    { at: at + 16, bytes: u64(offset, false) },
  ];
  const parent =
    spec.type === 'differencing'
      ? [
          { at: 40, bytes: guidBytes(spec.parentId) },
          { at: 64, bytes: utf16Bytes(spec.parentName, false) },
          ...locator(576, 'W2ku', spec.absolutePath, ABSOLUTE_AT),
          ...locator(600, 'W2ru', spec.relativePath, RELATIVE_AT),
        ]
      : [];
  return sealed(
    block(
      1024,
      { at: 0, bytes: ascii('cxsparse') },
      { at: 16, bytes: u64(TABLE_AT, false) },
      { at: 24, bytes: u32(0x10000, false) },
      { at: 28, bytes: u32(entries, false) },
      { at: 32, bytes: u32(spec.blockBytes, false) },
      ...parent,
    ),
    36,
  );
}

/** Puts the one's complement of the sum of the other bytes in its place. */
export function sealed(bytes: Uint8Array, at: number): Uint8Array {
  bytes.fill(0, at, at + 4);
  let sum = 0;
  for (const byte of bytes) sum += byte;
  bytes.set(u32(~sum >>> 0, false), at);
  return bytes;
}

/** The same file with footer, copy and dynamic header sealed again. */
export async function sealAgain(file: SparseFile): Promise<SparseFile> {
  const pieces: Piece[] = [];
  for (const [at, length, sumAt] of [
    [0, 512, 64],
    [HEADER_AT, 1024, 36],
    [file.sizeBytes - 512, 512, 64],
  ] as const) {
    if (at >= 0) pieces.push({ at, bytes: sealed(await file.bytesAt(at, length), sumAt) });
  }
  return new SparseFile(file.sizeBytes, [...file.pieces, ...pieces]);
}
