import { benchRun } from '../../bench/fleet.ts';
import type { RuleSet } from '../../src/model/rules.ts';
import type { Run } from '../../src/model/run.ts';
import type { ScenarioId } from '../../src/model/scenario.ts';
import type { Disk, DiskTraits, Vm, VmTraits } from '../../src/model/workload.ts';
import { churnOf, compatibilityOf, withValues } from '../../src/plan/compatibility.ts';
import { placementOf } from '../../src/plan/placement.ts';
import type { Compatibility, Placement } from '../../src/plan/plan.ts';
import { SHIPPED_RULES } from '../../src/plan/shipped-rules.ts';
import type { VmResult } from '../../src/simulate/result.ts';
import { DAY_MS, GIB } from '../../src/units.ts';

const { policy, site, workload, options } = benchRun(1);

/** Everything is known of it, and nothing of it breaks a shipped rule. */
export const KNOWN_DISK: DiskTraits = {
  ...{ isOsDisk: false, format: 'VHDX', logicalSectorBytes: 512, physicalSectorBytes: 4096, isShared: false },
  ...{ partitionCount: 3, ioPerSec: 50, writesPerSec: 20, isWriteSizeKnown: true },
};
export const KNOWN_VM: VmTraits = {
  ...{ generation: 2, cores: 2, memoryBytes: 8 * GIB, nicCount: 1, operatingSystem: 'Windows Server 2019 Standard' },
  ...{ architecture: '64-bit', isEncrypted: false, hasFibreChannel: false, isClustered: true, hasReplicaBroker: true },
};

export function diskOf(name: string, traits: DiskTraits | undefined, changed: Partial<Disk> = {}): Disk {
  return {
    ...{ name, volume: 'C:\\ClusterStorage\\Volume1', sizeBytes: 64 * GIB, usedBytes: 10 * GIB, meanWriteBytes: 8192 },
    churn: { kind: 'constant', bytesPerSec: 1000 },
    ...(traits === undefined ? {} : { traits }),
    ...changed,
  };
}

export function vmOf(disks: readonly Disk[], traits: VmTraits | undefined, name = 'SQL-01'): Vm {
  return { name, host: 'HV01', disks, ...(traits === undefined ? {} : { traits }) };
}

export const KNOWN: Vm = vmOf([diskOf('os', { ...KNOWN_DISK, isOsDisk: true }), diskOf('data', KNOWN_DISK)], KNOWN_VM);

export interface JudgeOptions {
  readonly scenario?: ScenarioId;
  readonly rules?: RuleSet;
  readonly recoveryPointBytes?: number;
  readonly growthRatio?: number;
  readonly horizonMs?: number;
}

export function runOf(
  vms: readonly Vm[],
  { scenario = 'hyperv-to-azure', growthRatio = 0, horizonMs }: JudgeOptions = {},
): Run {
  return {
    ...{ site, events: [] },
    policy: { ...policy, scenario },
    workload: { ...workload, vms },
    options: { ...options, horizonMs: horizonMs ?? 7 * DAY_MS, growthRatio },
  };
}

export function judge(
  vms: readonly Vm[],
  given: JudgeOptions = {},
): { compatibility: Compatibility; placement: Placement | null } {
  const run = runOf(vms, given);
  const rules = given.rules ?? SHIPPED_RULES;
  const points = { kept: [], storagePeakBytes: given.recoveryPointBytes ?? 0 };
  const results = vms.map(() => ({ recoveryPoints: points }) as unknown as VmResult);
  const churn = churnOf(run);
  const valued = withValues(run, results, churn);
  return { compatibility: compatibilityOf(run, valued, rules), placement: placementOf(run, valued, churn, rules) };
}
