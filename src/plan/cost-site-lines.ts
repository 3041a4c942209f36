import type { Bytes } from '../units.ts';
import { connection, freeDays, isThrough, licence, WIRE_FORMULA } from './cost-common-lines.ts';
import {
  type CostPart,
  type CostTime,
  inGb,
  type LineContext,
  type LineDraft,
  OURS,
  simulatedNote,
} from './cost-line.ts';

/** What protection to a site of your own costs. */
export function siteLines(context: LineContext): LineDraft[] {
  const { vms } = context;
  const storage = (
    id: string,
    title: string,
    purpose: string,
    part: CostPart,
    bytes: readonly Bytes[],
    formula: string,
  ): LineDraft => ({
    ...{ id, title, purpose, part, when: 'monthly', item: 'site-storage/gb', unit: 'GB-months', isBilled: true },
    ...inGb(bytes, formula),
    note: simulatedNote(vms),
    source: `${OURS}; what the second site’s storage costs only you know`,
  });
  const line = (when: CostTime, bytes: readonly Bytes[], formula: string): LineDraft => ({
    ...{ id: `line-${when}`, when, part: 'network', item: 'line/gb', unit: 'GB', isBilled: true },
    title: when === 'once' ? 'First copy over the line' : 'Deltas over the line',
    purpose: 'Bytes on the wire between the two sites.',
    ...inGb(bytes, formula),
    note: simulatedNote(vms),
    source: OURS,
  });
  return [
    licence(context, 'site'),
    storage(
      'site-replicas',
      'Storage of the replicas',
      'Full copies of the disks’ used bytes at the second site.',
      'storage',
      vms.map((vm) => vm.usedBytes),
      'used bytes ÷ 2^30',
    ),
    storage(
      'site-points',
      'Storage of recovery points',
      'What kept recovery points take beside the replicas, at their most.',
      'recovery points',
      vms.map((vm) => vm.recoveryPointBytes),
      'peak of the recovery points’ bytes ÷ 2^30',
    ),
    connection(context),
    line(
      'monthly',
      vms.map((vm) => vm.wireBytesPerMonth),
      WIRE_FORMULA,
    ),
    ...freeDays(context, 'site'),
    ...(isThrough(context)
      ? []
      : [
          line(
            'once',
            vms.map((vm) => vm.initialWireBytes),
            'bytes of initial replication on the wire ÷ 2^30',
          ),
        ]),
  ];
}
