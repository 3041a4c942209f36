import { formatShare } from '../../units.ts';
import type { FindingRule } from './finding.ts';

/** More of a month's bill than this for drills is worth a look at how they are held. [chosen] */
const SHARE_MOST = 0.5;

/** What drills are of a month's bill. */
export const drillShare: FindingRule = {
  id: 'drill-share',
  fine: 'Drills are a small part of the bill',
  trouble: 'Drills are most of the bill',
  why: 'A test failover makes real VMs and disks, which are paid for as long as they are left standing.',
  source: 'chosen: half of the monthly amounts that are known',
  judge({ cost: { lines, terms } }) {
    const monthly = lines.filter(({ when, amountMicros }) => when === 'monthly' && amountMicros !== null);
    const sum = (of: typeof monthly): number => of.reduce((total, { amountMicros }) => total + amountMicros!, 0);
    const drills = monthly.filter(({ part }) => part === 'drills');
    const whole = sum(monthly);
    if (drills.length === 0 || whole <= 0) return undefined;
    const share = sum(drills) / whole;
    const title = `Drills are ${formatShare(share)} of the month’s bill, as far as it is known`;
    const figures = { value: share, unit: 'share' as const };
    if (share <= SHARE_MOST) return { ok: true, title, ...figures };
    return {
      ...{ ok: false, severity: 'note', title, ...figures },
      detail: `${terms.drillsPerYear} drills a year of ${terms.drillMs / 86_400_000} days each.`,
      action: 'Clean test failovers up sooner (drillDuration), or hold them with smaller sizes (vmSizes).',
    };
  },
};
