import { formatLocal } from '../../model/clock.ts';
import { formatDurationMs, formatShare } from '../../units.ts';
import { counted, type FindingRule } from './finding.ts';

/** VMs whose recovery point was older than the target after their first delta (semantics 14). */
export const rpoBreach: FindingRule = ({ vms, result, run }) => {
  const { targetMs, steady } = result.rpo;
  const breakers = vms
    .filter((vm) => (vm.steadyRpo.maxMs ?? 0) > targetMs)
    .sort((a, b) => b.steadyRpo.maxMs! - a.steadyRpo.maxMs!);
  const worst = breakers[0];
  if (worst === undefined) return undefined;
  const lastMs = Math.max(...breakers.map((vm) => vm.lastBreachAtMs!));
  const since =
    lastMs < result.horizonMs
      ? ` The last breach ended on ${formatLocal(run.workload.clock, lastMs)}, ${formatDurationMs(lastMs)} after the start; from then on the RPO was kept.`
      : '';
  return {
    id: 'rpo-breach',
    severity: 'broken',
    title: `${counted(breakers.length, 'VM')} exceeded the RPO of ${formatDurationMs(targetMs)}, ${worst.name} by most: ${formatDurationMs(worst.steadyRpo.maxMs!)}`,
    detail: `Counted from each VM’s first delta; ${formatShare(steady.withinTargetFraction!)} of the VM-time was within the RPO.${since}`,
    action:
      'Raise the bandwidth to the recommended one, move churn out of the worst hours, or exclude disks that need no replica (page file, tempdb).',
    subjects: breakers.map((vm) => vm.name),
    reference: 'docs/method.md, rule 14; Site Recovery Deployment Planner, "RPO 100 % of the time"',
  };
};
