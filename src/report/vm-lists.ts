/** The tables of one VM's panel: what stands in them, as text; the page makes them. */
import { formatLocal } from '../model/clock.ts';
import type { Job, JobState, Plan, PlanVm } from '../plan/plan.ts';
import { formatBytes, formatDurationMs, formatShare, type Millis } from '../units.ts';
import { CONSTRAINT_STYLES, cssColor } from './charts/constraint-styles.ts';
import { phaseLabel } from './charts/phases.ts';
import { holdsOf, holdText } from './held-back.ts';
import { shownName } from './shown-name.ts';
import { statisticRows } from './vm-statistics.ts';

export interface ListColumn {
  readonly title: string;
  readonly numeric?: boolean;
  /** A name that is typed somewhere else. */
  readonly code?: boolean;
}

/** A cell: text, a state with its sign and look, or a colour of the list's strip with its word. */
export type ListCell =
  | string
  | { readonly sign: string; readonly word: string; readonly look: string }
  | { readonly color: string; readonly word: string };

/** A part of a strip: a colour from one share of the width to another. */
export interface StripPart {
  readonly color: string;
  readonly from: number;
  readonly to: number;
  readonly title: string;
}

/** A bar over the whole run, in words too. */
export interface Strip {
  readonly parts: readonly StripPart[];
  /** What stands under its left and its right end. */
  readonly ends: readonly [from: string, to: string];
  readonly summary: string;
}

export interface VmList {
  readonly title: string;
  /** What one has to know to read it; empty where nothing. */
  readonly note: string;
  /** The first column heads its row. */
  readonly columns: readonly ListColumn[];
  readonly rows: readonly (readonly ListCell[])[];
  /** Instead of an empty table. */
  readonly empty: string;
  /** Above the table, which is its legend. */
  readonly strip?: Strip;
  /** Takes the width of the panel. */
  readonly wide: boolean;
}

const NONE = '–';

/** In reading order. */
export function vmLists(plan: Plan, vm: PlanVm): VmList[] {
  return [
    ...(vm.constraints.length === 0 ? [] : [holdList(plan, vm)]),
    jobList(plan, vm),
    statisticList(plan, vm),
    phaseList(plan, vm),
    resyncList(vm),
    ...(vm.failovers.length === 0 ? [] : [failoverList(plan, vm)]),
  ];
}

function holdList(plan: Plan, vm: PlanVm): VmList {
  const holds = holdsOf(vm);
  return {
    title: 'What held it back',
    note: `The bar shows what held longest in each ${formatDurationMs(plan.series.stateBucketMs)} of the run; the table counts all of the time.`,
    columns: [
      { title: 'Held back by' },
      { title: 'Time', numeric: true },
      { title: 'Share', numeric: true },
      { title: 'Meaning' },
    ],
    rows: holds.map(({ constraint, durationMs, share }) => {
      const { title, meaning } = CONSTRAINT_STYLES[constraint];
      return [{ color: cssColor(constraint), word: title }, formatDurationMs(durationMs), formatShare(share), meaning];
    }),
    empty: '',
    strip: {
      parts: vm.constraints.map(({ constraint, startMs, endMs }) => ({
        color: cssColor(constraint),
        from: startMs / plan.horizonMs,
        to: endMs / plan.horizonMs,
        title: `${CONSTRAINT_STYLES[constraint].title}: ${formatLocal(plan.clock, startMs)} to ${formatLocal(plan.clock, endMs)}`,
      })),
      ends: [formatLocal(plan.clock, 0), formatLocal(plan.clock, plan.horizonMs)],
      summary: `Held back over the run by ${holds.map((hold) => holdText(hold)).join('; ')}`,
    },
    wide: true,
  };
}

/** Sign, word and look: the colour is never alone. */
const JOB_STATES: Readonly<Record<JobState, { readonly sign: string; readonly look: string }>> = {
  'in progress': { sign: '…', look: '' },
  succeeded: { sign: '✓', look: 'fine' },
  failed: { sign: '✕', look: 'broken' },
  cancelled: { sign: '⊘', look: 'warning' },
};

