import type { ExclusionAdvice, Finding, TradeoffPoint } from '../../plan/plan.ts';
import { shownName } from '../shown-name.ts';
import { listText, shownText } from './cell-text.ts';
import { defineTable, type TableMaker } from './table.ts';

/** What every rule has judged. */
export const findings: TableMaker = defineTable<Finding>({
  id: 'findings',
  title: 'Findings',
  sheet: 'Findings',
  note: 'What the rules have judged, the most serious first; what is fine last.',
  columns: [
    { key: 'severity', title: 'Severity', kind: 'text', of: ({ severity }) => severity ?? 'fine' },
    { key: 'id', title: 'Rule', kind: 'text', of: ({ id }) => id },
    { key: 'title', title: 'Finding', kind: 'text', of: ({ title }) => shownText(title) },
    { key: 'value', title: 'Figure', kind: 'number', of: ({ value }) => value },
    { key: 'unit', title: 'Unit', kind: 'text', of: ({ unit }) => unit },
    { key: 'why', title: 'Why it matters', kind: 'text', of: ({ why }) => shownText(why) },
    {
      key: 'action',
      title: 'What to do',
      kind: 'text',
      of: ({ action }) => (action === null ? null : shownText(action)),
    },
    { key: 'evidence', title: 'Concerns', kind: 'text', of: ({ evidence }) => listText(evidence) },
    { key: 'evidenceCount', title: 'So many', kind: 'number', of: ({ evidenceCount }) => evidenceCount },
    { key: 'source', title: 'Source', kind: 'text', of: ({ source }) => shownText(source) },
  ],
  items: (plan) => plan.findings,
});

/** Disks that may be left out. */
export const exclusions: TableMaker = defineTable<ExclusionAdvice>({
  id: 'exclusions',
  title: 'Disks that may be left out',
  sheet: 'Disks that may be left out',
  note: 'What leaving a disk out would save, by its own churn, the most bandwidth first. Whether its VM can do without it is for its owner to say.',
  columns: [
    { key: 'vm', title: 'VM', kind: 'text', of: ({ vm }) => shownName(vm) },
    { key: 'disk', title: 'Disk', kind: 'text', of: ({ disk }) => shownName(disk) },
    { key: 'reason', title: 'Why', kind: 'text', of: ({ reason }) => reason },
    { key: 'meanBitsPerSec', title: 'Deltas, mean', kind: 'rate', of: (advice) => advice.meanBitsPerSec },
    {
      ...{ key: 'busiestHourBitsPerSec', title: 'Deltas, busiest hour', kind: 'rate' },
      of: (advice) => advice.busiestHourBitsPerSec,
    },
    { key: 'shareOfDeltas', title: 'Of all deltas', kind: 'share', of: (advice) => advice.shareOfDeltas },
    { key: 'initialBytes', title: 'Initial replication', kind: 'bytes', of: ({ initialBytes }) => initialBytes },
    { key: 'logBytes', title: 'Logs', kind: 'bytes', of: ({ logBytes }) => logBytes },
  ],
  items: (plan) => plan.exclusions,
});

/** Runs at other bandwidths. */
export const tradeoff: TableMaker = defineTable<TradeoffPoint>({
  id: 'trade-off',
  title: 'Bandwidth and RPO',
  sheet: 'Bandwidth and RPO',
  note: 'Every bandwidth at which the run was simulated. RPO counts from the first delta on; empty where no VM got that far.',
  columns: [
    { key: 'bitsPerSec', title: 'Bandwidth', kind: 'rate', of: ({ bitsPerSec }) => bitsPerSec },
    { key: 'rpoMaxMs', title: 'Worst RPO', kind: 'duration', of: ({ rpoMaxMs }) => rpoMaxMs },
    { key: 'rpoP95Ms', title: 'RPO for 95 % of the time', kind: 'duration', of: ({ rpoP95Ms }) => rpoP95Ms },
    { key: 'rpoP50Ms', title: 'RPO, median', kind: 'duration', of: ({ rpoP50Ms }) => rpoP50Ms },
    {
      ...{ key: 'withinTargetShare', title: 'Within target', kind: 'share' },
      of: ({ withinTargetFraction }) => withinTargetFraction,
    },
    {
      ...{ key: 'initialReplicationEndMs', title: 'Initial replication ends', kind: 'instant' },
      of: (point) => point.initialReplicationEndMs,
    },
  ],
  items: ({ recommendation }) => recommendation.tradeoff,
});
