import { blockRunsOf, coarser, type TouchRecord } from '../model/touch-record.ts';
import { type Disk, modelledTouchedBytes } from '../model/workload.ts';
import type { TouchedPlaces } from '../replication/tracked-writes.ts';
import type { Bytes } from '../units.ts';
import type { ChurnIntegral } from './churn-integral.ts';
import { GrowingUnion } from './growing-union.ts';
import { RecordedTime } from './recorded-time.ts';

/** Whether something is recorded of where the disk's writes fall. */
export function isRecorded({ churn }: Disk): boolean {
  return churn.kind === 'series' && churn.touched !== undefined;
}

/**
 * Where the guests' writes fall in a simulation: where it was recorded, as recorded, else by the disk's overwrite model. A record follows
 * its churn: growth makes the same places be written faster, and what is repeated falls on the same places (decision 0013).
 *
 * Positions are those of the disk's own written bytes: a guest that was off goes on where it stopped.
 */
export class RecordedPlaces implements TouchedPlaces {
  readonly #disks: readonly Disk[];
  readonly #recorded: readonly (RecordedDisk | undefined)[];

  private constructor(disks: readonly Disk[], churn: ChurnIntegral) {
    this.#disks = disks;
    this.#recorded = disks.map((disk, d) =>
      disk.churn.kind === 'series' && disk.churn.touched !== undefined
        ? new RecordedDisk(new RecordedTime(disk.churn, disk.churn.touched, churn, d), disk.churn.touched)
        : undefined,
    );
  }

  /** Undefined where nothing is recorded of any disk. */
  static of(disks: readonly Disk[], churn: ChurnIntegral): RecordedPlaces | undefined {
    return disks.some(isRecorded) ? new RecordedPlaces(disks, churn) : undefined;
  }

  touchedBytes(disk: number, fromBytes: Bytes, untilBytes: Bytes, blockBytes: Bytes): Bytes {
    const recorded = this.#recorded[disk];
    const model = this.#disks[disk]!;
    const modelled = (bytes: Bytes): Bytes => modelledTouchedBytes(model, bytes, blockBytes);
    if (recorded === undefined || blockBytes % recorded.blockBytes !== 0) return modelled(untilBytes - fromBytes);
    const { firstBytes, onceBytes } = recorded.time;
    const firstRecorded = Math.max(fromBytes, firstBytes);
    // Nobody knows the places of what was written before the record began.
    const beforeBytes = modelled(Math.max(0, Math.min(untilBytes, firstBytes) - fromBytes));
    if (untilBytes <= firstRecorded) return beforeBytes;
    // Longer than the record it would touch what nobody has seen: as much as the model says of the rest.
    const moreBytes = Math.max(0, modelled(untilBytes - firstRecorded) - modelled(onceBytes));
    // The last bits of a double touch no further block.
    const blocks = Math.ceil(recorded.blocks(firstRecorded, untilBytes, blockBytes) - 1e-9);
    const mostBytes = Math.ceil(model.sizeBytes / blockBytes) * blockBytes;
    return Math.min(mostBytes, beforeBytes + blocks * blockBytes + moreBytes);
  }
}

class RecordedDisk {
  readonly time: RecordedTime;
  readonly blockBytes: Bytes;
  readonly #record: TouchRecord;
  /** By the size of blocks. */
  readonly #unions: Map<Bytes, GrowingUnion> = new Map();

  constructor(time: RecordedTime, record: TouchRecord) {
    this.time = time;
    this.blockBytes = record.blockBytes;
    this.#record = record;
  }

  /**
   * Blocks touched between two positions: the union of the intervals inside. Of the one in which it begins and the one in which it ends each
   * block counts with the share that is written of the interval, as if each were touched at any time in it.
   */
  blocks(fromBytes: Bytes, untilBytes: Bytes, blockBytes: Bytes): number {
    const from = this.time.placeOf(fromBytes);
    const until = this.time.placeOf(untilBytes);
    const union = this.#unionOf(blockBytes);
    if (from.interval === until.interval) return (until.share - from.share) * union.countOf(from.interval);
    const { neither, first, last, both } = union.between(from.interval, until.interval);
    const without = neither + (last - neither) * until.share;
    const withFirst = first + (both - first) * until.share;
    return without + (withFirst - without) * (1 - from.share);
  }

  #unionOf(blockBytes: Bytes): GrowingUnion {
    let union = this.#unions.get(blockBytes);
    if (union === undefined) {
      const factor = blockBytes / this.blockBytes;
      const { count, firstRepeated } = this.time;
      const intervals = Array.from({ length: count }, (_, interval) =>
        coarser(blockRunsOf(this.#record.runs[interval] ?? []), factor),
      );
      union = new GrowingUnion(intervals, firstRepeated);
      this.#unions.set(blockBytes, union);
    }
    return union;
  }
}
