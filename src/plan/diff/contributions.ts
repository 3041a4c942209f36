import type { PlanVm } from '../plan.ts';
import { byCode, type ChangeOf, pairUp } from './change.ts';

/** How much the VMs add to the change of a total of the fleet; `fromNew`, `fromGone` and `fromOthers` add up to it. */
export interface Contribution {
  readonly id: string;
  readonly title: string;
  readonly unit: 'B' | 'B/d';
  readonly before: number;
  readonly after: number;
  readonly change: number;
  readonly fromNew: number;
  readonly fromGone: number;
  readonly fromOthers: number;
  /** The VMs that add most, at most {@link VMS_MOST}. */
  readonly vms: readonly { readonly name: string; readonly change: number }[];
  /** VMs beyond these, and what they add together. */
  readonly restCount: number;
  readonly restChange: number;
}

const VMS_MOST = 20;

const TOTALS: readonly (Omit<ChangeOf<PlanVm>, 'of' | 'unit'> & {
  readonly unit: Contribution['unit'];
  readonly of: (vm: PlanVm) => number;
})[] = [
  { id: 'churnBytesPerDay', title: 'Churn of the fleet per day', unit: 'B/d', of: (vm) => vm.churnBytesPerDay },
  { id: 'usedBytes', title: 'Used by the fleet', unit: 'B', of: ({ usedBytes }) => usedBytes },
  { id: 'provisionedBytes', title: 'Provisioned for the fleet', unit: 'B', of: (vm) => vm.provisionedBytes },
];

/** Totals to which some VM adds otherwise than before. */
export function contributionsOf(before: readonly PlanVm[], after: readonly PlanVm[]): Contribution[] {
  const pairs = pairUp(before, after, ({ name }) => name);
  return TOTALS.flatMap(({ of, ...total }) => {
    const parts = pairs
      .map(({ key, before: old, after: now }) => ({
        ...{ name: key, isNew: old === undefined, isGone: now === undefined },
        change: (now === undefined ? 0 : of(now)) - (old === undefined ? 0 : of(old)),
      }))
      .filter(({ change }) => change !== 0)
      .sort((left, right) => Math.abs(right.change) - Math.abs(left.change) || byCode(left.name, right.name));
    if (parts.length === 0) return [];
    const [first, rest] = [parts.slice(0, VMS_MOST), parts.slice(VMS_MOST)];
    const [old, now] = [sum(before.map(of)), sum(after.map(of))];
    return [
      {
        ...total,
        before: old,
        after: now,
        change: now - old,
        fromNew: sum(parts.filter(({ isNew }) => isNew).map(({ change }) => change)),
        fromGone: sum(parts.filter(({ isGone }) => isGone).map(({ change }) => change)),
        fromOthers: sum(parts.filter(({ isNew, isGone }) => !isNew && !isGone).map(({ change }) => change)),
        vms: first.map(({ name, change }) => ({ name, change })),
        restCount: rest.length,
        restChange: sum(rest.map(({ change }) => change)),
      },
    ];
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
