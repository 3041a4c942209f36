import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TextDecoder } from 'node:util';
import type { RandomAccess } from '../formats/random-access.ts';
import type { Input } from '../ingest/input.ts';
import type { ByteSource, TextSource } from '../ingest/text-source.ts';
import type { Problem } from '../model/problem.ts';
import { noText, type Peeked, peek, textOf, unreadable } from './read-text.ts';

/** A folder with more files is the wrong one, most likely. [chosen] */
const MOST_FILES = 50_000;
const MOST_LEVELS = 12;
const CHUNK_BYTES = 1024 * 1024;

/** What a user named on the command line. */
export interface Named {
  readonly path: string;
  readonly role?: NonNullable<Input['role']>;
}

/** The files that the user named, and all files of the folders that he named. What cannot be opened is a problem. */
export async function openInputs(named: readonly Named[]): Promise<{ inputs: Input[]; problems: Problem[] }> {
  const inputs: Input[] = [];
  const problems: Problem[] = [];
  for (const { path, role } of named) {
    const { files, isFolder, problem } = await filesAt(path);
    if (problem !== undefined) problems.push(problem);
    for (const file of files) {
      try {
        const input = inputOf(file, await peek(file), isFolder);
        inputs.push(role === undefined ? input : { ...input, role });
      } catch (error) {
        problems.push(unreadable(file, error));
      }
    }
  }
  return { inputs, problems };
}

interface Files {
  readonly files: readonly string[];
  readonly isFolder: boolean;
  readonly problem?: Problem;
}

/** The file itself, or the files in the folder and the folders in it, in the order of their names. */
async function filesAt(path: string): Promise<Files> {
  try {
    if (!(await stat(path)).isDirectory()) return { files: [path], isFolder: false };
    const files: string[] = [];
    const isAll = await collect(path, files, 0);
    if (files.length > 0 && isAll) return { files, isFolder: true };
    return { files, isFolder: true, problem: isAll ? emptyFolder(path) : tooMany(path) };
  } catch (error) {
    return { files: [], isFolder: false, problem: unreadable(path, error) };
  }
}

/** @returns whether all were collected */
async function collect(folder: string, into: string[], level: number): Promise<boolean> {
  if (level > MOST_LEVELS) return false;
  const entries = (await readdir(folder, { withFileTypes: true })).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    // A symbolic link may lead anywhere, in circles too.
    if (entry.isFile()) into.push(path);
    else if (entry.isDirectory() && !(await collect(path, into, level + 1))) return false;
    if (into.length > MOST_FILES) return false;
  }
  return true;
}

function inputOf(path: string, peeked: Peeked, isFound: boolean): Input {
  const { head, sniffed, sizeBytes } = peeked;
  return {
    ...{ name: path, head, sniffed, isFound },
    ...('encoding' in sniffed ? { headText: new TextDecoder(sniffed.encoding).decode(head) } : {}),
    text: () => textOf(path, peeked).value ?? nothing(path, peeked),
    utf8: () => utf8Of(path, peeked),
    ...(sizeBytes === undefined ? {} : { withBytes: (use) => withBytes(path, sizeBytes, use) }),
  };
}

/** UTF-8 as it is; UTF-16 put into it. */
function utf8Of(path: string, peeked: Peeked): ByteSource {
  if ('encoding' in peeked.sniffed && peeked.sniffed.encoding !== 'utf-8') {
    const { chunks, ...source } = textOf(path, peeked).value ?? nothing(path, peeked);
    return { ...source, chunks: encoded(chunks) };
  }
  let broken = noText(path, peeked);
  if (broken !== undefined) return { name: path, chunks: (async function* () {})(), brokenOff: () => broken };
  const chunks = bytesOf(path, peeked, (problem) => {
    broken = problem;
  });
  return { name: path, chunks, brokenOff: () => broken };
}

async function* encoded(chunks: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const text of chunks) yield encoder.encode(text);
}

async function* bytesOf(
  path: string,
  { pipe, head }: Peeked,
  onBroken: (problem: Problem) => void,
): AsyncGenerator<Uint8Array> {
  let handle = pipe;
  try {
    if (pipe !== undefined) yield head;
    handle ??= await open(path);
    const buffer = new Uint8Array(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } catch (error) {
    onBroken(unreadable(path, error));
  } finally {
    await handle?.close();
  }
}

/** A text that ends at once, and says why. */
function nothing(path: string, peeked: Peeked): TextSource {
  return { name: path, chunks: (async function* () {})(), brokenOff: () => noText(path, peeked) };
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

function emptyFolder(path: string): Problem {
  const message = 'There is no file in this folder.';
  return { severity: 'error', code: 'input-empty-folder', file: path, message, remedy: 'Check the folder’s name.' };
}

function tooMany(path: string): Problem {
  const message = `The folder has more than ${MOST_FILES} files, or folders more than ${MOST_LEVELS} deep; not all were looked at.`;
  const remedy = 'Name the folders of the disks one by one.';
  return { severity: 'error', code: 'input-too-many', file: path, message, remedy };
}
