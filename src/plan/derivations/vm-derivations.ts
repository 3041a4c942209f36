import { formatBytes, formatDurationMs, formatShare, type Millis } from '../../units.ts';
import type { PlanVm } from '../plan.ts';
import { assumed, at, type Derivation, type DerivationInput, type DerivedPlan, rowsText } from './derivation.ts';

/** How the numbers of one VM came about. */
export function vmDerivations(plan: DerivedPlan, vm: PlanVm): Derivation[] {
  return [
    worstRpo(plan, vm),
    withinTarget(plan, vm),
    initialReplication(plan, vm),
    churn(plan, vm),
    logPeak(plan, vm),
    resynchronization(plan, vm),
  ].filter((derivation) => derivation !== undefined);
}

/** Of the VM's disks, as the files have them. */
export function vmInputs(vm: PlanVm): DerivationInput[] {
  const from = rowsText(vm.readFrom);
  return [
    { name: 'usedBytes', value: vm.usedBytes, from },
    { name: 'churnBytesPerDay', value: vm.churnBytesPerDay, from: `${from}; churn known ${KNOWN[vm.confidence]}` },
  ];
}

const KNOWN: Readonly<Record<PlanVm['confidence'], string>> = {
  week: 'for every hour of the week',
  part: 'for part of the week',
  average: 'as one average',
  assumed: 'by an assumption only',
};

export function worstRpo(plan: DerivedPlan, vm: PlanVm): Derivation | undefined {
  const { maxMs } = vm.steadyRpo;
  const { worstAgeAtMs } = vm;
  if (maxMs === null || worstAgeAtMs === null) return undefined;
  const pointMs = worstAgeAtMs - maxMs;
  const ends = worstAgeAtMs >= plan.horizonMs ? 'the run ends' : 'the next delta arrived';
  return {
    ...{ id: 'vm-rpo-worst', title: `Worst RPO of ${vm.name}`, value: maxMs, unit: 'ms' },
    formula: 'instant at which the next recovery point is at the target − instant of the newest one’s cut',
    filled: `${at(plan, worstAgeAtMs)} − ${at(plan, pointMs)} = ${formatDurationMs(maxMs)}`,
    inputs: [...vmInputs(vm), ...assumed(plan, 'copyFrequencyMs', 'capacityBitsPerSec', 'compressionRatio')],
    rule: 'The age of the newest recovery point at the target, from the arrival of the first delta on. A set is worth its cut, not its arrival.',
    source:
      'semantics of the run: RPO as the age of the recovery point (docs/method.md); chosen: from the first delta on',
    window: {
      fromMs: pointMs,
      untilMs: worstAgeAtMs,
      what: `${ends}; until then ${heldBack(vm, pointMs, worstAgeAtMs)}`,
    },
  };
}

/** What held the VM back in a window: constraints by the time that each held in it. */
function heldBack({ constraints }: PlanVm, fromMs: Millis, untilMs: Millis): string {
  const held = new Map<string, Millis>();
  for (const { constraint, startMs, endMs } of constraints) {
    const overlapMs = Math.min(endMs, untilMs) - Math.max(startMs, fromMs);
    if (overlapMs > 0) held.set(constraint, (held.get(constraint) ?? 0) + overlapMs);
  }
  const parts = [...held].sort(([, a], [, b]) => b - a).slice(0, 3);
  if (parts.length === 0) return 'nothing held it back';
  return `it was held back mostly by ${parts.map(([constraint, ms]) => `${CONSTRAINT_WORDS[constraint] ?? constraint} (${formatDurationMs(Math.round(ms))})`).join(', ')}`;
}

const CONSTRAINT_WORDS: Readonly<Record<string, string>> = {
  churn: 'nothing but the wait for the next cut',
  threads: 'its own connections',
  host: 'its host’s way out',
  slots: 'its host’s transfer slots',
  link: 'the link',
  throttle: 'a throttle',
  read: 'its volume’s reads',
  replica: 'the replica’s storage',
  backOff: 'the wait for the next attempt',
  space: 'want of space',
  work: 'a merge or another job',
  window: 'a set time',
  administrator: 'an administrator’s action',
  unprotected: 'missing protection',
};

function withinTarget(plan: DerivedPlan, vm: PlanVm): Derivation | undefined {
  const { withinTargetFraction, observedMs } = vm.steadyRpo;
  if (withinTargetFraction === null) return undefined;
  const withinMs = Math.round(withinTargetFraction * observedMs);
  return {
    ...{
      id: 'vm-rpo-within',
      title: `Time of ${vm.name} within the objective`,
      value: withinTargetFraction,
      unit: 'share',
    },
    formula: 'time with an age of at most the objective ÷ time from the first delta on',
    filled: `${formatDurationMs(withinMs)} ÷ ${formatDurationMs(observedMs)} = ${formatShare(withinTargetFraction)}`,
    inputs: assumed(plan, 'rpoTargetMs'),
    rule: 'Every moment counts alike, not only cycles.',
    source: 'chosen (docs/method.md)',
    window:
      vm.firstDeltaAtMs === null
        ? null
        : { fromMs: vm.firstDeltaAtMs, untilMs: plan.horizonMs, what: 'from the first delta on' },
  };
}

