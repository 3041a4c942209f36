import { rm } from 'node:fs/promises';
import type { Bytes } from '../../units.ts';
import type { BlockDevice } from '../block-device.ts';
import { ByteFile } from '../byte-file.ts';

/**
 * A disk as it was at one instant, while the guest goes on writing to it: before a block is written the first time, what stood in it is
 * kept in a file beside. Hyper-V does it the other way round, the guest's writes go to a differencing disk; here the disk itself always
 * has all that was acknowledged, so that a process which is killed leaves nothing to be merged. Both grow by the same blocks.
 */
export class FrozenView {
  readonly #device: BlockDevice;
  readonly #path: string;
  readonly #file: Promise<ByteFile>;
  readonly #blockBytes: Bytes;
  readonly #isKept: Uint8Array;
  #keptBlocks = 0;

  /** @param path of the file beside, which must not be there yet */
  constructor(device: BlockDevice, path: string, blockBytes: Bytes) {
    this.#device = device;
    this.#path = path;
    this.#blockBytes = blockBytes;
    this.#isKept = new Uint8Array(Math.ceil(device.sizeBytes / blockBytes));
    this.#file = ByteFile.open(path, 'wx+');
    this.#file.catch(() => undefined);
  }

  /** What the blocks in the file beside take. */
  get keptBytes(): Bytes {
    return Math.min(this.#keptBlocks * this.#blockBytes, this.#device.sizeBytes);
  }

  /** To be awaited before the device is written: keeps what stands where it will be. */
  async beforeWrite(offset: Bytes, lengthBytes: Bytes): Promise<void> {
    const last = Math.floor((offset + lengthBytes - 1) / this.#blockBytes);
    for (let block = Math.floor(offset / this.#blockBytes); block <= last; block++) {
      if (this.#isKept[block] === 0) await this.#keep(block);
    }
  }

  /** Fills `into` with what stood there. */
  async read(into: Uint8Array, offset: Bytes): Promise<void> {
    for (let done = 0; done < into.length; ) {
      const at = offset + done;
      const block = Math.floor(at / this.#blockBytes);
      const endBytes = Math.min((block + 1) * this.#blockBytes, offset + into.length);
      const piece = into.subarray(done, endBytes - offset);
      if (this.#isKept[block] === 0) await this.#device.read(piece, at);
      // The guest may have written there while it was read.
      if (this.#isKept[block] === 1) await (await this.#file).readWithZeros(piece, at);
      done += piece.length;
    }
  }

  /** Gives the space back. Nothing may be read any more. */
  async drop(): Promise<void> {
    await this.#file.then((file) => file.close()).catch(() => undefined);
    await rm(this.#path, { force: true });
  }

  async #keep(block: number): Promise<void> {
    const offset = block * this.#blockBytes;
    const content = new Uint8Array(Math.min(this.#blockBytes, this.#device.sizeBytes - offset));
    await this.#device.read(content, offset);
    await (await this.#file).write(content, offset);
    this.#isKept[block] = 1;
    this.#keptBlocks++;
  }
}
