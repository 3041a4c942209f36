import type { RandomAccess } from '../../src/formats/random-access.ts';

export interface Piece {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** A file of zeros but for some pieces, later ones over earlier ones. It counts what is read and refuses to be read outside. */
export class SparseFile implements RandomAccess {
  readonly sizeBytes: number;
  readonly pieces: readonly Piece[];
  readTotal = 0;
  readLargest = 0;

  constructor(sizeBytes: number, pieces: readonly Piece[]) {
    this.sizeBytes = sizeBytes;
    this.pieces = pieces;
  }

  async read(into: Uint8Array, offset: number): Promise<number> {
    if (!Number.isSafeInteger(offset) || offset < 0 || offset + into.length > this.sizeBytes) {
      throw new Error(`read of ${into.length} at ${offset} of ${this.sizeBytes}`);
    }
    this.readTotal += into.length;
    this.readLargest = Math.max(this.readLargest, into.length);
    into.fill(0);
    for (const { at, bytes } of this.pieces) {
      const from = Math.max(at, offset);
      const to = Math.min(at + bytes.length, offset + into.length);
      if (from < to) into.set(bytes.subarray(from - at, to - at), from - offset);
    }
    return into.length;
  }

  /** The same with other bytes somewhere; they may make it longer. */
  with(...pieces: readonly Piece[]): SparseFile {
    const ends = pieces.map(({ at, bytes }) => at + bytes.length);
    return new SparseFile(Math.max(this.sizeBytes, ...ends), [...this.pieces, ...pieces]);
  }

  /** The first bytes of it; zeros behind it where it has fewer. */
  cutTo(sizeBytes: number): SparseFile {
    return new SparseFile(sizeBytes, this.pieces);
  }

  /** Without the bytes from one offset to another. */
  without(from: number, to: number): SparseFile {
    const pieces = this.pieces.flatMap(({ at, bytes }) => {
      const before = { at, bytes: bytes.subarray(0, Math.max(0, from - at)) };
      const after = bytes.subarray(Math.min(bytes.length, Math.max(0, to - at)));
      return [before, { at: Math.max(at, to) - (to - from), bytes: after }].filter((piece) => piece.bytes.length > 0);
    });
    return new SparseFile(this.sizeBytes - (to - from), pieces);
  }

  async bytesAt(at: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    await new SparseFile(Math.max(this.sizeBytes, at + length), this.pieces).read(bytes, at);
    return bytes;
  }
}

export function u32(value: number, isLittleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, isLittleEndian);
  return bytes;
}

export function u64(value: number | bigint, isLittleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), isLittleEndian);
  return bytes;
}

/** A GUID's text as Windows stores it: three little-endian groups, then bytes. */
export function guidBytes(text: string): Uint8Array {
  const bytes = Uint8Array.from(text.match(/[0-9a-f]{2}/gi)!, (pair) => Number.parseInt(pair, 16));
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

export function utf16Bytes(text: string, isLittleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(2 * text.length);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < text.length; index++) view.setUint16(2 * index, text.charCodeAt(index), isLittleEndian);
  return bytes;
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** One array of zeros with pieces in it. */
export function block(length: number, ...pieces: readonly Piece[]): Uint8Array {
  const bytes = new Uint8Array(length);
  for (const piece of pieces) bytes.set(piece.bytes, piece.at);
  return bytes;
}
