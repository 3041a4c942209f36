import { windowSpans } from '../../model/clock.ts';
import { hasErrors, type Problem, problemOf } from '../../model/problem.ts';
import type { BlockDevice } from '../../rehearse/block-device.ts';
import { RealClock } from '../../rehearse/clock.ts';
import { GuestContent } from '../../rehearse/guest/guest-content.ts';
import { replay } from '../../rehearse/guest/replay.ts';
import { ImageError, openImage } from '../../rehearse/images/open-image.ts';
import { Pacer } from '../../rehearse/pacer.ts';
import { RawDisk } from '../../rehearse/replica/raw-disk.ts';
import { OtherVmError, replicate as startPrimary } from '../../rehearse/replicate.ts';
import { HttpsReplica } from '../../rehearse/transport/https-replica.ts';
import { isLoopback, REPLICA_PORT } from '../../rehearse/transport/routes.ts';
import { INPUT_KEYS, PHASE_KEYS } from '../../replication/lifecycle.ts';
import type { AnalyzeFlags } from '../../request/flags.ts';
import { cutPhaseMs } from '../../simulate/fleet.ts';
import { formatDurationMs } from '../../units.ts';
import type { Ending } from '../analyze.ts';
import { printProblems } from '../print-problems.ts';
import { type EndFlags, folderProblem, interruption, LOUD_WARNING, readEndCredentials } from './end-flags.ts';
import { readRun } from './read-run.ts';
import { readTrace } from './read-trace.ts';

/** The flags of `replicate`: its own, and those of `analyze` that say how the VM is replicated. */
export interface ReplicateFlags extends Omit<AnalyzeFlags, 'authentication'>, EndFlags {
  readonly name?: string;
  readonly disk: string;
  readonly to: string;
  readonly folder: string;
  readonly trace?: string;
  readonly compress?: boolean;
  readonly replicaName?: string;
}

/** `asr-plan replicate --disk d.raw --to HOST …`: the primary's end of a rehearsal, until it is interrupted. */
export async function replicate(flags: ReplicateFlags): Promise<Ending> {
  const problems: Problem[] = [];
  const credentials = await readEndCredentials(flags, problems);
  const place = placeOf(flags.to, problems);
  if (credentials === null && place !== undefined && !isLoopback(place.host)) {
    const message = `Plain HTTP is for the loopback only, and ${place.host} is none.`;
    problems.push(problemOf('error', 'flag-value', '--authentication', message, 'Give certificates.'));
  }
  const trace = flags.trace === undefined ? undefined : await readTrace(flags.trace, problems);
  const device = await openDisk(flags.disk, trace?.writes.endBytes ?? 0, problems);
  if (credentials === undefined || place === undefined || device === undefined || hasErrors(problems)) {
    return refuse(problems);
  }
  const { authentication: _, ...policyFlags } = flags;
  const name = flags.name ?? 'rehearsal';
  const run = await readRun(
    { command: 'replicate', name, device, fit: trace?.fit, compressionRatio: 1 },
    { ...policyFlags, horizon: flags.horizon ?? '400d' },
    problems,
  );
  if (run === undefined) return refuse(problems);
  process.stderr.write(LOUD_WARNING);
  const clock = new RealClock();
  const way = new HttpsReplica({
    ...place,
    credentials,
    ...(flags.replicaName === undefined ? {} : { replicaName: flags.replicaName }),
    pacer: new Pacer(clock, run.site.link.capacityBitsPerSec),
    compresses: flags.compress === true,
  });
  const over = new AbortController();
  const { policy, options, workload } = run;
  const starting = startPrimary({
    workload,
    policy,
    cutPhaseMs: policy.alignedCuts ? 0 : cutPhaseMs(name, options.seed, policy.copyFrequencyMs),
    resyncSpans: windowSpans(workload.clock, policy.resyncWindow, options.horizonMs),
    devices: [device],
    folder: flags.folder,
    replica: way,
    breakOff: () => way.breakOff(),
    clock,
    epochMs: Date.now(),
    observer: {
      stepped: (_core, { nowMs, input, before, after }) => {
        if (flags.quiet === true) return;
        const words = `${PHASE_KEYS[before]} ─ ${INPUT_KEYS[input]} ─▶ ${PHASE_KEYS[after]}`;
        process.stdout.write(`${formatDurationMs(nowMs).padStart(14)}  ${words}\n`);
      },
      failed: (error) => process.stderr.write(`broken off: ${error}\n`),
    },
  });
  const primary = await starting.catch((error: unknown) => {
    problems.push(
      error instanceof OtherVmError
        ? problemOf('error', 'folder', '--folder', error.message, 'Give each VM a folder of its own.')
        : folderProblem(error, '--folder', flags.folder),
    );
  });
  if (primary === undefined) {
    way.close();
    return refuse(problems);
  }
  const guest =
    trace === undefined
      ? undefined
      : clock.run(() => replay(trace.writes, primary.disks[0]!, new GuestContent(1), clock, over.signal));
  await interruption();
  over.abort();
  await guest;
  await primary.close();
  way.close();
  return 'met';
}

function placeOf(to: string, problems: Problem[]): { readonly host: string; readonly port: number } | undefined {
  const match = /^(\[[0-9a-f:]+\]|[^:\s]+)(?::(\d{1,5}))?$/i.exec(to);
  const port = Number(match?.[2] ?? REPLICA_PORT);
  if (match === null || port === 0 || port > 65_535) {
    const message = `"${to}" is no host with or without a port.`;
    problems.push(problemOf('error', 'flag-value', '--to', message, 'Write for example --to replica.example:8084.'));
    return undefined;
  }
  return { host: match[1]!.replace(/^\[|\]$/g, ''), port };
}

/** The disk itself, in place. */
async function openDisk(path: string, endBytes: number, problems: Problem[]): Promise<BlockDevice | undefined> {
  try {
    const image = await openImage(path);
    await image.close();
    if (endBytes <= image.sizeBytes) return await RawDisk.open(path, image.sizeBytes);
    const message = `The trace writes up to byte ${endBytes}, and the disk has ${image.sizeBytes}.`;
    problems.push(problemOf('error', 'disk-too-small', path, message, 'Give the disk of this trace.'));
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    problems.push(problemOf('error', 'disk-image', path, error.message, error.remedy));
  }
  return undefined;
}

function refuse(problems: readonly Problem[]): Ending {
  process.stderr.write(printProblems(problems));
  return 'badInput';
}
