import type { Run } from '../../model/run.ts';
import { meanBytesPerSec } from '../../model/workload.ts';
import type { Bytes, BytesPerSec } from '../../units.ts';
import type { PlannerBatch, PlannerBatching, PlannerVm, PlannerVolume } from './batch-parts.ts';
import type { FleetModel } from './fleet-model.ts';

/** A VM as the deployment planner's batching sees it. */
export interface PlannerInput {
  readonly vm: string;
  readonly usedBytes: Bytes;
  readonly deltaBytesPerSec: BytesPerSec;
  readonly volumes: readonly { readonly volume: string; readonly initialBytes: Bytes; readonly deltaBytes: Bytes }[];
}

/** Worst cases that Microsoft documents: beside a virtual disk its own size during initial replication, and half of it for deltas (facts 2.6). */
const INITIAL_SHARE = 1;
const DELTA_SHARE = 0.5;

/** What Microsoft's comment says. */
const COMMENT = 'Add additional storage to protect this VM';

/**
 * The deployment planner's batches (Azure Site Recovery Deployment Planner for Hyper-V, "Initial replication batching"): a batch takes VMs
 * while the free space of their volume suffices; free space that a VM sees = the volume's free space less the delta space of every VM of the
 * batches before, and may go below 0; a batch has the bandwidth less the deltas of the batches before; additional storage = max(initial,
 * delta) − free. How VMs are packed, which bandwidth a first copy needs and how long it takes is not documented: VMs come in the order of
 * their names, a batch takes the first on each volume in any case, and the time is used bytes by the bandwidth. [chosen]
 */
export function plannerBatches(
  vms: readonly PlannerInput[],
  freeBytes: ReadonlyMap<string, Bytes>,
  link: { readonly bytesPerSec: BytesPerSec; readonly wireRatio: number },
): PlannerBatch[] {
  const free = new Map(freeBytes);
  const batches: PlannerBatch[] = [];
  let waiting = vms.toSorted((left, right) => (left.vm < right.vm ? -1 : left.vm > right.vm ? 1 : 0));
  let deltaBytesPerSec = 0;
  while (waiting.length > 0) {
    const taken: PlannerInput[] = [];
    const left: PlannerInput[] = [];
    const inUse = new Map<string, Bytes>();
    for (const one of waiting) {
      const fits = one.volumes.every(({ volume, initialBytes, deltaBytes }) => {
        const used = inUse.get(volume);
        return used === undefined || used + Math.max(initialBytes, deltaBytes) <= (free.get(volume) ?? Infinity);
      });
      if (!fits) {
        left.push(one);
        continue;
      }
      taken.push(one);
      for (const { volume, initialBytes, deltaBytes } of one.volumes) {
        inUse.set(volume, (inUse.get(volume) ?? 0) + Math.max(initialBytes, deltaBytes));
      }
    }
    const bytesPerSec = link.bytesPerSec - deltaBytesPerSec;
    const usedBytes = taken.reduce((sum, { usedBytes: used }) => sum + used, 0);
    batches.push({
      name: `Batch ${batches.length + 1}`,
      availableBitsPerSec: Math.max(0, bytesPerSec * 8),
      deltaBitsPerSec: deltaBytesPerSec * 8,
      initialReplicationMs: bytesPerSec <= 0 ? null : Math.ceil((usedBytes * link.wireRatio * 1000) / bytesPerSec),
      vms: taken.map((one) => plannerVm(one, free)),
    });
    for (const { volumes, deltaBytesPerSec: delta } of taken) {
      deltaBytesPerSec += delta;
      for (const { volume, deltaBytes } of volumes) {
        const before = free.get(volume);
        if (before !== undefined) free.set(volume, before - deltaBytes);
      }
    }
    waiting = left;
  }
  return batches;
}

function plannerVm({ vm, volumes }: PlannerInput, free: ReadonlyMap<string, Bytes>): PlannerVm {
  const seen = volumes.map(({ volume, initialBytes, deltaBytes }): PlannerVolume => {
    const freeBytes = free.get(volume) ?? null;
    const additionalBytes = freeBytes === null ? null : Math.max(0, Math.max(initialBytes, deltaBytes) - freeBytes);
    return { volume, freeBytes, initialBytes, deltaBytes, additionalBytes };
  });
  const isShort = seen.some(({ additionalBytes }) => (additionalBytes ?? 0) > 0);
  return { vm, comment: isShort ? COMMENT : '', volumes: seen };
}

/** The rule on a run's fleet, with the documented worst cases. Its free space keeps no reserve. */
export function plannerBatching(run: Run, { candidates, volumes }: FleetModel): PlannerBatching {
  const { site, options, policy } = run;
  const reserves = new Map<string, Bytes>();
  for (const { name, freeBytes } of volumes) if (freeBytes !== undefined) reserves.set(name, freeBytes);
  const wireRatio = policy.compressionRatio / site.link.efficiencyRatio;
  const vms = candidates.map(({ vm, disks, usedBytes }): PlannerInput => {
    const byVolume = new Map<string, Bytes>();
    for (const { disk, volume } of disks) {
      const { name } = volumes[volume]!;
      byVolume.set(name, (byVolume.get(name) ?? 0) + disk.sizeBytes);
    }
    const written = vm.disks.reduce((sum, { churn }) => sum + meanBytesPerSec(churn), 0) * (1 + options.growthRatio);
    return {
      ...{ vm: vm.name, usedBytes, deltaBytesPerSec: written * wireRatio },
      volumes: [...byVolume]
        .sort(([left], [right]) => (left < right ? -1 : 1))
        .map(([volume, sizeBytes]) => ({
          ...{ volume, initialBytes: sizeBytes * INITIAL_SHARE, deltaBytes: sizeBytes * DELTA_SHARE },
        })),
    };
  });
  return { batches: plannerBatches(vms, reserves, { bytesPerSec: site.link.capacityBitsPerSec / 8, wireRatio }) };
}
