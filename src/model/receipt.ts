import type { Bytes, Millis } from '../units.ts';

/** What became of one file: what it was taken for, what was read, what was left aside and why. It stands in the report. */
export interface Receipt {
  readonly file: string;
  /** What it was recognised as: `PDH-CSV of PerfMon`. */
  readonly format: string;
  /** What the reading rests on, a sentence each: encoding, delimiter, decimal sign, time zone, units. */
  readonly read: readonly string[];
  readonly sizeBytes?: Bytes;
  /** Rows, samples or entries that were read, and those that made it into the workload. */
  readonly rowCount: number;
  readonly usedCount: number;
  /** Rows that were left aside, by the reason. */
  readonly dropped: readonly { readonly reason: string; readonly count: number }[];
  /** What was put together with other files, and what found no partner. */
  readonly joins: readonly { readonly what: string; readonly count: number; readonly examples: readonly string[] }[];
  /** The time that its samples cover, in milliseconds since 1970-01-01T00:00Z; absent where it has none. */
  readonly coversMs?: { readonly fromEpochMs: Millis; readonly untilEpochMs: Millis };
}
