import { formatBitsPerSec, formatShare } from '../../units.ts';
import type { FindingRule } from './finding.ts';

/** With less than this over what the RPO needs a link has hardly any reserve. [chosen] */
const RESERVE_LEAST = 0.2;

/** What the link has over what the RPO needs. */
export const bandwidthReserve: FindingRule = {
  id: 'bandwidth-reserve',
  fine: 'The link has a reserve',
  trouble: 'The link has hardly any reserve',
  why: 'What was found holds for the churn that was simulated; the deployment planner adds 30 % for growth by itself, this plan adds what --growth-factor says.',
  source: 'Site Recovery Deployment Planner, "Growth factor"; a fifth: chosen',
  judge({ run, bandwidth, bandwidthGiven }) {
    const capacity = run.site.link.capacityBitsPerSec;
    if (bandwidth.always === null || bandwidth.always > capacity) return undefined;
    const reserve = capacity / bandwidth.always - 1;
    const title = `The link has ${formatShare(reserve)} more than the ${formatBitsPerSec(bandwidth.always)} that the RPO needs`;
    if (reserve >= RESERVE_LEAST) return { ok: true, title, value: reserve, unit: 'share' };
    return {
      ok: false,
      severity: 'note',
      title: bandwidthGiven
        ? title
        : `${formatBitsPerSec(capacity)} is the smallest that keeps the RPO: nothing is in reserve`,
      ...{ value: reserve, unit: 'share' },
      action: `Plan with the growth that you expect (--growth-factor 30%), or provide ${formatBitsPerSec(Math.ceil(bandwidth.always * (1 + RESERVE_LEAST)))}.`,
    };
  },
};
