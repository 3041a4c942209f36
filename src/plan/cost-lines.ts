import type { CostTerms, CostUnit } from '../model/prices.ts';
import type { Run } from '../model/run.ts';
import { SCENARIOS } from '../model/scenario.ts';
import { type Bytes, DAY_MS, formatBitsPerSec, formatBytes, formatDurationMs, GIB, HOUR_MS } from '../units.ts';
import { MONTH_MS, sum, type VmQuantities } from './cost-quantities.ts';

export const COST_TIMES = ['monthly', 'once', 'disaster'] as const;
/** `monthly`: every month, drills as their yearly cost by twelve. `once`: at the start. `disaster`: each time the fleet fails over and back. */
export type CostTime = (typeof COST_TIMES)[number];

export const COST_PARTS = [
  'licence',
  'storage',
  'recovery points',
  'transactions',
  'network',
  'drills',
  'failover',
] as const;
export type CostPart = (typeof COST_PARTS)[number];

/** A line before any price. */
export interface LineDraft {
  readonly id: string;
  readonly title: string;
  /** What it is for. */
  readonly purpose: string;
  readonly when: CostTime;
  readonly part: CostPart;
  /** What prices it (`model/prices.ts`); `null` = nothing is charged for it, or nothing can price it. */
  readonly item: string | null;
  readonly unit: CostUnit;
  /** Whether somebody charges for it. */
  readonly isBilled: boolean;
  /** `null` = unknown: {@link note} says why. */
  readonly quantity: number | null;
  /** Each VM's part of it, in the inventory's order: the amount is shared out in this proportion. */
  readonly weights: readonly number[];
  readonly note: string | null;
  readonly formula: string;
  readonly filled: string;
  readonly source: string;
}

const PLANNER = 'Microsoft, “Cost estimation report by Azure Site Recovery Deployment Planner” (Hyper-V), 11/27/2018';
const FAQ = 'Microsoft, “General questions about the Azure Site Recovery service”, 05/27/2021';
const HYPERV_FAQ = 'Microsoft, “Common questions - Hyper-V to Azure disaster recovery”, 12/27/2024';
const DISKS = 'Microsoft, “Understand Azure Disk Storage billing”, 08/06/2024';
const OURS = 'the run’s own numbers';

export interface LineContext {
  readonly run: Run;
  readonly terms: CostTerms;
  readonly vms: readonly VmQuantities[];
}

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

function siteLines(context: LineContext): LineDraft[] {
  const { vms } = context;
  const storage = (
    id: string,
    title: string,
    purpose: string,
    part: CostPart,
    bytes: readonly Bytes[],
    formula: string,
  ): LineDraft => ({
    ...{ id, title, purpose, part, when: 'monthly', item: 'site-storage/gb', unit: 'GB-months', isBilled: true },
    ...inGb(bytes, formula),
    note: simulatedNote(vms),
    source: `${OURS}; what the second site’s storage costs only you know`,
  });
  const line = (when: CostTime, bytes: readonly Bytes[], formula: string): LineDraft => ({
    ...{ id: `line-${when}`, when, part: 'network', item: 'line/gb', unit: 'GB', isBilled: true },
    title: when === 'once' ? 'First copy over the line' : 'Deltas over the line',
    purpose: 'Bytes on the wire between the two sites.',
    ...inGb(bytes, formula),
    note: simulatedNote(vms),
    source: OURS,
  });
  return [
    licence(context, 'site'),
    storage(
      'site-replicas',
      'Storage of the replicas',
      'Full copies of the disks’ used bytes at the second site.',
      'storage',
      vms.map((vm) => vm.usedBytes),
      'used bytes ÷ 2^30',
    ),
    storage(
      'site-points',
      'Storage of recovery points',
      'What kept recovery points take beside the replicas, at their most.',
      'recovery points',
      vms.map((vm) => vm.recoveryPointBytes),
      'peak of the recovery points’ bytes ÷ 2^30',
    ),
    connection(context),
    line(
      'monthly',
      vms.map((vm) => vm.wireBytesPerMonth),
      WIRE_FORMULA,
    ),
    ...freeDays(context, 'site'),
    ...(isThrough(context)
      ? []
      : [
          line(
            'once',
            vms.map((vm) => vm.initialWireBytes),
            'bytes of initial replication on the wire ÷ 2^30',
          ),
        ]),
  ];
}

const WIRE_FORMULA =
  'written bytes × (delta bytes on the wire ÷ written bytes that they brought) × month ÷ run, and resynchronizations × month ÷ run; ÷ 2^30';

/** Whether the fleet is protected already: nothing comes once any more. */
function isThrough({ run }: LineContext): boolean {
  return run.options.skipInitialReplication;
}

