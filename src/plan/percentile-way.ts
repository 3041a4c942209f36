import { settingsOf } from '../model/policy.ts';
import type { Run } from '../model/run.ts';
import { entryRunBytes, logFileBytes } from '../replication/log-size.ts';
import { ChurnIntegral } from '../simulate/churn-integral.ts';
import { type BitsPerSec, MINUTE_MS, type Millis } from '../units.ts';
import type { BandwidthAnswer } from './bandwidth.ts';

/**
 * The bandwidth by percentile and growth, as the deployment planner's published parts have it, and the steps from there to this plan's.
 * Published: each VM's churn is the 95th percentile of its values in time, summed over its disks, times 1 + growth, 30 % unless told
 * otherwise (Azure Site Recovery Deployment Planner for Hyper-V, 2019-10-21 and 2026-01-12; facts 2.1, 2.3). How it makes a bandwidth of
 * them is published nowhere: adding the VMs up is our reading.
 */
export interface PercentileWay {
  readonly percentile: number;
  readonly growthRatio: number;
  /** The churn's values are means over so long: the planner's own are of a minute. */
  readonly bucketMs: Millis;
  readonly bitsPerSec: BitsPerSec;
  /** From there to what the simulation found; each adds to the one before. Empty where nothing is written. */
  readonly steps: readonly PercentileStep[];
}

export interface PercentileStep {
  readonly id: 'growth' | 'coincidence' | 'peaks' | 'wire' | 'waiting' | 'catching-up';
  readonly title: string;
  readonly why: string;
  /** What the step adds; negative where it takes away. */
  readonly changeBitsPerSec: BitsPerSec;
  /** The figure after it. */
  readonly bitsPerSec: BitsPerSec;
}

const PERCENTILE = 0.95;
const PLANNER_GROWTH_RATIO = 0.3;
/** Values of all VMs together that are looked at; longer buckets where there would be more. [chosen] */
const VALUES_MOST = 4_000_000;

/** @param answers of the searches with and without initial replication, whose bandwidths for the RPO at all times the steps end at */
export function percentileWay(run: Run, bandwidth: BandwidthAnswer, deltaOnly: BandwidthAnswer): PercentileWay {
  const { horizonMs, growthRatio } = run.options;
  const { vms } = run.workload;
  const count = Math.max(
    1,
    Math.min(Math.ceil(horizonMs / MINUTE_MS), Math.floor(VALUES_MOST / Math.max(1, vms.length))),
  );
  const bucketMs = horizonMs / count;
  const { ofVms, fleet } = percentilesOf(run, count, bucketMs);
  const perSec = (bytes: number): number => (bytes * 8 * 1000) / bucketMs;
  // Whole bits: sums in another order of the VMs differ in the last digits.
  const theirs = Math.round(perSec(ofVms) * (1 + PLANNER_GROWTH_RATIO));
  const steps: PercentileStep[] = [];
  let reached = theirs;
  const add = (id: PercentileStep['id'], title: string, why: string, exact: number): void => {
    const bitsPerSec = Math.round(exact);
    steps.push({ id, title, why, changeBitsPerSec: bitsPerSec - reached, bitsPerSec });
    reached = bitsPerSec;
  };
  const grown = 1 + growthRatio;
  if (theirs > 0) {
    add(
      'growth',
      'Growth',
      `The planner adds 30 % unless told otherwise; this plan adds ${percent(growthRatio)}.`,
      perSec(ofVms) * grown,
    );
    add(
      'coincidence',
      'Peaks apart',
      'The 95th percentile of the fleet’s sum, in place of the sum of the VMs’ 95th percentiles.',
      perSec(quantile(fleet)) * grown,
    );
    add(
      'peaks',
      'Above the percentile',
      'The largest value of the fleet: the twentieth of the time that a percentile leaves out is written too.',
      perSec(Math.max(...sampled(fleet))) * grown,
    );
    add(
      'wire',
      'Logs and protocol',
      'What a written byte takes on the wire: the log’s metadata, the compression of this plan, and the share of the link that carries payload.',
      reached * wireRatio(run),
    );
    if (deltaOnly.always !== null) {
      add(
        'waiting',
        'What the RPO lets wait',
        'The simulation lets a burst wait as long as the RPO allows; copies come at intervals, VMs share the line, blocks that are written again go once.',
        deltaOnly.always,
      );
    }
    if (bandwidth.always !== null && deltaOnly.always !== null && bandwidth.always !== deltaOnly.always) {
      add(
        'catching-up',
        'Initial replication',
        'VMs catch up with what was written during their first copy, beside the first copies of others.',
        bandwidth.always,
      );
    }
  }
  return { percentile: PERCENTILE, growthRatio: PLANNER_GROWTH_RATIO, bucketMs, bitsPerSec: theirs, steps };
}

/** The sum of the VMs' percentiles, bytes in a bucket; and what the fleet writes in each bucket. Without growth. */
function percentilesOf(run: Run, count: number, bucketMs: Millis): { ofVms: number; fleet: Float64Array } {
  const { vms } = run.workload;
  const churn = new ChurnIntegral(
    vms.flatMap((vm) => vm.disks.map((disk) => disk.churn)),
    0,
  );
  const fleet = new Float64Array(count);
  const values = new Float64Array(count);
  let ofVms = 0;
  let first = 0;
  for (const { disks } of vms) {
    values.fill(0);
    for (let disk = first; disk < first + disks.length; disk++) {
      let before = 0;
      for (let bucket = 0; bucket < count; bucket++) {
        const written = churn.writtenBytes(disk, (bucket + 1) * bucketMs);
        values[bucket]! += written - before;
        before = written;
      }
    }
    for (let bucket = 0; bucket < count; bucket++) fleet[bucket]! += values[bucket]!;
    ofVms += quantile(values);
    first += disks.length;
  }
  return { ofVms, fleet };
}

/** The least value that is not below 95 % of them. */
function quantile(values: Float64Array): number {
  const sorted = values.toSorted();
  return sorted[Math.max(0, Math.ceil(sorted.length * PERCENTILE) - 1)]!;
}

/** A spread takes only so many arguments: the largest of each thousand. */
function sampled(values: Float64Array): number[] {
  const largest: number[] = [];
  for (let from = 0; from < values.length; from += 1000) largest.push(Math.max(...values.subarray(from, from + 1000)));
  return largest;
}

/** Wire bytes for each byte that the fleet writes on average (semantics 4, 5). */
function wireRatio({ workload, policy, site, options }: Run): number {
  const settings = settingsOf(
    policy,
    workload.vms.map(({ name }) => name),
  );
  const disks = workload.vms.flatMap((vm, v) => vm.disks.map((disk) => ({ disk, ...settings[v]! })));
  const churn = new ChurnIntegral(
    disks.map(({ disk }) => disk.churn),
    options.growthRatio,
  );
  let written = 0;
  let wire = 0;
  disks.forEach(({ disk, copyFrequencyMs, compressionRatio }, at) => {
    const bytes = churn.writtenBytes(at, options.horizonMs);
    const cycleBytes = (bytes * copyFrequencyMs) / options.horizonMs;
    if (bytes === 0) return;
    const log = logFileBytes(cycleBytes, entryRunBytes(disk.meanWriteBytes, policy.rules), policy.rules);
    written += bytes;
    wire += (bytes * log * compressionRatio) / cycleBytes / site.link.efficiencyRatio;
  });
  return written === 0 ? 1 : wire / written;
}

function percent(ratio: number): string {
  return ratio === 0 ? 'nothing' : `${Math.round(ratio * 1000) / 10} %`;
}
