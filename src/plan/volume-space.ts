import type { Run } from '../model/run.ts';
import { sharedVolumesOf, volumeKey } from '../model/site.ts';
import type { PhaseName, RunResult, RunSeries, VolumeResult } from '../simulate/result.ts';
import { type Bytes, formatBytes, formatDurationMs, type Millis } from '../units.ts';
import type { BatchPlan } from './batches/batch-parts.ts';
import { missingBytes } from './findings/volume-space.ts';

/** What a volume needs beside what `volumes` says of it: by what, when, and what is to be done where it is short. */
export interface VolumeSpaceNeed {
  /** As in `volumes`, in their order. */
  readonly name: string;
  /** Of the capacity, kept free; `null` where the capacity is unknown. */
  readonly reserveBytes: Bytes | null;
  /** Each at its own worst moment, the largest first; what never took anything is left out. */
  readonly causes: readonly SpaceCause[];
  /** The VM whose logs alone took most, wherever its disks lie, when, and what it was in then; `null` where none had any. */
  readonly largestLogs: LargestLogs | null;
  /** Short of at the worst moment, the reserve kept; 0 where it fits, `null` where the free space is unknown. */
  readonly deficitBytes: Bytes | null;
  /** The same where the VMs are enabled in the plan's batches: the most of all batches that touch it; `null` where there are none. */
  readonly inBatchesPeakBytes: Bytes | null;
  readonly inBatchesDeficitBytes: Bytes | null;
  /** What to do, the least effort first; empty where nothing is short. */
  readonly advice: readonly string[];
}

/** `snapshots`: differencing disks (AVHDX) of initial replication · `logs`: replica logs (HRL) · `growth`: of the virtual disks' own files. */
export type SpaceCauseKind = 'snapshots' | 'logs' | 'growth';

export interface SpaceCause {
  readonly cause: SpaceCauseKind;
  readonly peakBytes: Bytes;
  /** End of the bucket of the series in which it was largest. */
  readonly atMs: Millis;
}

export interface LargestLogs {
  readonly vm: string;
  readonly peakBytes: Bytes;
  readonly atMs: Millis;
  readonly phase: PhaseName;
}

/**
 * Needs of every volume. Cheap: it reads what the run's series hold already. Replicas' volumes are not in the run: what recovery points
 * take at the other site stands in `replicaStorage`.
 *
 * @param volumes with their needs where there is room for them
 * @param batches of the plan; `null` where nothing is to be copied
 */
export function volumeSpaceOf(
  run: Run,
  result: RunResult,
  { volumes, series }: { readonly volumes: readonly VolumeResult[]; readonly series: RunSeries },
  batches: BatchPlan | null,
): VolumeSpaceNeed[] {
  const { volumeReserveRatio } = run.policy.rules;
  const logsOf = largestLogs(run, result);
  const inBatches = peaksInBatches(batches);
  return volumes.map((volume, index) => {
    const reserveBytes = volume.capacityBytes === null ? null : Math.ceil(volume.capacityBytes * volumeReserveRatio);
    const deficitBytes = missingBytes(volume, volumeReserveRatio);
    const inBatchesPeakBytes = inBatches.get(volume.name) ?? null;
    const inBatchesDeficitBytes =
      inBatchesPeakBytes === null
        ? null
        : missingBytes({ ...volume, extraPeakBytes: inBatchesPeakBytes }, volumeReserveRatio);
    return {
      ...{ name: volume.name, reserveBytes },
      causes: causesOf(series, index, result.horizonMs),
      largestLogs: logsOf.get(volume.name) ?? null,
      ...{ deficitBytes, inBatchesPeakBytes, inBatchesDeficitBytes },
      advice: adviceOf(deficitBytes, inBatchesDeficitBytes, logsOf.get(volume.name), batches),
    };
  });
}

function causesOf(series: RunSeries, volume: number, horizonMs: Millis): SpaceCause[] {
  const worst = (cause: SpaceCauseKind, values: readonly Bytes[] | undefined): SpaceCause => {
    let place = 0;
    for (let bucket = 1; bucket < (values?.length ?? 0); bucket++) {
      if (values![bucket]! > values![place]!) place = bucket;
    }
    const atMs = Math.min(horizonMs, (place + 1) * series.stateBucketMs);
    return { cause, peakBytes: values?.[place] ?? 0, atMs };
  };
  return [
    worst('snapshots', series.volumeSnapshotBytes[volume]),
    worst('logs', series.volumeHrlBytes[volume]),
    worst('growth', series.volumeGrowthBytes[volume]),
  ]
    .filter(({ peakBytes }) => peakBytes > 0)
    .sort((left, right) => right.peakBytes - left.peakBytes);
}

/** By volume, of the VMs with a disk on it. */
function largestLogs({ workload, site }: Run, { vms }: RunResult): Map<string, LargestLogs> {
  const shared = sharedVolumesOf(site);
  const largest = new Map<string, LargestLogs>();
  workload.vms.forEach(({ name, host, disks }, v) => {
    const { hrlPeakBytes: peakBytes, hrlPeakAtMs: atMs, timeline } = vms[v]!;
    if (peakBytes === 0) return;
    for (const { volume } of disks) {
      const key = volumeKey(host, volume, shared);
      if ((largest.get(key)?.peakBytes ?? 0) >= peakBytes) continue;
      // At the very end of a phase its logs are largest: the phase that ends there counts, not the one that begins.
      const phase = timeline.find(({ startMs, endMs }) => startMs < atMs && atMs <= endMs)?.phase ?? vms[v]!.phaseAtEnd;
      largest.set(key, { vm: name, peakBytes, atMs, phase });
    }
  });
  return largest;
}

function peaksInBatches(batches: BatchPlan | null): Map<string, Bytes> {
  const peaks = new Map<string, Bytes>();
  for (const { volumes } of batches?.batches ?? []) {
    for (const { volume, simulatedBytes, predictedBytes } of volumes) {
      peaks.set(volume, Math.max(peaks.get(volume) ?? 0, simulatedBytes ?? predictedBytes));
    }
  }
  return peaks;
}

function adviceOf(
  deficitBytes: Bytes | null,
  inBatchesDeficitBytes: Bytes | null,
  logs: LargestLogs | undefined,
  batches: BatchPlan | null,
): string[] {
  if (deficitBytes === null || deficitBytes === 0) return [];
  const advice: string[] = [];
  const count = batches?.batches.length ?? 0;
  if (count > 1 && inBatchesDeficitBytes !== null && inBatchesDeficitBytes < deficitBytes) {
    advice.push(
      inBatchesDeficitBytes === 0
        ? `Enable the VMs in the ${count} batches of this plan: then it fits.`
        : `Enable the VMs in the ${count} batches of this plan: then ${formatBytes(inBatchesDeficitBytes)} are missing still.`,
    );
  }
  advice.push(
    `Extend the volume by ${formatBytes(deficitBytes)}, or move disks elsewhere, before protection is enabled.`,
  );
  if (logs !== undefined) {
    advice.push(
      `${logs.vm} has the largest logs, ${formatBytes(logs.peakBytes)} after ${formatDurationMs(logs.atMs)} (${logs.phase}): more bandwidth, or leaving out its busiest disk, makes them smaller.`,
    );
  }
  return advice;
}
