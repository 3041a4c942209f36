import { settingsOf } from '../../model/policy.ts';
import type { Run } from '../../model/run.ts';
import type { RunbookInput } from '../runbook.ts';
import type { BatchPlan } from './batch-parts.ts';
import { LOOK_AHEAD_MS } from './fleet-model.ts';

/**
 * The batches that the runbook is to enable: the plan's. Where the run itself has starts of its own (batches of the site file or of a
 * CSV, or a scheduled start), those are what somebody has decided, and they stay.
 */
export function batchesOfRunbook(run: Run, plan: BatchPlan | null): Pick<RunbookInput, 'batches'> {
  if (plan === null) return {};
  const settings = settingsOf(
    run.policy,
    run.workload.vms.map(({ name }) => name),
  );
  const hasStarts = settings.some(
    ({ initialReplication: { enableAtMs, startAtMs } }) => enableAtMs > 0 || startAtMs > 0,
  );
  if (hasStarts) return {};
  return {
    batches: plan.batches.map(({ name, startMs, vms }) => ({
      ...{ name, startMs: startMs ?? LOOK_AHEAD_MS },
      vms: vms.map(({ vm }) => vm),
    })),
  };
}
