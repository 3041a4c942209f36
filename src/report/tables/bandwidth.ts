import type { Change, ObjectiveNeed, PercentileStep } from '../../plan/plan.ts';
import { shownText } from './cell-text.ts';
import { defineTable, type TableMaker } from './table.ts';

/** What single changes would buy. */
export const changes: TableMaker = defineTable<Change>({
  id: 'changes',
  title: 'What single changes would buy',
  sheet: 'What changes would buy',
  note: 'Each is one run of the simulation with nothing else changed; the first lowers the worst RPO most.',
  columns: [
    { key: 'title', title: 'Change', kind: 'text', of: ({ title }) => title },
    { key: 'how', title: 'How', kind: 'text', of: ({ how }) => shownText(how) },
    { key: 'worstRpoMs', title: 'Worst RPO', kind: 'duration', of: ({ figures }) => figures.worstRpoMs },
    {
      key: 'withinTargetShare',
      title: 'Within the RPO',
      kind: 'share',
      of: ({ figures }) => figures.withinTargetFraction,
    },
    { key: 'wireBytesPerDay', title: 'On the wire a day', kind: 'bytes', of: ({ figures }) => figures.wireBytesPerDay },
    {
      ...{ key: 'initialReplicationEndMs', title: 'Initial replication takes', kind: 'duration' },
      of: ({ figures }) => figures.initialReplicationEndMs,
    },
    {
      key: 'resyncCount',
      title: 'Marked for resynchronization',
      kind: 'number',
      of: ({ figures }) => figures.resyncCount,
    },
    { key: 'sideEffect', title: 'Besides', kind: 'text', of: ({ sideEffect }) => sideEffect },
  ],
  items: (plan) => plan.changes.changes,
});

/** Other objectives. */
export const objectives: TableMaker = defineTable<ObjectiveNeed>({
  id: 'bandwidth-by-rpo',
  title: 'Bandwidth for another RPO',
  sheet: 'Bandwidth for another RPO',
  note: 'Between which two tried bandwidths the one lies that another RPO needs.',
  columns: [
    { key: 'rpoMs', title: 'RPO', kind: 'duration', of: ({ rpoMs }) => rpoMs },
    { key: 'failsBitsPerSec', title: 'Not yet at', kind: 'rate', of: ({ failsBitsPerSec }) => failsBitsPerSec },
    { key: 'meetsBitsPerSec', title: 'Met from', kind: 'rate', of: ({ meetsBitsPerSec }) => meetsBitsPerSec },
  ],
  items: (plan) => plan.recommendation.objectives,
});

/** From the deployment planner's way to this plan's. */
export const percentileSteps: TableMaker = defineTable<PercentileStep>({
  id: 'percentile-steps',
  title: 'From percentile and growth to the simulation',
  sheet: 'Percentile to simulation',
  note: 'What each step adds to the bandwidth by the 95th percentile and 30 % growth, as the deployment planner’s published parts have it.',
  columns: [
    { key: 'title', title: 'Step', kind: 'text', of: ({ title }) => title },
    { key: 'changeBitsPerSec', title: 'Changes it by', kind: 'rate', of: ({ changeBitsPerSec }) => changeBitsPerSec },
    { key: 'bitsPerSec', title: 'Bandwidth', kind: 'rate', of: ({ bitsPerSec }) => bitsPerSec },
    { key: 'why', title: 'Why', kind: 'text', of: ({ why }) => why },
  ],
  items: (plan) => plan.percentileWay.steps,
});
