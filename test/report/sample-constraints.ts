import type { Constraint, ConstraintSpan, PlanVm, TimelineEntry } from '../../src/plan/plan.ts';
import { CONSTRAINTS } from '../../src/simulate/result.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/units.ts';

export const STATE_BUCKET_MS: number = 30 * MINUTE_MS;

/** Shares of a bucket's time, the longest first; they add up to 1. */
type Mix = readonly (readonly [constraint: Constraint, share: number])[];

const WHOLE: Readonly<Record<Constraint, Mix>> = perConstraint((constraint) => [[constraint, 1]]);
const SEEDING: Mix = [
  ['link', 0.7],
  ['threads', 0.2],
  ['host', 0.1],
];
const SEEDING_BEHIND_HOST: Mix = [
  ['host', 0.55],
  ['link', 0.45],
];
const BACKUP: Mix = [
  ['link', 0.52],
  ['churn', 0.3],
  ['throttle', 0.18],
];
const OFFICE: Mix = [
  ['churn', 0.91],
  ['throttle', 0.05],
  ['threads', 0.04],
];
const QUIET: Mix = [
  ['churn', 0.99],
  ['threads', 0.01],
];
const RESYNC: Mix = [
  ['read', 0.6],
  ['link', 0.4],
];

function mixAt({ phase }: TimelineEntry, index: number, atMs: number): Mix {
  const hour = Math.floor(atMs / HOUR_MS) % 24;
  switch (phase) {
    case 'unprotected':
      return WHOLE.unprotected;
    case 'waiting to start':
      return WHOLE.slots;
    case 'initial replication':
      if (index % 6 === 3 && atMs >= 26 * HOUR_MS && atMs < 29 * HOUR_MS) return WHOLE.space;
      return index % 4 === 1 ? SEEDING_BEHIND_HOST : SEEDING;
    case 'merging snapshot':
      return WHOLE.work;
    case 'retrying':
      return WHOLE.backOff;
    case 'marked for resynchronization':
      return WHOLE.window;
    case 'resynchronization':
      return RESYNC;
    case 'delta replication':
      if (hour === 22) return BACKUP;
      return hour >= 8 && hour < 18 ? OFFICE : QUIET;
    default:
      return WHOLE.administrator;
  }
}

/** The mix in the middle of each bucket, and the bucket's length. */
function* mixes(
  timeline: readonly TimelineEntry[],
  index: number,
  horizonMs: number,
): Generator<[Mix, number, number]> {
  let place = 0;
  for (let startMs = 0; startMs < horizonMs; startMs += STATE_BUCKET_MS) {
    const endMs = Math.min(horizonMs, startMs + STATE_BUCKET_MS);
    const atMs = (startMs + endMs) / 2;
    while (place < timeline.length - 1 && timeline[place]!.endMs <= atMs) place++;
    yield [mixAt(timeline[place]!, index, atMs), startMs, endMs];
  }
}

/** What held a VM of the sample back, from its phases. */
export function sampleHolds(
  timeline: readonly TimelineEntry[],
  index: number,
  horizonMs: number,
): Pick<PlanVm, 'constraintMs' | 'constraints'> {
  const constraintMs: Partial<Record<Constraint, number>> = {};
  const constraints: ConstraintSpan[] = [];
  for (const [mix, startMs, endMs] of mixes(timeline, index, horizonMs)) {
    for (const [constraint, share] of mix) {
      constraintMs[constraint] = (constraintMs[constraint] ?? 0) + Math.round(share * (endMs - startMs));
    }
    const constraint = mix[0]![0];
    const last = constraints.at(-1);
    if (last?.constraint === constraint) constraints[constraints.length - 1] = { ...last, endMs };
    else constraints.push({ constraint, startMs, endMs });
  }
  return { constraintMs, constraints };
}

/** The same of all VMs together, bucket by bucket. */
export function sampleConstraintSeries(vms: readonly PlanVm[], horizonMs: number): Record<Constraint, number[]> {
  const count = Math.ceil(horizonMs / STATE_BUCKET_MS);
  const series = perConstraint(() => new Array<number>(count).fill(0));
  for (const [index, { timeline }] of vms.entries()) {
    for (const [mix, startMs, endMs] of mixes(timeline, index, horizonMs)) {
      const bucket = startMs / STATE_BUCKET_MS;
      for (const [constraint, share] of mix) series[constraint][bucket]! += Math.round(share * (endMs - startMs));
    }
  }
  return series;
}

export function perConstraint<Value>(value: (constraint: Constraint) => Value): Record<Constraint, Value> {
  return Object.fromEntries(CONSTRAINTS.map((constraint) => [constraint, value(constraint)])) as Record<
    Constraint,
    Value
  >;
}
