import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { constants, zstdCompressSync } from 'node:zlib';
import { type DiskFit, fitWrites } from '../../ingest/fit-disk.ts';
import { positive } from '../../ingest/parsers.ts';
import { windowSpans } from '../../model/clock.ts';
import { DEFAULT_MEAN_WRITE_BYTES } from '../../model/policy.ts';
import { hasErrors, type Problem, problemOf } from '../../model/problem.ts';
import { CALIBRATION_SCHEMA, type RehearsalCalibration } from '../../model/rehearsal-calibration.ts';
import type { Run } from '../../model/run.ts';
import { predictedFigures } from '../../plan/score/predicted-figures.ts';
import { scoreOf } from '../../plan/score/score.ts';
import type { BlockDevice } from '../../rehearse/block-device.ts';
import { RealClock, SteppedClock } from '../../rehearse/clock.ts';
import { GuestContent } from '../../rehearse/guest/guest-content.ts';
import { madeUpWrites } from '../../rehearse/guest/made-up-writes.ts';
import type { TracedWrite } from '../../rehearse/guest/replay.ts';
import { ImageError, openImage } from '../../rehearse/images/open-image.ts';
import { type RehearsalResult, rehearse as runRehearsal } from '../../rehearse/rehearsal.ts';
import { RawDisk } from '../../rehearse/replica/raw-disk.ts';
import { copyDisk } from '../../rehearse/replica/test-failover.ts';
import { renderScore } from '../../report/terminal-score.ts';
import { decimalWithin, FlagReader } from '../../request/flag-reader.ts';
import type { AnalyzeFlags } from '../../request/flags.ts';
import { cutPhaseMs } from '../../simulate/fleet.ts';
import {
  type Bytes,
  formatBitsPerSec,
  formatDurationMs,
  MIB,
  MINUTE_MS,
  type Millis,
  parseBytes,
  parseBytesPerSec,
  parseDurationMs,
  SECOND_MS,
} from '../../units.ts';
import type { Ending } from '../analyze.ts';
import { checkOutputs, writeOutputs } from '../outputs.ts';
import { printProblems } from '../print-problems.ts';
import { Progress } from '../progress.ts';
import { terminalOf } from '../terminal.ts';
import { folderProblem } from './end-flags.ts';
import { readRun } from './read-run.ts';
import { readTrace } from './read-trace.ts';
import { WRITES_MOST } from './traced-writes.ts';

/** The flags of `rehearse`: its own, and those of `analyze` that say how the VM is replicated. */
export interface RehearseFlags extends AnalyzeFlags {
  readonly trace?: string;
  readonly load?: string;
  readonly hot?: string;
  readonly disk?: string;
  readonly speed?: string;
  readonly compress?: boolean;
  readonly compressible?: string;
  readonly folder?: string;
  readonly calibrate?: string;
}

const SPEED_MOST = 10_000;
/** A disk of which nobody said the size is as large as it was written, and no smaller than this: half of it must hold some logs. */
const DISK_BYTES_LEAST: Bytes = 64 * MIB;
const DEFAULT_LOAD_MS: Millis = 30 * MINUTE_MS;
const WARNING = 'This is a rehearsal, and no backup: what it copies is thrown away, or yours to remove.';

