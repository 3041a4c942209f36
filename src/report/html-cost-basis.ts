import { type CostTerms, DEFAULT_TERMS } from '../model/prices.ts';
import type { Cost } from '../plan/plan.ts';
import { formatBytes, formatDurationMs, formatShare } from '../units.ts';
import { scrollTable } from './html-table.ts';
import { html, type Markup } from './html-template.ts';
import { shownName } from './shown-name.ts';

const FILES_MOST = 20;

const PLANNER = 'the default of Microsoft’s deployment planner (cost estimation report, 11/27/2018)';
const HYPERV_FAQ = 'Microsoft, “Common questions - Hyper-V to Azure disaster recovery”, 12/27/2024';

interface Term {
  readonly name: string;
  readonly keys: readonly (keyof CostTerms)[];
  readonly value: (terms: CostTerms) => string;
  readonly why: string;
}

const TERMS: readonly Term[] = [
  {
    name: 'replica',
    keys: ['replica'],
    value: ({ replica }) => replica,
    why: `“Data is replicated to Azure storage”, managed disks come at a failover: ${HYPERV_FAQ}. The general FAQ of 05/27/2021 says managed disks.`,
  },
  { name: 'account', keys: ['account'], value: ({ account }) => account, why: 'Chosen: general purpose v2.' },
  {
    name: 'redundancy',
    keys: ['redundancy'],
    value: ({ redundancy }) => redundancy,
    why: `LRS: ${PLANNER}. GRS is recommended: ${HYPERV_FAQ}.`,
  },
  {
    name: 'diskType, diskRedundancy',
    keys: ['diskType', 'diskRedundancy'],
    value: ({ diskType, diskRedundancy }) => `${diskType}, ${diskRedundancy}`,
    why: 'Chosen: the tiers that the placement proposes (Compatibility), by size and load.',
  },
  {
    name: 'osLicence',
    keys: ['osLicence'],
    value: ({ osLicence }) => osLicence,
    why: `Azure Hybrid Benefit: ${PLANNER}.`,
  },
  {
    name: 'freeDays',
    keys: ['freeDays'],
    value: ({ freeDays }) => String(freeDays),
    why: '“Every protected instance incurs no Azure Site Recovery charges for the first 31 days”: Microsoft, general FAQ, 05/27/2021.',
  },
  {
    name: 'drillsPerYear, drillDuration',
    keys: ['drillsPerYear', 'drillMs'],
    value: ({ drillsPerYear, drillMs }) => `${drillsPerYear} of ${formatDurationMs(drillMs)}`,
    why: `4 of 7 days: ${PLANNER}.`,
  },
  {
    name: 'failoverDuration',
    keys: ['failoverMs'],
    value: ({ failoverMs }) => formatDurationMs(failoverMs),
    why: 'Chosen: a week in Azure.',
  },
  {
    name: 'operationSize',
    keys: ['operationBytes'],
    value: ({ operationBytes }) => (operationBytes === null ? 'unknown' : formatBytes(operationBytes)),
    why: 'Undocumented: to be measured on a VM that replicates.',
  },
  {
    name: 'logRetention',
    keys: ['logRetentionMs'],
    value: ({ logRetentionMs }) => (logRetentionMs === null ? 'unknown' : formatDurationMs(logRetentionMs)),
    why: 'Undocumented; it matters only for replicas on premium managed disks.',
  },
  {
    name: 'discount',
    keys: ['discountRatio'],
    value: ({ discountRatio }) => formatShare(discountRatio),
    why: 'Taken off every price.',
  },
  {
    name: 'vmSizes',
    keys: ['vmSizes'],
    value: ({ vmSizes }) => (vmSizes.length === 0 ? 'as placed' : `${vmSizes.length} patterns, else as placed`),
    why: 'The placement proposes a size where processors and memory are known (Compatibility).',
  },
];

/** What was decided, with reason and source, and where the prices come from. */
export function costBasis({ terms, book }: Cost): Markup {
  const rows = TERMS.map(({ name, keys, value, why }) => {
    const isDefault = keys.every((key) => JSON.stringify(terms[key]) === JSON.stringify(DEFAULT_TERMS[key]));
    return html`<tr><th scope="row"><code>${name}</code></th><td>${value(terms)}</td><td>${isDefault ? 'default' : 'given'}</td><td>${why}</td></tr>`;
  });
  const headings = [{ title: 'Term' }, { title: 'Value' }, { title: 'Origin' }, { title: 'Why, for the default' }];
  return html`<details class="fold"><summary>What the cost rests on</summary>${scrollTable('Terms of the cost', headings, rows, { class: 'cost-terms' })}${book !== null && filesPart(book)}</details>`;
}

function filesPart({ files, region }: NonNullable<Cost['book']>): Markup {
  const shown = files.slice(0, FILES_MOST).map(({ file, kind, date, source, rowCount, usedCount }) => {
    const what = kind === 'own' ? 'price file' : 'saved answer of the Retail Prices API';
    const facts = [what, date ?? '', source ?? '', `${usedCount} of ${rowCount} prices of use here`];
    return html`<li>${shownName(file)}: ${shownName(facts.filter((fact) => fact !== '').join(', '))}</li>`;
  });
  const rest = files.length - FILES_MOST;
  return html`<p>Prices${region !== null && ` of ${region}`} from:</p><ul class="reasons">${shown}${rest > 0 && html`<li>and ${rest} more files</li>`}</ul>`;
}
