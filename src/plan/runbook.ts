import { fleetOf, type RunbookInput } from './runbook/fleet.ts';
import { openPlacesOf, preambleOf } from './runbook/open-places.ts';
import type { Runbook } from './runbook/runbook-parts.ts';
import { enableReplication } from './runbook/task-enable.ts';
import { infrastructure } from './runbook/task-infrastructure.ts';
import { recoveryPlanTask } from './runbook/task-recovery-plan.ts';
import { azureResources, vaultConfiguration } from './runbook/task-vault.ts';

export type { RunbookInput } from './runbook/fleet.ts';
export type * from './runbook/runbook-parts.ts';

/**
 * The set-up tasks of the run's scenario with this fleet's own names, ports, policies, batches and dates, and the commands that carry the
 * plan out, none of which was run. Facts that nobody told stand open in angle brackets; nothing is invented. Needs no simulation.
 */
export function runbookOf(input: RunbookInput): Runbook {
  const fleet = fleetOf(input);
  return {
    scenario: fleet.scenario.id,
    openPlaces: openPlacesOf(fleet),
    preamble: preambleOf(fleet),
    batches: fleet.batches,
    tasks: [
      azureResources(fleet),
      vaultConfiguration(fleet),
      infrastructure(fleet),
      enableReplication(fleet),
      recoveryPlanTask(fleet),
    ],
  };
}
