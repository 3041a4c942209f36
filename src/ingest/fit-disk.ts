import { readHrl } from '../formats/hrl-read.ts';
import { hasErrors, type Problem, problemOf } from '../model/problem.ts';
import { blockRunsOf, type TouchRecord } from '../model/touch-record.ts';
import type { Disk, Workload } from '../model/workload.ts';
import { type Bytes, type Millis, SECOND_MS } from '../units.ts';
import { readBlockTrace } from './block-trace.ts';
import { fitOverwrite, type NoFit, type OverwriteFit } from './fit-overwrite.ts';
import type { Input } from './input.ts';
import { recognise } from './recognise.ts';
import { WriteHistory, type WriteListener, type WriteSummary } from './write-history.ts';

/** What the writes of one disk tell: from a block trace, or from its replication log. */
export interface DiskFit {
  readonly file: string;
  readonly rowCount: number;
  readonly summary: WriteSummary;
  readonly fit: OverwriteFit | NoFit;
}

const NO_PLACES_REMEDY = 'Expect snapshots to grow larger, and resynchronizations to send more, than is said.';

/**
 * Reads the writes of one disk and fits the overwrite model to them.
 *
 * @param onWrite sees each of them
 */
export async function fitDisk(
  input: Input,
  onWrite?: WriteListener,
): Promise<{ readonly value?: DiskFit; readonly problems: Problem[] }> {
  const history = new WriteHistory({}, onWrite);
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
  if (summary.touched === undefined) {
    const message = 'Its writes are scattered too widely for their places to be kept: they are taken as contiguous.';
    problems.push(problemOf('warning', 'fit-no-places', input.name, message, NO_PLACES_REMEDY));
  }
  return { value: { file: input.name, rowCount, summary, fit: fitOverwrite(summary.pairs) }, problems };
}

/** The same of writes that nobody recorded, ascending in time. @param name what they are called where they are spoken of */
export function fitWrites(
  name: string,
  writes: Iterable<{ readonly atMs: Millis; readonly offset: Bytes; readonly lengthBytes: Bytes }>,
): DiskFit {
  const history = new WriteHistory();
  let rowCount = 0;
  for (const { atMs, offset, lengthBytes } of writes) {
    history.add(atMs, offset, lengthBytes);
    rowCount++;
  }
  const summary = history.summary();
  return { file: name, rowCount, summary, fit: fitOverwrite(summary.pairs) };
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
 * The workload with one disk as it was fitted: its overwriting and mean write, its churn, which begins with the run, and the places of its
 * writes. The hot set is no larger than the disk. Where places lie beyond its end none are kept, with a warning.
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
  const { churn, touched, meanWriteBytes } = summary;
  const peak = churn === undefined ? 0 : Math.max(...churn.writtenBytes);
  const stepMs = churn === undefined || churn.startMs.length < 2 ? 0 : churn.startMs[1]! - churn.startMs[0]!;
  if (stepMs > 0 && (peak * SECOND_MS) / stepMs > disk.sizeBytes) {
    const message = `The writes of ${file} are more than the disk of ${disk.sizeBytes} bytes takes.`;
    return {
      problems: [problemOf('error', 'fit-too-much', '--disk', message, 'Check that it is the trace of this disk.')],
    };
  }
  const hasPlaces = touched !== undefined && reachBytes(touched) < disk.sizeBytes + touched.blockBytes;
  const fitted: Disk = {
    ...disk,
    ...(churn === undefined ? {} : { churn: hasPlaces ? { ...churn, touched } : churn }),
    meanWriteBytes: Math.max(512, Math.round(meanWriteBytes)),
    ...(fit.model === undefined
      ? {}
      : { overwrite: { ...fit.model, hotBytes: Math.min(disk.sizeBytes, fit.model.hotBytes) as Bytes } }),
  };
  const vms = workload.vms.map((vm) =>
    vm.name === vmName ? { ...vm, disks: vm.disks.map((one) => (one === disk ? fitted : one)) } : vm,
  );
  const value = { ...workload, vms };
  if (touched === undefined || hasPlaces) return { value, problems: [] };
  const message = `${file} writes beyond the end of the disk of ${disk.sizeBytes} bytes: the places of its writes are left out.`;
  const remedy = 'Check that it is the trace of this disk, and of its present size.';
  return { value, problems: [problemOf('warning', 'fit-beyond-disk', '--disk', message, remedy)] };
}

/** Where the last touched block ends. */
function reachBytes({ runs, blockBytes }: TouchRecord): Bytes {
  return runs.reduce((most, entry) => Math.max(most, blockRunsOf(entry).at(-1) ?? 0), 0) * blockBytes;
}
