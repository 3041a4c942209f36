import type { Plan } from '../../plan/plan.ts';
import { shortBytes } from '../charts/volumes.ts';
import { shownText } from './cell-text.ts';
import { type Cell, defineTable, type TableMaker } from './table.ts';

/** A line of a sheet of key figures. */
export interface Figure {
  readonly item: string;
  readonly value: Cell;
  readonly unit: string;
  readonly note: string;
}

const MBIT = 1e6;
const GIB = 1024 ** 3;
const MB = 1e6;
const MINUTE = 60_000;

/** A figure in a unit; `null` stays `null`. */
export function figure(item: string, value: number | null, per: number, unit: string, note: string): Figure {
  return { item, value: value === null ? null : value / per, unit, note };
}

/** A sheet of key figures: a figure a line, with its unit and what it means. */
export function figureTable(
  definition: { readonly id: string; readonly title: string; readonly sheet: string; readonly note: string },
  items: (plan: Plan) => readonly Figure[],
): TableMaker {
  return defineTable<Figure>({
    ...definition,
    items,
    columns: [
      { key: 'item', title: 'Item', kind: 'text', of: ({ item }) => item },
      { key: 'value', title: 'Value', kind: 'mixed', of: ({ value }) => value },
      { key: 'unit', title: 'Unit', kind: 'text', of: ({ unit }) => unit },
      { key: 'note', title: 'What it means', kind: 'text', of: ({ note }) => note },
    ],
  });
}

/** The verdict, the bandwidths and what goes with them: the deployment planner's sheet of that name (facts 2.3, 2). */
export const recommendations: TableMaker = figureTable(
  {
    id: 'recommendations',
    title: 'Recommendations',
    sheet: 'Recommendations',
    note: 'The answer in figures. Bandwidths are found by simulating the run, not by a percentile of the churn.',
  },
  (plan) => [...verdictFigures(plan), ...bandwidthFigures(plan), ...runFigures(plan), ...storageFigures(plan)],
);

function verdictFigures({ verdict }: Plan): Figure[] {
  return [
    {
      item: 'Verdict',
      value: verdict.met ? 'Objectives met' : 'Objectives broken',
      unit: '',
      note: shownText(verdict.sentence),
    },
    ...verdict.objectives.map(({ title, met, found }) => ({
      item: title,
      value: met ? 'met' : 'broken',
      unit: '',
      note: shownText(found),
    })),
  ];
}

function bandwidthFigures({ recommendation, rpo }: Plan): Figure[] {
  const {
    bitsPerSecForRpoAlways: always,
    bitsPerSecForRpo95: mostly,
    deltaOnlyBitsPerSecForRpoAlways: deltaAlways,
    deltaOnlyBitsPerSecForRpo95: deltaMostly,
  } = recommendation;
  const rate = (item: string, value: number | null, note: string): Figure =>
    figure(item, value, MBIT, 'Mbit/s', value === null ? `${note} None of the bandwidths that were tried did.` : note);
  return [
    figure('Desired RPO', rpo.targetMs, MINUTE, 'min', 'Recovery points are to be no older.'),
    rate('Bandwidth to meet the RPO all the time', always, 'Initial replication and deltas, from the first delta on.'),
    rate('Bandwidth to meet the RPO 95 % of the time', mostly, 'The same for 95 % of the VM-time.'),
    rate(
      'Bandwidth to meet the RPO 90 % of the time',
      recommendation.bitsPerSecForRpo90,
      'The same for 90 % of the VM-time.',
    ),
    rate('Bandwidth for the deltas alone, all the time', deltaAlways, 'When initial replication is done.'),
    rate('Bandwidth for the deltas alone, 95 % of the time', deltaMostly, 'The same for 95 % of the VM-time.'),
  ];
}

function runFigures({ link, rpo, vms, scenario }: Plan): Figure[] {
  const { maxMs, p95Ms, withinTargetFraction } = rpo.steady;
  const started = vms.filter((vm) => vm.initialReplication.startMs !== null);
  const unfinished = started.filter((vm) => vm.initialReplication.endMs === null).length;
  const lastMs = started.reduce((most, vm) => Math.max(most, vm.initialReplication.endMs ?? 0), 0);
  const ended =
    started.length === 0
      ? 'No VM began one in the run.'
      : unfinished > 0
        ? `${unfinished} of ${started.length} VMs had not ended it within the run.`
        : 'From the start of the run to the last disk’s arrival.';
  return [
    figure('Bandwidth of the run', link.capacityBitsPerSec, MBIT, 'Mbit/s', 'All that follows was found on this link.'),
    figure('Worst RPO', maxMs, MINUTE, 'min', 'The oldest recovery point after each VM’s first delta.'),
    figure('RPO for 95 % of the time', p95Ms, MINUTE, 'min', 'Of the VM-time after the first deltas.'),
    figure('Time within the desired RPO', withinTargetFraction, 0.01, '%', 'Of the VM-time after the first deltas.'),
    figure('Initial replication', started.length === 0 || unfinished > 0 ? null : lastMs, 3_600_000, 'h', ended),
    figure('Traffic, 95th percentile', link.p95BitsPerSec, MBIT, 'Mbit/s', 'Of the averages of the traffic’s buckets.'),
    figure('Link busy', link.busyFraction, 0.01, '%', 'Share of the run in which something was sent.'),
    figure('Link full', link.clippedFraction, 0.01, '%', 'Share of the run in which somebody waited for it.'),
    figure('Copy frequency', scenario.copyFrequencyMs, MINUTE, 'min', 'Of the run; a VM may have another.'),
  ];
}

function storageFigures(plan: Plan): Figure[] {
  const short = plan.volumes.map((volume) => shortBytes(plan, volume));
  const known = short.filter((bytes) => bytes !== null);
  const unknown = short.length - known.length;
  const missing = known.length === 0 ? null : known.reduce((sum, bytes) => sum + bytes, 0);
  const note =
    unknown === 0
      ? 'Sum over the volumes that run short.'
      : `Sum over the volumes that run short; of ${unknown} volumes the free space is not known.`;
  const need = plan.replicaStorage;
  return [
    figure('Additional on-premises storage to provision', missing, GIB, 'GiB', note),
    ...(need === null
      ? []
      : [
          figure('Replica storage', need.replicaBytes, GIB, 'GiB', 'Full copies of what is used.'),
          figure('Recovery points beside it', need.recoveryPointPeakBytes, GIB, 'GiB', 'The sum of the VMs’ peaks.'),
          figure('Replica writes, mean', need.meanWriteBytesPerSec, MB, 'MB/s', 'Applying the deltas.'),
          figure(
            'Replica writes, peak',
            need.peakWriteBytesPerSec,
            MB,
            'MB/s',
            'In the busiest bucket of the traffic.',
          ),
        ]),
  ];
}