function licence({ vms }: LineContext, target: 'azure' | 'site'): LineDraft {
  const where = target === 'azure' ? 'to Azure' : 'to a second site (System Center)';
  return {
    ...{ id: 'licence', when: 'monthly', part: 'licence', item: `licence/${target}`, unit: 'instance-months' },
    title: `Site Recovery, ${where}`,
    purpose:
      'The licence of each protected instance, once its free days are over. How many disks it has does not matter.',
    isBilled: true,
    quantity: vms.length,
    weights: vms.map(() => 1),
    note: 'Every VM of the inventory counts, also one that cannot be protected yet.',
    formula: 'protected instances',
    filled: `${vms.length} instances`,
    source: `${FAQ}: pricing; ${PLANNER}: licence`,
  };
}

/** A credit: the licence of the first days, which the monthly line has counted in full. */
function freeDays(context: LineContext, target: 'azure' | 'site'): LineDraft[] {
  const { vms, terms } = context;
  if (isThrough(context) || terms.freeDays === 0) return [];
  const months = (terms.freeDays * DAY_MS) / MONTH_MS;
  return [
    {
      ...{ id: 'licence-free-days', when: 'once', part: 'licence', item: `licence/${target}`, unit: 'instance-months' },
      title: `First ${terms.freeDays} days free`,
      purpose:
        'Each instance’s first days are without a licence charge: what need not be paid. Storage, transactions and transfer are charged from the first day.',
      isBilled: true,
      quantity: -vms.length * months,
      weights: vms.map(() => 1),
      note: null,
      formula: '− instances × free days ÷ (365 ÷ 12)',
      filled: `− ${vms.length} × ${terms.freeDays} ÷ ${shownNumber(365 / 12)}`,
      source: `${FAQ}: “Every protected instance incurs no Azure Site Recovery charges for the first 31 days”`,
    },
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
function logStorage({ vms, terms }: LineContext): LineDraft[] {
  if (terms.replica !== 'managed disks' || terms.diskType !== 'premium ssd') return [];
  const { logRetentionMs } = terms;
  const bytes = vms.map((vm) => (vm.wireBytesPerMonth * (logRetentionMs ?? 0)) / MONTH_MS);
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
      weights: logRetentionMs === null ? vms.map((vm) => vm.wireBytesPerMonth) : gb.weights,
      filled: logRetentionMs === null ? 'unknown' : gb.filled,
      note:
        logRetentionMs === null
          ? 'How long a log stays there is not documented: look at the account’s used capacity, and give "logRetention".'
          : null,
      source: `${HYPERV_FAQ}: why an additional standard storage account is required; how long a log stays is UNDOCUMENTED`,
    },
  ];
}

