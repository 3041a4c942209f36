import type { RehearsalFigures } from '../../model/rehearsal-figures.ts';
import { type Bytes, KIB, type Millis, SECOND_MS } from '../../units.ts';

/** In what a figure is measured. */
export type ScoreUnit = 'bytes' | 'ms' | 'count' | 'ratio';

/** A figure as it was predicted and as it was measured. */
export interface ScoreRow {
  readonly key: string;
  readonly title: string;
  readonly unit: ScoreUnit;
  readonly predicted: number;
  readonly measured: number;
  /** (predicted − measured) ÷ measured; `null` where nothing was measured and something predicted. */
  readonly relativeError: number | null;
  /** Whether it is within its bound; `null` where it has none. */
  readonly holds: boolean | null;
}

/** Bytes on the wire and in logs: the larger of the two; a few requests take so much where there is nothing to send. */
export const BYTES_BOUND_RATIO = 0.02;
export const BYTES_BOUND: Bytes = 64 * KIB;
/** Ages of recovery points: the larger of the two. */
export const AGE_BOUND_RATIO = 0.05;
export const AGE_BOUND_MS: Millis = SECOND_MS;

interface Figure {
  readonly key: string;
  readonly title: string;
  readonly unit: ScoreUnit;
  readonly of: (figures: RehearsalFigures) => number | null;
  readonly bound?: 'bytes' | 'age';
}

const FIGURES: readonly Figure[] = [
  {
    key: 'wire.initial',
    title: 'Wire, initial replication',
    unit: 'bytes',
    of: ({ wireBytes }) => wireBytes.initial,
    bound: 'bytes',
  },
  {
    key: 'wire.delta',
    title: 'Wire, delta replication',
    unit: 'bytes',
    of: ({ wireBytes }) => wireBytes.delta,
    bound: 'bytes',
  },
  {
    key: 'wire.resync',
    title: 'Wire, resynchronization',
    unit: 'bytes',
    of: ({ wireBytes }) => wireBytes.resync,
    bound: 'bytes',
  },
  { key: 'log.bytes', title: 'HRL files that arrived', unit: 'bytes', of: ({ logBytes }) => logBytes, bound: 'bytes' },
  { key: 'log.peak', title: 'HRL peak', unit: 'bytes', of: ({ logPeakBytes }) => logPeakBytes },
  { key: 'snapshot.peak', title: 'Snapshot peak', unit: 'bytes', of: ({ snapshotPeakBytes }) => snapshotPeakBytes },
  { key: 'rpo.max', title: 'RPO, largest', unit: 'ms', of: ({ rpoMaxMs }) => rpoMaxMs, bound: 'age' },
  {
    key: 'rpo.steadyMax',
    title: 'RPO, largest after the first delta',
    unit: 'ms',
    of: ({ steadyRpoMaxMs }) => steadyRpoMaxMs,
    bound: 'age',
  },
  { key: 'cycles.completed', title: 'Cycles completed', unit: 'count', of: ({ cycles }) => cycles.completed },
  { key: 'cycles.missed', title: 'Cycles missed', unit: 'count', of: ({ cycles }) => cycles.missed },
  { key: 'cycles.failed', title: 'Attempts failed', unit: 'count', of: ({ cycles }) => cycles.failed },
  { key: 'resync.count', title: 'Resynchronizations', unit: 'count', of: ({ resyncs }) => resyncs.length },
  { key: 'resync.longest', title: 'Resynchronization, longest', unit: 'ms', of: longestResyncMs },
  { key: 'compression', title: 'Compression', unit: 'ratio', of: ({ compressionRatio }) => compressionRatio },
  { key: 'efficiency', title: 'Link efficiency', unit: 'ratio', of: ({ linkEfficiencyRatio }) => linkEfficiencyRatio },
];

function longestResyncMs({ resyncs }: RehearsalFigures): number | null {
  const ended = resyncs.flatMap(({ startMs, endMs }) => (endMs === null ? [] : [endMs - startMs]));
  return ended.length === 0 ? null : Math.max(...ended);
}

/** What was predicted beside what was measured; figures that neither has are left out. */
export function scoreOf(predicted: RehearsalFigures, measured: RehearsalFigures): ScoreRow[] {
  return FIGURES.flatMap(({ key, title, unit, of, bound }) => {
    const said = of(predicted) ?? 0;
    const found = of(measured) ?? 0;
    if (said === 0 && found === 0) return [];
    const relativeError = found === 0 ? null : (said - found) / found;
    const row = { key, title, unit, predicted: said, measured: found, relativeError };
    return [{ ...row, holds: bound === undefined ? null : isWithin(bound, said, found) }];
  });
}

function isWithin(bound: 'bytes' | 'age', predicted: number, measured: number): boolean {
  const error = Math.abs(predicted - measured);
  if (bound === 'bytes') return error <= Math.max(BYTES_BOUND_RATIO * measured, BYTES_BOUND);
  return error <= Math.max(AGE_BOUND_RATIO * measured, AGE_BOUND_MS);
}
