import { formatDurationMs } from '../units.ts';
import type { Assumption } from './assumption.ts';
import type { DailyWindow } from './clock.ts';
import {
  DEFAULT_RESYNC_WINDOW,
  DEFAULT_RULES,
  INITIAL_REPLICATION_AT_ONCE,
  type InitialReplicationPlan,
  type Policy,
  type RuleParameters,
} from './policy.ts';
import { SCENARIOS, type Scenario, type ScenarioId } from './scenario.ts';

/** Why a parameter has its default, and who says so. */
interface Explanation {
  readonly reason: string;
  /** A document and its place, or `chosen` where the value is our own. */
  readonly source: string;
}

type PolicyOptions = Omit<Policy, 'rules'>;

/** The commonest way: hosts straight to Azure, no VMM; the other two have been closed to new users since November 2019. */
export const DEFAULT_SCENARIO: ScenarioId = 'hyperv-to-azure';

/** The policy that nobody had to give. */
export function defaultPolicy(id: ScenarioId): Policy {
  const scenario = SCENARIOS[id];
  return {
    scenario: id,
    copyFrequencyMs: scenario.copyFrequencyMs.default,
    compressionRatio: 1,
    authentication: scenario.authentication.default,
    recoveryPointHours: scenario.recoveryPointHours.default,
    appConsistentHours: scenario.appConsistentHours.default,
    initialReplication: INITIAL_REPLICATION_AT_ONCE,
    maxActiveTransfers: scenario.maxActiveTransfers.default,
    alignedCuts: false,
    resyncWindow: DEFAULT_RESYNC_WINDOW,
    rules: DEFAULT_RULES,
    overrides: [],
  };
}

const ASR_2016 = 'Microsoft, "Hyper-V replication with Azure Site Recovery", 2016';

const POLICY_EXPLANATIONS: { readonly [Name in keyof PolicyOptions]: (policy: Policy) => Explanation } = {
  scenario: ({ scenario }) => scenarioExplanation(SCENARIOS[scenario]),
  copyFrequencyMs: ({ scenario }) => SCENARIOS[scenario].copyFrequencyMs,
  compressionRatio: ({ scenario }) => ({
    reason: 'no compression is counted on until somebody measures it: every log byte is a byte on the wire',
    source: `chosen; ${SCENARIOS[scenario].policyCompression.source}`,
  }),
  authentication: ({ scenario }) => SCENARIOS[scenario].authentication,
  recoveryPointHours: ({ scenario }) => SCENARIOS[scenario].recoveryPointHours,
  appConsistentHours: ({ scenario }) => SCENARIOS[scenario].appConsistentHours,
  initialReplication: ({ scenario, initialReplication }) =>
    INITIAL_REPLICATION_EXPLANATIONS[initialReplication.mode] ?? SCENARIOS[scenario].initialReplicationMode,
  maxActiveTransfers: ({ scenario }) => SCENARIOS[scenario].maxActiveTransfers,
  alignedCuts: () => ({
    reason: 'VMs that were enabled one after another cut their logs at different instants; aligned is the worst case',
    source: 'chosen',
  }),
  resyncWindow: () => ({
    reason: 'an automatic resynchronization starts outside work hours: 18:30 to 06:00, local time',
    source: `${ASR_2016}, "Resynchronization"; Win32 documentation, Msvm_ReplicationSettingData, AutoResynchronizeIntervalStart and -End`,
  }),
  overrides: ({ overrides }) => overridesExplanation(overrides),
};

function scenarioExplanation({ title, closedNote }: Scenario): Explanation {
  if (closedNote !== null) return { reason: `${title}. ${closedNote.text}`, source: closedNote.source };
  return {
    reason:
      'Hyper-V hosts replicate straight to Azure, without VMM: both VMM scenarios have been closed to new machines since November 2019',
    source: 'chosen; Azure documentation, "scvmm-site-recovery-deprecation", 2019-11',
  };
}

/** What a way other than over the network rests on. */
const INITIAL_REPLICATION_EXPLANATIONS: Partial<Record<InitialReplicationPlan['mode'], Explanation>> = {
  media: {
    reason:
      'the first copy travels on media; unless it was given, three days pass from the end of the export to the import: a courier, and somebody on either side',
    source: 'chosen; Microsoft Virtualization team blog, 2013-06-28',
  },
  existing: {
    reason:
      'a copy lies at the target already; unless its age was given, it is a week old: restored from the last full backup',
    source: 'chosen; Microsoft, Windows Server documentation, "Set up Hyper-V Replica", 2025-01-16',
  },
};

