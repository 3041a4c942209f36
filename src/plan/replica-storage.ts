import { settingsOf } from '../model/policy.ts';
import type { Run } from '../model/run.ts';
import { SCENARIOS } from '../model/scenario.ts';
import type { RunResult } from '../simulate/result.ts';
import type { BytesPerSec, Millis } from '../units.ts';
import type { ReplicaStorageNeed } from './plan.ts';

/** What the replicas' storage has to bear between sites: applying the logs, and what kept recovery points take. */
export function replicaStorageNeed(run: Run, result: RunResult): ReplicaStorageNeed | null {
  const { policy, site, workload } = run;
  if (SCENARIOS[policy.scenario].target === 'azure') return null;
  const { replicaWriteRatio, replicaWriteRatioWithPoints } = policy.rules;
  const settings = settingsOf(
    policy,
    workload.vms.map(({ name }) => name),
  );
  const ratios = settings.map((own) => (own.recoveryPointHours > 0 ? replicaWriteRatioWithPoints : replicaWriteRatio));
  // Bytes on the wire back to log bytes, and those times what applying one of them writes.
  const appliedBytes = result.vms.map(
    ({ sentBytes }, vm) => (sentBytes.delta * site.link.efficiencyRatio * ratios[vm]!) / settings[vm]!.compressionRatio,
  );
  const writtenBytes = sum(appliedBytes);
  const sentBytes = sum(result.vms.map((vm) => vm.sentBytes.delta));
  const perSentByte = sentBytes === 0 ? 0 : writtenBytes / sentBytes;
  const protectedVms = workload.vms.filter((_, vm) => result.vms[vm]!.enableFailure === null);
  return {
    writeBytesPerSec: site.replicaStorage?.writeBytesPerSec ?? null,
    writeRatioLeast: ratios.reduce((least, ratio) => Math.min(least, ratio), Number.POSITIVE_INFINITY),
    writeRatioMost: ratios.reduce((most, ratio) => Math.max(most, ratio), 0),
    meanWriteBytesPerSec: (writtenBytes * 1000) / result.horizonMs,
    peakWriteBytesPerSec: peakRate(result) * perSentByte,
    replicaBytes: sum(protectedVms.flatMap((vm) => vm.disks.map((disk) => disk.usedBytes))),
    recoveryPointPeakBytes: sum(result.vms.map((vm) => vm.recoveryPoints.storagePeakBytes)),
  };
}

/** Delta bytes on the wire per second in the busiest bucket. */
function peakRate({ series, horizonMs }: RunResult): BytesPerSec {
  const { trafficBucketMs, traffic } = series;
  const lengthMs = (bucket: number): Millis =>
    Math.min(horizonMs, (bucket + 1) * trafficBucketMs) - bucket * trafficBucketMs;
  return traffic.delta.reduce((most, bytes, bucket) => Math.max(most, (bytes * 1000) / lengthMs(bucket)), 0);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
