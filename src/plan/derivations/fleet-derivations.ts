import {
  type BitsPerSec,
  DAY_MS,
  formatBitsPerSec,
  formatBytes,
  formatDurationMs,
  formatShare,
  type Millis,
} from '../../units.ts';
import type { BandwidthFailure } from '../bandwidth.ts';
import { largestBy } from '../largest.ts';
import { assumed, at, type Derivation, type DerivationInput, type DerivedPlan } from './derivation.ts';
import { initialReplication, worstRpo } from './vm-derivations.ts';

const GRID = 'a grid of three significant digits (…, 99.8, 99.9, 100, 101 Mbit/s, …)';
const SEARCH =
  'Found by running the simulation at one bandwidth after another; the next lower one of the grid was run and failed.';
const SEARCH_SOURCE = 'chosen: “How the recommended bandwidth is found” (docs/method.md)';

/** How the fleet's numbers came about, in the order of the report. */
export function fleetDerivations(plan: DerivedPlan): Derivation[] {
  const { recommendation } = plan;
  return [
    bandwidth(plan, {
      ...{ id: 'bandwidth-always', answer: recommendation.bitsPerSecForRpoAlways, failure: recommendation.failsBelow },
      fleet: 'with its initial replication',
    }),
    bandwidthForShare(plan, 'bandwidth-95', 0.95, recommendation.bitsPerSecForRpo95),
    bandwidthForShare(plan, 'bandwidth-90', 0.9, recommendation.bitsPerSecForRpo90),
    bandwidth(plan, {
      id: 'bandwidth-deltas',
      answer: recommendation.deltaOnlyBitsPerSecForRpoAlways,
      failure: recommendation.deltaOnlyFailsBelow,
      fleet: 'once its initial replication is done',
    }),
    lastInitialReplication(plan),
    worstOfFleet(plan),
    withinOfFleet(plan),
    p95OfFleet(plan),
    trafficP95(plan),
    linkShare(
      plan,
      'link-busy',
      'Share of the time in which the link sends',
      plan.link.busyFraction,
      'something was being sent',
    ),
    linkShare(
      plan,
      'link-full',
      'Share of the time in which the link is full',
      plan.link.clippedFraction,
      'somebody waited for the link',
    ),
    sentBytes(plan),
    churnPerDay(plan),
  ].filter((derivation) => derivation !== undefined);
}

/** What the whole fleet brings into a search. */
function fleetInputs(plan: DerivedPlan): DerivationInput[] {
  const files = plan.receipts.map(({ file }) => file);
  const from = files.length === 0 ? 'given as numbers' : files.slice(0, 4).join(', ') + (files.length > 4 ? ' …' : '');
  return [
    { name: 'usedBytes', value: plan.fleet.usedBytes, from },
    { name: 'churnBytesPerDay', value: plan.fleet.churnBytesPerDay, from },
    ...assumed(
      plan,
      'rpoTargetMs',
      'copyFrequencyMs',
      'growthRatio',
      'compressionRatio',
      'efficiencyRatio',
      'horizonMs',
    ),
  ];
}

interface Search {
  readonly id: string;
  readonly answer: BitsPerSec | null;
  readonly failure: BandwidthFailure | null;
  readonly fleet: string;
}

function bandwidth(plan: DerivedPlan, { id, answer, failure, fleet }: Search): Derivation {
  const target = formatDurationMs(plan.rpo.targetMs);
  return {
    ...{ id, title: `Bandwidth for an RPO of ${target}, the fleet ${fleet}`, value: answer, unit: 'bit/s' },
    formula: `the smallest bandwidth of ${GRID} at which no recovery point is older than the objective from each VM’s first delta on, and every VM has one`,
    filled: `${answer === null ? 'none of the grid keeps it' : `at ${formatBitsPerSec(answer)} all are at most ${target} old`}${failure === null ? '' : `; ${failureText(plan, failure)}`}`,
    inputs: fleetInputs(plan),
    rule: SEARCH,
    source: SEARCH_SOURCE,
    window: failure === null ? null : failureWindow(failure),
  };
}

function failureText(plan: DerivedPlan, { bitsPerSec, vm, ageMs, atMs }: BandwidthFailure): string {
  const rate = formatBitsPerSec(bitsPerSec);
  return ageMs === null
    ? `at ${rate} ${vm} has no delta within ${formatDurationMs(plan.horizonMs)}`
    : `at ${rate} that of ${vm} is older, ${at(plan, atMs)}`;
}

