import type { Assumption } from './assumption.ts';
import type { DailyWindow } from './clock.ts';
import { DEFAULT_RESYNC_WINDOW, DEFAULT_RULES, type Policy, type RuleParameters } from './policy.ts';
import { SCENARIOS, type ScenarioId } from './scenario.ts';

/** Why a parameter has its default, and who says so. */
interface Explanation {
  readonly reason: string;
  /** A document and its place, or `chosen` where the value is our own. */
  readonly source: string;
}

type PolicyOptions = Omit<Policy, 'rules'>;

/** The commonest way: hosts straight to Azure, no VMM; the other two have been closed to new users since November 2019. */
export const DEFAULT_SCENARIO: ScenarioId = 'hyperv-to-azure';

const ASR_2016 = 'Microsoft, "Hyper-V replication with Azure Site Recovery", 2016';

const POLICY_EXPLANATIONS: { readonly [Name in keyof PolicyOptions]: (scenario: ScenarioId) => Explanation } = {
  scenario: () => ({
    reason:
      'Hyper-V hosts replicate straight to Azure, without VMM: both VMM scenarios have been closed to new machines since November 2019',
    source: 'chosen; Azure documentation, "scvmm-site-recovery-deprecation", 2019-11',
  }),
  copyFrequencyMs: (scenario) =>
    SCENARIOS[scenario].target === 'azure'
      ? {
          reason: 'a replication policy to Azure copies every 5 minutes unless 30 seconds are chosen',
          source: 'Microsoft, "Common questions: Hyper-V to Azure", 2024-12-27, replication frequency',
        }
      : {
          reason: 'Hyper-V Replica copies every 5 minutes unless 30 seconds or 15 minutes are chosen',
          source: 'Win32 documentation, Msvm_ReplicationSettingData: default 300 seconds',
        },
  compressionRatio: () => ({
    reason: 'no compression is counted on until somebody measures it: every log byte is a byte on the wire',
    source: 'chosen; "Azure Site Recovery Capacity Planner", 2019-11-12: not used from Hyper-V to Azure',
  }),
  maxActiveTransfers: (scenario) =>
    SCENARIOS[scenario].target === 'azure'
      ? {
          reason: 'the limit is one of Hyper-V Replica; nothing says that the way to Azure obeys it',
          source: 'chosen',
        }
      : {
          reason: 'Hyper-V Replica sends the logs of 3 VMs of a host at a time; a book says 6 for 2012 R2 and later',
          source: 'Microsoft KB2767928, MaximumActiveTransfers: default 3',
        },
  alignedCuts: () => ({
    reason: 'VMs that were enabled one after another cut their logs at different instants; aligned is the worst case',
    source: 'chosen',
  }),
  resyncWindow: () => ({
    reason: 'an automatic resynchronization starts outside work hours: 18:30 to 06:00, local time',
    source: `${ASR_2016}, "Resynchronization"; Win32 documentation, Msvm_ReplicationSettingData, AutoResynchronizeIntervalStart and -End`,
  }),
};

const RULE_EXPLANATIONS: { readonly [Name in keyof RuleParameters]: Explanation } = {
  retryLadderMs: {
    reason:
      'a recoverable error is tried again after 1, 2, 4, 8 and 10 minutes, then every 30; we read the minutes as the gaps from a failure to the next attempt',
    source: `${ASR_2016}, "Retry logic"; the reading as gaps: chosen`,
  },
  resyncLogRatio: {
    reason: 'a VM is marked for resynchronization when the logs of one of its disks reach 50 % of the disk’s size',
    source: `${ASR_2016}, "Resynchronization"`,
  },
  logEmptyBytes: {
    reason: 'a log begins with its header and a first, empty metadata block, 4,096 bytes each',
    source: '[MS-HRL] v20240423, 2.2 and 2.3; the published log in 3 has this layout',
  },
  logBlockBytes: {
    reason: 'a metadata block is 4,096 bytes by default',
    source: '[MS-HRL] v20240423, 2.2 MetadataSize and 2.3',
  },
  logBlockEntries: {
    reason:
      'a block’s 32-byte header leaves room for (4,096 − 32) ÷ 32 entries; blocks are taken as full, earlier flushes would add metadata',
    source: '[MS-HRL] v20240423, 2.3 and 2.4, from the sizes of the fields',
  },
  snapshotBlockBytes: {
    reason: 'the differencing disk of a snapshot grows by whole blocks; 2 MiB is taken as the block',
    source: 'chosen',
  },
  mergeBytesPerSec: {
    reason:
      'the throughput of merging a snapshot is the storage’s and is published nowhere: 100 MB/s for a plain array',
    source: 'chosen',
  },
  chunkBytes: {
    reason:
      'resynchronization compares fixed chunks, whose size is published nowhere; broken-off transfers resume in the same grain',
    source: `chosen; ${ASR_2016}, "Resynchronization": a fixed-block chunking algorithm`,
  },
  checksumBytes: {
    reason: 'the checksum of a chunk is published nowhere; 32 bytes are a SHA-256',
    source: 'chosen',
  },
  compareBytesPerSec: {
    reason: 'about 80 GB were compared in about an hour: 1.33 GB per minute and disk',
    source: 'Microsoft Virtualization team blog, 2013-05-10, on resynchronization, from its figures',
  },
  enableMs: {
    reason:
      'the time to check the prerequisites and create the relationship is minutes at most against days of sending',
    source: 'chosen',
  },
  finalizeMs: {
    reason: 'the time of the job "Finalize protection" is published nowhere and is minutes at most',
    source: 'chosen',
  },
};

/**
 * Every option of the policy and every parameter of its rules, with its value, its reason and its source. A row is a
 * `default` where its value is the one that nobody had to give.
 */
export function ruleAssumptions(policy: Policy): Assumption[] {
  const { rules, ...options } = policy;
  const scenario = SCENARIOS[policy.scenario];
  const defaults: PolicyOptions = {
    scenario: DEFAULT_SCENARIO,
    copyFrequencyMs: scenario.defaultCopyFrequencyMs,
    compressionRatio: 1,
    maxActiveTransfers: scenario.maxActiveTransfers,
    alignedCuts: false,
    resyncWindow: DEFAULT_RESYNC_WINDOW,
  };
  const optionRows = keysOf(POLICY_EXPLANATIONS).map((name) =>
    row(name, printable(options[name]), printable(defaults[name]), POLICY_EXPLANATIONS[name](policy.scenario)),
  );
  const ruleRows = keysOf(RULE_EXPLANATIONS).map((name) =>
    row(name, rules[name], DEFAULT_RULES[name], RULE_EXPLANATIONS[name]),
  );
  return [...optionRows, ...ruleRows];
}

type Value = Assumption['value'];

function row(name: string, value: Value, defaultValue: Value, explanation: Explanation): Assumption {
  return { name, value, ...explanation, origin: sameValue(value, defaultValue) ? 'default' : 'given' };
}

function sameValue(left: Value, right: Value): boolean {
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return left === right;
  return left.length === right.length && left.every((part, index) => part === right[index]);
}

/** A daily window as people write it: `18:30–06:00`. */
function printable(value: PolicyOptions[keyof PolicyOptions]): Value {
  return typeof value === 'object' && value !== null
    ? `${clockTime(value, 'start')}–${clockTime(value, 'end')}`
    : value;
}

function clockTime(window: DailyWindow, side: 'start' | 'end'): string {
  const minute = side === 'start' ? window.startMinute : window.endMinute;
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

function keysOf<T extends object>(table: T): (keyof T & string)[] {
  return Object.keys(table) as (keyof T & string)[];
}
