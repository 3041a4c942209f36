import { formatLocal } from '../model/clock.ts';
import type { Plan, PlanVm, ReplicationStatistics } from '../plan/plan.ts';
import { type Bytes, formatBytes, formatDurationMs, KIB, type Millis } from '../units.ts';
import { shownName } from './shown-name.ts';

/** A line of the table of statistics. */
export interface StatisticRow {
  /** The cmdlet's own name, or the counter's behind it. */
  readonly name: string;
  readonly value: string;
  readonly meaning: string;
}

interface Statistic<Name extends keyof ReplicationStatistics> {
  readonly text: (value: ReplicationStatistics[Name], plan: Plan) => string;
  readonly meaning: string;
}

/** The state's name stands beside its number. */
type Shown = Exclude<keyof ReplicationStatistics, 'ReplicationStateName'>;

const NONE = '–';
const TWO_MINUTES_SECONDS = 120;

/** In reading order: what state it is in, when it was brought forward, how much and how long, how often. */
const STATISTICS: { readonly [Name in Shown]: Statistic<Name> } = {
  VMName: { text: shownName, meaning: 'the virtual machine' },
  ReplicationMode: { text: String, meaning: 'which side of the replication this one is' },
  ReplicationState: { text: String, meaning: 'the product’s name and number of the state' },
  ReplicationHealth: { text: String, meaning: 'by the published thresholds' },
  ReplicationHealthDetails: { text: (reasons) => reasons.map(shownName).join('; ') || NONE, meaning: 'why' },
  MonitoringStartTime: { text: instant, meaning: 'the counters below count from here …' },
  MonitoringEndTime: { text: instant, meaning: '… to here' },
  LastReplicationType: { text: String, meaning: 'what the replica was last brought forward by' },
  LastReplicationTime: { text: instant, meaning: 'when the replica was last brought forward' },
  LastAppliedLogTime: { text: instant, meaning: 'the instant to which it then was: the recovery point' },
  LastTestFailoverInitiatedTime: { text: instant, meaning: 'the last test failover' },
  LastVSSSnapshotTime: { text: instant, meaning: 'the last app-consistent recovery point' },
  InitialReplicationSize: { text: size, meaning: 'what initial replication sends; 0 once it is done' },
  PendingReplicationSize: { text: size, meaning: 'logs not yet sent, and what is left of initial replication' },
  AverageReplicationSize: { text: size, meaning: 'log bytes of a completed cycle, mean' },
  MaximumReplicationSize: { text: size, meaning: 'log bytes of the largest cycle' },
  AverageReplicationLatency: { text: latency, meaning: 'from a cut to its arrival, mean' },
  MaximumReplicationLatency: { text: latency, meaning: 'from a cut to its arrival, longest' },
  ReplicationErrors: { text: count, meaning: 'failed attempts: the sum of the next three' },
  NetworkFailureCount: { text: count, meaning: 'for want of the network' },
  ReplicationFailureCount: { text: count, meaning: 'for another cause' },
  ApplicationConsistentSnapshotFailureCount: { text: count, meaning: 'snapshots of the guest; not modelled' },
  SuccessfulReplicationCount: { text: count, meaning: 'completed cycles' },
  MissedReplicationCount: { text: count, meaning: 'cycles that began while the one before was on its way' },
};

/** What Measure-VMReplication would print of a VM at the horizon, under its own names. */
export function statisticRows(plan: Plan, { statistics }: PlanVm): StatisticRow[] {
  return (Object.keys(STATISTICS) as Shown[]).map((name) => {
    const value = textOf(name, plan, statistics);
    const isState = name === 'ReplicationState';
    return {
      name,
      value: isState ? `${statistics.ReplicationStateName} (${value})` : value,
      meaning: STATISTICS[name].meaning,
    };
  });
}

function textOf<Name extends Shown>(name: Name, plan: Plan, statistics: ReplicationStatistics): string {
  const statistic: Statistic<Name> = STATISTICS[name];
  return statistic.text(statistics[name], plan);
}

function instant(atMs: Millis | null, plan: Plan): string {
  return atMs === null ? NONE : formatLocal(plan.clock, atMs);
}

/** The cmdlet prints bytes: they stand beside what people read. */
function size(bytes: Bytes): string {
  return bytes < KIB ? formatBytes(bytes) : `${formatBytes(bytes)} (${count(bytes)} B)`;
}

function latency(seconds: number | null): string {
  if (seconds === null) return NONE;
  const exact = `${count(seconds)} s`;
  return seconds < TWO_MINUTES_SECONDS ? exact : `${exact} (${formatDurationMs(seconds * 1000)})`;
}

function count(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 3 });
}
