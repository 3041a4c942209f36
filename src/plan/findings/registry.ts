import type { Finding } from '../plan.ts';
import { bandwidthShortfall } from './bandwidth-shortfall.ts';
import { catchingUp } from './catching-up.ts';
import { churnConcentration } from './churn-concentration.ts';
import { copyInstead } from './copy-instead.ts';
import type { Evidence, FindingRule } from './finding.ts';
import { forcedResynchronization } from './forced-resynchronization.ts';
import { initialReplication } from './initial-replication.ts';
import { linkOutage } from './link-outage.ts';
import { logHeadroom } from './log-headroom.ts';
import { missedCycles } from './missed-cycles.ts';
import { missingPrerequisite } from './missing-prerequisite.ts';
import { rpoBreach } from './rpo-breach.ts';
import { standstill } from './standstill.ts';
import { volumeSpace } from './volume-space.ts';

/** Every rule, in the order in which findings of one severity are read. */
const RULES: readonly FindingRule[] = [
  rpoBreach,
  bandwidthShortfall,
  initialReplication,
  volumeSpace,
  missingPrerequisite,
  standstill,
  forcedResynchronization,
  copyInstead,
  logHeadroom,
  missedCycles,
  catchingUp,
  linkOutage,
  churnConcentration,
];

const SEVERITIES: readonly Finding['severity'][] = ['broken', 'warning', 'note'];

/** All findings, the most serious first. */
export function findingsOf(evidence: Evidence): Finding[] {
  const found = RULES.flatMap((rule) => rule(evidence) ?? []);
  return SEVERITIES.flatMap((severity) => found.filter((finding) => finding.severity === severity));
}
