import { hasErrors, type Problem } from '../model/problem.ts';
import { diffPlans } from '../plan/diff/diff.ts';
import { renderJson } from '../report/json.ts';
import { renderDiff } from '../report/terminal-diff.ts';
import type { Ending } from './analyze.ts';
import { checkOutputs, writeOutputs } from './outputs.ts';
import { printProblems } from './print-problems.ts';
import { productVersion } from './product-version.ts';
import { readPlan } from './read-plan.ts';
import { terminalOf } from './terminal.ts';

export interface DiffFlags {
  readonly json?: string;
  readonly quiet?: boolean;
}

const STANDARD_OUTPUT = '-';

/** `asr-plan diff before.json after.json`: what changed between two plans. `met` where nothing did. */
export async function diff(before: string, after: string, { json, quiet }: DiffFlags): Promise<Ending> {
  const isFile = json !== undefined && json !== STANDARD_OUTPUT;
  const problems: Problem[] = isFile ? checkOutputs([{ flag: '--json', path: json }], [before, after]) : [];
  const version = productVersion();
  const reads = [await readPlan(before, version), await readPlan(after, version)];
  problems.push(...reads.flatMap((read) => read.problems));
  const [old, now] = reads.map(({ value }) => value);
  if (old === undefined || now === undefined || hasErrors(problems)) {
    process.stderr.write(printProblems(problems));
    return 'badInput';
  }
  const found = diffPlans(old, now);
  if (isFile) problems.push(...writeOutputs([{ flag: '--json', path: json, content: renderJson(found) }]));
  const isWritten = !hasErrors(problems);
  process.stderr.write(printProblems(quiet === true && isWritten ? [] : problems));
  if (!isWritten) return 'badInput';
  if (json === STANDARD_OUTPUT) process.stdout.write(renderJson(found));
  else if (quiet !== true) {
    process.stdout.write(renderDiff(found, terminalOf(process.stdout)));
    if (isFile) process.stdout.write(`\nWritten: ${json}\n`);
  }
  return found.same ? 'met' : 'broken';
}