function failureWindow({ bitsPerSec, vm, ageMs, atMs }: BandwidthFailure): Derivation['window'] {
  const what = `what fails at ${formatBitsPerSec(bitsPerSec)}: ${vm}${ageMs === null ? ' never replicates' : ' waits too long'}`;
  return { fromMs: Math.max(0, atMs - (ageMs ?? atMs)), untilMs: atMs, what };
}

function bandwidthForShare(plan: DerivedPlan, id: string, share: number, answer: BitsPerSec | null): Derivation {
  const { tradeoff } = plan.recommendation;
  const at = (index: number): string => {
    const point = tradeoff[index]!;
    const within =
      point.withinTargetFraction === null
        ? 'nothing replicates'
        : `${formatShare(point.withinTargetFraction)} is within`;
    return `at ${formatBitsPerSec(point.bitsPerSec)} ${within}`;
  };
  const place = tradeoff.findIndex(({ bitsPerSec }) => bitsPerSec === answer);
  const unseen =
    answer === null ? 'none of the grid keeps it' : `at ${formatBitsPerSec(answer)} it is kept, below it was not`;
  const filled = place < 0 ? unseen : place === 0 ? at(0) : `${at(place)}; ${at(place - 1)}`;
  return {
    ...{ id, title: `Bandwidth for ${share * 100} % of the time`, value: answer, unit: 'bit/s' },
    formula: `the smallest bandwidth of ${GRID} at which at least ${share * 100} % of the VMs’ time is within the objective`,
    filled,
    inputs: fleetInputs(plan),
    rule: SEARCH,
    source: SEARCH_SOURCE,
    window: null,
  };
}

function lastInitialReplication(plan: DerivedPlan): Derivation | undefined {
  const open = plan.vms.filter(({ initialReplication: { startMs, endMs } }) => startMs !== null && endMs === null);
  const last = largestBy(
    open.length > 0 ? open : plan.vms,
    ({ initialReplication: { startMs, endMs } }) => endMs ?? startMs,
  );
  const own = last === undefined ? undefined : initialReplication(plan, last);
  if (last === undefined || own === undefined) return undefined;
  const { endMs } = last.initialReplication;
  return {
    ...own,
    ...{ id: 'initial-replication-end', title: 'End of the last initial replication', value: endMs },
    formula: 'the latest arrival of a VM’s last disk, counted from the start of the run',
    filled:
      endMs === null
        ? `${open.length} VMs are not through; ${last.name}: ${own.filled}`
        : `${last.name} is last, ${at(plan, endMs)}: ${formatDurationMs(endMs)} after the start. Its own: ${own.filled}`,
  };
}

function worstOfFleet(plan: DerivedPlan): Derivation | undefined {
  const worst = largestBy(plan.vms, ({ steadyRpo }) => steadyRpo.maxMs);
  const own = worst === undefined ? undefined : worstRpo(plan, worst);
  if (worst === undefined || own === undefined) return undefined;
  return {
    ...own,
    ...{ id: 'rpo-worst', title: 'Worst RPO' },
    formula: `the largest over the VMs of: ${own.formula}`,
    filled: `${worst.name}: ${own.filled}`,
  };
}

function withinOfFleet(plan: DerivedPlan): Derivation | undefined {
  const { withinTargetFraction, observedMs } = plan.rpo.steady;
  if (withinTargetFraction === null) return undefined;
  const vmCount = plan.vms.filter(({ steadyRpo }) => steadyRpo.observedMs > 0).length;
  return {
    ...{
      id: 'rpo-within',
      title: 'Share of the time within the objective',
      value: withinTargetFraction,
      unit: 'share',
    },
    formula: 'sum over the VMs of their time within the objective ÷ sum of their time from the first delta on',
    filled: `${days(withinTargetFraction * observedMs)} ÷ ${days(observedMs)} of ${vmCount.toLocaleString('en-US')} VMs = ${formatShare(withinTargetFraction)}`,
    inputs: assumed(plan, 'rpoTargetMs'),
    rule: 'Every moment of every VM counts alike, not only cycles.',
    source: 'chosen: “How the RPO is counted” (docs/method.md)',
    window: null,
  };
}

