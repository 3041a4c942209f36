import type { Run } from '../../model/run.ts';
import type { RunResult, VolumeResult } from '../../simulate/result.ts';
import type { BandwidthAnswer } from '../bandwidth.ts';
import type { Finding, PlanVm } from '../plan.ts';

/** What a finding may look at. */
export interface Evidence {
  readonly run: Run;
  readonly result: RunResult;
  readonly vms: readonly PlanVm[];
  /** Volumes with what logs and snapshots need on them. */
  readonly volumes: readonly VolumeResult[];
  readonly bandwidth: BandwidthAnswer;
  /** The search over the fleet without its initial replication. */
  readonly deltaOnly: BandwidthAnswer;
  /** The run at the bandwidth that the deltas alone need; absent where there is none, or no initial replication. */
  readonly atDeltaOnly: RunResult | undefined;
}

/** A rule that judges a run: the file's name is its id. `undefined` where there is nothing to say. */
export type FindingRule = (evidence: Evidence) => Finding | undefined;

/** `12 VMs`, `1 VM`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}
