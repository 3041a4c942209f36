import type { Assumption } from '../model/assumption.ts';
import type { RunClock } from '../model/clock.ts';
import type { Problem } from '../model/problem.ts';
import type { Receipt } from '../model/receipt.ts';
import type { RuleSet } from '../model/rules.ts';
import type { Component, DataPath, ScenarioId, Statement } from '../model/scenario.ts';
import type { Confidence, RowOfFile } from '../model/workload.ts';
import type {
  EventResult,
  FleetRpo,
  FurtherLinkResult,
  HostResult,
  LinkResult,
  RunSeries,
  VmResult,
  VolumeResult,
} from '../simulate/result.ts';
import type { BitsPerSec, Bytes, BytesPerSec, Millis } from '../units.ts';
import type { BandwidthFailure } from './bandwidth.ts';
import type { BatchPlan } from './batches/batch-parts.ts';
import type { Calibration } from './calibration.ts';
import type { Changes } from './changes.ts';

import type { Compatibility } from './compatibility.ts';
import type { Cost } from './cost.ts';
import type { Derivation } from './derivations/derivation.ts';
import type { ExclusionAdvice } from './exclusion-advice.ts';
import type { Failures } from './failures/types.ts';
import type { PercentileWay } from './percentile-way.ts';
import type { Placement } from './placement.ts';
import type { RecoveryPlanOutcome } from './recovery-plans.ts';
import type { ResyncCost } from './resync-cost.ts';
import type { Runbook } from './runbook.ts';
import type { VolumeSpaceNeed } from './volume-space.ts';

export type { RuleSet } from '../model/rules.ts';
export type { Component, DataPath, Statement } from '../model/scenario.ts';
export type * from '../simulate/result.ts';
export type * from './batches/batch-parts.ts';
export type { Calibration } from './calibration.ts';
export type { Change, ChangeFigures } from './changes.ts';
export type { Compatibility, CompatibilityVerdict, FailedLimit, LimitTally, VmCompatibility } from './compatibility.ts';
export type * from './cost.ts';
export type { Derivation } from './derivations/derivation.ts';
export type { ExclusionAdvice, ExclusionReason } from './exclusion-advice.ts';
export type {
  BackOffShare,
  BreakingOutage,
  Breaks,
  Failures,
  Healing,
  OutageCell,
  ResyncStudy,
  StartTolerance,
  VmResync,
} from './failures/types.ts';
export type { PercentileStep } from './percentile-way.ts';
export type { DiskPlacement, Placement, TierCount, VmPlacement } from './placement.ts';
export type * from './recovery-plans.ts';
export type * from './resync-cost.ts';
export type * from './runbook.ts';
export type { LargestLogs, SpaceCause, VolumeSpaceNeed } from './volume-space.ts';

