import type { Bytes } from '../units.ts';

/** A file of bytes that is read here and there: an open file, or bytes in memory. This room opens none. */
export interface RandomAccess {
  readonly sizeBytes: Bytes;
  /**
   * Reads up to `into.length` bytes from `offset` on.
   *
   * @returns how many were read: fewer only at the end of the file
   */
  read(into: Uint8Array, offset: Bytes): Promise<number>;
}

/** Bytes in memory as a file. */
export function inMemory(bytes: Uint8Array): RandomAccess {
  return {
    sizeBytes: bytes.length,
    async read(into, offset) {
      const piece = bytes.subarray(Math.min(offset, bytes.length), Math.min(offset + into.length, bytes.length));
      into.set(piece);
      return piece.length;
    },
  };
}

/** Up to `length` bytes from `offset` on, in an array of their own; shorter where the file ends before. */
export async function readBytes(file: RandomAccess, offset: Bytes, length: Bytes): Promise<Uint8Array> {
  const into = new Uint8Array(Math.max(0, Math.min(length, file.sizeBytes - offset)));
  return into.subarray(0, await file.read(into, offset));
}
