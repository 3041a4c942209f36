import { formatDurationMs } from '../../units.ts';
import { counted, type FindingRule } from './finding.ts';

/** Whether the deltas of VMs that are protected stay in time while later batches are copied. */
export const batchBreaksObjective: FindingRule = {
  id: 'batch-breaks-objective',
  fine: 'Running deltas keep the objective beside every batch',
  trouble: 'Running deltas break the objective beside a batch',
  why: 'First copies share the link with the deltas of VMs that are protected already, flow by flow.',
  source: 'docs/method.md, rules 12 to 17 and "Batches"; a simulation of the batches',
  judge({ run, batches }) {
    // Where the deltas alone are late, the batches are not to blame.
    if (batches === null || !batches.objectiveHoldsAlone) return undefined;
    const target = formatDurationMs(run.options.rpoTargetMs);
    const { lateVmCount } = batches;
    if (lateVmCount === 0) {
      return { ok: true, title: `Deltas keep the RPO of ${target} beside every batch`, value: 0, unit: 'VMs' };
    }
    return {
      ok: false,
      severity: 'warning',
      title: `While batches are copied, ${counted(lateVmCount, 'VM')} ${lateVmCount === 1 ? 'has' : 'have'} a recovery point older than ${target}`,
      ...{ value: lateVmCount, unit: 'VMs' },
      detail: `Of ${batches.roundCount} arrangements that were tried this one is the best.`,
      action:
        'Provide more bandwidth until initial replication is through, give the first copies less weight (a limit for their VMs in the site file), or accept it for those days.',
      names: batches.batches
        .filter((batch) => batch.lateVmCount > 0)
        .toSorted((left, right) => right.lateVmCount - left.lateVmCount)
        .map(({ name }) => name),
    };
  },
};
