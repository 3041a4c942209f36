import { type Bytes, MIB } from '../units.ts';

/**
 * Which blocks of a disk the writes of a churn series touched, interval by interval: recorded, not modelled. It belongs to its
 * series: whoever scales or shifts the series keeps it, whoever makes another one has none.
 */
export interface TouchRecord {
  readonly blockBytes: Bytes;
  /** So many neighbouring intervals of the series share an entry of `runs`; the last entry may have fewer. */
  readonly intervalsEach: number;
  /** Of each entry the runs of touched blocks, ascending: so many blocks skipped, so many touched, so many skipped … */
  readonly runs: readonly (readonly number[])[];
}

/** The default chunk of a resynchronization; the blocks of a snapshot are two. */
export const TOUCH_BLOCK_BYTES: Bytes = MIB;
/** Numbers in a record's runs: some 800 kB of JSON. [chosen] */
export const TOUCH_NUMBERS_MOST = 200_000;

/** Sets of blocks as the bounds of their runs: from, until, from, until …, ascending, with gaps between. */
export type BlockRuns = Uint32Array;

export const NO_BLOCKS: BlockRuns = new Uint32Array(0);

/** @param entry one of a record's `runs` */
export function blockRunsOf(entry: readonly number[]): BlockRuns {
  let block = 0;
  return Uint32Array.from(entry, (count) => {
    block += count;
    return block;
  });
}

export function entryOf(runs: BlockRuns): number[] {
  return Array.from(runs, (bound, at) => bound - (at === 0 ? 0 : runs[at - 1]!));
}

/** The same in blocks that are `factor` times as large, each touched where one of its parts is. */
export function coarser(runs: BlockRuns, factor: number): BlockRuns {
  if (factor === 1) return runs;
  const scaled = runs.map((bound, at) => (at % 2 === 0 ? Math.floor(bound / factor) : Math.ceil(bound / factor)));
  return united(scaled, NO_BLOCKS);
}

export function countOfBlocks(runs: BlockRuns): number {
  let count = 0;
  for (let at = 0; at < runs.length; at += 2) count += runs[at + 1]! - runs[at]!;
  return count;
}

/** The blocks of both. Runs of one may meet or overlap; those of the result do not. */
export function united(a: BlockRuns, b: BlockRuns): BlockRuns {
  const bounds = new Uint32Array(a.length + b.length);
  let length = 0;
  let atA = 0;
  let atB = 0;
  while (atA < a.length || atB < b.length) {
    const isA = atB >= b.length || (atA < a.length && a[atA]! <= b[atB]!);
    const runs = isA ? a : b;
    const at = isA ? atA : atB;
    const from = runs[at]!;
    const until = runs[at + 1]!;
    if (isA) atA += 2;
    else atB += 2;
    if (length > 0 && from <= bounds[length - 1]!) bounds[length - 1] = Math.max(bounds[length - 1]!, until);
    else {
      bounds[length] = from;
      bounds[length + 1] = until;
      length += 2;
    }
  }
  return bounds.slice(0, length);
}
