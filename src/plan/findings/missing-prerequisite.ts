import { counted, type FindingRule, namesOf } from './finding.ts';

/** VMs whose Enable protection job fails, so that nothing of them is replicated. */
export const missingPrerequisite: FindingRule = {
  id: 'missing-prerequisite',
  fine: 'Every VM can be protected',
  trouble: 'VMs lack a prerequisite of protection',
  why: 'The job "Enable protection" checks the prerequisites first. Such VMs stay unprotected and are in no other figure.',
  source: 'Hyper-V replication with Azure Site Recovery, 2016, "Enable protection"',
  judge({ vms }) {
    const failed = vms.filter((vm) => vm.enableFailure !== null);
    const first = failed[0];
    if (first === undefined) {
      return {
        ok: true,
        title: `No prerequisite of ${counted(vms.length, 'VM')} is missing, as far as the site is known`,
        value: 0,
        unit: 'VMs',
      };
    }
    const reasons = [...new Set(failed.map((vm) => vm.enableFailure!))];
    const others = reasons.length === 1 ? '' : ` (and ${counted(reasons.length - 1, 'other reason')})`;
    return {
      ok: false,
      severity: 'broken',
      title: `${counted(failed.length, 'VM')} cannot be protected: ${first.enableFailure!}${others}`,
      ...{ value: failed.length, unit: 'VMs' },
      action: 'Meet the prerequisite that each VM’s job names, then run the plan again.',
      names: namesOf(failed),
    };
  },
};
