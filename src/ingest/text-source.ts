import type { Problem } from '../model/problem.ts';

/** A text to read, from a file or anywhere else. This room opens no files. */
export interface TextSource {
  /** As the user gave it; problems name it. */
  readonly name: string;
  /** The text in pieces, cut anywhere. Read once. */
  readonly chunks: AsyncIterable<string>;
  /** Asked when the chunks have ended: what broke them off, where something did (a byte that is no text, a bad disk). */
  readonly brokenOff?: () => Problem | undefined;
}

/** The same of bytes of UTF-8; a chunk's array may be used again for the next. */
export interface ByteSource {
  readonly name: string;
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly brokenOff?: () => Problem | undefined;
}

/** The source, telling `onProgress` how many characters have been read from it so far. */
export function counted(source: TextSource, onProgress: (charactersRead: number) => void): TextSource {
  return { ...source, chunks: count(source.chunks, onProgress) };
}

async function* count(
  chunks: AsyncIterable<string>,
  onProgress: (charactersRead: number) => void,
): AsyncGenerator<string> {
  let charactersRead = 0;
  for await (const chunk of chunks) {
    charactersRead += chunk.length;
    onProgress(charactersRead);
    yield chunk;
  }
}
