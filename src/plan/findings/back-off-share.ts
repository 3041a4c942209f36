import { formatDurationMs, formatShare } from '../../units.ts';
import type { FindingRule } from './finding.ts';

/** From there on waiting costs more than the outage itself and all that is sent after it [chosen]. */
const MOST_OF_IT = 0.5;

/** What of the worst age after an outage is waiting for the next attempt. */
export const backOffShare: FindingRule = {
  id: 'back-off-share',
  fine: 'After an outage most of the age comes from the outage itself',
  trouble: 'After an outage most of the age comes from waiting for the next attempt',
  why: 'The gaps between attempts grow to half an hour: VMs wait on a link that has long been back.',
  source:
    'Hyper-V replication with Azure Site Recovery, 2016, "Retry logic"; beside the same outage where all resume at once; half: chosen',
  judge({ failures }) {
    const [worst] = failures.backOff.toSorted((a, b) => b.share - a.share || a.lengthMs - b.lengthMs);
    if (worst === undefined || worst.worstAgeMs === 0) return undefined;
    const { lengthMs, worstAgeMs, immediateWorstAgeMs, share } = worst;
    const title = `After an outage of ${formatDurationMs(lengthMs)}, ${formatShare(share)} of the worst RPO of ${formatDurationMs(worstAgeMs)} is waiting for the next attempt`;
    if (share <= MOST_OF_IT) return { ok: true, title, value: share, unit: 'share' };
    return {
      ok: false,
      severity: 'note',
      title,
      ...{ value: share, unit: 'share' },
      detail: `If all tried again at once it would be ${formatDurationMs(immediateWorstAgeMs)}.`,
      action:
        'Resume replication by hand, or by a script, as soon as the link is back: pausing and resuming makes the next attempt at once.',
    };
  },
};
