import { MIB } from '../units.ts';

export interface WorkbookFault {
  readonly kind: 'not-a-workbook' | 'encrypted' | 'too-large' | 'damaged';
  /** A sentence that says what was found, for the user. */
  readonly text: string;
}

/** All files inside the workbook together, unpacked. [chosen] */
export const MAX_UNPACKED_BYTES: number = 512 * MIB;
/** Deflate cannot do better than 1,032; a table comes to a tenth of that. [chosen] */
export const MAX_PACKING_RATIO = 1_000;
const MAX_FILES = 10_000;

/** A file in a ZIP archive, as its directory says. */
export interface ArchiveEntry {
  /** As bytes: the library decodes names as we would. */
  readonly name: Uint8Array;
  /** Its name as Latin-1, with slashes; '' where it is longer than a path. */
  readonly text: string;
  readonly isUtf8: boolean;
  readonly method: number;
  readonly crc: number;
  readonly packed: Uint8Array;
  readonly sizeBytes: number;
}

export type Checked<T> = T | { readonly fault: WorkbookFault };

const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const STORED = 0;
const DEFLATED = 8;
const IS_ENCRYPTED = 1;
const IS_UTF8 = 0x800;

/** The files in a ZIP archive by its central directory (APPNOTE.TXT 4.3.12, 4.3.16), without ZIP64. */
export function readArchive(bytes: Uint8Array): Checked<ArchiveEntry[]> {
  if (bytes[0] === 0xd0 && bytes[1] === 0xcf) {
    return fault('encrypted', 'It has a password, or is an old workbook (.xls).');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let end = bytes.length - END_BYTES;
  const last = Math.max(0, end - 0xffff);
  while (end >= last && view.getUint32(end, true) !== END_SIGNATURE) end--;
  if (end < last) return fault('not-a-workbook', 'It is no XLSX workbook, or it was cut off.');
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (count > MAX_FILES || at === 0xffffffff) return fault('too-large', 'Its archive holds too much for a workbook.');
  const entries: ArchiveEntry[] = [];
  let totalBytes = 0;
  for (let index = 0; index < count; index++) {
    if (at + ENTRY_BYTES > end || view.getUint32(at, true) !== ENTRY_SIGNATURE) return brokenArchive();
    const entry = readEntry(bytes, view, at);
    if ('fault' in entry) return entry;
    entries.push(entry);
    totalBytes += entry.sizeBytes;
    if (totalBytes > MAX_UNPACKED_BYTES) return fault('too-large', 'Unpacked, it is larger than 512 MiB.');
    at += ENTRY_BYTES + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

function readEntry(bytes: Uint8Array, view: DataView, at: number): Checked<ArchiveEntry> {
  const flags = view.getUint16(at + 8, true);
  const packedBytes = view.getUint32(at + 20, true);
  const sizeBytes = view.getUint32(at + 24, true);
  const nameBytes = view.getUint16(at + 28, true);
  const local = view.getUint32(at + 42, true);
  if ((flags & IS_ENCRYPTED) !== 0) return fault('encrypted', 'Its archive is encrypted.');
  if (sizeBytes > packedBytes * MAX_PACKING_RATIO) return fault('too-large', 'It is packed as no workbook is.');
  if (local + LOCAL_BYTES > bytes.length || view.getUint32(local, true) !== LOCAL_SIGNATURE) return brokenArchive();
  const from = local + LOCAL_BYTES + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (from + packedBytes > bytes.length || at + ENTRY_BYTES + nameBytes > bytes.length) return brokenArchive();
  const name = bytes.slice(at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes).map((byte) => (byte === 0x5c ? 0x2f : byte));
  return {
    ...{
      name,
      text: name.length > 260 ? '' : latin1(name, 0, name.length),
      isUtf8: (flags & IS_UTF8) !== 0,
      sizeBytes,
    },
    ...{ method: view.getUint16(at + 10, true), crc: view.getUint32(at + 16, true) },
    packed: bytes.subarray(from, from + packedBytes),
  };
}

/** A ZIP archive of the files, stored as they are, without checksums: for a reader that trusts it. */
export function archive(files: readonly { readonly entry: ArchiveEntry; readonly bytes: Uint8Array }[]): ArrayBuffer {
  const names = files.reduce((sum, { entry }) => sum + entry.name.length, 0);
  const bodies = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const directoryAt = files.length * LOCAL_BYTES + names + bodies;
  const directoryBytes = files.length * ENTRY_BYTES + names;
  const into = new Uint8Array(directoryAt + directoryBytes + END_BYTES);
  const view = new DataView(into.buffer);
  let at = 0;
  let entryAt = directoryAt;
  for (const { entry, bytes } of files) {
    const { name, isUtf8 } = entry;
    view.setUint32(at, LOCAL_SIGNATURE, true);
    view.setUint16(at + 26, name.length, true);
    into.set(name, at + LOCAL_BYTES);
    into.set(bytes, at + LOCAL_BYTES + name.length);
    view.setUint32(entryAt, ENTRY_SIGNATURE, true);
    view.setUint16(entryAt + 8, isUtf8 ? IS_UTF8 : 0, true);
    view.setUint32(entryAt + 20, bytes.length, true);
    view.setUint32(entryAt + 24, bytes.length, true);
    view.setUint16(entryAt + 28, name.length, true);
    view.setUint32(entryAt + 42, at, true);
    into.set(name, entryAt + ENTRY_BYTES);
    at += LOCAL_BYTES + name.length + bytes.length;
    entryAt += ENTRY_BYTES + name.length;
  }
  view.setUint32(entryAt, END_SIGNATURE, true);
  view.setUint16(entryAt + 8, files.length, true);
  view.setUint16(entryAt + 10, files.length, true);
  view.setUint32(entryAt + 12, directoryBytes, true);
  view.setUint32(entryAt + 16, directoryAt, true);
  return into.buffer;
}

/** Of the Compression Streams standard, which browsers and Node.js have; this room's library types know it not. */
declare const DecompressionStream: new (
  format: 'deflate-raw',
) => {
  readonly readable: {
    getReader(): { read(): Promise<{ done: boolean; value?: Uint8Array }>; cancel(): Promise<void> };
  };
  readonly writable: { getWriter(): { write(bytes: Uint8Array): Promise<void>; close(): Promise<void> } };
};

/** A file of the archive, unpacked: neither longer nor shorter than it says, and with its checksum. */
export async function unpack(entry: ArchiveEntry): Promise<Checked<Uint8Array>> {
  if (entry.method !== STORED && entry.method !== DEFLATED) return brokenArchive();
  const unpacked = entry.method === STORED ? entry.packed : await inflate(entry.packed, entry.sizeBytes);
  if (unpacked?.length !== entry.sizeBytes || crc32(unpacked) !== entry.crc) return brokenArchive();
  return unpacked;
}

/** `undefined` where the bytes are not packed so, or unpack to more than `maxBytes`. */
async function inflate(packed: Uint8Array, maxBytes: number): Promise<Uint8Array | undefined> {
  const { readable, writable } = new DecompressionStream('deflate-raw');
  const writer = writable.getWriter();
  const reader = readable.getReader();
  // What is wrong shows at the reading end.
  const ignore = (): void => {};
  writer.write(packed).catch(ignore);
  writer.close().catch(ignore);
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      pieces.push(piece.value!);
      length += piece.value!.length;
      if (length > maxBytes) {
        await reader.cancel().catch(ignore);
        return undefined;
      }
    }
  } catch {
    return undefined;
  }
  const unpacked = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    unpacked.set(piece, at);
    at += piece.length;
  }
  return unpacked;
}

const CRC_TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** CRC-32 as ZIP has it (APPNOTE.TXT 4.4.7). */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let at = 0; at < bytes.length; at++) crc = (crc >>> 8) ^ CRC_TABLE[(crc ^ bytes[at]!) & 0xff]!;
  return (crc ^ 0xffffffff) >>> 0;
}

function brokenArchive(): { readonly fault: WorkbookFault } {
  return fault('damaged', 'Its archive is damaged.');
}

/** A fault as it is returned. */
export function fault(kind: WorkbookFault['kind'], text: string): { readonly fault: WorkbookFault } {
  return { fault: { kind, text } };
}

/** A few bytes as text, a character each. */
export function latin1(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}
