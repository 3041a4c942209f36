import type { ColumnSpec } from './columns.ts';

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
  | 'exclude';

/** The columns of our flat CSV, a row per disk (formats F10), and the other names under which they are known. */
export const VMS_COLUMNS: readonly ColumnSpec<VmsColumn>[] = [
  {
    key: 'vm',
    measure: 'text',
    isRequired: true,
    names: ['vm', 'vmname', 'name', 'server', 'virtualmachine', 'virtualmachinename', 'servername', 'machine'],
  },
  {
    key: 'disk',
    measure: 'text',
    isRequired: false,
    names: ['disk', 'diskname', 'vhd', 'vhdx', 'path', 'drive', 'virtualdisk', 'harddisk', 'diskpath', 'vhdpath'],
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
];
