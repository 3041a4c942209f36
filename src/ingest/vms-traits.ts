import { type DiskTraits, knownTraits, type VmTraits } from '../model/traits.ts';
import type { Bytes } from '../units.ts';
import type { ColumnSpec } from './columns.ts';
import {
  architectureOf,
  coresOf,
  firmwareOf,
  formatOf,
  kindOf,
  nicCountOf,
  osOf,
  sectorOf,
  yesNoOf,
} from './export-traits.ts';

/** Columns of our own CSV that rules ask for; none moves the simulation. Those of a VM may stand in any of its rows. */
export type TraitColumn = WordColumn | 'memory' | 'read_iops';

type WordColumn =
  | 'generation'
  | 'cores'
  | 'nics'
  | 'os'
  | 'firmware'
  | 'architecture'
  | 'bitlocker'
  | 'fibre_channel'
  | 'clustered'
  | 'replica_broker'
  | 'os_disk'
  | 'format'
  | 'disk_type'
  | 'logical_sector'
  | 'physical_sector'
  | 'shared'
  | 'partitions';

/** Each column's other names, what a cell may say, and how it is read. */
const WORDS = {
  generation: { names: ['generation', 'vmgeneration'], read: generationOf, form: '1 or 2' },
  cores: { names: ['cores', 'vcpus', 'vcpu', 'cpus', 'processorcount'], read: coresOf, form: 'a whole number from 1' },
  nics: { names: ['nics', 'niccount', 'networkadapters'], read: nicCountOf, form: 'a whole number from 0' },
  os: { names: ['os', 'operatingsystem', 'guestos'], read: osOf, form: 'Windows Server 2019' },
  firmware: { names: ['firmware', 'boottype'], read: firmwareOf, form: 'BIOS or UEFI' },
  architecture: { names: ['architecture', 'osarchitecture'], read: architectureOf, form: '64-bit or 32-bit' },
  bitlocker: { names: ['bitlocker', 'encrypted', 'encryption'], read: yesNoOf, form: 'yes or no' },
  fibre_channel: { names: ['fibrechannel', 'fiberchannel'], read: yesNoOf, form: 'yes or no' },
  clustered: { names: ['clustered', 'isclustered'], read: yesNoOf, form: 'yes or no' },
  replica_broker: { names: ['replicabroker'], read: yesNoOf, form: 'yes or no' },
  os_disk: { names: ['osdisk', 'isosdisk', 'bootdisk'], read: yesNoOf, form: 'yes or no' },
  format: { names: ['format', 'vhdformat', 'diskformat'], read: formatOf, form: 'VHDX or VHD' },
  disk_type: { names: ['disktype', 'vhdtype'], read: kindOf, form: 'fixed or dynamic' },
  logical_sector: { names: ['logicalsector', 'logicalsectorsize'], read: sectorOf, form: '512 or 4096' },
  physical_sector: { names: ['physicalsector', 'physicalsectorsize'], read: sectorOf, form: '512 or 4096' },
  shared: { names: ['shared', 'isshared'], read: yesNoOf, form: 'yes or no' },
  partitions: { names: ['partitions', 'partitioncount'], read: partitionsOf, form: 'a whole number from 0 to 128' },
} as const satisfies {
  readonly [key in WordColumn]: {
    readonly names: readonly string[];
    readonly read: (text: string) => unknown;
    readonly form: string;
  };
};

export const TRAIT_COLUMNS: readonly ColumnSpec<TraitColumn>[] = [
  ...Object.entries(WORDS).map(
    ([key, { names }]): ColumnSpec<TraitColumn> => ({
      ...{ key: key as WordColumn, measure: 'text', isRequired: false, names },
    }),
  ),
  { key: 'memory', measure: 'size', isRequired: false, names: ['memory', 'ram', 'memorysize'] },
  { key: 'read_iops', measure: 'count', isRequired: false, names: ['readiops', 'iopsread', 'readspersec'] },
];

/** How a row's cells are asked for. */
export interface TraitCells {
  readonly text: (key: TraitColumn) => string;
  /** Reports a cell that is none of what its column may hold. */
  readonly refuse: (key: TraitColumn, text: string, form: string) => void;
  readonly memoryBytes: Bytes | undefined;
  readonly readsPerSec: number | undefined;
  readonly writesPerSec: number | undefined;
}

/** What a row says of its disk and its VM besides size and churn. */
export function traitsOf(cells: TraitCells): { readonly traits?: DiskTraits; readonly vmTraits?: VmTraits } {
  const word = <K extends WordColumn>(key: K): ReturnType<(typeof WORDS)[K]['read']> | undefined => {
    const text = cells.text(key);
    if (text === '') return undefined;
    const { read, form } = WORDS[key];
    const value = read(text);
    if (value === undefined) cells.refuse(key, text, form);
    return value as ReturnType<(typeof WORDS)[K]['read']> | undefined;
  };
  const { memoryBytes, readsPerSec, writesPerSec } = cells;
  const vmTraits = knownTraits<VmTraits>({
    ...{ generation: word('generation'), cores: word('cores'), memoryBytes, nicCount: word('nics') },
    ...{ operatingSystem: word('os'), architecture: word('architecture'), firmware: word('firmware') },
    ...{ isEncrypted: word('bitlocker'), hasFibreChannel: word('fibre_channel'), isClustered: word('clustered') },
    hasReplicaBroker: word('replica_broker'),
  });
  const isBothKnown = readsPerSec !== undefined && writesPerSec !== undefined;
  const traits = knownTraits<DiskTraits>({
    ...{ isOsDisk: word('os_disk'), format: word('format'), kind: word('disk_type'), isShared: word('shared') },
    ...{ logicalSectorBytes: word('logical_sector'), physicalSectorBytes: word('physical_sector') },
    ...{ partitionCount: word('partitions'), ioPerSec: isBothKnown ? readsPerSec + writesPerSec : undefined },
  });
  return { ...(traits === undefined ? {} : { traits }), ...(vmTraits === undefined ? {} : { vmTraits }) };
}

function generationOf(text: string): 1 | 2 | undefined {
  if (text === '1') return 1;
  return text === '2' ? 2 : undefined;
}

function partitionsOf(text: string): number | undefined {
  const value = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  return value <= 128 ? value : undefined;
}
