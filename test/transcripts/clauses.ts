/** The clauses of a script's lines: how each is written, and what it sets. */
import type { Policy, RuleParameters } from '../../src/model/policy.ts';
import { DEFAULT_MEAN_WRITE_BYTES } from '../../src/model/policy.ts';
import type { Host, Volume } from '../../src/model/site.ts';
import type { Disk } from '../../src/model/workload.ts';
import { parseBitsPerSec, parseBytes, parseBytesPerSec, parseDurationMs } from '../../src/units.ts';

/** How the clauses of a line are written, and what each says. */
export type Clauses<T> = readonly (readonly [RegExp, (...matched: string[]) => Partial<T>])[];

export function readClauses<T>(clauses: Clauses<T>, text: string): Partial<T> {
  return Object.assign({}, ...text.split(', ').map((clause) => readClause(clauses, clause)));
}

export function readClause<T>(clauses: Clauses<T>, text: string): Partial<T> {
  for (const [pattern, say] of clauses) {
    const matched = pattern.exec(text);
    if (matched !== null) return say(...matched.slice(1));
  }
  throw new Error(`"${text}" is not understood`);
}

export const POLICY: Clauses<Policy> = [
  [/^a copy every (\S+)$/, (every) => ({ copyFrequencyMs: quantity(parseDurationMs, every!) })],
  [/^cuts aligned$/, () => ({ alignedCuts: true })],
  [/^recovery points for (\d+)h$/, (hours) => ({ recoveryPointHours: Number(hours) })],
  [/^app-consistent every (\d+)h$/, (hours) => ({ appConsistentHours: Number(hours) })],
];

export const RULES: Clauses<RuleParameters> = [
  [/^enabling takes (\S+)$/, (time) => ({ enableMs: quantity(parseDurationMs, time!) })],
  [/^finalizing takes (\S+)$/, (time) => ({ finalizeMs: quantity(parseDurationMs, time!) })],
  [/^snapshot blocks of (\S+)$/, (size) => ({ snapshotBlockBytes: quantity(parseBytes, size!) })],
  [/^merging (\S+)$/, (rate) => ({ mergeBytesPerSec: quantity(parseBytesPerSec, rate!) })],
  [/^exporting (\S+)$/, (rate) => ({ exportBytesPerSec: quantity(parseBytesPerSec, rate!) })],
  [/^comparing (\S+)$/, (rate) => ({ compareBytesPerSec: quantity(parseBytesPerSec, rate!) })],
  [/^chunks of (\S+)$/, (size) => ({ chunkBytes: quantity(parseBytes, size!) })],
  [/^checksums of (\S+)$/, (size) => ({ checksumBytes: quantity(parseBytes, size!) })],
];

export const LOGS: Clauses<RuleParameters> = [[/^without overhead$/, () => ({ logEmptyBytes: 0, logBlockBytes: 0 })]];

export const WINDOW: Clauses<Policy> = [
  [
    /^(\d\d):(\d\d) to (\d\d):(\d\d)$/,
    (startHour, startMinute, endHour, endMinute) => ({
      resyncWindow: {
        startMinute: Number(startHour) * 60 + Number(startMinute),
        endMinute: Number(endHour) * 60 + Number(endMinute),
      },
    }),
  ],
];

export const HOST: Clauses<Host> = [
  [/^(\d+) transfers? at a time$/, (count) => ({ maxActiveTransfers: Number(count) })],
  [/^uplink (\S+)$/, (rate) => ({ uplinkBitsPerSec: quantity(parseBitsPerSec, rate!) })],
];

export const VOLUME: Clauses<Volume> = [
  [/^capacity (\S+)$/, (size) => ({ capacityBytes: quantity(parseBytes, size!) })],
  [/^free (\S+)$/, (size) => ({ freeBytes: quantity(parseBytes, size!) })],
];

export const DISK: Clauses<Disk> = [
  [
    /^(\S+) (\S+) used (\S+) (?:churn (\S+)|idle)(?: on (\S+))?$/,
    (name, size, used, churn, volume) => ({
      name: name!,
      sizeBytes: quantity(parseBytes, size!),
      usedBytes: quantity(parseBytes, used!),
      churn: { kind: 'constant', bytesPerSec: churn === undefined ? 0 : quantity(parseBytesPerSec, churn) },
      volume: volume ?? 'D:',
      meanWriteBytes: DEFAULT_MEAN_WRITE_BYTES,
    }),
  ],
];

/** @throws Error where the text is none */
export function quantity(parse: (text: string) => number | undefined, text: string): number {
  const value = parse(text);
  if (value === undefined) throw new Error(`"${text}" is no quantity with a unit that fits`);
  return value;
}
