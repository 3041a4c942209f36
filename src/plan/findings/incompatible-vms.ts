import { counted, type FindingRule } from './finding.ts';

/** VMs that break a limit which makes them incompatible. */
export const incompatibleVms: FindingRule = {
  id: 'incompatible-vms',
  fine: 'No VM breaks a limit of the service, as far as is known',
  trouble: 'VMs break a limit of the service',
  why: 'They cannot be protected as they are. They still count in this plan, since what they write is there until somebody changes them.',
  source: 'the rules in force, each with its own source and date (rules/*.json, --rules)',
  judge({ compatibility: { vms, limits } }) {
    if (limits.length === 0) return undefined;
    const failing = vms.filter(({ verdict }) => verdict === 'incompatible');
    const limitOf = (vm: (typeof vms)[number]) => vm.failed.find(({ effect }) => effect === 'incompatible');
    const first = failing[0] === undefined ? undefined : limitOf(failing[0]);
    if (first === undefined) {
      const title = `None of ${counted(vms.length, 'VM')} breaks one of the ${limits.length} limits, as far as is known`;
      return { ok: true, title, value: 0, unit: 'VMs' };
    }
    const actions = [...new Set(failing.flatMap((vm) => limitOf(vm)?.action ?? []))];
    return {
      ok: false,
      severity: 'broken',
      title: `${counted(failing.length, 'VM')} cannot be protected as ${failing.length === 1 ? 'it is' : 'they are'}: ${failing[0]!.vm}, ${first.title}`,
      ...{ value: failing.length, unit: 'VMs' },
      action: `${actions.slice(0, 3).join(' ')} Or leave them out (--exclude).`,
      names: failing.map(({ vm }) => vm),
    };
  },
};
