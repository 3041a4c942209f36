import { hasErrors, type Problem, problemOf } from '../model/problem.ts';
import type { DocumentFlags } from '../request/flags.ts';
import type { Ending } from './analyze.ts';
import { DOCUMENTS, documentTargets } from './documents.ts';
import { printProblems } from './print-problems.ts';
import { productVersion } from './product-version.ts';
import { readPlan } from './read-plan.ts';
import { checkTargets, renderDocuments, writeDocuments, writtenLines } from './write-documents.ts';

export interface ReportFlags extends DocumentFlags {
  readonly quiet?: boolean;
}

/** `asr-plan report plan.json …`: a plan that was written, as other documents. Only what is named is written. */
export async function report(path: string, flags: ReportFlags): Promise<Ending> {
  const targets = await documentTargets(DOCUMENTS, flags);
  const problems: Problem[] = checkTargets(targets, [path]);
  if (targets.length === 0) problems.push(nothingNamed());
  const read = await readPlan(path, productVersion());
  problems.push(...read.problems);
  if (read.value === undefined || hasErrors(problems)) {
    process.stderr.write(printProblems(problems));
    return 'badInput';
  }
  const documents = await renderDocuments(targets, { plan: read.value });
  const notWritten = writeDocuments(documents);
  process.stderr.write(printProblems([...(flags.quiet === true ? [] : problems), ...notWritten]));
  if (notWritten.length > 0) return 'badInput';
  if (flags.quiet !== true && targets.every(({ isStandardOutput }) => !isStandardOutput)) {
    process.stdout.write(writtenLines(documents));
  }
  return 'met';
}

function nothingNamed(): Problem {
  const choice = DOCUMENTS.map(({ name, argument }) => `--${name} ${argument}`).join(', ');
  return problemOf(
    'error',
    'report-nothing-named',
    'asr-plan report',
    'No document is named.',
    `Name one of ${choice}.`,
  );
}
