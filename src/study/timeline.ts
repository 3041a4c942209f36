import type { RunResult } from '../simulate/result.ts';
import type { Bytes, Millis } from '../units.ts';
import type { StudyTimeline } from './study.ts';

/** Two runs over the same horizon beside each other, both with detail. */
export function timelineOf(base: RunResult, broken: RunResult): StudyTimeline {
  return {
    bucketMs: base.series.stateBucketMs,
    baseAgeMs: worstAgeMs(base),
    brokenAgeMs: worstAgeMs(broken),
    baseLogBytes: logBytes(base),
    brokenLogBytes: logBytes(broken),
    sentBucketMs: base.series.trafficBucketMs,
    baseSentBytes: sentBytes(base),
    brokenSentBytes: sentBytes(broken),
  };
}

function worstAgeMs({ series }: RunResult): (Millis | null)[] {
  const [first] = series.worstAges;
  return (first?.ageMs ?? []).map((_, bucket) =>
    series.worstAges.reduce<Millis | null>((worst, { ageMs }) => {
      const own = ageMs[bucket]!;
      return own === null ? worst : Math.max(worst ?? 0, own);
    }, null),
  );
}

function logBytes({ series: { volumeHrlBytes } }: RunResult): Bytes[] {
  return (volumeHrlBytes[0] ?? []).map((_, bucket) => volumeHrlBytes.reduce((sum, volume) => sum + volume[bucket]!, 0));
}

function sentBytes({ series: { traffic } }: RunResult): Bytes[] {
  return traffic.initial.map((initial, bucket) => initial + traffic.delta[bucket]! + traffic.resync[bucket]!);
}
