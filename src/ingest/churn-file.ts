import type { Millis } from '../units.ts';
import type { ProblemList } from './problem-list.ts';
import { fixedZone, type TimeZone, UTC } from './time-zone.ts';

/** What one file told of churn, besides the rows that it put into the store. */
export interface ChurnFile {
  /** What the file was recognised as. */
  readonly format: string;
  readonly offsets: Offsets;
  /** The headers of the columns, for problems that show only when all rows are known. */
  readonly timeHeader: string;
  readonly writeHeader: string;
  readonly problems: ProblemList;
  readonly rowCount: number;
  readonly usedCount: number;
  /** For the receipt: what the reading rests on; rows left aside by the reason; what names no disk of the inventory. */
  readonly read: readonly string[];
  readonly dropped: ReadonlyMap<string, number>;
  readonly notFound: readonly string[];
}

/** The zone on which all files agree; `undefined` where they name several offsets. Rows without any are UTC's. */
export function agreedZone(files: readonly Pick<ChurnFile, 'offsets'>[]): TimeZone | undefined {
  const named = new Set(files.flatMap(({ offsets }) => [...offsets.named]));
  const hasLocal = files.some(({ offsets }) => offsets.hasLocal);
  const [offsetMs] = named;
  if (offsetMs === undefined) return UTC;
  if (named.size > 1 || (hasLocal && offsetMs !== 0)) return undefined;
  return fixedZone(offsetMs);
}

/** Which offsets the rows' times name. */
export class Offsets {
  readonly named: Set<Millis> = new Set();
  hasLocal: boolean = false;

  get isMixed(): boolean {
    return this.hasLocal && this.named.size > 0;
  }

  add(offsetMs: Millis | undefined): void {
    if (offsetMs === undefined) this.hasLocal = true;
    else this.named.add(offsetMs);
  }
}
