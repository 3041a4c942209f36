import { readBatchesFile } from '../ingest/batches-file.ts';
import type { SiteFile } from '../ingest/site.ts';
import type { Batch } from '../model/cloud.ts';
import type { Policy, VmOverride } from '../model/policy.ts';
import type { Problem } from '../model/problem.ts';
import type { Workload } from '../model/workload.ts';
import type { AnalyzeFlags, Settings } from './flags.ts';
import { type Files, textOf } from './opened-file.ts';

/** The batches of `--batches`; `undefined` where the flag is not given or the file has errors. */
export async function readBatches(
  { batches: path }: Pick<AnalyzeFlags, 'batches'>,
  siteFile: SiteFile | undefined,
  workload: Workload | undefined,
  { options }: Pick<Settings, 'options'>,
  problems: Problem[],
  files: Files,
): Promise<readonly Batch[] | undefined> {
  if (path === undefined) return undefined;
  if (siteFile !== undefined && siteFile.batches.length > 0) {
    problems.push({
      ...{ severity: 'error', code: 'batches-twice', file: '--batches', value: path },
      message: `The site file ${siteFile.file} has batches too: nobody can tell which are meant.`,
      remedy: 'Delete "batches" from the site file, or leave the flag out.',
    });
  }
  if (options.skipInitialReplication) {
    problems.push({
      ...{ severity: 'warning', code: 'batches-unused', file: '--batches', value: path },
      message: 'With --skip-initial-replication every VM is protected from the start, and batches mean nothing.',
      remedy: 'Leave one of the two flags out.',
    });
  }
  const opened = await files.open(path);
  const text = opened.value === undefined ? undefined : textOf(opened.value);
  problems.push(...opened.problems, ...(text?.problems ?? []));
  if (text?.value === undefined) return undefined;
  const read = await readBatchesFile(text.value, {
    clock: workload?.clock ?? { startEpochMs: 0, timeZone: 'UTC', offsets: [{ fromMs: 0, offsetMs: 0 }] },
    horizonMs: workload === undefined ? Number.POSITIVE_INFINITY : options.horizonMs,
    ...(workload === undefined ? {} : { vms: workload.vms.map(({ name }) => name) }),
  });
  problems.push(...read.problems);
  return read.batches;
}

/** VMs that are enabled when their batch is; all else of their own stays. */
export function withBatchStarts(
  overrides: readonly VmOverride[],
  policy: Policy,
  batches: readonly Batch[] | undefined,
): VmOverride[] {
  const byVm = new Map(overrides.map((override) => [override.vm, override]));
  for (const { enableAtMs, vms } of batches ?? []) {
    for (const vm of vms) {
      const own = byVm.get(vm);
      const initialReplication = { ...policy.initialReplication, ...own?.settings.initialReplication, enableAtMs };
      byVm.set(vm, { ...own, vm, settings: { ...own?.settings, initialReplication } });
    }
  }
  return [...byVm.values()];
}
