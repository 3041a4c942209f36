import { NIL_GUID } from '../../formats/guid.ts';
import { HrlWriter } from '../../formats/hrl-write.ts';
import type { Bytes } from '../../units.ts';
import { ByteFile } from '../byte-file.ts';

/** What stands in a log's header beside its sizes: GUIDs as `{…}`. */
export interface LogIdentity {
  readonly uniqueId: string;
  /** The log before it: the logs of a disk form a chain ([MS-HRL] 2.2). */
  readonly previousUniqueId?: string;
  readonly createdSec2000: number;
}

/** A log that was closed: its file does not change any more. */
export interface ClosedLog {
  readonly path: string;
  readonly sizeBytes: Bytes;
  /** What the guest wrote into it. */
  readonly dataBytes: Bytes;
}

/** So many bytes go to the file at once; more wait for the next turn. */
const TURN_BYTES: Bytes = 4 * 1024 ** 2;

interface Append {
  readonly pieces: readonly Uint8Array[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The open Hyper-V Replica Log of a disk ([MS-HRL]), a file that only grows. It takes writes at once, in their order, and puts all that
 * came meanwhile into the file together. After a failed write it takes no more.
 */
export class OpenLog {
  readonly path: string;
  readonly identity: LogIdentity;
  readonly #writer: HrlWriter;
  readonly #file: Promise<ByteFile>;
  readonly #queue: Append[] = [];
  #sizeBytes: Bytes = 0;
  #inFileBytes: Bytes = 0;
  #dataBytes: Bytes = 0;
  #turn: Promise<void> | undefined;
  #failure: unknown;

  /** Makes the file, which must not be there yet; a failure shows with the first append. */
  constructor(path: string, identity: LogIdentity) {
    this.path = path;
    this.identity = identity;
    this.#writer = new HrlWriter({ ...identity, previousUniqueId: identity.previousUniqueId ?? NIL_GUID });
    this.#file = ByteFile.open(path, 'wx+');
    this.#put(this.#writer.start()).catch(() => undefined);
  }

  /** Size of the file once all that it has taken is in it; the last metadata block comes with the end. */
  get sizeBytes(): Bytes {
    return this.#sizeBytes;
  }

  get dataBytes(): Bytes {
    return this.#dataBytes;
  }

  /**
   * Takes a write; `data` must not change until it resolves, which is when the data is in the file.
   *
   * @throws what the file's system threw, at this write or at an earlier one
   */
  append(byteOffset: Bytes, data: Uint8Array, timestampSec2000: number): Promise<void> {
    this.#dataBytes += data.length;
    return this.#put(this.#writer.write({ byteOffset, data, timestampSec2000 }));
  }

  /** Writes the last metadata block and the header, and makes the file durable. */
  async close(lastModifiedSec2000: number): Promise<ClosedLog> {
    const { end, header } = this.#writer.close(lastModifiedSec2000);
    const file = await this.#file;
    try {
      await this.#put(end);
      await file.sync();
      // Only now is it said to be closed: a torn end must not lie behind a header that promises it.
      await file.write(header, 0);
      await file.sync();
    } finally {
      await file.close();
    }
    return { path: this.path, sizeBytes: this.#sizeBytes, dataBytes: this.#dataBytes };
  }

  /** Gives the file up, unclosed. */
  async abandon(): Promise<void> {
    await this.#turn?.catch(() => undefined);
    await this.#file.then((file) => file.close()).catch(() => undefined);
  }

  #put(pieces: readonly Uint8Array[]): Promise<void> {
    for (const piece of pieces) this.#sizeBytes += piece.length;
    return new Promise((resolve, reject) => {
      this.#queue.push({ pieces, resolve, reject });
      this.#turn ??= this.#work();
    });
  }

  async #work(): Promise<void> {
    while (this.#queue.length > 0) {
      const taken = this.#take();
      try {
        if (this.#failure !== undefined) throw this.#failure;
        const pieces = taken.flatMap((append) => append.pieces);
        const bytes = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
        await (await this.#file).write(bytes, this.#inFileBytes);
        this.#inFileBytes += bytes.length;
        for (const { resolve } of taken) resolve();
      } catch (error) {
        this.#failure ??= error;
        for (const { reject } of taken) reject(error);
      }
    }
    this.#turn = undefined;
  }

  #take(): Append[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#queue.length && bytes < TURN_BYTES) {
      for (const piece of this.#queue[count]!.pieces) bytes += piece.length;
      count++;
    }
    return this.#queue.splice(0, count);
  }
}
