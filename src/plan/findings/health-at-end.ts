import { counted, type FindingRule, namesOf } from './finding.ts';

/** Health as the product would show it at the end of the run. */
export const healthAtEnd: FindingRule = {
  id: 'health-at-end',
  fine: 'Replication health is Normal at the end',
  trouble: 'Replication health is not Normal at the end',
  why: 'It is what monitoring shows, and what an administrator is called for.',
  source:
    'Hyper-V Replica health (Microsoft virtualization blog, 2012-06-15); Azure Site Recovery, "Monitor and troubleshoot"',
  judge({ vms }) {
    const ill = vms
      .filter(({ health }) => health !== 'Normal')
      .sort((a, b) => Number(b.health === 'Critical') - Number(a.health === 'Critical'));
    const worst = ill[0];
    if (worst === undefined) {
      return { ok: true, title: `Health of ${counted(vms.length, 'VM')} is Normal at the end`, value: 0, unit: 'VMs' };
    }
    const reason = worst.healthReasons[0] === undefined ? '' : `: ${worst.healthReasons[0]}`;
    return {
      ok: false,
      severity: 'warning',
      title: `Health of ${counted(ill.length, 'VM')} is not Normal at the end; ${worst.name} is ${worst.health}${reason}`,
      ...{ value: ill.length, unit: 'VMs' },
      action: 'Each VM’s page names its reasons; begin with those that are Critical.',
      names: namesOf(ill),
    };
  },
};
