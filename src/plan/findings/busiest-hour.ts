import { formatLocal } from '../../model/clock.ts';
import { formatDurationMs } from '../../units.ts';
import type { FindingRule } from './finding.ts';

/** From so many times the mean on a stretch of time is a peak of its own. [chosen] */
const TIMES_MEAN = 4;

/** Whether the fleet's churn has a peak that may be moved. */
export const busiestHour: FindingRule = {
  id: 'busiest-hour',
  fine: 'The fleet writes evenly',
  trouble: 'The fleet’s churn has a peak',
  why: 'Backups, index rebuilds and defragmentation that all begin at one time make such peaks; the link must carry them, or the RPO waits.',
  source: 'Microsoft virtualization blog, 2014-02-02, on sudden growth of HRL files; four times the mean: chosen',
  judge({ run, result }) {
    const { writtenBytes, stateBucketMs } = result.series;
    const total = writtenBytes.reduce((sum, bytes) => sum + bytes, 0);
    if (total === 0 || writtenBytes.length < 2) return undefined;
    const at = writtenBytes.reduce((most, bytes, index) => (bytes > writtenBytes[most]! ? index : most), 0);
    const times = writtenBytes[at]! / ((total * stateBucketMs) / result.horizonMs);
    const when = formatLocal(run.workload.clock, at * stateBucketMs);
    const title = `In the ${formatDurationMs(stateBucketMs)} from ${when} the fleet writes ${times.toFixed(1)} times its mean`;
    if (times < TIMES_MEAN) return { ok: true, title, value: times, unit: 'times' };
    return {
      ok: false,
      severity: 'note',
      title,
      ...{ value: times, unit: 'times' },
      action: 'See in the chart of the churn which hours recur, and spread the jobs that begin then.',
      names: [when],
    };
  },
};
