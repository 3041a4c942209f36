import type { Plan, RunbookCommand, RunbookFact, RunbookStep, RunbookTask } from '../plan/plan.ts';
import { NOT_RUN } from './runbook-words.ts';
import { shownName } from './shown-name.ts';

/** The plan's runbook as Markdown: steps to tick off, values, commands. Lines end with `\n`. */
export function renderRunbookMarkdown({ runbook, scenario, version, fleet }: Plan): string {
  const { openPlaces, preamble, tasks } = runbook;
  return [
    `# Runbook: ${text(scenario.title)}, ${fleet.vmCount} VMs`,
    '',
    `${text(NOT_RUN)} Made by asr-plan ${version}.`,
    '',
    ...scenario.notes.map(({ text: note, source }) => `- ${text(note)} (${text(source)})`),
    '',
    '## Before anything else',
    '',
    'The commands share these values. What the plan does not know stands in angle brackets: fill it in at the head of the commands.',
    '',
    ...openPlaces.map(
      ({ name, variable, asks }) => `- [ ] ${inlineCode(variable)}: ${inlineCode(`<${name}>`)}, ${text(asks)}`,
    ),
    '',
    ...codeBlock(preamble),
    '',
    ...tasks.flatMap(taskLines),
  ].join('\n');
}

function taskLines({ number, title, steps, source }: RunbookTask): string[] {
  return [
    `## Task ${number}. ${text(title)}`,
    '',
    `Source: ${text(source)}.`,
    '',
    ...steps.flatMap((step, index) => stepLines(step, `${number}.${index + 1}`)),
  ];
}

function stepLines(step: RunbookStep, number: string): string[] {
  return [
    `### ${number} ${text(step.title)}`,
    '',
    `Where: ${text(step.where)}.`,
    '',
    ...list(step.doing.map((each) => `- [ ] ${text(each)}`)),
    ...list(step.facts.map(factLine)),
    ...step.commands.flatMap(commandLines),
    ...list(step.checks.map((check) => `- [ ] Check: ${text(check)}`)),
    `Source: ${text(step.source)}.`,
    '',
  ];
}

function factLine({ label, values }: RunbookFact): string {
  return `- ${text(label)}: ${values.length === 0 ? 'none' : values.map(inlineCode).join(', ')}`;
}

function commandLines({ id, where, script, notVerified }: RunbookCommand): string[] {
  return [
    `Command ${inlineCode(id)}, not run here. ${text(where)}:`,
    '',
    ...codeBlock(script),
    '',
    ...list(notVerified.map((doubt) => `- Not verified: ${text(doubt)}`)),
  ];
}

function list(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [...lines, ''];
}

/** A fence is longer than any that stands in what it encloses. */
function codeBlock(script: string): string[] {
  const fence = '`'.repeat(Math.max(3, longestRun(script) + 1));
  return [`${fence}powershell`, script, fence];
}

function inlineCode(value: string): string {
  const shown = shownName(value);
  const fence = '`'.repeat(longestRun(shown) + 1);
  const pad = /^[` ]|[` ]$/.test(shown) ? ' ' : '';
  return `${fence}${pad}${shown}${pad}${fence}`;
}

function longestRun(value: string): number {
  return Math.max(0, ...(value.match(/`+/g) ?? []).map((run) => run.length));
}

/** Words in which nothing is markup. */
function text(value: string): string {
  return shownName(value).replace(/[\\`*_<>[\]|~&]/g, '\\$&');
}
