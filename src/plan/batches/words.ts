import { formatBytes, formatDurationMs, formatShare } from '../../units.ts';
import type { ArrangedVm } from './arrange.ts';
import type { BatchLimit, PlannedBatch, PlannerBatching } from './batch-parts.ts';
import { type FleetModel, LOOK_AHEAD_MS } from './fleet-model.ts';
import type { Refusal } from './open-batch.ts';

/** Why a VM is in its batch and not in an earlier one. */
export function whyOf(
  model: FleetModel,
  { refusal, deficits, alone }: ArrangedVm,
  index: number,
): { limit: BatchLimit; text: string } {
  const rank = rankText(alone.pressure);
  if (refusal === undefined) {
    return {
      limit: 'none',
      text: index === 0 ? `It fits from the start; ${rank}.` : `It fits as soon as its turn comes; ${rank}.`,
    };
  }
  const { limit } = refusal;
  if (deficits.length > 0) {
    const parts = deficits.map(
      ({ volume, missingBytes }) => `${formatBytes(missingBytes)} more on ${nameOf(model, volume)}`,
    );
    return { limit: 'space', text: `Alone it does not fit: it needs ${parts.join(' and ')}.` };
  }
  const kept = index === 0 ? 'Alone it does not fit' : `Not in Batch ${index}`;
  return { limit, text: `${kept}: ${refusalText(model, refusal)}.` };
}

function rankText(pressure: number): string {
  return pressure === 0
    ? 'no room of its volumes is known'
    : `alone it needs ${formatShare(pressure)} of the room of its tightest volume`;
}

function refusalText(model: FleetModel, { why }: Refusal): string {
  switch (why.kind) {
    case 'space':
      return `with it ${nameOf(model, why.volume)} would hold ${formatBytes(why.needBytes)} of logs and snapshots, and has room for ${formatBytes(why.roomBytes)}`;
    case 'log':
      return `the batch would take ${formatDurationMs(why.endMs)}, and after ${formatDurationMs(why.afterMs)} the logs of ${why.vm}, ${why.disk}, reach ${formatShare(model.run.policy.rules.resyncLogRatio)} of the disk`;
    case 'bandwidth':
      return `${why.flows} first copies at a time would leave the deltas too little of the link in some hour, ${why.most} do not`;
    case 'slots':
      return why.reserved > 0
        ? `of the ${why.slots} transfers at a time of host ${why.host} one is kept for the deltas of VMs that are protected already`
        : `host ${why.host} makes ${why.slots} transfers at a time`;
    case 'time':
      return `the link does not carry it beside the deltas within ${formatDurationMs(LOOK_AHEAD_MS)}`;
    default:
      return why satisfies never;
  }
}

/** What to do about a VM that fits in no batch. */
export function adviceFor(model: FleetModel, { deficits, alone }: ArrangedVm): string {
  if (deficits.length > 0) {
    const parts = deficits.map(
      ({ volume, missingBytes }) => `${nameOf(model, volume)} by ${formatBytes(missingBytes)}`,
    );
    return `Extend ${parts.join(' and ')} before it is enabled, or move one of its disks to a volume with more room, or leave out a disk that need not be replicated.`;
  }
  const seeding = canSeed(model) ? ', or bring the first copy on media (--initial-replication media)' : '';
  if (alone.refusal?.limit === 'log') {
    return `Provide more bandwidth for its first copy${seeding}, or leave out its busiest disk: the copy must be there before the logs mark it for resynchronization.`;
  }
  return `Provide more bandwidth${seeding}, or leave out its busiest disks.`;
}

function canSeed({ run }: FleetModel): boolean {
  return run.policy.scenario === 'vmm-to-vmm';
}

/** Why the deployment planner's rule gives other batches. */
export function differencesOf(
  { run, volumes }: FleetModel,
  batches: readonly PlannedBatch[],
  planner: PlannerBatching,
): string[] {
  const theirs = planner.batches.length;
  const counts = `The deployment planner’s rule gives ${theirs === 1 ? '1 batch' : `${theirs} batches`}, the plan ${batches.length}.`;
  const known = new Set(volumes.filter(({ freeBytes }) => freeBytes !== undefined).map(({ name }) => name));
  let initialBytes = 0;
  for (const { vms } of planner.batches) {
    for (const vm of vms) {
      for (const { volume, initialBytes: bytes } of vm.volumes) if (known.has(volume)) initialBytes += bytes;
    }
  }
  const most = new Map<string, number>();
  for (const { volumes: own } of batches) {
    for (const { volume, simulatedBytes, predictedBytes } of own) {
      if (known.has(volume)) most.set(volume, Math.max(most.get(volume) ?? 0, simulatedBytes ?? predictedBytes));
    }
  }
  const needBytes = [...most.values()].reduce((sum, bytes) => sum + bytes, 0);
  const differences = [counts];
  if (known.size > 0) {
    differences.push(
      `It sets aside the whole size of every virtual disk for its first copy, ${formatBytes(initialBytes)} in all; in the simulation logs and snapshots of the batches take ${formatBytes(needBytes)} at most, each volume at its own worst moment.`,
      'It keeps half of every virtual disk for the deltas of all batches before, for good; in the simulation a log is given back when it has been applied.',
    );
  } else differences.push('The free space of no volume is known, so its rule sees no reason for a second batch.');
  if (
    run.site.link.throttle !== undefined ||
    run.site.link.background !== undefined ||
    run.site.link.outages.length > 0
  ) {
    differences.push('It takes the link as one number; the plan counts its throttle, its other use and its outages.');
  }
  if (
    batches.some(({ vms }) => vms.some(({ limit }) => limit === 'slots' || limit === 'bandwidth' || limit === 'log'))
  ) {
    differences.push(
      'It looks at space and mean bandwidth alone; the plan also ends a batch where the deltas beside it would be late, where a host has no transfer left, or where logs would reach the share that marks for resynchronization.',
    );
  }
  return differences;
}

function nameOf({ volumes }: FleetModel, volume: number): string {
  return volumes[volume]!.name;
}
