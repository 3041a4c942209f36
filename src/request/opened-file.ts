import type { RandomAccess } from '../formats/random-access.ts';
import { NOT_TEXT, type Sniffed } from '../formats/text-encoding.ts';
import type { Input } from '../ingest/input.ts';
import type { ByteSource, TextSource } from '../ingest/text-source.ts';
import type { Problem } from '../model/problem.ts';

/** About a hundred million rows of churn: a larger file is the wrong one, most likely. [chosen] */
export const MAX_FILE_BYTES: number = 4 * 1024 ** 3;
const MAX_WHOLE_CHARACTERS = 16e6;

type Encoding = Extract<Sniffed, { encoding: string }>['encoding'];

/** A value, or what stood in its way. */
export interface Read<T> {
  readonly value?: T;
  readonly problems: readonly Problem[];
}

/** A file that was opened for a look, on a disk or dropped on a page: its first bytes, what they are, and a way to the rest. */
export interface OpenedFile {
  /** As the user gave it; problems and the receipt name it. */
  readonly name: string;
  /** Its first bytes, at least 64 KiB of them where there are so many. */
  readonly head: Uint8Array;
  readonly sniffed: Sniffed;
  /** Absent for a pipe, which gives its bytes once. */
  readonly sizeBytes?: number;
  /** All of them, from the first on; a chunk's array may be used again for the next. Throws what {@link unreadable} tells. */
  readonly bytes: () => AsyncIterable<Uint8Array>;
  /** Here and there, open as long as `use` takes; absent for a pipe. */
  readonly withBytes?: <T>(use: (file: RandomAccess) => Promise<T>) => Promise<T>;
  /** What the system says, in the user's words. @throws what is no fault of the system */
  readonly unreadable: (error: unknown) => Problem;
}

/** What a user named, and for what. */
export interface Named {
  readonly path: string;
  readonly role?: NonNullable<Input['role']>;
}

/** Where files come from: the command line's are on disks, the page's were dropped on it. */
export interface Files {
  /** The files that were named, and all files of the folders that were. What cannot be opened is a problem. */
  readonly inputs: (named: readonly Named[]) => Promise<{ inputs: Input[]; problems: Problem[] }>;
  readonly open: (path: string) => Promise<Read<OpenedFile>>;
}

export function inputOf(file: OpenedFile, isFound: boolean): Input {
  const { name, head, sniffed, withBytes } = file;
  return {
    ...{ name, head, sniffed, isFound },
    ...('encoding' in sniffed ? { headText: new TextDecoder(sniffed.encoding).decode(head) } : {}),
    text: () => textOf(file).value ?? nothing(file),
    utf8: () => utf8Of(file),
    ...(withBytes === undefined ? {} : { withBytes }),
  };
}

/** UTF-8 as it is; UTF-16 put into it. */
function utf8Of(file: OpenedFile): ByteSource {
  const { name } = file;
  if ('encoding' in file.sniffed && file.sniffed.encoding !== 'utf-8') {
    const { chunks, ...source } = textOf(file).value ?? nothing(file);
    return { ...source, chunks: encoded(chunks) };
  }
  let broken = noText(file);
  if (broken !== undefined) return { name, chunks: (async function* () {})(), brokenOff: () => broken };
  const chunks = untilBroken(file, (problem) => {
    broken = problem;
  });
  return { name, chunks, brokenOff: () => broken };
}

async function* encoded(chunks: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const text of chunks) yield encoder.encode(text);
}

async function* untilBroken(file: OpenedFile, onBroken: (problem: Problem) => void): AsyncGenerator<Uint8Array> {
  try {
    yield* file.bytes();
  } catch (error) {
    onBroken(file.unreadable(error));
  }
}

/** A text that ends at once, and says why. */
function nothing(file: OpenedFile): TextSource {
  return { name: file.name, chunks: (async function* () {})(), brokenOff: () => noText(file) };
}

/**
 * A file as text, in whatever encoding it is, to be read piece by piece. What is wrong with the file is a problem, never an exception; what
 * shows only in the middle of it ends the pieces early and is asked for with `brokenOff`.
 */
export function textOf(file: OpenedFile): Read<TextSource> {
  const problem = noText(file);
  if (problem !== undefined || !('encoding' in file.sniffed))
    return { problems: problem === undefined ? [] : [problem] };
  let broken: Problem | undefined;
  const chunks = piecesOf(file, file.sniffed.encoding, (found) => {
    broken = found;
  });
  return { value: { name: file.name, chunks, brokenOff: () => broken }, problems: [] };
}

/** The whole text at once, for small files. */
export async function wholeText(
  file: OpenedFile,
  charactersMost: number = MAX_WHOLE_CHARACTERS,
): Promise<Read<string>> {
  const { value: source, problems } = textOf(file);
  if (source === undefined) return { problems };
  const pieces: string[] = [];
  let characters = 0;
  for await (const chunk of source.chunks) {
    characters += chunk.length;
    if (characters > charactersMost) {
      const message = `The file is longer than ${charactersMost / 1e6} million characters.`;
      return { problems: [problemOf(file.name, 'text-too-large', message, 'Check that it is the right file.')] };
    }
    pieces.push(chunk);
  }
  const broken = source.brokenOff?.();
  return broken === undefined ? { value: pieces.join(''), problems: [] } : { problems: [broken] };
}

/** Why a file cannot be read as text, where it shows at once. */
function noText({ name, head, sniffed, sizeBytes = 0 }: OpenedFile): Problem | undefined {
  if (sizeBytes > MAX_FILE_BYTES) {
    const message = `The file is larger than ${MAX_FILE_BYTES / 1024 ** 3} GiB.`;
    return problemOf(name, 'text-too-large', message, 'Split it, or measure in longer intervals.');
  }
  if (head.length === 0)
    return problemOf(name, 'text-empty', 'The file is empty.', 'Give a file with a header and rows.');
  return 'encoding' in sniffed ? undefined : notText(name, sniffed);
}

async function* piecesOf(
  file: OpenedFile,
  encoding: Encoding,
  onBroken: (problem: Problem) => void,
): AsyncGenerator<string> {
  const { name } = file;
  const decoder = new TextDecoder(encoding, { fatal: true });
  let row = 1;
  for await (const bytes of withEnd(untilBroken(file, onBroken))) {
    const text = decode(decoder, bytes, bytes.length === 0);
    if (text === undefined || text.includes('\0')) {
      onBroken(
        text === undefined ? wrongBytes(name, encoding, rowOfFault(bytes, encoding, row)) : notText(name, NOT_TEXT),
      );
      return;
    }
    if (text !== '') yield text;
    row += text.split('\n').length - 1;
  }
}

/** No bytes say the end: a character may be broken off there. */
async function* withEnd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks;
  yield new Uint8Array(0);
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

export function problemOf(path: string, code: string, message: string, remedy: string): Problem {
  return { severity: 'error', code, file: path, message, remedy };
}