export function initialReplication(plan: DerivedPlan, vm: PlanVm): Derivation | undefined {
  const { startMs, endMs, sentBytes } = vm.initialReplication;
  if (startMs === null) return undefined;
  const takesMs = endMs === null ? null : endMs - startMs;
  const rate =
    takesMs === null || takesMs === 0 ? '' : `; on average ${formatBytes((sentBytes * 1000) / takesMs)} a second`;
  return {
    ...{ id: 'vm-initial-replication', title: `Initial replication of ${vm.name}`, value: takesMs, unit: 'ms' },
    formula: 'arrival of the last disk − start',
    filled:
      endMs === null
        ? `started ${at(plan, startMs)}; not through after ${formatDurationMs(plan.horizonMs)}, ${formatBytes(sentBytes)} sent`
        : `${at(plan, endMs)} − ${at(plan, startMs)} = ${formatDurationMs(endMs - startMs)} for ${formatBytes(sentBytes)} on the wire${rate}`,
    inputs: [
      ...vmInputs(vm).slice(0, 1),
      ...assumed(
        plan,
        'capacityBitsPerSec',
        'efficiencyRatio',
        'compressionRatio',
        'initialReplication',
        'mergeBytesPerSec',
      ),
    ],
    rule: 'Used bytes × compression ÷ the link’s efficiency, in fair shares with all that flows at the time.',
    source: 'docs/method.md: initial replication, the link',
    window: { fromMs: startMs, untilMs: endMs ?? plan.horizonMs, what: 'its initial replication' },
  };
}

function churn(plan: DerivedPlan, vm: PlanVm): Derivation {
  return {
    ...{ id: 'vm-churn', title: `Churn of ${vm.name} per day`, value: vm.churnBytesPerDay, unit: 'bytes' },
    formula: 'written in the run × a day ÷ the run',
    filled: `${formatBytes(vm.bytes.written)} × 1 d ÷ ${formatDurationMs(plan.horizonMs)} = ${formatBytes(vm.churnBytesPerDay)}`,
    inputs: [
      { name: 'churn', value: `known ${KNOWN[vm.confidence]}`, from: rowsText(vm.readFrom) },
      ...assumed(plan, 'growthRatio'),
    ],
    rule: 'A measured series is replayed, and repeated by whole weeks or days after its end; growth multiplies it.',
    source: 'docs/method.md: churn',
    window: null,
  };
}

function logPeak(plan: DerivedPlan, vm: PlanVm): Derivation {
  return {
    ...{ id: 'vm-log-peak', title: `Most that the logs of ${vm.name} took`, value: vm.hrlPeakBytes, unit: 'bytes' },
    formula: 'the largest sum, over its disks, of the open log and those in flight',
    filled: `${formatBytes(vm.hrlPeakBytes)} at ${at(plan, vm.hrlPeakAtMs)}; the fullest disk’s reached ${formatShare(vm.hrlPeakRatio)} of its size`,
    inputs: vmInputs(vm).slice(1),
    rule: 'A log holds what was written since the last cut, with its metadata. Logs that reach half of a disk’s size mark the VM for resynchronization.',
    source: 'Microsoft, Hyper-V Replica log files; the file format’s overhead was measured (docs/method.md)',
    window: { fromMs: vm.hrlPeakAtMs, untilMs: vm.hrlPeakAtMs, what: 'its logs were largest' },
  };
}

function resynchronization(plan: DerivedPlan, vm: PlanVm): Derivation {
  const { resync } = vm.resyncCost;
  return {
    ...{ id: 'vm-resync', title: `A resynchronization of ${vm.name}`, value: resync.durationMs, unit: 'ms' },
    formula:
      'time to compare its largest disk, and to send the chunks that differ where half of each disk’s size was logged',
    filled: `compare ${formatDurationMs(Math.round(resync.compareMs))}; ${resync.differingChunkCount.toLocaleString('en-US')} of ${resync.chunkCount.toLocaleString('en-US')} chunks differ, ${formatBytes(resync.wireBytes)} on the wire: ${formatDurationMs(resync.durationMs)} in all`,
    inputs: [
      ...vmInputs(vm).slice(0, 1),
      ...assumed(plan, 'capacityBitsPerSec', 'chunkBytes', 'compareBytesPerSec', 'resyncLogRatio'),
    ],
    rule: 'It has the link for itself here; what is written meanwhile is not counted.',
    source: 'docs/method.md: resynchronization',
    window: null,
  };
}
