/**
 * The model held against replication that already runs: what the run predicts of each VM, and what was measured of it; and the compression ratio
 * that the measurements tell.
 *
 * `ReplicationSize` is "the total amount of replication data transferred to the recovery host system, in bytes"
 * (learn.microsoft.com, Msvm_ReplicationStatistics): nothing there, nor in the cmdlet's page, says whether before or after compression. So
 * measured sizes only score the model, and the ratio comes from the counter `Compression Efficiency` alone. That counter's text is not
 * published either: it is read as the percentage saved [chosen], and not used where the bytes sent show the opposite.
 */
import { type CombinedMeasure, combineMeasured, type MeasuredReplication } from '../model/measured-replication.ts';
import { type RuleParameters, settingsOf } from '../model/policy.ts';
import type { Run } from '../model/run.ts';
import { type Churn, meanBytesPerSec, type Vm, type Workload } from '../model/workload.ts';
import type { ReplicationStatistics, VmResult } from '../simulate/result.ts';
import { type Bytes, type BytesPerSec, DAY_MS, type Millis, SECOND_MS } from '../units.ts';

export const CALIBRATED_METRICS = [
  'averageSizeBytes',
  'maximumSizeBytes',
  'averageLatencySec',
  'missesPerDay',
] as const;
export type CalibratedMetric = (typeof CALIBRATED_METRICS)[number];

/** A figure of a VM, predicted and measured; `null` where one of them is not known. */
export interface CalibrationPair {
  readonly predicted: number | null;
  readonly measured: number | null;
  /** Predicted ÷ measured; `null` also where 0 was measured. */
  readonly ratio: number | null;
  /** |predicted − measured|, in the figure's unit. */
  readonly error: number | null;
  /** `error` ÷ measured; 0 where both are 0, `null` where 0 was measured and something else predicted. */
  readonly errorShare: number | null;
}

/** Wire bytes per log byte, as `--compression` takes it. */
export interface CompressionCalibration {
  /** {@link LEAST_RATIO} to 1; `null` where nothing tells it. */
  readonly ratio: number | null;
  /** The counter; none was logged; or it is contradicted by the bytes sent. */
  readonly basis: 'counter' | 'none' | 'contradicted';
  readonly reason: string;
}

/** By what the log bytes of a cycle were taken: the churn measured in the same stretch of time, its overall mean, or an assumed one. */
export type ChurnBasis = 'window' | 'mean' | 'assumed';

export interface CalibratedVm {
  readonly vm: string;
  /** On the run's clock; `null` where the files do not say. */
  readonly measuredFromMs: Millis | null;
  readonly measuredUntilMs: Millis | null;
  /** Cycles behind the measured means; `null` where nobody counted. */
  readonly cycleCount: number | null;
  readonly pairs: Readonly<Record<CalibratedMetric, CalibrationPair>>;
  /** Log bytes that a cycle of the VM's copy frequency writes by the model (semantics 4), without growth. */
  readonly modelLogBytes: Bytes;
  readonly churnBasis: ChurnBasis;
  /** Measured mean size ÷ `modelLogBytes`; `null` without a size. For judging only: see the module. */
  readonly sizeRatio: number | null;
  readonly compression: CompressionCalibration;
}

export interface MetricScore {
  /** VMs with both figures, and a measured one that is not 0 (or both 0). */
  readonly vmCount: number;
  /** Median of their error shares; `null` without any. */
  readonly medianErrorShare: number | null;
  /** VMs within ± {@link CLOSE_SHARE}, of `vmCount`. */
  readonly closeCount: number;
}

export interface Calibration {
  /** In the workload's order. */
  readonly vms: readonly CalibratedVm[];
  /** Measured VMs that could not be compared, and why. */
  readonly notCompared: readonly { readonly vm: string; readonly reason: string }[];
  /** VMs of the workload that nobody measured. */
  readonly unmeasuredCount: number;
  readonly fleet: Readonly<Record<CalibratedMetric, MetricScore>>;
  /** Mean of the VMs' ratios, weighted by their log bytes over time; `null` where no VM has one. */
  readonly compressionRatio: number | null;
  /** Growth that the predictions contain and the measurements do not. */
  readonly growthRatio: number;
}

