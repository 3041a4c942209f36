import { type HrlEntry, readHrl } from '../../formats/hrl-read.ts';
import { HrlWriter } from '../../formats/hrl-write.ts';
import type { RandomAccess } from '../../formats/random-access.ts';
import type { Bytes } from '../../units.ts';
import type { BlockDevice } from '../block-device.ts';
import { ByteFile } from '../byte-file.ts';
import { ReplicaError } from '../replica-service.ts';

/** Moved at once. */
const PIECE_BYTES: Bytes = 1024 ** 2;

interface Extent {
  readonly offset: Bytes;
  readonly endBytes: Bytes;
}

/**
 * The writes of a log that must be whole, in its order.
 *
 * @throws ReplicaError `corrupt` where it was not closed, is damaged, or writes beyond the disk
 */
export async function readWholeLog(file: RandomAccess, diskBytes: Bytes): Promise<HrlEntry[]> {
  const entries: HrlEntry[] = [];
  const reading = await readHrl(file, { entry: (entry) => entries.push(entry) });
  const [problem] = reading.problems;
  if (problem !== undefined) throw new ReplicaError('corrupt', `the log is damaged: ${problem.message}`);
  if (!reading.isClosed) throw new ReplicaError('corrupt', 'the log was not closed');
  for (const { byteOffset, dataLength, dataAtBytes } of entries) {
    if (dataAtBytes === undefined) throw new ReplicaError('corrupt', 'the log has a write without its data');
    if (byteOffset + dataLength > diskBytes) {
      throw new ReplicaError('corrupt', `a write of ${dataLength} bytes at ${byteOffset} ends beyond the disk`);
    }
  }
  return entries;
}

/** Writes what a log says to the disk: applied twice it leaves the same. */
export async function applyLog(file: RandomAccess, entries: readonly HrlEntry[], device: BlockDevice): Promise<void> {
  const window = new Uint8Array(PIECE_BYTES);
  let windowAt = 0;
  let windowBytes = 0;
  for (const { byteOffset, dataLength, dataAtBytes } of entries) {
    for (let done = 0; done < dataLength; ) {
      const at = dataAtBytes! + done;
      if (
        at < windowAt ||
        at >= windowAt + windowBytes ||
        at + Math.min(dataLength - done, PIECE_BYTES) > windowAt + windowBytes
      ) {
        windowAt = at;
        windowBytes = await file.read(window, at);
        if (windowBytes === 0) throw new ReplicaError('corrupt', 'the log is shorter than it says');
      }
      const length = Math.min(dataLength - done, windowAt + windowBytes - at);
      await device.write(window.subarray(at - windowAt, at - windowAt + length), byteOffset + done);
      done += length;
    }
  }
}

/**
 * Writes what a log is going to overwrite as a log of its own, closed and durable: applied, it takes the disk back. The file must not be
 * there yet.
 */
export async function writeUndoLog(path: string, entries: readonly HrlEntry[], device: BlockDevice): Promise<void> {
  const writer = new HrlWriter({ createdSec2000: 0 });
  const file = await ByteFile.open(path, 'wx');
  try {
    let at = 0;
    const put = async (pieces: readonly Uint8Array[]): Promise<void> => {
      for (const piece of pieces) {
        await file.write(piece, at);
        at += piece.length;
      }
    };
    await put(writer.start());
    for (const { offset, endBytes } of extentsOf(entries)) {
      for (let from = offset; from < endBytes; from += PIECE_BYTES) {
        const data = new Uint8Array(Math.min(PIECE_BYTES, endBytes - from));
        await device.read(data, from);
        await put(writer.write({ byteOffset: from, data, timestampSec2000: 0 }));
      }
    }
    const { end, header } = writer.close(0);
    await put(end);
    await file.sync();
    await file.write(header, 0);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What the writes touch, ascending, without overlaps. */
export function extentsOf(entries: readonly Pick<HrlEntry, 'byteOffset' | 'dataLength'>[]): Extent[] {
  const sorted = entries
    .filter(({ dataLength }) => dataLength > 0)
    .map(({ byteOffset, dataLength }) => ({ offset: byteOffset, endBytes: byteOffset + dataLength }))
    .sort((a, b) => a.offset - b.offset);
  const merged: { offset: Bytes; endBytes: Bytes }[] = [];
  for (const extent of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && extent.offset <= last.endBytes) last.endBytes = Math.max(last.endBytes, extent.endBytes);
    else merged.push({ ...extent });
  }
  return merged;
}
