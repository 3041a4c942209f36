/**
 * Initial replication in batches: a greedy rule over what the run's own data say, tried by the simulation and made stricter where that
 * comes to more. The deployment planner's documented rule stands beside it.
 */
import { CAUSES } from '../../model/cause.ts';
import type { Run } from '../../model/run.ts';
import { type Bytes, DAY_MS, formatBytes, formatDurationMs, type Millis } from '../../units.ts';
import { type ArrangedBatch, arrange, nextStart } from './arrange.ts';
import type { BatchPlan, BatchVm, PlannedBatch } from './batch-parts.ts';
import { type FleetModel, fleetModel, LOOK_AHEAD_MS } from './fleet-model.ts';
import type { Caution } from './open-batch.ts';
import { plannerBatching } from './planner-rule.ts';
import { type TrialResult, trialHorizonMs, tryBatches } from './trial.ts';
import { adviceFor, differencesOf, whyOf } from './words.ts';

export type * from './batch-parts.ts';
export { withBatches } from './trial.ts';

export interface BatchOptions {
  /** Whether the deltas alone keep the objective on this link; absent = yes. */
  readonly objectiveHoldsAlone?: boolean;
  /** Called before each simulation. */
  readonly onTry?: (round: number) => void;
}

/** Simulations at most, and VM-days of all of them together: four of a thousand VMs over a week. [chosen] */
const ROUNDS_MOST = 3;
const VM_DAYS_MOST = 4 * 1000 * 7;
/** Predicted durations count so much longer. [chosen] */
const TIME_MARGIN = 1.05;
/** What a simulation came to more is expected again, and a bit. */
const STRICTER = 1.1;
/** A last round is worth it where batches wait for each other for more than this share of the time. [chosen] */
const IDLE_SHARE = 0.15;

const FIRST: Omit<Caution, 'keepsObjective'> = { time: TIME_MARGIN, space: 1, flows: 1 };

/** @returns `null` where there is nothing to be copied: no VM that can be protected, or all are */
export function batchesOf(run: Run, { objectiveHoldsAlone = true, onTry }: BatchOptions = {}): BatchPlan | null {
  if (run.options.skipInitialReplication) return null;
  const model = fleetModel(run);
  if (model.candidates.length === 0) return null;
  let caution: Caution = { ...FIRST, keepsObjective: objectiveHoldsAlone };
  let arrangement: readonly ArrangedBatch[] = arrange(model, caution);
  let best: Round | undefined;
  let roundCount = 0;
  let vmDays = 0;
  for (;;) {
    const untilMs = boundedHorizon(model, trialHorizonMs(arrangement), VM_DAYS_MOST - vmDays);
    vmDays += (untilMs / DAY_MS) * run.workload.vms.length;
    roundCount++;
    onTry?.(roundCount);
    const round = judged(model, arrangement, tryBatches(model, arrangement, untilMs), caution);
    if (best === undefined || isBetter(round, best)) best = round;
    const isLast = roundCount === ROUNDS_MOST || vmDays * (1 + 1 / roundCount) > VM_DAYS_MOST;
    if (isLast) break;
    if (round.faults.length > 0) {
      caution = stricter(caution, round);
      arrangement = arrange(model, caution);
    } else {
      const closer = best === round ? closedUp(round) : undefined;
      if (closer === undefined) break;
      arrangement = closer;
    }
  }
  return planOf(model, best!, roundCount, objectiveHoldsAlone);
}

/** A simulation is not longer than the work allows, but goes over a day in any case. */
function boundedHorizon({ run }: FleetModel, wantedMs: Millis, vmDays: number): Millis {
  const affordableMs = Math.max(DAY_MS, (vmDays / run.workload.vms.length) * DAY_MS);
  return Math.ceil(Math.min(wantedMs, affordableMs));
}

interface Round {
  readonly batches: readonly ArrangedBatch[];
  readonly trial: TrialResult;
  readonly caution: Caution;
  readonly faults: readonly Fault[];
}

type Fault =
  | { readonly kind: 'overrun'; readonly batch: number; readonly ratio: number }
  | {
      readonly kind: 'space';
      readonly batch: number;
      readonly volume: string;
      readonly missingBytes: Bytes;
      readonly ratio: number;
    }
  | { readonly kind: 'late'; readonly batch: number; readonly count: number }
  | { readonly kind: 'marked'; readonly batch: number; readonly count: number }
  | { readonly kind: 'unfinished'; readonly batch: number };

