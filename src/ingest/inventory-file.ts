import type { DiskTraits, VmTraits } from '../model/traits.ts';
import type { Bytes, BytesPerSec } from '../units.ts';
import type { ProblemList } from './problem-list.ts';
import type { VmsColumn } from './vms-columns.ts';

/** What one file says of VMs and their disks, whatever its format. */
export interface InventoryFile {
  /** What the file was recognised as, for the receipt and for problems: `RVTools vDisk`. */
  readonly format: string;
  /** Our own table was written by hand, where what is missing is a slip; anything else tells what its tool knows. */
  readonly isExport?: boolean;
  readonly rows: readonly DiskRow[];
  /** What it says of whole VMs. */
  readonly vms: readonly VmRow[];
  /** VM and disk of the rows that the file itself leaves out. */
  readonly excluded: readonly { readonly vm: string; readonly disk: string }[];
  readonly hasDiskColumn: boolean;
  /** The header of a column as written; its key where the file has none. */
  readonly headerOf: (key: VmsColumn) => string;
  readonly problems: ProblemList;
  /** For the receipt, what the reading rests on: delimiter, units. */
  readonly read?: readonly string[];
  /** Rows that were left aside, by the reason, for the receipt: `a template` → 3. */
  readonly dropped: ReadonlyMap<string, number>;
  /** Rows under the header. */
  readonly rowCount: number;
}

/**
 * What a row says of a disk. Empty texts are absent ones. Some files know a disk by its VM and name, some by the path of its file, some by
 * both: the join puts the rows of all files together.
 */
export interface DiskRow {
  readonly row: number;
  /** Empty where the file knows the disk by its path alone. */
  readonly vm: string;
  readonly disk: string;
  readonly host: string;
  readonly volume: string;
  /** Of the virtual disk's file, as written; absent where the file does not tell it. */
  readonly path?: string;
  /** 0 where it is not told, or was refused: with an error no workload is made, but names are still compared with other rows'. */
  readonly sizeBytes: Bytes;
  readonly usedBytes?: Bytes;
  readonly churn?: RowChurn;
  readonly meanWriteBytes?: Bytes;
  readonly writesPerSec?: number;
  readonly traits?: DiskTraits;
  /** Of its VM. */
  readonly vmTraits?: VmTraits;
}

/** Written bytes per second, or the share of the used bytes written per second. */
export interface RowChurn {
  readonly perSec: BytesPerSec | number;
  readonly isShare: boolean;
}

/** What a row says of a VM as a whole. */
export interface VmRow {
  readonly row: number;
  readonly vm: string;
  readonly host: string;
  /** Of all its disks together; spread over those of which nothing is known. */
  readonly usedBytes?: Bytes;
  /** Of all its disks together: where no file knows the single disks, the VM gets one of this size. */
  readonly sizeBytes?: Bytes;
  /** Written to all its disks together; spread as the sizes are. */
  readonly churn?: RowChurn;
  readonly traits?: VmTraits;
}
