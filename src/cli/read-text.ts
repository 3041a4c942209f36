import { type FileHandle, open } from 'node:fs/promises';
import { TextDecoder } from 'node:util';
import { NOT_TEXT, type Sniffed, sniffEncoding } from '../formats/text-encoding.ts';
import type { TextSource } from '../ingest/text-source.ts';
import type { Problem } from '../model/problem.ts';

/** About a hundred million rows of churn: a larger file is the wrong one, most likely. [chosen] */
export const MAX_FILE_BYTES: number = 4 * 1024 ** 3;
const READ_BYTES = 256 * 1024;

type Encoding = Extract<Sniffed, { encoding: string }>['encoding'];

/** A value, or what stood in its way. */
export interface Read<T> {
  readonly value?: T;
  readonly problems: readonly Problem[];
}

/** A file that was opened for a look: its first bytes, and what they are. */
export interface Peeked {
  readonly head: Uint8Array;
  readonly sniffed: Sniffed;
  /** Absent for a pipe. */
  readonly sizeBytes?: number;
  /** A pipe gives its bytes once: the handle to go on with after the head. */
  readonly pipe?: FileHandle;
}

/** Looks at the first bytes of a file. @throws the system's error where it cannot be read ({@link unreadable} says it) */
export async function peek(path: string): Promise<Peeked> {
  const handle = await open(path);
  let isPipe = false;
  try {
    const stat = await handle.stat();
    if (stat.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    const { bytesRead, buffer } = await handle.read(new Uint8Array(READ_BYTES), 0, READ_BYTES);
    const head = buffer.subarray(0, bytesRead);
    isPipe = !stat.isFile();
    return { head, sniffed: sniffEncoding(head), ...(isPipe ? { pipe: handle } : { sizeBytes: stat.size }) };
  } finally {
    if (!isPipe) await handle.close();
  }
}

/**
 * Opens a text file in whatever encoding it is, to be read piece by piece. What is wrong with the file is a problem, never
 * an exception; what shows only in the middle of it ends the pieces early and is asked for with `brokenOff`.
 */
export async function readText(path: string): Promise<Read<TextSource>> {
  try {
    return textOf(path, await peek(path));
  } catch (error) {
    return { problems: [unreadable(path, error)] };
  }
}

/** The text of a file that was looked at. */
export function textOf(path: string, peeked: Peeked): Read<TextSource> {
  const problem = noText(path, peeked);
  if (problem !== undefined || !('encoding' in peeked.sniffed))
    return { problems: problem === undefined ? [] : [problem] };
  let broken: Problem | undefined;
  const chunks = piecesOf(path, peeked, peeked.sniffed.encoding, (found) => {
    broken = found;
  });
  return { value: { name: path, chunks, brokenOff: () => broken }, problems: [] };
}

/** Why a file cannot be read as text, where it shows at once. */
export function noText(path: string, { head, sniffed, sizeBytes = 0 }: Peeked): Problem | undefined {
  if (sizeBytes > MAX_FILE_BYTES) {
    const message = `The file is larger than ${MAX_FILE_BYTES / 1024 ** 3} GiB.`;
    return problemOf(path, 'text-too-large', message, 'Split it, or measure in longer intervals.');
  }
  if (head.length === 0)
    return problemOf(path, 'text-empty', 'The file is empty.', 'Give a file with a header and rows.');
  return 'encoding' in sniffed ? undefined : notText(path, sniffed);
}

/** The whole text at once, for small files. */
export async function readWholeText(
  path: string,
  charactersMost: number = MAX_WHOLE_CHARACTERS,
): Promise<Read<string>> {
  const { value: source, problems } = await readText(path);
  if (source === undefined) return { problems };
  const pieces: string[] = [];
  let characters = 0;
  for await (const chunk of source.chunks) {
    characters += chunk.length;
    if (characters > charactersMost) {
      const message = `The file is longer than ${charactersMost / 1e6} million characters.`;
      return { problems: [problemOf(path, 'text-too-large', message, 'Check that it is the right file.')] };
    }
    pieces.push(chunk);
  }
  const broken = source.brokenOff?.();
  return broken === undefined ? { value: pieces.join(''), problems: [] } : { problems: [broken] };
}

const MAX_WHOLE_CHARACTERS = 16e6;

async function* piecesOf(
  path: string,
  { head, pipe }: Peeked,
  encoding: Encoding,
  onBroken: (problem: Problem) => void,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let handle = pipe;
  let row = 1;
  try {
    handle ??= await open(path);
    const buffer = new Uint8Array(READ_BYTES);
    for (let bytes = pipe === undefined ? undefined : head, isLast = false; !isLast; bytes = undefined) {
      bytes ??= buffer.subarray(0, (await handle.read(buffer, 0, READ_BYTES)).bytesRead);
      isLast = bytes.length === 0;
      const text = decode(decoder, bytes, isLast);
      if (text === undefined || text.includes('\0')) {
        onBroken(
          text === undefined ? wrongBytes(path, encoding, rowOfFault(bytes, encoding, row)) : notText(path, NOT_TEXT),
        );
        return;
      }
      if (text !== '') yield text;
      row += text.split('\n').length - 1;
    }
  } catch (error) {
    onBroken(unreadable(path, error));
  } finally {
    await handle?.close();
  }
}

/** `undefined` where the bytes are no text in the decoder's encoding. */
function decode(decoder: TextDecoder, bytes: Uint8Array, isLast: boolean): string | undefined {
  try {
    return decoder.decode(bytes, { stream: !isLast });
  } catch (error) {
    // The only way in which a decoder tells of wrong bytes.
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function rowOfFault(bytes: Uint8Array, encoding: Encoding, firstRow: number): number {
  const beforeFault = new TextDecoder(encoding).decode(bytes).split('\uFFFD')[0]!;
  return firstRow + beforeFault.split('\n').length - 1;
}

function wrongBytes(path: string, encoding: Encoding, row: number): Problem {
  const message = `Not a text file in ${encoding.toUpperCase()}: the bytes in this row are none.`;
  const remedy = 'In Excel, save as "CSV UTF-8"; in PowerShell, Export-Csv -Encoding utf8.';
  return { ...problemOf(path, 'text-wrong-encoding', message, remedy), row };
}

function notText(path: string, { what, remedy }: { readonly what: string; readonly remedy: string }): Problem {
  return problemOf(path, 'text-not-text', `Not a text file: it looks like ${what}.`, remedy);
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

function problemOf(path: string, code: string, message: string, remedy: string): Problem {
  return { severity: 'error', code, file: path, message, remedy };
}
