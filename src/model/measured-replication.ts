/**
 * What replication that already runs has been measured to do: the counters of a VM over a stretch of time, from
 * `Measure-VMReplication` or `Msvm_ReplicationStatistics` (formats F5), or from the performance counters `Hyper-V Replica VM`
 * (formats F1). Plain data. `null` = nobody told it.
 */
import { type Bytes, DAY_MS, type Millis } from '../units.ts';
import { fromLocal, type RunClock } from './clock.ts';

export interface MeasuredReplication {
  /** As the source names it. A stranger's text: escape it where it is written. */
  readonly vm: string;
  readonly source: 'statistics' | 'counters';
  /** The file that told it, as the user gave it. */
  readonly file: string;
  /** All counts are from the one to the other: milliseconds since 1970-01-01T00:00, in UTC, or local where `isLocal`. */
  readonly fromMs: Millis | null;
  readonly untilMs: Millis | null;
  readonly isLocal: boolean;
  /** Completed cycles, and cycles missed. */
  readonly successCount: number | null;
  readonly missCount: number | null;
  /** Data of a cycle, mean and largest. Microsoft does not say whether it is counted before or after compression. `null` without cycles. */
  readonly averageSizeBytes: Bytes | null;
  readonly maxSizeBytes: Bytes | null;
  /** Duration of a cycle in seconds, mean and longest. `null` without cycles. */
  readonly averageLatencySec: number | null;
  readonly maxLatencySec: number | null;
  /** Not yet sent at the end. */
  readonly pendingBytes: Bytes | null;
  readonly networkFailureCount: number | null;
  readonly replicationFailureCount: number | null;
  /** Both of them, and failed snapshots of the guest: all that the cmdlet prints of failures. */
  readonly errorCount: number | null;
  /** The counter `Compression Efficiency` ÷ 100, mean of its samples, 0 to 1; what it means is for the reader to judge. */
  readonly compressionEfficiencyRatio?: number;
  /** By how much `Network Bytes Sent` and `Resynchronized Bytes` grew. */
  readonly networkSentBytes?: Bytes;
  readonly resynchronizedBytes?: Bytes;
}

/** All that was measured of a VM as one; instants on the run's clock. */
export interface CombinedMeasure {
  readonly fromMs: Millis | null;
  readonly untilMs: Millis | null;
  readonly cycleCount: number | null;
  readonly averageSizeBytes: Bytes | null;
  readonly maximumSizeBytes: Bytes | null;
  readonly averageLatencySec: number | null;
  readonly missesPerDay: number | null;
  /** Of the counters alone: the mean compression efficiency, and the cycles behind it. */
  readonly efficiencyRatio: number | null;
  readonly efficiencyCycles: number | null;
  /** Bytes on the network per byte of replication size, without resynchronizations. */
  readonly sentPerSizeRatio: number | null;
}

/**
 * Takes all that was measured of one VM together, over however many intervals and files; means are weighted by their cycles. What the cmdlet
 * does not tell the counters do, figure by figure.
 */
export function combineMeasured(measured: readonly MeasuredReplication[], clock: RunClock): CombinedMeasure {
  const statistics = withoutRepeats(measured.filter(({ source }) => source === 'statistics'));
  const counters = measured.filter(({ source }) => source === 'counters');
  const efficient = counters.filter(({ compressionEfficiencyRatio }) => compressionEfficiencyRatio !== undefined);
  const mean = (value: (one: MeasuredReplication) => number | null): number | null =>
    meanByCycles(statistics, value) ?? meanByCycles(counters, value);
  const maxima = known(measured.map(({ maxSizeBytes }) => maxSizeBytes));
  const isTimed = statistics.some(({ fromMs, untilMs }) => fromMs !== null && untilMs !== null);
  return {
    ...span(isTimed ? statistics : counters, clock),
    cycleCount: cyclesOf(statistics) ?? cyclesOf(counters),
    averageSizeBytes: mean(({ averageSizeBytes }) => averageSizeBytes),
    maximumSizeBytes: maxima.length === 0 ? null : mostOf(maxima),
    averageLatencySec: mean(({ averageLatencySec }) => averageLatencySec),
    missesPerDay: missesPerDay(statistics),
    efficiencyRatio: meanByCycles(efficient, ({ compressionEfficiencyRatio }) => compressionEfficiencyRatio ?? null),
    efficiencyCycles: cyclesOf(efficient),
    sentPerSizeRatio: sentPerSize(counters),
  };
}

