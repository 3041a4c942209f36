import type { Constraint } from '../../simulate/result.ts';
import type { PlanVm } from '../plan.ts';

/** Below this share of the VM-time a wait is not worth a line. [chosen] */
export const NOTEWORTHY_SHARE = 0.01;

/** Share of the fleet's VM-time that a constraint held, and the VMs that it held, the longest first. */
export function heldBy(
  vms: readonly PlanVm[],
  horizonMs: number,
  constraint: Constraint,
): { share: number; held: readonly PlanVm[] } {
  const heldMs = (vm: PlanVm): number => vm.constraintMs[constraint] ?? 0;
  const held = vms.filter((vm) => heldMs(vm) > 0).sort((a, b) => heldMs(b) - heldMs(a));
  const totalMs = held.reduce((sum, vm) => sum + heldMs(vm), 0);
  return { share: vms.length === 0 ? 0 : totalMs / (vms.length * horizonMs), held };
}
