import type { BytesPerSec } from '../units.ts';

/** A storage's throughput, decimal as its makers count: `12.5 MB/s`. */
export function byteRate(bytesPerSec: BytesPerSec): string {
  return `${Number((bytesPerSec / 1e6).toPrecision(4))} MB/s`;
}
