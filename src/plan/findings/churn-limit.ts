import { SCENARIOS } from '../../model/scenario.ts';
import { DAY_MS, formatBytes } from '../../units.ts';
import { counted, type FindingRule, namesOf } from './finding.ts';

/** Of a VM with premium storage and writes of 16 KB or more: the largest of the published limits. Which MB is not said: the smaller one is taken. */
const LIMIT_BYTES_PER_SEC = 20e6;
const LIMIT_WORDS = '20 MB/s';

/** VMs above the published limit of churn of Azure Site Recovery. */
export const churnLimit: FindingRule = {
  id: 'churn-limit',
  fine: 'No VM is above the published limit of churn',
  trouble: 'VMs are above the published limit of churn',
  why: `Azure Site Recovery supports at most ${LIMIT_WORDS} of average churn for a VM on premium storage with writes of 16 KB or more, and less for smaller writes and standard storage.`,
  source: 'Analyze the Hyper-V Deployment Planner report, 2019-10-21, "Azure Site Recovery limits"',
  judge({ run, vms }) {
    if (SCENARIOS[run.policy.scenario].target !== 'azure') return undefined;
    const perSec = (vm: { churnBytesPerDay: number }): number => (vm.churnBytesPerDay * 1000) / DAY_MS;
    const busiest = vms.toSorted((a, b) => b.churnBytesPerDay - a.churnBytesPerDay);
    const worst = busiest[0];
    if (worst === undefined) return undefined;
    const above = busiest.filter((vm) => perSec(vm) > LIMIT_BYTES_PER_SEC);
    const found = `${formatBytes(Math.round(perSec(worst)))} a second`;
    if (above.length === 0) {
      const title = `The busiest VM writes ${found}; the limit is ${LIMIT_WORDS}`;
      return { ok: true, title, value: perSec(worst), unit: 'B/s' };
    }
    return {
      ok: false,
      severity: 'warning',
      title: `${counted(above.length, 'VM')} ${above.length === 1 ? 'writes' : 'write'} more than ${LIMIT_WORDS} on average: ${worst.name} ${found}`,
      ...{ value: perSec(worst), unit: 'B/s' },
      action: 'Exclude disks that need no replica, or spread the load over more VMs; Azure may refuse or delay these.',
      names: namesOf(above),
    };
  },
};
