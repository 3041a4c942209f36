import type { Bytes } from '../units.ts';

/** A disk as the guest sees it: bytes that are read and written here and there. */
export interface BlockDevice {
  readonly sizeBytes: Bytes;
  /**
   * Fills `into` with the bytes from `offset` on.
   *
   * @throws RangeError where that reaches beyond the end
   */
  read(into: Uint8Array, offset: Bytes): Promise<void>;
  /**
   * Writes all of `data`. When it resolves, a process that is killed loses nothing of it; a machine that loses its power may, until the
   * next {@link flush}.
   *
   * @throws RangeError where that reaches beyond the end
   */
  write(data: Uint8Array, offset: Bytes): Promise<void>;
  /** Whatever was written before it was called is durable when it resolves. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** @throws RangeError where bytes from `offset` on reach beyond the device's end, or begin before its start */
export function checkRange({ sizeBytes }: Pick<BlockDevice, 'sizeBytes'>, offset: Bytes, lengthBytes: Bytes): void {
  if (Number.isSafeInteger(offset) && offset >= 0 && offset + lengthBytes <= sizeBytes) return;
  throw new RangeError(`${lengthBytes} bytes at ${offset} of a disk of ${sizeBytes}`);
}
