import type { Plan, RunbookCommand, RunbookStep } from '../plan/plan.ts';
import { NOT_RUN } from './runbook-words.ts';

/**
 * The plan's commands as one PowerShell script that does nothing but what it is asked for: `-Step batch-1` runs the commands of that name.
 * It does not even parse before every open place is filled. ASCII, so that no code page can misread it; lines end as Windows wants them.
 */
export function renderRunbookScript({ runbook, scenario, version }: Plan): string {
  const steps = runbook.tasks.flatMap(({ number, title, steps }) =>
    steps.map((step, index) => ({ step, place: `${number}.${index + 1}`, title })),
  );
  const commands = steps.flatMap(({ step }) => step.commands);
  return [
    `# Runbook: ${ascii(scenario.title)}, asr-plan ${ascii(version)}`,
    `# ${ascii(NOT_RUN)}`,
    "param([string]$Step = '')",
    '',
    runbook.preamble,
    '',
    'switch ($Step) {',
    ...steps.flatMap(({ step, place }) => step.commands.flatMap((each) => branch(step, each, place))),
    '    default {',
    "        'Run this script with -Step and one of:'",
    ...commands.map(({ id, where }) => `        '${id.padEnd(26)}${ascii(where).replaceAll("'", "''")}'`),
    '    }',
    '}',
    '',
  ]
    .join('\n')
    .replaceAll('\n', '\r\n');
}

function branch({ title }: RunbookStep, { id, where, script, notVerified }: RunbookCommand, place: string): string[] {
  return [
    `    # ${place} ${ascii(title)}`,
    `    # ${ascii(where)}. Not run here.`,
    ...notVerified.map((doubt) => `    # Not verified: ${ascii(doubt)}`),
    `    '${id}' {`,
    ...script.split('\n').map((line) => (line === '' ? '' : `        ${line}`)),
    '    }',
  ];
}

/** For comments, which end with their line, and names: nothing in it can end a line. */
function ascii(text: string): string {
  return text
    .replace(/[’‘]/g, "'")
    .replace(/[“”]/g, '"')
    .replaceAll('→', '->')
    .replaceAll('…', '...')
    .replace(/[^ -~]/g, '?');
}
