import { type Bytes, type BytesPerSec, MIB, MINUTE_MS, type Millis } from '../units.ts';
import type { DailyWindow } from './clock.ts';
import type { ScenarioId } from './scenario.ts';

/** How the fleet is replicated: the scenario's options and every rule's parameter. Plain data. */
export interface Policy extends ReplicationSettings {
  readonly scenario: ScenarioId;
  /** `null` = no limit (semantics 15). */
  readonly maxActiveTransfers: number | null;
  /** All cuts at multiples of T instead of spread over it (semantics 12). */
  readonly alignedCuts: boolean;
  /** Local time in which an automatic resynchronization may start (semantics 24). */
  readonly resyncWindow: DailyWindow;
  readonly rules: RuleParameters;
  /** VMs that are replicated otherwise: by the policy of their cloud, in a batch, or by their own word. */
  readonly overrides: readonly VmOverride[];
}

/** What one VM's replication goes by: a replication policy in the product's sense. */
export interface ReplicationSettings {
  /** Interval between two cuts, T (semantics 12). */
  readonly copyFrequencyMs: Millis;
  /** Wire bytes per log byte before the link's efficiency; 1 = none (semantics 5). */
  readonly compressionRatio: number;
  /** How the two sites' hosts prove who they are; `null` to Azure, where the vault's registration does. */
  readonly authentication: Authentication | null;
  /** Additional recovery points, an hour apart, are kept for so long; 0 = only the latest (semantics 29). */
  readonly recoveryPointHours: number;
  /** Hours between app-consistent snapshots; `null` = none are taken. */
  readonly appConsistentHours: number | null;
  readonly initialReplication: InitialReplicationPlan;
}

export type Authentication = 'kerberos' | 'certificate';

/** How the first full copy gets to the target, and when (semantics 6, 11). */
export interface InitialReplicationPlan {
  readonly mode: InitialReplicationMode;
  /** When protection is enabled: 0, or the VM's batch. */
  readonly enableAtMs: Millis;
  /** Once enabled, wait until then before the first byte; at or before `enableAtMs` = at once. */
  readonly startAtMs: Millis;
  /** `media`: from the end of the export until its import at the target is done. */
  readonly shippingMs: Millis;
  /** `existing`: how old the copy is that lies at the target already, at the start of the run. */
  readonly existingAgeMs: Millis;
}

/** Over the network; by an export on media that travels; onto a replica VM that exists already (semantics 11). */
export type InitialReplicationMode = 'network' | 'media' | 'existing';

export interface VmOverride {
  readonly vm: string;
  readonly settings: Partial<ReplicationSettings>;
  /** Why protection cannot be enabled: the job says so, and the VM stays unprotected (semantics 6). */
  readonly missingPrerequisite?: string;
}

/** A VM's own settings, VMs in the order of `names`. */
export function settingsOf(policy: Policy, names: readonly string[]): ReplicationSettings[] {
  const own = new Map(policy.overrides.map((override) => [override.vm, override.settings]));
  return names.map((name) => ({ ...policy, ...own.get(name) }));
}

/** The parameters of the rules, each with its default in {@link DEFAULT_RULES} and its source in `defaults.ts`. */
export interface RuleParameters {
  /** Gaps between an attempt's failure and the next attempt; the last one repeats (semantics 20). */
  readonly retryLadderMs: readonly Millis[];
  /** Share of the disk's virtual size at which its logs make the VM be marked (semantics 23). */
  readonly resyncLogRatio: number;
  /** HRL size law: bytes of a log without entries (semantics 4). */
  readonly logEmptyBytes: Bytes;
  /** HRL size law: bytes of one metadata block. */
  readonly logBlockBytes: Bytes;
  /** HRL size law: entries that one metadata block holds. */
  readonly logBlockEntries: number;
  /** A snapshot's differencing disk grows by whole blocks (semantics 8). */
  readonly snapshotBlockBytes: Bytes;
  readonly mergeBytesPerSec: BytesPerSec;
  /** Chunk of a resynchronization, and the grain in which broken-off transfers resume (semantics 10, 25). */
  readonly chunkBytes: Bytes;
  readonly checksumBytes: Bytes;
  /** Reading and comparing, per disk (semantics 25). */
  readonly compareBytesPerSec: BytesPerSec;
  readonly enableMs: Millis;
  readonly finalizeMs: Millis;
  /** Exporting the first copy to media (semantics 11). */
  readonly exportBytesPerSec: BytesPerSec;
  /** Free share of a volume's capacity below which sending is a low-disk-space error (semantics 22). */
  readonly volumeReserveRatio: number;
  /** Parallel uploads of one VM to Azure, where its host's registry says nothing else; between sites it is one. */
  readonly uploadThreadsPerVm: number;
  /** TCP: most bytes under way on one connection, and the payload of one segment; they cap a connection by round trip and loss. */
  readonly tcpWindowBytes: Bytes;
  readonly tcpSegmentBytes: Bytes;
  /** Bytes that the replica's storage writes for each byte of a log that it applies: without, and with kept recovery points. */
  readonly replicaWriteRatio: number;
  readonly replicaWriteRatioWithPoints: number;
  /** Share of the distinct written bytes that falls where the virtual disk has no block yet, so that its file grows. */
  readonly vhdxGrowthRatio: number;
  /** Getting a replica ready to start, and its guest's start until it serves (semantics 30). */
  readonly failoverMs: Millis;
  readonly bootMs: Millis;
  /** Until somebody knows of a disaster, and has decided to fail over. */
  readonly detectionMs: Millis;
  readonly decisionMs: Millis;
}

export const DEFAULT_RULES: RuleParameters = {
  retryLadderMs: [1, 2, 4, 8, 10, 30].map((minutes) => minutes * MINUTE_MS),
  resyncLogRatio: 0.5,
  logEmptyBytes: 8192,
  logBlockBytes: 4096,
  logBlockEntries: 127,
  snapshotBlockBytes: 2 * MIB,
  mergeBytesPerSec: 100e6,
  chunkBytes: MIB,
  checksumBytes: 32,
  compareBytesPerSec: 1.33e9 / 60,
  enableMs: 0,
  finalizeMs: 0,
  exportBytesPerSec: 100e6,
  volumeReserveRatio: 0.05,
  uploadThreadsPerVm: 4,
  tcpWindowBytes: 16 * MIB,
  tcpSegmentBytes: 1460,
  replicaWriteRatio: 1.5,
  replicaWriteRatioWithPoints: 3,
  vhdxGrowthRatio: 0,
  failoverMs: 2 * MINUTE_MS,
  bootMs: 3 * MINUTE_MS,
  detectionMs: 10 * MINUTE_MS,
  decisionMs: 20 * MINUTE_MS,
};

/** Over the network, enabled and started at 0 (semantics 6). */
export const INITIAL_REPLICATION_AT_ONCE: InitialReplicationPlan = {
  mode: 'network',
  enableAtMs: 0,
  startAtMs: 0,
  shippingMs: 0,
  existingAgeMs: 0,
};

/** Outside work hours: 18:30 to 06:00 local (facts 4: AutoResynchronizeIntervalStart/End). */
export const DEFAULT_RESYNC_WINDOW: DailyWindow = { startMinute: 18 * 60 + 30, endMinute: 6 * 60 };

/** Mean size of a write where nobody measured it (semantics 4). */
export const DEFAULT_MEAN_WRITE_BYTES: Bytes = 8192;
/** Share of the link that carries payload (semantics 5). */
export const DEFAULT_LINK_EFFICIENCY_RATIO = 0.95;
