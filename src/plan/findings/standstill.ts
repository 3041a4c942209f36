import { CAUSES } from '../../model/cause.ts';
import type { PlanVm } from '../plan.ts';
import { counted, type FindingRule, namesOf } from './finding.ts';

/** VMs whose replication stands still at the end until an administrator acts. */
export const standstill: FindingRule = {
  id: 'standstill',
  fine: 'No replication waits for an administrator at the end',
  trouble: 'Replication stands still until an administrator acts',
  why: 'A non-recoverable error is not tried again, and a pause does not end by itself: tracking goes on, and the logs grow to half of the disk.',
  source: 'Hyper-V replication with Azure Site Recovery, 2016, "Retry logic"',
  judge({ vms }) {
    const stopped = vms.filter(({ phaseAtEnd }) => phaseAtEnd === 'critical' || phaseAtEnd === 'paused');
    if (stopped.length === 0) {
      return { ok: true, title: 'No VM is paused or Critical at the end of the run', value: 0, unit: 'VMs' };
    }
    const critical = stopped.filter(({ phaseAtEnd }) => phaseAtEnd === 'critical').length;
    return {
      ok: false,
      severity: 'warning',
      title: `${counted(stopped.length, 'VM')} ${stopped.length === 1 ? 'stands' : 'stand'} still at the end: ${critical} Critical, ${stopped.length - critical} paused`,
      ...{ value: stopped.length, unit: 'VMs' },
      action: remedies(stopped),
      names: namesOf(stopped),
    };
  },
};

/** What an administrator does about each cause, and about a pause. */
function remedies(stopped: readonly PlanVm[]): string {
  const acts = stopped.map(({ phaseAtEnd, lastError }) =>
    phaseAtEnd === 'paused' || lastError === null ? 'Resume what is paused.' : CAUSES[lastError].remedy,
  );
  return [...new Set(acts)].join(' ');
}
