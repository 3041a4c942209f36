import { type FileHandle, open } from 'node:fs/promises';
import type { RandomAccess } from '../formats/random-access.ts';
import type { Bytes } from '../units.ts';

/** An open file whose reads and writes are whole: the system may do less than it was asked for. */
export class ByteFile {
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** @param flags as of `fs.open`: `r`, `r+`, `wx+` … */
  static async open(path: string, flags: string): Promise<ByteFile> {
    return new ByteFile(await open(path, flags, 0o600));
  }

  async sizeBytes(): Promise<Bytes> {
    return (await this.#handle.stat()).size;
  }

  /** Reads up to the whole of `into`. @returns how much was read: less only where the file ends */
  async read(into: Uint8Array, offset: Bytes): Promise<number> {
    let done = 0;
    while (done < into.length) {
      const { bytesRead } = await this.#handle.read(into, done, into.length - done, offset + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  /** Reads all of `into`; what lies behind the end of the file is zeros, as in a hole. */
  async readWithZeros(into: Uint8Array, offset: Bytes): Promise<void> {
    into.fill(0, await this.read(into, offset));
  }

  async write(data: Uint8Array, offset: Bytes): Promise<void> {
    let done = 0;
    while (done < data.length) {
      const { bytesWritten } = await this.#handle.write(data, done, data.length - done, offset + done);
      done += bytesWritten;
    }
  }

  async truncate(sizeBytes: Bytes): Promise<void> {
    await this.#handle.truncate(sizeBytes);
  }

  /** What was written is durable, and so is the file's size. */
  async sync(): Promise<void> {
    await this.#handle.datasync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  /** For the readers of `formats/`, while the file is open and does not grow. */
  async randomAccess(): Promise<RandomAccess> {
    return { sizeBytes: await this.sizeBytes(), read: (into, offset) => this.read(into, offset) };
  }
}