/** An interval that was exported twice while it lasted counts once, as it was last. */
function withoutRepeats(statistics: readonly MeasuredReplication[]): MeasuredReplication[] {
  const byStart = new Map<Millis, MeasuredReplication>();
  const untimed: MeasuredReplication[] = [];
  for (const one of statistics) {
    const other = one.fromMs === null ? undefined : byStart.get(one.fromMs);
    if (one.fromMs === null) untimed.push(one);
    else if (other === undefined || (one.successCount ?? 0) > (other.successCount ?? 0)) byStart.set(one.fromMs, one);
  }
  return [...byStart.values(), ...untimed];
}

/** From the first beginning to the last end, on the run's clock. */
function span(measured: readonly MeasuredReplication[], clock: RunClock): Pick<CombinedMeasure, 'fromMs' | 'untilMs'> {
  const instant = (one: MeasuredReplication, atMs: Millis | null): Millis | null =>
    atMs === null ? null : one.isLocal ? fromLocal(clock, atMs) : atMs - clock.startEpochMs;
  const starts = known(measured.map((one) => instant(one, one.fromMs)));
  const ends = known(measured.map((one) => instant(one, one.untilMs)));
  return {
    fromMs: starts.length === 0 ? null : -mostOf(starts.map((at) => -at)) + 0,
    untilMs: ends.length === 0 ? null : mostOf(ends),
  };
}

function known(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null);
}

function mostOf(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value));
}

function cyclesOf(measured: readonly MeasuredReplication[]): number | null {
  const counts = measured.flatMap(({ successCount }) => successCount ?? []);
  return counts.length === 0 ? null : sum(counts);
}

/** Weighted by the cycles where all intervals count them, else every interval alike. */
function meanByCycles(
  measured: readonly MeasuredReplication[],
  value: (one: MeasuredReplication) => number | null,
): number | null {
  const told = measured.filter((one) => value(one) !== null);
  const isCounted = told.every(({ successCount }) => successCount !== null && successCount > 0);
  const weights = told.map(({ successCount }) => (isCounted ? successCount! : 1));
  const weight = sum(weights);
  return weight === 0 ? null : sum(told.map((one, index) => value(one)! * weights[index]!)) / weight;
}

function missesPerDay(measured: readonly MeasuredReplication[]): number | null {
  const told = measured.filter(
    ({ missCount, fromMs, untilMs }) => missCount !== null && fromMs !== null && untilMs !== null && untilMs > fromMs,
  );
  const spanMs = sum(told.map(({ fromMs, untilMs }) => untilMs! - fromMs!));
  return spanMs === 0 ? null : (sum(told.map(({ missCount }) => missCount!)) * DAY_MS) / spanMs;
}

function sentPerSize(counters: readonly MeasuredReplication[]): number | null {
  const told = counters.filter(
    ({ networkSentBytes, averageSizeBytes, successCount }) =>
      networkSentBytes !== undefined && averageSizeBytes !== null && (successCount ?? 0) > 0,
  );
  const sizeBytes = sum(told.map(({ averageSizeBytes, successCount }) => averageSizeBytes! * successCount!));
  const sentBytes = told.map((one) => Math.max(0, one.networkSentBytes! - (one.resynchronizedBytes ?? 0)));
  return sizeBytes === 0 ? null : sum(sentBytes) / sizeBytes;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
