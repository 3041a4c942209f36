import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bytes } from '../../units.ts';
import { type BlockDevice, checkRange } from '../block-device.ts';
import { FrozenView } from './frozen-view.ts';
import { type ClosedLog, OpenLog } from './open-log.ts';

/** What a disk tells its host. */
export interface DiskEvents {
  /** A write to the log or to the disk has failed: the log does not tell all any more. */
  readonly logBroken: (error: unknown) => void;
  /** {@link TrackedDisk.writtenBytes} has reached what was watched for. */
  readonly reached: () => void;
}

export interface TrackedDiskOptions {
  /** For logs and frozen views, empty. */
  readonly folder: string;
  /** Of the names of its files. */
  readonly name: string;
  /** Seconds since 2000, for entries and headers ([MS-HRL] 2.2). */
  readonly nowSec2000: () => number;
}

/**
 * A disk whose writes are tracked: each goes to the disk and to the open log, in the order in which it was taken, and is acknowledged
 * when it is in both. It is taken at once, within the call, so that a cut divides the writes exactly.
 */
export class TrackedDisk implements BlockDevice {
  readonly #device: BlockDevice;
  readonly #options: TrackedDiskOptions;
  readonly #events: DiskEvents;
  #writtenBytes: Bytes = 0;
  #watchedBytes: Bytes = Number.POSITIVE_INFINITY;
  #log: OpenLog | undefined;
  #lastLogId: string | undefined;
  #logCount = 0;
  #viewCount = 0;
  #view: FrozenView | undefined;
  #lastWrite: Promise<void> = Promise.resolve();

  constructor(device: BlockDevice, options: TrackedDiskOptions, events: DiskEvents) {
    this.#device = device;
    this.#options = options;
    this.#events = events;
  }

  get sizeBytes(): Bytes {
    return this.#device.sizeBytes;
  }

  /** Taken since the start. */
  get writtenBytes(): Bytes {
    return this.#writtenBytes;
  }

  /** File bytes of the open log; 0 while nothing is tracked. */
  get openLogBytes(): Bytes {
    return this.#log?.sizeBytes ?? 0;
  }

  /** What the frozen view takes; 0 where there is none. */
  get viewBytes(): Bytes {
    return this.#view?.keptBytes ?? 0;
  }

  /** `reached` is called once, with the write that brings `writtenBytes` there. */
  watch(bytes: Bytes): void {
    this.#watchedBytes = bytes;
  }

  async read(into: Uint8Array, offset: Bytes): Promise<void> {
    checkRange(this, offset, into.length);
    // What was acknowledged, or only taken before, is read.
    await this.#lastWrite;
    await this.#device.read(into, offset);
  }

  /** @throws what the disk threw; a log that failed only breaks the log */
  write(data: Uint8Array, offset: Bytes): Promise<void> {
    checkRange(this, offset, data.length);
    if (data.length === 0) return Promise.resolve();
    this.#writtenBytes += data.length;
    const log = this.#log;
    const logged = log?.append(offset, data, this.#options.nowSec2000()).catch((error: unknown) => {
      if (this.#log === log) this.#events.logBroken(error);
    });
    const view = this.#view;
    const written = this.#lastWrite.then(async () => {
      // A view that cannot keep what it must is no view any more, but the guest's write comes first.
      await view?.beforeWrite(offset, data.length).catch((error: unknown) => this.#events.logBroken(error));
      await this.#device.write(data, offset);
    });
    this.#lastWrite = written.catch((error: unknown) => {
      // The log has a write that the disk may lack.
      if (log !== undefined && this.#log === log) this.#events.logBroken(error);
    });
    if (this.#writtenBytes >= this.#watchedBytes) {
      this.#watchedBytes = Number.POSITIVE_INFINITY;
      this.#events.reached();
    }
    return Promise.all([written, logged]).then(() => undefined);
  }

  async flush(): Promise<void> {
    await this.#lastWrite;
    await this.#device.flush();
  }

  /** Ends tracking and closes the disk. */
  async close(): Promise<void> {
    await this.dropLog();
    await this.#lastWrite;
    await this.dropView();
    await this.#device.close();
  }

  /** From now on writes go to a new, empty log. @returns the one to which they went, to be closed; `undefined` where there was none */
  cut(): (() => Promise<ClosedLog>) | undefined {
    const log = this.#log;
    this.#openLog();
    return log === undefined ? undefined : () => log.close(this.#options.nowSec2000());
  }

  /** Nothing is tracked any more; the open log's file is removed. */
  async dropLog(): Promise<void> {
    const log = this.#log;
    this.#log = undefined;
    if (log === undefined) return;
    await log.abandon();
    await rm(log.path, { force: true });
  }

  /** The disk as it is now, for {@link readView}, until it is dropped. */
  freeze(blockBytes: Bytes): void {
    const path = join(this.#options.folder, `${this.#options.name}-${++this.#viewCount}.frozen`);
    this.#view = new FrozenView(this.#device, path, blockBytes);
  }

  /** Fills `into` from the frozen view. */
  async readView(into: Uint8Array, offset: Bytes): Promise<void> {
    const view = this.#view;
    if (view === undefined) throw new Error('the disk is not frozen');
    // What was taken before the disk was frozen may be on its way.
    await this.#lastWrite;
    await view.read(into, offset);
  }

  async dropView(): Promise<void> {
    const view = this.#view;
    this.#view = undefined;
    await this.#lastWrite;
    await view?.drop();
  }

  #openLog(): void {
    const uniqueId = `{${randomUUID()}}`;
    const path = join(this.#options.folder, `${this.#options.name}-${++this.#logCount}.hrl`);
    const createdSec2000 = this.#options.nowSec2000();
    const chain = this.#lastLogId === undefined ? {} : { previousUniqueId: this.#lastLogId };
    this.#log = new OpenLog(path, { uniqueId, createdSec2000, ...chain });
    this.#lastLogId = uniqueId;
  }
}
