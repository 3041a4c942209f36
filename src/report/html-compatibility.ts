import type { CompatibilityVerdict, FailedLimit, Placement, Plan, VmCompatibility, VmPlacement } from '../plan/plan.ts';
import { formatBytes } from '../units.ts';
import { type Heading, scrollTable } from './html-table.ts';
import { html, type Markup } from './html-template.ts';
import { limitText, valueText } from './limit-text.ts';
import { shownName } from './shown-name.ts';

/** A page of five thousand VMs stays a page; the whole is in the plan as JSON. */
const ROWS_MOST = 200;
const DISKS_MOST = 8;

const VERDICTS: Readonly<Record<CompatibilityVerdict, readonly [icon: string, word: string, badge: string]>> = {
  incompatible: ['✕', 'incompatible', 'broken'],
  unknown: ['?', 'not fully checked', 'warning'],
  compatible: ['✓', 'compatible', 'note'],
};

/** Whether each VM can be protected, by which rules of which dates, and where its disks would lie in Azure. */
export function compatibilitySection(plan: Plan): Markup {
  const { counts } = plan.compatibility;
  return html`<section id="compatibility" aria-labelledby="compatibility-title"><h2 id="compatibility-title">Compatibility</h2>
<p>${number(counts.incompatible)} of ${number(plan.vms.length)} VMs are incompatible by the rules in force, ${number(counts.unknown)} could not be fully checked, ${number(counts.compatible)} are compatible. A value that no file tells never passes: its rule is unchecked. Incompatible VMs <strong>count in every number of this report</strong>, until they are left out with the option beside them.</p>
<p class="note">${datesText(plan)} Microsoft’s limits change: give newer ones with <code>--rules rules.json</code>, which overrides by id.</p>
<h3>Limits that are not met</h3>
${failedTable(plan)}
<h3>What could not be checked</h3>
${uncheckedTable(plan)}
<details class="fold"><summary>Rules in force</summary>${ruleTable(plan)}</details>
${plan.placement !== null && placementPart(plan.placement)}</section>`;
}

function number(count: number): string {
  return count.toLocaleString('en-US');
}

function datesText({ rules }: Plan): string {
  const dates = rules.limits.map(({ sourceDate }) => sourceDate).sort();
  if (dates.length === 0) return 'No limit is in force.';
  return `The limits’ sources have dates from ${dates[0]} to ${dates.at(-1)}.`;
}

function verdictBadge(verdict: CompatibilityVerdict): Markup {
  const [icon, word, badge] = VERDICTS[verdict];
  return html`<span class="badge ${badge}"><span aria-hidden="true">${icon}</span> ${word}</span>`;
}

const EFFECTS: Readonly<Record<FailedLimit['effect'], string>> = {
  incompatible: 'the VM cannot be protected so',
  advice: 'advice',
  premium: 'needs premium storage',
};
const EFFECT_ORDER: readonly FailedLimit['effect'][] = ['incompatible', 'advice', 'premium'];

function failedTable({ compatibility }: Plan): Markup {
  const failed = compatibility.vms
    .flatMap((vm) => vm.failed.map((limit) => ({ vm, limit })))
    .sort((a, b) => EFFECT_ORDER.indexOf(a.limit.effect) - EFFECT_ORDER.indexOf(b.limit.effect));
  if (failed.length === 0) return html`<p class="empty">None: no VM is known to break a rule.</p>`;
  const headings: Heading[] = [
    { title: 'VM' },
    { title: 'Verdict' },
    { title: 'Rule' },
    { title: 'Value', numeric: true },
    { title: 'Limit', numeric: true },
    { title: 'Source' },
    { title: 'Date' },
    { title: 'What to do' },
  ];
  const rows = failed.slice(0, ROWS_MOST).map(({ vm, limit }) => failedRow(vm, limit));
  return html`${scrollTable('Limits that are not met', headings, rows, { class: 'limits' })}${restLine(failed.length, 'rows')}`;
}

function failedRow(vm: VmCompatibility, limit: FailedLimit): Markup {
  const disk =
    limit.disk === null
      ? null
      : html`<p class="why">disk <bdi>${shownName(limit.disk)}</bdi>${limit.diskCount > 1 && `, and ${limit.diskCount - 1} more`}</p>`;
  const leaveOut =
    limit.effect === 'incompatible' && vm.excludeOption !== null
      ? html`<p class="why">Or leave it out: <code>${shownName(vm.excludeOption)}</code></p>`
      : null;
  return html`<tr><th scope="row"><bdi>${shownName(vm.vm)}</bdi></th><td>${verdictBadge(vm.verdict)}</td><td>${shownName(limit.title)}<p class="why"><code>${limit.rule}</code>: ${EFFECTS[limit.effect]}</p>${disk}</td><td class="number">${shownName(valueText(limit.value, limit.unit, limit.limit))}</td><td class="number">${shownName(limitText(limit))}</td><td class="source">${shownName(limit.source)}</td><td>${limit.sourceDate}</td><td>${shownName(limit.action)}${leaveOut}</td></tr>`;
}

function restLine(count: number, what: string): Markup | null {
  if (count <= ROWS_MOST) return null;
  return html`<p class="count">The first ${ROWS_MOST} of ${number(count)} ${what}; all are in the plan as JSON.</p>`;
}