/** What the simulation says against the batches; those that are known not to fit are not blamed for it. */
function judged(model: FleetModel, batches: readonly ArrangedBatch[], trial: TrialResult, caution: Caution): Round {
  const faults: Fault[] = [];
  batches.forEach(({ startMs, endMs, fits, volumes }, batch) => {
    const came = trial.batches[batch]!;
    if (startMs === null || endMs === null) return;
    const nextMs = batches[batch + 1]?.startMs ?? null;
    if (came.endMs === null) {
      faults.push({ kind: 'unfinished', batch });
    } else if (nextMs !== null && came.endMs > nextMs) {
      faults.push({ kind: 'overrun', batch, ratio: (came.endMs - startMs) / Math.max(1, endMs - startMs) });
    }
    if (!fits) return;
    volumes.forEach(({ volume, needBytes }, place) => {
      const { name, roomBytes } = model.volumes[volume]!;
      const missingBytes = Math.ceil(came.peakBytes[place]! - roomBytes);
      if (missingBytes <= 0) return;
      const ratio = came.peakBytes[place]! / Math.max(1, needBytes);
      faults.push({ kind: 'space', batch, volume: name, missingBytes, ratio });
    });
    if (came.markedCount > 0) faults.push({ kind: 'marked', batch, count: came.markedCount });
    if (caution.keepsObjective && came.lateVmCount > 0) faults.push({ kind: 'late', batch, count: came.lateVmCount });
  });
  return { batches, trial, caution, faults };
}

/** Fewer faults, then the earlier end. */
function isBetter(round: Round, than: Round): boolean {
  if (round.faults.length !== than.faults.length) return round.faults.length < than.faults.length;
  return (round.trial.endMs ?? Number.POSITIVE_INFINITY) < (than.trial.endMs ?? Number.POSITIVE_INFINITY);
}

function stricter(caution: Caution, { faults }: Round): Caution {
  let { time, space, flows } = caution;
  for (const fault of faults) {
    if (fault.kind === 'overrun') time = Math.max(time, caution.time * fault.ratio * STRICTER);
    if (fault.kind === 'unfinished') time = Math.max(time, caution.time * 1.25);
    if (fault.kind === 'space') space = Math.max(space, caution.space * Math.max(1, fault.ratio) * STRICTER);
    if (fault.kind === 'marked') time = Math.max(time, caution.time * STRICTER);
    if (fault.kind === 'late') flows = caution.flows / 2;
  }
  return { ...caution, time: Math.min(4, time), space: Math.min(4, space), flows };
}

/** The same batches at the ends that the simulation found, where they have waited long for each other. */
function closedUp({ batches, trial }: Round): readonly ArrangedBatch[] | undefined {
  let idleMs = 0;
  let startMs: Millis | null = 0;
  const closer: ArrangedBatch[] = [];
  for (const [index, batch] of batches.entries()) {
    const came = trial.batches[index]!;
    if (startMs === null || batch.startMs === null || batch.endMs === null || came.endMs === null) return undefined;
    const tookMs = came.endMs - batch.startMs;
    closer.push({ ...batch, startMs, endMs: startMs + tookMs * TIME_MARGIN });
    const nextMs = batches[index + 1]?.startMs ?? null;
    if (nextMs !== null) idleMs += nextMs - came.endMs;
    startMs = nextStart(startMs + tookMs * TIME_MARGIN);
  }
  return trial.endMs !== null && idleMs > trial.endMs * IDLE_SHARE ? closer : undefined;
}

