import { formatShare } from '../../units.ts';
import type { FindingRule } from './finding.ts';

/** From this share of the run on a link is more than now and then full. [chosen] */
const MUCH_SHARE = 0.1;

/** How much of the time the link was full. */
export const linkClipping: FindingRule = {
  id: 'link-clipping',
  fine: 'The link is seldom full',
  trouble: 'The link is full for much of the time',
  why: 'Where traffic is clipped at the link’s capacity, whatever is written on top waits in the logs.',
  source:
    'Zerto’s field rule of clipping (a flat top of the traffic is the sign to look for); a tenth of the time: chosen',
  judge({ result }) {
    const share = result.link.clippedFraction;
    const title = `The link was full for ${formatShare(share)} of the run`;
    if (share < MUCH_SHARE) return { ok: true, title, value: share, unit: 'share' };
    return {
      ok: false,
      severity: 'note',
      title,
      ...{ value: share, unit: 'share' },
      action: 'See in the chart of the traffic when that is, and whose traffic fills it.',
    };
  },
};
