import { readHrl } from '../formats/hrl-read.ts';
import { hasErrors, type Problem, problemOf } from '../model/problem.ts';
import type { Disk, Workload } from '../model/workload.ts';
import { type Bytes, SECOND_MS } from '../units.ts';
import { readBlockTrace } from './block-trace.ts';
import { fitOverwrite, type NoFit, type OverwriteFit } from './fit-overwrite.ts';
import type { Input } from './input.ts';
import { recognise } from './recognise.ts';
import { WriteHistory, type WriteSummary } from './write-history.ts';

/** What the writes of one disk tell: from a block trace, or from its replication log. */
export interface DiskFit {
  readonly file: string;
  readonly rowCount: number;
  readonly summary: WriteSummary;
  readonly fit: OverwriteFit | NoFit;
}

/** Reads the writes of one disk and fits the overwrite model to them. */
export async function fitDisk(input: Input): Promise<{ readonly value?: DiskFit; readonly problems: Problem[] }> {
  const history = new WriteHistory();
  const as = await recognise(input);
  let rowCount: number;
  let problems: Problem[];
  if (as.kind === 'log' && input.withBytes !== undefined) {
    const reading = await input.withBytes((file) => readLogInto(history, file));
    rowCount = reading.entryCount;
    problems = reading.problems.map(({ code, message }) =>
      problemOf('warning', code, input.name, message, 'What is whole of the log is used.'),
    );
  } else {
    // Whatever it is, the reader of traces says best what it lacks.
    const trace = await readBlockTrace(input.text(), history);
    rowCount = trace.rowCount;
    problems = trace.problems.all();
  }
  const summary = history.summary();
  if (!hasErrors(problems) && summary.writeCount === 0) {
    problems.push(
      problemOf(
        'error',
        'fit-no-writes',
        input.name,
        'There is no write in it.',
        'Give a block trace or a replication log with writes.',
      ),
    );
  }
  if (hasErrors(problems)) return { problems };
  return { value: { file: input.name, rowCount, summary, fit: fitOverwrite(summary.pairs) }, problems };
}

async function readLogInto(history: WriteHistory, file: Parameters<typeof readHrl>[0]): ReturnType<typeof readHrl> {
  let first: number | undefined;
  return await readHrl(file, {
    entry({ byteOffset, dataLength, timestampSec2000 }) {
      first ??= timestampSec2000;
      history.add((timestampSec2000 - first) * SECOND_MS, byteOffset, dataLength);
    },
  });
}

/**
 * The workload with one disk as it was fitted: its overwriting and mean write, and its churn, which begins with the run. The hot set is no larger
 * than the disk.
 */
export function withFit(
  workload: Workload,
  vmName: string,
  diskName: string,
  { file, summary, fit }: DiskFit,
): { readonly value?: Workload; readonly problems: Problem[] } {
  const disk = workload.vms.find(({ name }) => name === vmName)?.disks.find(({ name }) => name === diskName);
  if (disk === undefined) {
    const message = `The workload has no disk "${diskName}" of a VM "${vmName}".`;
    return {
      problems: [
        problemOf('error', 'fit-unknown-disk', '--disk', message, 'Write it as VM/disk, both as in the workload.'),
      ],
    };
  }
  const { churn, meanWriteBytes } = summary;
  const peak = churn === undefined ? 0 : Math.max(...churn.writtenBytes);
  const stepMs = churn === undefined || churn.startMs.length < 2 ? 0 : churn.startMs[1]! - churn.startMs[0]!;
  if (stepMs > 0 && (peak * SECOND_MS) / stepMs > disk.sizeBytes) {
    const message = `The writes of ${file} are more than the disk of ${disk.sizeBytes} bytes takes.`;
    return {
      problems: [problemOf('error', 'fit-too-much', '--disk', message, 'Check that it is the trace of this disk.')],
    };
  }
  const fitted: Disk = {
    ...disk,
    ...(churn === undefined ? {} : { churn }),
    meanWriteBytes: Math.max(512, Math.round(meanWriteBytes)),
    ...(fit.model === undefined
      ? {}
      : { overwrite: { ...fit.model, hotBytes: Math.min(disk.sizeBytes, fit.model.hotBytes) as Bytes } }),
  };
  const vms = workload.vms.map((vm) =>
    vm.name === vmName ? { ...vm, disks: vm.disks.map((one) => (one === disk ? fitted : one)) } : vm,
  );
  return { value: { ...workload, vms }, problems: [] };
}
