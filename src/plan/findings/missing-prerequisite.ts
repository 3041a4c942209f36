import { counted, type FindingRule } from './finding.ts';

/** VMs whose Enable protection job fails, so that nothing of them is replicated. */
export const missingPrerequisite: FindingRule = ({ vms }) => {
  const failed = vms.filter((vm) => vm.enableFailure !== null);
  const first = failed[0];
  if (first === undefined) return undefined;
  const reasons = [...new Set(failed.map((vm) => vm.enableFailure!))];
  const others = reasons.length === 1 ? '' : ` (and ${counted(reasons.length - 1, 'other reason')})`;
  return {
    id: 'missing-prerequisite',
    severity: 'broken',
    title: `${counted(failed.length, 'VM')} cannot be protected: ${first.enableFailure!}${others}`,
    detail:
      'The job "Enable protection" checks the prerequisites first. These VMs stay unprotected and are in no other figure.',
    action: 'Meet the prerequisite that each VM’s job names, then run the plan again.',
    subjects: failed.map((vm) => vm.name),
    reference: 'Hyper-V replication with Azure Site Recovery, 2016, "Enable protection"',
  };
};
