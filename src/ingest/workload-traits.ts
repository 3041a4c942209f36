import { TIB } from '../units.ts';
import { isObject } from './json-object.ts';

/** What judges one value of a workload file, and reports it where it does not hold. */
interface TraitChecker {
  is(holds: boolean, path: string, value: unknown, message: string): boolean;
  number(value: unknown, least: number, most: number, path: string): value is number;
  text(value: unknown, path: string): value is string;
}

/** A list of the words, a pair of bounds, yes or no, or any text. */
type Shape = readonly unknown[] | { readonly least: number; readonly most: number } | 'flag' | 'text';

const VM_TRAITS: Readonly<Record<string, Shape>> = {
  generation: [1, 2],
  cores: { least: 1, most: 2048 },
  memoryBytes: { least: 1, most: 240 * TIB },
  nicCount: { least: 0, most: 64 },
  operatingSystem: 'text',
  architecture: ['32-bit', '64-bit'],
  firmware: ['BIOS', 'UEFI'],
  isEncrypted: 'flag',
  hasFibreChannel: 'flag',
  isClustered: 'flag',
  hasReplicaBroker: 'flag',
  ioPerSec: { least: 0, most: 1e9 },
  writesPerSec: { least: 0, most: 1e9 },
};

const DISK_TRAITS: Readonly<Record<string, Shape>> = {
  isWholeVm: 'flag',
  isOsDisk: 'flag',
  format: 'text',
  kind: ['fixed', 'dynamic', 'differencing'],
  logicalSectorBytes: { least: 512, most: 65_536 },
  physicalSectorBytes: { least: 512, most: 65_536 },
  isShared: 'flag',
  partitionCount: { least: 0, most: 128 },
  ioPerSec: { least: 0, most: 1e9 },
  writesPerSec: { least: 0, most: 1e9 },
  isWriteSizeKnown: 'flag',
};

export function checkVmTraits(checker: TraitChecker, value: unknown, path: string): void {
  check(checker, value, VM_TRAITS, path);
}

export function checkDiskTraits(checker: TraitChecker, value: unknown, path: string): void {
  check(checker, value, DISK_TRAITS, path);
}

function check(checker: TraitChecker, value: unknown, shapes: Readonly<Record<string, Shape>>, path: string): void {
  if (value === undefined || !checker.is(isObject(value), path, value, 'An object is expected.')) return;
  for (const [key, trait] of Object.entries(value as object)) {
    const shape = Object.hasOwn(shapes, key) ? shapes[key]! : undefined;
    const at = `${path}.${key.slice(0, 80)}`;
    if (shape === undefined) checker.is(false, at, trait, 'There is no such trait.');
    else if (shape === 'text') checker.text(trait, at);
    else if (shape === 'flag') checker.is(typeof trait === 'boolean', at, trait, 'true or false is expected.');
    else if ('least' in shape) checker.number(trait, shape.least, shape.most, at);
    else checker.is(shape.includes(trait), at, trait, `One of ${shape.join(', ')} is expected.`);
  }
}
