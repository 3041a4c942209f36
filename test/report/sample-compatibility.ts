import type { Compatibility, FailedLimit, Placement, PlanVm, RuleSet, VmCompatibility } from '../../src/plan/plan.ts';
import { SHIPPED_RULES } from '../../src/plan/shipped-rules.ts';
import { GIB } from '../../src/units.ts';

export const SAMPLE_RULES: RuleSet = SHIPPED_RULES;

const LIMIT = SHIPPED_RULES.limits[0]!;
const FAILED: FailedLimit = {
  ...{ rule: LIMIT.id, title: LIMIT.title, effect: 'incompatible', disk: 'data</td>', diskCount: 2, value: 5632 },
  ...{
    limit: LIMIT.limit,
    comparison: LIMIT.comparison,
    unit: LIMIT.unit,
    source: LIMIT.source,
    sourceDate: LIMIT.sourceDate,
    action: LIMIT.action,
  },
};

/** Every seventh VM has too large a disk; of the others every second was not checked in one point. */
export function sampleCompatibility(vms: readonly PlanVm[]): Compatibility {
  const judged = vms.map(({ name }, at): VmCompatibility => {
    if (at % 7 === 1) {
      return { ...{ vm: name, verdict: 'incompatible', failed: [FAILED], unchecked: [] }, excludeOption: '--exclude' };
    }
    const unchecked = at % 2 === 0 ? ['encryption'] : [];
    return {
      ...{ vm: name, verdict: unchecked.length > 0 ? 'unknown' : 'compatible', failed: [], unchecked },
      excludeOption: null,
    };
  });
  const countOf = (verdict: VmCompatibility['verdict']): number => judged.filter((vm) => vm.verdict === verdict).length;
  return {
    counts: {
      compatible: countOf('compatible'),
      incompatible: countOf('incompatible'),
      unknown: countOf('unknown'),
    },
    vms: judged,
    limits: [
      { rule: LIMIT.id, failedCount: countOf('incompatible'), uncheckedCount: 0 },
      { rule: 'encryption', failedCount: 0, uncheckedCount: countOf('unknown') },
    ],
  };
}

export function samplePlacement(vms: readonly PlanVm[]): Placement {
  return {
    vms: vms.map(({ name }, at) => ({
      ...{ vm: name, storage: 'premium', storageReason: 'not met: Average churn that standard storage takes' },
      azureVmSize: at % 3 === 0 ? null : 'Standard_D4s_v5',
      azureVmSizeReason: at % 3 === 0 ? 'not known: memory' : 'the smallest with 4 processors and 16 GiB',
      disks: [
        { disk: 'os', sizeBytes: 100 * GIB, type: 'premium-ssd', tier: 'P10', tierReason: 'by size' },
        {
          disk: 'data</td>',
          sizeBytes: 40_000 * GIB,
          type: 'premium-ssd',
          tier: null,
          tierReason: 'larger than every tier',
        },
      ],
    })),
    tiers: [
      {
        ...{ tier: 'P10', type: 'premium-ssd', diskCount: vms.length },
        ...{ sizeBytes: vms.length * 100 * GIB, tierBytes: vms.length * 128 * GIB },
      },
    ],
    unplacedDiskCount: vms.length,
  };
}
