import type { Bytes } from '../units.ts';
import type { Input } from './input.ts';
import { type ByteSource, counted, type TextSource } from './text-source.ts';

/** Told as files are read: the bytes (of texts: the characters) of all of them so far, and the file that is being read. */
export type OnProgress = (readBytes: Bytes, file: string) => void;

/** Opens one file after the other and counts what is read of them. */
export class Reading {
  #before = 0;
  readonly #onProgress: OnProgress | undefined;

  constructor(onProgress: OnProgress | undefined) {
    this.#onProgress = onProgress;
  }

  /** For files that are not read from end to end, or not by us. */
  note(file: string, readBytes: Bytes): void {
    this.#onProgress?.(this.#before + readBytes, file);
  }

  bytesOf(input: Input): ByteSource {
    const source = input.utf8();
    return { ...source, chunks: this.#counted(source) };
  }

  async *#counted({ name, chunks }: ByteSource): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.#before += chunk.length;
      this.#onProgress?.(this.#before, name);
      yield chunk;
    }
  }

  of(input: Input): TextSource {
    const before = this.#before;
    return counted(input.text(), (charactersRead) => {
      this.#before = before + charactersRead;
      this.#onProgress?.(this.#before, input.name);
    });
  }
}
