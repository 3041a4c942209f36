import { formatLocal } from '../../../model/clock.ts';
import type { Study, StudyTimeline } from '../../../study/study.ts';
import { formatBitsPerSec, formatBytes, formatDurationMs, HOUR_MS, MINUTE_MS, type Millis } from '../../../units.ts';
import type { Chart, Row } from '../../charts/chart.ts';
import { axisTime, bucketsPerPoint, clockNote, peaksOf } from '../../charts/series.ts';
import {
  BROKEN,
  fitted,
  INK,
  MUTED,
  THEME_PARAMS,
  TIME_AXIS,
  TIME_FORMAT,
  TIME_SCALE,
} from '../../charts/spec-parts.ts';
import { scaleOf } from './display-scale.ts';

/** More steps than this are a block of ink. [chosen] */
const STEPS_MOST = 300;
/** Between two copies nothing may be sent: a step of a flow is as long as the longest copy frequency (5 min, or 15 min between VMM sites). [chosen] */
const FLOW_STEP_LEAST_MS = 15 * MINUTE_MS;
/** Values that lie closer, as a share of the largest, count as the same. [chosen] */
const DIFFERS_SHARE = 0.01;
/** What is drawn beside the stretch in which the runs differ, as a share of it. [chosen] */
const MARGIN_SHARE = 0.25;
/** … and at least. [chosen] */
const MARGIN_LEAST_MS = 6 * HOUR_MS;

/** One measure of both runs over time. */
interface Measure {
  readonly id: string;
  readonly what: string;
  readonly unit: 'ms' | 'B' | 'bit/s';
  /** A state rather than a flow: the same in both runs where the same has happened. */
  readonly isState: boolean;
  /** Words for the note: what a value is, and what a reader might stumble over. */
  readonly about: (bucketMs: Millis) => string;
  readonly read: (timeline: StudyTimeline) => {
    readonly bucketMs: number;
    readonly base: readonly (number | null)[];
    readonly broken: readonly (number | null)[];
  };
  /** A line that must not be crossed; `null` where there is none. */
  readonly limit: (study: Study) => number | null;
}

const RUNS = ['base case', 'counterexample'] as const;
/** Two entries stand beside each other on any page. */
const LEGEND = { orient: 'top', title: null, columns: 2 } as const;
const LINE_COLORS = { domain: RUNS, range: [MUTED, BROKEN] } as const;
const LINE_DASHES = {
  domain: RUNS,
  range: [
    [4, 2],
    [1, 0],
  ],
} as const;

function valueText(unit: Measure['unit'], value: number | null): string {
  if (value === null) return 'not protected';
  return unit === 'ms' ? formatDurationMs(value) : unit === 'B' ? formatBytes(value) : formatBitsPerSec(value);
}

function mostOf(values: readonly (number | null)[]): number {
  return values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
}

interface Stretch {
  readonly fromMs: Millis;
  readonly untilMs: Millis;
}

/**
 * The same for all measures, so that their axes stand under each other: where the runs differ in ages or logs, and something around it. Traffic
 * is not asked: after an outage the same copies go at other minutes to the end of the run.
 */
function drawnStretch({ timeline, horizonMs }: Study): Stretch {
  const { bucketMs, ...series } = timeline!;
  const differing = [
    differingStretch(series.baseAgeMs, series.brokenAgeMs, bucketMs),
    differingStretch(series.baseLogBytes, series.brokenLogBytes, bucketMs),
  ].filter((stretch) => stretch !== undefined);
  if (differing.length === 0) return { fromMs: 0, untilMs: horizonMs };
  const fromMs = Math.min(...differing.map((stretch) => stretch.fromMs));
  const untilMs = Math.max(...differing.map((stretch) => stretch.untilMs));
  const marginMs = Math.max(MARGIN_LEAST_MS, (untilMs - fromMs) * MARGIN_SHARE);
  return { fromMs: Math.max(0, fromMs - marginMs), untilMs: Math.min(horizonMs, untilMs + marginMs) };
}

function differingStretch(
  base: readonly (number | null)[],
  broken: readonly (number | null)[],
  bucketMs: Millis,
): Stretch | undefined {
  const least = DIFFERS_SHARE * Math.max(mostOf(base), mostOf(broken));
  const differs = (value: number | null, bucket: number): boolean => {
    const other = broken[bucket] ?? null;
    return value === null || other === null ? value !== other : Math.abs(value - other) > least;
  };
  const first = base.findIndex(differs);
  if (first < 0) return undefined;
  const last = base.findLastIndex(differs);
  return { fromMs: first * bucketMs, untilMs: (last + 1) * bucketMs };
}

