import { SCENARIOS } from '../model/scenario.ts';
import { formatBytes } from '../units.ts';
import { connection, freeDays, isThrough, licence, WIRE_FORMULA } from './cost-common-lines.ts';
import { DISKS, FAQ, HYPERV_FAQ, inGb, type LineContext, type LineDraft, OURS, simulatedNote } from './cost-line.ts';
import { MONTH_MS, sum } from './cost-quantities.ts';
import { siteLines } from './cost-site-lines.ts';
import { computeLines, diskLines, tierLines } from './cost-stay-lines.ts';

/** All lines of a run, by what is paid when. */
export function costLines(context: LineContext): LineDraft[] {
  return SCENARIOS[context.run.policy.scenario].target === 'azure' ? azureLines(context) : siteLines(context);
}

function azureLines(context: LineContext): LineDraft[] {
  return [
    licence(context, 'azure'),
    ...replicas(context),
    recoveryPoints(context),
    ...writes(context, 'monthly'),
    ...logStorage(context),
    connection(context),
    transferIn(context, 'monthly'),
    ...computeLines(context, 'monthly'),
    ...diskLines(context, 'monthly'),
    ...freeDays(context, 'azure'),
    ...writes(context, 'once'),
    ...(isThrough(context) ? [] : [transferIn(context, 'once')]),
    ...computeLines(context, 'disaster'),
    ...diskLines(context, 'disaster'),
    failback(context),
  ];
}

function replicas(context: LineContext): LineDraft[] {
  const { vms, terms } = context;
  if (terms.replica === 'managed disks') {
    return tierLines(context, 1, {
      id: 'replica',
      when: 'monthly',
      part: 'storage',
      title: 'Replicas on managed disks',
      purpose: 'A managed disk for each replicated disk, billed by its tier whatever it holds.',
      formula: 'disks of the tier',
      factorText: '',
      source: `${DISKS}; ${FAQ}: managed disks as target storage. “Common questions - Hyper-V to Azure disaster recovery” has replicas in a storage account`,
    });
  }
  return [
    {
      ...{ id: 'replica', when: 'monthly', part: 'storage', unit: 'GB-months', isBilled: true },
      item: `page-blob/${terms.account}/${terms.redundancy}/gb`,
      title: `Replicas in a storage account (${terms.account}, ${terms.redundancy})`,
      purpose: 'Replicas lie as page blobs in the storage account until a failover; what is written of them is billed.',
      ...inGb(
        vms.map((vm) => vm.usedBytes),
        'used bytes ÷ 2^30',
      ),
      note: 'That only written pages are billed is from memory, not from a document that was read.',
      source: `${HYPERV_FAQ}: “data is replicated to Azure storage”`,
    },
  ];
}

function recoveryPoints({ vms, terms }: LineContext): LineDraft {
  const onDisks = terms.replica === 'managed disks';
  return {
    ...{ id: 'recovery-points', when: 'monthly', part: 'recovery points', unit: 'GB-months', isBilled: true },
    item: onDisks ? `snapshots/${terms.diskRedundancy}/gb` : `page-blob/${terms.account}/${terms.redundancy}/gb`,
    title: onDisks ? 'Recovery points (snapshots)' : 'Recovery points in the storage account',
    purpose:
      'The first recovery point is the replica; each further one that is kept holds what has changed. Taken is the most that they came to in the run.',
    ...inGb(
      vms.map((vm) => vm.recoveryPointBytes),
      'peak of the recovery points’ bytes ÷ 2^30',
    ),
    note: simulatedNote(vms),
    source: `${FAQ}: points with delta changes (10 GB each, 12 points, 0.16 per GB: 1.60 × 12 per month)${onDisks ? `; ${DISKS}: snapshots by used size` : ''}`,
  };
}

