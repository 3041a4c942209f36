import { formatLocal } from '../model/clock.ts';
import type { Finding, Plan, PlanVm } from '../plan/plan.ts';
import { formatBitsPerSec, formatBytes, formatDurationMs, formatShare } from '../units.ts';
import { shortBytes } from './charts/volumes.ts';
import { holdText, mainHold } from './held-back.ts';
import { keyFigures } from './key-figures.ts';
import { markdownTable, markdownText } from './markdown-text.ts';
import { FIRST_ORDER, hasTrouble, sortedVms, standingOf } from './vm-table.ts';

const VMS_MOST = 10;
const VOLUMES_MOST = 10;
const SUBJECTS_MOST = 5;
const NONE = '–';

const SEVERITIES = { broken: '❌ Broken', warning: '⚠️ Warning', note: 'ℹ️ Note' } as const;

/** The plan in short, for a pull request, a ticket or a wiki: verdict, key figures, what to do, what is worst, and what it rests on. */
export function renderMarkdown(plan: Plan): string {
  const blocks = [
    headPart(plan),
    objectivePart(plan),
    figurePart(plan),
    actionPart(plan),
    vmPart(plan),
    volumePart(plan),
    recoveryPart(plan),
    givenPart(plan),
    [`*${footOf(plan)}*`],
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function headPart(plan: Plan): string[] {
  const { verdict, fleet, scenario, clock, horizonMs, link } = plan;
  return [
    '# Replication capacity plan',
    '',
    `**${verdict.met ? '✅ Objectives met' : '❌ Objectives broken'}.** ${markdownText(verdict.sentence)}`,
    '',
    `- Scenario: ${markdownText(scenario.title)}, a copy every ${formatDurationMs(scenario.copyFrequencyMs)}`,
    `- Fleet: ${fleet.vmCount} VMs, ${fleet.diskCount} disks, ${formatBytes(fleet.usedBytes)} used, ${formatBytes(fleet.churnBytesPerDay)} written per day`,
    `- Link: ${formatBitsPerSec(link.capacityBitsPerSec)}`,
    `- Simulated: ${formatLocal(clock, 0)} to ${formatLocal(clock, horizonMs)} (${markdownText(clock.timeZone)})`,
  ];
}

function objectivePart({ verdict }: Plan): string[] {
  const rows = verdict.objectives.map(({ title, met, found }) => [
    met ? '✅ met' : '❌ broken',
    markdownText(title),
    markdownText(found),
  ]);
  return ['## Objectives', '', ...markdownTable([{ title: '' }, { title: 'Objective' }, { title: 'Found' }], rows)];
}

function figurePart(plan: Plan): string[] {
  const rows = keyFigures(plan).map(({ label, value, detail }) => [
    markdownText(label),
    `**${markdownText(value)}**`,
    markdownText(detail),
  ]);
  const headings = [{ title: 'Figure' }, { title: 'Value', numeric: true }, { title: '' }];
  return ['## Five numbers', '', ...markdownTable(headings, rows)];
}

function actionPart({ findings }: Plan): string[] {
  const wrong = findings.filter(({ ok }) => !ok);
  const fine = findings.length - wrong.length;
  const rest = fine === 0 ? [] : ['', `${fine} further ${fine === 1 ? 'rule' : 'rules'} found nothing wrong.`];
  if (wrong.length === 0) return ['## What to do', '', 'Nothing: no rule found anything wrong.', ...rest];
  return ['## What to do', '', ...wrong.flatMap(findingLines), ...rest];
}

function findingLines({ severity, title, why, action, evidence, evidenceCount, source }: Finding): string[] {
  const names = evidence.slice(0, SUBJECTS_MOST).map(markdownText);
  const rest = evidenceCount - names.length;
  return [
    `- **${SEVERITIES[severity ?? 'note']}: ${markdownText(title)}**`,
    ...(action === null ? [] : [`  - To do: ${markdownText(action)}`]),
    `  - Why: ${markdownText(why)}`,
    ...(names.length === 0 ? [] : [`  - Concerns: ${names.join('; ')}${rest > 0 ? ` and ${rest} more` : ''}`]),
    `  - Rule: ${markdownText(source)}`,
  ];
}

function vmPart(plan: Plan): string[] {
  const troubled = sortedVms(plan.vms.filter(hasTrouble), FIRST_ORDER);
  if (troubled.length === 0) return [];
  const title =
    troubled.length > VMS_MOST ? `VMs with a problem (${VMS_MOST} of ${troubled.length})` : 'VMs with a problem';
  const headings = [
    { title: 'VM' },
    { title: 'Host' },
    { title: 'Health at end' },
    { title: 'Worst RPO', numeric: true },
    { title: 'Within target', numeric: true },
    { title: 'Churn per day', numeric: true },
    { title: 'Held back by' },
  ];
  return [`## ${title}`, '', ...markdownTable(headings, troubled.slice(0, VMS_MOST).map(vmRow))];
}

function vmRow(vm: PlanVm): string[] {
  const { maxMs, withinTargetFraction } = vm.steadyRpo;
  const hold = mainHold(vm);
  return [
    markdownText(vm.name),
    markdownText(vm.host),
    standingOf(vm),
    maxMs === null ? NONE : formatDurationMs(maxMs),
    withinTargetFraction === null ? NONE : formatShare(withinTargetFraction),
    formatBytes(vm.churnBytesPerDay),
    hold === undefined ? NONE : markdownText(holdText(hold)),
  ];
}

function volumePart(plan: Plan): string[] {
  const short = plan.volumes
    .map((volume) => ({ volume, missing: shortBytes(plan, volume) ?? 0 }))
    .filter(({ missing }) => missing > 0)
    .sort((left, right) => right.missing - left.missing);
  if (short.length === 0) return [];
  const title =
    short.length > VOLUMES_MOST
      ? `Volumes that run short (${VOLUMES_MOST} of ${short.length})`
      : 'Volumes that run short';
  const headings = [
    { title: 'Volume' },
    { title: 'Free', numeric: true },
    { title: 'Needed beside the disks', numeric: true },
    { title: 'Short of', numeric: true },
  ];
  const rows = short
    .slice(0, VOLUMES_MOST)
    .map(({ volume, missing }) => [
      markdownText(volume.name),
      volume.freeBytes === null ? NONE : formatBytes(volume.freeBytes),
      formatBytes(volume.extraPeakBytes),
      formatBytes(missing),
    ]);
  return [`## ${title}`, '', ...markdownTable(headings, rows)];
}

function recoveryPart({ recoveryPlans }: Plan): string[] {
  if (recoveryPlans.length === 0) return [];
  const headings = [
    { title: 'Recovery plan' },
    { title: 'VMs', numeric: true },
    { title: 'RTO', numeric: true },
    { title: 'Worst data loss', numeric: true },
    { title: 'Down, planned', numeric: true },
  ];
  const rows = recoveryPlans.map(({ name, vmCount, unplanned, planned }) => [
    markdownText(name),
    String(vmCount),
    formatDurationMs(unplanned.rtoMs),
    unplanned.loss === null ? 'unknown' : formatDurationMs(unplanned.loss.max.lossMs),
    formatDurationMs(planned.downtimeMs),
  ]);
  return ['## Recovery plans', '', ...markdownTable(headings, rows)];
}

/** What the user set; the defaults stand in the report and in the JSON. */
function givenPart({ assumptions }: Plan): string[] {
  const given = assumptions.filter(({ origin }) => origin === 'given');
  const defaults = `${assumptions.length - given.length} further values are defaults; the report has each with its reason and source.`;
  const headings = [{ title: 'Name' }, { title: 'Value' }, { title: 'Why' }];
  const rows = given.map(({ name, value, reason }) => [
    markdownText(name),
    markdownText(Array.isArray(value) ? value.join(', ') : String(value)),
    markdownText(reason),
  ]);
  const table = rows.length === 0 ? [] : [...markdownTable(headings, rows), ''];
  return ['## What it rests on', '', ...table, defaults];
}

function footOf({ version, seed, runHash }: Plan): string {
  return `asr-plan ${markdownText(version)}, seed ${seed}, run ${markdownText(runHash)}`;
}
