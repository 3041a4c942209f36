import { type DiskTraits, knownTraits, type VmTraits } from '../model/traits.ts';
import { type Bytes, MIB, TIB } from '../units.ts';
import { type Export, type ExportColumn, isYes } from './inventory-export.ts';

/**
 * What exports say of VMs and disks besides sizes. Nothing hangs on it but rules, so that a cell which is none of what its tool writes is not known,
 * not an error.
 */

/** More processors or network adapters than any Hyper-V VM has (Microsoft, "Hyper-V scalability"). */
const MOST_CORES = 2048;
const MOST_NICS = 64;
const MOST_MEMORY_BYTES: Bytes = 240 * TIB;
const MOST_IO_PER_SEC = 1e8;

/** A number of an export, whatever its thousands separator; `undefined` where it is none within the bounds. */
export function numberOf(text: string, least: number, most: number): number | undefined {
  const plain = /^\d{1,3}([.,'’\s]\d{3})+$/.test(text) ? text.replace(/\D/g, '') : text.replace(',', '.');
  const value = /^\d{1,15}(\.\d{1,9})?$/.test(plain) ? Number(plain) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}

function wholeOf(text: string, least: number, most: number): number | undefined {
  const value = numberOf(text, least, most);
  return value !== undefined && Number.isInteger(value) ? value : undefined;
}

export function coresOf(text: string): number | undefined {
  return wholeOf(text, 1, MOST_CORES);
}

export function nicCountOf(text: string): number | undefined {
  return wholeOf(text, 0, MOST_NICS);
}

/** Memory in units of so many bytes; 0 is what is told of a VM that is off. */
export function memoryOf(text: string, unitBytes: Bytes): Bytes | undefined {
  const value = numberOf(text, 0, Number.MAX_SAFE_INTEGER);
  const bytes = value === undefined ? 0 : Math.round(value * unitBytes);
  return bytes > 0 && bytes <= MOST_MEMORY_BYTES ? bytes : undefined;
}

export function ioOf(text: string): number | undefined {
  return numberOf(text, 0, MOST_IO_PER_SEC);
}

export function firmwareOf(text: string): VmTraits['firmware'] {
  if (/^bios$/i.test(text)) return 'BIOS';
  return /^u?efi$/i.test(text) ? 'UEFI' : undefined;
}

export function architectureOf(text: string): VmTraits['architecture'] {
  if (/^(x64|amd64|x86[-_]64|64([- ]?bit)?)$/i.test(text)) return '64-bit';
  return /^(x86|i[36]86|32([- ]?bit)?)$/i.test(text) ? '32-bit' : undefined;
}

/** What a cell says that answers yes or no; `undefined` where it is empty or says neither. */
export function yesNoOf(text: string): boolean | undefined {
  if (isYes(text)) return true;
  return /^(false|no|0|falsch|nein|faux|falso|onwaar|fałsz)$/i.test(text) ? false : undefined;
}

const MOST_OS_CHARACTERS = 200;

/** The operating system as written, in one line and cut. */
export function osOf(text: string): string | undefined {
  const line = text
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, MOST_OS_CHARACTERS);
  return line === '' ? undefined : line;
}

/** `VHDX`, by the cmdlet's word or its number (Msvm_VirtualHardDiskSettingData, Format). */
export function formatOf(text: string): string | undefined {
  if (/^(vhdx|3)$/i.test(text)) return 'VHDX';
  if (/^(vhd|2)$/i.test(text)) return 'VHD';
  return /^(vhdset|vhds|4)$/i.test(text) ? 'VHDS' : undefined;
}

/** By the cmdlet's word or its number (Msvm_VirtualHardDiskSettingData, Type). */
export function kindOf(text: string): DiskTraits['kind'] {
  if (/^(fixed|2)$/i.test(text)) return 'fixed';
  if (/^(dynamic|3)$/i.test(text)) return 'dynamic';
  return /^(differencing|4)$/i.test(text) ? 'differencing' : undefined;
}

export function sectorOf(text: string): Bytes | undefined {
  return wholeOf(text, 512, 65_536);
}

/** By the ending of the file's name, which Hyper-V goes by. */
export function formatOfPath(path: string): string | undefined {
  const ending = /\.(a?vhdx?|vhds|vmdk)$/i.exec(path)?.[1]?.toUpperCase();
  if (ending === 'AVHD') return 'VHD';
  return ending === 'AVHDX' ? 'VHDX' : ending;
}

/** The columns of {@link machineTraits}, by the names that tools give them. */
export const MACHINE_COLUMNS: readonly ExportColumn[] = [
  { key: 'cores', names: ['cores', 'cpus', 'virtualcpu', 'numberofcores'] },
  { key: 'memory', names: ['memoryinmb', 'memorymb', 'memorymib', 'memory', 'provisionedmemorymib'] },
  { key: 'nics', names: ['networkadapters', 'nics', 'numberofnetworkadapters'] },
  { key: 'boot', names: ['boottype', 'firmware'] },
  {
    key: 'os',
    names: [
      ...['operatingsystem', 'osname', 'vmos', 'osaccordingtothevmwaretools', 'ostools'],
      ...['osaccordingtotheconfigurationfile', 'os'],
    ],
  },
  { key: 'architecture', names: ['osarchitecture', 'architecture'] },
];

/** What tools other than Hyper-V say of a machine; their memory is in MiB, whatever they call it. */
export function machineTraits(table: Export, further: Partial<VmTraits> = {}): VmTraits | undefined {
  return knownTraits<VmTraits>({
    cores: coresOf(table.text('cores')),
    memoryBytes: memoryOf(table.text('memory'), MIB),
    nicCount: nicCountOf(table.text('nics')),
    firmware: firmwareOf(table.text('boot')),
    operatingSystem: osOf(table.text('os')),
    architecture: architectureOf(table.text('architecture')),
    ...further,
  });
}

/** Traits as a part of a row: nothing where nothing is known. */
export function withTraits<T>(traits: T | undefined): { readonly traits?: T } {
  return traits === undefined ? {} : { traits };
}