function jobList(plan: Plan, vm: PlanVm): VmList {
  return {
    title: 'Jobs',
    note: vm.jobsTruncated ? 'There were more jobs than these.' : '',
    columns: [
      { title: 'Job' },
      { title: 'Start', numeric: true },
      { title: 'End', numeric: true },
      { title: 'Lasts', numeric: true },
      { title: 'State' },
      { title: 'Reason' },
    ],
    rows: vm.jobs.map((job) => [
      shownName(job.kind),
      formatLocal(plan.clock, job.startMs),
      job.endMs === null ? NONE : formatLocal(plan.clock, job.endMs),
      lasting(plan, job),
      { ...JOB_STATES[job.state], word: job.state },
      job.reason === '' ? NONE : shownName(job.reason),
    ]),
    empty: 'No workflow has begun.',
    wide: true,
  };
}

function lasting(plan: Plan, { startMs, endMs }: Job): string {
  return endMs === null ? `${formatDurationMs(plan.horizonMs - startMs)} so far` : formatDurationMs(endMs - startMs);
}

function failoverList(plan: Plan, vm: PlanVm): VmList {
  return {
    title: 'Failovers',
    note: 'Data lost where the guest starts from the latest recovery point, or from the newest app-consistent one.',
    columns: [
      { title: 'Failover' },
      { title: 'At', numeric: true },
      { title: 'Lost: latest', numeric: true },
      { title: 'Lost: app-consistent', numeric: true },
    ],
    rows: vm.failovers.map(({ kind, atMs, dataLossMs, appConsistentDataLossMs }) => [
      kind,
      formatLocal(plan.clock, atMs),
      lost(dataLossMs),
      appConsistentDataLossMs === null ? 'none is kept' : lost(appConsistentDataLossMs),
    ]),
    empty: '',
    wide: false,
  };
}

function lost(lossMs: Millis): string {
  return lossMs === 0 ? 'nothing' : formatDurationMs(lossMs);
}

function resyncList({ resyncCost: cost }: PlanVm): VmList {
  const { resync, fullCopy } = cost;
  const count = (value: number): string => value.toLocaleString('en-US');
  const breakEven = (share: number | null): string =>
    share === null ? 'never cheaper' : share >= 1 ? 'always cheaper' : `${formatShare(share)} changed`;
  return {
    title: 'Resynchronization or full copy',
    note: `Alone on the link, where logs have reached half of every disk: then at least ${count(resync.differingChunkCount)} of ${count(resync.chunkCount)} chunks differ. Comparing alone takes ${formatDurationMs(resync.compareMs)}. Break-even: the share of the disks up to which a resynchronization costs less.`,
    columns: [{ title: 'Way' }, { title: 'Over the link', numeric: true }, { title: 'Time', numeric: true }],
    rows: [
      ['Resynchronization', formatBytes(resync.wireBytes), formatDurationMs(resync.durationMs)],
      ['Full copy', formatBytes(fullCopy.wireBytes), formatDurationMs(fullCopy.durationMs)],
      ['Cheaper', cost.cheaperInBytes, cost.cheaperInTime],
      ['Break-even', breakEven(cost.breakEvenInBytes), breakEven(cost.breakEvenInTime)],
    ],
    empty: '',
    wide: false,
  };
}

function statisticList(plan: Plan, vm: PlanVm): VmList {
  return {
    title: 'Replication statistics',
    note: 'What Measure-VMReplication would print at the end of the run, and the counters of Msvm_ReplicationStatistics behind it.',
    columns: [{ title: 'Name', code: true }, { title: 'Value' }, { title: 'Meaning' }],
    rows: statisticRows(plan, vm).map(({ name, value, meaning }) => [name, value, meaning]),
    empty: '',
    wide: true,
  };
}

function phaseList(plan: Plan, vm: PlanVm): VmList {
  return {
    title: 'Phases',
    note: vm.timelineTruncated ? 'There were more phases than these.' : '',
    columns: [
      { title: 'Phase' },
      { title: 'From', numeric: true },
      { title: 'To', numeric: true },
      { title: 'Lasts', numeric: true },
    ],
    rows: vm.timeline.map((entry) => [
      phaseLabel(entry.phase),
      formatLocal(plan.clock, entry.startMs),
      formatLocal(plan.clock, entry.endMs),
      formatDurationMs(entry.endMs - entry.startMs),
    ]),
    empty: 'There are no phases.',
    wide: false,
  };
}