function planOf(
  model: FleetModel,
  { batches, trial, faults }: Round,
  roundCount: number,
  objectiveHoldsAlone: boolean,
): BatchPlan {
  const planned = batches.map((batch, index) => plannedBatch(model, batch, index, trial));
  const planner = plannerBatching(model.run, model);
  const lacking = batches.flatMap(({ fits, members }) => (fits ? [] : members));
  const broken = faults.map((fault) => faultText(model, planned[fault.batch]!, fault, trial));
  if (lacking.length > 0) {
    broken.push(
      `${lacking.length === 1 ? '1 VM fits' : `${lacking.length} VMs fit`} in no batch where ${lacking.length === 1 ? 'it is' : 'they are'}.`,
    );
  }
  return {
    batches: planned,
    leftOut: model.run.policy.overrides.flatMap(({ vm, missingPrerequisite: why }) =>
      why === undefined ? [] : [{ vm, why }],
    ),
    holds: broken.length === 0,
    ...{ broken, roundCount, simulatedUntilMs: trial.untilMs },
    initialReplicationEndMs: trial.initialReplicationEndMs,
    endMs: trial.endMs,
    lateVmCount: trial.lateVmCount,
    ...{ objectiveHoldsAlone, planner },
    differences: differencesOf(model, planned, planner),
  };
}

function plannedBatch(model: FleetModel, batch: ArrangedBatch, index: number, trial: TrialResult): PlannedBatch {
  const came = trial.batches[index]!;
  const isSimulated = batch.startMs !== null && batch.startMs < trial.untilMs;
  const { startMs, members, volumes } = batch;
  return {
    ...{ name: `Batch ${index + 1}`, startMs, fits: batch.fits },
    predictedEndMs: batch.endMs === null ? null : Math.ceil(batch.endMs),
    initialReplicationEndMs: isSimulated ? came.initialReplicationEndMs : null,
    endMs: isSimulated ? came.endMs : null,
    usedBytes: members.reduce((sum, { candidate }) => sum + candidate.usedBytes, 0),
    wireBytes: members.reduce((sum, { candidate }) => sum + candidate.wireBytes, 0),
    availableBitsPerSec: Math.round(batch.availableBytesPerMs * 8000),
    deltaBitsPerSec: Math.round(batch.deltaBytesPerMs * 8000),
    vms: members.map((one): BatchVm => {
      const why = whyOf(model, one, index);
      return {
        vm: one.candidate.vm.name,
        ...{ limit: why.limit, why: why.text },
        wireBytes: one.candidate.wireBytes,
        aloneMs: one.alone.endMs === null ? null : Math.ceil(one.alone.endMs),
        deficits: one.deficits.map(({ volume, missingBytes }) => ({
          ...{ volume: model.volumes[volume]!.name, missingBytes },
        })),
        advice: batch.fits ? null : adviceFor(model, one),
      };
    }),
    volumes: volumes.map(({ volume, needBytes }, place) => ({
      volume: model.volumes[volume]!.name,
      roomBytes: roomOf(model, volume),
      predictedBytes: Math.ceil(needBytes),
      simulatedBytes: isSimulated ? Math.ceil(came.peakBytes[place]!) : null,
    })),
    lateVmCount: isSimulated ? came.lateVmCount : 0,
  };
}

function roomOf({ volumes }: FleetModel, volume: number): Bytes | null {
  const { roomBytes } = volumes[volume]!;
  return roomBytes === Number.POSITIVE_INFINITY ? null : Math.floor(roomBytes);
}

function faultText(
  model: FleetModel,
  { name, lateVmCount }: PlannedBatch,
  fault: Fault,
  { untilMs }: TrialResult,
): string {
  const target = formatDurationMs(model.run.options.rpoTargetMs);
  switch (fault.kind) {
    case 'overrun':
      return `${name} is not over when the next one begins.`;
    case 'unfinished':
      return untilMs >= LOOK_AHEAD_MS
        ? `${name} is not over within ${formatDurationMs(LOOK_AHEAD_MS)}.`
        : `${name} was not over within the ${formatDurationMs(untilMs)} that were simulated.`;
    case 'space':
      return `${name} needs ${formatBytes(fault.missingBytes)} more on ${fault.volume} than there is.`;
    case 'marked':
      return `${fault.count === 1 ? '1 VM' : `${fault.count} VMs`} of ${name} ${fault.count === 1 ? 'is' : 'are'} marked for resynchronization: ${CAUSES.logsAtHalfDisk.title}.`;
    case 'late':
      return `While ${name} runs, ${lateVmCount === 1 ? 'the recovery point of 1 VM becomes' : `recovery points of ${lateVmCount} VMs become`} older than ${target}.`;
    default:
      return fault satisfies never;
  }
}
