import { formatShare } from '../../units.ts';
import { counted, type FindingRule } from './finding.ts';

/** Hyper-V Replica warns above this share of missed cycles. */
const MISSED_SHARE_LIMIT = 0.2;

/** VMs that miss many of their copy intervals. */
export const missedCycles: FindingRule = ({ vms }) => {
  const share = (vm: (typeof vms)[number]): number => {
    const cycles = vm.cycles.completed + vm.cycles.missed;
    return cycles === 0 ? 0 : vm.cycles.missed / cycles;
  };
  const missing = vms.filter((vm) => share(vm) > MISSED_SHARE_LIMIT).sort((a, b) => share(b) - share(a));
  const worst = missing[0];
  if (worst === undefined) return undefined;
  return {
    id: 'missed-cycles',
    severity: 'warning',
    title: `${counted(missing.length, 'VM')} ${missing.length === 1 ? 'misses' : 'miss'} more than 20 % of the copy intervals: ${worst.name} ${formatShare(share(worst))}`,
    detail: 'A set of logs was still under way when the next one was due; Hyper-V Replica shows Warning.',
    action: 'Provide more bandwidth, or a longer copy frequency where the RPO allows it.',
    subjects: missing.map((vm) => vm.name),
    reference:
      'Hyper-V Replica health, Warning above 20 % of missed cycles (Microsoft virtualization blog, 2012-06-15)',
  };
};
