import type { Assumption } from '../model/assumption.ts';
import { type ChurnSeries, meanBytesPerSec } from '../model/workload.ts';
import { DAY_MS, SECOND_MS } from '../units.ts';
import type { Inventory, InventoryDisk } from './inventory.ts';
import type { RowChurn } from './inventory-file.ts';
import { countOf } from './problem-list.ts';

/** Share of the used bytes that is written in a day where nothing at all is known of a fleet. [chosen] */
const DEFAULT_SHARE_PER_DAY = 0.05;
const DAY_SEC = DAY_MS / SECOND_MS;

export interface AssumedChurn {
  /** By the disk's index in the inventory. */
  readonly churnOf: ReadonlyMap<number, RowChurn>;
  readonly assumptions: readonly Assumption[];
}

/**
 * Fills the churn of disks of which no file tells any: with the share that the user gives, else with the median share (of the used bytes, per day)
 * of the fleet's disks whose churn is known, else with a chosen one. In our own CSV an empty cell is a slip, and filled only where the user has given a share.
 *
 * @param givenSharePerDay of the used bytes
 */
export function assumeChurn(
  inventory: Inventory,
  seriesOf: ReadonlyMap<number, ChurnSeries>,
  givenSharePerDay?: number,
): AssumedChurn {
  const disks = inventory.vms.flatMap((vm) => vm.disks);
  const isUnknown = ({ index, row, file }: InventoryDisk): boolean =>
    row.churn === undefined && !seriesOf.has(index) && (givenSharePerDay !== undefined || file.isExport === true);
  const unknown = disks.filter(isUnknown);
  if (unknown.length === 0) return { churnOf: new Map(), assumptions: [] };
  const known = disks.flatMap((disk) => sharePerDay(disk, seriesOf.get(disk.index)) ?? []).toSorted((a, b) => a - b);
  const median = known[Math.floor(known.length / 2)];
  const share = givenSharePerDay ?? median ?? DEFAULT_SHARE_PER_DAY;
  let why = 'no file tells the churn of any disk; measure it, or give --assume-churn';
  if (givenSharePerDay !== undefined) why = 'given with --assume-churn';
  else if (median !== undefined) why = `the median of the ${countOf(known.length, 'disk')} whose churn is known`;
  const assumption: Assumption = {
    name: 'assumedChurnPerDay',
    value: `${Number((share * 100).toPrecision(3))} % of the used bytes`,
    reason: `${countOf(unknown.length, 'disk')} without any churn: ${why}`,
    source: 'chosen',
    origin: givenSharePerDay === undefined ? 'default' : 'given',
  };
  const churn: RowChurn = { perSec: share / DAY_SEC, isShare: true };
  return { churnOf: new Map(unknown.map(({ index }) => [index, churn])), assumptions: [assumption] };
}

function sharePerDay({ row }: InventoryDisk, series: ChurnSeries | undefined): number | undefined {
  const usedBytes = row.usedBytes ?? row.sizeBytes;
  if (usedBytes === 0) return undefined;
  if (series !== undefined) return (meanBytesPerSec(series) * DAY_SEC) / usedBytes;
  if (row.churn === undefined) return undefined;
  return row.churn.isShare ? row.churn.perSec * DAY_SEC : (row.churn.perSec * DAY_SEC) / usedBytes;
}