function writes(context: LineContext, when: 'monthly' | 'once'): LineDraft[] {
  const { vms, terms } = context;
  // Replicas on premium disks are written to without a charge for each write; of other disks nothing is documented.
  if (terms.replica === 'managed disks' || (when === 'once' && isThrough(context))) return [];
  // What arrives: the bytes on the wire without the link's protocol (semantics 5).
  const { efficiencyRatio } = context.run.site.link;
  const bytes = vms.map((vm) => (when === 'monthly' ? vm.wireBytesPerMonth : vm.initialWireBytes) * efficiencyRatio);
  const { operationBytes } = terms;
  const counts = operationBytes === null ? bytes : bytes.map((own) => Math.ceil(own / operationBytes));
  const what = when === 'monthly' ? 'deltas' : 'initial replication';
  return [
    {
      ...{
        id: when === 'monthly' ? 'writes' : 'writes-initial',
        when,
        part: 'transactions',
        unit: 'operations',
        isBilled: true,
      },
      item: `page-blob/${terms.account}/${terms.redundancy}/writes`,
      title: `Write operations of ${what}`,
      purpose: 'Each upload into the storage account is a transaction, and Site Recovery makes many of them.',
      quantity: operationBytes === null ? null : sum(counts),
      weights: counts,
      note:
        operationBytes === null
          ? 'How many bytes one operation carries is not documented: measure it on a running VM (Transactions of the storage account), and give "operationSize".'
          : simulatedNote(vms),
      formula: 'bytes on the wire of each VM × the link’s efficiency ÷ bytes of an operation, rounded up',
      filled: `${formatBytes(sum(bytes))} ÷ ${operationBytes === null ? 'unknown' : formatBytes(operationBytes)}`,
      source: `${HYPERV_FAQ}: “Azure Site Recovery is transactions heavy”; the size of an operation is UNDOCUMENTED`,
    },
  ];
}

/** Only replicas on premium storage have a further account for their logs. */
function logStorage({ vms, terms, diskTiers }: LineContext): LineDraft[] {
  const premium = new Set(diskTiers.filter(({ type }) => type === 'premium-ssd').map(({ id }) => id));
  const onPremium = vms.map(({ disksByTier }) => [...disksByTier.keys()].some((tier) => premium.has(tier)));
  if (terms.replica !== 'managed disks' || !onPremium.includes(true)) return [];
  const { logRetentionMs } = terms;
  const perMonth = vms.map(({ wireBytesPerMonth }, vm) => (onPremium[vm] ? wireBytesPerMonth : 0));
  const bytes = perMonth.map((own) => (own * (logRetentionMs ?? 0)) / MONTH_MS);
  const gb = inGb(bytes, 'delta bytes on the wire per month × time that a log stays ÷ month ÷ 2^30');
  return [
    {
      ...{
        id: 'log-storage',
        when: 'monthly',
        part: 'storage',
        item: 'log-storage/gb',
        unit: 'GB-months',
        isBilled: true,
      },
      title: 'Logs in a further standard storage account',
      purpose: 'With premium storage the replication logs go to a standard storage account of their own.',
      ...gb,
      quantity: logRetentionMs === null ? null : gb.quantity,
      weights: logRetentionMs === null ? perMonth : gb.weights,
      filled: logRetentionMs === null ? 'unknown' : gb.filled,
      note:
        logRetentionMs === null
          ? 'How long a log stays there is not documented: look at the account’s used capacity, and give "logRetention".'
          : null,
      source: `${HYPERV_FAQ}: why an additional standard storage account is required; how long a log stays is UNDOCUMENTED`,
    },
  ];
}

function transferIn(context: LineContext, when: 'monthly' | 'once'): LineDraft {
  const { vms } = context;
  const bytes = vms.map((vm) => (when === 'monthly' ? vm.wireBytesPerMonth : vm.initialWireBytes));
  return {
    ...{
      id: when === 'monthly' ? 'transfer-in' : 'transfer-in-initial',
      when,
      part: 'network',
      item: null,
      unit: 'GB',
      isBilled: false,
    },
    title: when === 'monthly' ? 'Deltas into Azure' : 'Initial replication into Azure',
    purpose:
      'Bytes on the wire into Azure, for a line that is paid by volume. Azure itself charges nothing for data that comes in.',
    ...inGb(bytes, when === 'monthly' ? WIRE_FORMULA : 'bytes of initial replication on the wire ÷ 2^30'),
    note: ['That data into Azure is free is from memory; check it for your offer.', simulatedNote(vms)]
      .filter((part) => part !== null)
      .join(' '),
    source: OURS,
  };
}

function failback({ vms }: LineContext): LineDraft {
  return {
    ...{ id: 'failback', when: 'disaster', part: 'network', item: 'egress/gb', unit: 'GB', isBilled: true },
    title: 'Failback out of Azure',
    purpose:
      'Bytes that leave Azure on the way back: at most all that the disks hold (full download). Synchronizing before the failover sends only what differs.',
    ...inGb(
      vms.map((vm) => vm.usedBytes),
      'used bytes ÷ 2^30',
    ),
    note: 'The most that a failback can take; over ExpressRoute another price may hold.',
    source:
      'Microsoft, “Run a failback for Hyper-V VMs”, 11/27/2018 (full download); data out of Azure by the price of bandwidth',
  };
}
