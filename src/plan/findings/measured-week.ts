import { counted, type FindingRule, namesOf } from './finding.ts';

/** VMs whose churn is known, but not over a whole week. */
export const measuredWeek: FindingRule = {
  id: 'measured-week',
  fine: 'Churn was measured over every hour of the week',
  trouble: 'Churn was not measured over a whole week',
  why: 'Nights, weekends and the day of the backup differ; the deployment planner advises more than 7 days, and 31 are best.',
  source: 'Run the Hyper-V Deployment Planner, 2026-01-12, "StartProfiling"',
  judge({ vms }) {
    const known = vms.filter(({ confidence }) => confidence !== 'assumed');
    if (known.length === 0) return undefined;
    const short = known
      .filter(({ confidence }) => confidence !== 'week')
      .sort((a, b) => b.churnBytesPerDay - a.churnBytesPerDay);
    if (short.length === 0) {
      return {
        ok: true,
        title: `The churn of ${counted(known.length, 'VM')} was measured in every hour of the week`,
        value: 0,
        unit: 'VMs',
      };
    }
    const average = short.filter(({ confidence }) => confidence === 'average').length;
    return {
      ok: false,
      severity: 'note',
      title: `The churn of ${counted(short.length, 'VM')} was not measured over a whole week: ${average} are known by an average alone`,
      ...{ value: short.length, unit: 'VMs' },
      action: 'Measure for a week at least, better for a month (docs/collect.md): an average has no peaks.',
      names: namesOf(short),
    };
  },
};
