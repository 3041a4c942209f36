import { counted, type FindingRule } from './finding.ts';

/** Limits that could not be checked, since no file tells what they ask for. */
export const uncheckedLimits: FindingRule = {
  id: 'unchecked-limits',
  fine: 'Every limit could be checked',
  trouble: 'Limits could not be checked',
  why: 'What is not known has not passed: the job "Enable protection" would find it out on the day.',
  source: 'the rules in force, each with its own source and date (rules/*.json, --rules)',
  judge({ compatibility: { vms, limits }, rules }) {
    if (limits.length === 0) return undefined;
    const unknown = vms.filter(({ unchecked }) => unchecked.length > 0);
    if (unknown.length === 0) {
      return { ok: true, title: `Every limit was checked for all ${counted(vms.length, 'VM')}`, value: 0, unit: 'VMs' };
    }
    const most = limits.toSorted((a, b) => b.uncheckedCount - a.uncheckedCount).slice(0, 2);
    const inForce = new Map(rules.limits.map((limit) => [limit.id, limit]));
    const collect = most.flatMap(({ rule }) => inForce.get(rule)?.collect ?? []);
    return {
      ok: false,
      severity: 'note',
      title: `Not every limit could be checked for ${counted(unknown.length, 'VM')} of ${vms.length}`,
      ...{ value: unknown.length, unit: 'VMs' },
      action:
        collect.length === 0 ? 'The section on compatibility says what to collect.' : [...new Set(collect)].join(' '),
      names: unknown.map(({ vm }) => vm),
    };
  },
};
