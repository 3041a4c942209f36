import { counted, type FindingRule, namesOf } from './finding.ts';

/** VMs of which nobody knows what they write. */
export const assumedChurn: FindingRule = {
  id: 'assumed-churn',
  fine: 'The churn of every VM was given or measured',
  trouble: 'The churn of VMs is assumed',
  why: 'Bandwidth and RPO rest on churn more than on anything else, and here a rule has guessed it.',
  source: 'docs/decisions/0007',
  judge({ vms }) {
    const assumed = vms.filter(({ confidence }) => confidence === 'assumed').sort((a, b) => b.usedBytes - a.usedBytes);
    if (assumed.length === 0) {
      return {
        ok: true,
        title: `The churn of all ${counted(vms.length, 'VM')} was given or measured`,
        value: 0,
        unit: 'VMs',
      };
    }
    return {
      ok: false,
      severity: 'warning',
      title: `The churn of ${counted(assumed.length, 'VM')} of ${vms.length} is assumed`,
      ...{ value: assumed.length, unit: 'VMs' },
      action: 'Measure it for a week (docs/collect.md), or say what you know with --assume-churn.',
      names: namesOf(assumed),
    };
  },
};