/** A VM counts as well predicted within this share of what was measured. */
export const CLOSE_SHARE = 0.25;
/** Nothing is compressed to less than a hundredth, and what does not compress is sent as it is. */
const LEAST_RATIO = 0.01;
const MOST_RATIO = 1;
/** Bytes sent say something of compression only where they are clearly less than the sizes, and clearly nearer to one reading. [chosen] */
const CLEARLY_LESS_RATIO = 0.9;
const CLEARLY_NEARER = 0.1;

/**
 * @param results the run's VMs, in the workload's order
 * @param measured of all files; several intervals of one VM are taken together, statistics before counters
 */
export function calibrate(
  run: Run,
  results: readonly VmResult[],
  measured: readonly MeasuredReplication[],
): Calibration {
  const { vms } = run.workload;
  const settings = settingsOf(
    run.policy,
    vms.map(({ name }) => name),
  );
  const { byVm, notCompared } = assign(vms, measured);
  const compared: { readonly vm: CalibratedVm; readonly logBytesPerMs: number }[] = [];
  vms.forEach((vm, v) => {
    const own = byVm.get(v);
    if (own === undefined) return;
    const { statistics } = results[v]!;
    const reason = reasonAgainst(statistics, own);
    if (reason !== undefined) {
      notCompared.push({ vm: vm.name, reason });
      return;
    }
    const { copyFrequencyMs } = settings[v]!;
    const one = calibratedVm(
      vm,
      statistics,
      combineMeasured(own, run.workload.clock),
      copyFrequencyMs,
      run.policy.rules,
    );
    compared.push({ vm: one, logBytesPerMs: one.modelLogBytes / copyFrequencyMs });
  });
  return {
    vms: compared.map(({ vm }) => vm),
    notCompared,
    unmeasuredCount: vms.length - byVm.size,
    fleet: perMetric((metric) => scoreOf(compared.map(({ vm }) => vm.pairs[metric]))),
    compressionRatio: weightedRatio(compared),
    growthRatio: run.options.growthRatio,
  };
}

/** What was measured of each VM's compression, by its name: for the policy, before the run. Those of which nothing is told are left out. */
export function measuredCompression(
  { vms, clock }: Workload,
  measured: readonly MeasuredReplication[],
): Map<string, CompressionCalibration & { readonly ratio: number }> {
  const { byVm } = assign(vms, measured);
  const told = new Map<string, CompressionCalibration & { readonly ratio: number }>();
  for (const [v, own] of byVm) {
    const { ratio, ...rest } = compressionOf(combineMeasured(own, clock));
    if (ratio !== null) told.set(vms[v]!.name, { ...rest, ratio });
  }
  return told;
}

/** Which measurements are of which VM: by the very name, else by the one VM whose name a performance log would write so. */
function assign(
  vms: readonly Vm[],
  measured: readonly MeasuredReplication[],
): { byVm: Map<number, MeasuredReplication[]>; notCompared: { vm: string; reason: string }[] } {
  const exact = new Map(vms.map(({ name }, v) => [name, v]));
  const loose = new Map<string, number[]>();
  vms.forEach(({ name }, v) => {
    push(loose, looseName(name), v);
  });
  const byVm = new Map<number, MeasuredReplication[]>();
  const reasons = new Map<string, string>();
  for (const one of measured) {
    const candidates = loose.get(looseName(one.vm)) ?? [];
    const v = exact.get(one.vm) ?? (candidates.length === 1 ? candidates[0] : undefined);
    if (v === undefined) {
      const several = candidates.length > 1;
      reasons.set(one.vm, several ? 'several VMs of the inventory have this name' : 'not in the inventory');
    } else {
      push(byVm, v, one);
    }
  }
  return { byVm, notCompared: [...reasons].map(([vm, reason]) => ({ vm, reason })) };
}

