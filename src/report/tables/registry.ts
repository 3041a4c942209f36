import type { Plan } from '../../plan/plan.ts';
import { exclusions, findings, tradeoff } from './advice.ts';
import { changes, objectives, percentileSteps } from './bandwidth.ts';
import { batchVolumes, irBatching, volumeSpace } from './batches.ts';
import { calibration } from './calibration.ts';
import { compatibleVms, incompatibleVms, vmStoragePlacement } from './compatibility-sheets.ts';
import { costEstimation, costLines } from './cost.ts';
import { outagesTried, outageTolerance, resynchronization } from './failures.ts';
import { assumptions, problems, receipts } from './inputs.ts';
import { onPremisesSummary } from './on-premises-summary.ts';
import { recommendations } from './recommendations.ts';
import { events, recoveryPlans } from './recovery.ts';
import { fleetOverTime, hostsOverTime, logsOverTime, rpoOverTime, traffic, volumesOverTime } from './series.ts';
import { hosts, links, outages } from './site.ts';
import { storageRequirement, volumes } from './storage.ts';
import type { TableMaker, Tables } from './table.ts';
import { disks, vms } from './vms.ts';

/**
 * Every table that a plan can be written as: a file of a folder of CSVs, a sheet of a workbook, in this order. A new table is one file
 * that calls `defineTable`, and one line here.
 */
export const TABLES: readonly TableMaker[] = [
  // The deployment planner's sheets, in its order and under its names (facts 2.3). Those that a plan has no values for belong where they are named.
  onPremisesSummary,
  recommendations,
  vmStoragePlacement,
  compatibleVms,
  incompatibleVms,
  storageRequirement,
  irBatching,
  costEstimation,

  // What the deployment planner does not have.
  findings,
  vms,
  disks,
  batchVolumes,
  volumes,
  volumeSpace,
  links,
  outages,
  hosts,
  recoveryPlans,
  events,
  exclusions,
  costLines,
  tradeoff,
  objectives,
  percentileSteps,
  changes,
  outageTolerance,
  outagesTried,
  resynchronization,
  calibration,
  traffic,
  fleetOverTime,
  rpoOverTime,
  logsOverTime,
  volumesOverTime,
  hostsOverTime,
  assumptions,
  receipts,
  problems,
];

/** All of them, made from a plan. */
export function tablesOf(plan: Plan): Tables {
  return { clock: plan.clock, tables: TABLES.map((table) => table.make(plan)) };
}
