import { type Bytes, GIB, KIB, MIB, TIB } from '../units.ts';
import type { ScenarioId } from './scenario.ts';

/** A file of rules, as it is shipped (`rules/*.json`) and as a user gives it with `--rules` (`schemas/rules.schema.json`). */
export interface RuleFile {
  readonly schema: 'asr-plan/rules@1';
  /** What the file is about. */
  readonly title: string;
  readonly limits?: readonly Limit[];
  readonly diskTiers?: readonly DiskTier[];
  readonly vmSizes?: readonly VmSize[];
}

export const RULES_SCHEMA = 'asr-plan/rules@1';

/** Where a rule is from. Documents change: a rule without the date of its source is no rule. */
export interface Sourced {
  /** Unique among the rules of its kind: a later file's rule of the same id takes its place. */
  readonly id: string;
  /** The document's title. */
  readonly source: string;
  /** The document's own date, `2020-01-27`. */
  readonly sourceDate: string;
  /** How it was read, and what contradicts it. */
  readonly note?: string;
}

/** What a VM or one of its disks must meet. */
export interface Limit extends Sourced, Demand {
  readonly title: string;
  readonly scenarios: readonly ScenarioId[];
  /** The limit counts only where all of them are met. */
  readonly when?: readonly Demand[];
  readonly effect: Effect;
  /** What to do where it is not met. */
  readonly action: string;
  /** What to collect where the value is not known. */
  readonly collect: string;
}

/**
 * What it means where the limit is not met. `incompatible`: the VM cannot be protected so. `advice`: it can, but something has to be done.
 * `premium`: its replica needs premium storage.
 */
export type Effect = (typeof EFFECTS)[number];
export const EFFECTS: readonly ['incompatible', 'advice', 'premium'] = ['incompatible', 'advice', 'premium'];

/** One comparison of a field's value with a limit. */
export interface Demand {
  readonly field: FieldId;
  readonly comparison: Comparison;
  readonly limit: LimitValue;
  /** Of the limit; values are shown in it too. */
  readonly unit: RuleUnit;
}

/** Of `one-of` a list of words, else one value. */
export type LimitValue = number | boolean | string | readonly string[];
export type Comparison = (typeof COMPARISONS)[number];
export const COMPARISONS: readonly ['at-most', 'less-than', 'at-least', 'equals', 'one-of'] = [
  'at-most',
  'less-than',
  'at-least',
  'equals',
  'one-of',
];

/** What a field's values are. */
export type Dimension = 'bytes' | 'bytesPerSec' | 'bytesPerDay' | 'perSec' | 'count' | 'yesNo' | 'word';

/** A managed disk of Azure. */
export interface DiskTier extends Sourced {
  readonly type: DiskType;
  readonly sizeGib: number;
  /** Provisioned, without bursts. */
  readonly iops: number;
  readonly megabytesPerSec: number;
}

export type DiskType = (typeof DISK_TYPES)[number];
export const DISK_TYPES: readonly ['standard-hdd', 'standard-ssd', 'premium-ssd'] = [
  'standard-hdd',
  'standard-ssd',
  'premium-ssd',
];

/** A size of Azure's virtual machines. */
export interface VmSize extends Sourced {
  readonly cores: number;
  readonly memoryGib: number;
  readonly dataDiskCount: number;
  readonly nicCount: number;
  /** Of all disks without the cache, without bursts. */
  readonly iops: number;
}

/** Each unit that a limit may have, with its dimension and its factor to the unit that is computed in. */
export const RULE_UNITS: {
  readonly [unit: string]: { readonly dimension: Dimension; readonly factor: Bytes | number };
} = {
  bytes: { dimension: 'bytes', factor: 1 },
  KiB: { dimension: 'bytes', factor: KIB },
  MiB: { dimension: 'bytes', factor: MIB },
  GiB: { dimension: 'bytes', factor: GIB },
  TiB: { dimension: 'bytes', factor: TIB },
  GB: { dimension: 'bytes', factor: 1e9 },
  TB: { dimension: 'bytes', factor: 1e12 },
  'MiB/s': { dimension: 'bytesPerSec', factor: MIB },
  'MB/s': { dimension: 'bytesPerSec', factor: 1e6 },
  'GiB/day': { dimension: 'bytesPerDay', factor: GIB },
  'GB/day': { dimension: 'bytesPerDay', factor: 1e9 },
  IOPS: { dimension: 'perSec', factor: 1 },
  count: { dimension: 'count', factor: 1 },
  'yes/no': { dimension: 'yesNo', factor: 1 },
  word: { dimension: 'word', factor: 1 },
};
export type RuleUnit = string;

/** What rules can ask of a disk or of its VM. */
export type FieldId =
  | 'disk.sizeBytes'
  | 'disk.isOsDisk'
  | 'disk.format'
  | 'disk.is4kNative'
  | 'disk.isShared'
  | 'disk.isOnClusterStorage'
  | 'disk.partitionCount'
  | 'disk.ioPerSec'
  | 'vm.generation'
  | 'vm.diskCount'
  | 'vm.dataDiskCount'
  | 'vm.osDiskCount'
  | 'vm.provisionedBytes'
  | 'vm.nameLength'
  | 'vm.nameOddCharacterCount'
  | 'vm.osFamily'
  | 'vm.windowsServerYear'
  | 'vm.architecture'
  | 'vm.isEncrypted'
  | 'vm.hasFibreChannel'
  | 'vm.isOnClusterNode'
  | 'vm.hasReplicaBroker'
  | 'vm.cores'
  | 'vm.memoryBytes'
  | 'vm.nicCount'
  | 'vm.ioPerSec'
  | 'vm.writesPerSec'
  | 'vm.meanWriteBytes'
  | 'vm.churnBytesPerSec'
  | 'vm.busiestDayChurnBytesPerDay'
  | 'vm.recoveryPointBytes';

