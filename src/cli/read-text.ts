import { type FileHandle, open } from 'node:fs/promises';
import type { RandomAccess } from '../formats/random-access.ts';
import { sniffEncoding } from '../formats/text-encoding.ts';
import type { TextSource } from '../ingest/text-source.ts';
import type { Problem } from '../model/problem.ts';
import { type OpenedFile, problemOf, type Read, textOf, wholeText } from '../request/opened-file.ts';

const READ_BYTES = 256 * 1024;

/** Opens a file for a look at its first bytes. What is wrong with it is a problem, never an exception. */
export async function openFile(path: string): Promise<Read<OpenedFile>> {
  try {
    return { value: await peek(path), problems: [] };
  } catch (error) {
    return { problems: [unreadable(path, error)] };
  }
}

/** Opens a text file in whatever encoding it is, to be read piece by piece. */
export async function readText(path: string): Promise<Read<TextSource>> {
  const { value: file, problems } = await openFile(path);
  return file === undefined ? { problems } : textOf(file);
}

/** The whole text at once, for small files. */
export async function readWholeText(path: string, charactersMost?: number): Promise<Read<string>> {
  const { value: file, problems } = await openFile(path);
  return file === undefined ? { problems } : await wholeText(file, charactersMost);
}

async function peek(path: string): Promise<OpenedFile> {
  const handle = await open(path);
  let isPipe = false;
  try {
    const stat = await handle.stat();
    if (stat.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    const { bytesRead, buffer } = await handle.read(new Uint8Array(READ_BYTES), 0, READ_BYTES);
    const head = buffer.subarray(0, bytesRead);
    isPipe = !stat.isFile();
    const file = {
      name: path,
      head,
      sniffed: sniffEncoding(head),
      unreadable: (error: unknown) => unreadable(path, error),
    };
    if (isPipe) return { ...file, bytes: () => rest(handle, head) };
    return {
      ...file,
      sizeBytes: stat.size,
      bytes: () => bytesOf(path),
      withBytes: (use) => withBytes(path, stat.size, use),
    };
  } finally {
    if (!isPipe) await handle.close();
  }
}

async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  yield* rest(await open(path), new Uint8Array(0));
}

/** What was read already, and what comes after; the handle is closed at the end. */
async function* rest(handle: FileHandle, head: Uint8Array): AsyncGenerator<Uint8Array> {
  try {
    if (head.length > 0) yield head;
    const buffer = new Uint8Array(READ_BYTES);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, READ_BYTES);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

async function withBytes<T>(path: string, sizeBytes: number, use: (file: RandomAccess) => Promise<T>): Promise<T> {
  const handle = await open(path);
  try {
    return await use({
      sizeBytes,
      async read(into, offset) {
        let read = 0;
        // A read may give less than it was asked for before the end of the file.
        while (read < into.length) {
          const { bytesRead } = await handle.read(into, read, into.length - read, offset + read);
          if (bytesRead === 0) break;
          read += bytesRead;
        }
        return read;
      },
    });
  } finally {
    await handle.close();
  }
}

function isSystemError(error: unknown): error is { readonly code: string; readonly message?: string } {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string';
}

/** What the system says, in the user's words. */
export function unreadable(path: string, error: unknown): Problem {
  if (!isSystemError(error)) throw error;
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ERR_INVALID_ARG_VALUE':
      return problemOf(path, 'text-missing', 'There is no such file.', 'Check the name and the folder.');
    case 'EISDIR':
      return problemOf(path, 'text-folder', 'This is a folder, not a file.', 'Give the CSV inside it.');
    case 'EACCES':
    case 'EPERM':
      return problemOf(path, 'text-no-permission', 'The file may not be read by this user.', 'Change its permissions.');
    default: {
      const message = `The file cannot be read: ${error.message ?? error.code}.`;
      return problemOf(path, 'text-unreadable', message, 'Check that the file opens in an editor.');
    }
  }
}
