import type { Finding, Plan, PlanVm } from '../../src/plan/plan.ts';
import { MINUTE_MS } from '../../src/units.ts';

export function sampleAssumptions(): Plan['assumptions'] {
  const row = (
    name: string,
    value: Plan['assumptions'][number]['value'],
    reason: string,
    origin: 'given' | 'default' = 'default',
  ): Plan['assumptions'][number] => ({
    name,
    value,
    reason,
    source: origin === 'given' ? 'given by the user' : 'chosen',
    origin,
  });
  return [
    row('capacityBitsPerSec', 100e6, 'given', 'given'),
    row('rpoTargetMs', 15 * MINUTE_MS, 'the objective of the deployment planner’s reports'),
    row('growthRatio', 1, 'nothing is added silently; the deployment planner adds 30 % unless told otherwise'),
    row('efficiencyRatio', 0.95, 'share of the link that carries payload; the rest is TCP/IP, TLS and HTTPS'),
    row(
      'copyFrequencyMs',
      5 * MINUTE_MS,
      'a replication policy to Azure copies every 5 minutes unless 30 seconds are chosen',
    ),
    row('compressionRatio', 1, 'no compression is counted on until somebody measures it'),
    row(
      'retryLadderMs',
      [1, 2, 4, 8, 10].map((minutes) => minutes * MINUTE_MS),
      'a recoverable error is tried again after 1, 2, 4, 8 and 10 minutes, then every 30',
    ),
    row(
      'snapshotBlockBytes',
      2 * 1024 ** 2,
      'the differencing disk of a snapshot grows by whole blocks; 2 MiB is taken as the block',
    ),
    row('mergeBytesPerSec', 100e6, 'the throughput of merging a snapshot is the storage’s and is published nowhere'),
    row('volumeReserveRatio', 0.05, 'below this share of free space sending is a low-disk-space error'),
    row('detectionMs', 10 * MINUTE_MS, 'until somebody knows of a disaster'),
    row('seed', 42, 'draws the instants of the VMs’ cuts within the copy interval', 'given'),
    row('maxActiveTransfers', null, 'the limit is one of Hyper-V Replica; nothing says that the way to Azure obeys it'),
  ];
}

export function sampleFindings(vms: readonly PlanVm[]): Finding[] {
  const late = vms.filter((vm) => (vm.steadyRpo.withinTargetFraction ?? 0) < 1).map((vm) => vm.name);
  return [
    {
      id: 'bandwidth-shortfall',
      ok: false,
      value: 1,
      unit: 'VMs',
      severity: 'broken',
      title: 'The link of 100 Mbit/s is 48 Mbit/s short of what the RPO needs.',
      why: 'From 22:00 to 23:00 the backup writes more than the link carries, and the recovery points of the VMs behind it age.',
      action:
        'Raise the bandwidth for replication to 148 Mbit/s, or move the backup of sql-01 out of the protected disks.',
      evidence: [],
      evidenceCount: 0,
      source: 'semantics 14',
    },
    {
      id: 'rpo-breach',
      ok: false,
      value: 1,
      unit: 'VMs',
      severity: 'broken',
      title: `${late.length} VMs break the RPO of 15 min.`,
      why: 'Each of them had a recovery point older than the target at some time after its first delta.',
      action: 'Begin with the VMs named here.',
      evidence: late.slice(0, 20),
      evidenceCount: late.length,
      source: 'semantics 14',
    },
    {
      id: 'volume-space',
      ok: false,
      value: 1,
      unit: 'VMs',
      severity: 'warning',
      title: 'C:\\ClusterStorage\\Volume1 runs short by 21 GiB.',
      why: 'Snapshots of initial replication and the logs stand on it at the same time.',
      action: 'Replicate the VMs of this volume in two batches.',
      evidence: ['C:\\ClusterStorage\\Volume1'],
      evidenceCount: 1,
      source: 'semantics 22',
    },
    {
      id: 'churn-concentration',
      ok: false,
      value: 1,
      unit: 'VMs',
      severity: 'note',
      title: '10 of 60 VMs make 71 % of the churn.',
      why: 'What is saved there counts most.',
      action: 'Begin with these.',
      evidence: late.slice(0, 3),
      evidenceCount: 3,
      source: 'chosen',
    },
    {
      id: 'log-headroom',
      ok: true,
      severity: null,
      title: 'The logs of no disk reach more than 12 % of its size',
      value: 0.12,
      unit: 'share',
      why: 'At 50 % of a disk’s size the VM is marked for resynchronization.',
      evidence: [],
      evidenceCount: 0,
      action: null,
      source: 'chosen',
    },
  ];
}
