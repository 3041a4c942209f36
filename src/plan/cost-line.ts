import type { CostTerms, CostUnit } from '../model/prices.ts';
import type { DiskTier } from '../model/rules.ts';
import type { Run } from '../model/run.ts';
import { type Bytes, GIB } from '../units.ts';
import { sum, type VmQuantities } from './cost-quantities.ts';

export const COST_TIMES = ['monthly', 'once', 'disaster'] as const;

/** `monthly`: every month, drills as their yearly cost by twelve. `once`: at the start. `disaster`: each time the fleet fails over and back. */
export type CostTime = (typeof COST_TIMES)[number];

export const COST_PARTS = [
  'licence',
  'storage',
  'recovery points',
  'transactions',
  'network',
  'drills',
  'failover',
] as const;

export type CostPart = (typeof COST_PARTS)[number];

/** A line before any price. */
export interface LineDraft {
  readonly id: string;
  readonly title: string;
  /** What it is for. */
  readonly purpose: string;
  readonly when: CostTime;
  readonly part: CostPart;
  /** What prices it (`model/prices.ts`); `null` = nothing is charged for it, or nothing can price it. */
  readonly item: string | null;
  readonly unit: CostUnit;
  /** Whether somebody charges for it. */
  readonly isBilled: boolean;
  /** `null` = unknown: {@link note} says why. */
  readonly quantity: number | null;
  /** Each VM's part of it, in the inventory's order: the amount is shared out in this proportion. */
  readonly weights: readonly number[];
  readonly note: string | null;
  readonly formula: string;
  readonly filled: string;
  readonly source: string;
}

export const PLANNER =
  'Microsoft, “Cost estimation report by Azure Site Recovery Deployment Planner” (Hyper-V), 11/27/2018';

export const FAQ = 'Microsoft, “General questions about the Azure Site Recovery service”, 05/27/2021';

export const HYPERV_FAQ = 'Microsoft, “Common questions - Hyper-V to Azure disaster recovery”, 12/27/2024';

export const DISKS = 'Microsoft, “Understand Azure Disk Storage billing”, 08/06/2024';

export const OURS = 'the run’s own numbers';

export interface LineContext {
  readonly run: Run;
  readonly terms: CostTerms;
  readonly vms: readonly VmQuantities[];
  /** Of the rules in force, in their order. */
  readonly diskTiers: readonly DiskTier[];
}

/** Bytes as what is billed: Azure counts a GB as 2^30 bytes [memory]. */
export function inGb(
  bytes: readonly Bytes[],
  formula: string,
): Pick<LineDraft, 'quantity' | 'weights' | 'formula' | 'filled'> {
  const weights = bytes.map((own) => own / GIB);
  return {
    quantity: sum(weights),
    weights,
    formula,
    filled: `${Math.round(sum(bytes)).toLocaleString('en-US')} B ÷ 2^30`,
  };
}

/** Which VMs’ numbers are no outcome of the run. */
export function simulatedNote(vms: readonly VmQuantities[]): string | null {
  const count = vms.filter(({ isSimulated }) => !isSimulated).length;
  if (count === 0) return null;
  return `${count} of ${vms.length} VMs got no or few deltas through within the run: theirs are the written bytes × compression ÷ the link’s efficiency.`;
}

/** `1 connection`, `1,234.5 GB-months`. */
export function quantityText(quantity: number, unit: CostUnit): string {
  const words = quantity === 1 ? unit.replace(/s$/, '') : unit;
  return `${shownNumber(quantity)} ${words}`;
}

/** A number with as many digits as a bill needs. */
export function shownNumber(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 1 ? 6 : 4 });
}