function push<K, T>(map: Map<K, T[]>, key: K, item: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else list.push(item);
}

/** Performance counters write `[`, `]` and `_` for the signs that their paths are made of (learn.microsoft.com, InstanceName). */
function looseName(name: string): string {
  return name
    .toLowerCase()
    .replaceAll('(', '[')
    .replaceAll(')', ']')
    .replace(/[#/\\]/g, '_');
}

function reasonAgainst(
  { SuccessfulReplicationCount }: ReplicationStatistics,
  measured: readonly MeasuredReplication[],
): string | undefined {
  if (SuccessfulReplicationCount === 0) return 'never replicated in the last monitoring interval of the run';
  if (measured.every(({ successCount }) => successCount === 0)) return 'no cycle was completed while it was measured';
  const isTold = measured.some(
    (one) =>
      one.averageSizeBytes !== null ||
      one.maxSizeBytes !== null ||
      one.averageLatencySec !== null ||
      one.missCount !== null,
  );
  return isTold ? undefined : 'what was measured tells neither sizes nor latencies nor misses';
}

function calibratedVm(
  vm: Vm,
  statistics: ReplicationStatistics,
  measure: CombinedMeasure,
  copyFrequencyMs: Millis,
  rules: RuleParameters,
): CalibratedVm {
  const { logBytes, basis } = modelLog(vm, measure, copyFrequencyMs, rules);
  const monitoredMs = statistics.MonitoringEndTime - statistics.MonitoringStartTime;
  const predicted: Readonly<Record<CalibratedMetric, number | null>> = {
    averageSizeBytes: statistics.AverageReplicationSize,
    maximumSizeBytes: statistics.MaximumReplicationSize,
    averageLatencySec: statistics.AverageReplicationLatency,
    missesPerDay: monitoredMs <= 0 ? null : (statistics.MissedReplicationCount * DAY_MS) / monitoredMs,
  };
  return {
    vm: vm.name,
    measuredFromMs: measure.fromMs,
    measuredUntilMs: measure.untilMs,
    cycleCount: measure.cycleCount,
    pairs: perMetric((metric) => pairOf(predicted[metric], measure[metric])),
    modelLogBytes: logBytes,
    churnBasis: basis,
    sizeRatio: measure.averageSizeBytes === null ? null : measure.averageSizeBytes / logBytes,
    compression: compressionOf(measure),
  };
}

function pairOf(predicted: number | null, measured: number | null): CalibrationPair {
  if (predicted === null || measured === null)
    return { predicted, measured, ratio: null, error: null, errorShare: null };
  const error = Math.abs(predicted - measured);
  const errorShare = measured > 0 ? error / measured : error === 0 ? 0 : null;
  return { predicted, measured, ratio: measured > 0 ? predicted / measured : null, error, errorShare };
}

/** Log bytes of a cycle: of each disk by the HRL size law, at the mean rate of its churn (semantics 4). */
function modelLog(
  { disks }: Vm,
  { fromMs, untilMs }: CombinedMeasure,
  copyFrequencyMs: Millis,
  rules: RuleParameters,
): { logBytes: Bytes; basis: ChurnBasis } {
  const window = fromMs !== null && untilMs !== null && untilMs > fromMs ? { fromMs, untilMs } : undefined;
  const inWindow = disks.map(({ churn }) => (window === undefined ? undefined : meanInWindow(churn, window)));
  const isMeasured = inWindow.every((rate) => rate !== undefined);
  const logBytes = disks.map(({ churn, meanWriteBytes }, index) => {
    const rate = isMeasured ? inWindow[index]! : meanBytesPerSec(churn);
    const dataBytes = (rate * copyFrequencyMs) / SECOND_MS;
    const blocks = Math.ceil(dataBytes / (rules.logBlockEntries * meanWriteBytes));
    return rules.logEmptyBytes + dataBytes + rules.logBlockBytes * blocks;
  });
  const isAssumed = disks.some(({ isChurnAssumed }) => isChurnAssumed === true);
  return { logBytes: sum(logBytes), basis: isAssumed ? 'assumed' : isMeasured ? 'window' : 'mean' };
}

/** `undefined` where the churn was not measured in all of the window. */
function meanInWindow(churn: Churn, window: { fromMs: Millis; untilMs: Millis }): BytesPerSec | undefined {
  if (churn.kind === 'constant') return undefined;
  const { startMs, writtenBytes, endMs } = churn;
  if (startMs.length === 0 || startMs[0]! > window.fromMs || endMs < window.untilMs) return undefined;
  let bytes = 0;
  for (let i = 0; i < startMs.length; i++) {
    const untilMs = startMs[i + 1] ?? endMs;
    const sharedMs = Math.min(untilMs, window.untilMs) - Math.max(startMs[i]!, window.fromMs);
    if (sharedMs > 0) bytes += (writtenBytes[i]! * sharedMs) / (untilMs - startMs[i]!);
  }
  return (bytes * SECOND_MS) / (window.untilMs - window.fromMs);
}

function compressionOf({
  efficiencyRatio,
  efficiencyCycles,
  sentPerSizeRatio,
}: CombinedMeasure): CompressionCalibration {
  if (efficiencyRatio === null) {
    const reason =
      'no counter Compression Efficiency was logged; sizes alone do not tell, since Microsoft does not say whether they are taken before or after compression';
    return { ratio: null, basis: 'none', reason };
  }
  const percent = `${(efficiencyRatio * 100).toFixed(1)} %`;
  const cycles = efficiencyCycles === null ? 'cycles not counted' : `${efficiencyCycles} cycles`;
  const saved = 1 - efficiencyRatio;
  if (sentPerSizeRatio !== null && fitsOpposite(sentPerSizeRatio, saved, efficiencyRatio)) {
    const sent = `${(sentPerSizeRatio * 100).toFixed(1)} %`;
    const reason = `Compression Efficiency was ${percent} (${cycles}), but the bytes sent are ${sent} of the sizes: what is left and not what is saved. Not used; set the ratio with --compression`;
    return { ratio: null, basis: 'contradicted', reason };
  }
  const ratio = Math.min(MOST_RATIO, Math.max(LEAST_RATIO, saved));
  const bound = ratio === saved ? '' : `, bounded to ${ratio}`;
  const reason = `the counter Compression Efficiency was ${percent} on average (${cycles}), read as the share saved${bound}`;
  return { ratio, basis: 'counter', reason };
}

function fitsOpposite(sentPerSizeRatio: number, saved: number, left: number): boolean {
  if (sentPerSizeRatio > CLEARLY_LESS_RATIO) return false;
  return Math.abs(sentPerSizeRatio - left) + CLEARLY_NEARER < Math.abs(sentPerSizeRatio - saved);
}

function scoreOf(pairs: readonly CalibrationPair[]): MetricScore {
  const shares = pairs.flatMap(({ errorShare }) => errorShare ?? []).sort((a, b) => a - b);
  const middle = shares.length >> 1;
  const median = shares.length % 2 === 1 ? shares[middle]! : (shares[middle - 1]! + shares[middle]!) / 2;
  return {
    vmCount: shares.length,
    medianErrorShare: shares.length === 0 ? null : median,
    closeCount: shares.filter((share) => share <= CLOSE_SHARE).length,
  };
}

function weightedRatio(compared: readonly { vm: CalibratedVm; logBytesPerMs: number }[]): number | null {
  const told = compared.filter(({ vm }) => vm.compression.ratio !== null);
  const weight = sum(told.map(({ logBytesPerMs }) => logBytesPerMs));
  if (told.length === 0) return null;
  return sum(told.map(({ vm, logBytesPerMs }) => vm.compression.ratio! * logBytesPerMs)) / weight;
}

function perMetric<T>(value: (metric: CalibratedMetric) => T): Record<CalibratedMetric, T> {
  return Object.fromEntries(CALIBRATED_METRICS.map((metric) => [metric, value(metric)])) as Record<CalibratedMetric, T>;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
