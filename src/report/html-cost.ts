import { money } from '../plan/cost.ts';
import { quantityText, shownNumber } from '../plan/cost-line.ts';
import type { Cost, CostLine, CostPrice, CostTime, CostVm, Plan } from '../plan/plan.ts';
import { formatBytes, formatShare } from '../units.ts';
import { costParts } from './charts/cost-parts.ts';
import { chartFigure } from './html-chart.ts';
import { costBasis } from './html-cost-basis.ts';
import { type Heading, scrollTable } from './html-table.ts';
import { type Hole, html, type Markup } from './html-template.ts';
import { shownName } from './shown-name.ts';

const VMS_MOST = 50;
const LINES_MOST = 60;
const NONE = '–';

const TIMES: readonly (readonly [when: CostTime, title: string])[] = [
  ['monthly', 'Every month'],
  ['once', 'Once, at the start'],
  ['disaster', 'Each time the fleet fails over and back'],
];

/** What protection costs: every line with its formula; quantities alone where no prices were given. */
export function costSection(plan: Plan): Markup {
  const { cost } = plan;
  const tables = TIMES.map(([when, title]) => timePart(cost, when, title));
  return html`<section id="cost" aria-labelledby="cost-title"><h2 id="cost-title">Cost</h2>
${headline(cost)}
${cost.currency !== null && chartFigure(plan, costParts)}
${tables}
${vmPart(cost)}
${costBasis(cost)}</section>`;
}

/** The totals in a sentence, or how to come to prices. */
function headline(cost: Cost): Hole {
  if (cost.currency === null) {
    return html`<p class="sentence">No prices were given: these are the quantities that a bill will be made of.</p>
<p class="note">Amounts come with <code>--prices</code>: a price file of your own, or saved answers of the Azure Retail Prices API (docs/prices.md). None are built in, as they change by region, offer and month.</p>`;
  }
  return html`<p class="sentence">${costSentence(cost)}</p>
<p class="note">A month is a twelfth of 365 days, a GB is 2^30 bytes. What is unknown or without a price is listed as missing and is in no sum.</p>
${growthNote(cost)}`;
}

/** `1,234.56 EUR a month; …; 3 lines have no amount.`; of a cost with prices. */
export function costSentence({ totals, firstYearMicros, currency }: Cost): string {
  const { monthly, disaster } = totals;
  if (monthly.amountMicros === null) return 'None of the prices that were given fits a line.';
  const lacks = new Set(Object.values(totals).flatMap(({ missing }) => missing)).size;
  const year = firstYearMicros === null ? '' : `; the first year ${money(firstYearMicros)} ${currency}`;
  const failover =
    disaster.amountMicros === null ? '' : `; a failover and back ${money(disaster.amountMicros)} ${currency}`;
  const without =
    lacks === 0
      ? ''
      : `; ${lacks} ${lacks === 1 ? 'line has' : 'lines have'} no amount and ${lacks === 1 ? 'is' : 'are'} in no sum`;
  return `${money(monthly.amountMicros)} ${currency} a month${year}${failover}${without}.`;
}

function growthNote({ beforeGrowth, currency }: Cost): Hole {
  if (beforeGrowth === null || beforeGrowth.monthlyMicros === null) return null;
  return html`<p class="note" data-study>Before the churn’s growth of ${formatShare(beforeGrowth.growthRatio)} it is ${money(beforeGrowth.monthlyMicros)} ${currency} a month.</p>`;
}

function timePart(cost: Cost, when: CostTime, title: string): Hole {
  const lines = cost.lines.filter((line) => line.when === when);
  if (lines.length === 0) return null;
  const hasMoney = cost.currency !== null;
  const headings: Heading[] = [
    { title: 'Line' },
    { title: 'Quantity', numeric: true },
    ...(hasMoney
      ? [
          { title: 'Price', numeric: true },
          { title: 'Amount', numeric: true },
          { title: 'Share', numeric: true },
        ]
      : []),
    { title: 'How it comes about' },
  ];
  const rows = lines.slice(0, LINES_MOST).map((line, index) => lineRow(line, lines[index - 1], cost, hasMoney));
  const rest = lines.length - LINES_MOST;
  return html`<h3>${title}</h3>
${scrollTable(`Cost: ${title}`, headings, rows, { class: 'cost-lines', ...(hasMoney ? { foot: totalRow(cost, when) } : {}) })}
${rest > 0 && html`<p class="count">and ${rest} more lines, which the JSON has</p>`}
${hasMoney && missingPart(lines)}`;
}