/** `asr-plan rehearse --trace t.csv …`: the planner's prediction beside what a primary and a replica on this machine measure. */
export async function rehearse(flags: RehearseFlags): Promise<Ending> {
  const progress = new Progress(process.stderr, flags.quiet !== true);
  const problems: Problem[] = [];
  const settings = readOwnFlags(flags, problems);
  const guest = await readGuest(flags, problems);
  problems.push(...checkOutputs(outputsOf(flags), inputsOf(flags)));
  if (guest === undefined || hasErrors(problems)) return refuse(problems);
  const parent = flags.folder ?? tmpdir();
  let folder: string | undefined;
  try {
    folder = await mkdtemp(join(parent, 'asr-plan-rehearsal-'));
    // 1. The disk: a copy of the user's, or an empty one.
    const device = await makeDisk(flags, guest.endBytes, folder, problems);
    if (device === undefined) return refuse(problems);
    const content = new GuestContent(settings.compressibleTo);
    const ratio = flags.compress === true ? compressionOf(content) : 1;
    const vm = { command: 'rehearse', name: VM_NAME, device, fit: guest.fit, compressionRatio: ratio };
    const run = await readRun(vm, flags, problems);
    if (run === undefined) return refuse(problems);

    // 2. What the planner says, before anything has happened.
    const predicted = predictedFigures(run);

    // 3. What happens.
    if (flags.quiet !== true) process.stderr.write(`${WARNING}\n`);
    const { horizonMs } = run.options;
    const result = await runRehearsal({
      run,
      cutPhaseMs: run.policy.alignedCuts ? 0 : cutPhaseMs(VM_NAME, run.options.seed, run.policy.copyFrequencyMs),
      resyncSpans: windowSpans(run.workload.clock, run.policy.resyncWindow, horizonMs),
      disks: [{ device, writes: guest.writes }],
      content,
      folder,
      compresses: flags.compress === true,
      startClock: () => (settings.speed === 'stepped' ? new SteppedClock() : new RealClock(settings.speed)),
      onProgress: (atMs) => progress.show(`Rehearsing: ${formatDurationMs(atMs)} of ${formatDurationMs(horizonMs)}`),
    });
    progress.clear();

    // 4. Both, side by side.
    return show(flags, run, scoreOf(predicted, result.figures), result, problems);
  } catch (error) {
    progress.clear();
    return refuse([...problems, folderProblem(error, '--folder', parent)]);
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

const VM_NAME = 'rehearsal';

/** Who writes to the disk, as the planner and the rehearsal know it. */
interface RehearsedGuest {
  readonly fit: DiskFit;
  readonly writes: Iterable<TracedWrite>;
  /** The disk must reach so far. */
  readonly endBytes: Bytes;
}

/** @returns `undefined`, with problems, where nobody is to write */
async function readGuest(flags: RehearseFlags, problems: Problem[]): Promise<RehearsedGuest | undefined> {
  if ((flags.trace === undefined) === (flags.load === undefined)) {
    const message = 'Either --trace or --load says what the guest writes.';
    problems.push(
      problemOf(
        'error',
        'flag-value',
        '--trace',
        message,
        "Write for example --trace requests.csv, or --load '2 MB/s'.",
      ),
    );
    return undefined;
  }
  if (flags.trace !== undefined) {
    const read = await readTrace(flags.trace, problems);
    return read && { fit: read.fit, writes: read.writes, endBytes: read.writes.endBytes };
  }
  const reader = new FlagReader();
  const rate = positive(parseBytesPerSec);
  const bytesPerSec = reader.read('--load', flags.load, rate, 'a rate in bytes above 0', '2 MB/s', 1);
  const hotBytes = reader.read('--hot', flags.hot, positive(parseBytes), 'a size', '64MiB', DISK_BYTES_LEAST);
  const untilMs = parseDurationMs(flags.horizon ?? '') ?? DEFAULT_LOAD_MS;
  const writeCount = (bytesPerSec * untilMs) / SECOND_MS / DEFAULT_MEAN_WRITE_BYTES;
  if (writeCount > WRITES_MOST) {
    reader.refuse('--load', flags.load, 'These are more writes than are replayed.', 'Give a shorter --horizon.');
  }
  problems.push(...reader.problems);
  if (hasErrors(reader.problems)) return undefined;
  const writes = (): Iterable<TracedWrite> =>
    madeUpWrites({ bytesPerSec, writeBytes: DEFAULT_MEAN_WRITE_BYTES, hotBytes, untilMs, seed: 1 });
  return { fit: fitWrites('--load', writes()), writes: writes(), endBytes: hotBytes };
}

function refuse(problems: readonly Problem[]): Ending {
  process.stderr.write(printProblems(problems));
  return 'badInput';
}

function outputsOf({ json, calibrate }: RehearseFlags): { readonly flag: string; readonly path: string }[] {
  return [
    ...(json === undefined ? [] : [{ flag: '--json', path: json }]),
    ...(calibrate === undefined ? [] : [{ flag: '--calibrate', path: calibrate }]),
  ];
}

function inputsOf({ trace, disk }: RehearseFlags): string[] {
  return [trace, disk].filter((path) => path !== undefined);
}

function readOwnFlags(
  flags: RehearseFlags,
  problems: Problem[],
): { readonly speed: number | 'stepped'; readonly compressibleTo: number } {
  const reader = new FlagReader();
  const speedOf = decimalWithin(0.1, SPEED_MOST);
  const settings = {
    speed: reader.read(
      '--speed',
      flags.speed,
      (text) => (text === 'stepped' ? text : speedOf(text)),
      `a number from 0.1 to ${SPEED_MOST}, or stepped`,
      '10',
      1 as number | 'stepped',
    ),
    compressibleTo: reader.read(
      '--compressible',
      flags.compressible,
      decimalWithin(0, 1),
      'what is left of the guest’s data by compression, from 0 to 1',
      '0.5',
      1,
    ),
  };
  problems.push(...reader.problems);
  return settings;
}

/** @returns `undefined`, with a problem, where the disk cannot be used */
async function makeDisk(
  { disk }: RehearseFlags,
  endBytes: Bytes,
  folder: string,
  problems: Problem[],
): Promise<BlockDevice | undefined> {
  const path = join(folder, 'disk.raw');
  if (disk === undefined) {
    return await RawDisk.open(path, Math.max(DISK_BYTES_LEAST, Math.ceil(endBytes / MIB) * MIB));
  }
  const original = await openRaw(disk, problems);
  if (original === undefined) return undefined;
  try {
    if (endBytes > original.sizeBytes) {
      const message = `The guest writes up to byte ${endBytes}, and the disk has ${original.sizeBytes}.`;
      problems.push(problemOf('error', 'disk-too-small', disk, message, 'Give a disk that is large enough, or none.'));
      return undefined;
    }
    const copy = await RawDisk.open(path, original.sizeBytes);
    await copyDisk(original, copy);
    return copy;
  } finally {
    await original.close();
  }
}

/** A raw image, which is not written to. */
async function openRaw(path: string, problems: Problem[]): Promise<BlockDevice | undefined> {
  try {
    return await openImage(path);
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    problems.push(problemOf('error', 'disk-image', path, error.message, error.remedy));
    return undefined;
  }
}

/** What is left of the guest's data by the transport's compression, tried on a piece of it. */
function compressionOf(content: GuestContent): number {
  // In pieces, as writes are: a log is not one stretch of it.
  const sample = Buffer.concat(Array.from({ length: 128 }, (_, index) => content.at(index, DEFAULT_MEAN_WRITE_BYTES)));
  return Math.min(
    1,
    zstdCompressSync(sample, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }).length / sample.length,
  );
}

function show(
  flags: RehearseFlags,
  run: Run,
  rows: ReturnType<typeof scoreOf>,
  { figures, replays, incidents }: RehearsalResult,
  problems: Problem[],
): Ending {
  const [replayed] = replays;
  const document = { schema: 'asr-plan/rehearsal@1', rows, figures, replayed, incidents, options: run.options };
  const contents: Readonly<Record<string, unknown>> = {
    '--json': document,
    '--calibrate': calibrationOf(flags, run, figures),
  };
  const outputs = outputsOf(flags).map(({ flag, path }) => ({
    flag,
    path,
    content: `${JSON.stringify(contents[flag], null, 2)}\n`,
  }));
  problems.push(...writeOutputs(outputs));
  process.stderr.write(
    printProblems(flags.quiet === true ? problems.filter(({ severity }) => severity === 'error') : problems),
  );
  if (hasErrors(problems)) return 'badInput';
  if (flags.quiet !== true) {
    const lines = incidents.slice(0, 10).map((incident) => `  ${incident}\n`);
    process.stdout.write(
      `${renderScore(rows, terminalOf(process.stdout))}\n${replayed!.writeCount.toLocaleString('en-US')} writes, the latest ${formatDurationMs(replayed!.latestMs)} after its time.\n${lines.join('')}`,
    );
  }
  return rows.every(({ holds }) => holds !== false) ? 'met' : 'broken';
}

function calibrationOf(
  { trace, load }: RehearseFlags,
  { site, options }: Run,
  { compressionRatio, linkEfficiencyRatio }: RehearsalResult['figures'],
): RehearsalCalibration {
  const guest = trace === undefined ? `a load of ${load}` : basename(trace);
  const link = formatBitsPerSec(site.link.capacityBitsPerSec);
  return {
    schema: CALIBRATION_SCHEMA,
    rehearsed: `${guest} over ${link} for ${formatDurationMs(options.horizonMs)}`,
    compressionRatio: compressionRatio === 1 ? null : compressionRatio,
    linkEfficiencyRatio: linkEfficiencyRatio ?? 1,
  };
}