/** The answer: what `--json` writes and every report renders. Plain data; its JSON Schema is `schemas/plan.schema.json`. */
export interface Plan {
  readonly schema: 'asr-plan/plan@1';
  /** Version of the product that made it. */
  readonly version: string;
  readonly seed: number;
  /** Fingerprint of the run's result: the same run gives the same on the command line and in the report's page. */
  readonly runHash: string;
  readonly scenario: PlanScenario;
  readonly clock: RunClock;
  readonly horizonMs: Millis;
  readonly verdict: Verdict;
  readonly assumptions: readonly Assumption[];
  /** What became of each file that was read. */
  readonly receipts: readonly Receipt[];
  /** Warnings only: with an error there is no plan. */
  readonly problems: readonly Problem[];
  readonly fleet: {
    readonly vmCount: number;
    readonly diskCount: number;
    readonly provisionedBytes: Bytes;
    readonly usedBytes: Bytes;
    /** Mean over the horizon, growth included. */
    readonly churnBytesPerDay: Bytes;
    /** Disks by how well their churn is known. */
    readonly diskCountByConfidence: Readonly<Record<Confidence, number>>;
  };
  readonly link: LinkResult;
  readonly furtherLinks: readonly FurtherLinkResult[];
  readonly hosts: readonly HostResult[];
  /** Between sites only; `null` to Azure, where Microsoft's storage is. */
  readonly replicaStorage: ReplicaStorageNeed | null;
  readonly rpo: FleetRpo;
  readonly recommendation: Recommendation;
  readonly vms: readonly PlanVm[];
  /** Peaks are what logs and snapshots need where there is room for them: the run's own where no volume ran short. */
  readonly volumes: readonly VolumeResult[];
  /** The same volumes in the same order: what their peaks are made of, what is missing, what to do. */
  readonly volumeSpace: readonly VolumeSpaceNeed[];
  /** RTO and data loss of each recovery plan of the site file. */
  readonly recoveryPlans: readonly RecoveryPlanOutcome[];
  /** Faults and administrators' actions of the run, in the order of their instants. */
  readonly events: readonly PlanEvent[];
  /** Disks that may be left out of replication, the most bandwidth first. */
  readonly exclusions: readonly ExclusionAdvice[];
  /** The rules that compatibility and placement were judged by, with the dates of their sources. */
  readonly rules: RuleSet;
  /** Whether each VM can be protected as it is. Incompatible VMs count in all the rest of the plan. */
  readonly compatibility: Compatibility;
  /** Managed disks and sizes of VMs in Azure; `null` between sites. */
  readonly placement: Placement | null;
  /** The set-up tasks with this fleet's values, and the commands; nothing of it was run. */
  readonly runbook: Runbook;
  /** Quantities always; money where prices were given. */
  readonly cost: Cost;
  /** The model held against replication that already runs; `null` where no file measures it. */
  readonly calibration: Calibration | null;
  /** The deployment planner's way of finding the bandwidth, and why it differs. */
  readonly percentileWay: PercentileWay;
  /** What single changes would buy, the most first. */
  readonly changes: Changes;
  /** In which order VMs are enabled together; `null` where initial replication is skipped, or no VM can be protected. */
  readonly batches: BatchPlan | null;
  /** What outages and resynchronizations do, by further simulations. */
  readonly failures: Failures;
  readonly findings: readonly Finding[];
  /** How the fleet's numbers came about. */
  readonly derivations: readonly Derivation[];
  readonly series: RunSeries;
}

/** The way of replication: what it is made of, and which way the data goes. */
export interface PlanScenario {
  readonly id: ScenarioId;
  readonly title: string;
  /** The run's own; a VM may have another. */
  readonly copyFrequencyMs: Millis;
  readonly components: readonly Component[];
  readonly paths: readonly DataPath[];
  /** What never goes where, what is encrypted, and why nobody can begin with it any more. */
  readonly notes: readonly Statement[];
}

/** What the replicas' storage has to bear (semantics 14, 29). */
export interface ReplicaStorageNeed {
  /** What it can write; `null` where the site file does not say. */
  readonly writeBytesPerSec: BytesPerSec | null;
  /** Bytes written for each byte of a log: the least and the most of the fleet's VMs, by whether they keep recovery points. */
  readonly writeRatioLeast: number;
  readonly writeRatioMost: number;
  /** Applying the deltas, over the horizon, and in the busiest bucket of the traffic series. */
  readonly meanWriteBytesPerSec: BytesPerSec;
  readonly peakWriteBytesPerSec: BytesPerSec;
  /** Full copies of the protected disks' used bytes, and the most that kept recovery points took beside them (the sum of the VMs' peaks). */
  readonly replicaBytes: Bytes;
  readonly recoveryPointPeakBytes: Bytes;
}

/** A fault or an action, in the words of the command line, and what became of it. */
export interface PlanEvent extends EventResult {
  readonly text: string;
}

export interface Verdict {
  /** All objectives are met; the exit code is 0, else 1. */
  readonly met: boolean;
  /** One sentence. */
  readonly sentence: string;
  readonly objectives: readonly Objective[];
}

export interface Objective {
  readonly id: 'rpo' | 'initial-replication' | 'volume-space' | 'protection';
  readonly title: string;
  readonly met: boolean;
  /** What was found, in words with units. */
  readonly found: string;
}

