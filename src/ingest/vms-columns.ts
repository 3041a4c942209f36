import type { ColumnSpec } from './columns.ts';
import { TRAIT_COLUMNS, type TraitColumn } from './vms-traits.ts';

export type VmsColumn =
  | 'vm'
  | 'disk'
  | 'host'
  | 'volume'
  | 'size'
  | 'used'
  | 'churn'
  | 'mean_write'
  | 'write_iops'
  | 'exclude'
  | TraitColumn;

export const VM_NAMES: readonly string[] = [
  'vm',
  'vmname',
  'name',
  'server',
  'virtualmachine',
  'virtualmachinename',
  'servername',
  'machine',
];
export const DISK_NAMES: readonly string[] = [
  'disk',
  'diskname',
  'vhd',
  'vhdx',
  'path',
  'drive',
  'virtualdisk',
  'harddisk',
  'diskpath',
  'vhdpath',
];

/** The columns of an inventory; churn is required where it is not measured. */
export function vmsColumns(isChurnMeasured: boolean): readonly ColumnSpec<VmsColumn>[] {
  return VMS_COLUMNS.map((spec) => (spec.key === 'churn' ? { ...spec, isRequired: !isChurnMeasured } : spec));
}

/** The columns of our flat CSV, a row per disk (formats F10), and the other names under which they are known. */
const VMS_COLUMNS: readonly ColumnSpec<VmsColumn>[] = [
  {
    key: 'vm',
    measure: 'text',
    isRequired: true,
    names: VM_NAMES,
  },
  {
    key: 'disk',
    measure: 'text',
    isRequired: false,
    names: DISK_NAMES,
  },
  {
    key: 'host',
    measure: 'text',
    isRequired: false,
    names: ['host', 'hyperv', 'hypervhost', 'node', 'computername', 'hostname', 'vmhost'],
  },
  {
    key: 'volume',
    measure: 'text',
    isRequired: false,
    names: ['volume', 'csv', 'datastore', 'lun', 'driveletter', 'volumename', 'clustersharedvolume'],
  },
  {
    key: 'size',
    measure: 'size',
    isRequired: true,
    names: ['size', 'capacity', 'provisioned', 'disksize', 'provisionedsize', 'virtualsize', 'disksizeprovisioned'],
  },
  {
    key: 'used',
    measure: 'size',
    isRequired: false,
    names: ['used', 'inuse', 'filesize', 'consumed', 'allocated', 'usedspace', 'usedsize', 'diskused'],
  },
  {
    key: 'churn',
    measure: 'churn',
    isRequired: false,
    names: ['churn', 'changerate', 'writerate', 'datachurn', 'datachangerate', 'churnrate', 'writethroughput'],
    remedy: ' Or give a measured series with --churn series.csv.',
  },
  {
    key: 'mean_write',
    measure: 'size',
    isRequired: false,
    names: ['meanwrite', 'meanwritesize', 'averagewritesize', 'avgwritesize', 'writesize'],
  },
  {
    key: 'write_iops',
    measure: 'count',
    isRequired: false,
    names: ['writeiops', 'iopswrite', 'writespersec', 'diskwritespersec'],
  },
  {
    key: 'exclude',
    measure: 'text',
    isRequired: false,
    names: ['exclude', 'excluded', 'skip'],
  },
  ...TRAIT_COLUMNS,
];
