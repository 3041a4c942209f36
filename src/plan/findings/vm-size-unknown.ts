import { counted, type FindingRule } from './finding.ts';

/** VMs of which no Azure size is known. */
export const vmSizeUnknown: FindingRule = {
  id: 'vm-size-unknown',
  fine: 'Every VM has a size in Azure',
  trouble: 'VMs have no size in Azure',
  why: 'Without a size nobody knows what a failover or a drill of them costs, nor whether the region’s quota of cores is enough.',
  source:
    'Microsoft, “Cost estimation report by Azure Site Recovery Deployment Planner” (Hyper-V), 11/27/2018: IaaS size',
  judge({ cost: { vms }, placement }) {
    if (placement === null || vms.length === 0) return undefined;
    const without = vms.filter(({ size }) => size === null);
    const figures = { value: without.length, unit: 'VMs' as const };
    if (without.length === 0) return { ok: true, title: `All ${counted(vms.length, 'VM')} have a size`, ...figures };
    const names = new Set(without.map(({ name }) => name));
    const reasons = new Set(placement.vms.filter(({ vm }) => names.has(vm)).map((vm) => vm.azureVmSizeReason));
    return {
      ok: false,
      severity: 'note',
      title: `${counted(without.length, 'VM')} of ${vms.length} ${without.length === 1 ? 'has' : 'have'} no size in Azure`,
      ...figures,
      detail: `Why: ${[...reasons].toSorted().slice(0, 3).join('; ')}.`,
      names: [...names],
      action:
        'Bring processors and memory along (Get-VM, or the columns cores and memory), add sizes with --rules, or name them with "vmSizes" of --prices.',
    };
  },
};
