import type { PlanVm } from '../plan/plan.ts';

/** VMs that have something in common, to be looked at by themselves. */
export interface VmGroup {
  readonly kind: GroupKind;
  readonly name: string;
}

export type GroupKind = 'host' | 'volume' | 'plan' | 'cloud';

export const GROUP_KINDS: readonly {
  readonly kind: GroupKind;
  readonly title: string;
  readonly of: (vm: PlanVm) => readonly string[];
}[] = [
  { kind: 'host', title: 'Host', of: ({ host }) => [host] },
  { kind: 'volume', title: 'Volume', of: ({ volumes }) => volumes },
  { kind: 'plan', title: 'Recovery plan', of: ({ recoveryPlans }) => recoveryPlans },
  { kind: 'cloud', title: 'Cloud', of: ({ cloud }) => (cloud === null ? [] : [cloud]) },
];

/** A list to choose from must stay one. */
const NAMES_MOST = 500;

/** Of each kind the names that VMs have, in their order; kinds of which there is but one are left out. */
export function groupsOf(vms: readonly PlanVm[]): { readonly title: string; readonly groups: readonly VmGroup[] }[] {
  return GROUP_KINDS.map(({ kind, title, of }) => {
    const names = [...new Set(vms.flatMap(of))].sort();
    return { title, groups: names.slice(0, NAMES_MOST).map((name) => ({ kind, name })) };
  }).filter(({ groups }) => groups.length > 1);
}

export function isInGroup(vm: PlanVm, { kind, name }: VmGroup): boolean {
  return GROUP_KINDS.find((known) => known.kind === kind)!
    .of(vm)
    .includes(name);
}