function connection({ vms, run }: LineContext): LineDraft {
  const rate = formatBitsPerSec(run.site.link.capacityBitsPerSec);
  return {
    ...{ id: 'connection', when: 'monthly', part: 'network', item: 'connection', unit: 'connections', isBilled: true },
    title: `The connection of ${rate}`,
    purpose:
      'ExpressRoute circuit, VPN gateway or Internet line, as far as replication has to pay for it. Shared out by bytes on the wire.',
    quantity: 1,
    weights: vms.map((vm) => vm.wireBytesPerMonth),
    note: 'Which circuit or gateway you use is not known here: give its monthly price as "connection", 0 where it is there anyway.',
    formula: 'one connection',
    filled: `1 of ${rate}`,
    source: `${PLANNER}: network`,
  };
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

interface Spell {
  readonly id: string;
  readonly when: 'monthly' | 'disaster';
  readonly part: CostPart;
  readonly title: string;
  readonly purpose: string;
  readonly ms: number;
  readonly formula: string;
  readonly filled: string;
  readonly source: string;
}

/** How long the fleet runs in Azure: of a month on average by drills, or after a disaster. */
function spellOf({ terms }: LineContext, when: 'monthly' | 'disaster'): Spell {
  const { drillsPerYear, drillMs, failoverMs } = terms;
  if (when === 'monthly') {
    return {
      ...{ id: 'drill', when, part: 'drills', title: 'Drills', ms: (drillsPerYear * drillMs) / 12 },
      purpose: 'Test failovers make real VMs and disks. Their cost of a year, by twelve.',
      formula: 'drills a year × length ÷ 12',
      filled: `${drillsPerYear} × ${formatDurationMs(drillMs)} ÷ 12`,
      source: `${PLANNER}: “Total DR-drill duration in a year = number of DR drills x each DR drill duration (days)”, average by month ÷ 12`,
    };
  }
  return {
    ...{ id: 'failover', when, part: 'failover', title: 'In Azure after a failover', ms: failoverMs },
    purpose: 'After a failover the VMs and their disks are paid for as long as they run in Azure.',
    formula: 'time in Azure',
    filled: formatDurationMs(failoverMs),
    source: `${HYPERV_FAQ}: “you’re billed for the compute resources that you consume in Azure”`,
  };
}

function computeLines(context: LineContext, when: 'monthly' | 'disaster'): LineDraft[] {
  const { vms, terms } = context;
  const spell = spellOf(context, when);
  const hours = spell.ms / HOUR_MS;
  const sizes = [...new Set(vms.map(({ size }) => size))].sort(bySize);
  return sizes.map((size) => {
    const weights = vms.map((vm) => (vm.size === size ? hours : 0));
    const count = vms.filter((vm) => vm.size === size).length;
    return {
      ...{ id: `${spell.id}-compute/${size ?? '?'}`, when, part: spell.part, unit: 'VM-hours', isBilled: true },
      item: size === null ? null : `compute/${size}/${terms.osLicence === 'windows' ? 'windows' : 'linux'}`,
      title: `${spell.title}: ${size === null ? 'VMs without a size' : size}`,
      purpose: spell.purpose,
      quantity: sum(weights),
      weights,
      note: size === null ? 'The files do not tell cores and memory: say the sizes with "vmSizes".' : osNote(terms),
      formula: `VMs × (${spell.formula}) in hours`,
      filled: `${count} × (${spell.filled}) = ${count} × ${shownNumber(hours)} h`,
      source: spell.source,
    };
  });
}

/** Those without a size come last. */
function bySize(left: string | null, right: string | null): number {
  if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
  return left < right ? -1 : 1;
}

function osNote({ osLicence }: CostTerms): string | null {
  return osLicence === 'hybrid benefit'
    ? 'Windows by Azure Hybrid Benefit: the price without a Windows licence.'
    : null;
}

function diskLines(context: LineContext, when: 'monthly' | 'disaster'): LineDraft[] {
  const spell = spellOf(context, when);
  return tierLines(context, spell.ms / MONTH_MS, {
    ...spell,
    id: `${spell.id}-disk`,
    title: `${spell.title}: managed disks`,
    formula: `disks of the tier × (${spell.formula}) ÷ month`,
    factorText: ` × (${spell.filled}) ÷ ${formatDurationMs(MONTH_MS)}`,
    source: `${spell.source}; ${DISKS}`,
  });
}

interface TierText extends Pick<LineDraft, 'id' | 'title' | 'purpose' | 'when' | 'part' | 'formula' | 'source'> {
  readonly factorText: string;
}

/** A line for each tier that there is a disk of. */
function tierLines({ vms, terms }: LineContext, monthsEach: number, text: TierText): LineDraft[] {
  const tiers = [...new Set(vms.flatMap(({ disksByTier }) => [...disksByTier.keys()]))].sort(byTier);
  return tiers.map((tier) => {
    const counts = vms.map(({ disksByTier }) => disksByTier.get(tier) ?? 0);
    const { id, when, part, title, purpose, formula, factorText, source } = text;
    const item = tier === '' ? null : `disk/${tier}/${terms.diskRedundancy}`;
    return {
      ...{ id: `${id}/${tier === '' ? '?' : tier}`, when, part, item, purpose, formula, source, isBilled: true },
      title: `${title}, ${tier === '' ? 'larger than any tier' : tier}`,
      unit: 'disk-months',
      quantity: sum(counts) * monthsEach,
      weights: counts.map((count) => count * monthsEach),
      note: tier === '' ? 'No managed disk of this type is as large.' : transactionNote(terms),
      filled: `${sum(counts)}${factorText}`,
    };
  });
}

function byTier(left: string, right: string): number {
  const number = (tier: string): number => (tier === '' ? Number.POSITIVE_INFINITY : Number(tier.slice(1)));
  return number(left) - number(right);
}

function transactionNote({ diskType }: CostTerms): string | null {
  if (diskType === 'premium ssd') return null;
  return 'Standard disks are charged for their transactions besides; how many there will be is not known here.';
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
    source: 'Microsoft, “Run a failback for Hyper-V VMs” (full download); data out of Azure by the price of bandwidth',
  };
}

/** Bytes as what is billed: Azure counts a GB as 2^30 bytes [memory]. */
function inGb(
  bytes: readonly Bytes[],
  formula: string,
): Pick<LineDraft, 'quantity' | 'weights' | 'formula' | 'filled'> {
  const weights = bytes.map((own) => own / GIB);
  return {
    quantity: sum(weights),
    weights,
    formula,
    filled: `${Math.round(sum(bytes)).toLocaleString('en-US')} B ÷ 2^30`,
  };
}

/** Which VMs’ numbers are no outcome of the run. */
function simulatedNote(vms: readonly VmQuantities[]): string | null {
  const count = vms.filter(({ isSimulated }) => !isSimulated).length;
  if (count === 0) return null;
  return `${count} of ${vms.length} VMs got no or few deltas through within the run: theirs are the written bytes × compression ÷ the link’s efficiency.`;
}

/** `1 connection`, `1,234.5 GB-months`. */
export function quantityText(quantity: number, unit: CostUnit): string {
  const words = quantity === 1 ? unit.replace(/s$/, '') : unit;
  return `${shownNumber(quantity)} ${words}`;
}

/** A number with as many digits as a bill needs. */
export function shownNumber(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 1 ? 6 : 4 });
}
