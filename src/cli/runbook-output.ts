import { extname } from 'node:path';
import type { Problem } from '../model/problem.ts';
import { shownValue } from '../model/problem.ts';
import type { Plan } from '../plan/plan.ts';
import { renderRunbookMarkdown } from '../report/runbook-markdown.ts';
import { renderRunbookScript } from '../report/runbook-script.ts';
import type { AnalyzeFlags } from '../request/flags.ts';
import type { Output } from './outputs.ts';

/** A document by its file's ending: to read and tick off, or to run. */
const RENDERERS: Readonly<Record<string, (plan: Plan) => string>> = {
  '.md': renderRunbookMarkdown,
  '.ps1': renderRunbookScript,
};

/** Where the runbook goes, a file for each `--runbook`. */
export function runbookTargets({
  runbook = [],
}: Pick<AnalyzeFlags, 'runbook'>): (Pick<Output, 'flag' | 'path'> & { readonly render: (plan: Plan) => string })[] {
  return runbook.flatMap((path) => {
    const render = RENDERERS[endingOf(path)];
    return render === undefined ? [] : [{ flag: '--runbook', path, render }];
  });
}

/** Files of which nobody can tell what is to be written. */
export function checkRunbookPaths({ runbook = [] }: Pick<AnalyzeFlags, 'runbook'>): Problem[] {
  return runbook
    .filter((path) => RENDERERS[endingOf(path)] === undefined)
    .map((path) => ({
      ...{ severity: 'error', code: 'runbook-unknown-form', file: '--runbook', value: shownValue(path) },
      message: 'The ending of the file says what is written: .md the tasks to tick off, .ps1 the commands as a script.',
      remedy: 'Write --runbook runbook.md or --runbook runbook.ps1, or both.',
    }));
}

function endingOf(path: string): string {
  return extname(path).toLowerCase();
}
