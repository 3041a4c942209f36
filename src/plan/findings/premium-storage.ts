import { MINUTE_MS } from '../../units.ts';
import { counted, type FindingRule } from './finding.ts';

/** VMs whose replicas need the dearer storage. */
export const premiumStorage: FindingRule = {
  id: 'premium-storage',
  fine: 'No VM needs premium storage',
  trouble: 'VMs need premium storage',
  why: 'It costs several times as much as standard storage, and a policy with copies every 30 seconds does not go with it.',
  source:
    'the rules in force (rules/*.json, --rules); Azure Site Recovery, "Common questions: Hyper-V to Azure", copy frequency',
  judge({ placement, run }) {
    if (placement === null) return undefined;
    const premium = placement.vms.filter(({ storage }) => storage === 'premium');
    const first = premium[0];
    if (first === undefined) {
      const title = `Standard storage is enough for all ${counted(placement.vms.length, 'VM')}`;
      return { ok: true, title, value: 0, unit: 'VMs' };
    }
    const isTooFrequent = run.policy.copyFrequencyMs < MINUTE_MS;
    return {
      ok: false,
      severity: isTooFrequent ? 'warning' : 'note',
      title: `${counted(premium.length, 'VM')} ${premium.length === 1 ? 'needs' : 'need'} premium storage: ${first.vm}, ${first.storageReason}`,
      ...{ value: premium.length, unit: 'VMs' },
      action: isTooFrequent
        ? 'Copy every 5 minutes, or lower what these VMs write: copies every 30 seconds are not offered with premium storage.'
        : 'Reckon with its price, or leave the disks out that make them need it.',
      names: premium.map(({ vm }) => vm),
    };
  },
};
