/** The core's state as bytes: the same inputs after {@link restoreCore} have the same future. */
import type { ReplicationCore } from './columns.ts';
import { invariant } from './invariant.ts';

/** Changes with the columns: bytes of another version are refused, never misread. */
const VERSION = 3;
const HEADER_BYTES = 8;

type Column = Uint8Array | Uint32Array | Float64Array;

/** Byte copies of all columns behind a header of version and length. */
export function saveCore(core: ReplicationCore): Uint8Array {
  const columns = columnsOf(core);
  const saved = new Uint8Array(HEADER_BYTES + columns.reduce((total, column) => total + column.byteLength, 0));
  const header = new DataView(saved.buffer);
  header.setUint32(0, VERSION);
  header.setUint32(4, columns.length);
  let at = HEADER_BYTES;
  for (const column of columns) {
    saved.set(bytesOf(column), at);
    at += column.byteLength;
  }
  return saved;
}

/**
 * Puts a saved state into a core that was created with the same workload, policy and options.
 *
 * @throws InvariantError where the bytes are of another version or of a core of another size; the core is then untouched
 */
export function restoreCore(core: ReplicationCore, saved: Uint8Array): void {
  const columns = columnsOf(core);
  const header = new DataView(saved.buffer, saved.byteOffset, Math.min(HEADER_BYTES, saved.byteLength));
  const byteCount = HEADER_BYTES + columns.reduce((total, column) => total + column.byteLength, 0);
  invariant(
    saved.byteLength === byteCount && header.getUint32(0) === VERSION && header.getUint32(4) === columns.length,
    () => `${saved.byteLength} bytes are no saved state of this core, which takes ${byteCount}`,
  );
  let at = HEADER_BYTES;
  for (const column of columns) {
    bytesOf(column).set(saved.subarray(at, at + column.byteLength));
    at += column.byteLength;
  }
}

/** Every typed array of the core, in the order in which `createCore` makes them. */
function columnsOf(core: ReplicationCore): Column[] {
  return Object.values(core).filter((value): value is Column => ArrayBuffer.isView(value));
}

function bytesOf(column: Column): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}