/** By rule: of a fleet the same is missing of most VMs. */
function uncheckedTable({ compatibility, rules }: Plan): Markup {
  const open = compatibility.limits
    .filter(({ uncheckedCount }) => uncheckedCount > 0)
    .toSorted((a, b) => b.uncheckedCount - a.uncheckedCount);
  if (open.length === 0) return html`<p class="empty">Nothing: every value that a rule asks for is known.</p>`;
  const byId = new Map(rules.limits.map((limit) => [limit.id, limit]));
  const rows = open.map(({ rule, uncheckedCount }) => {
    const limit = byId.get(rule);
    return html`<tr><th scope="row">${shownName(limit?.title ?? rule)}<p class="why"><code>${rule}</code></p></th><td class="number">${number(uncheckedCount)}</td><td class="number">${limit === undefined ? '–' : shownName(limitText(limit))}</td><td>${shownName(limit?.collect ?? '–')}</td></tr>`;
  });
  const headings = [
    { title: 'Rule' },
    { title: 'VMs', numeric: true },
    { title: 'Limit', numeric: true },
    { title: 'What to collect' },
  ];
  return scrollTable('What could not be checked', headings, rows, { class: 'findings' });
}

/** The limits of the run's scenario, with what each was taken from. */
function ruleTable({ compatibility, rules }: Plan): Markup {
  const byId = new Map(rules.limits.map((limit) => [limit.id, limit]));
  const rows = compatibility.limits.flatMap(({ rule, failedCount, uncheckedCount }) => {
    const limit = byId.get(rule);
    if (limit === undefined) return [];
    const replaced =
      limit.replaced === null
        ? null
        : html`<p class="why">in place of ${shownName(valueText(limit.replaced.limit, limit.replaced.unit))} (${limit.replaced.sourceDate})</p>`;
    const note = limit.note === undefined ? null : html`<p class="why">${shownName(limit.note)}</p>`;
    return html`<tr><th scope="row">${shownName(limit.title)}<p class="why"><code>${rule}</code>: ${EFFECTS[limit.effect]}</p>${note}</th><td class="number">${shownName(limitText(limit))}${replaced}</td><td class="number">${number(failedCount)}</td><td class="number">${number(uncheckedCount)}</td><td class="source">${shownName(limit.source)}<p class="why">in ${shownName(limit.file)}</p></td><td>${limit.sourceDate}</td></tr>`;
  });
  if (rows.length === 0) return html`<p class="empty">None applies to this scenario.</p>`;
  const headings = [
    { title: 'Rule' },
    { title: 'Limit', numeric: true },
    { title: 'Not met', numeric: true },
    { title: 'Unchecked', numeric: true },
    { title: 'Source' },
    { title: 'Date' },
  ];
  return scrollTable('Rules in force', headings, rows, { class: 'rules' });
}

function placementPart(placement: Placement): Markup {
  const { vms, tiers, unplacedDiskCount } = placement;
  const tierRows = tiers.map(
    (tier) =>
      html`<tr><th scope="row">${tier.tier}</th><td>${tier.type}</td><td class="number">${number(tier.diskCount)}</td><td class="number">${formatBytes(tier.sizeBytes)}</td><td class="number">${formatBytes(tier.tierBytes)}</td></tr>`,
  );
  const tierHeadings = [
    { title: 'Tier' },
    { title: 'Type' },
    { title: 'Disks', numeric: true },
    { title: 'Their sizes', numeric: true },
    { title: 'Sizes of the tiers’ disks', numeric: true },
  ];
  const headings = [{ title: 'VM' }, { title: 'Storage' }, { title: 'Azure VM size' }, { title: 'Disks' }];
  return html`<h3>Placement in Azure</h3>
<p class="note">A proposal for a failover to managed disks: the smallest tier that holds each disk and takes what is known of its load, and the smallest size of VM among those of the rules (general and memory-optimised sizes of the fifth generation). It is no price comparison; where a value is not known, that is said.</p>
${tiers.length === 0 ? html`<p class="empty">No disk has a tier.</p>` : scrollTable('Managed disks by tier', tierHeadings, tierRows, { class: 'tiers' })}
${unplacedDiskCount > 0 && html`<p class="count">${number(unplacedDiskCount)} ${unplacedDiskCount === 1 ? 'disk has' : 'disks have'} no tier.</p>`}
<details class="fold"><summary>Placement of each VM</summary>${scrollTable('Placement of each VM', headings, vms.slice(0, ROWS_MOST).map(placementRow), { class: 'placements' })}${restLine(vms.length, 'VMs')}</details>`;
}

function placementRow({ vm, storage, storageReason, azureVmSize, azureVmSizeReason, disks }: VmPlacement): Markup {
  const rest = disks.length - DISKS_MOST;
  return html`<tr><th scope="row"><bdi>${shownName(vm)}</bdi></th><td>${storage}<p class="why">${shownName(storageReason)}</p></td><td>${azureVmSize ?? '–'}<p class="why">${azureVmSizeReason}</p></td><td><ul class="statements">${disks
    .slice(0, DISKS_MOST)
    .map(
      (disk) =>
        html`<li><bdi>${shownName(disk.disk)}</bdi>, ${formatBytes(disk.sizeBytes)}: ${disk.tier ?? 'no tier'} (${disk.tierReason})</li>`,
    )}${rest > 0 && html`<li>and ${rest} more</li>`}</ul></td></tr>`;
}