/** What the line above has said already is not said again: tiers and sizes come in rows. */
function lineRow(line: CostLine, above: CostLine | undefined, { currency, totals }: Cost, hasMoney: boolean): Markup {
  const { quantity, unit, amountMicros, price, note } = line;
  const total = totals[line.when].amountMicros;
  const share =
    amountMicros === null || amountMicros < 0 || total === null || total <= 0
      ? NONE
      : formatShare(amountMicros / total);
  const amount =
    amountMicros === null ? (line.isBilled ? 'missing' : 'not charged') : `${money(amountMicros)} ${currency}`;
  return html`<tr><th scope="row">${shownName(line.title)}</th>
<td class="number">${quantity === null ? 'unknown' : quantityText(quantity, unit)}</td>
${hasMoney && html`<td class="number">${price === null ? NONE : priceText(price)}</td><td class="number strong">${amount}</td><td class="number">${share}</td>`}
<td><details><summary>Formula</summary>${line.purpose !== above?.purpose && html`<p>${line.purpose}</p>`}<p><code>${line.formula}</code></p><p><code>${shownName(line.filled)}</code></p>${price !== null && html`<p class="source">Price: ${priceSource(price)}</p>`}${note !== null && note !== above?.note && html`<p>${note}</p>`}${line.source !== above?.source && html`<p class="source">${line.source}</p>`}</details></td></tr>`;
}

function priceText({ unitPrice, tiers, perCount }: CostPrice): string {
  const per = perCount === 1 ? '' : ` per ${perCount.toLocaleString('en-US')}`;
  if (unitPrice !== null) return `${unitPrice}${per}`;
  return `${tiers.map((tier) => `${tier.price} from ${shownNumber(tier.fromUnits)}`).join(', ')}${per}`;
}

function priceSource({ meter, product, file, date }: CostPrice): string {
  const parts = [product, meter, date === null ? 'no date' : `since ${date}`, `in ${file}`];
  return shownName(parts.filter((part) => part !== '').join(', '));
}

function totalRow({ totals, currency }: Cost, when: CostTime): Markup {
  const { amountMicros, missing } = totals[when];
  const lacks = missing.length === 0 ? '' : `without ${missing.length} ${missing.length === 1 ? 'line' : 'lines'}`;
  return html`<tr><th scope="row">Together${lacks !== '' && html` <span class="badge warning"><span aria-hidden="true">!</span> ${lacks}</span>`}</th><td></td><td></td><td class="number strong">${amountMicros === null ? 'missing' : `${money(amountMicros)} ${currency}`}</td><td></td><td></td></tr>`;
}

/** Why lines have no amount. */
function missingPart(lines: readonly CostLine[]): Hole {
  const missing = lines.filter(({ missing: reason }) => reason !== null);
  if (missing.length === 0) return null;
  const shown = missing.slice(0, LINES_MOST);
  return html`<p>What the sum lacks:</p><ul class="reasons">${shown.map(({ title, missing: reason }) => html`<li>${shownName(title)}: ${shownName(reason!)}</li>`)}${missing.length > shown.length && html`<li>and ${missing.length - shown.length} more</li>`}</ul>`;
}

function vmPart(cost: Cost): Hole {
  const hasMoney = cost.currency !== null;
  const headings: Heading[] = [
    { title: 'VM' },
    { title: 'Size in Azure' },
    { title: 'Managed disks' },
    { title: 'Used', numeric: true },
    { title: 'On the wire a month', numeric: true },
    { title: 'Recovery points', numeric: true },
    ...(hasMoney
      ? [
          { title: `A month (${cost.currency})`, numeric: true },
          { title: `Once (${cost.currency})`, numeric: true },
          { title: `A failover (${cost.currency})`, numeric: true },
          { title: 'Lines missing', numeric: true },
        ]
      : []),
  ];
  const weight = (vm: CostVm): number => (hasMoney ? (vm.monthlyMicros ?? 0) : vm.wireBytesPerMonth);
  const shown = cost.vms.toSorted((a, b) => weight(b) - weight(a)).slice(0, VMS_MOST);
  const rows = shown.map((vm) => {
    const amounts = [vm.monthlyMicros, vm.onceMicros, vm.disasterMicros];
    return html`<tr><th scope="row"><bdi>${shownName(vm.name)}</bdi></th><td>${vm.size ?? NONE}</td><td>${vm.disks}</td><td class="number">${formatBytes(vm.usedBytes)}</td><td class="number">${formatBytes(vm.wireBytesPerMonth)}</td><td class="number">${formatBytes(vm.recoveryPointBytes)}</td>${hasMoney && [amounts.map((amount) => html`<td class="number">${amount === null ? NONE : money(amount)}</td>`), html`<td class="number">${vm.missingCount}</td>`]}</tr>`;
  });
  const count =
    shown.length < cost.vms.length
      ? html`<p class="count">The ${shown.length} that ${hasMoney ? 'cost' : 'send'} most of ${cost.vms.length.toLocaleString('en-US')} VMs; the JSON has all</p>`
      : null;
  return html`<details class="fold"><summary>Per VM</summary>${count}${scrollTable('Cost per VM', headings, rows, { class: 'cost-vms' })}</details>`;
}
