/** When the site's link was full: somebody waited for it, so that its traffic is clipped. */
import { formatLocal } from '../../model/clock.ts';
import type { Plan } from '../../plan/plan.ts';
import { formatDurationMs, formatShare, type Millis } from '../../units.ts';
import type { Row } from './chart.ts';
import { axisTime } from './series.ts';

/** Steps in which the mark of a full link grows darker. */
const CLIPPED_LEVELS = 4;

/** Whether there is anything to mark. */
export function isClipped({ series }: Plan): boolean {
  return series.traffic.clipped.some((share) => share > 0);
}

/** The last bucket of the series may be shorter. */
export function bucketLengthMs({ horizonMs, series: { trafficBucketMs } }: Plan, bucket: number): Millis {
  return Math.min(horizonMs, (bucket + 1) * trafficBucketMs) - bucket * trafficBucketMs;
}

interface Stretch {
  readonly startMs: Millis;
  readonly endMs: Millis;
}

interface ClippedBucket extends Stretch {
  /** Share of the time in which the link was full. */
  readonly clipped: number;
}

/** The longest row of buckets in each of which the link was full at least half of the time; `undefined` where there is none. */
function longestFull(plan: Plan): Stretch | undefined {
  const { traffic, trafficBucketMs } = plan.series;
  let longest: Stretch | undefined;
  let startMs: Millis | undefined;
  for (const [bucket, share] of traffic.clipped.entries()) {
    startMs = share < 0.5 ? undefined : (startMs ?? bucket * trafficBucketMs);
    if (startMs === undefined) continue;
    const endMs = bucket * trafficBucketMs + bucketLengthMs(plan, bucket);
    if (longest === undefined || endMs - startMs > longest.endMs - longest.startMs) longest = { startMs, endMs };
  }
  return longest;
}

/** Stretches in which the link was full for about the same share of the time, for the marks above the traffic. */
export function clippedMarks(plan: Plan, points: readonly ClippedBucket[]): Row[] {
  const marks: (Stretch & { level: number })[] = [];
  for (const { clipped, startMs, endMs } of points) {
    const level = Math.min(CLIPPED_LEVELS, Math.ceil(clipped * CLIPPED_LEVELS));
    const last = marks.at(-1);
    if (last?.level === level && last.endMs === startMs) marks[marks.length - 1] = { ...last, endMs };
    else if (level > 0) marks.push({ startMs, endMs, level });
  }
  return marks.map(({ startMs, endMs, level }) => ({
    from: axisTime(plan.clock, startMs),
    to: axisTime(plan.clock, endMs),
    opacity: level / CLIPPED_LEVELS,
    share: `${((level - 1) * 100) / CLIPPED_LEVELS}–${(level * 100) / CLIPPED_LEVELS} % of the time`,
  }));
}

/** How long somebody waited for the link, and when longest. */
export function clippedWords(plan: Plan): string {
  const { clippedFraction } = plan.link;
  if (clippedFraction <= 0) return '';
  const longest = longestFull(plan);
  const stretch =
    longest === undefined
      ? ''
      : `, the longest stretch ${formatDurationMs(longest.endMs - longest.startMs)} from ${formatLocal(plan.clock, longest.startMs)} on`;
  return ` The link is full ${formatShare(clippedFraction)} of the time${stretch}.`;
}
