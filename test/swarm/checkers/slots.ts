import { broken, type Law, type Watched } from './law.ts';

const NAME = 'one transfer of a VM and at most N VMs’ of a host at a time';

export function slotsKept(watched: Watched): Law {
  const { run, vms } = watched;
  const flows = vms.map(() => false);
  const limitOf = (host: string): number =>
    run.site.hosts.find(({ name }) => name === host)?.maxActiveTransfers ??
    run.policy.maxActiveTransfers ??
    Number.POSITIVE_INFINITY;
  return {
    name: NAME,
    transfer(vm, begins, nowMs) {
      if (begins && flows[vm]) broken(watched, NAME, vm, nowMs, 'a second transfer begins');
      if (!begins && !flows[vm]) broken(watched, NAME, vm, nowMs, 'a transfer ends that had not begun');
      flows[vm] = begins;
      const { host } = vms[vm]!;
      const count = vms.filter((other, v) => other.host === host && flows[v]).length;
      if (count > limitOf(host)) broken(watched, NAME, vm, nowMs, `${count} transfers leave ${host}`);
    },
  };
}
