import { formatDurationMs } from '../../units.ts';
import { counted, type FindingRule } from './finding.ts';

/** What the outages cost beyond their own length: the ladder of retries goes on waiting after the link is back. */
export const linkOutage: FindingRule = ({ run, vms }) => {
  const { outages } = run.site.link;
  const failed = vms.filter((vm) => vm.cycles.failed > 0);
  if (outages.length === 0) return undefined;
  const longestMs = Math.max(...outages.map((outage) => outage.endMs - outage.startMs));
  const worst = failed.toSorted((a, b) => (b.steadyRpo.maxMs ?? 0) - (a.steadyRpo.maxMs ?? 0));
  return {
    id: 'link-outage',
    severity: 'note',
    title: `${counted(outages.length, 'outage')} of up to ${formatDurationMs(longestMs)} broke off transfers of ${counted(failed.length, 'VM')}`,
    detail:
      'After a failure the next attempts follow after 1, 2, 4, 8 and 10 minutes, then every 30: a link that is down for 40 minutes costs a VM 55.',
    action: '',
    subjects: worst.slice(0, 5).map((vm) => vm.name),
    reference: 'Hyper-V replication with Azure Site Recovery, 2016, "Retry logic"; the reading as gaps: chosen',
  };
};
