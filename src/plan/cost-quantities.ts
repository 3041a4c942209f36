import { isLike } from '../model/name-pattern.ts';
import { type ReplicationSettings, settingsOf } from '../model/policy.ts';
import { AS_PLACED, type CostTerms } from '../model/prices.ts';
import type { DiskTier } from '../model/rules.ts';
import type { Run } from '../model/run.ts';
import { distinctBytes, meanBytesPerSec, type Vm } from '../model/workload.ts';
import type { RunResult, VmResult } from '../simulate/result.ts';
import { type Bytes, DAY_MS, GIB, HOUR_MS, type Millis } from '../units.ts';
import type { Placement, VmPlacement } from './placement.ts';

/** A twelfth of a year of 365 days: 730 hours, the month that Azure's price calculator counts with [memory]. */
export const MONTH_MS: Millis = (365 * DAY_MS) / 12;

/** More under way than this share of what arrived would spoil the ratio of sent to written bytes. [chosen] */
const UNDER_WAY_MOST = 0.1;

/** What one VM uses of what is paid for. */
export interface VmQuantities {
  readonly name: string;
  /** Azure's size by the terms, else by the placement; `null` = neither says it. */
  readonly size: string | null;
  readonly usedBytes: Bytes;
  /** Disks by tier; `''` = none fits, or the placement says why not. */
  readonly disksByTier: ReadonlyMap<string, number>;
  /** Bytes on the wire, all of initial replication; 0 where the fleet is protected already. */
  readonly initialWireBytes: Bytes;
  /** Deltas and resynchronizations on the wire, a month at the run's rate of writing. */
  readonly wireBytesPerMonth: Bytes;
  /** Most that kept recovery points took beside the replica. */
  readonly recoveryPointBytes: Bytes;
  /** Whether bytes on the wire and recovery points are the run's; else they follow from what was written, as the VM got no delta through. */
  readonly isSimulated: boolean;
}

/** What a cost follows from, besides the terms. */
export interface CostBasis {
  readonly run: Run;
  readonly result: Pick<RunResult, 'vms' | 'horizonMs'>;
  /** Tiers and sizes of the fleet; `null` between sites. */
  readonly placement: Placement | null;
  /** Of the rules in force. */
  readonly diskTiers: readonly DiskTier[];
}

/** The quantities of all VMs of the inventory, in its order: also of those that cannot be protected yet, which will be paid for once they can [chosen]. */
export function vmQuantities({ run, result, placement, diskTiers }: CostBasis, terms: CostTerms): VmQuantities[] {
  const { vms } = run.workload;
  const settings = settingsOf(
    run.policy,
    vms.map(({ name }) => name),
  );
  return vms.map((vm, index) => {
    const placed = placement?.vms[index];
    return {
      ...{
        name: vm.name,
        size: sizeByTerms(vm.name, terms) ?? placed?.azureVmSize ?? null,
        disksByTier: tiersOf(vm, placed, terms, diskTiers),
      },
      ...replicated(vm, settings[index]!, run, result.vms[index]!, result.horizonMs),
    };
  });
}

function replicated(
  vm: Vm,
  settings: ReplicationSettings,
  run: Run,
  result: VmResult,
  horizonMs: Millis,
): Omit<VmQuantities, 'name' | 'size' | 'disksByTier'> {
  const { efficiencyRatio } = run.site.link;
  const wirePerByte = settings.compressionRatio / efficiencyRatio;
  const usedBytes = sum(vm.disks.map((disk) => disk.usedBytes));
  // What piled up while initial replication ran goes out after it: the time under delta replication would count it as every month's.
  const { written, delivered, inFlight, droppedAtMark } = result.bytes;
  // A set under way has been sent in part and has brought nothing yet.
  const isSimulated = delivered > 0 && inFlight <= delivered * UNDER_WAY_MOST;
  const wirePerWritten = isSimulated ? result.sentBytes.delta / delivered : wirePerByte;
  // What a mark drops, its resynchronization sends.
  const writtenPerMonth = ((written - droppedAtMark) * MONTH_MS) / horizonMs;
  return {
    usedBytes,
    initialWireBytes: initialWireBytes(run, settings, result, usedBytes * wirePerByte),
    wireBytesPerMonth: writtenPerMonth * wirePerWritten + (result.sentBytes.resync * MONTH_MS) / horizonMs,
    recoveryPointBytes: isSimulated
      ? result.recoveryPoints.storagePeakBytes
      : pointBytes(vm, settings, run.options.growthRatio),
    isSimulated,
  };
}

/** The whole copy: what was sent where it is through, else what will have been (semantics 7, 5). */
function initialWireBytes(run: Run, settings: ReplicationSettings, result: VmResult, wholeBytes: Bytes): Bytes {
  if (run.options.skipInitialReplication) return 0;
  const { endMs, sentBytes } = result.initialReplication;
  if (endMs !== null) return sentBytes;
  return settings.initialReplication.mode === 'network' ? wholeBytes : sentBytes;
}

/** An hour between two points; each holds what was written anew in its hour (semantics 29). */
function pointBytes({ disks }: Vm, { recoveryPointHours }: ReplicationSettings, growthRatio: number): Bytes {
  const perHour = disks.map((disk) =>
    distinctBytes(disk, (meanBytesPerSec(disk.churn) * (1 + growthRatio) * HOUR_MS) / 1000),
  );
  return sum(perHour) * recoveryPointHours;
}

/** In the order of the rules: by the placement, or the smallest of the type that the terms name which holds the disk ("Understand Azure Disk Storage billing", 08/06/2024). */
function tiersOf(
  { disks }: Vm,
  placed: VmPlacement | undefined,
  { diskType }: CostTerms,
  tiers: readonly DiskTier[],
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const ofType = tiers.filter(({ type }) => type === diskType).toSorted((a, b) => a.sizeGib - b.sizeGib);
  for (const [index, { sizeBytes }] of disks.entries()) {
    const bySize = ofType.find(({ sizeGib }) => sizeGib * GIB >= sizeBytes)?.id;
    const tier = (diskType === AS_PLACED ? placed?.disks[index]?.tier : bySize) ?? '';
    counts.set(tier, (counts.get(tier) ?? 0) + 1);
  }
  const inOrder = [...tiers.map(({ id }) => id), ''].filter((tier) => counts.has(tier));
  return new Map(inOrder.map((tier) => [tier, counts.get(tier)!]));
}

/** The size that the terms name for a VM; `null` where none of their patterns fits. */
export function sizeByTerms(name: string, { vmSizes }: CostTerms): string | null {
  const lower = name.toLowerCase();
  return vmSizes.find(({ vm }) => isLike(lower, vm.toLowerCase()))?.size ?? null;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
