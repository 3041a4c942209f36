import { formatLocal } from '../model/clock.ts';
import type { Objective, Plan, PlanVm } from '../plan/plan.ts';
import { formatBytes, formatDurationMs, formatShare } from '../units.ts';
import { keyFigures } from './key-figures.ts';
import { shownName } from './shown-name.ts';
import { batchLines } from './terminal-batches.ts';
import { compatibilityLines } from './terminal-compatibility.ts';
import { costLinesOf } from './terminal-cost.ts';
import { outageLines } from './terminal-failures.ts';
import { heading, type Paint, painter } from './terminal-paint.ts';
import { recoveryPlanLines } from './terminal-recovery.ts';
import { fullLines } from './terminal-site.ts';
import { type NamedColumn, namedTable } from './terminal-table.ts';
import { columnsOf, cutTo, padTo, wrapTo } from './terminal-width.ts';
import { FIRST_ORDER, hasTrouble, STANDING_ICON, STANDINGS, sortedVms, standingOf } from './vm-table.ts';

export interface TerminalOptions {
  /** Whether escape sequences may be written; the words say the same without. */
  readonly color: boolean;
  /** Columns of the terminal; no line is wider. Fewer than 40 are taken as 40. */
  readonly width: number;
}

const NARROWEST = 40;
const WORST_VMS_MOST = 8;
/** Where none has a problem, a few suffice. */
const WORST_VMS_FEW = 3;
const ACTIONS_MOST = 3;
const FAILURES_MOST = 2;
const BAR_COLUMNS = 20;
/** A space at which no line breaks. */
const JOINED = '\u00A0';

/** What a terminal shows of a plan: verdict, objectives, five numbers, lines that are full, recovery plans, how the VMs stand, the
 * worst of them, what to do. Ends in a newline. */