function overridesExplanation(overrides: Policy['overrides']): Explanation {
  const unprotected = overrides.filter((override) => override.missingPrerequisite !== undefined).length;
  const also = unprotected === 0 ? '' : `; ${unprotected} of them cannot be protected, as a prerequisite is missing`;
  return {
    reason:
      overrides.length === 0
        ? 'every VM goes by the settings above'
        : `so many VMs have settings of their own, from their policy, their cloud’s, their batch or their own word in the site file${also}`,
    source: overrides.length === 0 ? 'chosen' : 'given by the user',
  };
}

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
  exportBytesPerSec: {
    reason:
      'the throughput of an export is that of the storage and the media: 100 MB/s for a plain array onto a hard disk',
    source: 'chosen',
  },
  volumeReserveRatio: {
    reason: 'below this share of free space sending is a low-disk-space error; no floor is published',
    source: `chosen; ${ASR_2016}, "Retry logic": low disk space`,
  },
  uploadThreadsPerVm: {
    reason:
      'the agent uploads a VM over four connections at once, at most 32 by its registry; this matters where a round trip is given',
    source: 'Microsoft, Azure Site Recovery documentation, "Manage network bandwidth usage", UploadThreadsPerVM',
  },
  tcpWindowBytes: {
    reason: 'Windows lets a receive window grow to 16 MiB at its normal level of autotuning',
    source: 'chosen; RFC 9293, 3.4 and 3.8.6: at most a window is under way in one round trip',
  },
  tcpSegmentBytes: {
    reason: 'an Ethernet frame of 1,500 bytes less 40 bytes of IPv4 and TCP headers',
    source: 'RFC 6691; RFC 894',
  },
  replicaWriteRatio: {
    reason: 'the recovery side performed about 1.5 I/O operations for each write of the primary; taken for bytes, too',
    source: 'Microsoft, "Performance and scaling test results for Hyper-V replication between on-premises sites", 2019',
  },
  replicaWriteRatioWithPoints: {
    reason: 'undo logs for kept recovery points raise it to two or three times the writes; three is the safe side',
    source: 'Microsoft Virtualization team blog, 2014-01-27, on improvements in recovery history',
  },
  vhdxGrowthRatio: {
    reason: 'writes fall on blocks that the virtual disk has already, until somebody knows how fast its file grows',
    source: 'chosen',
  },
  failoverMs: {
    reason:
      'the time until a replica is ready to start is published nowhere; Site Recovery’s service level is two hours, a bound',
    source: 'chosen',
  },
  bootMs: {
    reason: 'the time from a guest’s start until it serves is its own; no figure is published',
    source: 'chosen',
  },
  detectionMs: {
    reason: 'until somebody knows of a disaster; monitoring asks every few minutes, and somebody has to look',
    source: 'chosen',
  },
  decisionMs: {
    reason: 'until somebody has decided to fail over; a team on call, not a crisis board',
    source: 'chosen',
  },
};

/**
 * Every option of the policy and every parameter of its rules, with its value, its reason and its source. A row is a
 * `default` where its value is the one that nobody had to give.
 */
export function ruleAssumptions(policy: Policy): Assumption[] {
  const defaults: Policy = { ...defaultPolicy(policy.scenario), scenario: DEFAULT_SCENARIO };
  const optionRows = keysOf(POLICY_EXPLANATIONS).map((name) =>
    row(name, printable(policy[name]), printable(defaults[name]), POLICY_EXPLANATIONS[name](policy)),
  );
  const ruleRows = keysOf(RULE_EXPLANATIONS).map((name) =>
    row(name, policy.rules[name], DEFAULT_RULES[name], RULE_EXPLANATIONS[name]),
  );
  return [...optionRows, ...ruleRows];
}

/** `network, at once`, `media, 3 d on the way, from 1 d on`: how the first full copy gets to the target, for people. */
export function initialReplicationText(plan: InitialReplicationPlan): string {
  const how = {
    network: 'network',
    media: `media, ${formatDurationMs(plan.shippingMs)} on the way`,
    existing: `existing copy, ${formatDurationMs(plan.existingAgeMs)} old`,
  }[plan.mode];
  return `${how}, ${plan.startAtMs <= plan.enableAtMs ? 'at once' : `from ${formatDurationMs(plan.startAtMs)} on`}`;
}

type Value = Assumption['value'];

function row(name: string, value: Value, defaultValue: Value, { reason, source }: Explanation): Assumption {
  return { name, value, reason, source, origin: sameValue(value, defaultValue) ? 'default' : 'given' };
}

function sameValue(left: Value, right: Value): boolean {
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return left === right;
  return left.length === right.length && left.every((part, index) => part === right[index]);
}

/** What an assumption can carry: windows and plans as text, VMs of their own by their number. */
function printable(value: PolicyOptions[keyof PolicyOptions]): Value {
  if (typeof value !== 'object' || value === null) return value;
  if ('mode' in value) return initialReplicationText(value);
  return 'startMinute' in value ? `${clockTime(value, 'start')}–${clockTime(value, 'end')}` : value.length;
}

function clockTime(window: DailyWindow, side: 'start' | 'end'): string {
  const minute = side === 'start' ? window.startMinute : window.endMinute;
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

function keysOf<T extends object>(table: T): (keyof T & string)[] {
  return Object.keys(table) as (keyof T & string)[];
}
