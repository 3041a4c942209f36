import { CONFIDENCES } from '../../model/workload.ts';
import { DAY_MS, GIB } from '../../units.ts';
import { CONFIDENCE_WORDS } from '../vm-facts.ts';
import { isoInstant, shownText } from './cell-text.ts';
import { type Figure, figure, figureTable } from './recommendations.ts';
import type { TableMaker } from './table.ts';

/** What was planned for: the deployment planner's sheet of that name (facts 2.3, 1). */
export const onPremisesSummary: TableMaker = figureTable(
  {
    id: 'on-premises-summary',
    title: 'On-premises summary',
    sheet: 'On-premises summary',
    note: 'What was planned for. Churn is simulated over the run with its growth factor.',
  },
  ({ clock, horizonMs, fleet, vms, rpo, link, scenario, version, seed }) => {
    const compatible = vms.filter((vm) => vm.enableFailure === null);
    const disks = compatible.reduce((sum, vm) => sum + vm.diskCount, 0);
    const provisioned = compatible.reduce((sum, vm) => sum + vm.provisionedBytes, 0);
    const count = (item: string, value: number, note: string): Figure => figure(item, value, 1, '', note);
    const zone = `Local time of ${shownText(clock.timeZone)}.`;
    return [
      { item: 'Start date', value: isoInstant(clock, 0), unit: '', note: zone },
      { item: 'End date', value: isoInstant(clock, horizonMs), unit: '', note: zone },
      figure('Simulated days', horizonMs, DAY_MS, 'd', 'The length of the run.'),
      { item: 'Scenario', value: shownText(scenario.title), unit: '', note: '' },
      count('Virtual machines', fleet.vmCount, ''),
      count('Compatible virtual machines', compatible.length, 'For which Enable protection did not fail in the run.'),
      count('Disks of the compatible virtual machines', disks, ''),
      figure('Disks per compatible virtual machine', quotient(disks, compatible.length), 1, '', 'Mean.'),
      figure('Disk size', quotient(provisioned, disks), GIB, 'GiB', 'Mean over the compatible VMs’ disks.'),
      figure('Provisioned', fleet.provisionedBytes, GIB, 'GiB', 'All disks of all VMs.'),
      figure('Used', fleet.usedBytes, GIB, 'GiB', 'What initial replication has to send, before compression.'),
      figure('Desired RPO', rpo.targetMs, 60_000, 'min', ''),
      figure('Bandwidth of the run', link.capacityBitsPerSec, 1e6, 'Mbit/s', ''),
      figure('Typical churn per day', fleet.churnBytesPerDay, GIB, 'GiB', 'Mean over the run, with growth.'),
      ...CONFIDENCES.map((confidence) =>
        count(
          `Disks whose churn is known as: ${CONFIDENCE_WORDS[confidence]}`,
          fleet.diskCountByConfidence[confidence],
          '',
        ),
      ),
      { item: 'Made by', value: `asr-plan ${shownText(version)}`, unit: '', note: `Seed ${seed}.` },
    ];
  },
);

function quotient(sum: number, count: number): number | null {
  return count === 0 ? null : sum / count;
}
