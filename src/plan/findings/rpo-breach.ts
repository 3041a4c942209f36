import { formatDurationMs, formatShare } from '../../units.ts';
import { counted, type FindingRule } from './finding.ts';

/** VMs whose recovery point was older than the target after their first delta (semantics 14). */
export const rpoBreach: FindingRule = ({ vms, result }) => {
  const { targetMs, steady } = result.rpo;
  const breakers = vms
    .filter((vm) => (vm.steadyRpo.maxMs ?? 0) > targetMs)
    .sort((a, b) => b.steadyRpo.maxMs! - a.steadyRpo.maxMs!);
  const worst = breakers[0];
  if (worst === undefined) return undefined;
  return {
    id: 'rpo-breach',
    severity: 'broken',
    title: `${counted(breakers.length, 'VM')} exceeded the RPO of ${formatDurationMs(targetMs)}, ${worst.name} by most: ${formatDurationMs(worst.steadyRpo.maxMs!)}`,
    detail: `Counted from each VM’s first delta; ${formatShare(steady.withinTargetFraction!)} of the VM-time was within the RPO.`,
    action:
      'Raise the bandwidth to the recommended one, move churn out of the worst hours, or exclude disks that need no replica (page file, tempdb).',
    subjects: breakers.map((vm) => vm.name),
    reference: 'semantics 14; Site Recovery Deployment Planner, "RPO 100 % of the time"',
  };
};
