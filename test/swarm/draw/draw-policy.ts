/** The policy of a seed: what the scenario allows, mixed by VMs' own settings. */
import {
  DEFAULT_RULES,
  INITIAL_REPLICATION_AT_ONCE,
  type InitialReplicationPlan,
  type Policy,
  type ReplicationSettings,
  type RuleParameters,
  type VmOverride,
} from '../../../src/model/policy.ts';
import { SCENARIO_IDS, SCENARIOS, type Scenario } from '../../../src/model/scenario.ts';
import type { Vm } from '../../../src/model/workload.ts';
import { HOUR_MS, MIB, MINUTE_MS, type Millis } from '../../../src/units.ts';
import type { Random } from './random.ts';

/** More cuts than this in a run teach nothing new, and take time. */
const CUTS_MOST = 9000;

export function drawPolicy(random: Random, vms: readonly Vm[], healAtMs: Millis): Policy {
  // Between sites more can happen: the half of all runs.
  const scenario = SCENARIOS[random.chance(0.5) ? 'vmm-to-vmm' : random.pick(SCENARIO_IDS)];
  const startMinute = random.pick([18 * 60 + 30, 0, random.integer(0, 1439)]);
  return {
    ...drawSettings(random, scenario, vms.length, healAtMs),
    scenario: scenario.id,
    maxActiveTransfers: random.pick([null, 1, 2, 3]),
    alignedCuts: random.chance(0.3),
    resyncWindow: { startMinute, endMinute: (startMinute + random.integer(1, 24) * 60) % 1440 },
    rules: drawRules(random),
    overrides: vms.flatMap((vm) => drawOverride(random, scenario, vm, vms.length, healAtMs)),
  };
}

function drawSettings(
  random: Random,
  scenario: Scenario,
  vmCount: number,
  healAtMs: Millis,
): Omit<ReplicationSettings, 'initialReplication'> & { initialReplication: InitialReplicationPlan } {
  const recoveryPointHours = random.pick([0, 0, 2, random.integer(0, 24)]);
  const appConsistentHours = random.pick([null, 1, random.integer(1, 12)]);
  const between = scenario.target === 'site';
  return {
    copyFrequencyMs: drawIntervalMs(random, scenario, vmCount, healAtMs),
    compressionRatio: random.pick([1, 1, 0.7, 0.35]),
    authentication: between ? 'certificate' : null,
    recoveryPointHours,
    // Between sites the interval must be less than the hours that points are kept.
    appConsistentHours:
      between && appConsistentHours !== null && appConsistentHours >= recoveryPointHours ? null : appConsistentHours,
    initialReplication: drawInitial(random, scenario, healAtMs),
  };
}

/** What the scenario allows, the longest where a shorter one would cut too often. */
function drawIntervalMs(random: Random, scenario: Scenario, vmCount: number, healAtMs: Millis): Millis {
  const { values } = scenario.copyFrequencyMs;
  const drawnMs = random.pick(values);
  return (healAtMs / drawnMs) * vmCount <= CUTS_MOST ? drawnMs : Math.max(...values);
}

function drawInitial(random: Random, scenario: Scenario, healAtMs: Millis): InitialReplicationPlan {
  if (random.chance(0.4)) return INITIAL_REPLICATION_AT_ONCE;
  const mode = random.pick(scenario.initialReplicationMode.values);
  const enableAtMs = random.chance(0.3) ? random.integer(1, Math.floor(healAtMs / 3)) : 0;
  const startAtMs = random.chance(0.4) ? enableAtMs + random.integer(1, Math.floor(healAtMs / 4)) : 0;
  return {
    mode,
    enableAtMs,
    startAtMs,
    shippingMs: mode === 'media' ? random.pick([0, MINUTE_MS, HOUR_MS, 8 * HOUR_MS]) : 0,
    existingAgeMs: mode === 'existing' ? random.integer(0, 48) * HOUR_MS : 0,
  };
}

function drawOverride(random: Random, scenario: Scenario, vm: Vm, vmCount: number, healAtMs: Millis): VmOverride[] {
  if (random.chance(0.01)) return [{ vm: vm.name, settings: {}, missingPrerequisite: 'it has no disk for it' }];
  if (random.chance(0.4)) return [];
  const { copyFrequencyMs, compressionRatio, initialReplication } = drawSettings(random, scenario, vmCount, healAtMs);
  return [{ vm: vm.name, settings: { copyFrequencyMs, compressionRatio, initialReplication } }];
}

function drawRules(random: Random): RuleParameters {
  return {
    ...DEFAULT_RULES,
    enableMs: random.pick([0, 0, 90_000, 20 * MINUTE_MS]),
    finalizeMs: random.pick([0, 0, 90_000, 10 * MINUTE_MS]),
    mergeBytesPerSec: random.logUniform(0.5e6, 100e6),
    exportBytesPerSec: random.logUniform(0.2e6, 100e6),
    compareBytesPerSec: random.logUniform(1e6, DEFAULT_RULES.compareBytesPerSec),
    chunkBytes: random.pick([MIB, MIB, 64 * 1024]),
  };
}
