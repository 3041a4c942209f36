import { formatBytes } from '../../units.ts';
import { counted, type FindingRule } from './finding.ts';

/** VMs whose initial replication fits in no batch, however small. */
export const batchesDoNotFit: FindingRule = {
  id: 'batches-do-not-fit',
  fine: 'Every VM fits in a batch of initial replication',
  trouble: 'VMs fit in no batch of initial replication',
  why: 'Even alone its snapshot and logs do not fit where it is, or its logs mark it for resynchronization before the first copy is there.',
  source: 'docs/method.md, "Batches"; Site Recovery Deployment Planner, "Initial replication batching"',
  judge({ batches }) {
    if (batches === null) return undefined;
    const lacking = batches.batches.flatMap(({ fits, vms }) => (fits ? [] : vms));
    const worst = lacking.toSorted((left, right) => missing(right) - missing(left));
    const [first] = worst;
    if (first === undefined) {
      return { ok: true, title: 'Every VM fits in a batch of initial replication', value: 0, unit: 'VMs' };
    }
    const most = missing(first);
    const amount = most > 0 ? `: ${first.vm} lacks ${formatBytes(most)}` : `: ${first.vm}`;
    return {
      ok: false,
      severity: 'broken',
      title: `${counted(lacking.length, 'VM')} ${lacking.length === 1 ? 'fits' : 'fit'} in no batch of initial replication${amount}`,
      ...{ value: lacking.length, unit: 'VMs' },
      detail: first.why,
      action: first.advice ?? 'Add space, or provide more bandwidth.',
      names: worst.map(({ vm }) => vm),
    };
  },
};

function missing({ deficits }: { readonly deficits: readonly { readonly missingBytes: number }[] }): number {
  return deficits.reduce((sum, { missingBytes }) => sum + missingBytes, 0);
}
