import { renderWorkload } from '../ingest/workload-file.ts';
import { hasErrors, type Problem, problemOf } from '../model/problem.ts';
import { renderReceipts } from '../report/terminal-receipts.ts';
import { HORIZON_MOST_MS } from '../request/flags.ts';
import { type InputFlags, readWorkload } from '../request/read-workload.ts';
import type { Ending } from './analyze.ts';
import { DISK_FILES } from './open-input.ts';
import { checkOutputs, writeOutputs } from './outputs.ts';
import { printProblems } from './print-problems.ts';
import { Progress } from './progress.ts';
import { terminalOf } from './terminal.ts';

export interface ImportFlags extends InputFlags {
  readonly out: string;
  readonly quiet?: boolean;
}

/** `asr-plan import … -o workload.json`: the first half of `analyze` alone. */
export async function importFiles(files: readonly string[], flags: ImportFlags): Promise<Ending> {
  const progress = new Progress(process.stderr, flags.quiet !== true);
  const problems: Problem[] = checkOutputs(
    [{ flag: '--out', path: flags.out }],
    [...files, ...(flags.churn === undefined ? [] : [flags.churn])],
  );
  // Its clock must serve whatever horizon is asked for later.
  const read = await readWorkload(files, flags, HORIZON_MOST_MS, problems, {
    files: DISK_FILES,
    onProgress: (words) => progress.show(words),
  });
  if (read?.measured !== undefined) {
    const message = 'Measurements of replication are no part of a workload, and are not written.';
    const remedy = 'Give them to analyze, beside the workload.';
    problems.push(problemOf('warning', 'import-measured', flags.out, message, remedy));
  }
  const isRead = read !== undefined && !hasErrors(problems);
  if (isRead) problems.push(...writeOutputs([{ flag: '--out', path: flags.out, content: renderWorkload(read) }]));
  progress.clear();
  const isWritten = isRead && !hasErrors(problems);
  process.stderr.write(printProblems(flags.quiet === true && isWritten ? [] : problems));
  if (!isWritten) return 'badInput';
  if (flags.quiet !== true) {
    process.stdout.write(
      `${renderReceipts(read.receipts, read.workload.clock, terminalOf(process.stdout))}\nWritten: ${flags.out}\n`,
    );
  }
  return 'met';
}