/** What is drawn of a measure: few enough steps, each with the largest value in it. */
interface Drawn {
  readonly fromMs: Millis;
  readonly untilMs: Millis;
  readonly bucketMs: Millis;
  /** Of a step: several buckets. */
  readonly stepMs: Millis;
  readonly base: readonly (number | null)[];
  readonly broken: readonly (number | null)[];
}

function drawnOf(study: Study, leastStepMs: Millis, { bucketMs, base, broken }: ReturnType<Measure['read']>): Drawn {
  const { fromMs, untilMs } = drawnStretch(study);
  const from = Math.floor(fromMs / bucketMs);
  const until = Math.min(base.length, Math.ceil(untilMs / bucketMs));
  const size = Math.max(bucketsPerPoint(until - from, STEPS_MOST), Math.ceil(leastStepMs / bucketMs));
  return {
    ...{ fromMs: from * bucketMs, untilMs: Math.min(study.horizonMs, until * bucketMs), bucketMs },
    stepMs: size * bucketMs,
    base: peaksOf(base.slice(from, until), size),
    broken: peaksOf(broken.slice(from, until), size),
  };
}

/** Both runs beside each other: the counterexample replayed. */
function twoRuns({ id, what, unit, isState, about, read, limit }: Measure): Chart<Study> {
  const seriesOf = ({ timeline }: Study): ReturnType<Measure['read']> | undefined =>
    timeline === null ? undefined : read(timeline);
  const scale = (study: Study): ReturnType<typeof scaleOf> => {
    const { base, broken } = seriesOf(study)!;
    return scaleOf(unit, Math.max(mostOf(base), mostOf(broken)));
  };
  const rowsOf = (study: Study): Row[] => {
    const { bucketMs, base, broken } = seriesOf(study)!;
    return base.map((value, bucket) => ({ atMs: bucket * bucketMs, base: value, broken: broken[bucket] ?? null }));
  };
  const peakText = (study: Study, values: readonly (number | null)[]): string => {
    const most = mostOf(values);
    return `${valueText(unit, most)} at ${formatLocal(study.clock, values.indexOf(most) * seriesOf(study)!.bucketMs)}`;
  };
  return {
    id,
    section: 'study',
    title: (study) => {
      const series = seriesOf(study);
      if (series === undefined) return 'Nothing breaks it, so there is nothing to replay';
      const [base, broken] = [mostOf(series.base), mostOf(series.broken)].map((value) => valueText(unit, value));
      return base === broken
        ? `${what}: at most ${base}, in the counterexample as in the base case`
        : `${what}: at most ${broken} in the counterexample, ${base} in the base case`;
    },
    summary: (study) => {
      const series = seriesOf(study);
      if (series === undefined) return 'There is no counterexample to replay beside the base case.';
      const { base, broken, bucketMs } = series;
      const peak = mostOf(broken) === 0 ? 'nothing' : peakText(study, broken);
      const differing = isState ? differingStretch(base, broken, bucketMs) : undefined;
      const apart =
        differing === undefined
          ? isState
            ? ' The base case has nearly the same all the time.'
            : ''
          : ` The two differ from ${formatLocal(study.clock, differing.fromMs)} to ${formatLocal(study.clock, Math.min(study.horizonMs, differing.untilMs))}.`;
      return `The most in the counterexample: ${peak}.${apart}`;
    },
    note: (study) => {
      const { bucketMs, stepMs, fromMs, untilMs } = drawnOf(study, isState ? 0 : FLOW_STEP_LEAST_MS, seriesOf(study)!);
      const steps = stepMs === bucketMs ? '' : `, the largest in each ${formatDurationMs(stepMs)}`;
      const bound = limit(study);
      const line = bound === null ? '' : ` Dotted: the promise’s ${formatDurationMs(bound)}.`;
      const rest =
        fromMs === 0 && untilMs >= study.horizonMs
          ? ''
          : ' Left out: the rest of the run, where ages and logs of the two are within 1 % of their largest.';
      return `${about(bucketMs)}${steps}, in ${scale(study).unit}; ${clockNote(study.clock, study.horizonMs)}.${line}${rest}`;
    },
    drawable: (study) => seriesOf(study) !== undefined && seriesOf(study)!.base.length > 0,
    rows: rowsOf,
    columns: [
      { field: 'atMs', title: 'From', kind: 'instant' },
      {
        field: 'base',
        title: `Base case (${unit})`,
        kind: unit === 'ms' ? 'duration' : unit === 'B' ? 'bytes' : 'mbps',
      },
      {
        field: 'broken',
        title: `Counterexample (${unit})`,
        kind: unit === 'ms' ? 'duration' : unit === 'B' ? 'bytes' : 'mbps',
      },
    ],
    sources: (study) => {
      const { factor } = scale(study);
      const { fromMs, stepMs, untilMs, base, broken } = drawnOf(
        study,
        isState ? 0 : FLOW_STEP_LEAST_MS,
        seriesOf(study)!,
      );
      const row = (value: number | null, run: string, atMs: Millis): Row => ({
        at: axisTime(study.clock, atMs),
        value: value === null ? null : value / factor,
        run,
        text: valueText(unit, value),
      });
      // The last step needs an end to be seen.
      const line = (values: readonly (number | null)[], run: string): Row[] => [
        ...values.map((value, step) => row(value, run, fromMs + step * stepMs)),
        row(values.at(-1) ?? null, run, untilMs),
      ];
      const bound = limit(study);
      return {
        base: line(base, RUNS[0]),
        broken: line(broken, RUNS[1]),
        limits: bound === null ? [] : [{ value: bound / factor }],
      };
    },
    spec: {
      ...fitted(200),
      params: THEME_PARAMS,
      // The base case on top: where both are the same, its dashes are seen on the other's line.
      layer: [
        runLayer('broken', what),
        runLayer('base', what),
        {
          data: { name: 'limits' },
          mark: { type: 'rule', color: INK, strokeDash: [2, 3] },
          encoding: { y: { field: 'value', type: 'quantitative' } },
        },
      ],
    },
  };
}

