/** What the scanners over bytes share: a buffer that carries torn rows over, and the bytes that cells are made of. */

export const TAB = 9;
export const LINE_FEED = 10;
export const RETURN = 13;
export const BLANK = 32;
export const QUOTE = 34;

/** Longer chunks are taken in pieces: the buffer stays in the processor's cache and small, whatever the chunks. */
const PIECE_BYTES = 256 * 1024;
/** Bytes that may be looked at, or read in words, behind the last one. */
const SLACK_BYTES = 64;

/**
 * The bytes from the start of the row at hand on. `bytes[from]` to `bytes[to - 1]` are the file's; what lies behind is
 * not. Memory is twice the longest row plus a piece.
 */
export class ByteBuffer {
  bytes: Uint8Array = new Uint8Array(2 * PIECE_BYTES);
  /** Of the same memory. */
  view: DataView = new DataView(this.bytes.buffer);
  from = 0;
  to = 0;

  /** Takes a chunk in pieces and calls `drain` after each, until it is false. `drain` moves `from` on. */
  push(chunk: Uint8Array, drain: () => boolean): void {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      this.append(chunk.subarray(at, at + PIECE_BYTES));
      if (!drain()) return;
    }
  }

  append(piece: Uint8Array): void {
    if (this.to + piece.length + SLACK_BYTES > this.bytes.length) this.makeRoom(piece.length);
    this.bytes.set(piece, this.to);
    this.to += piece.length;
  }

  /** Behind the last line feed that is not among the first `scanned` bytes; `from` where there is none. */
  endOfLines(scanned: number): number {
    const { bytes, from } = this;
    for (let at = this.to - 1; at >= from + scanned; at--) {
      if (bytes[at] === LINE_FEED) return at + 1;
    }
    return from;
  }

  private makeRoom(pieceBytes: number): void {
    const kept = this.bytes.subarray(this.from, this.to);
    const neededBytes = kept.length + pieceBytes + SLACK_BYTES;
    // Half of the room stays free, so that a byte is moved once per doubling and not once per chunk.
    if (2 * neededBytes > this.bytes.length) {
      this.bytes = new Uint8Array(2 * neededBytes);
      this.view = new DataView(this.bytes.buffer);
    }
    this.bytes.set(kept, 0);
    this.from = 0;
    this.to = kept.length;
  }
}