export interface Recommendation {
  /**
   * Smallest bandwidth on a grid of three significant digits at which a run met the RPO all the time (from each VM's first
   * delta on) and every VM had its first delta; `null` where none of the tried ones did. The next grid value below failed.
   */
  readonly bitsPerSecForRpoAlways: BitsPerSec | null;
  /** The same for at least 95 % of the VM-time, and for 90 %. */
  readonly bitsPerSecForRpo95: BitsPerSec | null;
  readonly bitsPerSecForRpo90: BitsPerSec | null;
  /** As `…Always`, `…95` and `…90`, for a fleet whose initial replication is done: what the deltas alone need. */
  readonly deltaOnlyBitsPerSecForRpoAlways: BitsPerSec | null;
  readonly deltaOnlyBitsPerSecForRpo95: BitsPerSec | null;
  readonly deltaOnlyBitsPerSecForRpo90: BitsPerSec | null;
  /** What failed at the grid's next value below `…Always`; `null` where nothing did. */
  readonly failsBelow: BandwidthFailure | null;
  readonly deltaOnlyFailsBelow: BandwidthFailure | null;
  /** What initial replication needs to be through in a wanted time; `null` where nobody named one. */
  readonly initialReplication: InitialReplicationNeed | null;
  /** What other objectives need, read off the runs of `tradeoff`. */
  readonly objectives: readonly ObjectiveNeed[];
  /** Every run of the search and some around it, ascending by bandwidth: for the trade-off chart. */
  readonly tradeoff: readonly TradeoffPoint[];
}

/** The answer to `--ir-within`. */
export interface InitialReplicationNeed {
  readonly withinMs: Millis;
  /** Smallest bandwidth on the grid; `null` where none does. */
  readonly bitsPerSec: BitsPerSec | null;
}

/** Between which two tried bandwidths the one lies that another objective needs. */
export interface ObjectiveNeed {
  readonly rpoMs: Millis;
  /** Smallest tried one at which no recovery point was older, and every larger one too; `null` where none was. */
  readonly meetsBitsPerSec: BitsPerSec | null;
  /** Largest tried one below it, at which one was; `null` where none was tried. */
  readonly failsBitsPerSec: BitsPerSec | null;
}

export interface TradeoffPoint {
  readonly bitsPerSec: BitsPerSec;
  /** Ages from each VM's first delta on; `null` where no VM got that far. */
  readonly rpoP50Ms: Millis | null;
  readonly rpoP95Ms: Millis | null;
  readonly rpoMaxMs: Millis | null;
  readonly withinTargetFraction: number | null;
  /** End of the last initial replication; `null` where one did not end within the horizon. */
  readonly initialReplicationEndMs: Millis | null;
}

export interface PlanVm extends VmResult {
  readonly host: string;
  readonly diskCount: number;
  readonly provisionedBytes: Bytes;
  readonly usedBytes: Bytes;
  readonly churnBytesPerDay: Bytes;
  /** How well the churn of the VM's worst known disk is known. */
  readonly confidence: Confidence;
  /** The VM's own copy frequency. */
  readonly copyFrequencyMs: Millis;
  /** The cloud of VMM that it belongs to; `null` where none is named. */
  readonly cloud: string | null;
  /** Volumes with a disk of it, as `volumes` names them, and recovery plans that it is in. */
  readonly volumes: readonly string[];
  readonly recoveryPlans: readonly string[];
  /** The rows of the files that told of its disks first; empty where no file did. */
  readonly readFrom: readonly RowOfFile[];
  /** What a resynchronization costs that the half-disk rule forces, and a full copy instead. */
  readonly resyncCost: ResyncCost;
}

/** What a rule has judged: the most serious first, what is fine last. `docs/findings.md` lists the rules. */
export interface Finding {
  /** The rule's name, a noun: `log-space`. */
  readonly id: string;
  readonly ok: boolean;
  /** `null` where it is fine. */
  readonly severity: 'broken' | 'warning' | 'note' | null;
  /** One sentence with the numbers in it. */
  readonly title: string;
  /** The number that was judged; `null` where there is none. */
  readonly value: number | null;
  readonly unit: FindingUnit;
  /** Why it matters, from what it follows. */
  readonly why: string;
  /** VMs, volumes, hosts, disks or times concerned, the worst first; the first twenty of `evidenceCount`. */
  readonly evidence: readonly string[];
  readonly evidenceCount: number;
  /** What to do; `null` where it is fine. */
  readonly action: string | null;
  /** Source of the rule. */
  readonly source: string;
}

/** `share`: of 1. `times`: of the mean. `ratio`: of two like numbers. */
export type FindingUnit =
  | ('ms' | 'bytes' | 'bit/s' | 'share' | 'ratio' | 'times')
  | ('VMs' | 'disks' | 'volumes' | 'intervals' | 'lines');
