import { MINUTE_MS, type Millis } from '../units.ts';

/** One of the three documented ways to replicate, as data: what it allows and what it defaults to. */
export interface Scenario {
  readonly id: ScenarioId;
  readonly title: string;
  readonly target: 'azure' | 'site';
  readonly copyFrequenciesMs: readonly Millis[];
  readonly defaultCopyFrequencyMs: Millis;
  /** Why a copy frequency that users ask for is not there, with its source. */
  readonly refusedCopyFrequencies: readonly { readonly copyFrequencyMs: Millis; readonly reason: string }[];
  /** VMs whose transfers leave one host at a time; `null` = no limit (semantics 15). */
  readonly maxActiveTransfers: number | null;
}

export type ScenarioId = 'hyperv-to-azure' | 'vmm-to-azure' | 'vmm-to-vmm';

const THIRTY_SECONDS_MS = 30_000;
const FIVE_MINUTES_MS = 5 * MINUTE_MS;
const FIFTEEN_MINUTES_MS = 15 * MINUTE_MS;

const NO_15_MIN_TO_AZURE =
  '15 minutes was offered at the 2014 preview only; today a replication policy to Azure takes 30 s or 5 min ' +
  '(Microsoft, "Common questions: Hyper-V to Azure", 2024-12-27)';

const TO_AZURE = {
  target: 'azure',
  // "Common questions: Hyper-V to Azure", 2024-12-27: 30 s (not with premium storage) or 5 min, default 5 min.
  copyFrequenciesMs: [THIRTY_SECONDS_MS, FIVE_MINUTES_MS],
  defaultCopyFrequencyMs: FIVE_MINUTES_MS,
  refusedCopyFrequencies: [{ copyFrequencyMs: FIFTEEN_MINUTES_MS, reason: NO_15_MIN_TO_AZURE }],
  maxActiveTransfers: null,
} as const;

export const SCENARIOS: Readonly<Record<ScenarioId, Scenario>> = {
  'hyperv-to-azure': { id: 'hyperv-to-azure', title: 'Hyper-V site to Azure', ...TO_AZURE },
  'vmm-to-azure': { id: 'vmm-to-azure', title: 'VMM cloud to Azure', ...TO_AZURE },
  'vmm-to-vmm': {
    id: 'vmm-to-vmm',
    title: 'VMM site to a secondary VMM site',
    target: 'site',
    // Microsoft, "Set up disaster recovery of Hyper-V VMs to a secondary site": 30 s, 5 min, 15 min.
    copyFrequenciesMs: [THIRTY_SECONDS_MS, FIVE_MINUTES_MS, FIFTEEN_MINUTES_MS],
    defaultCopyFrequencyMs: FIVE_MINUTES_MS,
    refusedCopyFrequencies: [],
    // KB2767928, MaximumActiveTransfers: 3 documented.
    maxActiveTransfers: 3,
  },
};

export const SCENARIO_IDS = Object.keys(SCENARIOS) as readonly ScenarioId[];
