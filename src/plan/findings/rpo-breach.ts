import { formatLocal } from '../../model/clock.ts';
import { formatDurationMs, formatShare } from '../../units.ts';
import { counted, type FindingRule, namesOf } from './finding.ts';

/** VMs whose recovery point was older than the target after their first delta (semantics 14). */
export const rpoBreach: FindingRule = {
  id: 'rpo-breach',
  fine: 'Every VM keeps the RPO from its first delta on',
  trouble: 'VMs exceed the RPO',
  why: 'The age of the newest recovery point is what a disaster at that moment would cost.',
  source: 'docs/method.md, rule 14; Site Recovery Deployment Planner, "RPO 100 % of the time"',
  judge({ vms, result, run }) {
    const { targetMs, steady } = result.rpo;
    const target = formatDurationMs(targetMs);
    if (steady.maxMs === null) return undefined;
    const breakers = vms
      .filter((vm) => (vm.steadyRpo.maxMs ?? 0) > targetMs)
      .sort((a, b) => b.steadyRpo.maxMs! - a.steadyRpo.maxMs!);
    const worst = breakers[0];
    if (worst === undefined) {
      const title = `Every VM keeps the RPO of ${target} from its first delta on: the oldest recovery point was ${formatDurationMs(steady.maxMs)} old`;
      return { ok: true, title, value: steady.maxMs, unit: 'ms' };
    }
    const lastMs = breakers.reduce((last, vm) => Math.max(last, vm.lastBreachAtMs!), 0);
    const since =
      lastMs < result.horizonMs
        ? ` The last breach ended on ${formatLocal(run.workload.clock, lastMs)}, ${formatDurationMs(lastMs)} after the start; from then on the RPO was kept.`
        : '';
    return {
      ok: false,
      severity: 'broken',
      title: `${counted(breakers.length, 'VM')} exceeded the RPO of ${target}, ${worst.name} by most: ${formatDurationMs(worst.steadyRpo.maxMs!)}`,
      value: worst.steadyRpo.maxMs,
      unit: 'ms',
      detail: `Counted from each VM’s first delta; ${formatShare(steady.withinTargetFraction!)} of the VM-time was within the RPO.${since}`,
      action:
        'Raise the bandwidth to the recommended one, move churn out of the worst hours, or exclude disks that need no replica (page file, tempdb).',
      names: namesOf(breakers),
    };
  },
};
