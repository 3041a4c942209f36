import type { Bytes, Millis } from '../units.ts';

export interface NetworkOptions {
  /** Flows are numbered 0 … flowCount − 1; each number carries at most one flow at a time. */
  readonly flowCount: number;
  /** The way out of each host; Infinity where only the link limits it. */
  readonly uplinkBytesPerMs: readonly number[];
  readonly capacityBytesPerMs: number;
}

export interface Network {
  start(flow: number, host: number, bytes: Bytes, capBytesPerMs: number, cause: number, nowMs: Millis): void;
}
