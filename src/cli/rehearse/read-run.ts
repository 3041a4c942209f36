import { type DiskFit, withFit } from '../../ingest/fit-disk.ts';
import { DEFAULT_MEAN_WRITE_BYTES } from '../../model/policy.ts';
import { hasErrors, type Problem, problemOf } from '../../model/problem.ts';
import type { Run } from '../../model/run.ts';
import type { Disk, Workload } from '../../model/workload.ts';
import type { BlockDevice } from '../../rehearse/block-device.ts';
import { usedBytesOf } from '../../rehearse/images/used-bytes.ts';
import { notRehearsable } from '../../rehearse/rehearsal.ts';
import type { AnalyzeFlags } from '../../request/flags.ts';
import { readRequest } from '../../request/plan-request.ts';
import { MIB, MINUTE_MS } from '../../units.ts';
import { DISK_FILES } from '../open-input.ts';
import { productVersion } from '../product-version.ts';

/** Of our own transport, TLS and HTTP counted: 1,001.9 bytes on the wire for 1,000 of a chunk of 1 MiB (docs/method.md). */
const OWN_LINK_EFFICIENCY = '0.998';
const DISK_NAME = 'disk0';
/** The defaults of a run whose start nobody gave (semantics 1). */
const START_EPOCH_MS: number = Date.UTC(2026, 0, 5);

export interface RehearsedVm {
  readonly command: string;
  readonly name: string;
  readonly device: BlockDevice;
  /** How its disk is written to; absent = nobody knows. */
  readonly fit: DiskFit | undefined;
  /** What compression is expected to leave, where no flag says it. */
  readonly compressionRatio: number;
}

/** One VM with one disk, and the flags, to one run, as `analyze` makes it. @returns `undefined`, with problems, where it is none to rehearse */
export async function readRun(vm: RehearsedVm, flags: AnalyzeFlags, problems: Problem[]): Promise<Run | undefined> {
  const workload = await workloadOf(vm, problems);
  if (workload === undefined) return undefined;
  const minutes = Math.max(1, Math.ceil((vm.fit?.summary.churn?.endMs ?? 0) / MINUTE_MS));
  const request = await readRequest(
    { kind: 'workload', workload },
    {
      ...flags,
      horizon: flags.horizon ?? `${minutes}min`,
      linkEfficiency: flags.linkEfficiency ?? OWN_LINK_EFFICIENCY,
      compression: flags.compression ?? String(vm.compressionRatio),
    },
    problems,
    { files: DISK_FILES, onProgress: () => undefined },
    productVersion(),
  );
  if (request === undefined) return undefined;
  for (const message of notRehearsable(request.run)) {
    const remedy = `See asr-plan ${vm.command} --help.`;
    problems.push(problemOf('error', 'not-rehearsable', vm.command, message, remedy));
  }
  return hasErrors(problems) ? undefined : request.run;
}

async function workloadOf({ name, device, fit }: RehearsedVm, problems: Problem[]): Promise<Workload | undefined> {
  const disk: Disk = {
    name: DISK_NAME,
    volume: 'rehearsal',
    sizeBytes: device.sizeBytes,
    usedBytes: await usedBytesOf(device, MIB),
    churn: { kind: 'constant', bytesPerSec: 0 },
    meanWriteBytes: DEFAULT_MEAN_WRITE_BYTES,
  };
  const workload: Workload = {
    schema: 'asr-plan/workload@1',
    clock: { startEpochMs: START_EPOCH_MS, timeZone: 'UTC', offsets: [{ fromMs: 0, offsetMs: 0 }] },
    vms: [{ name, host: 'localhost', disks: [disk] }],
  };
  if (fit === undefined) return workload;
  const fitted = withFit(workload, name, DISK_NAME, fit);
  problems.push(...fitted.problems);
  return fitted.value;
}
