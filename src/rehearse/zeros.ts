const ZEROS: Buffer = Buffer.alloc(1024 ** 2);

/** Whether there is nothing but zeros: at the speed of memory, as disks are mostly holes. */
export function isZeros(content: Uint8Array): boolean {
  for (let at = 0; at < content.length; at += ZEROS.length) {
    const piece = content.subarray(at, at + ZEROS.length);
    if (!ZEROS.subarray(0, piece.length).equals(piece)) return false;
  }
  return true;
}
