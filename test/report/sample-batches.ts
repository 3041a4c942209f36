import { batchesOf } from '../../src/plan/batches/batches.ts';
import type { BatchPlan, PlanVm, VolumeResult, VolumeSpaceNeed } from '../../src/plan/plan.ts';
import { GIB, HOUR_MS } from '../../src/units.ts';
import { buildDisk, buildRun, buildVm } from '../laws/build-run.ts';
import { HOSTILE_NAMES } from './hostile-names.ts';

let made: BatchPlan | undefined;

/** A plan of batches of a fleet with strangers' names: several batches, and a VM that fits in none. Worked out once. */
export function sampleBatches(): BatchPlan {
  made ??= makeBatches();
  return made;
}

function makeBatches(): BatchPlan {
  const names = ['SQL01', 'WEB01', 'WEB02', ...HOSTILE_NAMES.slice(0, 5)];
  const vms = names.map((name, index) =>
    buildVm({
      name,
      disks: [
        buildDisk({
          ...{ name, volume: index % 2 === 0 ? 'D:' : `D:\\${HOSTILE_NAMES[0]}`, usedBytes: (4 + index) * GIB },
          churn: { kind: 'constant', bytesPerSec: index === 0 ? 3e6 : 40_000 },
        }),
      ],
    }),
  );
  const volumes = [
    { name: 'D:', capacityBytes: 100 * GIB, freeBytes: 9 * GIB },
    { name: `D:\\${HOSTILE_NAMES[0]}`, capacityBytes: 100 * GIB, freeBytes: 7 * GIB },
  ];
  const run = buildRun({
    vms,
    volumes,
    link: { capacityBitsPerSec: 60e6 },
    options: { skipInitialReplication: false },
  });
  return batchesOf({ ...run, options: { ...run.options, rpoTargetMs: HOUR_MS } })!;
}

/** What the sample's volumes need. */
export function sampleVolumeSpace(volumes: readonly VolumeResult[], vms: readonly PlanVm[]): VolumeSpaceNeed[] {
  return volumes.map((volume, index) => {
    const deficitBytes = volume.freeBytes === null ? null : index < 2 ? 30 * GIB : 0;
    return {
      name: volume.name,
      reserveBytes: volume.capacityBytes === null ? null : volume.capacityBytes * 0.05,
      causes: [
        { cause: 'snapshots', peakBytes: volume.snapshotPeakBytes, atMs: 30 * HOUR_MS },
        { cause: 'logs', peakBytes: volume.hrlPeakBytes, atMs: 31 * HOUR_MS },
        { cause: 'growth', peakBytes: 14 * GIB, atMs: 100 * HOUR_MS },
      ],
      largestLogs:
        vms[0] === undefined
          ? null
          : { vm: vms[0].name, peakBytes: 5 * GIB, atMs: 30 * HOUR_MS, phase: 'initial replication' },
      ...{
        deficitBytes,
        inBatchesPeakBytes: volume.extraPeakBytes / 2,
        inBatchesDeficitBytes: deficitBytes === null ? null : 0,
      },
      advice:
        deficitBytes === null || deficitBytes === 0 ? [] : ['Extend the volume by 30 GiB, or move disks elsewhere.'],
    };
  });
}
