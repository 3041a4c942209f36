import type { CostTerms } from '../model/prices.ts';
import type { DiskTier } from '../model/rules.ts';
import { formatDurationMs, HOUR_MS } from '../units.ts';
import {
  type CostPart,
  DISKS,
  HYPERV_FAQ,
  type LineContext,
  type LineDraft,
  PLANNER,
  shownNumber,
} from './cost-line.ts';
import { MONTH_MS, sum } from './cost-quantities.ts';

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

export function computeLines(context: LineContext, when: 'monthly' | 'disaster'): LineDraft[] {
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
      note:
        size === null
          ? 'The files do not tell processors and memory, or no size of the rules takes them: name the sizes with "vmSizes".'
          : osNote(terms),
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

export function diskLines(context: LineContext, when: 'monthly' | 'disaster'): LineDraft[] {
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
export function tierLines({ vms, terms, diskTiers }: LineContext, monthsEach: number, text: TierText): LineDraft[] {
  const counted = new Set(vms.flatMap(({ disksByTier }) => [...disksByTier.keys()]));
  const tiers = diskTiers.filter(({ id }) => counted.has(id)).map(({ id }) => id);
  if (counted.has('')) tiers.push('');
  return tiers.map((tier) => {
    const counts = vms.map(({ disksByTier }) => disksByTier.get(tier) ?? 0);
    const { id, when, part, title, purpose, formula, factorText, source } = text;
    const item = tier === '' ? null : `disk/${tier}/${terms.diskRedundancy}`;
    return {
      ...{ id: `${id}/${tier === '' ? '?' : tier}`, when, part, item, purpose, formula, source, isBilled: true },
      title: `${title}, ${tier === '' ? 'without a tier' : tier}`,
      unit: 'disk-months',
      quantity: sum(counts) * monthsEach,
      weights: counts.map((count) => count * monthsEach),
      note: tier === '' ? UNPLACED : transactionNote(diskTiers.find(({ id }) => id === tier)!),
      filled: `${sum(counts)}${factorText}`,
    };
  });
}

const UNPLACED = 'No managed disk of this type takes them, or too little is known of them: the placement says which.';

function transactionNote({ type }: DiskTier): string | null {
  if (type === 'premium-ssd') return null;
  return 'Standard disks are charged for their transactions besides; how many there will be is not known here.';
}
