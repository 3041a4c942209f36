import { type DiskFit, fitDisk } from '../../ingest/fit-disk.ts';
import { type Problem, problemOf } from '../../model/problem.ts';
import { openInputs } from '../open-input.ts';
import { TracedWrites } from './traced-writes.ts';

/** A trace, and what it tells of how its disk is written to. */
export interface ReadTrace {
  readonly fit: DiskFit;
  readonly writes: TracedWrites;
}

/** @returns `undefined`, with problems, where it cannot be replayed */
export async function readTrace(trace: string, problems: Problem[]): Promise<ReadTrace | undefined> {
  const opened = await openInputs([{ path: trace }]);
  problems.push(...opened.problems);
  const [input] = opened.inputs;
  if (input === undefined) return undefined;
  const writes = new TracedWrites();
  const fitted = await fitDisk(input, (atMs, offset, length) => writes.add(atMs, offset, length));
  problems.push(...fitted.problems);
  if (writes.leftOutCount > 0) {
    const message = `The trace has ${writes.leftOutCount} writes more than are replayed.`;
    problems.push(problemOf('error', 'trace-too-long', trace, message, 'Cut it into pieces.'));
  }
  return fitted.value === undefined ? undefined : { fit: fitted.value, writes };
}
