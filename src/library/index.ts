/**
 * asr-plan as a library: what the command line does, as functions. `analyze` reads files and plans; `readRun` reads only; `simulate` runs a
 * run. Nothing prints, exits or writes. Arbitraries for property tests are apart, in `asr-plan/arbitraries`.
 */
import { DISK_FILES } from '../cli/open-input.ts';
import { productVersion } from '../cli/product-version.ts';
import { hasErrors, type Problem, problemOf } from '../model/problem.ts';
import { type Run, withBandwidth } from '../model/run.ts';
import { makePlan, type PlanHooks, type PlanRequest } from '../plan/make-plan.ts';
import type { Plan } from '../plan/plan.ts';
import { type Origin, readRequest } from '../request/plan-request.ts';
import type { QuickFlags } from '../request/quick.ts';
import { inScenario, readSettings } from '../request/scenario.ts';
import { InputError } from './input-error.ts';
import { type AnalyzeOptions, flagsOf } from './options.ts';

export type { Policy } from '../model/policy.ts';
export type { Problem } from '../model/problem.ts';
export { type Run, type RunOptions, withBandwidth } from '../model/run.ts';
export type { Outage, Site } from '../model/site.ts';
export type { Disk, Vm, Workload } from '../model/workload.ts';
export { type BandwidthAnswer, searchBandwidth } from '../plan/bandwidth.ts';
export type { PlanHooks, PlanRequest } from '../plan/make-plan.ts';
export type { Finding, Plan } from '../plan/plan.ts';
export { changedRun, type DiskName, type WhatIf, type WhatIfThrottle } from '../plan/what-if.ts';
export type { QuickFlags } from '../request/quick.ts';
export type { RunResult, VmResult, VolumeResult } from '../simulate/result.ts';
export { type SimulateOptions, simulate } from '../simulate/simulate.ts';
export {
  type BitsPerSec,
  type Bytes,
  type BytesPerSec,
  DAY_MS,
  formatBitsPerSec,
  formatBytes,
  formatDurationMs,
  formatShare,
  GIB,
  HOUR_MS,
  MIB,
  MINUTE_MS,
  type Millis,
  parseBitsPerSec,
  parseBytes,
  parseDurationMs,
  SECOND_MS,
} from '../units.ts';
export { InputError } from './input-error.ts';
export type { AnalyzeOptions } from './options.ts';

/** Files and folders of any kind that `asr-plan analyze` takes, or the five numbers of `asr-plan quick`. */
export type Fleet = string | readonly string[] | QuickFlags;

export interface Analysis {
  readonly plan: Plan;
  /** As it was planned: over the link that was given, else over the one that the search found. */
  readonly run: Run;
  /** What the plan was made of; `makePlan`'s input. */
  readonly request: PlanRequest;
}

/**
 * The whole of `asr-plan analyze`: files → workload → bandwidth search → simulation → verdict, findings and the rest of the plan.
 *
 * @param fleet files and folders, or five numbers
 * @param hooks what the work has come to, for a progress line
 * @throws {InputError} with every problem of every file and option
 */
export async function analyze(fleet: Fleet, options: AnalyzeOptions = {}, hooks: PlanHooks = {}): Promise<Analysis> {
  const request = await requestOf(fleet, options);
  const plan = makePlan(request, hooks);
  return { plan, request, run: withBandwidth(request.run, plan.link.capacityBitsPerSec) };
}

/**
 * The run that `analyze` would plan, without planning it: for simulations of one's own.
 *
 * @throws {InputError} as `analyze`, and where neither `bandwidth` nor a site file says what the link carries
 */
export async function readRun(fleet: Fleet, options: AnalyzeOptions = {}): Promise<Run> {
  const { run, bandwidthGiven, problems } = await requestOf(fleet, options);
  if (bandwidthGiven) return run;
  const message = 'Nothing says what the link carries, and a run cannot be simulated without.';
  const remedy = 'Give bandwidth (300Mbps) or a site file, or call analyze, whose run has the bandwidth that it found.';
  throw new InputError([...problems, problemOf('error', 'option-needed', 'bandwidth', message, remedy)]);
}

async function requestOf(fleet: Fleet, options: AnalyzeOptions): Promise<PlanRequest> {
  const { flags, problems: wrongOptions } = flagsOf(options);
  if (hasErrors(wrongOptions)) throw new InputError(wrongOptions);
  const problems: Problem[] = [];
  const reading = { files: DISK_FILES, onProgress: () => {} };
  const request = await readRequest(originOf(fleet), flags, problems, reading, productVersion());
  if (request === undefined) throw new InputError(problems);
  const settings = readSettings(flags.with ?? [], request.run, problems);
  if (hasErrors(problems)) throw new InputError(problems);
  return inScenario(request, settings);
}

function originOf(fleet: Fleet): Origin {
  if (typeof fleet === 'string') return { kind: 'files', files: [fleet] };
  if (Array.isArray(fleet)) return { kind: 'files', files: fleet };
  return { kind: 'quick', fleet: fleet as QuickFlags };
}
