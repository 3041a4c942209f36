import { type Run, withBandwidth } from '../model/run.ts';
import { meanBytesPerSec, type Vm } from '../model/workload.ts';
import { simulate } from '../simulate/simulate.ts';
import type { BytesPerSec, Millis } from '../units.ts';
import { withVms } from './what-if.ts';

/** What a part of a fleet says of the whole: a first estimate, not the answer. */
export interface SampleAnswer {
  readonly vmCount: number;
  /** Of the whole fleet's churn that is in the sample. */
  readonly churnShare: number;
  /** Of the sample's VMs, from each VM's first delta on; `null` where none has had one. */
  readonly worstRpoMs: Millis | null;
  readonly withinTargetFraction: number | null;
  /** When the sample's last VM is protected; `null` where one is not within the horizon. */
  readonly protectedAtMs: Millis | null;
}

/** Simulates a sample of the fleet on as much of the link as its part of the churn. */
export function sampleAnswer(run: Run, vmCount: number): SampleAnswer {
  const { sample, churnShare } = sampleOf(run, vmCount);
  const { rpo, vms } = simulate(sample, { objectivesOnly: true });
  const protectedAt = vms.map((vm) => vm.protectedAtMs);
  return {
    vmCount: vms.length,
    churnShare,
    worstRpoMs: rpo.steady.maxMs,
    withinTargetFraction: rpo.steady.withinTargetFraction,
    protectedAtMs: protectedAt.includes(null) ? null : Math.max(0, ...protectedAt.map((atMs) => atMs ?? 0)),
  };
}

/**
 * A stratified sample of a run: VMs by their churn in strata of equal number, of each the one in its middle, but of the first the
 * largest; the link is cut to their part of the churn. Always the same for the same run. [chosen]
 */
export function sampleOf(run: Run, vmCount: number): { sample: Run; churnShare: number } {
  const { vms } = run.workload;
  if (vms.length <= vmCount) return { sample: run, churnShare: 1 };
  const churn = new Map(vms.map((vm) => [vm.name, churnOf(vm)]));
  const falling = vms.toSorted(
    (left, right) => churn.get(right.name)! - churn.get(left.name)! || (left.name < right.name ? -1 : 1),
  );
  const chosen = new Set<string>();
  for (let stratum = 0; stratum < vmCount; stratum++) {
    const from = Math.floor((stratum * falling.length) / vmCount);
    const to = Math.floor(((stratum + 1) * falling.length) / vmCount);
    chosen.add(falling[stratum === 0 ? 0 : (from + to) >> 1]!.name);
  }
  const sampled = vms.filter((vm) => chosen.has(vm.name));
  const whole = total(vms, churn);
  const churnShare = whole === 0 ? sampled.length / vms.length : total(sampled, churn) / whole;
  const sample = withVms(run, sampled);
  const capacityBitsPerSec = Math.max(1, Math.round(run.site.link.capacityBitsPerSec * churnShare));
  return { sample: withBandwidth(sample, capacityBitsPerSec), churnShare };
}

function churnOf(vm: Vm): BytesPerSec {
  return vm.disks.reduce((sum, disk) => sum + meanBytesPerSec(disk.churn), 0);
}

function total(vms: readonly Vm[], churn: ReadonlyMap<string, BytesPerSec>): BytesPerSec {
  return vms.reduce((sum, vm) => sum + churn.get(vm.name)!, 0);
}
