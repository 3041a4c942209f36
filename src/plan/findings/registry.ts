import type { Finding } from '../plan.ts';
import { assumedChurn } from './assumed-churn.ts';
import { backOffShare } from './back-off-share.ts';
import { backOffWait } from './back-off-wait.ts';
import { bandwidthReserve } from './bandwidth-reserve.ts';
import { bandwidthShortfall } from './bandwidth-shortfall.ts';
import { batchBreaksObjective } from './batch-breaks-objective.ts';
import { batchesDoNotFit } from './batches-do-not-fit.ts';
import { busiestHour } from './busiest-hour.ts';
import { catchingUp } from './catching-up.ts';
import { churnConcentration } from './churn-concentration.ts';
import { compressionUnknown } from './compression-unknown.ts';
import { copyInstead } from './copy-instead.ts';
import { copyInterval } from './copy-interval.ts';
import { costIncomplete } from './cost-incomplete.ts';
import { diskWithoutTier } from './disk-without-tier.ts';
import { disksWorthExcluding } from './disks-worth-excluding.ts';
import { drillShare } from './drill-share.ts';
import { type Evidence, type FindingRule, findingOf } from './finding.ts';
import { forcedResynchronization } from './forced-resynchronization.ts';
import { freeSpaceUnknown } from './free-space-unknown.ts';
import { halfDiskBites } from './half-disk-bites.ts';
import { healthAtEnd } from './health-at-end.ts';
import { hostConcentration } from './host-concentration.ts';
import { incompatibleVms } from './incompatible-vms.ts';
import { initialReplication } from './initial-replication.ts';
import { initialReplicationBatches } from './initial-replication-batches.ts';
import { linkClipping } from './link-clipping.ts';
import { linkOutage } from './link-outage.ts';
import { logHeadroom } from './log-headroom.ts';
import { measuredWeek } from './measured-week.ts';
import { missedCycles } from './missed-cycles.ts';
import { missingPrerequisite } from './missing-prerequisite.ts';
import { outageTolerance } from './outage-tolerance.ts';
import { outsideRecoveryPlans } from './outside-recovery-plans.ts';
import { overwhelmingVm } from './overwhelming-vm.ts';
import { premiumStorage } from './premium-storage.ts';
import { recoveryTime } from './recovery-time.ts';
import { resyncDuration } from './resync-duration.ts';
import { resyncNeverEnds } from './resync-never-ends.ts';
import { resyncStorm } from './resync-storm.ts';
import { rpoBreach } from './rpo-breach.ts';
import { standstill } from './standstill.ts';
import { throttleWait } from './throttle-wait.ts';
import { transferSlots } from './transfer-slots.ts';
import { uncheckedLimits } from './unchecked-limits.ts';
import { vmSizeUnknown } from './vm-size-unknown.ts';
import { volumeSpace } from './volume-space.ts';

/** Every rule, in the order in which findings of one severity are read. */
export const FINDING_RULES: readonly FindingRule[] = [
  rpoBreach,
  bandwidthShortfall,
  overwhelmingVm,
  initialReplication,
  catchingUp,
  volumeSpace,
  batchesDoNotFit,
  initialReplicationBatches,
  batchBreaksObjective,
  missingPrerequisite,
  standstill,
  healthAtEnd,
  forcedResynchronization,
  halfDiskBites,
  resyncNeverEnds,
  resyncDuration,
  resyncStorm,
  copyInstead,
  logHeadroom,
  missedCycles,
  incompatibleVms,
  diskWithoutTier,
  copyInterval,
  throttleWait,
  transferSlots,
  backOffWait,
  linkClipping,
  bandwidthReserve,
  linkOutage,
  outageTolerance,
  backOffShare,
  recoveryTime,
  outsideRecoveryPlans,
  premiumStorage,
  disksWorthExcluding,
  churnConcentration,
  hostConcentration,
  busiestHour,
  freeSpaceUnknown,
  assumedChurn,
  measuredWeek,
  compressionUnknown,
  uncheckedLimits,
  costIncomplete,
  drillShare,
  vmSizeUnknown,
];

const SEVERITIES: readonly Finding['severity'][] = ['broken', 'warning', 'note', null];

/** What every rule that has something to judge says: the most serious first, what is fine last. */
export function findingsOf(evidence: Evidence): Finding[] {
  const found = FINDING_RULES.flatMap((rule) => {
    const judgement = rule.judge(evidence);
    return judgement === undefined ? [] : [findingOf(rule, judgement)];
  });
  return SEVERITIES.flatMap((severity) => found.filter((finding) => finding.severity === severity));
}
