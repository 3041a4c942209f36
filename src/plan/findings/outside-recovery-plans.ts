import { counted, type FindingRule, namesOf } from './finding.ts';

/** VMs that no recovery plan starts. */
export const outsideRecoveryPlans: FindingRule = {
  id: 'outside-recovery-plans',
  fine: 'Every VM is in a recovery plan',
  trouble: 'VMs are in no recovery plan',
  why: 'What is in no plan is failed over by hand, one by one, while everybody waits.',
  source: 'Azure Site Recovery, "About recovery plans"',
  judge({ run, vms }) {
    const { recoveryPlans } = run.site;
    if (recoveryPlans.length === 0) return undefined;
    const planned = new Set(recoveryPlans.flatMap(({ groups }) => groups.flatMap((group) => group.vms)));
    const outside = vms.filter(({ name }) => !planned.has(name));
    if (outside.length === 0) {
      return { ok: true, title: `All ${counted(vms.length, 'VM')} are in a recovery plan`, value: 0, unit: 'VMs' };
    }
    return {
      ok: false,
      severity: 'note',
      title: `${counted(outside.length, 'VM')} of ${vms.length} ${outside.length === 1 ? 'is' : 'are'} in no recovery plan`,
      ...{ value: outside.length, unit: 'VMs' },
      action: 'Put them into a plan, or note that they are failed over by hand.',
      names: namesOf(outside),
    };
  },
};
