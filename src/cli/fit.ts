import { type DiskFit, fitDisk, withFit } from '../ingest/fit-disk.ts';
import { ingest } from '../ingest/ingest.ts';
import { renderWorkload } from '../ingest/workload-file.ts';
import { hasErrors, type Problem } from '../model/problem.ts';
import { renderFit } from '../report/terminal-fit.ts';
import { HORIZON_MOST_MS } from '../request/flags.ts';
import type { Ending } from './analyze.ts';
import { openInputs } from './open-input.ts';
import { checkOutputs, writeOutputs } from './outputs.ts';
import { printProblems } from './print-problems.ts';
import { terminalOf } from './terminal.ts';

export interface FitFlags {
  readonly into?: string;
  readonly disk?: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** `asr-plan fit trace.csv`: the overwrite model, the churn and the touched blocks of one disk, shown and, if wanted, put into a workload. */
export async function fitTrace(file: string, flags: FitFlags): Promise<Ending> {
  const problems: Problem[] = checkFlags(file, flags);
  const opened = await openInputs([{ path: file }]);
  problems.push(...opened.problems);
  const [input] = opened.inputs;
  const fitted = input === undefined || hasErrors(problems) ? undefined : await fitDisk(input);
  problems.push(...(fitted?.problems ?? []));
  if (fitted?.value !== undefined && flags.into !== undefined) problems.push(...(await writeInto(fitted.value, flags)));
  if (fitted?.value !== undefined) {
    const { summary, fit: model } = fitted.value;
    const shown =
      flags.json === true
        ? `${JSON.stringify({ file, summary: { ...summary, pairs: undefined, touched: undefined }, fit: model })}\n`
        : renderFit(fitted.value, terminalOf(process.stdout));
    process.stdout.write(shown);
    if (flags.out !== undefined && !hasErrors(problems)) process.stdout.write(`Written: ${flags.out}\n`);
  }
  process.stderr.write(printProblems(problems));
  return hasErrors(problems) ? 'badInput' : 'met';
}

/** The three flags that put the fit into a workload come together. */
function checkFlags(file: string, { into, disk, out }: FitFlags): Problem[] {
  const given = [into, disk, out].filter((flag) => flag !== undefined);
  if (given.length !== 0 && given.length !== 3) {
    const message =
      '--into, --disk and --out belong together: the workload, its disk, and where the new one is written.';
    const remedy = "Write for example --into workload.json --disk 'SQL01/data' --out fitted.json.";
    return [{ severity: 'error', code: 'flag-value', file: '--into', message, remedy }];
  }
  return out === undefined ? [] : checkOutputs([{ flag: '--out', path: out }], [file, into!]);
}

async function writeInto(fitted: DiskFit, { into, disk, out }: FitFlags): Promise<Problem[]> {
  const opened = await openInputs([{ path: into! }]);
  const read = await ingest(opened.inputs, { horizonMs: HORIZON_MOST_MS });
  const problems = [...opened.problems, ...read.problems];
  if (read.workload === undefined || hasErrors(problems)) return problems;
  const slash = disk!.indexOf('/');
  const placed = withFit(read.workload, disk!.slice(0, slash), disk!.slice(slash + 1), fitted);
  problems.push(...placed.problems);
  if (placed.value === undefined) return problems;
  const reason = `${disk}: mean write, churn, overwriting and places are those of ${fitted.file}`;
  const assumption = {
    name: 'fittedFrom',
    value: fitted.file,
    reason,
    source: 'asr-plan fit',
    origin: 'given',
  } as const;
  const content = renderWorkload({ ...read, workload: placed.value, assumptions: [...read.assumptions, assumption] });
  return [...problems, ...writeOutputs([{ flag: '--out', path: out!, content }])];
}
