import type { Bytes, BytesPerSec, Millis } from '../units.ts';
import type { RunClock } from './clock.ts';
import type { TouchRecord } from './touch-record.ts';
import type { DiskTraits, VmTraits } from './traits.ts';

export type { DiskTraits, VmTraits } from './traits.ts';

/**
 * What is to be protected: the virtual machines, their disks, and what is written to them over time. Plain data: it can be
 * saved as JSON and read back.
 */
export interface Workload {
  readonly schema: 'asr-plan/workload@1';
  readonly clock: RunClock;
  readonly vms: readonly Vm[];
}

export interface Vm {
  /** Unique in the workload. A stranger's text: escape it where it is written. */
  readonly name: string;
  readonly host: string;
  /** At least one; their order is the file's. */
  readonly disks: readonly Disk[];
  /** What else is known of it; absent = nothing. */
  readonly traits?: VmTraits;
}

export interface Disk {
  /** Unique in its VM. */
  readonly name: string;
  /** The volume on which the disk, its snapshot and its logs lie; unique with the host, or alone for a shared volume. */
  readonly volume: string;
  /** Virtual size. */
  readonly sizeBytes: Bytes;
  /** What initial replication sends, at most `sizeBytes`. */
  readonly usedBytes: Bytes;
  readonly churn: Churn;
  /** Mean size of one write; sets how much metadata the log carries (semantics 4). */
  readonly meanWriteBytes: Bytes;
  /** How much of its churn was measured; absent = it was not. */
  readonly coverage?: Coverage;
  /** Nobody told its churn: a stated rule filled it. */
  readonly isChurnAssumed?: boolean;
  /** How writes fall on the same place; absent = every written byte is a distinct one (semantics 3). */
  readonly overwrite?: OverwriteModel;
  /** What else is known of it; absent = nothing. */
  readonly traits?: DiskTraits;
  /** The row that told of it first; absent = no file did. */
  readonly readFrom?: RowOfFile;
}

/** The first row of a file is 1, its heading counted. */
export interface RowOfFile {
  readonly file: string;
  readonly row: number;
}

/** How much of the time a disk's churn was measured. */
export interface Coverage {
  /** Hours of the week (of 168) in which there is a measured interval. */
  readonly hoursOfWeek: number;
  /** Share of the time from the first interval to the last that was measured; the rest was filled by rule. */
  readonly measuredRatio: number;
}

/** How well a disk's churn is known, the best first. */
export const CONFIDENCES = ['week', 'part', 'average', 'assumed'] as const;
/** `week`: measured in every hour of the week, at least nine tenths of the time; `part`: measured, but less; `average`: one rate; `assumed`: none was given. */
export type Confidence = (typeof CONFIDENCES)[number];

const HOURS_OF_WEEK = 168;
const WELL_MEASURED_RATIO = 0.9;

export function confidenceOf({ coverage, isChurnAssumed }: Disk): Confidence {
  if (isChurnAssumed === true) return 'assumed';
  if (coverage === undefined) return 'average';
  const isWeek = coverage.hoursOfWeek === HOURS_OF_WEEK && coverage.measuredRatio >= WELL_MEASURED_RATIO;
  return isWeek ? 'week' : 'part';
}

/** Written bytes over time, a step function (semantics 2): one rate for ever, or a measured series. */
export type Churn = ConstantChurn | ChurnSeries;

export interface ConstantChurn {
  readonly kind: 'constant';
  readonly bytesPerSec: BytesPerSec;
}

export interface ChurnSeries {
  readonly kind: 'series';
  /** Starts of the intervals on the run's clock, strictly ascending; may begin before 0. Nothing is written before. */
  readonly startMs: readonly Millis[];
  /** Bytes written in each interval, which ends where the next begins; same length as `startMs`. */
  readonly writtenBytes: readonly Bytes[];
  /** End of the last interval. */
  readonly endMs: Millis;
  /** After `endMs` the last `repeatMs` before it are repeated; 0 = nothing is written after it. */
  readonly repeatMs: Millis;
  /** Where the writes fell, where that was recorded; absent = the disk's overwrite model says it. */
  readonly touched?: TouchRecord;
}

/**
 * A hot set of `hotBytes` takes the share `hotShare` of the writes; the rest falls on places never written before:
 * distinct bytes of B written ones are (1 − h)·B + W·(1 − exp(−h·B/W)) (semantics 3).
 */
export interface OverwriteModel {
  readonly hotBytes: Bytes;
  /** 0 to 1. */
  readonly hotShare: number;
}

/** Distinct bytes among `writtenBytes` written ones, never more than the disk's size (semantics 3). */
export function distinctBytes(disk: Disk, writtenBytes: Bytes): Bytes {
  const model = disk.overwrite;
  if (model === undefined || model.hotBytes <= 0) return Math.min(disk.sizeBytes, writtenBytes);
  const { hotBytes, hotShare } = model;
  const cold = (1 - hotShare) * writtenBytes;
  const hot = hotBytes * -Math.expm1((-hotShare * writtenBytes) / hotBytes);
  return Math.min(disk.sizeBytes, writtenBytes, cold + hot);
}

/**
 * Bytes of the whole blocks that `writtenBytes` written ones touch where nobody has recorded their places: their distinct bytes, taken as
 * contiguous (semantics 8, 25).
 */
export function modelledTouchedBytes(disk: Disk, writtenBytes: Bytes, blockBytes: Bytes): Bytes {
  return Math.ceil(distinctBytes(disk, writtenBytes) / blockBytes) * blockBytes;
}

/** Mean written bytes per second over the first `horizonMs` of a churn. */
export function meanBytesPerSec(churn: Churn): BytesPerSec {
  if (churn.kind === 'constant') return churn.bytesPerSec;
  const spanMs = churn.endMs - (churn.startMs[0] ?? churn.endMs);
  const total = churn.writtenBytes.reduce((sum, bytes) => sum + bytes, 0);
  return spanMs === 0 ? 0 : (total * 1000) / spanMs;
}
