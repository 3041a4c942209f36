import type { VmOverride } from '../../model/policy.ts';
import type { Run } from '../../model/run.ts';
import { meanBytesPerSec, type Vm } from '../../model/workload.ts';
import { DAY_MS } from '../../units.ts';

/**
 * The run with copies of some of its VMs: on the same host, with the same disks, settings and cloud, under names that are free. Without `like`
 * copies of the VM whose churn is the median, which is what one more VM of this fleet is like [chosen].
 */
export function withAddedVms(run: Run, count: number, like: readonly Vm[]): Run {
  const { vms } = run.workload;
  if (count === 0 || vms.length === 0) return run;
  const patterns = like.length > 0 && like.length < vms.length ? like : [medianVm(vms)];
  const taken = new Set(vms.map(({ name }) => name));
  const overrides = new Map(run.policy.overrides.map((own) => [own.vm, own]));
  const originalOf = new Map<string, string>();
  const copies = Array.from({ length: count }, (_, index): Vm => {
    const original = patterns[index % patterns.length]!;
    const name = freeName(original.name, taken);
    taken.add(name);
    originalOf.set(name, original.name);
    return { ...original, name };
  });
  const copiedOverrides = copies.flatMap(({ name }): VmOverride[] => {
    const own = overrides.get(originalOf.get(name)!);
    return own === undefined ? [] : [{ ...own, vm: name }];
  });
  const clouds = run.site.clouds.map((cloud) =>
    cloud.vms === undefined
      ? cloud
      : {
          ...cloud,
          vms: [
            ...cloud.vms,
            ...copies.map(({ name }) => name).filter((name) => cloud.vms!.includes(originalOf.get(name)!)),
          ],
        },
  );
  return {
    ...run,
    workload: { ...run.workload, vms: [...vms, ...copies] },
    site: { ...run.site, clouds },
    policy: { ...run.policy, overrides: [...run.policy.overrides, ...copiedOverrides] },
  };
}

function medianVm(vms: readonly Vm[]): Vm {
  const churnOf = (vm: Vm): number => vm.disks.reduce((sum, { churn }) => sum + meanBytesPerSec(churn), 0);
  const sorted = vms.map((vm) => ({ vm, churn: churnOf(vm) })).toSorted((a, b) => a.churn - b.churn);
  return sorted[sorted.length >> 1]!.vm;
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number++) {
    const copy = `${name} (copy ${number})`;
    if (!taken.has(copy)) return copy;
  }
}

/** Enabled in so many batches of equal number a day apart, the VMs with the least to replicate first [chosen]. */
export function withBatches(run: Run, count: number): Run {
  const { vms } = run.workload;
  const usedBytes = (vm: Vm): number => vm.disks.reduce((sum, disk) => sum + disk.usedBytes, 0);
  const sorted = vms.map((vm) => ({ vm, bytes: usedBytes(vm) })).toSorted((a, b) => a.bytes - b.bytes);
  const perBatch = Math.max(1, Math.ceil(vms.length / count));
  const overrides = new Map(run.policy.overrides.map((own) => [own.vm, own]));
  sorted.forEach(({ vm: { name } }, index) => {
    const own = overrides.get(name);
    const enableAtMs = Math.floor(index / perBatch) * DAY_MS;
    const initialReplication = { ...run.policy.initialReplication, ...own?.settings.initialReplication, enableAtMs };
    overrides.set(name, { ...own, vm: name, settings: { ...own?.settings, initialReplication } });
  });
  return { ...run, policy: { ...run.policy, overrides: [...overrides.values()] } };
}