function p95OfFleet(plan: DerivedPlan): Derivation | undefined {
  const { p95Ms, observedMs } = plan.rpo.steady;
  if (p95Ms === null) return undefined;
  return {
    ...{ id: 'rpo-p95', title: 'RPO for 95 % of the time', value: p95Ms, unit: 'ms' },
    formula: 'the age that the recovery points are at or below in 95 % of the VMs’ time from the first delta on',
    filled: `${days(0.95 * observedMs)} of ${days(observedMs)} at or below ${formatDurationMs(p95Ms)}`,
    inputs: [],
    rule: 'Weighted by time; read off bins of a second, above an hour of half a percent.',
    source: 'chosen: “How the RPO is counted” (docs/method.md)',
    window: null,
  };
}

function trafficP95(plan: DerivedPlan): Derivation {
  const { traffic, trafficBucketMs } = plan.series;
  const sent = traffic.initial.map((bytes, index) => bytes + traffic.delta[index]! + traffic.resync[index]!);
  const busiest = sent.reduce((most, bytes, index) => (bytes > sent[most]! ? index : most), 0);
  const peak = ((sent[busiest] ?? 0) * 8000) / trafficBucketMs;
  return {
    ...{
      id: 'link-p95',
      title: 'Traffic on the link for 95 % of the time',
      value: plan.link.p95BitsPerSec,
      unit: 'bit/s',
    },
    formula: '95th percentile of the traffic, averaged over each bucket',
    filled: `of ${sent.length.toLocaleString('en-US')} buckets of ${formatDurationMs(trafficBucketMs)}: ${formatBitsPerSec(plan.link.p95BitsPerSec)}; the busiest has ${formatBitsPerSec(peak)}`,
    inputs: assumed(plan, 'capacityBitsPerSec', 'efficiencyRatio', 'compressionRatio', 'growthRatio'),
    rule: 'Bytes on the wire: compressed, with the link’s protocol.',
    source: 'chosen: buckets of at most 2,016 to a run (docs/method.md)',
    window:
      sent.length === 0
        ? null
        : {
            fromMs: busiest * trafficBucketMs,
            untilMs: Math.min(plan.horizonMs, (busiest + 1) * trafficBucketMs),
            what: 'the busiest bucket',
          },
  };
}

function linkShare(plan: DerivedPlan, id: string, title: string, share: number, when: string): Derivation {
  return {
    ...{ id, title, value: share, unit: 'share' },
    formula: `time in which ${when} ÷ the run`,
    filled: `${formatDurationMs(Math.round(share * plan.horizonMs))} ÷ ${formatDurationMs(plan.horizonMs)} = ${formatShare(share)}`,
    inputs: assumed(plan, 'capacityBitsPerSec'),
    rule: 'Measured in the run from event to event.',
    source: 'docs/method.md: the network',
    window: null,
  };
}

function sentBytes(plan: DerivedPlan): Derivation {
  const { initial, delta, resync, total } = plan.link.sentBytes;
  return {
    ...{ id: 'link-sent', title: 'Sent over the link in the run', value: total, unit: 'bytes' },
    formula: 'initial replication + deltas + resynchronizations',
    filled: `${formatBytes(initial)} + ${formatBytes(delta)} + ${formatBytes(resync)} = ${formatBytes(total)}`,
    inputs: assumed(plan, 'compressionRatio', 'efficiencyRatio'),
    rule: 'What was sent for a set that did not arrive counts too.',
    source: 'docs/method.md: time, bytes, writes',
    window: null,
  };
}

function churnPerDay(plan: DerivedPlan): Derivation {
  const written = plan.vms.reduce((sum, { bytes }) => sum + bytes.written, 0);
  return {
    ...{ id: 'fleet-churn', title: 'Written per day', value: plan.fleet.churnBytesPerDay, unit: 'bytes' },
    formula: 'sum over the VMs of: written in the run × a day ÷ the run',
    filled: `${formatBytes(written)} × 1 d ÷ ${formatDurationMs(plan.horizonMs)} = ${formatBytes(plan.fleet.churnBytesPerDay)}`,
    inputs: [...fleetInputs(plan).slice(1, 2), ...assumed(plan, 'growthRatio', 'churnFrom', 'churnRepeats')],
    rule: 'A measured series is replayed, and repeated by whole weeks or days after its end; growth multiplies it.',
    source: 'docs/method.md: churn',
    window: null,
  };
}

function days(ms: Millis): string {
  return `${(ms / DAY_MS).toLocaleString('en-US', { maximumFractionDigits: 2 })} VM-days`;
}
