import { formatDurationMs } from '../../units.ts';
import { counted, type FindingRule, namesOf } from './finding.ts';

/** What the outages cost beyond their own length: the ladder of retries goes on waiting after the link is back. */
export const linkOutage: FindingRule = {
  id: 'link-outage',
  fine: 'No outage of the link broke off a transfer',
  trouble: 'Outages of the link broke off transfers',
  why: 'After a failure the next attempts follow after 1, 2, 4, 8 and 10 minutes, then every 30: a link that is down for 40 minutes costs a VM 55.',
  source: 'Hyper-V replication with Azure Site Recovery, 2016, "Retry logic"; the reading as gaps: chosen',
  judge({ result, vms }) {
    const { outages } = result.link;
    if (outages.length === 0) return undefined;
    const failed = vms.filter((vm) => vm.cycles.failed > 0);
    const longestMs = outages.reduce((most, outage) => Math.max(most, outage.endMs - outage.startMs), 0);
    const title = `${counted(outages.length, 'outage')} of up to ${formatDurationMs(longestMs)} broke off transfers of ${counted(failed.length, 'VM')}`;
    if (failed.length === 0) return { ok: true, title, value: 0, unit: 'VMs' };
    return {
      ok: false,
      severity: 'note',
      title,
      ...{ value: failed.length, unit: 'VMs' },
      action: 'Have a second way for replication, or an RPO that bears the outage and the retries after it.',
      names: namesOf(failed.toSorted((a, b) => (b.steadyRpo.maxMs ?? 0) - (a.steadyRpo.maxMs ?? 0))),
    };
  },
};