/** One run's line; the encodings of both are the same, so that they share scales and legend. */
function runLayer(source: 'base' | 'broken', what: string): object {
  return {
    data: { name: source },
    mark: { type: 'line', interpolate: 'step-after', strokeWidth: 1.6 },
    encoding: {
      x: { field: 'at', type: 'temporal', scale: TIME_SCALE, axis: TIME_AXIS },
      y: { field: 'value', type: 'quantitative', axis: { title: null, tickCount: 5, minExtent: 40, maxExtent: 40 } },
      color: { field: 'run', type: 'nominal', scale: LINE_COLORS, legend: LEGEND },
      strokeDash: { field: 'run', type: 'nominal', scale: LINE_DASHES, legend: LEGEND },
      tooltip: [
        { field: 'run', type: 'nominal' },
        { field: 'at', type: 'temporal', format: TIME_FORMAT, formatType: 'utc' },
        { field: 'text', type: 'nominal', title: what },
      ],
    },
  };
}

export const agesOfRuns: Chart<Study> = twoRuns({
  id: 'study-ages',
  what: 'Largest age of a recovery point',
  unit: 'ms',
  isState: true,
  about: () =>
    'Of the VMs with the worst ages (at most 40) while they are protected; promises about rpo count from each VM’s first delta on',
  read: ({ bucketMs, baseAgeMs, brokenAgeMs }) => ({ bucketMs, base: baseAgeMs, broken: brokenAgeMs }),
  // Of the one that breaks, rather than of another.
  limit: ({ promises, counterexample }) => {
    const limits = promises.flatMap(({ text, unit }, index) => {
      const { holds, limit } = counterexample!.planValue[index]!;
      return limit !== null && unit === 'ms' && /\brpo\b/.test(text) ? [{ holds, limit }] : [];
    });
    return (limits.find(({ holds }) => !holds) ?? limits[0])?.limit ?? null;
  },
});

export const trafficOfRuns: Chart<Study> = twoRuns({
  id: 'study-traffic',
  what: 'Traffic of the link',
  unit: 'bit/s',
  isState: false,
  about: (bucketMs) => `On the wire, means of ${formatDurationMs(bucketMs)}`,
  read: ({ sentBucketMs, baseSentBytes, brokenSentBytes }) => {
    const rate = (bytes: number): number => (bytes * 8000) / sentBucketMs;
    return { bucketMs: sentBucketMs, base: baseSentBytes.map(rate), broken: brokenSentBytes.map(rate) };
  },
  limit: () => null,
});

export const logsOfRuns: Chart<Study> = twoRuns({
  id: 'study-logs',
  what: 'Logs that wait to be sent',
  unit: 'B',
  isState: true,
  about: (bucketMs) =>
    `Open and in-flight logs on all volumes, each volume’s largest sum in ${formatDurationMs(bucketMs)}`,
  read: ({ bucketMs, baseLogBytes, brokenLogBytes }) => ({ bucketMs, base: baseLogBytes, broken: brokenLogBytes }),
  limit: () => null,
});
