import type { Problem } from './problem.ts';

/** What a file is and what is in it. */
export interface Inspection {
  readonly file: string;
  /** What it was recognised as. */
  readonly format: string;
  /** In the order in which they are shown; exact numbers stand beside rounded ones. */
  readonly facts: readonly (readonly [label: string, value: string])[];
  /** The same as plain data, for programs. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
}

/** One write of a replication log. */
export interface LogEntry {
  /** ISO 8601 in UTC, to the second. */
  readonly time: string;
  readonly byteOffset: number;
  readonly dataLength: number;
  /** Where its data stands in the log; absent where damage leaves that open. */
  readonly dataAtBytes?: number;
}
