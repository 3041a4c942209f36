import { CALIBRATED_METRICS, type CalibratedMetric, type CalibratedVm } from '../../plan/calibration.ts';
import { shownName } from '../shown-name.ts';
import { shownText } from './cell-text.ts';
import { type ColumnOf, defineTable, type TableMaker } from './table.ts';

type Look = Pick<ColumnOf<CalibratedVm>, 'kind' | 'unit' | 'title'> & { readonly key: string; readonly per: number };

/** How each metric is written; latencies come in seconds. */
const METRICS: Readonly<Record<CalibratedMetric, Look>> = {
  averageSizeBytes: { key: 'averageSize#Bytes', title: 'Average size', kind: 'bytes', unit: 'MiB', per: 1 },
  maximumSizeBytes: { key: 'maximumSize#Bytes', title: 'Largest size', kind: 'bytes', unit: 'MiB', per: 1 },
  averageLatencySec: { key: 'averageLatency#Ms', title: 'Average latency', kind: 'duration', unit: 's', per: 1000 },
  missesPerDay: { key: 'missesPerDay#', title: 'Misses per day', kind: 'number', unit: '', per: 1 },
};

function pairColumns(metric: CalibratedMetric): ColumnOf<CalibratedVm>[] {
  const { per, key, title, ...look } = METRICS[metric];
  const side = (which: 'predicted' | 'measured', name: string): ColumnOf<CalibratedVm> => ({
    ...look,
    key: key.replace('#', name),
    title: `${title}, ${which}`,
    of: ({ pairs }) => {
      const value = pairs[metric][which];
      return value === null ? null : value * per;
    },
  });
  return [
    side('predicted', 'Predicted'),
    side('measured', 'Measured'),
    {
      ...{ key: key.replace(/#.*/, 'ErrorShare'), title: `${title}, off by`, kind: 'share' },
      of: ({ pairs }) => pairs[metric].errorShare,
    },
  ];
}

/** The model held against replication that already runs. */
export const calibration: TableMaker = defineTable<CalibratedVm>({
  id: 'calibration',
  title: 'Calibration',
  sheet: 'Calibration',
  note: 'A row per VM of which replication was measured. Predicted: the run’s last monitoring interval. Sizes are predicted before compression; Microsoft does not say how they are measured.',
  columns: [
    { key: 'vm', title: 'VM', kind: 'text', of: ({ vm }) => shownName(vm) },
    { key: 'measuredFromMs', title: 'Measured from', kind: 'instant', of: ({ measuredFromMs }) => measuredFromMs },
    { key: 'measuredUntilMs', title: 'Measured until', kind: 'instant', of: ({ measuredUntilMs }) => measuredUntilMs },
    { key: 'cycleCount', title: 'Cycles', kind: 'number', of: ({ cycleCount }) => cycleCount },
    ...CALIBRATED_METRICS.flatMap(pairColumns),
    {
      ...{ key: 'modelLogBytes', title: 'Log of a cycle by the model', kind: 'bytes', unit: 'MiB' },
      of: ({ modelLogBytes }) => modelLogBytes,
    },
    { key: 'compressionRatio', title: 'Compression ratio', kind: 'number', of: ({ compression }) => compression.ratio },
    {
      ...{ key: 'compressionReason', title: 'How it is known', kind: 'text' },
      of: ({ compression }) => shownText(compression.reason),
    },
  ],
  items: (plan) => plan.calibration?.vms ?? [],
});
