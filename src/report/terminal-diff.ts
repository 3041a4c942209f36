import type { Change, Contribution, DiffCause, DiffValue, PlanDiff } from '../plan/diff/diff.ts';
import { DAY_MS, formatBitsPerSec, formatBytes, formatDurationMs, formatShare } from '../units.ts';
import { shownName } from './shown-name.ts';
import type { TerminalOptions } from './terminal.ts';
import { heading, type Paint, painter } from './terminal-paint.ts';
import { wrapTo } from './terminal-width.ts';

const NARROWEST = 40;
const SUBJECTS_MOST = 8;
const CAUSES_MOST = 20;
const PARTS_MOST = 5;

/** A list of what changed, with its heading; nothing where it is empty. */
interface Part {
  readonly title: string;
  readonly lines: readonly string[];
}

/** The comparison of two plans for a terminal: answers, findings, VMs, volumes, then what differs in the inputs. Ends in a newline. */
export function renderDiff(diff: PlanDiff, { color, width: wanted }: TerminalOptions): string {
  const paint = painter(color);
  const width = Math.max(NARROWEST, wanted);
  if (diff.same) return 'The plans are the same.\n';
  const parts: Part[] = [
    { title: 'Answers', lines: diff.answers.map(changeText) },
    { title: 'Findings', lines: findingLines(diff) },
    subjectPart('VMs', diff.vms),
    subjectPart('Volumes', diff.volumes),
    subjectPart('Recovery plans', diff.recoveryPlans),
    { title: 'What the VMs add', lines: diff.contributions.map(contributionText) },
    causePart(diff.causes),
  ];
  const blocks = parts.filter(({ lines }) => lines.length > 0).map((part) => partLines(part, width, paint));
  return `${[headLines(diff, width), ...blocks].map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function headLines({ before, after, answers, sameRun, causes }: PlanDiff, width: number): string[] {
  const lines = [`Before: ${shownName(before.sentence)}`, `After:  ${shownName(after.sentence)}`];
  if (sameRun) lines.push('The runs are the same in every number.');
  else if (answers.length === 0) lines.push('No answer of the whole fleet changed, but the runs differ.');
  if (causes.length === 0) lines.push('No difference was found in what went in.');
  return lines.flatMap((line) => wrapTo(line, width));
}

function partLines({ title, lines }: Part, width: number, paint: Paint): string[] {
  const body = lines.flatMap((line) => {
    const [first = '', ...rest] = wrapTo(line, width - 4);
    return [`  ${first}`, ...rest.map((further) => `    ${further}`)];
  });
  return [...wrapTo(title, width).map((line) => heading(line, paint)), ...body];
}

/** `Worst RPO: 11 min → 14 min (+3 min)`. */
function changeText(change: Change): string {
  const { title, unit, before, after } = change;
  const by = change.change === null ? '' : ` (${signed(change.change, unit)})`;
  return `${title}: ${valueText(before, unit)} → ${valueText(after, unit)}${by}`;
}

function valueText(value: DiffValue, unit: Change['unit']): string {
  if (value === null) return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' ? shownName(value) : amountText(value, unit);
}

function amountText(value: number, unit: Change['unit']): string {
  switch (unit) {
    case 'B':
      return formatBytes(value);
    case 'B/d':
      return `${formatBytes(value)} per day`;
    case 'bit/s':
      return formatBitsPerSec(value);
    case 'ms':
      return formatDurationMs(value);
    case 'share':
      return formatShare(value);
    default:
      return value.toLocaleString('en-US', { maximumFractionDigits: 6 });
  }
}

function signed(value: number, unit: Change['unit']): string {
  const amount = amountText(Math.abs(value), unit);
  // A difference of shares is in points: 40 % to 50 % are 10 points, or a quarter more.
  return `${value < 0 ? '−' : '+'}${unit === 'share' ? amount.replace(' %', ' points') : amount}`;
}

function findingLines({ findings }: PlanDiff): string[] {
  return [
    ...findings.came.map(({ severity, title }) => `+ ${severity}: ${shownName(title)}`),
    ...findings.went.map(({ severity, title }) => `− ${severity}: ${shownName(title)}`),
    ...findings.changed.map(
      ({ before, after }) =>
        `${before.severity}: ${shownName(before.title)} → ${after.severity}: ${shownName(after.title)}`,
    ),
  ];
}

function subjectPart(title: string, { came, went, changed }: PlanDiff['vms']): Part {
  const counts = [`${came.length} new`, `${went.length} gone`, `${changed.length} with other answers`];
  const lines = [
    ...cutList(came.map((name) => `+ ${shownName(name)}`)),
    ...cutList(went.map((name) => `− ${shownName(name)}`)),
    ...cutList(changed.map(({ name, changes }) => `${withColon(name)} ${changes.map(changeText).join('; ')}`)),
  ];
  return { title: `${title}: ${counts.join(', ')}`, lines };
}

function cutList(lines: readonly string[], most: number = SUBJECTS_MOST): string[] {
  return lines.length <= most ? [...lines] : [...lines.slice(0, most), `and ${lines.length - most} more`];
}

/** `Churn of the fleet per day: 38 GiB → 45 GiB (+7 GiB …): +5 GiB SQL01, +2 GiB WEB02`. */
function contributionText(contribution: Contribution): string {
  const { title, unit, before, after, change, vms, restCount, restChange } = contribution;
  // What is written in a day has to be sent in a day: the mean rate of the deltas before compression and the link's protocol.
  const rate =
    unit === 'B/d' ? `, on average ${formatBitsPerSec((Math.abs(change) * 8 * 1000) / DAY_MS)} before compression` : '';
  const shown = vms.slice(0, PARTS_MOST).map((vm) => `${signed(vm.change, 'B')} ${shownName(vm.name)}`);
  const further = vms.slice(PARTS_MOST);
  const others = further.length + restCount;
  const othersChange = further.reduce((sum, vm) => sum + vm.change, restChange);
  const parts = others === 0 ? shown : [...shown, `${signed(othersChange, 'B')} ${others} others`];
  return `${title}: ${formatBytes(before)} → ${formatBytes(after)} (${signed(change, 'B')}${rate}): ${parts.join(', ')}`;
}

const KIND_WORDS: Readonly<Record<DiffCause['kind'], string>> = {
  product: '',
  run: '',
  assumption: 'assumption',
  file: 'file',
  event: 'fault or action',
  outage: 'outage:',
  vm: 'VM',
  host: 'host',
  volume: 'volume',
  link: 'line',
};

/** What differs of so many of a kind is told in one line. */
const ALIKE_LEAST = 4;
const NAMES_MOST = 3;

function causePart(causes: readonly DiffCause[]): Part {
  const alike = Map.groupBy(causes, ({ kind, id }) => `${kind} ${id}`);
  const lines = [...alike.values()].flatMap((group) => {
    const { kind, id, title } = group[0]!;
    if (group.length < ALIKE_LEAST || kind !== 'vm' || id === 'there') return group.map(causeText);
    const names = group.slice(0, NAMES_MOST).map(({ name }) => shownName(name));
    const rest = group.length - names.length;
    return [`${title} of ${group.length} VMs: ${names.join(', ')} and ${rest} more`];
  });
  return { title: 'What differs in what went in', lines: cutList(lines, CAUSES_MOST) };
}

function causeText(cause: DiffCause): string {
  const { kind, name, id, before } = cause;
  if (name === '' && id !== 'there') return changeText(cause);
  const subject = `${KIND_WORDS[kind]} ${shownName(name)}`;
  if (id === 'there') return `${before === true ? '−' : '+'} ${subject}`;
  return id === 'value' ? changeText({ ...cause, title: subject }) : `${withColon(subject)} ${changeText(cause)}`;
}

/** `HV01: D:` has its colon. */
function withColon(name: string): string {
  const shown = shownName(name);
  return shown.endsWith(':') ? shown : `${shown}:`;
}
