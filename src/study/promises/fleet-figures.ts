import type { RunResult, VmResult } from '../../simulate/result.ts';
import type { Millis } from '../../units.ts';
import { type Figure, rpoFigures } from './figure.ts';
import { AFTER_FIRST_DELTA, ALL_ALONG, CAUSE_NAMES, initialEnd, isUnprotected, largestLoss } from './vm-figures.ts';

/** Figures of the whole fleet and of the site's link. */
export const FLEET_FIGURES: readonly Figure<RunResult>[] = [
  ...rpoFigures<RunResult>('rpo', 'rpo.steady', AFTER_FIRST_DELTA, ({ rpo }) => rpo.steady),
  ...rpoFigures<RunResult>('rpo.all', 'rpo', ALL_ALONG, ({ rpo }) => rpo),
  {
    name: 'ir.end',
    dimension: 'ms',
    meaning:
      'When the last initial replication ended, from the start of the run; never, where one did not end within the horizon; VMs whose Enable protection failed are left out',
    source: 'vms[].initialReplication.endMs',
    of: (result, run) => latest(result.vms.filter((vm) => vm.enableFailure === null).map((vm) => initialEnd(vm, run))),
  },
  {
    name: 'ir.bytes',
    dimension: 'B',
    meaning: 'Sent for initial replication',
    source: 'vms[].initialReplication.sentBytes',
    of: ({ vms }) => sum(vms, (vm) => vm.initialReplication.sentBytes),
  },
  {
    name: 'resyncs',
    dimension: 'number',
    meaning: 'Times that a VM was marked for resynchronization',
    source: 'vms[].resyncCount',
    of: ({ vms }) => sum(vms, (vm) => vm.resyncCount),
  },
  {
    name: 'cycles.missed',
    dimension: 'number',
    meaning: 'Cycles that were missed, all VMs together',
    source: 'vms[].cycles.missed',
    of: ({ vms }) => sum(vms, (vm) => vm.cycles.missed),
  },
  {
    name: 'cycles.failed',
    dimension: 'number',
    meaning: 'Attempts that failed, all VMs together',
    source: 'vms[].cycles.failed',
    of: ({ vms }) => sum(vms, (vm) => vm.cycles.failed),
  },
  {
    name: 'critical',
    dimension: 'number',
    meaning: 'VMs whose health is Critical at the end of the run',
    source: 'vms[].health',
    of: ({ vms }) => sum(vms, (vm) => (vm.health === 'Critical' ? 1 : 0)),
  },
  {
    name: 'unprotected',
    dimension: 'number',
    meaning: 'VMs that had no delta yet at the end of the run, or no replication any more: `rpo` says nothing of them',
    source: 'vms[].firstDeltaAtMs, vms[].phaseAtEnd',
    of: ({ vms }) => sum(vms, (vm) => (isUnprotected(vm) ? 1 : 0)),
  },
  {
    name: 'late.until',
    dimension: 'ms',
    meaning:
      'The last instant at which a recovery point was older than the run’s target after a first delta, from the start of the run; 0 where none was',
    source: 'vms[].lastBreachAtMs',
    of: ({ vms }) => latest(vms.filter((vm) => vm.firstDeltaAtMs !== null).map((vm) => vm.lastBreachAtMs ?? 0)),
  },
  {
    name: 'loss.max',
    dimension: 'ms',
    meaning: 'Largest data loss of a failover; 0 where none failed over',
    source: 'vms[].failovers[].dataLossMs',
    needsDetail: true,
    of: ({ vms }) => vms.reduce((most, vm) => Math.max(most, largestLoss(vm)), 0),
  },
  {
    name: 'link.busy',
    dimension: 'number',
    meaning: 'Share of the horizon in which something was being sent over the site’s link',
    source: 'link.busyFraction',
    of: ({ link }) => link.busyFraction,
  },
  {
    name: 'link.clipped',
    dimension: 'number',
    meaning: 'Share of the horizon in which somebody waited for the site’s link',
    source: 'link.clippedFraction',
    of: ({ link }) => link.clippedFraction,
  },
  {
    name: 'link.p95',
    dimension: 'bit/s',
    meaning: '95th percentile of the traffic over the site’s link, averaged in buckets of the series',
    source: 'link.p95BitsPerSec',
    needsDetail: true,
    of: ({ link }) => link.p95BitsPerSec,
  },
  {
    name: 'link.capacity',
    dimension: 'bit/s',
    meaning: 'What the site’s link carries',
    source: 'link.capacityBitsPerSec',
    of: ({ link }) => link.capacityBitsPerSec,
  },
  {
    name: 'link.outages',
    dimension: 'number',
    meaning: 'Outages of the site’s link that came, drawn ones too',
    source: 'link.outages',
    of: ({ link }) => link.outages.length,
  },
  ...(['total', 'initial', 'delta', 'resync'] as const).map(
    (cause): Figure<RunResult> => ({
      name: cause === 'total' ? 'link.sent' : `link.sent.${cause}`,
      dimension: 'B',
      meaning: cause === 'total' ? 'Sent over the site’s link' : `The same for ${CAUSE_NAMES[cause]} alone`,
      source: `link.sentBytes.${cause}`,
      of: ({ link }) => link.sentBytes[cause],
    }),
  ),
];

/** The latest of some instants; `null` where there are none, or one has none. */
function latest(instants: readonly (Millis | null)[]): Millis | null {
  let last: Millis | null = null;
  for (const instant of instants) {
    if (instant === null) return null;
    last = Math.max(last ?? 0, instant);
  }
  return last;
}

function sum(vms: readonly VmResult[], of: (vm: VmResult) => number): number {
  return vms.reduce((total, vm) => total + of(vm), 0);
}
