import type { Run } from '../../model/run.ts';
import type { VmResult } from '../../simulate/result.ts';
import type { Millis } from '../../units.ts';
import { type Figure, rpoFigures } from './figure.ts';

/** Causes of traffic, as they are called. */
export const CAUSE_NAMES = { initial: 'initial replication', delta: 'delta replication', resync: 'resynchronization' };
/** Whose ages `rpo` are. */
export const AFTER_FIRST_DELTA = 'from each VM’s first delta on: what the verdict counts';
/** Whose ages `rpo.all` are. */
export const ALL_ALONG = 'from protection on, the backlog of initial replication included';

/** Figures of each VM. */
export const VM_FIGURES: readonly Figure<VmResult>[] = [
  ...rpoFigures<VmResult>('rpo', 'vms[].steadyRpo', 'from the VM’s first delta on', (vm) => vm.steadyRpo),
  ...rpoFigures<VmResult>('rpo.all', 'vms[].rpo', ALL_ALONG, (vm) => vm.rpo),
  {
    name: 'ir.end',
    dimension: 'ms',
    meaning:
      'When its initial replication ended, from the start of the run; never, where it did not end within the horizon',
    source: 'vms[].initialReplication.endMs',
    of: (vm, run) => initialEnd(vm, run),
  },
  {
    name: 'ir.bytes',
    dimension: 'B',
    meaning: 'Sent for its initial replication',
    source: 'vms[].initialReplication.sentBytes',
    of: (vm) => vm.initialReplication.sentBytes,
  },
  {
    name: 'protected.at',
    dimension: 'ms',
    meaning: 'When protection was finalized, from the start of the run; never, where it was not within the horizon',
    source: 'vms[].protectedAtMs',
    of: (vm) => vm.protectedAtMs ?? Number.POSITIVE_INFINITY,
  },
  {
    name: 'delta.at',
    dimension: 'ms',
    meaning: 'When its first delta arrived, from the start of the run; never, where none did within the horizon',
    source: 'vms[].firstDeltaAtMs',
    of: (vm) => vm.firstDeltaAtMs ?? Number.POSITIVE_INFINITY,
  },
  {
    name: 'resyncs',
    dimension: 'number',
    meaning: 'Times that it was marked for resynchronization',
    source: 'vms[].resyncCount',
    of: (vm) => vm.resyncCount,
  },
  {
    name: 'missed',
    dimension: 'number',
    meaning: 'Cycles that it missed',
    source: 'vms[].cycles.missed',
    of: (vm) => vm.cycles.missed,
  },
  {
    name: 'failed',
    dimension: 'number',
    meaning: 'Attempts of it that failed',
    source: 'vms[].cycles.failed',
    of: (vm) => vm.cycles.failed,
  },
  {
    name: 'completed',
    dimension: 'number',
    meaning: 'Cycles that it completed',
    source: 'vms[].cycles.completed',
    of: (vm) => vm.cycles.completed,
  },
  {
    name: 'critical',
    dimension: 'truth',
    meaning: 'Whether its health is Critical at the end of the run',
    source: 'vms[].health',
    of: (vm) => vm.health === 'Critical',
  },
  {
    name: 'unprotected',
    dimension: 'truth',
    meaning: 'Whether it had no delta yet at the end of the run, or no replication any more',
    source: 'vms[].firstDeltaAtMs, vms[].phaseAtEnd',
    of: (vm) => isUnprotected(vm),
  },
  {
    name: 'late.until',
    dimension: 'ms',
    meaning:
      'The last instant at which its recovery point was older than the run’s target after its first delta; 0 where it never was',
    source: 'vms[].lastBreachAtMs',
    of: (vm) => (vm.firstDeltaAtMs === null ? null : (vm.lastBreachAtMs ?? 0)),
  },
  {
    name: 'loss.max',
    dimension: 'ms',
    meaning: 'Largest data loss of its failovers; 0 where it did not fail over',
    source: 'vms[].failovers[].dataLossMs',
    needsDetail: true,
    of: (vm) => largestLoss(vm),
  },
  {
    name: 'log.max',
    dimension: 'B',
    meaning: 'Largest sum of its open and in-flight logs',
    source: 'vms[].hrlPeakBytes',
    needsDetail: true,
    of: (vm) => vm.hrlPeakBytes,
  },
  {
    name: 'log.fill',
    dimension: 'number',
    meaning: 'Largest share of a disk’s virtual size that its logs took; 50 % mark for resynchronization',
    source: 'vms[].hrlPeakRatio',
    needsDetail: true,
    of: (vm) => vm.hrlPeakRatio,
  },
  {
    name: 'snapshot.max',
    dimension: 'B',
    meaning: 'Largest size of its snapshot during initial replication',
    source: 'vms[].snapshotPeakBytes',
    needsDetail: true,
    of: (vm) => vm.snapshotPeakBytes,
  },
  {
    name: 'sent',
    dimension: 'B',
    meaning: 'Sent for it',
    source: 'vms[].sentBytes',
    of: ({ sentBytes }) => sentBytes.initial + sentBytes.delta + sentBytes.resync,
  },
  ...(['initial', 'delta', 'resync'] as const).map(
    (cause): Figure<VmResult> => ({
      name: `sent.${cause}`,
      dimension: 'B',
      meaning: `The same for ${CAUSE_NAMES[cause]} alone`,
      source: `vms[].sentBytes.${cause}`,
      of: (vm) => vm.sentBytes[cause],
    }),
  ),
  {
    name: 'written',
    dimension: 'B',
    meaning: 'Written by its guest within the horizon',
    source: 'vms[].bytes.written',
    of: (vm) => vm.bytes.written,
  },
];

/** `null` where protection could not be enabled; 0 where none was to be done; never, where it did not end. */
export function initialEnd(vm: VmResult, run: Run): Millis | null {
  if (vm.enableFailure !== null) return null;
  return run.options.skipInitialReplication ? 0 : (vm.initialReplication.endMs ?? Number.POSITIVE_INFINITY);
}

/** No delta yet, or no replication any more. */
export function isUnprotected(vm: VmResult): boolean {
  return vm.firstDeltaAtMs === null || vm.phaseAtEnd === 'unprotected';
}

/** 0 where it did not fail over. */
export function largestLoss(vm: VmResult): Millis {
  return vm.failovers.reduce((most, { dataLossMs }) => Math.max(most, dataLossMs), 0);
}