export function renderTerminal(plan: Plan, options: TerminalOptions): string {
  const width = Math.max(NARROWEST, Math.floor(options.width));
  const paint = painter(options.color);
  const sections = [
    verdictLines(plan, width, paint),
    objectiveLines(plan, width, paint),
    figureLines(plan, width, paint),
    fullLines(plan, width, paint),
    batchLines(plan, width, paint),
    recoveryPlanLines(plan, width, paint),
    costLinesOf(plan, width, paint),
    outageLines(plan, width, paint),
    standingLines(plan, width, paint),
    compatibilityLines(plan, width, paint),
    worstVmLines(plan, width, paint),
    actionLines(plan, width, paint),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function verdictLines(plan: Plan, width: number, paint: Paint): string[] {
  const { met, sentence } = plan.verdict;
  const word = met ? '✓ MET' : '✕ BROKEN';
  const [first = '', ...rest] = wrapTo(`${word}  ${shownName(sentence)}`, width);
  const painted = paint(['bold', met ? 'blue' : 'red'], word);
  const span = `${plan.scenario.title}, ${formatLocal(plan.clock, 0)} to ${formatLocal(plan.clock, plan.horizonMs)} ${shownName(plan.clock.timeZone)}`;
  return [first.replace(word, () => painted), ...rest, ...wrapTo(span, width).map((line) => paint('dim', line))];
}

function objectiveLines(plan: Plan, width: number, paint: Paint): string[] {
  const lines = plan.verdict.objectives.flatMap((objective) => {
    const share = shareOf(plan, objective);
    const bar = share === null || width < 60 ? '' : `${barOf(share)} `;
    const cue = objective.met ? paint('blue', '✓') : paint('red', '✕');
    const room = width - 2 - columnsOf(bar);
    const found = wrapTo(shownName(objective.found), width - 4).map((line) => `    ${line}`);
    return [`${cue} ${bar}${paint('bold', cutTo(shownName(objective.title), room))}`, ...found];
  });
  return [heading('Objectives', paint), ...lines];
}

/** How far an objective is met, where that is a share. */
function shareOf(plan: Plan, objective: Objective): number | null {
  switch (objective.id) {
    case 'rpo':
      return plan.rpo.steady.withinTargetFraction ?? 0;
    case 'initial-replication': {
      const started = plan.vms.filter((vm) => vm.initialReplication.startMs !== null);
      const ended = started.filter((vm) => vm.initialReplication.endMs !== null).length;
      return started.length === 0 ? null : ended / started.length;
    }
    case 'protection': {
      const failed = plan.vms.filter((vm) => vm.enableFailure !== null).length;
      return plan.vms.length === 0 ? null : 1 - failed / plan.vms.length;
    }
    default:
      return objective.met ? 1 : null;
  }
}

function barOf(share: number): string {
  // Rounded down: a full bar says that nothing is missing.
  const full = Math.floor(Math.min(1, Math.max(0, share)) * BAR_COLUMNS);
  return `[${'█'.repeat(full)}${'░'.repeat(BAR_COLUMNS - full)}]`;
}

/** How many VMs stand how at the end, and why some cannot be protected. */
function standingLines(plan: Plan, width: number, paint: Paint): string[] {
  const counts = STANDINGS.flatMap((standing) => {
    const count = plan.vms.filter((vm) => standingOf(vm) === standing).length;
    return count === 0 ? [] : [`${STANDING_ICON[standing]}${JOINED}${count}${JOINED}${standing}`];
  });
  const failures = failureLines(plan, width - 2).map((line) => `  ${paint('dim', line)}`);
  const lines = wrapTo(counts.join(', '), width).map((line) => line.replaceAll(JOINED, ' '));
  return [heading('VMs at the end', paint), ...lines, ...failures];
}

function failureLines({ vms }: Plan, width: number): string[] {
  const failures = new Map<string, number>();
  for (const { enableFailure } of vms) {
    if (enableFailure !== null) failures.set(enableFailure, (failures.get(enableFailure) ?? 0) + 1);
  }
  return [...failures]
    .slice(0, FAILURES_MOST)
    .flatMap(([reason, count]) =>
      wrapTo(`${count} ${count === 1 ? 'VM' : 'VMs'} cannot be protected: ${shownName(reason)}`, width),
    );
}

function figureLines(plan: Plan, width: number, paint: Paint): string[] {
  const figures = keyFigures(plan);
  const labelColumns = Math.min(
    34,
    Math.floor(width * 0.42),
    Math.max(...figures.map(({ label }) => columnsOf(label))),
  );
  const valueColumns = Math.max(...figures.map(({ value }) => columnsOf(value)));
  const lines = figures.map(({ label, value, detail }) => {
    const room = width - labelColumns - valueColumns - 4;
    const rest = room < 12 ? '' : `  ${cutTo(detail, room)}`;
    return `${padTo(label, labelColumns)}  ${paint('bold', padTo(value, valueColumns, 'right'))}${paint('dim', rest)}`.trimEnd();
  });
  return [heading('Five numbers', paint), ...lines];
}

const VM_FIGURES: readonly NamedColumn<PlanVm>[] = [
  { title: 'worst RPO', columns: 13, text: (vm) => durationOr(vm.steadyRpo.maxMs) },
  {
    title: 'within',
    columns: 8,
    text: ({ steadyRpo }) =>
      steadyRpo.withinTargetFraction === null ? '–' : formatShare(steadyRpo.withinTargetFraction),
  },
  { title: 'churn/day', columns: 10, text: (vm) => formatBytes(vm.churnBytesPerDay) },
  { title: 'logs', columns: 8, text: (vm) => formatShare(vm.hrlPeakRatio) },
  { title: 'health', columns: 11, text: standingOf },
];

function durationOr(durationMs: number | null): string {
  return durationMs === null ? 'none' : formatDurationMs(durationMs);
}

/** VMs without any delta are the worst of all, then the oldest recovery points; the healthy ones only where all are. */
function worstVms(plan: Plan): PlanVm[] {
  const some = plan.vms.some(hasTrouble);
  const troubled = sortedVms(
    plan.vms.filter((vm) => !some || hasTrouble(vm)),
    FIRST_ORDER,
  );
  const without = troubled.filter((vm) => vm.steadyRpo.maxMs === null);
  return [...without, ...troubled.filter((vm) => vm.steadyRpo.maxMs !== null)].slice(
    0,
    some ? WORST_VMS_MOST : WORST_VMS_FEW,
  );
}

function worstVmLines(plan: Plan, width: number, paint: Paint): string[] {
  const vms = worstVms(plan);
  if (vms.length === 0) return [];
  const troubled = plan.vms.filter(hasTrouble).length;
  const title =
    troubled > vms.length
      ? `Worst VMs (${vms.length} of ${troubled} with a problem)`
      : troubled > 0
        ? 'VMs with a problem'
        : 'Oldest recovery points';
  const names = vms.map((vm) => shownName(vm.name));
  return [heading(title, paint), ...namedTable('VM', names, VM_FIGURES, vms, width, paint)];
}

function actionLines(plan: Plan, width: number, paint: Paint): string[] {
  const wrong = plan.findings.filter(({ ok }) => !ok);
  const fine = plan.findings.length - wrong.length;
  const rest = wrong.length - ACTIONS_MOST;
  const others = [
    ...(rest > 0 ? [`${rest} more findings`] : []),
    ...(fine > 0 ? [`${fine} ${fine === 1 ? 'check is' : 'checks are'} fine`] : []),
  ];
  const last =
    others.length === 0 ? [] : wrapTo(`${others.join('; ')}: see the report.`, width).map((line) => paint('dim', line));
  if (wrong.length === 0) return last;
  const lines = wrong.slice(0, ACTIONS_MOST).flatMap((finding, index) => {
    const [first = '', ...rest] = wrapTo(shownName(finding.action ?? finding.title), width - 3);
    const why = wrapTo(shownName(finding.title), width - 3).map((line) => `   ${paint('dim', line)}`);
    return [`${index + 1}. ${first}`, ...rest.map((line) => `   ${line}`), ...why];
  });
  return [heading('What to do', paint), ...lines, ...last];
}
