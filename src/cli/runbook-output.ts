import { extname } from 'node:path';
import { type Problem, shownValue } from '../model/problem.ts';
import type { Plan } from '../plan/plan.ts';

type Render = (plan: Plan) => string;

/** A document by its file's ending: to read and tick off, or to run. */
const RENDERERS: Readonly<Record<string, () => Promise<Render>>> = {
  '.md': async () => (await import('../report/runbook-markdown.ts')).renderRunbookMarkdown,
  '.ps1': async () => (await import('../report/runbook-script.ts')).renderRunbookScript,
};

export async function renderRunbook(plan: Plan, path: string): Promise<string> {
  return (await RENDERERS[endingOf(path)]!())(plan);
}

/** Of a path by which nobody can tell what is to be written. */
export function checkRunbookPath(path: string): Problem[] {
  if (RENDERERS[endingOf(path)] !== undefined) return [];
  return [
    {
      ...{ severity: 'error', code: 'runbook-unknown-form', file: '--runbook', value: shownValue(path) },
      message: 'The ending of the file says what is written: .md the tasks to tick off, .ps1 the commands as a script.',
      remedy: 'Write --runbook runbook.md or --runbook runbook.ps1, or both.',
    },
  ];
}

function endingOf(path: string): string {
  return extname(path).toLowerCase();
}
