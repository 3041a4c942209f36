import { inspectInput } from '../ingest/inspect.ts';
import type { LogEntry } from '../model/inspection.ts';
import { hasErrors, type Problem } from '../model/problem.ts';
import { renderInspection } from '../report/terminal-inspection.ts';
import type { Ending } from './analyze.ts';
import { openInputs } from './open-input.ts';
import { printProblems } from './print-problems.ts';
import { terminalOf } from './terminal.ts';

export interface InspectFlags {
  readonly entries?: boolean;
  readonly json?: boolean;
}

/** `asr-plan inspect FILE …`. Ends well where something could be told of every file, though problems may be named. */
export async function inspect(files: readonly string[], flags: InspectFlags): Promise<Ending> {
  const opened = await openInputs(files.map((path) => ({ path })));
  const problems: Problem[] = [...opened.problems];
  for (const input of opened.inputs) {
    const onEntry = flags.entries === true ? (entry: LogEntry) => printEntry(entry, flags) : undefined;
    const inspection = await inspectInput(input, onEntry);
    problems.push(...inspection.problems);
    if (flags.json === true) {
      const { facts: _facts, ...plain } = inspection;
      process.stdout.write(`${JSON.stringify(plain)}\n`);
    } else process.stdout.write(`${renderInspection(inspection, terminalOf(process.stdout))}\n`);
  }
  process.stderr.write(printProblems(problems));
  return hasErrors(problems) ? 'badInput' : 'met';
}

function printEntry(entry: LogEntry, { json }: InspectFlags): void {
  const { byteOffset, dataLength, time } = entry;
  const line = `${time}  ${String(byteOffset).padStart(16)}  ${String(dataLength).padStart(10)}`;
  process.stdout.write(`${json === true ? JSON.stringify(entry) : line}\n`);
}