/** Each field that rules can ask for, with the dimension of its values. */
export const RULE_FIELDS: Readonly<Record<FieldId, Dimension>> = {
  'disk.sizeBytes': 'bytes',
  'disk.isOsDisk': 'yesNo',
  'disk.format': 'word',
  'disk.is4kNative': 'yesNo',
  'disk.isShared': 'yesNo',
  'disk.isOnClusterStorage': 'yesNo',
  'disk.partitionCount': 'count',
  'disk.ioPerSec': 'perSec',
  'vm.generation': 'count',
  'vm.diskCount': 'count',
  'vm.dataDiskCount': 'count',
  'vm.osDiskCount': 'count',
  'vm.provisionedBytes': 'bytes',
  'vm.nameLength': 'count',
  'vm.nameOddCharacterCount': 'count',
  'vm.osFamily': 'word',
  'vm.windowsServerYear': 'count',
  'vm.architecture': 'word',
  'vm.isEncrypted': 'yesNo',
  'vm.hasFibreChannel': 'yesNo',
  'vm.isOnClusterNode': 'yesNo',
  'vm.hasReplicaBroker': 'yesNo',
  'vm.cores': 'count',
  'vm.memoryBytes': 'bytes',
  'vm.nicCount': 'count',
  'vm.ioPerSec': 'perSec',
  'vm.writesPerSec': 'perSec',
  'vm.meanWriteBytes': 'bytes',
  'vm.churnBytesPerSec': 'bytesPerSec',
  'vm.busiestDayChurnBytesPerDay': 'bytesPerDay',
  'vm.recoveryPointBytes': 'bytes',
};

/** The rules in force: shipped ones, and those of the user's files in their place or beside them. */
export interface RuleSet {
  readonly files: readonly RuleFileUse[];
  readonly limits: readonly LimitInForce[];
  readonly diskTiers: readonly DiskTier[];
  readonly vmSizes: readonly VmSize[];
}

/** A file of rules, and what of it is in force. */
export interface RuleFileUse {
  readonly file: string;
  readonly title: string;
  /** Rules of all kinds in it, and how many of them a later file has taken the place of. */
  readonly ruleCount: number;
  readonly replacedCount: number;
  /** The least and the greatest date of its rules' sources; `null` where it has no rule. */
  readonly oldestSourceDate: string | null;
  readonly newestSourceDate: string | null;
}

export interface LimitInForce extends Limit {
  /** The file that it is from. */
  readonly file: string;
  /** The limit that it took the place of; `null` where it took none. */
  readonly replaced: Pick<Limit, 'limit' | 'unit' | 'source' | 'sourceDate'> | null;
}

/** Puts files of rules together: of one id the last file's rule counts, in the place of the first. */
export function ruleSetOf(files: readonly { readonly file: string; readonly rules: RuleFile }[]): RuleSet {
  const limits = new Map<string, LimitInForce>();
  const tiers = new Map<string, { readonly file: string; readonly rule: DiskTier }>();
  const sizes = new Map<string, { readonly file: string; readonly rule: VmSize }>();
  for (const { file, rules } of files) {
    for (const rule of rules.limits ?? []) {
      const before = limits.get(rule.id);
      const replaced = before === undefined ? null : pick(before);
      limits.set(rule.id, { ...rule, file, replaced });
    }
    for (const rule of rules.diskTiers ?? []) tiers.set(rule.id, { file, rule });
    for (const rule of rules.vmSizes ?? []) sizes.set(rule.id, { file, rule });
  }
  const inForce = new Map<string, number>();
  for (const { file } of [...limits.values(), ...tiers.values(), ...sizes.values()]) {
    inForce.set(file, (inForce.get(file) ?? 0) + 1);
  }
  return {
    files: files.map(({ file, rules }) => useOf(file, rules, inForce.get(file) ?? 0)),
    limits: [...limits.values()],
    diskTiers: [...tiers.values()].map(({ rule }) => rule),
    vmSizes: [...sizes.values()].map(({ rule }) => rule),
  };
}

function pick({ limit, unit, source, sourceDate }: Limit): LimitInForce['replaced'] {
  return { limit, unit, source, sourceDate };
}

function useOf(file: string, { title, limits, diskTiers, vmSizes }: RuleFile, inForceCount: number): RuleFileUse {
  const all: readonly Sourced[] = [...(limits ?? []), ...(diskTiers ?? []), ...(vmSizes ?? [])];
  const dates = all.map(({ sourceDate }) => sourceDate).sort();
  return {
    ...{ file, title, ruleCount: all.length, replacedCount: all.length - inForceCount },
    ...{ oldestSourceDate: dates[0] ?? null, newestSourceDate: dates.at(-1) ?? null },
  };
}
