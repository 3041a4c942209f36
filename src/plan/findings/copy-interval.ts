import { formatDurationMs } from '../../units.ts';
import { counted, type FindingRule, namesOf } from './finding.ts';

/** With fewer intervals than this in the RPO one late or failed copy breaks it. [chosen] */
const INTERVALS_LEAST = 2;

/** VMs whose copy interval leaves no room in the RPO. */
export const copyInterval: FindingRule = {
  id: 'copy-interval',
  fine: 'The RPO leaves room for a late copy',
  trouble: 'The RPO leaves no room for a late copy',
  why: 'A recovery point is as old as the interval and the transfer together, just before the next one: one copy that is late or fails breaks an RPO of less than two intervals.',
  source: 'docs/method.md, rules 12 and 14; two intervals: chosen',
  judge({ result, vms }) {
    const { targetMs } = result.rpo;
    const longest = vms.toSorted((a, b) => b.copyFrequencyMs - a.copyFrequencyMs);
    const worst = longest[0];
    if (worst === undefined) return undefined;
    const intervals = targetMs / worst.copyFrequencyMs;
    const tight = longest.filter(({ copyFrequencyMs }) => copyFrequencyMs * INTERVALS_LEAST > targetMs);
    const words = `The RPO of ${formatDurationMs(targetMs)}`;
    if (tight.length === 0) {
      const title = `${words} is at least ${Math.floor(intervals)} copy intervals long`;
      return { ok: true, title, value: intervals, unit: 'intervals' };
    }
    return {
      ok: false,
      severity: 'warning',
      title: `${words} leaves ${counted(tight.length, 'VM')} no room for a late copy: one every ${formatDurationMs(worst.copyFrequencyMs)}`,
      ...{ value: intervals, unit: 'intervals' },
      action: 'Copy more often (--copy-frequency), or agree on a longer RPO.',
      names: namesOf(tight),
    };
  },
};
