import { readFile, rm } from 'node:fs/promises';
import type { Bytes } from '../../units.ts';
import { ByteFile } from '../byte-file.ts';

/** Bytes of a chunk's number in the list beside the overlay. */
const NUMBER_BYTES = 4;

/**
 * The chunks of a resynchronization, beside the replica's disk until all have arrived: until then the replica starts from the recovery
 * points that it has. A list of their numbers stands in a file of its own; a number is written when its chunk is in, so that whatever is
 * killed, a chunk that is listed is whole.
 */
export class ChunkOverlay {
  readonly #path: string;
  readonly #chunkBytes: Bytes;
  readonly #file: ByteFile;
  readonly #list: ByteFile;
  readonly #chunks: Set<number>;
  #listedCount: number;

  private constructor(
    path: string,
    chunkBytes: Bytes,
    files: readonly [ByteFile, ByteFile],
    listed: readonly number[],
  ) {
    this.#path = path;
    this.#chunkBytes = chunkBytes;
    [this.#file, this.#list] = files;
    this.#chunks = new Set(listed);
    this.#listedCount = listed.length;
  }

  /** Opens what is there, or makes it. */
  static async open(path: string, chunkBytes: Bytes): Promise<ChunkOverlay> {
    const file = await ByteFile.open(path, 'a+').then(async (made) => {
      await made.close();
      return await ByteFile.open(path, 'r+');
    });
    const list = await ByteFile.open(listOf(path), 'a+').then(async (made) => {
      await made.close();
      return await ByteFile.open(listOf(path), 'r+');
    });
    const bytes = await readFile(listOf(path));
    const listed: number[] = [];
    for (let at = 0; at + NUMBER_BYTES <= bytes.length; at += NUMBER_BYTES) listed.push(bytes.readUInt32LE(at));
    return new ChunkOverlay(path, chunkBytes, [file, list], listed);
  }

  static async remove(path: string): Promise<void> {
    // The list first: without it the chunks count for nothing.
    await rm(listOf(path), { force: true });
    await rm(path, { force: true });
  }

  get chunks(): ReadonlySet<number> {
    return this.#chunks;
  }

  has(chunk: number): boolean {
    return this.#chunks.has(chunk);
  }

  async read(into: Uint8Array, chunk: number): Promise<void> {
    await this.#file.readWithZeros(into, chunk * this.#chunkBytes);
  }

  async write(data: Uint8Array, chunk: number): Promise<void> {
    await this.#file.write(data, chunk * this.#chunkBytes);
    if (this.#chunks.has(chunk)) return;
    const number = Buffer.alloc(NUMBER_BYTES);
    number.writeUInt32LE(chunk);
    await this.#list.write(number, this.#listedCount * NUMBER_BYTES);
    this.#listedCount++;
    this.#chunks.add(chunk);
  }

  async sync(): Promise<void> {
    await this.#file.sync();
    await this.#list.sync();
  }

  async close(): Promise<void> {
    await this.#file.close();
    await this.#list.close();
  }

  get path(): string {
    return this.#path;
  }
}

function listOf(path: string): string {
  return `${path}.list`;
}
