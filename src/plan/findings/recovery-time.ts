import { formatDurationMs, HOUR_MS } from '../../units.ts';
import { counted, type FindingRule, namesOf } from './finding.ts';

/** The service's own bound for one protected instance. */
const BOUND_MS = 2 * HOUR_MS;

/** How long recovery plans take until the last group serves. */
export const recoveryTime: FindingRule = {
  id: 'recovery-time',
  fine: 'Every recovery plan is through within two hours',
  trouble: 'A recovery plan takes more than two hours',
  why: 'From the disaster until the last group serves: until somebody knows, has decided, and every group and action is done.',
  source:
    'SLA of Azure Site Recovery, RTO of 2 h for an on-premises instance, as quoted by third parties: taken as a bound, not as an estimate',
  judge({ recoveryPlans }) {
    const slowest = recoveryPlans.toSorted((a, b) => b.unplanned.rtoMs - a.unplanned.rtoMs);
    const worst = slowest[0];
    if (worst === undefined) return undefined;
    const { rtoMs } = worst.unplanned;
    const late = slowest.filter(({ unplanned }) => unplanned.rtoMs > BOUND_MS);
    if (late.length === 0) {
      const title = `The slowest recovery plan, ${worst.name}, is through after ${formatDurationMs(rtoMs)}`;
      return { ok: true, title, value: rtoMs, unit: 'ms' };
    }
    return {
      ok: false,
      severity: 'note',
      title: `${counted(late.length, 'recovery plan')} ${late.length === 1 ? 'takes' : 'take'} more than ${formatDurationMs(BOUND_MS)}: ${worst.name} ${formatDurationMs(rtoMs)}`,
      ...{ value: rtoMs, unit: 'ms' },
      action: 'Look at its terms: manual actions, groups one after another, and the time until somebody decides.',
      names: namesOf(late),
    };
  },
};
