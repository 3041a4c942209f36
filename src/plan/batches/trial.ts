import type { VmOverride } from '../../model/policy.ts';
import { settingsOf } from '../../model/policy.ts';
import type { Run } from '../../model/run.ts';
import type { RunResult } from '../../simulate/result.ts';
import { simulate } from '../../simulate/simulate.ts';
import { type Bytes, HOUR_MS, type Millis } from '../../units.ts';
import type { ArrangedBatch } from './arrange.ts';
import { type FleetModel, LOOK_AHEAD_MS } from './fleet-model.ts';

/** What a simulation of the batches came to. */
export interface TrialResult {
  readonly untilMs: Millis;
  readonly batches: readonly TrialBatch[];
  readonly initialReplicationEndMs: Millis | null;
  readonly endMs: Millis | null;
  readonly lateVmCount: number;
}

export interface TrialBatch {
  readonly initialReplicationEndMs: Millis | null;
  readonly endMs: Millis | null;
  /** The most on each of its members' volumes while it ran, in their order. */
  readonly peakBytes: readonly Bytes[];
  /** Members that were marked for resynchronization since their logs grew too large. */
  readonly markedCount: number;
  readonly lateVmCount: number;
}

/** Starts of the batches, and who is in them, as settings of a run. */
export interface EnabledBatch {
  readonly startMs: Millis;
  readonly vms: readonly string[];
}

/** The run with every VM of a batch enabled at its start, at once. A VM of no batch stays as it is. */
export function withBatches(run: Run, batches: readonly EnabledBatch[]): Run {
  const startOf = new Map(batches.flatMap(({ startMs, vms }) => vms.map((vm) => [vm, startMs] as const)));
  const own = new Map(run.policy.overrides.map((override) => [override.vm, override]));
  const names = run.workload.vms.map(({ name }) => name);
  const settings = settingsOf(run.policy, names);
  const known = new Set(names);
  const overrides = names.flatMap((vm, index): VmOverride[] => {
    const startMs = startOf.get(vm);
    const before = own.get(vm);
    if (startMs === undefined) return before === undefined ? [] : [before];
    const initialReplication = { ...settings[index]!.initialReplication, enableAtMs: startMs, startAtMs: 0 };
    return [{ ...before, vm, settings: { ...before?.settings, initialReplication } }];
  });
  const others = run.policy.overrides.filter(({ vm }) => !known.has(vm));
  return { ...run, policy: { ...run.policy, overrides: [...overrides, ...others] } };
}

/** A bit beyond the last end that is expected: what comes later is not the batches' affair. */
export function trialHorizonMs(batches: readonly ArrangedBatch[]): Millis {
  const last = batches.findLast(({ endMs }) => endMs !== null)?.endMs ?? 0;
  const isEndless = batches.some(({ endMs }) => endMs === null);
  const wanted = isEndless ? Math.max(last * 1.1, last + 24 * HOUR_MS) : last * 1.1 + 2 * HOUR_MS;
  return Math.min(LOOK_AHEAD_MS, Math.ceil(wanted / HOUR_MS) * HOUR_MS);
}

/** One simulation on volumes that never run short, so that it says what is needed. */
export function tryBatches(model: FleetModel, batches: readonly ArrangedBatch[], untilMs: Millis): TrialResult {
  const { run } = model;
  const enabled = batches.map(({ startMs, members }) => ({
    startMs: startMs ?? LOOK_AHEAD_MS,
    vms: members.map(({ candidate }) => candidate.vm.name),
  }));
  const volumes = run.site.volumes.map(({ freeBytes: _, ...volume }) => volume);
  const events = run.events.filter(({ kind }) => kind !== 'volumeTaken');
  const roomy = {
    ...withBatches(run, enabled),
    ...{ site: { ...run.site, volumes }, events, options: { ...run.options, horizonMs: untilMs } },
  };
  const result = simulate(roomy);
  const ends = batches.map((batch) => endsOf(batch, result));
  const late = lateVms(result);
  const known = batches.filter(({ startMs }) => startMs !== null);
  return {
    untilMs,
    batches: batches.map((batch, b) => {
      const { startMs } = batch;
      const nextMs = batches[b + 1]?.startMs ?? untilMs;
      const stopMs = Math.min(untilMs, Math.max(ends[b]!.endMs ?? untilMs, nextMs));
      return {
        ...ends[b]!,
        peakBytes: batch.volumes.map(({ volume }) =>
          startMs === null ? 0 : peakBetween(result, volume, startMs, ends[b]!.endMs ?? stopMs),
        ),
        lateVmCount: startMs === null ? 0 : late.filter((atMs) => atMs >= startMs && atMs < stopMs).length,
      };
    }),
    initialReplicationEndMs: latest(ends.map((end) => end.initialReplicationEndMs)),
    endMs: latest(ends.map((end) => end.endMs)),
    lateVmCount: known.length === 0 ? 0 : late.length,
  };
}

function endsOf({ members }: ArrangedBatch, { vms }: RunResult): Omit<TrialBatch, 'peakBytes' | 'lateVmCount'> {
  const own = members.map(({ candidate }) => vms[candidate.index]!);
  return {
    initialReplicationEndMs: latest(own.map(({ initialReplication }) => initialReplication.endMs)),
    endMs: latest(own.map(({ firstDeltaAtMs }) => firstDeltaAtMs)),
    markedCount: own.filter(({ resyncCauses }) => resyncCauses.some(({ cause }) => cause === 'logsAtHalfDisk')).length,
  };
}

/** `null` where one is. */
function latest(instants: readonly (Millis | null)[]): Millis | null {
  let last = 0;
  for (const atMs of instants) {
    if (atMs === null) return null;
    last = Math.max(last, atMs);
  }
  return last;
}

/** Last breaches of the objective, of the VMs that had one. */
function lateVms({ vms }: RunResult): Millis[] {
  return vms.flatMap(({ lastBreachAtMs }) => lastBreachAtMs ?? []);
}

/**
 * Largest sums of the buckets that the time touches, logs and others at their own worst: at most the volume's own peak, so that where it
 * fits it does.
 */
function peakBetween({ volumes, series }: RunResult, volume: number, fromMs: Millis, untilMs: Millis): Bytes {
  const { stateBucketMs: bucketMs } = series;
  const hrl = series.volumeHrlBytes[volume] ?? [];
  let most = 0;
  const last = Math.min(hrl.length - 1, Math.floor(untilMs / bucketMs));
  for (let bucket = Math.floor(fromMs / bucketMs); bucket <= last; bucket++) {
    const snapshot = series.volumeSnapshotBytes[volume]![bucket]!;
    most = Math.max(most, hrl[bucket]! + snapshot + (series.volumeGrowthBytes[volume]![bucket] ?? 0));
  }
  return Math.min(most, volumes[volume]!.extraPeakBytes);
}
